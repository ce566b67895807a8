/**
 * Secrets at rest. Secrets that Tendarr must be able to read again (keys and passwords of applications) are sealed in
 * the database: AES-256-GCM under a key that is stored separately, bound to the table, row, column and field, and to
 * the receiver the secret was given for. A sealed value therefore cannot be used in another place or sent to another
 * receiver.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto"
import { Context, Effect, Option, Predicate } from "effect"

/** A sealed value in a JSON column: `v2.<id of the key>.<nonce, text and tag in base64url>`. */
export interface Sealed {
  readonly sealed: string
}

export interface SecretKey {
  /** Identifies the key that a value was sealed with, without revealing anything about it. */
  readonly id: string
  readonly bytes: Uint8Array
}

/** What a sealed value is bound to. */
export interface SealPlace {
  /** Its location: `integrations/3/config/apiKey`. */
  readonly at: string
  /** Who may receive it. Values of the former format, `v1.`, are bound only to their location. */
  readonly receivers: string
}

export interface SecretBox {
  readonly seal: (place: SealPlace, value: unknown) => Effect.Effect<unknown>
  /**
   * Opens a value that was sealed for this place, and returns any other value unchanged. None = it was sealed with
   * another key, for another place or receiver, in a format that is no longer accepted, or it was changed since.
   */
  readonly open: (place: SealPlace, value: unknown) => Option.Option<unknown>
}

export const isSealed = (value: unknown): value is Sealed =>
  Predicate.isObject(value) && "sealed" in value && typeof value.sealed === "string" && /^v[12]\./.test(value.sealed)

/** Whether it was sealed by a version that did not bind a value to its receivers. */
export const isFormer = ({ sealed }: Sealed): boolean => sealed.startsWith("v1.")

/** The id of the key that a value was sealed with. */
export const keyIdOf = ({ sealed }: Sealed): string => sealed.split(".")[1] ?? ""

export const secretKeyOf = (bytes: Uint8Array): SecretKey => ({
  id: createHash("sha256").update("tendarr key id\0").update(bytes).digest("base64url").slice(0, 8),
  bytes
})

/** Seals with the first key, and opens with any. `takesFormer`: also opens values of the former format. */
export const secretBox = (
  keys: readonly [SecretKey, ...ReadonlyArray<SecretKey>],
  { takesFormer = false }: { readonly takesFormer?: boolean } = {}
): SecretBox => ({
  seal: (place, value) => Effect.sync(() => ({ sealed: seal(keys[0], place, JSON.stringify(value)) })),
  open: (place, value) => {
    if (!isSealed(value)) return Option.some(value)
    const key = keys.find(({ id }) => id === keyIdOf(value))
    if (key === undefined || (isFormer(value) && !takesFormer)) return Option.none()
    // The error of the cipher would not help anybody.
    return Option.liftThrowable((): unknown => JSON.parse(open(key, place, value)))()
  }
})

/** In-memory databases are not encrypted: nothing is written to disk. */
const clearBox: SecretBox = { seal: (_, value) => Effect.succeed(value), open: (_, value) => Option.some(value) }

/** The box of this database. Without a data directory, values stay in clear text. */
export const SecretBox = Context.Reference<SecretBox>("tendarr/storage/SecretBox", { defaultValue: () => clearBox })

const cipher = "aes-256-gcm"
const nonceBytes = 12
const tagBytes = 16

/** The authenticated data: the format, and everything that the value is bound to. */
const boundTo = (key: SecretKey, { at, receivers }: SealPlace) =>
  Buffer.from(JSON.stringify(["tendarr/v2", key.id, at, receivers]))

const formerlyBoundTo = (key: SecretKey, { at }: SealPlace) => Buffer.from(`tendarr/v1/${key.id}/${at}`)

const seal = (key: SecretKey, place: SealPlace, text: string): string => {
  const nonce = randomBytes(nonceBytes)
  const sealing = createCipheriv(cipher, key.bytes, nonce, { authTagLength: tagBytes }).setAAD(boundTo(key, place))
  const whole = Buffer.concat([nonce, sealing.update(text, "utf8"), sealing.final(), sealing.getAuthTag()])
  return `v2.${key.id}.${whole.toString("base64url")}`
}

const open = (key: SecretKey, place: SealPlace, value: Sealed): string => {
  const whole = Buffer.from(value.sealed.split(".")[2] ?? "", "base64url")
  const nonce = whole.subarray(0, nonceBytes)
  const opening = createDecipheriv(cipher, key.bytes, nonce, { authTagLength: tagBytes })
    .setAAD(isFormer(value) ? formerlyBoundTo(key, place) : boundTo(key, place))
    .setAuthTag(whole.subarray(-tagBytes))
  return Buffer.concat([opening.update(whole.subarray(nonceBytes, -tagBytes)), opening.final()]).toString("utf8")
}
