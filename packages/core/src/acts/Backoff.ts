import { Clock, Effect } from "effect"
import { dayMillis, isoOfMillis } from "../problems/Instants.ts"

/** When what has failed `attempts` times is tried again, ISO-8601: after a minute, doubling, at most a day. */
export const retryAt = (attempts: number): Effect.Effect<string> =>
  Effect.map(Clock.currentTimeMillis, (now) => isoOfMillis(now + Math.min(60_000 * 2 ** attempts, dayMillis)))
