/** What all probes do alike: time the first answer, and then make sure of the key where that answer came to anyone. */
import { Clock, Effect } from "effect"
import type { Probe } from "../Kind.ts"

export const timedProbe = <E>(
  look: Effect.Effect<Omit<Probe, "latencyMillis">, E>,
  keyCheck: Effect.Effect<unknown, E> = Effect.void
): Effect.Effect<Probe, E> =>
  Effect.gen(function* () {
    const started = yield* Clock.currentTimeMillis
    const found = yield* look
    const ended = yield* Clock.currentTimeMillis
    yield* keyCheck
    return { ...found, latencyMillis: ended - started }
  })
