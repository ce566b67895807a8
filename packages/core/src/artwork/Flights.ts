/** Single flight per key: callers that request the same work in the meantime wait for the one that is running. */
import { Deferred, Effect, type Scope } from "effect"

/** The work continues if its callers are interrupted, because the next one needs the same. It ends with the scope. */
export const makeFlights = <A, E>(scope: Scope.Scope) => {
  const flights = new Map<string, Deferred.Deferred<A, E>>()
  return (key: string, work: Effect.Effect<A, E>): Effect.Effect<A, E> =>
    Effect.suspend(() => {
      const under = flights.get(key)
      if (under !== undefined) return Deferred.await(under)
      const landing = Deferred.makeUnsafe<A, E>()
      flights.set(key, landing)
      return work.pipe(
        Effect.ensuring(Effect.sync(() => flights.delete(key))),
        (flight) => Deferred.into(flight, landing),
        Effect.forkIn(scope),
        Effect.andThen(Deferred.await(landing))
      )
    })
}
