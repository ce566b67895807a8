import { Clock, Effect } from "effect"
import { dayMillis, isoOfMillis } from "../problems/Instants.ts"

/** Time of the next attempt after `attempts` failures, ISO-8601: after a minute, doubling each time, at most a day. */
export const retryAt = (attempts: number): Effect.Effect<string> =>
  Effect.map(Clock.currentTimeMillis, (now) => isoOfMillis(now + Math.min(60_000 * 2 ** attempts, dayMillis)))

/** The due time of an act that only a person starts again. */
export const never = "9999-12-31T23:59:59.999Z"

/**
 * When the application is asked again about an unresolved act, ISO-8601: a minute after the last change of its row,
 * which may have been written before the clock was set back.
 */
export const askedAgainAt = ({ updatedAt }: { readonly updatedAt: string }, now: number): string =>
  isoOfMillis(Math.min(Date.parse(updatedAt), now) + 60_000)
