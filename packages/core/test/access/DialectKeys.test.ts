/** The own keys of dialects: sealed at rest, accepted only by their dialect, and replaced at once. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { ApiKeys } from "../../src/access/ApiKeys.ts"
import { DialectKeys, PresetDialectKeys } from "../../src/access/DialectKeys.ts"
import { Validity } from "../../src/access/Validity.ts"
import { type SecretBox as Box, SecretBox, secretBox, secretKeyOf } from "../../src/storage/SecretBox.ts"
import { AccessTest } from "./AccessTest.ts"

const box: Box = secretBox([secretKeyOf(new Uint8Array(32).fill(7))])

const keysWith = (presets: { readonly prunerr?: string } = {}, sealing: Box = box) =>
  DialectKeys.layer.pipe(
    Layer.provideMerge(AccessTest),
    Layer.provide([Layer.succeed(SecretBox, sealing), Layer.succeed(PresetDialectKeys, presets)])
  )

const storedKey = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<{ key: string; version: number }>`SELECT key, version FROM dialect_keys`
  return rows[0]
})

describe("The key of a dialect", () => {
  it.effect("is created once, and stored sealed", () =>
    Effect.gen(function* () {
      const keys = yield* DialectKeys
      const { key } = yield* keys.key("prunerr")
      assert.match(key, /^[0-9a-f]{64}$/)
      assert.strictEqual((yield* keys.key("prunerr")).key, key)
      const row = yield* storedKey
      assert.notInclude(row?.key, key)
      assert.match(row?.key ?? "", /^\{"sealed":"v2\./)
    }).pipe(Effect.provide(keysWith()))
  )

  it.effect("is accepted by its dialect, and is no API key", () =>
    Effect.gen(function* () {
      const keys = yield* DialectKeys
      const { key } = yield* keys.key("prunerr")
      const principal = yield* keys.authenticate("prunerr", key)
      assert.deepInclude(principal, { type: "dialect", actor: "dialect:prunerr", scope: "admin" })
      for (const wrong of ["", `${key}x`, key.slice(1), "x".repeat(1000)]) {
        assert.strictEqual((yield* Effect.flip(keys.authenticate("prunerr", wrong)))._tag, "Unauthorized")
      }
      assert.strictEqual((yield* Effect.flip((yield* ApiKeys).authenticate(key)))._tag, "Unauthorized")
    }).pipe(Effect.provide(keysWith()))
  )

  it.effect("is refused as soon as there is a new one, which ends what it had opened", () =>
    Effect.gen(function* () {
      const keys = yield* DialectKeys
      const validity = yield* Validity
      const { key: before } = yield* keys.key("prunerr")
      const ended = yield* Effect.forkChild(validity.end(yield* keys.authenticate("prunerr", before)))
      yield* Effect.yieldNow
      const { key: after } = yield* keys.renew("prunerr")
      assert.notStrictEqual(after, before)
      assert.strictEqual((yield* Effect.flip(keys.authenticate("prunerr", before)))._tag, "Unauthorized")
      yield* Fiber.join(ended)
      const open = yield* Effect.forkChild(validity.end(yield* keys.authenticate("prunerr", after)))
      yield* Effect.yieldNow
      assert.isUndefined(open.pollUnsafe())
    }).pipe(Effect.provide(keysWith()))
  )

  it.effect("is not one that was read while it was being replaced", () =>
    Effect.gen(function* () {
      const keys = yield* DialectKeys
      const { key: before } = yield* keys.key("prunerr")
      yield* Effect.all([keys.renew("prunerr"), Effect.ignore(keys.authenticate("prunerr", before))], {
        concurrency: "unbounded"
      })
      assert.strictEqual((yield* Effect.flip(keys.authenticate("prunerr", before)))._tag, "Unauthorized")
    }).pipe(Effect.provide(keysWith()))
  )

  it.effect("that cannot be opened lets nobody in, and a new one takes its place", () =>
    Effect.gen(function* () {
      const keys = yield* DialectKeys
      const sql = yield* SqlClient.SqlClient
      const elsewhere = secretBox([secretKeyOf(new Uint8Array(32).fill(9))])
      const place = { at: "dialect_keys/prunerr/key", receivers: "clients of the dialect" }
      const sealed = JSON.stringify(yield* elsewhere.seal(place, "the former key of this dialect"))
      yield* sql`INSERT INTO dialect_keys ${sql.insert({ dialect: "prunerr", key: sealed, version: 4, created_at: "2026-01-01T00:00:00.000Z" })}`
      for (const presented of ["the former key of this dialect", sealed, "null", ""]) {
        assert.strictEqual((yield* Effect.flip(keys.authenticate("prunerr", presented)))._tag, "Unauthorized")
      }
      const { key } = yield* keys.key("prunerr")
      assert.strictEqual((yield* keys.authenticate("prunerr", key)).id, "prunerr:5")
    }).pipe(Effect.provide(keysWith()))
  )

  it.effect("from the environment takes its place, and cannot be replaced", () =>
    Effect.gen(function* () {
      const keys = yield* DialectKeys
      assert.deepStrictEqual(yield* keys.key("prunerr"), { key: "of-the-environment", createdAt: null })
      assert.strictEqual((yield* keys.authenticate("prunerr", "of-the-environment")).type, "dialect")
      assert.strictEqual((yield* Effect.flip(keys.renew("prunerr"))).code, "dialect-key-preset")
      assert.isUndefined(yield* storedKey)
    }).pipe(Effect.provide(keysWith({ prunerr: "of-the-environment" })))
  )
})
