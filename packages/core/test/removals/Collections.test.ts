/** Collections that are removed together or not at all, and steps for many removals at once. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Protections } from "../../src/library/Protections.ts"
import { Removals } from "../../src/removals/Removals.ts"
import { gib } from "../support/FakeLibrary.ts"
import { itemIdOf, passTime, plan, removalOf, runDue, stackTest, states, sync } from "../support/Stack.ts"
import { fullDisk, fullDiskWithSaga, planned, sagaLimits, together } from "./Stocks.ts"

const saga = (state: string) => ({ "Movie 1": state, "Movie 2": state, "Movie 3": state })

describe("A collection that goes together", () => {
  it.effect("is planned whole, though two of it would be enough", () => {
    const library = fullDiskWithSaga()
    return Effect.gen(function* () {
      const report = yield* planned("auto", together, sagaLimits)
      assert.strictEqual(report.groups[0]?.plannedBytes, 30 * gib)
      yield* passTime("31 seconds")
      yield* runDue
      assert.deepStrictEqual(yield* states, saga("removed"))
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("is approved, put off and cancelled whole", () => {
    const library = fullDiskWithSaga()
    return Effect.gen(function* () {
      yield* planned("approval", together, sagaLimits)
      const service = yield* Removals
      yield* service.approve((yield* removalOf("Movie 2")).id)
      assert.deepStrictEqual(yield* states, saga("scheduled"))
      yield* service.reschedule((yield* removalOf("Movie 3")).id, "2026-01-20T00:00:00.000Z")
      assert.strictEqual((yield* removalOf("Movie 1")).scheduledAt, "2026-01-20T00:00:00.000Z")
      yield* service.reject((yield* removalOf("Movie 1")).id)
      assert.deepStrictEqual(yield* states, saga("snoozed"))
      yield* service.unsnooze((yield* removalOf("Movie 3")).id)
      assert.deepStrictEqual(yield* states, saga("proposed"))
      yield* service.cancel((yield* removalOf("Movie 3")).id)
      assert.deepStrictEqual(yield* states, saga("cancelled"))
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("is cancelled with the member whose removal failed", () => {
    const library = fullDiskWithSaga()
    library.next("remove", "refuse", "refuse")
    return Effect.gen(function* () {
      yield* planned("auto", together, sagaLimits)
      yield* passTime("31 seconds")
      yield* runDue
      assert.deepStrictEqual(yield* states, { "Movie 1": "failed", "Movie 2": "failed", "Movie 3": "removed" })
      const service = yield* Removals
      yield* service.cancel((yield* removalOf("Movie 1")).id)
      assert.deepStrictEqual(yield* states, { "Movie 1": "cancelled", "Movie 2": "cancelled", "Movie 3": "removed" })
      const refused = yield* Effect.flip(service.cancel((yield* removalOf("Movie 3")).id))
      assert.strictEqual(refused.code, "removal-state-conflict")
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("is spared whole by one protected member", () => {
    const library = fullDiskWithSaga()
    return Effect.gen(function* () {
      yield* planned("auto", together, sagaLimits)
      const protections = yield* Protections
      yield* protections.add({ itemId: yield* itemIdOf("Movie 3") })
      yield* passTime("31 seconds")
      yield* runDue
      assert.deepStrictEqual(yield* states, saga("spared"))
      assert.deepStrictEqual(library.sent, [])
      assert.match((yield* removalOf("Movie 1")).reason ?? "", /^"Movie 3" of the same collection stays/)
      yield* sync
      yield* plan()
      assert.strictEqual((yield* removalOf("Movie 4")).state, "scheduled")
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("is taken back whole when one member lost its ground before its turn", () => {
    const library = fullDiskWithSaga()
    return Effect.gen(function* () {
      yield* planned("auto", together, sagaLimits)
      const protections = yield* Protections
      const { id } = yield* protections.add({ itemId: yield* itemIdOf("Movie 3") })
      yield* plan()
      yield* protections.remove(id)
      yield* passTime("31 seconds")
      yield* runDue
      const all = yield* states
      assert.deepStrictEqual([all["Movie 1"], all["Movie 2"], all["Movie 3"]], ["spared", "spared", "spared"])
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("that has begun to go is gone whole, even when its disk is at the target half-way", () => {
    const library = fullDiskWithSaga()
    return Effect.gen(function* () {
      yield* planned("auto", together, sagaLimits)
      library.onRemove = () =>
        Effect.sync(() => {
          library.destroy("8")
          library.destroy("9")
        })
      yield* passTime("31 seconds")
      yield* runDue
      assert.deepStrictEqual(yield* states, saga("removed"))
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("goes item by item where nobody asked for more", () => {
    const library = fullDiskWithSaga()
    return Effect.gen(function* () {
      yield* planned("auto", {}, sagaLimits)
      yield* passTime("31 seconds")
      yield* runDue
      assert.deepStrictEqual(yield* states, { "Movie 1": "removed", "Movie 2": "removed" })
    }).pipe(Effect.provide(stackTest(library)))
  })
})

describe("One step for many", () => {
  it.effect("is taken for each on its own, and says which could not be", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("approval")
      const service = yield* Removals
      const one = (yield* removalOf("Movie 1")).id
      const two = (yield* removalOf("Movie 2")).id
      yield* service.cancel(two)
      const result = yield* service.bulk("approve", [one, two, "999"])
      assert.deepStrictEqual(result.succeeded, [one])
      assert.deepStrictEqual(
        result.failed.map(({ code, id }) => [id, code]),
        [
          [two, "removal-state-conflict"],
          ["999", "removal-not-found"]
        ]
      )
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("counts members of a collection that went along", () => {
    const library = fullDiskWithSaga()
    return Effect.gen(function* () {
      yield* planned("approval", together, sagaLimits)
      const service = yield* Removals
      const ids = [yield* removalOf("Movie 1"), yield* removalOf("Movie 2")].map(({ id }) => id)
      const result = yield* service.bulk("approve", ids)
      assert.deepStrictEqual([result.succeeded, result.failed], [ids, []])
      assert.deepStrictEqual(yield* states, saga("scheduled"))
    }).pipe(Effect.provide(stackTest(library)))
  })
})
