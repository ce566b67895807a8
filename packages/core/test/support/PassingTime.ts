/** Advances the test clock for code that waits between requests over a real connection. */
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"

/** Runs `effect` while the test clock advances, in steps that are too small to time out a request. */
export const whileTimePasses = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(effect)
    while (fiber.pollUnsafe() === undefined) {
      yield* TestClock.adjust("100 millis")
      yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
    }
    return yield* Fiber.join(fiber)
  })
