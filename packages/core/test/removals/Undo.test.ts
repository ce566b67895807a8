/** Restores: the intent and the protection are stored first, and a lost response does not lose the item again. */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber } from "effect"
import { Integrations } from "../../src/integrations/Integrations.ts"
import { Protections } from "../../src/library/Protections.ts"
import { DueRemovals } from "../../src/removals/DueRemovals.ts"
import { Removals } from "../../src/removals/Removals.ts"
import {
  as,
  audit,
  itemIdOf,
  makeStackInMemory,
  passTime,
  plan,
  reconcile,
  removalOf,
  runDue,
  stackTest,
  sync
} from "../support/Stack.ts"
import type { FakeLibrary } from "../support/FakeLibrary.ts"
import { fullDisk, planned } from "./Stocks.ts"

/** "Movie 1" was removed. */
const removed = Effect.gen(function* () {
  yield* planned("auto")
  yield* passTime("31 seconds")
  yield* runDue
  return yield* removalOf("Movie 1")
})

const protectedTitles = Effect.gen(function* () {
  return (yield* (yield* Protections).list).map(({ title }) => title)
})

describe("A restore", () => {
  it.effect("whose response was lost is settled by asking the application, and the item is protected", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      const { id } = yield* removed
      const removals = yield* Removals
      library.next("restore", "timeout-done")
      assert.strictEqual((yield* removals.restore(id)).state, "restored")
      assert.deepStrictEqual(yield* protectedTitles, ["Movie 1"])
      library.add({ title: "Large", sizeBytes: 18 * 2 ** 30, facts: { rating: 9 } })
      yield* passTime("3 days")
      yield* sync
      yield* plan()
      yield* passTime("31 seconds")
      yield* runDue
      assert.isDefined(library.byTitle("Movie 1"))
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("that the application refuses fails with that reason, changes no state, and can be requested again", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      const before = yield* removed
      const removals = yield* Removals
      library.next("restore", "refuse")
      const refused = yield* Effect.flip(removals.restore(before.id))
      assert.deepStrictEqual([refused.code, (yield* removalOf("Movie 1")).state], ["restore-failed", "removed"])
      assert.include(
        (yield* audit).map(({ type }) => type),
        "removal.restore-failed"
      )
      assert.isNull(yield* (yield* DueRemovals).nextDue, "nothing repeats it automatically")
      assert.strictEqual((yield* removals.restore(before.id)).state, "restored")
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("that cannot be settled yet protects the item at once, and is repeated until it is settled", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      const { id } = yield* removed
      const removals = yield* Removals
      library.down.add("manager")
      const lost = yield* Effect.flip(removals.restore(id))
      assert.match(lost.message, /whether it is back is asked again every minute, and it is protected/)
      assert.deepStrictEqual(yield* protectedTitles, ["Movie 1"])
      assert.isNotNull(yield* (yield* DueRemovals).nextDue)
      yield* reconcile
      assert.strictEqual((yield* removalOf("Movie 1")).state, "removed")
      library.behave()
      yield* reconcile
      assert.strictEqual((yield* removalOf("Movie 1")).state, "restored")
      assert.isDefined(library.byTitle("Movie 1"))
    }).pipe(Effect.provide(stackTest(library)))
  })

  /** The events of restores that have ended, and the reason that the removal keeps. */
  const restoreEvents = Effect.gen(function* () {
    const restored = (yield* audit).filter(({ type }) => type === "removal.restored")
    return {
      messages: restored.map(({ message }) => message),
      severities: restored.map(({ severity }) => severity),
      reason: (yield* removalOf("Movie 1")).reason ?? ""
    }
  })
  const asked = (library: FakeLibrary) => library.journal.filter(({ call }) => call === "restore").length

  it.effect("whose search is refused brings the item back, and reports that no search was started, and why", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      const { id } = yield* removed
      library.next("restore", "unsearched-done")
      assert.strictEqual((yield* (yield* Removals).restore(id)).state, "restored")
      const { messages, reason, severities } = yield* restoreEvents
      assert.deepStrictEqual(messages, ['"Movie 1" was added again but is not searched for: the queue is full'])
      assert.deepStrictEqual(severities, ["warning"])
      assert.match(reason, /protected; not searched for: the queue is full$/)
      assert.deepStrictEqual(yield* protectedTitles, ["Movie 1"])
      assert.isNull(yield* (yield* DueRemovals).nextDue, "it is not repeated")
    }).pipe(Effect.provide(stackTest(library)))
  })

  for (const how of ["timeout-done", "refuse-done"] as const) {
    it.effect(
      `that brought the item back and ended with ${how} is requested once more, so that a search starts`,
      () => {
        const library = fullDisk()
        return Effect.gen(function* () {
          const { id } = yield* removed
          library.next("restore", how)
          assert.strictEqual((yield* (yield* Removals).restore(id)).state, "restored")
          assert.strictEqual(asked(library), 2)
          assert.deepStrictEqual((yield* restoreEvents).severities, ["info"])
          assert.strictEqual([...library.items.values()].filter(({ title }) => title === "Movie 1").length, 1)
        }).pipe(Effect.provide(stackTest(library)))
      }
    )

    it.effect(
      `that brought the item back and fails again after ${how} counts as done, and reports that no search was started`,
      () => {
        const library = fullDisk()
        return Effect.gen(function* () {
          const { id } = yield* removed
          library.next("restore", how, "refuse")
          assert.strictEqual((yield* (yield* Removals).restore(id)).state, "restored")
          const { messages, reason, severities } = yield* restoreEvents
          assert.match(messages.join(), /not searched for: .*database is locked/)
          assert.match(reason, /not searched for: .*database is locked/)
          assert.deepStrictEqual(severities, ["warning"])
          assert.strictEqual(asked(library), 2, "and is not requested forever")
          assert.isNull(yield* (yield* DueRemovals).nextDue)
        }).pipe(Effect.provide(stackTest(library)))
      }
    )
  }

  it.effect(
    "that a crash ended after the item was back is requested again, because a search may not have started",
    () => {
      const library = fullDisk()
      return Effect.gen(function* () {
        const stack = yield* makeStackInMemory(library)
        const { id } = yield* stack.use(removed)
        library.next("restore", "hang-done", "unsearched-done")
        const fiber = yield* stack
          .use(Effect.flatMap(Removals, (removals) => removals.restore(id)))
          .pipe(Effect.forkChild)
        while (library.hanging === 0) yield* Effect.yieldNow
        yield* Fiber.interrupt(fiber)
        yield* stack.restart
        yield* stack.use(reconcile)
        assert.strictEqual((yield* stack.use(removalOf("Movie 1"))).state, "restored")
        assert.match((yield* stack.use(restoreEvents)).messages.join(), /not searched for: the queue is full/)
        yield* stack.use(reconcile)
        assert.strictEqual(asked(library), 2)
      }).pipe(Effect.scoped)
    }
  )

  it.effect("that is being settled cannot also be requested by a person", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      const { id } = yield* removed
      const removals = yield* Removals
      library.down.add("manager")
      yield* Effect.flip(removals.restore(id))
      library.behave()
      library.next("restore", "hang")
      const settling = yield* Effect.forkChild(reconcile)
      while (library.hanging === 0) yield* Effect.yieldNow
      assert.match((yield* Effect.flip(removals.restore(id))).message, /being brought back already/)
      yield* Fiber.interrupt(settling)
      assert.strictEqual((yield* removals.restore(id)).state, "restored")
    }).pipe(Effect.provide(stackTest(library)))
  })

  for (const done of [true, false]) {
    it.effect(
      `that a crash ends ${done ? "after" : "before"} the application has carried it out is carried out once`,
      () => {
        const library = fullDisk()
        return Effect.gen(function* () {
          const stack = yield* makeStackInMemory(library)
          const { id } = yield* stack.use(removed)
          library.next("restore", done ? "hang-done" : "hang")
          const fiber = yield* stack
            .use(Effect.flatMap(Removals, (removals) => removals.restore(id)))
            .pipe(Effect.forkChild)
          while (library.hanging === 0) yield* Effect.yieldNow
          assert.deepStrictEqual(yield* stack.use(protectedTitles), ["Movie 1"], "before the application was asked")
          yield* Fiber.interrupt(fiber)
          yield* stack.restart
          yield* stack.use(reconcile)
          assert.strictEqual((yield* stack.use(removalOf("Movie 1"))).state, "restored")
          assert.strictEqual([...library.items.values()].filter(({ title }) => title === "Movie 1").length, 1)
        }).pipe(Effect.scoped)
      }
    )
  }

  it.effect(
    "that waits for an application that does not answer is repeated once a minute, and given up if the integration is disabled",
    () => {
      const library = fullDisk()
      return Effect.gen(function* () {
        const { id } = yield* removed
        library.down.add("manager")
        yield* Effect.flip((yield* Removals).restore(id))
        const dueRemovals = yield* DueRemovals
        for (let minute = 0; minute < 3; minute++) {
          yield* passTime("1 minute")
          yield* reconcile
          const now = yield* Clock.currentTimeMillis
          assert.isAbove(Date.parse((yield* dueRemovals.nextDue) ?? ""), now, "not repeated at once")
        }
        const integrations = yield* Integrations
        for (const { id, kind } of yield* integrations.list) {
          if (kind === "shelf") yield* integrations.update(id, { enabled: false })
        }
        yield* reconcile
        assert.isNull(yield* dueRemovals.nextDue)
        assert.include(
          (yield* audit).map(({ type }) => type),
          "removal.restore-failed"
        )
        assert.deepStrictEqual(yield* protectedTitles, ["Movie 1"])
      }).pipe(Effect.provide(stackTest(library)))
    }
  )

  it.effect("can be requested by one caller at a time", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      const { id } = yield* removed
      const removals = yield* Removals
      library.next("restore", "hang")
      const one = yield* Effect.forkChild(removals.restore(id))
      while (library.hanging === 0) yield* Effect.yieldNow
      assert.match((yield* Effect.flip(removals.restore(id))).message, /being brought back already/)
      yield* reconcile
      assert.strictEqual((yield* removalOf("Movie 1")).state, "removed", "it is not settled in the meantime")
      yield* Fiber.interrupt(one)
    }).pipe(Effect.provide(stackTest(library)))
  })
})

