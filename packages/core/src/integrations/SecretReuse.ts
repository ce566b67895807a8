/**
 * Stored keys are sent only to the receiver that they were given for: otherwise a changed address would hand them to
 * whoever answers there. Another receiver gets them if they are entered again, or if that is confirmed; either way it
 * is logged.
 */
import { Effect, Schema } from "effect"
import type { NewEvent } from "../events/EventType.ts"
import { Problem } from "../problems/Problem.ts"
import { secretMask } from "./Integration.ts"
import { IntegrationEvents } from "./IntegrationEvents.ts"
import type { Kind } from "./Kind.ts"
import { addressIn, receiverOf } from "./Receivers.ts"
import { hostOf } from "./Sameness.ts"
import { type Config, isSecret } from "./SecretConfig.ts"

export class SecretReuseRefused extends Problem<SecretReuseRefused>()(
  "SecretReuseRefused",
  { code: "secret-reuse-refused", status: 409, title: "The stored key was given for another address" },
  {
    detail: Schema.String,
    /** Configuration fields to enter again. */
    fields: Schema.Array(Schema.String),
    from: Schema.String,
    to: Schema.String
  }
) {}

interface Addressed {
  readonly url: string
  readonly config: Config
}

/** Stored secrets that would be sent to another address than the stored one. */
export interface SecretReuse {
  readonly fields: ReadonlyArray<string>
  readonly from: string
  readonly to: string
  /** The address changes but the receiver does not: http becomes https. */
  readonly sameReceiver: boolean
}

/**
 * The secrets of `stored` that would be sent elsewhere if `given` were merged into it; `null` = none. The kind must be
 * that of the integration: another kind might declare its key as harmless.
 */
export const secretReuse = (
  kind: Kind | undefined,
  stored: Addressed,
  given: Partial<Addressed>
): SecretReuse | null => {
  const fields = Object.entries(stored.config).flatMap(([key, value]) => {
    const typed = given.config?.[key]
    return isSecret(kind, key) && (typed === undefined || typed === secretMask) && value !== null && value !== ""
      ? [key]
      : []
  })
  if (fields.length === 0) return null
  const moved = addressesOf(stored, given)
    .filter(([before, after]) => before === null || receiverOf(before) !== receiverOf(after))
    .map(([before, after]) => ({
      fields,
      from: before?.origin ?? "",
      to: after.origin,
      sameReceiver: before !== null && isSecured(before, after)
    }))
  return moved.find(({ sameReceiver }) => !sameReceiver) ?? moved[0] ?? null
}

/** Fails if another receiver would get them and nobody has confirmed it. */
export const expectReceiver = (
  reuse: SecretReuse | null,
  confirmed: boolean | undefined
): Effect.Effect<void, SecretReuseRefused> => {
  if (reuse === null || reuse.sameReceiver || confirmed === true) return Effect.void
  const { fields, from, to } = reuse
  const what = fields.join(" and ")
  return Effect.fail(
    new SecretReuseRefused({
      detail: `${what} was given for ${from === "" ? "another address" : from}. To send it to ${to}, enter it again, or allow it with \`confirmSecretReuse\``,
      fields,
      from,
      to
    })
  )
}

/** The event that is appended before the secrets are sent, or stored for the new address. */
export const reuseEvent = (
  integration: { readonly id: string; readonly name: string },
  { fields, from, sameReceiver, to }: SecretReuse,
  use: "tested" | "stored"
): NewEvent =>
  IntegrationEvents.secretsReused.make({
    severity: sameReceiver ? "info" : "warning",
    subject: integration.id,
    message: `The stored ${fields.join(" and ")} of "${integration.name}" ${use === "tested" ? "is sent to" : "is for"} ${to} now, and was given for ${from}`,
    payload: { fields, from, to, use, confirmed: !sameReceiver }
  })

/**
 * The address before and after, and likewise each field with an address, such as a second service of the application.
 */
const addressesOf = (stored: Addressed, given: Partial<Addressed>) =>
  [
    [addressIn(stored.url), addressIn(given.url ?? stored.url)] as const,
    ...Object.entries(given.config ?? {}).map(
      ([key, value]) => [addressIn(stored.config[key]), addressIn(value)] as const
    )
  ].flatMap(([before, after]) => (after === null ? [] : [[before, after] as const]))

/** The same host on its default ports, now over TLS. Another port may be another program. */
const isSecured = (before: URL, after: URL): boolean =>
  before.protocol === "http:" &&
  after.protocol === "https:" &&
  before.port === "" &&
  after.port === "" &&
  hostOf(before.hostname) === hostOf(after.hostname)
