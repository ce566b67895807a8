/** What a protection does to removals that wait, and what a request does to proposals. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Collections } from "../../src/library/Collections.ts"
import { Protections } from "../../src/library/Protections.ts"
import { Removals } from "../../src/removals/Removals.ts"
import { StoppingDecisions } from "../../src/removals/StoppingDecisions.ts"
import { itemIdOf, passTime, plan, removalOf, runDue, stackTest, sync } from "../support/Stack.ts"
import { fullDisk, fullDiskWithSaga, planned, sagaLimits } from "./Stocks.ts"

const sagaId = Effect.gen(function* () {
  const collections = yield* Collections
  return (yield* collections.list).find(({ title }) => title === "Saga")!.id
})

describe("A protection", () => {
  it.effect("ends the removal that waits for its item at once, with the reason", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("approval")
      const removals = yield* Removals
      const { protect } = yield* StoppingDecisions
      const itemId = yield* itemIdOf("Movie 5")
      const { id } = yield* removals.request(itemId, { graceDays: 7 })
      const { ended } = yield* protect({ itemId, reason: "the children" })
      assert.deepStrictEqual(ended, [id])
      const { reason, state } = yield* removals.get(id)
      assert.deepStrictEqual([state, reason], ["spared", "protected by system: the children"])
      // Also what was only proposed.
      const proposal = yield* removalOf("Movie 1")
      yield* protect({ itemId: proposal.itemId })
      assert.strictEqual((yield* removals.get(proposal.id)).state, "cancelled")
      yield* passTime("10 days")
      yield* sync
      yield* runDue
      assert.deepStrictEqual(library.sent, [])
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("of a collection binds its members, and those that wait in the queue", () => {
    const library = fullDiskWithSaga()
    return Effect.gen(function* () {
      yield* planned("approval", {}, sagaLimits)
      const removals = yield* Removals
      const collections = yield* Collections
      const { protect } = yield* StoppingDecisions
      const itemId = yield* itemIdOf("Movie 2")
      const { id } = yield* removals.request(itemId)
      const other = yield* removals.request(yield* itemIdOf("Movie 9"))
      const { ended } = yield* protect({ collection: "Saga", reason: "family" })
      assert.include(ended, id)
      assert.notInclude(ended, other.id)
      const refused = yield* Effect.flip(removals.request(itemId))
      assert.strictEqual(refused.code, "removal-forbidden")
      const { protection } = yield* collections.get(yield* sagaId)
      assert.strictEqual(protection?.reason, "family")
      yield* collections.unprotect(yield* sagaId)
      assert.strictEqual((yield* collections.get(yield* sagaId)).protection, null)
      assert.deepStrictEqual(yield* (yield* Protections).list, [])
      assert.strictEqual((yield* removals.request(itemId)).state, "scheduled")
    }).pipe(Effect.provide(stackTest(library)))
  })
})

describe("A request", () => {
  it.effect("takes the place of a proposal that nobody has decided about", () =>
    Effect.gen(function* () {
      yield* planned("approval")
      const removals = yield* Removals
      const proposal = yield* removalOf("Movie 1")
      const { id, origin, state } = yield* removals.request(proposal.itemId, { graceDays: 3 })
      assert.deepStrictEqual([origin, state], ["person", "scheduled"])
      const { reason, state: now } = yield* removals.get(proposal.id)
      assert.deepStrictEqual([now, reason], ["cancelled", "requested by system instead"])
      const refused = yield* Effect.flip(removals.request(proposal.itemId))
      assert.strictEqual(refused.code, "removal-state-conflict")
      // The withdrawn proposal is no decision against the item.
      yield* removals.cancel(id)
      yield* removals.release(id)
      yield* plan()
      assert.strictEqual((yield* removalOf("Movie 1")).state, "proposed")
    }).pipe(Effect.provide(stackTest(fullDisk())))
  )

  it.effect("for many items lists those that cannot be removed, and why", () =>
    Effect.gen(function* () {
      yield* planned("approval")
      const removals = yield* Removals
      const [kept, free] = [yield* itemIdOf("Movie 8"), yield* itemIdOf("Movie 7")]
      yield* (yield* Protections).add({ itemId: kept })
      const { failed, requested } = yield* removals.requestMany([kept, free, "999"], { graceDays: 2 })
      assert.deepStrictEqual(
        failed.map(({ code, itemId }) => [itemId, code]),
        [
          [kept, "removal-forbidden"],
          ["999", "item-not-found"]
        ]
      )
      assert.deepStrictEqual(
        requested.map(({ graceDays, itemId }) => [itemId, graceDays]),
        [[free, 2]]
      )
      const queue = yield* removals.queue()
      assert.deepStrictEqual([queue.items, queue.due], [1, 0])
      const { items, total } = yield* removals.counted({ queued: true }, { offset: 0, limit: 10 })
      assert.deepStrictEqual([items.map(({ title }) => title), total], [["Movie 7"], 1])
    }).pipe(Effect.provide(stackTest(fullDisk())))
  )
})
