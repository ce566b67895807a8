/** Applications that refuse, do not answer, answer falsely, or hang: no deletion is blindly sent twice, and none is forgotten. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { DueRemovals } from "../../src/removals/DueRemovals.ts"
import { openStates } from "../../src/removals/Removal.ts"
import { Removals } from "../../src/removals/Removals.ts"
import type { Misbehaviours } from "../support/FakeItem.ts"
import { FakeLibrary, gib } from "../support/FakeLibrary.ts"
import {
  as,
  audit,
  connectFakes,
  driveUntilHanging,
  execution,
  itemIdOf,
  makeStackInMemory,
  passTime,
  plan,
  reconcile,
  removalOf,
  removals,
  runDue,
  setDisk,
  stackTest,
  sync
} from "../support/Stack.ts"
import { fullDisk, planned } from "./Stocks.ts"

/** A person's request to remove "Movie 1", due now. */
const asked = Effect.gen(function* () {
  yield* planned("approval")
  yield* setDisk({ mode: "approval" })
  const service = yield* Removals
  yield* service.approve((yield* removalOf("Movie 1")).id)
  yield* passTime("31 seconds")
})

describe("A removal whose application misbehaves", () => {
  const done: ReadonlyArray<Misbehaviours["remove"]> = ["refuse-done", "timeout-done"]
  for (const how of done) {
    it.effect(`counts as done if the item is gone nevertheless (${how})`, () => {
      const library = fullDisk()
      library.next("remove", how)
      return Effect.gen(function* () {
        yield* asked
        yield* runDue
        assert.strictEqual((yield* removalOf("Movie 1")).state, "removed")
        assert.strictEqual(library.sent.length, 1)
      }).pipe(Effect.provide(stackTest(library)))
    })
  }

  const kept: ReadonlyArray<Misbehaviours["remove"]> = ["refuse", "timeout", "lie"]
  for (const how of kept) {
    it.effect(`is attempted again later, after the application was asked about the item (${how})`, () => {
      const library = fullDisk()
      library.next("remove", how)
      return Effect.gen(function* () {
        yield* asked
        const report = yield* runDue
        assert.strictEqual(report.failed, 1)
        const failed = yield* removalOf("Movie 1")
        assert.deepStrictEqual([failed.state, failed.attempts], ["failed", 1])
        yield* runDue
        assert.strictEqual(library.sent.length, 1, "no attempt before the retry time")
        yield* passTime("3 minutes")
        yield* runDue
        assert.strictEqual((yield* removalOf("Movie 1")).state, "removed")
        assert.deepStrictEqual(
          library.journal.map(({ call }) => call),
          ["presence", "remove", "presence", "presence", "presence", "remove", "presence"],
          "its presence is checked before and after, and a minute later in case it took effect late"
        )
      }).pipe(Effect.provide(stackTest(library)))
    })
  }

  it.effect("is attempted with growing delays, then waits for a person, who may retry", () => {
    const library = fullDisk()
    library.next("remove", "refuse", "refuse", "refuse")
    return Effect.gen(function* () {
      yield* asked
      const pauses: Array<number> = []
      for (let attempt = 1; attempt <= 2; attempt++) {
        yield* runDue
        const { nextAttemptAt, updatedAt } = yield* removalOf("Movie 1")
        const pause = Date.parse(nextAttemptAt ?? "") - Date.parse(updatedAt)
        pauses.push(pause / 60_000)
        yield* passTime(pause)
      }
      assert.deepStrictEqual(pauses, [2, 4])
      yield* runDue
      const waiting = yield* removalOf("Movie 1")
      assert.deepStrictEqual([waiting.state, waiting.attempts, waiting.nextAttemptAt], ["failed", 3, null])
      assert.match(waiting.reason ?? "", /refused .* \(after 3 attempts it waits for a person\)/)
      const dueRemovals = yield* DueRemovals
      yield* passTime("1 minute")
      yield* runDue
      assert.isNull(yield* dueRemovals.nextDue)
      yield* passTime("2 days")
      yield* sync
      yield* runDue
      assert.strictEqual(library.sent.length, 3)
      const service = yield* Removals
      const retried = yield* service.retry(waiting.id).pipe(as("ann"))
      assert.deepStrictEqual(
        [retried.state, retried.attempts, retried.reason],
        ["scheduled", 0, "tried again by account:ann"]
      )
      yield* runDue
      assert.strictEqual((yield* removalOf("Movie 1")).state, "removed")
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("sends nothing before the application has answered whether the item exists", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* asked
      library.down.add("manager")
      const report = yield* runDue
      assert.deepStrictEqual([report.waiting, library.sent.length], [1, 0])
      library.behave()
      yield* passTime("2 minutes")
      yield* runDue
      assert.strictEqual((yield* removalOf("Movie 1")).state, "removed")
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("deletes nothing if the application now has another title under the id", () => {
    const library = fullDisk()
    library.next("presence", "other-title")
    return Effect.gen(function* () {
      yield* asked
      yield* runDue
      const spared = yield* removalOf("Movie 1")
      assert.deepStrictEqual(
        [spared.state, spared.reason],
        ["spared", 'the application now has "Another" under this id']
      )
      assert.deepStrictEqual(library.sent, [])
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("counts as done and can be undone if the item is gone later, although the deletion had failed", () => {
    const library = fullDisk()
    library.next("remove", "timeout")
    return Effect.gen(function* () {
      yield* asked
      yield* runDue
      library.destroy("1")
      yield* sync
      yield* passTime("3 minutes")
      yield* runDue
      const removal = yield* removalOf("Movie 1")
      assert.deepStrictEqual([removal.state, removal.restorable], ["removed", true])
      assert.strictEqual(library.sent.length, 1)
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("is spared if the item was gone before anything was sent", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* asked
      library.destroy("1")
      yield* runDue
      assert.strictEqual((yield* removalOf("Movie 1")).reason, "the application no longer has it")
      assert.deepStrictEqual(library.sent, [])
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect(
    "is checked every minute while its outcome is unknown: one event is logged, and nothing is sent again",
    () => {
      const library = fullDisk()
      library.next("remove", "timeout-done")
      library.next("presence", null, ...Array.from({ length: 6 }, () => "timeout" as const))
      return Effect.gen(function* () {
        yield* asked
        yield* runDue
        const unsettled = yield* removalOf("Movie 1")
        assert.deepStrictEqual(
          [unsettled.state, unsettled.reason],
          ["executing", "the application could not be asked whether it is gone"]
        )
        const dueRemovals = yield* DueRemovals
        const service = yield* Removals
        for (let minute = 0; minute < 5; minute++) {
          const due = Date.parse((yield* dueRemovals.nextDue) ?? "")
          assert.isAbove(due, Date.parse((yield* removalOf("Movie 1")).updatedAt))
          // The application cannot cancel a request.
          assert.strictEqual((yield* Effect.flip(service.approve(unsettled.id))).code, "removal-state-conflict")
          assert.strictEqual((yield* Effect.flip(service.cancel(unsettled.id))).code, "removal-beyond-recall")
          yield* passTime("1 minute")
          yield* runDue
        }
        assert.isAtMost((yield* audit).filter(({ type }) => type === "removals.unsettled").length, 1)
        library.behave()
        yield* passTime("1 minute")
        const report = yield* runDue
        assert.strictEqual(report.settled, 1)
        assert.strictEqual((yield* removalOf("Movie 1")).state, "removed")
        assert.strictEqual(library.sent.length, 1)
      }).pipe(Effect.provide(stackTest(library)))
    }
  )
})

describe("A process that ends in the middle of a removal", () => {
  const crash = (library: FakeLibrary, hang: () => void) =>
    Effect.gen(function* () {
      const stack = yield* makeStackInMemory(library)
      yield* stack.use(asked)
      hang()
      const fiber = yield* stack.use(driveUntilHanging(library, execution))
      assert.isNotNull(fiber)
      yield* Fiber.interrupt(fiber)
      yield* stack.restart
      assert.strictEqual((yield* stack.use(removalOf("Movie 1"))).state, "executing")
      return stack
    })

  it.effect("before the application deleted the item: presence is checked, then the deletion is sent again", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      const { use } = yield* crash(library, () => library.next("remove", "hang"))
      assert.strictEqual(yield* use(reconcile), 1)
      assert.strictEqual((yield* use(removalOf("Movie 1"))).state, "scheduled")
      yield* use(runDue)
      assert.strictEqual((yield* use(removalOf("Movie 1"))).state, "removed")
      assert.deepStrictEqual(library.removed, ["1"])
    }).pipe(Effect.scoped)
  })

  it.effect("after the application deleted the item: presence is checked, and nothing is sent", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      const { use } = yield* crash(library, () => library.next("remove", "hang-done"))
      yield* use(reconcile)
      yield* use(runDue)
      assert.strictEqual((yield* use(removalOf("Movie 1"))).state, "removed")
      assert.deepStrictEqual(library.sent, ["1"])
    }).pipe(Effect.scoped)
  })

  it.effect("repeatedly: after the allowed number of attempts the removal waits for a person", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      const stack = yield* makeStackInMemory(library)
      yield* stack.use(asked)
      for (let attempt = 1; attempt <= 3; attempt++) {
        library.next("remove", "hang")
        const fiber = yield* stack.use(driveUntilHanging(library, execution))
        assert.isNotNull(fiber)
        yield* Fiber.interrupt(fiber)
        yield* stack.restart
        yield* stack.use(reconcile)
      }
      const waiting = yield* stack.use(removalOf("Movie 1"))
      assert.deepStrictEqual([waiting.state, waiting.nextAttemptAt], ["failed", null])
    }).pipe(Effect.scoped)
  })
})

describe("A person and the engine at the same time", () => {
  it.effect("do not conflict: a plan respects decisions made during its computation, at any moment", () =>
    Effect.gen(function* () {
      const firsts: Array<string> = []
      for (let pauses = 0; pauses < 8; pauses++) {
        // Large enough for the planner to pause during the evaluation.
        const library = new FakeLibrary()
        for (let n = 1; n <= 450; n++) library.add({ title: `Movie ${n}`, sizeBytes: 0.2 * gib })
        yield* Effect.gen(function* () {
          yield* connectFakes()
          yield* sync
          yield* setDisk({ mode: "approval" })
          const service = yield* Removals
          const itemId = yield* itemIdOf("Movie 1")
          const request = Effect.repeat(Effect.yieldNow, { times: pauses }).pipe(
            Effect.andThen(Effect.result(service.request(itemId)))
          )
          const [, wish] = yield* Effect.all([plan(), request], { concurrency: 2 })
          const open = (yield* removals).filter(
            (removal) => removal.itemId === itemId && openStates.some((state) => state === removal.state)
          )
          assert.strictEqual(open.length, 1)
          assert.strictEqual(open[0]?.origin, wish._tag === "Success" ? "person" : "engine")
          firsts.push(wish._tag)
        }).pipe(Effect.provide(stackTest(library), { local: true }))
      }
      assert.include(firsts, "Success")
    })
  )
})
