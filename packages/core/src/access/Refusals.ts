/**
 * What the log is told of attempts to get in that were refused. Strangers cause these events, so their number is bounded;
 * what was typed is never among them, since it may be a password.
 */
import { Effect } from "effect"
import type { EventLog } from "../events/EventLog.ts"
import type { NewEvent } from "../events/EventType.ts"
import type { AccessEvents } from "./AccessEvents.ts"
import type { RateLimiter } from "./RateLimiter.ts"

export const makeRefusals = (events: EventLog["Service"], limiter: RateLimiter["Service"]) => {
  return {
    /** One refused attempt. */
    tell: (event: NewEvent) =>
      Effect.ignore(Effect.andThen(limiter.check("refusals-told", "all"), events.append(event))),
    /** Somebody has no attempts left; told once for each of the keys. */
    tellLimit: (what: LimitEvent, address: string | null, ...keys: ReadonlyArray<string>) =>
      Effect.ignore(
        Effect.andThen(
          limiter.check("limit-told", ...keys.map((key) => `${what.type} ${key}`)),
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
