/** Decisions that people make while a removal waits, or while its deletion is prepared, are respected. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { CurrentFinalCheck } from "../../src/integrations/FinalCheck.ts"
import { Protections } from "../../src/library/Protections.ts"
import { Removals } from "../../src/removals/Removals.ts"
import { Settings } from "../../src/settings/Settings.ts"
import type { FakeLibrary } from "../support/FakeLibrary.ts"
import { audit, itemIdOf, passTime, reconcile, removalOf, runDue, setDisk, stackTest, sync } from "../support/Stack.ts"
import { fullDisk, planned } from "./Stocks.ts"
import { RemovalsSettings } from "../../src/settings/RemovalsSettings.ts"

/** Runs the due removals; `decide` runs after the first deletion was prepared and before it is sent. */
const runWhile = <A, E, R>(library: FakeLibrary, decide: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    yield* planned("auto")
    yield* passTime("31 seconds")
    const context = yield* Effect.context<R>()
    let decided = false
    library.prepares = true
    library.onPrepared = () => {
      if (decided) return Effect.void
      decided = true
      return Effect.asVoid(Effect.orDie(Effect.provide(decide, context)))
    }
    return yield* runDue
  })

const first = removalOf("Movie 1")

describe("A decision during a removal", () => {
  it.effect("that protects the item stops the removal, and the preparations are reverted", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      const report = yield* runWhile(
        library,
        Effect.gen(function* () {
          yield* (yield* Protections).add({ itemId: yield* itemIdOf("Movie 1") })
        })
      )
      assert.deepStrictEqual([report.spared, (yield* first).state], [1, "spared"])
      assert.notInclude(library.sent, "1")
      assert.deepStrictEqual(library.putBack, ["1"])
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect(
    "that pulls the brake makes the removal wait with that reason; it continues when the brake is released",
    () => {
      const library = fullDisk()
      return Effect.gen(function* () {
        const settings = yield* Settings
        yield* runWhile(library, settings.patch(RemovalsSettings, { deletionsEnabled: false }))
        const waiting = yield* first
        assert.deepStrictEqual(
          [waiting.state, waiting.reason, waiting.attempts],
          ["scheduled", "deletions are switched off", 0]
        )
        assert.deepStrictEqual([library.sent, library.putBack], [[], ["1"]])
        yield* settings.patch(RemovalsSettings, { deletionsEnabled: true })
        yield* passTime("2 minutes")
        yield* runDue
        assert.strictEqual((yield* first).state, "removed")
      }).pipe(Effect.provide(stackTest(library)))
    }
  )

  for (const [decision, state] of [
    ["cancel", "cancelled"],
    ["reject", "snoozed"]
  ] as const) {
    it.effect(`to ${decision} it takes effect at once and is final`, () => {
      const library = fullDisk()
      return Effect.gen(function* () {
        const removals = yield* Removals
        yield* runWhile(
          library,
          Effect.flatMap(first, ({ id }) =>
            Effect.tap(removals[decision](id), (answer) =>
              Effect.sync(() => assert.deepStrictEqual([answer.state, answer.beyondRecall], [state, []]))
            )
          )
        )
        assert.strictEqual((yield* first).state, state)
        assert.notInclude(library.sent, "1")
        assert.deepStrictEqual(library.putBack, ["1"])
        yield* passTime("1 hour")
        yield* runDue
        assert.notInclude(library.sent, "1")
      }).pipe(Effect.provide(stackTest(library)))
    })
  }

  it.effect("fails as too late if the deletion has been sent", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("auto")
      yield* passTime("31 seconds")
      const removals = yield* Removals
      const codes: Array<string> = []
      library.onRemove = ({ title }) =>
        title === "Movie 1"
          ? Effect.gen(function* () {
              const { id } = yield* first
              codes.push((yield* Effect.flip(removals.cancel(id))).code, (yield* Effect.flip(removals.reject(id))).code)
            }).pipe(Effect.orDie, Effect.provide(context))
          : Effect.void
      const context = yield* Effect.context<Removals>()
      yield* runDue
      assert.deepStrictEqual(codes, ["removal-beyond-recall", "removal-beyond-recall"])
      assert.strictEqual((yield* first).state, "removed")
    }).pipe(Effect.provide(stackTest(library)))
  })

  for (const [decision, state] of [
    ["cancel", "cancelled"],
    ["reject", "snoozed"]
  ] as const) {
    it.effect(
      `to ${decision} it that comes too late is stored: the deletion is not sent again if it had no effect`,
      () => {
        const library = fullDisk()
        library.next("remove", "timeout")
        library.next("presence", null, "timeout")
        return Effect.gen(function* () {
          yield* planned("auto")
          yield* passTime("31 seconds")
          const removals = yield* Removals
          const context = yield* Effect.context<Removals>()
          library.onRemove = ({ title }) =>
            title === "Movie 1"
              ? Effect.flatMap(first, ({ id }) => Effect.flip(removals[decision](id))).pipe(
                  Effect.orDie,
                  Effect.asVoid,
                  Effect.provide(context)
                )
              : Effect.void
          yield* runDue
          assert.strictEqual((yield* first).state, "executing")
          yield* passTime("2 minutes")
          yield* runDue
          const { endedBy, reason, state: now } = yield* first
          assert.strictEqual(now, state)
          assert.match(reason ?? "", /did not remove it, and a person has decided against it/)
          assert.deepStrictEqual(
            [endedBy === null, library.sent.filter((id) => id === "1").length],
            [decision === "reject", 1]
          )
        }).pipe(Effect.provide(stackTest(library)))
      }
    )
  }

  it.effect("that comes too late for one destructive request applies to the next one of the same removal", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("auto")
      yield* passTime("31 seconds")
      const removals = yield* Removals
      const answers: Array<string | null> = []
      library.onRemove = ({ title }) =>
        title === "Movie 1"
          ? Effect.gen(function* () {
              const look = yield* CurrentFinalCheck
              answers.push(yield* look?.whyNot(true) ?? Effect.succeed("no final check"))
              yield* Effect.flip(removals.cancel((yield* first).id))
              answers.push(yield* look?.whyNot(true) ?? Effect.succeed("no final check"))
            }).pipe(Effect.orDie, Effect.provide(context))
          : Effect.void
      const context = yield* Effect.context<Removals>()
      yield* runDue
      assert.deepStrictEqual(answers, [null, "a person has withdrawn it"])
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("is also based on new facts: the removal of an item that is being played waits", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* runWhile(
        library,
        Effect.gen(function* () {
          library.byTitle("Movie 1")!.playing = true
          yield* sync
        })
      )
      assert.deepStrictEqual([(yield* first).state, (yield* first).reason], ["scheduled", "it is being played"])
      assert.notInclude(library.sent, "1")
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("is followed by an event if the preparations cannot be reverted", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      library.onPutBack = () => Effect.fail(library.noAnswer("putBack"))
      yield* runWhile(
        library,
        Effect.gen(function* () {
          yield* (yield* Protections).add({ itemId: yield* itemIdOf("Movie 1") })
        })
      )
      const halfDone = (yield* audit).find(({ type }) => type === "removal.half-done")
      assert.match(
        halfDone?.message ?? "",
        /"Movie 1" was not removed, and the preparations of its removal could not be reverted/
      )
      assert.strictEqual((yield* first).state, "spared")
    }).pipe(Effect.provide(stackTest(library)))
  })

  it.effect("lets the preparations be reverted after a crash, if a person cancelled the removal before it", () => {
    const library = fullDisk()
    return Effect.gen(function* () {
      yield* planned("auto")
      yield* setDisk({ mode: "auto" })
      yield* passTime("31 seconds")
      const removals = yield* Removals
      const context = yield* Effect.context<Removals>()
      library.prepares = true
      // The process ends right after the decision.
      library.onPrepared = () =>
        Effect.andThen(
          Effect.flatMap(first, ({ id }) => removals.cancel(id)),
          Effect.interrupt
        ).pipe(Effect.orDie, Effect.provide(context))
      yield* Effect.exit(runDue)
      assert.deepStrictEqual([library.putBack, (yield* first).state], [[], "cancelled"])
      yield* reconcile
      assert.deepStrictEqual([library.putBack, (yield* first).state], [["1"], "cancelled"])
      yield* reconcile
      assert.deepStrictEqual(library.putBack, ["1"], "once")
    }).pipe(Effect.provide(stackTest(library)))
  })
})
