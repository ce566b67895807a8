/**
 * What the log is told of attempts to get in that were refused. Strangers cause these events, so their number is bounded;
 * what was typed is never among them, since it may be a password.
 */
import { Effect } from "effect"
import type { EventLog } from "../events/EventLog.ts"
import type { NewEvent } from "../events/Event.ts"
import type { RateLimiter } from "./RateLimiter.ts"

export const makeRefusals = (events: EventLog["Service"], limiter: RateLimiter["Service"]) => {
  const warn = (event: Omit<NewEvent, "category" | "severity">) =>
    events.append({ ...event, category: "access", severity: "warning" })
  return {
    /** One refused attempt. */
    tell: (event: Omit<NewEvent, "category" | "severity">) =>
      Effect.ignore(Effect.andThen(limiter.check("refusals-told", "all"), warn(event))),
    /** Somebody has no attempts left; told once for each of the keys. */
    tellLimit: (what: string, address: string | null, ...keys: ReadonlyArray<string>) =>
      Effect.ignore(
        Effect.andThen(
          limiter.check("limit-told", ...keys.map((key) => `${what} ${key}`)),
          warn({
            type: `${what}.limited`,
            message: `Too many attempts from ${address ?? "an unknown address"}; further ones wait`,
            payload: { address }
          })
        )
      )
  } as const
}
