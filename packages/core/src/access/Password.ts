/**
 * Passwords, stored as `scrypt$N$r$p$salt$hash` (RFC 7914; salt and hash in base64url). At most two derivations run at a
 * time: each holds 128·N·r bytes and a thread.
 */
import { randomBytes, scrypt, timingSafeEqual } from "node:crypto"
import { Context, Effect, Layer, Semaphore } from "effect"

export interface ScryptCost {
  /** Power of two. */
  readonly N: number
  readonly r: number
  readonly p: number
}

/** What one derivation costs; tests provide a small one. */
export const PasswordCost = Context.Reference<ScryptCost>("tendarr/access/PasswordCost", {
  defaultValue: () => ({ N: 2 ** 15, r: 8, p: 1 })
})

export class Password extends Context.Service<
  Password,
  {
    readonly hash: (password: string) => Effect.Effect<string>
    /** Compares in constant time. A hash that cannot be read matches nothing, and is logged. */
    readonly verify: (password: string, encoded: string) => Effect.Effect<boolean>
    /** Whether the hash was derived with other cost parameters than the current ones. */
    readonly needsRehash: (encoded: string) => boolean
    /** Matches no password and costs as much to verify as any other: used if there is no account. */
    readonly dummyHash: string
  }
>()("tendarr/access/Password") {
  static readonly layer = Layer.effect(
    Password,
    Effect.gen(function* () {
      const cost = yield* PasswordCost
      const permits = yield* Semaphore.make(2)

      const derive = (password: string, salt: Uint8Array, cost: ScryptCost) =>
        permits.withPermits(1)(
          // A derivation cannot be cancelled, so its permit is held until it has ended.
          Effect.uninterruptible(
            Effect.callback<Uint8Array>((resume) => {
              const options = { ...cost, maxmem: 256 * cost.N * cost.r }
              // The same characters may be typed as different code points.
              scrypt(password.normalize("NFKC"), salt, hashBytes, options, (error, key) => {
                // On success, Node passes null and Bun undefined.
                resume(error ? Effect.die(error) : Effect.succeed(key))
              })
            })
          )
        )

      const hash = Effect.fn("Password.hash")(function* (password: string) {
        const salt = yield* Effect.sync(() => randomBytes(saltBytes))
        return encode(cost, salt, yield* derive(password, salt, cost))
      })

      const verify = Effect.fn("Password.verify")(function* (password: string, encoded: string) {
        const parsed = parse(encoded)
        if (parsed === undefined) {
          yield* Effect.logError("A stored password hash cannot be read; its account cannot sign in with a password")
          return false
        }
        const derived = yield* derive(password, parsed.salt, parsed.cost)
        return timingSafeEqual(derived, parsed.hash)
      })

      return Password.of({
        hash,
        verify,
        needsRehash: (encoded) => {
          const made = parse(encoded)?.cost
          return made === undefined || made.N !== cost.N || made.r !== cost.r || made.p !== cost.p
        },
        dummyHash: encode(cost, new Uint8Array(saltBytes), new Uint8Array(hashBytes))
      })
    })
  )
}

const saltBytes = 16
const hashBytes = 32

const encode = ({ N, r, p }: ScryptCost, salt: Uint8Array, hash: Uint8Array): string =>
  ["scrypt", N, r, p, base64Url(salt), base64Url(hash)].join("$")

const base64Url = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url")

const encoded = /^scrypt\$(\d{1,7})\$(\d{1,2})\$(\d{1,2})\$([\w-]{22})\$([\w-]{43})$/

const parse = (text: string): { cost: ScryptCost; salt: Uint8Array; hash: Uint8Array } | undefined => {
  const [, N, r, p, salt, hash] = encoded.exec(text) ?? []
  if (N === undefined || r === undefined || p === undefined || salt === undefined || hash === undefined)
    return undefined
  const cost = { N: Number(N), r: Number(r), p: Number(p) }
  const usable = cost.N > 1 && cost.N <= 2 ** 20 && Math.log2(cost.N) % 1 === 0 && cost.r > 0 && cost.p > 0
  return usable ? { cost, salt: Buffer.from(salt, "base64url"), hash: Buffer.from(hash, "base64url") } : undefined
}
