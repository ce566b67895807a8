import { Clock, Effect } from "effect"
import { dayMillis, isoOfMillis } from "../problems/Instants.ts"

/** Time of the next attempt after `attempts` failures, ISO-8601: after a minute, doubling each time, at most a day. */
export const retryAt = (attempts: number): Effect.Effect<string> =>
  Effect.map(Clock.currentTimeMillis, (now) => isoOfMillis(now + Math.min(60_000 * 2 ** attempts, dayMillis)))
