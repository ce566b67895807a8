/**
 * Shared by all probes: measures the latency of the first response, and then verifies the key if that response does not
 * need one.
 */
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
