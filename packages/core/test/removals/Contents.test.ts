/** The last check before a removal if rules depend on the episodes of a show: they are read again, too. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { CatalogEpisode } from "../../src/integrations/Observations.ts"
import { Removals } from "../../src/removals/Removals.ts"
import { Rules } from "../../src/rules/Rules.ts"
import { leaf } from "../rules/Samples.ts"
import type { FakeItem } from "../support/FakeItem.ts"
import type { FakeLibrary } from "../support/FakeLibrary.ts"
import { as, passTime, removalOf, runDue, stackTest, sync } from "../support/Stack.ts"
import { acting, ready, runRule } from "./ActingRun.ts"
import { planned, shows } from "./Stocks.ts"

const due = Effect.andThen(passTime("31 seconds"), runDue)

const episode = (seasonNumber: number, number: number, airsAt: string): CatalogEpisode => ({
  externalId: `${seasonNumber}-${number}`,
  seasonNumber,
  number,
  absoluteNumber: null,
  title: null,
  airsAt,
  monitored: true,
  hasFile: airsAt < "2026",
  fileId: airsAt < "2026" ? `${seasonNumber}-${number}` : null
})

const aired = [episode(1, 1, "2025-01-01T00:00:00.000Z"), episode(2, 1, "2025-02-01T00:00:00.000Z")]
const announced = [...aired, episode(1, 2, "2026-05-01T00:00:00.000Z")]

/** A person approves the removal of a season, and something happens before it is removed. */
const requested = (meanwhile: (library: FakeLibrary, show: FakeItem) => void) => {
  const library = shows()
  const show = library.byTitle("Worst")!
  show.episodes = aired
  return Effect.gen(function* () {
    const condition = leaf("upcomingEpisodes", ">", 0)
    yield* (yield* Rules).create({ name: "keep", enabled: true, effect: "always-keep", condition })
    yield* planned("approval")
    const { id } = yield* removalOf("Worst, season 1")
    yield* (yield* Removals).approve(id).pipe(as("ann"))
    meanwhile(library, show)
    yield* due
    const first = yield* removalOf("Worst, season 1")
    library.behave()
    yield* sync
    yield* passTime("5 minutes")
    yield* runDue
    const last = yield* removalOf("Worst, season 1")
    return { first: [first.state, first.reason], last: last.state, sent: library.sent.length > 0 }
  }).pipe(Effect.provide(stackTest(library)))
}

describe("A removal where a rule depends on episodes", () => {
  it.effect("is carried out while nothing has changed", () =>
    Effect.gen(function* () {
      assert.deepInclude(yield* requested(() => undefined), { last: "removed", sent: true })
    })
  )

  for (const [how, contentsSign] of [
    ["its lists show", undefined],
    ["its lists do not show", "same"]
  ] as const) {
    it.effect(`is not carried out if an episode was announced since the last sync, which ${how}`, () =>
      Effect.gen(function* () {
        const result = yield* requested((_, show) => {
          show.episodes = announced
          if (contentsSign !== undefined) show.contentsSign = JSON.stringify(aired)
        })
        assert.deepStrictEqual(result, {
          first: ["spared", "A rule always keeps it"],
          last: "spared",
          sent: false
        })
      })
    )
  }

  it.effect("waits while the episodes cannot be read again", () =>
    Effect.gen(function* () {
      const result = yield* requested((library) => library.down.add("episodes"))
      assert.strictEqual(result.first[0], "scheduled")
      assert.match(String(result.first[1]), /its contents could not be read again/)
      assert.deepInclude(result, { last: "removed", sent: true })
    })
  )
})

describe("An acting rule about episodes", () => {
  const seasons = (library: FakeLibrary) => [...library.items.values()].filter(({ kind }) => kind === "season")

  it.effect("has them read by the sync, and again before the removal", () => {
    const library = shows()
    const show = library.byTitle("Worst")!
    show.episodes = aired
    return Effect.gen(function* () {
      yield* ready
      const condition = leaf("upcomingEpisodes", "=", 0)
      const rule = yield* acting({ name: "Ended", condition, action: { type: "remove", graceDays: 1 } })
      yield* sync
      assert.strictEqual((yield* runRule(rule.id)).queued.items, 2)
      yield* passTime("1 day")
      show.episodes = announced
      show.contentsSign = JSON.stringify(aired)
      yield* runDue
      assert.strictEqual((yield* removalOf("Worst, season 1")).state, "spared")
      assert.strictEqual((yield* removalOf("Worst, season 2")).state, "removed")
      assert.strictEqual(seasons(library).length, 3)
    }).pipe(Effect.provide(stackTest(library)))
  })
})
