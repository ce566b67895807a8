import { Clock, Effect } from "effect"

/** When what has failed `attempts` times is tried again, ISO-8601: after a minute, doubling, at most a day. */
export const retryAt = (attempts: number): Effect.Effect<string> =>
  Effect.map(Clock.currentTimeMillis, (now) =>
    new Date(now + Math.min(60_000 * 2 ** attempts, 86_400_000)).toISOString()
  )
