/** A time limit for effects that would otherwise wait until the test times out. */
import { Effect } from "effect"
import { TestClock } from "effect/testing"

/** Fails if the effect takes more than five seconds of the real clock, whatever the test clock shows. */
export const soon = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.raceFirst(
    effect,
    Effect.andThen(TestClock.withLive(Effect.sleep("5 seconds")), Effect.die(new Error("It did not come in time")))
  )
