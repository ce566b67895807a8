/**
 * Secrets at rest. What Tendarr must be able to say again (keys and passwords of applications) stands in the database
 * sealed: AES-256-GCM under a key that is kept apart from it, bound to the table, row, column and field it stands in and to
 * whom it was given for, so that a sealed value is of no use anywhere else, and goes to nobody else.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto"
import { Context, Effect, Option, Predicate } from "effect"

/** A sealed value as it stands in a JSON column: `v2.<id of the key>.<nonce, text and tag in base64url>`. */
export interface Sealed {
  readonly sealed: string
}

export interface SecretKey {
  /** Tells which key a value was sealed with, and nothing about it. */
  readonly id: string
  readonly bytes: Uint8Array
}

/** What a sealed value is bound to. */
export interface SealPlace {
  /** Where it stands: `integrations/3/config/apiKey`. */
  readonly at: string
  /** Who may get it. Values of the former form, `v1.`, are bound to where they stand alone. */
  readonly receivers: string
}

export interface SecretBox {
  readonly seal: (place: SealPlace, value: unknown) => Effect.Effect<unknown>
  /**
   * Gives back what was sealed for this place, and any other value as it is. None = it was sealed with another key, for
   * another place or receiver, in a form that is not taken any more, or changed since.
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

/** Seals with the first key, and opens with any. `takesFormer`: it opens values of the former form too. */
export const secretBox = (
  keys: readonly [SecretKey, ...ReadonlyArray<SecretKey>],
  { takesFormer = false }: { readonly takesFormer?: boolean } = {}
): SecretBox => ({
  seal: (place, value) => Effect.sync(() => ({ sealed: seal(keys[0], place, JSON.stringify(value)) })),
  open: (place, value) => {
    if (!isSealed(value)) return Option.some(value)
    const key = keys.find(({ id }) => id === keyIdOf(value))
    if (key === undefined || (isFormer(value) && !takesFormer)) return Option.none()
    // What the cipher says is of no use to people.
    return Option.liftThrowable((): unknown => JSON.parse(open(key, place, value)))()
  }
})

/** A database in memory has no rest: nothing of it outlives the process. */
const clearBox: SecretBox = { seal: (_, value) => Effect.succeed(value), open: (_, value) => Option.some(value) }

/** The box of this database. Leaves everything in the clear where there is no data directory. */
export const SecretBox = Context.Reference<SecretBox>("tendarr/storage/SecretBox", { defaultValue: () => clearBox })

const cipher = "aes-256-gcm"
const nonceBytes = 12
const tagBytes = 16

/** What is authenticated besides the text: the form, and all that the value is bound to. */
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
