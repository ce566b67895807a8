/** Items that are being played, shows with their seasons, and collections. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Rules } from "../../src/rules/Rules.ts"
import type { RemovalMode } from "../../src/capacity/RemovalMode.ts"
import { Removals } from "../../src/removals/Removals.ts"
import { FakeLibrary, gib } from "../support/FakeLibrary.ts"
import {
  connectFakes,
  explanationOf,
  itemIdOf,
  passTime,
  plan,
  removalOf,
  runDue,
  setDisk,
  stackTest,
  states,
  sync
} from "../support/Stack.ts"
import { fullDisk, fullDiskWithSaga, planned, sagaLimits, together } from "./Stocks.ts"

const waits = (library: FakeLibrary) =>
  Effect.gen(function* () {
    library.byTitle("Movie 1")!.playing = true
    yield* sync
    const report = yield* runDue
    assert.strictEqual(report.waiting, 1)
    assert.notInclude(library.removed.join(), library.byTitle("Movie 1")!.externalId)
    assert.strictEqual((yield* removalOf("Movie 1")).state, "scheduled")
    library.byTitle("Movie 1")!.playing = false
    yield* passTime("10 minutes")
    yield* sync
    yield* runDue
    assert.strictEqual((yield* removalOf("Movie 1")).state, "removed")
  })

describe("An item that is being played", () => {
  for (const mode of ["auto", "approval", "sunset"] as const satisfies ReadonlyArray<RemovalMode>) {
    it.effect(`is not removed until playback has ended, in ${mode}`, () => {
      const library = fullDisk()
      return Effect.gen(function* () {
        yield* planned(mode)
        if (mode === "approval")
          yield* Effect.flatMap(Removals, (removals) =>
            Effect.flatMap(removalOf("Movie 1"), ({ id }) => removals.approve(id))
          )
        yield* passTime(mode === "sunset" ? "31 days" : "1 minute")
        if (mode === "sunset") yield* sync
        yield* waits(library)
      }).pipe(Effect.provide(stackTest(library)))
    })
  }

  it.effect("is not removed until then even if a person requested its removal", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* connectFakes()
      yield* sync
      yield* setDisk({ mode: "approval" })
      const id = yield* itemIdOf("Movie 1")
      yield* Effect.flatMap(Removals, (removals) => removals.request(id))
      yield* passTime("1 minute")
      yield* waits(library)
    }).pipe(Effect.provide(stackTest(library)))
  })
})

describe("A show on notice", () => {
  it.effect("is spared if it gets a new season", () => {
    const library = new FakeLibrary()
    const { show } = library.addShow("Harbour", [45 * gib, 45 * gib])
    return Effect.gen(function* () {
      yield* planned("sunset")
      assert.strictEqual((yield* removalOf("Harbour, season 1")).state, "scheduled")
      yield* passTime("2 days")
      library.add({
        title: "Harbour, season 3",
        kind: "season",
        externalId: `${show.externalId}:s3`,
        parentExternalId: show.externalId,
        ids: show.ids,
        sizeBytes: gib,
        facts: { seasonNumber: 3, addedAt: "2026-01-17T08:00:00.000Z" }
      })
      yield* sync
      yield* plan()
      const saved = yield* removalOf("Harbour, season 1")
      assert.strictEqual(saved.state, "spared")
      assert.strictEqual(saved.reason, '"Harbour, season 3" came at 2026-01-17T08:00:00.000Z, after it was announced')
    }).pipe(Effect.provide(stackTest(library)))
  })
})

const detailOf = (error: object) => ("detail" in error ? String(error.detail) : "")

describe("A show that is removed as a whole", () => {
  const whole = { options: { wholeShows: true } }
  const stock = () => {
    const library = new FakeLibrary({ "/media": 150 * gib })
    library.addShow("Loved", [30 * gib, 30 * gib])
    library.addShow("Unloved", [30 * gib, 30 * gib])
    library.byTitle("Loved, season 2")!.plays = [{ name: "ann", plays: 40, lastPlayedAt: "2026-01-14T00:00:00.000Z" }]
    return library
  }

  it.effect("is ranked by the season that would be missed most, and its explanation says so", () => {
    const library = stock()
    return Effect.gen(function* () {
      yield* planned("approval", whole, { type: "percent", threshold: 70, target: 60 })
      assert.deepStrictEqual(yield* states, { Unloved: "proposed" })
      assert.include((yield* explanationOf("Loved")).summary, 'by "Loved, season 2", which is removed with it')
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("is kept if a rule always keeps one of its seasons", () => {
    const library = stock()
    return Effect.gen(function* () {
      yield* connectFakes(whole)
      yield* Effect.flatMap(Rules, (rules) =>
        rules.create({
          name: "First seasons stay",
          enabled: true,
          effect: "always-keep",
          condition: { kind: "condition", field: "seasonNumber", operator: "equals", value: 1 },
          scope: { itemKinds: ["season"] }
        })
      )
      yield* sync
      yield* setDisk({ mode: "approval", limits: { type: "percent", threshold: 70, target: 60 } })
      yield* plan()
      assert.deepStrictEqual(yield* states, {})
      assert.match(
        (yield* explanationOf("Unloved")).summary,
        /"Unloved, season 1", which is a part of it, must be kept/
      )
    }).pipe(Effect.provide(stackTest(library)))
  })

  for (const options of [{ wholeShows: true }, { wholeShows: false }]) {
    const mode = options.wholeShows ? "whole" : "season by season"
    it.effect(
      `is kept even if a person requests its removal, if a rule keeps a season and its integration removes ${mode}`,
      () => {
        const library = stock()
        return Effect.gen(function* () {
          yield* connectFakes({ options })
          const rules = yield* Rules
          const created = yield* rules.create({
            name: "First seasons stay",
            enabled: true,
            effect: "always-keep",
            condition: { kind: "condition", field: "seasonNumber", operator: "equals", value: 1 },
            scope: { itemKinds: ["season"] }
          })
          yield* sync
          yield* setDisk({ mode: "approval" })
          const removals = yield* Removals
          const show = yield* itemIdOf("Unloved")
          const refused = yield* Effect.flip(removals.request(show))
          assert.include(detailOf(refused), '"Unloved, season 1", which is a part of it, must be kept')
          yield* rules.update(created.id, {
            condition: { kind: "condition", field: "playCount", operator: "greaterThan", value: 0 }
          })
          library.byTitle("Unloved, season 2")!.onServer = false
          yield* sync
          const unsure = yield* Effect.flip(removals.request(show))
          assert.include(detailOf(unsure), "a rule may keep it: playCount unknown")
        }).pipe(Effect.provide(stackTest(library)))
      }
    )
  }

  it.effect("is undecided while a fact of one of its seasons is unknown", () => {
    const library = stock()
    return Effect.gen(function* () {
      library.byTitle("Unloved, season 2")!.onServer = false
      yield* planned("approval", whole, { type: "percent", threshold: 70, target: 60 })
      assert.notInclude(Object.keys(yield* states), "Unloved")
    }).pipe(Effect.provide(stackTest(library)))
  })
})

describe("A collection that is removed as a unit", () => {
  it.effect("is ranked by the member that would be missed most", () => {
    const library = fullDiskWithSaga()
    library.byTitle("Movie 2")!.plays = [{ name: "ann", plays: 40, lastPlayedAt: "2026-01-14T00:00:00.000Z" }]
    return Effect.gen(function* () {
      yield* planned("approval", together, sagaLimits)
      const proposed = yield* states
      assert.notInclude(Object.keys(proposed), "Movie 1", "a member of its collection is kept")
      assert.include((yield* explanationOf("Movie 1")).summary, 'by "Movie 2", which is removed with it')
    }).pipe(Effect.provide(stackTest(library)))
  })
})
