/** Checks that a configuration fits its kind, and that its keys can be sent; issues name their fields. */
import { Effect, Schema } from "effect"
import { issuesOf } from "../problems/Decode.ts"
import { InvalidRequest } from "../problems/Problem.ts"
import { secretMask } from "./Integration.ts"
import type { Kind } from "./Kind.ts"
import { type Config, isSecret } from "./SecretConfig.ts"
import { keyFault } from "./UsableKey.ts"

export const decodeConfig = (kind: Kind, config: Config) =>
  Schema.decodeUnknownEffect(kind.config)(config, { errors: "all", onExcessProperty: "error" }).pipe(
    Effect.mapError(({ issue }) => {
      const errors = issuesOf(issue, "payload", "config")
      return new InvalidRequest({ detail: `The configuration does not fit ${kind.title}`, errors })
    })
  )

/** Refuses a key that cannot be sent, before any request. Stored keys were checked when they were entered. */
export const expectUsableKeys = (kind: Kind, given: Config): Effect.Effect<void, InvalidRequest> => {
  const errors = Object.entries(given).flatMap(([key, value]) => {
    const fault = isSecret(kind, key) && value !== secretMask ? keyFault(value) : null
    return fault === null ? [] : [{ path: ["payload", "config", key], message: fault }]
  })
  return errors.length === 0
    ? Effect.void
    : Effect.fail(new InvalidRequest({ detail: `The key cannot be sent to ${kind.title}`, errors }))
}
