/** Loops continue, restart after failures, report their health, and end with their scope. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { Loops, type LoopState } from "../../src/jobs/Loops.ts"

const only: Effect.Effect<LoopState | undefined, never, Loops> = Effect.gen(function* () {
  const loops = yield* Loops
  return (yield* loops.list)[0]
})

/** Iterations of ten seconds each, with the given ends. */
const turning = () => {
  const state = { turns: 0, fails: false }
  const turn = Effect.gen(function* () {
    state.turns++
    if (state.fails) return yield* Effect.fail(new Error("the client is shut"))
    yield* Effect.sleep("10 seconds")
  })
  return { state, definition: { name: "turning", title: "Turning", turn } }
}

describe("A loop", () => {
  it.effect("is restarted after failures with growing delays, and is healthy again after an iteration", () =>
    Effect.gen(function* () {
      const loops = yield* Loops
      const { definition, state } = turning()
      yield* loops.start(definition)
      yield* TestClock.adjust("25 seconds")
      assert.strictEqual(state.turns, 3)
      assert.deepStrictEqual(yield* only, {
        name: "turning",
        title: "Turning",
        status: "running",
        since: "1970-01-01T00:00:00.000Z",
        failures: 0,
        error: null,
        nextTryAt: null
      })
      state.fails = true
      yield* TestClock.adjust("5 seconds")
      assert.deepInclude(yield* only, {
        status: "failed",
        since: "1970-01-01T00:00:30.000Z",
        failures: 1,
        error: "the client is shut",
        nextTryAt: "1970-01-01T00:00:35.000Z"
      })
      state.turns = 0
      // After 5, 10, 20, 40 and then every 60 seconds.
      yield* TestClock.adjust("195 seconds")
      assert.strictEqual(state.turns, 6)
      assert.deepInclude(yield* only, { failures: 7, nextTryAt: "1970-01-01T00:04:45.000Z" })
      state.fails = false
      yield* TestClock.adjust("60 seconds")
      assert.deepInclude(yield* only, { status: "running", error: "the client is shut", nextTryAt: null })
      yield* TestClock.adjust("10 seconds")
      assert.deepInclude(yield* only, { status: "running", failures: 0, error: null })
    }).pipe(Effect.scoped, Effect.provide(Loops.layer))
  )

  it.effect("is restarted after a defect and after the interruption of one of its fibers", () =>
    Effect.gen(function* () {
      const loops = yield* Loops
      const ways = [Effect.die(new Error("a mistake")), Effect.interrupt, Effect.never]
      let turns = 0
      yield* loops.start({ name: "odd", title: "Odd", turn: Effect.suspend(() => ways[turns++] ?? Effect.never) })
      yield* TestClock.adjust("1 second")
      assert.deepInclude(yield* only, { status: "failed", error: "Unexpected error: a mistake" })
      yield* TestClock.adjust("5 seconds")
      assert.deepInclude(yield* only, { status: "failed", failures: 2 })
      yield* TestClock.adjust("10 seconds")
      assert.deepInclude(yield* only, { status: "running", failures: 2 })
      assert.strictEqual(turns, 3)
    }).pipe(Effect.scoped, Effect.provide(Loops.layer))
  )

  it.effect("that ran for long before it failed waits only for the first delay", () =>
    Effect.gen(function* () {
      const loops = yield* Loops
      const turn = Effect.andThen(Effect.sleep("2 hours"), Effect.fail("cut off"))
      yield* loops.start({ name: "long", title: "Long", turn })
      yield* TestClock.adjust("9 hours")
      assert.deepInclude(yield* only, { failures: 1 })
    }).pipe(Effect.scoped, Effect.provide(Loops.layer))
  )

  it.effect("ends with its scope, which waits for its clean-up, and can be started again", () =>
    Effect.gen(function* () {
      const loops = yield* Loops
      const cleaning = yield* Deferred.make<void>()
      let cleaned = false
      const turn = Effect.never.pipe(
        Effect.ensuring(
          Effect.andThen(
            Deferred.await(cleaning),
            Effect.sync(() => (cleaned = true))
          )
        )
      )
      const definition = { name: "tidy", title: "Tidy", turn }
      const open = yield* Deferred.make<void>()
      const serving = yield* Effect.forkChild(
        Effect.scoped(Effect.andThen(loops.start(definition), Deferred.await(open)))
      )
      yield* TestClock.adjust("1 second")
      assert.isTrue(Exit.hasDies(yield* Effect.exit(Effect.scoped(loops.start(definition)))))
      yield* Deferred.succeed(open, undefined)
      yield* TestClock.adjust("1 second")
      assert.isFalse(cleaned)
      yield* Deferred.succeed(cleaning, undefined)
      yield* Fiber.join(serving)
      assert.isTrue(cleaned)
      assert.isUndefined(yield* only)
      yield* Effect.scoped(loops.start({ ...definition, turn: Effect.never }))
    }).pipe(Effect.provide(Loops.layer))
  )
})
