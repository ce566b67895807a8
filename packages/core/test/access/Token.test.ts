import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { normaliseReadableToken, randomReadableToken, randomToken, sameHash } from "../../src/access/Token.ts"

describe("Tokens", () => {
  it.effect("are unique, and encode all of their bits", () =>
    Effect.gen(function* () {
      const tokens = yield* Effect.all(Array.from({ length: 200 }, () => randomToken))
      assert.strictEqual(new Set(tokens).size, 200)
      for (const token of tokens) assert.match(token, /^[\w-]{43}$/)
      const readable = yield* Effect.all(Array.from({ length: 200 }, () => randomReadableToken))
      assert.strictEqual(new Set(readable.join("").replaceAll("-", "")).size, 32)
      for (const token of readable) assert.strictEqual(normaliseReadableToken(token), token)
    })
  )

  it("are accepted as people copy them", () => {
    assert.strictEqual(normaliseReadableToken(" o0iIl1 abcde\t89-XYZ\u200b "), "00111-1ABCD-E89XY-Z")
  })

  it("are equal only if every character is", () => {
    assert.isTrue(sameHash("abc", "abc"))
    for (const other of ["abd", "ab", "abcd", ""]) assert.isFalse(sameHash("abc", other))
  })
})
