/**
 * Stored keys go to the receiver that they were given for, and to no other: a changed address would hand them to whoever
 * answers there. Another receiver gets them when they are typed again, or when that is confirmed; either way it is told.
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
    /** Of the configuration: what to type again. */
    fields: Schema.Array(Schema.String),
    from: Schema.String,
    to: Schema.String
  }
) {}

interface Addressed {
  readonly url: string
  readonly config: Config
}

/** Stored secrets that would be sent to an address which is not the stored one. */
export interface SecretReuse {
  readonly fields: ReadonlyArray<string>
  readonly from: string
  readonly to: string
  /** The address changes, and who answers there does not: http becomes https. */
  readonly sameReceiver: boolean
}

/**
 * What of `stored` would go elsewhere if `given` were put over it; `null` = nothing. The kind is that of the integration:
 * another one might take its key for harmless.
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

/** Fails where another receiver would get them and nobody has confirmed it. */
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

/** What the log is told before the secrets are sent, or stored for the new address. */
export const reuseTold = (
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

/** The address before and after, and so each field that has one, such as a second service of the application. */
const addressesOf = (stored: Addressed, given: Partial<Addressed>) =>
  [
    [addressIn(stored.url), addressIn(given.url ?? stored.url)] as const,
    ...Object.entries(given.config ?? {}).map(
      ([key, value]) => [addressIn(stored.config[key]), addressIn(value)] as const
    )
  ].flatMap(([before, after]) => (after === null ? [] : [[before, after] as const]))

/** The same host by its usual ports, over TLS from now on. Another port may be another program. */
const isSecured = (before: URL, after: URL): boolean =>
  before.protocol === "http:" &&
  after.protocol === "https:" &&
  before.port === "" &&
  after.port === "" &&
  hostOf(before.hostname) === hostOf(after.hostname)
