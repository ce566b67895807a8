/**
 * Logs refused attempts to sign in. Outsiders can cause these events, so their number is bounded; they never contain
 * what was typed, since it may be a password.
 */
import { Effect } from "effect"
import type { EventLog } from "../events/EventLog.ts"
import type { NewEvent } from "../events/EventType.ts"
import type { AccessEvents } from "./AccessEvents.ts"
import type { RateLimiter } from "./RateLimiter.ts"

export const makeSignInRefusals = (events: EventLog["Service"], limiter: RateLimiter["Service"]) => {
  return {
    /** One refused attempt. */
    log: (event: NewEvent) =>
      Effect.ignore(Effect.andThen(limiter.check("refusals-logged", "all"), events.append(event))),
    /** A client has no attempts left; logged once for each of the keys. */
    logLimit: (what: LimitEvent, address: string | null, ...keys: ReadonlyArray<string>) =>
      Effect.ignore(
        Effect.andThen(
          limiter.check("limit-logged", ...keys.map((key) => `${what.type} ${key}`)),
          events.append(
            what.make({
              message: `Too many attempts from ${address ?? "an unknown address"}; further ones are refused for a while`,
              payload: { address }
            })
          )
        )
      )
  } as const
}

type LimitEvent = (typeof AccessEvents)["sessionLimited" | "setupLimited"]
