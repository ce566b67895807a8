/** The feed of what happened, and the figures of a dashboard. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { Actor } from "../../src/events/Actor.ts"
import { Library } from "../../src/library/Library.ts"
import { Removals } from "../../src/removals/Removals.ts"
import { StoppingDecisions } from "../../src/removals/StoppingDecisions.ts"
import { Activity } from "../../src/system/Activity.ts"
import { Dashboards } from "../../src/system/Dashboard.ts"
import { itemIdOf, passTime, runDue, stackTest, sync } from "../support/Stack.ts"
import { fullDisk, fullDiskWithSaga, planned, sagaLimits } from "../removals/Stocks.ts"

const window = { offset: 0, limit: 50 }

describe("The activity", () => {
  it.effect("of an item contains what happened to its removals and its collections, and nothing else", () =>
    Effect.gen(function* () {
      yield* planned("approval", {}, sagaLimits)
      const removals = yield* Removals
      const activity = yield* Activity
      const { protect } = yield* StoppingDecisions
      const [member, other] = [yield* itemIdOf("Movie 2"), yield* itemIdOf("Movie 9")]
      const { id } = yield* removals.request(member)
      yield* removals.cancel(id)
      yield* removals.request(other)
      yield* protect({ collection: "Saga", reason: "family" })
      const { items, total } = yield* activity.page({ itemId: member }, window)
      assert.strictEqual(total, items.length)
      const types = items.map(({ type }) => type)
      assert.deepStrictEqual(types.slice(0, 3), ["protection.added", "removal.cancelled", "removal.scheduled"])
      assert.strictEqual(items[0]?.collection, "Saga")
      assert.isTrue(items.every((entry) => entry.itemId === member || entry.collection === "Saga"))
    }).pipe(Effect.provide(stackTest(fullDiskWithSaga())))
  )

  it.effect("is filtered by type, actor, text and time, in pages with a total", () =>
    Effect.gen(function* () {
      yield* planned("approval")
      const activity = yield* Activity
      const removals = yield* Removals
      const by = (actor: string, title: string) =>
        Effect.flatMap(itemIdOf(title), removals.request).pipe(Effect.provideService(Actor, actor))
      yield* by("account:Ann", "Movie 5")
      yield* TestClock.adjust("1 hour")
      yield* by("key:script", "Movie 6")
      yield* by("account:Bob", "Movie 7")
      const titles = (query: Parameters<typeof activity.page>[0], at = window) =>
        Effect.map(activity.page({ types: ["removal.scheduled"], ...query }, at), ({ items, total }) => [
          items.map(({ title }) => title),
          total
        ])
      assert.deepStrictEqual(yield* titles({ actors: ["account:"] }), [["Movie 7", "Movie 5"], 2])
      assert.deepStrictEqual(yield* titles({ search: "movie 6" }), [["Movie 6"], 1])
      assert.deepStrictEqual(yield* titles({ types: ["removal."], actors: ["key:script"] }), [["Movie 6"], 1])
      assert.deepStrictEqual(yield* titles({ since: "2026-01-15T12:30:00Z" }), [["Movie 7", "Movie 6"], 2])
      assert.deepStrictEqual(yield* titles({}, { offset: 1, limit: 1 }), [["Movie 6"], 3])
      assert.deepStrictEqual(yield* titles({ types: [] }), [[], 0])
      assert.deepStrictEqual(yield* titles({ withoutTypes: ["removal."] }), [[], 0])
    }).pipe(Effect.provide(stackTest(fullDisk())))
  )
})

describe("The dashboard", () => {
  it.effect("counts by kind, what is queued, and what was freed", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("approval")
      const removals = yield* Removals
      const dashboards = yield* Dashboards
      const before = yield* dashboards.figures
      assert.deepStrictEqual(
        before.kinds.map(({ items, kind }) => [kind, items]),
        [["movie", 9]]
      )
      assert.deepStrictEqual([before.queue.items, before.freed.thisWeek.items], [0, 0])
      yield* removals.request(yield* itemIdOf("Movie 5"))
      assert.strictEqual((yield* dashboards.figures).queue.items, 1)
      yield* passTime("1 hour")
      yield* runDue
      yield* sync
      const after = yield* dashboards.figures
      assert.deepStrictEqual([after.kinds[0]?.items, after.queue.items, after.freed.thisWeek.items], [8, 0, 1])
      assert.isAbove(after.freed.thisWeek.bytes, 0)
      yield* passTime("8 days")
      const later = yield* dashboards.figures
      assert.deepStrictEqual([later.freed.thisWeek.items, later.freed.weekBefore.items], [0, 1])
      assert.strictEqual(later.freed.trend, -100)
      yield* sync
      const days = yield* dashboards.days(30)
      assert.deepStrictEqual(
        days.map(({ day, kinds }) => [day, kinds[0]?.items]),
        [
          ["2026-01-15", 8],
          ["2026-01-23", 8]
        ]
      )
      assert.isAbove(days[0]?.freedBytes ?? 0, 0)
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("recommends what was not played for long, and nothing that is protected, queued or of unknown plays", () =>
    Effect.gen(function* () {
      yield* planned("approval")
      const library = yield* Library
      const dashboards = yield* Dashboards
      yield* passTime("100 days")
      const { items: idle } = yield* dashboards.recommend({ idleDays: 90, limit: 20 })
      assert.isNotEmpty(idle)
      const [first, second] = idle
      yield* (yield* StoppingDecisions).protect({ itemId: first!.id })
      yield* (yield* Removals).request(second!.id)
      const { items: left } = yield* dashboards.recommend({ idleDays: 90, limit: 20 })
      const ids = left.map(({ id }) => id)
      assert.notInclude(ids, first!.id)
      assert.notInclude(ids, second!.id)
      const { items: queued } = yield* library.counted({ removal: "queued" }, window)
      assert.deepStrictEqual(
        queued.map(({ id }) => id),
        [second!.id]
      )
      const { items: kept } = yield* library.counted({ protected: true }, window)
      assert.deepStrictEqual(
        kept.map(({ id }) => id),
        [first!.id]
      )
    }).pipe(Effect.provide(stackTest(fullDisk())))
  )
})
