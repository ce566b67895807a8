/**
 * Secrets at rest. What Tendarr must be able to say again (keys and passwords of applications) stands in the database
 * sealed: AES-256-GCM under a key that is kept apart from it, bound to the table, row, column and field it stands in, so
 * that a sealed value is of no use anywhere else.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto"
import { Context, Effect, Predicate } from "effect"

/** A sealed value as it stands in a JSON column: `v1.<id of the key>.<nonce, text and tag in base64url>`. */
export interface Sealed {
  readonly sealed: string
}

export interface SecretKey {
  /** Tells which key a value was sealed with, and nothing about it. */
  readonly id: string
  readonly bytes: Uint8Array
}

export interface SecretBox {
  /** `place` names where the value stands: `integrations/3/config/apiKey`. */
  readonly seal: (place: string, value: unknown) => Effect.Effect<unknown>
  /** Gives back what was sealed for this place, and any other value as it is. Throws `CannotOpen`. */
  readonly open: (place: string, value: unknown) => unknown
}

/** A value that was sealed with another key, for another place, or changed since. */
export class CannotOpen extends Error {
  readonly knownKey: boolean
  constructor(place: string, knownKey: boolean) {
    super(`The sealed value at ${place} cannot be opened`)
    this.knownKey = knownKey
  }
}

export const isSealed = (value: unknown): value is Sealed =>
  Predicate.isObject(value) && "sealed" in value && typeof value.sealed === "string" && value.sealed.startsWith("v1.")

/** The id of the key that a value was sealed with. */
export const keyIdOf = ({ sealed }: Sealed): string => sealed.split(".")[1] ?? ""

export const secretKeyOf = (bytes: Uint8Array): SecretKey => ({
  id: createHash("sha256").update("tendarr key id\0").update(bytes).digest("base64url").slice(0, 8),
  bytes
})

/** Seals with the first key, and opens with any. */
export const secretBox = (keys: readonly [SecretKey, ...ReadonlyArray<SecretKey>]): SecretBox => ({
  seal: (place, value) => Effect.sync(() => ({ sealed: seal(keys[0], place, JSON.stringify(value)) })),
  open: (place, value) => {
    if (!isSealed(value)) return value
    const key = keys.find(({ id }) => id === keyIdOf(value))
    if (key === undefined) throw new CannotOpen(place, false)
    try {
      return JSON.parse(open(key, place, value.sealed))
    } catch {
      // What the cipher says is of no use to people.
      throw new CannotOpen(place, true)
    }
  }
})

/** A database in memory has no rest: nothing of it outlives the process. */
const clearBox: SecretBox = { seal: (_, value) => Effect.succeed(value), open: (_, value) => value }

/** The box of this database. Leaves everything in the clear where there is no data directory. */
export const SecretBox = Context.Reference<SecretBox>("tendarr/storage/SecretBox", { defaultValue: () => clearBox })

const cipher = "aes-256-gcm"
const nonceBytes = 12
const tagBytes = 16

/** What is authenticated besides the text: the form, and the place. */
const boundTo = (key: SecretKey, place: string) => Buffer.from(`tendarr/v1/${key.id}/${place}`)

const seal = (key: SecretKey, place: string, text: string): string => {
  const nonce = randomBytes(nonceBytes)
  const sealing = createCipheriv(cipher, key.bytes, nonce, { authTagLength: tagBytes }).setAAD(boundTo(key, place))
  const whole = Buffer.concat([nonce, sealing.update(text, "utf8"), sealing.final(), sealing.getAuthTag()])
  return `v1.${key.id}.${whole.toString("base64url")}`
}

const open = (key: SecretKey, place: string, sealed: string): string => {
  const whole = Buffer.from(sealed.split(".")[2] ?? "", "base64url")
  const nonce = whole.subarray(0, nonceBytes)
  const opening = createDecipheriv(cipher, key.bytes, nonce, { authTagLength: tagBytes })
    .setAAD(boundTo(key, place))
    .setAuthTag(whole.subarray(-tagBytes))
  return Buffer.concat([opening.update(whole.subarray(nonceBytes, -tagBytes)), opening.final()]).toString("utf8")
}
