import { assert, describe, it } from "@effect/vitest"
import { scryptSync } from "node:crypto"
import { Effect, Layer } from "effect"
import { Password, PasswordCost } from "../../src/access/Password.ts"
import { CheapPassword, cheapCost } from "./AccessTest.ts"

describe("Password", () => {
  it.effect("hashes with scrypt, a new salt each time, and the stored cost", () =>
    Effect.gen(function* () {
      const password = yield* Password
      const first = yield* password.hash("secret phrase")
      const second = yield* password.hash("secret phrase")
      assert.match(first, /^scrypt\$16\$8\$1\$[\w-]{22}\$[\w-]{43}$/)
      assert.notStrictEqual(first, second)
      const [, , , , salt = "", hash = ""] = first.split("$")
      const expected = scryptSync("secret phrase", Buffer.from(salt, "base64url"), 32, cheapCost)
      assert.strictEqual(hash, expected.toString("base64url"))
    }).pipe(Effect.provide(CheapPassword))
  )

  it.effect("distinguishes the right password from any other", () =>
    Effect.gen(function* () {
      const password = yield* Password
      const encoded = yield* password.hash("secret phrase")
      assert.isTrue(yield* password.verify("secret phrase", encoded))
      for (const other of ["", "secret phras", "secret phrase ", "Secret phrase"]) {
        assert.isFalse(yield* password.verify(other, encoded), other)
      }
      assert.isFalse(yield* password.verify("", password.dummyHash))
    }).pipe(Effect.provide(CheapPassword))
  )

  it.effect("compares the characters of a password, not their encoding", () =>
    Effect.gen(function* () {
      const password = yield* Password
      assert.isTrue(yield* password.verify("cafe\u0301 noir", yield* password.hash("caf\u00e9 noir")))
    }).pipe(Effect.provide(CheapPassword))
  )

  it.effect("matches nothing against a hash that cannot be read", () =>
    Effect.gen(function* () {
      const password = yield* Password
      const good = yield* password.hash("secret phrase")
      const damaged = ["", "x", good.slice(0, -1), good.replace("scrypt$16", "scrypt$17"), good.replace("$8$", "$0$")]
      for (const encoded of damaged) {
        assert.isFalse(yield* password.verify("secret phrase", encoded), encoded)
        assert.isTrue(password.needsRehash(encoded))
      }
    }).pipe(Effect.provide(CheapPassword))
  )

  it.effect("verifies a hash with another cost, and requests a new hash", () =>
    Effect.gen(function* () {
      const old = yield* Effect.provide(
        Password.use((password) => password.hash("secret phrase")),
        Layer.fresh(Password.layer).pipe(Layer.provide(Layer.succeed(PasswordCost, { N: 32, r: 8, p: 1 })))
      )
      const password = yield* Password
      assert.isTrue(yield* password.verify("secret phrase", old))
      assert.isTrue(password.needsRehash(old))
      assert.isFalse(password.needsRehash(yield* password.hash("secret phrase")))
    }).pipe(Effect.provide(CheapPassword))
  )

  it.effect("uses N = 2^15, r = 8, p = 1 by default", () =>
    Effect.gen(function* () {
      const password = yield* Password
      const encoded = yield* password.hash("secret phrase")
      assert.isTrue(encoded.startsWith("scrypt$32768$8$1$"))
      assert.isTrue(yield* password.verify("secret phrase", encoded))
    }).pipe(Effect.provide(Password.layer))
  )
})
