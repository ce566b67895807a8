import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { ApiKeys } from "../../src/access/ApiKeys.ts"
import { Actor } from "../../src/events/Actor.ts"
import { RecordedEvents } from "../settings/RecordedEvents.ts"
import { heldReads } from "../support/Sql.ts"
import { AccessTest, accessWith, CheapPassword } from "./AccessTest.ts"

const refusal = (key: string) => ApiKeys.use((keys) => Effect.flip(keys.authenticate(key)))

const namesOf = (keys: ReadonlyArray<{ readonly name: string }>) => keys.map(({ name }) => name)

describe("ApiKeys", () => {
  it.effect("authenticate with the scope with which they were created", () =>
    Effect.gen(function* () {
      const keys = yield* ApiKeys
      const { apiKey, key } = yield* keys.create({ name: "Dashboard", scope: "read" })
      assert.match(key, /^tdr_[\w-]{43}$/)
      assert.strictEqual(apiKey.hint, key.slice(-4))
      assert.strictEqual(apiKey.lastUsedAt, null)
      assert.deepStrictEqual(yield* keys.authenticate(key), {
        type: "key",
        id: apiKey.id,
        name: "Dashboard",
        scope: "read",
        actor: "key:Dashboard",
        sessionId: null
      })
      const other = key.endsWith("A") ? "B" : "A"
      for (const wrong of ["", apiKey.id, key.slice(0, -1), key.slice(0, -1) + other, "x".repeat(100_000)]) {
        assert.strictEqual((yield* refusal(wrong))._tag, "Unauthorized")
      }
    }).pipe(Effect.provide(AccessTest))
  )

  it.effect("store the time of their last use once a minute", () =>
    Effect.gen(function* () {
      const keys = yield* ApiKeys
      const { key } = yield* keys.create({ name: "Dashboard", scope: "read" })
      const used: Array<string | null | undefined> = []
      for (let step = 0; step < 4; step++) {
        yield* keys.authenticate(key)
        used.push((yield* keys.list)[0]?.lastUsedAt)
        yield* TestClock.adjust("30 seconds")
      }
      const [start, minute] = ["1970-01-01T00:00:00.000Z", "1970-01-01T00:01:00.000Z"]
      assert.deepStrictEqual(used, [start, start, minute, minute])
    }).pipe(Effect.provide(AccessTest))
  )

  it.effect("are refused if their row is damaged, and other keys still work", () =>
    Effect.gen(function* () {
      const keys = yield* ApiKeys
      const sql = yield* SqlClient.SqlClient
      const other = yield* keys.create({ name: "Other", scope: "read" })
      const damaged = [
        ["expires_at", "soon"],
        ["scope", "everything"]
      ] as const
      for (const [column, value] of damaged) {
        const { apiKey, key } = yield* keys.create({ name: column, scope: "operate" })
        yield* sql`UPDATE api_keys SET ${sql(column)} = ${value} WHERE id = ${Number(apiKey.id)}`
        assert.strictEqual((yield* refusal(key))._tag, "Unauthorized", column)
      }
      assert.deepStrictEqual(namesOf(yield* keys.list), ["Other"])
      assert.strictEqual((yield* keys.authenticate(other.key)).actor, "key:Other")
    }).pipe(Effect.provide(AccessTest))
  )

  it.effect("expire at their time", () =>
    Effect.gen(function* () {
      const keys = yield* ApiKeys
      const { apiKey, key } = yield* keys.create({
        name: "Guest",
        scope: "operate",
        expiresAt: "1970-01-01T02:00:00+01:00"
      })
      assert.strictEqual(apiKey.expiresAt, "1970-01-01T01:00:00.000Z")
      yield* TestClock.adjust("3599 seconds")
      yield* keys.authenticate(key)
      yield* TestClock.adjust("1 second")
      yield* refusal(key)
      assert.deepStrictEqual(namesOf(yield* keys.list), ["Guest"])
    }).pipe(Effect.provide(AccessTest))
  )

  it.effect("are refused at once when they are revoked while in use, and have their new name after a change", () =>
    Effect.gen(function* () {
      const keys = yield* ApiKeys
      const { apiKey, key } = yield* keys.create({ name: "Dashboard", scope: "read" })
      const other = yield* keys.create({ name: "Script", scope: "operate" })
      for (const one of [key, other.key, key, other.key]) yield* keys.authenticate(one)
      yield* keys.rename(apiKey.id, "Wall")
      assert.strictEqual((yield* keys.authenticate(key)).actor, "key:Wall")
      yield* keys.revoke(apiKey.id)
      assert.strictEqual((yield* refusal(key))._tag, "Unauthorized")
      assert.strictEqual((yield* keys.authenticate(other.key)).name, "Script")
    }).pipe(Effect.provide(AccessTest))
  )

  it.effect("are refused if the revocation is committed after the key was read", () =>
    Effect.gen(function* () {
      const keys = yield* ApiKeys
      const sql = yield* SqlClient.SqlClient
      const { apiKey, key } = yield* keys.create({ name: "Dashboard", scope: "read" })
      yield* keys.authenticate(key)
      yield* sql.withTransaction(Effect.andThen(keys.revoke(apiKey.id), Effect.exit(keys.authenticate(key))))
      assert.strictEqual((yield* refusal(key))._tag, "Unauthorized")
    }).pipe(Effect.provide(AccessTest))
  )

  it.effect("are refused if they were revoked while they were being read", () =>
    Effect.gen(function* () {
      const found = yield* Deferred.make<void>()
      const revoked = yield* Deferred.make<void>()
      const held = heldReads(Effect.andThen(Deferred.succeed(found, undefined), Deferred.await(revoked)))
      yield* Effect.gen(function* () {
        const keys = yield* ApiKeys
        const { apiKey, key } = yield* keys.create({ name: "Dashboard", scope: "read" })
        const asked = yield* Effect.forkChild(keys.authenticate(key))
        yield* Deferred.await(found)
        yield* keys.revoke(apiKey.id)
        yield* Deferred.succeed(revoked, undefined)
        // It was valid when it was looked up; that result must not be cached.
        assert.strictEqual((yield* Fiber.join(asked)).name, "Dashboard")
        assert.strictEqual((yield* refusal(key))._tag, "Unauthorized")
      }).pipe(Effect.provide(accessWith(CheapPassword, held)))
    })
  )

  it.effect("are refused permanently after they were revoked", () =>
    Effect.gen(function* () {
      const keys = yield* ApiKeys
      const { apiKey, key } = yield* keys.create({ name: "Dashboard", scope: "admin" })
      yield* keys.revoke(apiKey.id)
      yield* refusal(key)
      assert.deepStrictEqual(yield* keys.list, [])
      for (const id of [apiKey.id, "99", "x"]) {
        assert.strictEqual((yield* Effect.flip(keys.revoke(id)))._tag, "ApiKeyNotFound")
        assert.strictEqual((yield* Effect.flip(keys.rename(id, "Other")))._tag, "ApiKeyNotFound")
      }
      yield* keys.create({ name: "Dashboard", scope: "admin" })
    }).pipe(Effect.provide(AccessTest))
  )

  it.effect("have unique names", () =>
    Effect.gen(function* () {
      const keys = yield* ApiKeys
      const { apiKey } = yield* keys.create({ name: "One", scope: "read" })
      const second = yield* keys.create({ name: "Two", scope: "read" })
      assert.strictEqual((yield* Effect.flip(keys.create({ name: "one", scope: "read" })))._tag, "ApiKeyNameTaken")
      assert.strictEqual((yield* Effect.flip(keys.rename(apiKey.id, "TWO")))._tag, "ApiKeyNameTaken")
      assert.strictEqual((yield* keys.rename(second.apiKey.id, "TWO")).name, "TWO")
      assert.strictEqual((yield* keys.authenticate(second.key)).actor, "key:TWO")
    }).pipe(Effect.provide(AccessTest))
  )

  it.effect("are not created from invalid values", () =>
    Effect.gen(function* () {
      const keys = yield* ApiKeys
      const wrong = (name: string, expiresAt: string | null) =>
        Effect.map(Effect.flip(keys.create({ name, scope: "read", expiresAt })), (error) =>
          error._tag === "InvalidRequest" ? error.errors.map(({ path }) => path.join(".")) : []
        )
      assert.deepStrictEqual(yield* wrong("", null), ["payload.name"])
      assert.deepStrictEqual(yield* wrong(" x ", null), ["payload.name"])
      assert.deepStrictEqual(yield* wrong("env:x", null), ["payload.name"])
      assert.deepStrictEqual(yield* wrong("x", "tomorrow"), ["payload.expiresAt"])
      assert.deepStrictEqual(yield* wrong("x", "1970-01-01T00:00:00.000Z"), ["payload.expiresAt"])
      assert.deepStrictEqual(yield* keys.list, [])
    }).pipe(Effect.provide(AccessTest))
  )

  it.effect("are logged when they are created, renamed and revoked, with the actor", () =>
    Effect.gen(function* () {
      const keys = yield* ApiKeys
      const { apiKey } = yield* keys.create({ name: "One", scope: "read" })
      yield* keys.rename(apiKey.id, "Two")
      yield* keys.rename(apiKey.id, "Two")
      yield* keys.revoke(apiKey.id)
      const { all } = yield* RecordedEvents
      assert.deepStrictEqual(
        all.map(({ actor, category, subject, type }) => [actor, category, subject?.id, type]),
        ["created", "renamed", "revoked"].map((what) => ["account:ada", "access", apiKey.id, `api-key.${what}`])
      )
    }).pipe(Effect.provideService(Actor, "account:ada"), Effect.provide(AccessTest))
  )
})

