/** Deletions that take effect after the application was asked whether the item is still there. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Sync } from "../../src/library/Sync.ts"
import { DueRemovals } from "../../src/removals/DueRemovals.ts"
import { Removals } from "../../src/removals/Removals.ts"
import type { Misbehaviours } from "../support/FakeItem.ts"
import type { FakeLibrary } from "../support/FakeLibrary.ts"
import { as, audit, passTime, reconcile, removalOf, runDue, stackTest } from "../support/Stack.ts"
import { fullDisk, planned } from "./Stocks.ts"

const first = removalOf("Movie 1")

/** The deletion of the first item is prepared and sent, gets the given response, and has not taken effect by then. */
const sent = (library: FakeLibrary, how: NonNullable<Misbehaviours["remove"]>) =>
  Effect.gen(function* () {
    library.prepares = true
    library.next("remove", how)
    yield* planned("auto")
    yield* passTime("31 seconds")
    yield* runDue
    assert.strictEqual((yield* first).state, "failed")
  })

const aMinuteLater = Effect.andThen(passTime("1 minute"), runDue)

describe("A deletion that was sent and has not taken effect", () => {
  for (const how of ["timeout", "refuse", "lie"] as const) {
    it.effect(`may take effect late: the preparations are not reverted at once (${how})`, () => {
      const library = fullDisk()
      return Effect.gen(function* () {
        yield* sent(library, how)
        assert.deepStrictEqual(library.putBack, [])
        library.destroy("1")
        yield* aMinuteLater
        const removal = yield* first
        assert.deepStrictEqual([removal.state, removal.restorable], ["removed", true])
        assert.notInclude(library.putBack, "1", "it would be monitored again, and downloaded")
      }).pipe(Effect.provide(stackTest(library)))
    })

    it.effect(`is given up a minute later if the item still exists (${how})`, () => {
      const library = fullDisk()
      return Effect.gen(function* () {
        yield* sent(library, how)
        yield* (yield* Removals).cancel((yield* first).id).pipe(as("ann"))
        const due = Date.parse((yield* (yield* DueRemovals).nextDue) ?? "")
        yield* runDue
        assert.notInclude(library.putBack, "1", "not before the minute is over")
        assert.isAtMost(due - Date.parse((yield* first).updatedAt), 60_000)
        yield* aMinuteLater
        assert.deepStrictEqual(
          library.putBack.filter((id) => id === "1"),
          ["1"]
        )
        yield* aMinuteLater
        assert.lengthOf(
          library.putBack.filter((id) => id === "1"),
          1,
          "once"
        )
        assert.strictEqual((yield* first).state, "cancelled")
      }).pipe(Effect.provide(stackTest(library)))
    })
  }

  for (const how of ["deny", "forbid"] as const) {
    it.effect(`is over at once if the application has definitely refused (${how})`, () => {
      const library = fullDisk()
      return Effect.gen(function* () {
        yield* sent(library, how)
        assert.include(library.putBack, "1")
      }).pipe(Effect.provide(stackTest(library)))
    })
  }

  const decide = {
    cancelled: (removals: Removals["Service"], id: string) => Effect.orDie(Effect.asVoid(removals.cancel(id))),
    scheduled: (removals: Removals["Service"], id: string) => Effect.orDie(Effect.asVoid(removals.retry(id)))
  } as const
  for (const state of ["cancelled", "scheduled"] as const) {
    it.effect(`counts as a removal that can be undone, whatever was decided before it took effect (${state})`, () => {
      const library = fullDisk()
      return Effect.gen(function* () {
        yield* sent(library, "timeout")
        const removals = yield* Removals
        yield* as("ann")(decide[state](removals, (yield* first).id))
        assert.strictEqual((yield* first).state, state)
        library.destroy("1")
        yield* aMinuteLater
        const removal = yield* first
        assert.deepStrictEqual([removal.state, removal.restorable], ["removed", true])
        assert.lengthOf(
          library.sent.filter((id) => id === "1"),
          1
        )
        assert.isDefined((yield* audit).find(({ type }) => type === "removal.removed"))
        yield* removals.restore(removal.id).pipe(as("ann"))
        assert.isDefined(library.byTitle("Movie 1"))
      }).pipe(Effect.provide(stackTest(library)))
    })
  }

  it.effect("is not forgotten if a person retries it at once and the process ends during that attempt", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* sent(library, "timeout")
      yield* (yield* Removals).retry((yield* first).id).pipe(as("ann"))
      library.onPrepared = () => Effect.interrupt
      yield* Effect.exit(runDue)
      library.onPrepared = () => Effect.void
      yield* reconcile
      assert.notInclude(library.putBack, "1", "it may be gone at any moment, and would be monitored again")
      library.destroy("1")
      yield* aMinuteLater
      const removal = yield* first
      assert.deepStrictEqual([removal.state, removal.restorable], ["removed", true])
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("is checked again while the application does not answer, and is not forgotten", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* sent(library, "timeout")
      yield* (yield* Removals).cancel((yield* first).id).pipe(as("ann"))
      library.down.add("manager")
      for (let minute = 0; minute < 5; minute++) {
        yield* aMinuteLater
        assert.isNotNull(yield* (yield* DueRemovals).nextDue)
      }
      library.behave()
      yield* aMinuteLater
      assert.include(library.putBack, "1")
    }).pipe(Effect.provide(stackTest(library)))
  })

  for (const state of ["failed", "cancelled"] as const) {
    it.effect(`is logged as left behind if its integration is removed before (${state})`, () => {
      const library = fullDisk()
      return Effect.gen(function* () {
        yield* sent(library, "timeout")
        if (state === "cancelled") yield* (yield* Removals).cancel((yield* first).id).pipe(as("ann"))
        const { id, integrationId } = yield* first
        yield* (yield* Sync).forget(integrationId ?? "")
        yield* aMinuteLater
        const halfDone = (yield* audit).filter(
          ({ subject, type }) => type === "removal.half-done" && subject?.id === id
        )
        assert.lengthOf(halfDone, 1)
        assert.match(halfDone[0]?.message ?? "", /not known whether "Movie 1" was removed.*may be left unmonitored/)
        const removal = yield* (yield* Removals).get(id)
        assert.strictEqual(removal.state, state)
        assert.match(removal.reason ?? "", /; its integration was removed before .* may be left unmonitored$/)
        yield* aMinuteLater
        assert.lengthOf(
          (yield* audit).filter(({ subject, type }) => type === "removal.half-done" && subject?.id === id),
          1,
          "once"
        )
      }).pipe(Effect.provide(stackTest(library)))
    })
  }

  it.effect("is logged as left behind if its integration is removed while its outcome is unknown", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      library.prepares = true
      library.next("remove", "timeout")
      library.next("presence", null, "timeout")
      yield* planned("auto")
      yield* passTime("31 seconds")
      yield* runDue
      const { id, integrationId, state } = yield* first
      assert.strictEqual(state, "executing")
      yield* (yield* Sync).forget(integrationId ?? "")
      yield* aMinuteLater
      const removal = yield* (yield* Removals).get(id)
      assert.strictEqual(removal.state, "failed")
      assert.match(removal.reason ?? "", /its integration was removed before .* may be left unmonitored/)
      assert.isDefined((yield* audit).find(({ subject, type }) => type === "removal.half-done" && subject?.id === id))
    }).pipe(Effect.provide(stackTest(library)))
  })
})

