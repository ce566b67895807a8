import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { Accounts } from "../../src/access/Accounts.ts"
import { Sessions } from "../../src/access/Sessions.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { AccessTest, origin, password, signIn } from "./AccessTest.ts"
import { AccessSettings } from "../../src/access/AccessSettings.ts"

const refusal = (token: string) => Sessions.use((sessions) => Effect.flip(sessions.authenticate(token)))

describe("Sessions", () => {
  it.effect("expire when they were not used for the time in the settings", () =>
    Effect.gen(function* () {
      yield* (yield* Settings).patch(AccessSettings, { sessionHours: 2 })
      const { token } = yield* signIn("ada")
      yield* TestClock.adjust("119 minutes")
      yield* (yield* Sessions).authenticate(token)
      yield* TestClock.adjust("120 minutes")
      const refused = yield* refusal(token)
      assert.strictEqual(refused._tag, "Unauthorized")
      assert.strictEqual(refused.status, 401)
      assert.strictEqual(refused.code, "unauthorized")
    }).pipe(Effect.provide(AccessTest))
  )

  it.effect("are refused if their stored expiry is damaged", () =>
    Effect.gen(function* () {
      const { token } = yield* signIn("ada")
      const sql = yield* SqlClient.SqlClient
      yield* sql`UPDATE sessions SET expires_at = 'never'`
      assert.strictEqual((yield* refusal(token))._tag, "Unauthorized")
    }).pipe(Effect.provide(AccessTest))
  )

  it.effect("stay valid while they are used, which is stored once a minute", () =>
    Effect.gen(function* () {
      yield* (yield* Settings).patch(AccessSettings, { sessionHours: 1 })
      const sessions = yield* Sessions
      const { session, token } = yield* signIn("ada")
      yield* TestClock.adjust("59 seconds")
      const soon = yield* sessions.authenticate(token)
      assert.isFalse(soon.prolonged)
      assert.strictEqual(soon.session.expiresAt, session.expiresAt)
      yield* TestClock.adjust("1 second")
      const later = yield* sessions.authenticate(token)
      assert.isTrue(later.prolonged)
      assert.strictEqual(later.session.lastSeenAt, "1970-01-01T00:01:00.000Z")
      assert.strictEqual(later.session.expiresAt, "1970-01-01T01:01:00.000Z")
      for (let round = 0; round < 5; round++) {
        yield* TestClock.adjust("50 minutes")
        yield* sessions.authenticate(token)
      }
    }).pipe(Effect.provide(AccessTest))
  )

  it.effect("are listed while they are valid, most recently used first, with their address and browser", () =>
    Effect.gen(function* () {
      const accounts = yield* Accounts
      const sessions = yield* Sessions
      const first = yield* signIn("ada")
      yield* TestClock.adjust("1 hour")
      const second = yield* accounts.login("ada", password, { address: null, userAgent: "x".repeat(2000) })
      const listed = yield* sessions.list(first.account.id)
      assert.deepStrictEqual(
        listed.map(({ id }) => id),
        [second.session.id, first.session.id]
      )
      assert.strictEqual(listed[0]?.userAgent?.length, 512)
      assert.strictEqual(listed[1]?.address, origin.address)
      yield* TestClock.adjust("719.5 hours")
      assert.deepStrictEqual(
        (yield* sessions.list(first.account.id)).map(({ id }) => id),
        [second.session.id]
      )
    }).pipe(Effect.provide(AccessTest))
  )

  it.effect("can be revoked by their account, and by no other", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const ada = yield* signIn("ada")
      const bob = yield* signIn("bob")
      const foreign = yield* Effect.flip(sessions.revoke(bob.account.id, ada.session.id))
      assert.strictEqual(foreign._tag, "SessionNotFound")
      yield* sessions.authenticate(ada.token)
      yield* sessions.revoke(ada.account.id, ada.session.id)
      yield* refusal(ada.token)
      yield* Effect.flip(sessions.revoke(ada.account.id, ada.session.id))
      yield* sessions.authenticate(bob.token)
      assert.deepStrictEqual(yield* sessions.list(ada.account.id), [])
    }).pipe(Effect.provide(AccessTest))
  )

  it.effect("are revoked together, except for the current one", () =>
    Effect.gen(function* () {
      const accounts = yield* Accounts
      const sessions = yield* Sessions
      const ada = yield* signIn("ada")
      const other = yield* accounts.login("ada", password, origin)
      const bob = yield* signIn("bob")
      assert.strictEqual(yield* sessions.revokeAll(ada.account.id, ada.session.id), 1)
      yield* refusal(other.token)
      yield* sessions.authenticate(ada.token)
      assert.strictEqual(yield* sessions.revokeAll(ada.account.id, null), 1)
      assert.strictEqual(yield* sessions.revokeAll(ada.account.id, null), 0)
      yield* refusal(ada.token)
      yield* sessions.authenticate(bob.token)
    }).pipe(Effect.provide(AccessTest))
  )

  it.effect("end with sign-out, which is idempotent", () =>
    Effect.gen(function* () {
      const sessions = yield* Sessions
      const { token } = yield* signIn("ada")
      yield* sessions.logout("nobody's token")
      yield* sessions.authenticate(token)
      yield* sessions.logout(token)
      yield* sessions.logout(token)
      yield* refusal(token)
    }).pipe(Effect.provide(AccessTest))
  )

  it.effect("are not found for an unknown token", () =>
    Effect.gen(function* () {
      const { session } = yield* signIn("ada")
      for (const token of ["", session.id, "' OR 1=1 --", "x".repeat(100_000)]) yield* refusal(token)
    }).pipe(Effect.provide(AccessTest))
  )

  it.effect("are deleted after they have ended", () =>
    Effect.gen(function* () {
      const accounts = yield* Accounts
      const sessions = yield* Sessions
      const sql = yield* SqlClient.SqlClient
      yield* signIn("ada")
      yield* TestClock.adjust("719 hours")
      const alive = yield* accounts.login("ada", password, origin)
      const revoked = yield* accounts.login("ada", password, origin)
      yield* sessions.logout(revoked.token)
      yield* TestClock.adjust("2 hours")
      assert.strictEqual(yield* sessions.prune, 2)
      const rows = yield* sql<{ id: number }>`SELECT id FROM sessions`
      assert.deepStrictEqual(
        rows.map(({ id }) => String(id)),
        [alive.session.id]
      )
    }).pipe(Effect.provide(AccessTest))
  )
})