describe("The key from the environment", () => {
  const first = "0123456789abcdef"
  const second = "fedcba9876543210"

  it.effect("is an admin key, the same after every start", () =>
    Effect.gen(function* () {
      const keys = yield* ApiKeys
      yield* keys.presetKey(first, "TENDARR_API_KEY")
      yield* keys.presetKey(first, "TENDARR_API_KEY")
      const principal = yield* keys.authenticate(first)
      assert.strictEqual(principal.scope, "admin")
      assert.strictEqual(principal.name, "env:TENDARR_API_KEY")
      assert.strictEqual((yield* keys.list).length, 1)
      assert.strictEqual((yield* RecordedEvents).all.length, 1)
    }).pipe(Effect.provide(AccessTest))
  )

  it.effect("is replaced by another, and revoked if it is no longer set", () =>
    Effect.gen(function* () {
      const keys = yield* ApiKeys
      yield* keys.create({ name: "TENDARR_API_KEY", scope: "read" })
      yield* keys.presetKey(first, "TENDARR_API_KEY")
      yield* keys.presetKey(second, "TENDARR_API_KEY")
      yield* refusal(first)
      yield* keys.authenticate(second)
      yield* keys.presetKey(first, "TENDARR_API_KEY")
      yield* refusal(second)
      yield* keys.authenticate(first)
      yield* keys.presetKey(null, "TENDARR_API_KEY")
      yield* refusal(first)
      assert.deepStrictEqual(namesOf(yield* keys.list), ["TENDARR_API_KEY"])
    }).pipe(Effect.provide(AccessTest))
  )

  it.effect("overrides a stored key with the same text and a narrower scope", () =>
    Effect.gen(function* () {
      const keys = yield* ApiKeys
      const { key } = yield* keys.create({ name: "Dashboard", scope: "read" })
      yield* keys.presetKey(key, "TENDARR_API_KEY")
      assert.strictEqual((yield* keys.authenticate(key)).scope, "admin")
      assert.deepStrictEqual(namesOf(yield* keys.list), ["env:TENDARR_API_KEY"])
    }).pipe(Effect.provide(AccessTest))
  )

  it.effect("is refused if it is too short or has spaces, and the old one is kept", () =>
    Effect.gen(function* () {
      const keys = yield* ApiKeys
      yield* keys.presetKey(first, "TENDARR_API_KEY")
      for (const bad of ["", "0123456789abcde", "0123456789 abcdef", "0123456789abcdef\n"]) {
        const refused = yield* Effect.flip(keys.presetKey(bad, "TENDARR_API_KEY"))
        assert.deepStrictEqual(refused.errors[0]?.path, ["TENDARR_API_KEY"])
      }
      yield* keys.authenticate(first)
      const sql = yield* SqlClient.SqlClient
      assert.strictEqual((yield* sql`SELECT * FROM api_keys`).length, 1)
    }).pipe(Effect.provide(AccessTest))
  )
})