describe("A removal that succeeds after an attempt that its application refused", () => {
  const refusedOnce = Effect.fnUntraced(function* (library: FakeLibrary) {
    yield* planned("approval")
    const service = yield* Removals
    const { id } = yield* service.request(yield* itemIdOf("Movie 5")).pipe(as("ann"))
    library.next("remove", "deny")
    yield* passTime("31 seconds")
    yield* runDue
    assert.strictEqual((yield* service.get(id)).state, "failed")
    return id
  })

  it.effect("is undone to the state before the attempt that succeeded", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      const id = yield* refusedOnce(library)
      const item = library.byTitle("Movie 5")!
      item.facts = { ...item.facts, tags: ["kids"], qualityProfile: "4K" }
      yield* sync
      const service = yield* Removals
      yield* service.retry(id)
      yield* runDue
      assert.strictEqual((yield* service.get(id)).state, "removed")
      yield* service.restore(id)
      assert.deepInclude(library.byTitle("Movie 5")?.facts, { tags: ["kids"], qualityProfile: "4K" })
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("is not counted as done if somebody else removed the item", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      const id = yield* refusedOnce(library)
      library.destroy("5")
      const service = yield* Removals
      yield* service.retry(id)
      yield* runDue
      assert.strictEqual((yield* service.get(id)).state, "spared")
    }).pipe(Effect.provide(stackTest(library)))
  })
})
