/** A plan with more removals than one statement writes. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Removals } from "../../src/removals/Removals.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { FakeLibrary, gib } from "../support/FakeLibrary.ts"
import { audit, connectFakes, explanationOf, plan, removals, setDisk, stackTest, sync } from "../support/Stack.ts"
import { RemovalsSettings } from "../../src/settings/RemovalsSettings.ts"

const manyMovies = () => {
  const library = new FakeLibrary({ "/media": 1000 * gib })
  for (let n = 1; n <= 90; n++) {
    library.add({ title: `Movie ${n}`, facts: { rating: n / 10 }, requestedBy: n % 2 === 0 ? ["ann"] : [] })
  }
  return library
}

const planMany = Effect.gen(function* () {
  yield* connectFakes()
  yield* sync
  const settings = yield* Settings
  yield* settings.patch(RemovalsSettings, { caps: { maxItems: null, maxBytes: null, maxLibraryShare: 1 } })
  yield* setDisk({ mode: "approval", limits: { type: "percent", threshold: 20, target: 10 } })
  return yield* plan()
})

describe("A plan of many removals", () => {
  it.effect("stores each removal with its own audit event, in the order of the ranking", () =>
    Effect.gen(function* () {
      const report = yield* planMany
      assert.strictEqual(report.proposed, 80)
      const all = yield* removals
      assert.deepStrictEqual(
        all.map(({ title }) => title),
        report.groups[0]?.items.map(({ title }) => title)
      )
      const proposed = (yield* audit).filter(({ type }) => type === "removal.proposed")
      assert.deepStrictEqual(
        proposed.map(({ payload, subject }) => [subject?.id, payload["title"]]),
        all.map(({ id, title }) => [id, title])
      )
    }).pipe(Effect.provide(stackTest(manyMovies())))
  )

  it.effect("stores with each decision all facts known at the time", () =>
    Effect.gen(function* () {
      yield* planMany
      const service = yield* Removals
      for (const { id, title } of yield* removals) {
        const { decision } = yield* service.get(id)
        assert.deepStrictEqual(decision, (yield* explanationOf(title)).decision, title)
      }
    }).pipe(Effect.provide(stackTest(manyMovies())))
  )

  it.effect("also stores with each decision the facts that were unknown", () => {
    const library = manyMovies()
    return Effect.gen(function* () {
      yield* connectFakes()
      yield* sync
      library.down.add("server")
      yield* sync
      yield* setDisk({ mode: "approval", allowedUnknown: ["playCount", "lastPlayedAt", "watchedByRequester"] })
      yield* setDisk({ limits: { type: "percent", threshold: 85, target: 80 } })
      assert.isAbove((yield* plan()).proposed, 0)
      const service = yield* Removals
      for (const { id, title } of yield* removals) {
        const { decision } = yield* service.get(id)
        assert.deepStrictEqual(decision, (yield* explanationOf(title)).decision, title)
        assert.isTrue(decision.facts.some((fact) => fact.state === "unknown"))
      }
    }).pipe(Effect.provide(stackTest(library)))
  })
})
