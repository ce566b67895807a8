/**
 * Secrets that Tendarr issues: random, shown once, and stored only as SHA-256. They carry 100 bits or more, so a fast
 * hash is enough; passwords chosen by people go through `Password` instead.
 */
import { hash, randomBytes, timingSafeEqual } from "node:crypto"
import { Effect } from "effect"

/** 32 random bytes as 43 characters of base64url. */
export const randomToken: Effect.Effect<string> = Effect.sync(() => randomBytes(32).toString("base64url"))

/** 20 characters (100 bits) in groups of five, from an alphabet without look-alikes: for people to copy. */
export const randomReadableToken: Effect.Effect<string> = Effect.sync(() =>
  Array.from(randomBytes(20), (byte) => alphabet[byte & 31])
    .join("")
    .replace(/(.{5})(?=.)/g, "$1-")
)

/** Normalises what a person typed to the form of `randomReadableToken`. */
export const normaliseReadableToken = (typed: string): string =>
  typed
    .toUpperCase()
    .replace(/[^0-9A-Z]/g, "")
    .replace(/O/g, "0")
    .replace(/[IL]/g, "1")
    .replace(/(.{5})(?=.)/g, "$1-")

/** SHA-256 in hex: what is stored and looked up. */
export const hashToken = (token: string): string => hash("sha256", token, "hex")

/** Compares two hashes in constant time. */
export const sameHash = (left: string, right: string): boolean => {
  const a = Buffer.from(left)
  const b = Buffer.from(right)
  return a.length === b.length && timingSafeEqual(a, b)
}

/** Longer than any secret that we issue; longer input is refused unread. */
export const maximumTokenLength = 512

/** Keys that an environment may set. */
export const presetTokens = new RegExp(`^[\\x21-\\x7e]{16,${maximumTokenLength}}$`)

export const presetTokenRule = `must have 16 to ${maximumTokenLength} printable characters, no spaces`

/** Crockford's base 32. */
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
