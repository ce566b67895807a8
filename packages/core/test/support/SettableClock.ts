/** The test clock with a wall clock that can be set, which affects neither sleeps nor the monotonic time. */
import { Clock, Effect } from "effect"

export interface SettableClock {
  readonly clock: Clock.Clock
  /** Sets the wall clock forward, or back when negative. */
  readonly set: (millis: number) => void
}

export const makeSettableClock: Effect.Effect<SettableClock> = Effect.map(Clock.Clock, (passing) => {
  let ahead = 0
  const millis = () => passing.currentTimeMillisUnsafe() + ahead
  const nanos = () => passing.currentTimeNanosUnsafe() + BigInt(ahead) * 1_000_000n
  // Everything else is that of the test clock, including the functions that advance it.
  const clock: Clock.Clock = Object.assign(Object.create(passing), {
    currentTimeMillisUnsafe: millis,
    currentTimeMillis: Effect.sync(millis),
    currentTimeNanosUnsafe: nanos,
    currentTimeNanos: Effect.sync(nanos)
  })
  return { clock, set: (by) => void (ahead += by) }
})

/** Runs a test under its own clock, which can be set. */
export const withSettableClock = <A, E, R>(test: (set: SettableClock["set"]) => Effect.Effect<A, E, R>) =>
  Effect.flatMap(makeSettableClock, ({ clock, set }) => Effect.provideService(test(set), Clock.Clock, clock))
