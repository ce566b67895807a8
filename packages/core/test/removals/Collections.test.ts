/** Collections whose members are removed together or not at all, and decisions about many removals at once. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { EventLog } from "../../src/events/EventLog.ts"
import { Protections } from "../../src/library/Protections.ts"
import { RemovalEvents } from "../../src/removals/RemovalEvents.ts"
import { Removals } from "../../src/removals/Removals.ts"
import { RemovalStore } from "../../src/removals/RemovalStore.ts"
import { transacting } from "../../src/storage/Transactions.ts"
import { gib } from "../support/FakeLibrary.ts"
import { itemIdOf, passTime, plan, removalOf, runDue, stackTest, states, sync } from "../support/Stack.ts"
import { fullDisk, fullDiskWithSaga, planned, sagaLimits, together } from "./Stocks.ts"

const saga = (state: string) => ({ "Movie 1": state, "Movie 2": state, "Movie 3": state })

describe("A collection that is removed as a unit", () => {
  it.effect("is planned completely, even if two of its members would be enough", () => {
    const library = fullDiskWithSaga()
    return Effect.gen(function* () {
      const report = yield* planned("auto", together, sagaLimits)
      assert.strictEqual(report.groups[0]?.plannedBytes, 30 * gib)
      yield* passTime("31 seconds")
      yield* runDue
      assert.deepStrictEqual(yield* states, saga("removed"))
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("is approved, postponed and cancelled as a unit", () => {
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

  it.effect("is cancelled together with the member whose removal failed", () => {
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

  it.effect("is spared completely if one member is protected", () => {
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

  it.effect("is withdrawn completely if the reason to remove one member no longer applies", () => {
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

  it.effect("is removed completely once its removal has begun, even if its disk reaches the target before that", () => {
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

  it.effect("is removed item by item if that option is off", () => {
    const library = fullDiskWithSaga()
    return Effect.gen(function* () {
      yield* planned("auto", {}, sagaLimits)
      yield* passTime("31 seconds")
      yield* runDue
      assert.deepStrictEqual(yield* states, { "Movie 1": "removed", "Movie 2": "removed" })
    }).pipe(Effect.provide(stackTest(library)))
  })
})

describe("One decision about many removals", () => {
  it.effect("applies to each removal separately, and the answer lists those to which it could not be applied", () => {
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
      assert.strictEqual((yield* states)["Movie 1"], "scheduled", "a concurrent failure has not reverted it")
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("counts the members of a collection that changed along with one of them", () => {
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

  it.effect(
    "writes what a person said in sets, with one event for each removal, none of which is counted twice",
    () => {
      const library = fullDisk()
      return Effect.gen(function* () {
        yield* planned("approval")
        const service = yield* Removals
        const events = yield* EventLog
        const ids = [(yield* removalOf("Movie 1")).id, (yield* removalOf("Movie 2")).id]
        const steps = [
          ["approve", "scheduled"],
          ["reject", "snoozed"],
          ["unsnooze", "proposed"],
          ["cancel", "cancelled"],
          ["release", "cancelled"]
        ] as const
        for (const [action, state] of steps) {
          const result = yield* service.bulk(action, [...ids, ...ids])
          assert.deepStrictEqual([result.succeeded, result.failed], [ids, []], action)
          assert.deepStrictEqual(yield* states, { "Movie 1": state, "Movie 2": state })
        }
        for (const id of ids) {
          const { items } = yield* events.page({ subjectType: "removal", subjectId: id })
          assert.deepStrictEqual(
            items.map(({ type }) => type),
            ["released", "cancelled", "unsnoozed", "snoozed", "approved", "proposed"].map((step) => `removal.${step}`)
          )
        }
      }).pipe(Effect.provide(stackTest(library)))
    }
  )

  it.effect("changes none of a set if one of its removals was changed since it was read", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("approval")
      const store = yield* RemovalStore
      const transact = transacting(yield* SqlClient.SqlClient)
      const read = yield* store.where((q) => q`state = 'proposed'`)
      const [stale] = read
      yield* store.note(stale!, { reason: "changed" })
      const moves = read.map((from) => ({
        from,
        to: "scheduled" as const,
        event: RemovalEvents.approved,
        message: "approved",
        changes: { scheduledAt: "2030-01-01T00:00:00.000Z" }
      }))
      const refused = yield* Effect.flip(transact(store.moveAll(moves)))
      assert.strictEqual(refused.removalId, stale!.id)
      assert.deepStrictEqual(yield* states, { "Movie 1": "proposed", "Movie 2": "proposed" })
      const { items } = yield* (yield* EventLog).page({ type: "removal.approved" })
      assert.deepStrictEqual(items, [])
    }).pipe(Effect.provide(stackTest(library)))
  })
})