describe("An id that was reassigned to another title", () => {
  it.effect("after a deletion whose response was lost means that this deletion removed the item", () => {
    const library = fullDisk()
    library.next("remove", "timeout-done")
    library.next("presence", null, "other-title")
    return Effect.gen(function* () {
      yield* planned("auto")
      yield* passTime("31 seconds")
      yield* runDue
      const removal = yield* first
      assert.deepStrictEqual([removal.state, removal.restorable], ["removed", true])
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("is not deleted by a second attempt, and the first one counts as the removal", () => {
    const library = fullDisk()
    library.next("remove", "timeout-done")
    library.next("presence", null, "timeout", "other-title")
    return Effect.gen(function* () {
      yield* planned("auto")
      yield* passTime("31 seconds")
      yield* runDue
      assert.strictEqual((yield* first).state, "executing")
      yield* aMinuteLater
      assert.strictEqual((yield* first).state, "removed")
      assert.lengthOf(
        library.sent.filter((id) => id === "1"),
        1
      )
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("before anything was sent means that the item is spared, not removed", () => {
    const library = fullDisk()
    library.next("presence", "other-title")
    return Effect.gen(function* () {
      yield* planned("auto")
      yield* passTime("31 seconds")
      yield* runDue
      assert.strictEqual((yield* first).state, "spared")
      assert.notInclude(library.sent, "1")
    }).pipe(Effect.provide(stackTest(library)))
  })
})

describe("An item that vanished between the intent and the deletion", () => {
  it.effect("was not removed by Tendarr, and a crash in between does not log it as removed", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      library.prepares = true
      library.onPrepared = () =>
        Effect.andThen(
          Effect.sync(() => library.destroy("1")),
          Effect.interrupt
        )
      yield* planned("auto")
      yield* passTime("31 seconds")
      yield* Effect.exit(runDue)
      assert.strictEqual((yield* first).state, "executing")
      library.onPrepared = () => Effect.void
      yield* aMinuteLater
      assert.strictEqual((yield* first).state, "spared")
    }).pipe(Effect.provide(stackTest(library)))
  })
})
