import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { Accounts } from "../../src/access/Accounts.ts"
import { ApiKeys } from "../../src/access/ApiKeys.ts"
import { localPrincipal, type Principal } from "../../src/access/Scope.ts"
import { Sessions } from "../../src/access/Sessions.ts"
import { Validity } from "../../src/access/Validity.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { AccessTest, origin, password, signIn } from "./AccessTest.ts"
import { AccessSettings } from "../../src/access/AccessSettings.ts"

/** Watches an authenticated client; returns whether it has become invalid. */
const watch = Effect.fnUntraced(function* (principal: Principal) {
  const fiber = yield* Effect.forkChild(Validity.use((validity) => validity.end(principal)))
  yield* TestClock.adjust(0)
  return Effect.map(TestClock.adjust(0), () => fiber.pollUnsafe() !== undefined)
})

const sessionOf = Effect.fnUntraced(function* (token: string) {
  return (yield* Sessions.use((sessions) => sessions.authenticate(token))).principal
})

describe("An authenticated client", () => {
  it.effect("with a key becomes invalid when that key is revoked, not when another is", () =>
    Effect.gen(function* () {
      const keys = yield* ApiKeys
      const one = yield* keys.create({ name: "One", scope: "read" })
      const other = yield* keys.create({ name: "Other", scope: "admin" })
      const isOut = yield* watch(yield* keys.authenticate(one.key))
      const isOtherOut = yield* watch(yield* keys.authenticate(other.key))
      yield* keys.rename(one.apiKey.id, "First")
      assert.deepStrictEqual([yield* isOut, yield* isOtherOut], [false, false])
      yield* keys.revoke(one.apiKey.id)
      assert.deepStrictEqual([yield* isOut, yield* isOtherOut], [true, false])
    }).pipe(Effect.provide(AccessTest))
  )

  it.effect("with the key from the environment becomes invalid when that is no longer set", () =>
    Effect.gen(function* () {
      const keys = yield* ApiKeys
      yield* keys.presetKey("0123456789abcdef", "TENDARR_API_KEY")
      const isOut = yield* watch(yield* keys.authenticate("0123456789abcdef"))
      yield* keys.presetKey(null, "TENDARR_API_KEY")
      assert.isTrue(yield* isOut)
    }).pipe(Effect.provide(AccessTest))
  )

  it.effect("with a key that was revoked just before is invalid at once", () =>
    Effect.gen(function* () {
      const keys = yield* ApiKeys
      const { apiKey, key } = yield* keys.create({ name: "One", scope: "read" })
      const principal = yield* keys.authenticate(key)
      yield* keys.revoke(apiKey.id)
      assert.isTrue(yield* yield* watch(principal))
    }).pipe(Effect.provide(AccessTest))
  )

  it.effect("stays valid if a revocation is rolled back, and becomes invalid after a committed one", () =>
    Effect.gen(function* () {
      const keys = yield* ApiKeys
      const sql = yield* SqlClient.SqlClient
      const { apiKey, key } = yield* keys.create({ name: "One", scope: "read" })
      const isOut = yield* watch(yield* keys.authenticate(key))
      yield* Effect.exit(sql.withTransaction(Effect.andThen(keys.revoke(apiKey.id), Effect.fail("no"))))
      assert.isFalse(yield* isOut)
      yield* sql.withTransaction(keys.revoke(apiKey.id))
      assert.isTrue(yield* isOut)
    }).pipe(Effect.provide(AccessTest))
  )

  it.effect("with a key becomes invalid when it expires", () =>
    Effect.gen(function* () {
      const keys = yield* ApiKeys
      const { key } = yield* keys.create({ name: "Guest", scope: "read", expiresAt: "1970-01-01T01:00:00.000Z" })
      const isOut = yield* watch(yield* keys.authenticate(key))
      yield* TestClock.adjust("3599 seconds")
      assert.isFalse(yield* isOut)
      yield* TestClock.adjust("1 second")
      assert.isTrue(yield* isOut)
    }).pipe(Effect.provide(AccessTest))
  )

  it.effect("with a session becomes invalid when it is signed out, revoked, or expires unused", () =>
    Effect.gen(function* () {
      yield* (yield* Settings).patch(AccessSettings, { sessionHours: 1 })
      const accounts = yield* Accounts
      const sessions = yield* Sessions
      const first = yield* signIn("ada")
      const second = yield* accounts.login("ada", password, origin)
      const third = yield* accounts.login("ada", password, origin)
      const out = yield* Effect.forEach([first, second, third], ({ token }) => Effect.flatMap(sessionOf(token), watch))
      yield* sessions.logout(first.token)
      assert.deepStrictEqual(yield* Effect.all(out), [true, false, false])
      yield* sessions.revoke(second.account.id, second.session.id)
      assert.deepStrictEqual(yield* Effect.all(out), [true, true, false])
      yield* TestClock.adjust("50 minutes")
      yield* sessions.authenticate(third.token)
      yield* TestClock.adjust("59 minutes")
      assert.deepStrictEqual(yield* Effect.all(out), [true, true, false])
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* Effect.all(out), [true, true, true])
    }).pipe(Effect.provide(AccessTest))
  )

  it.effect("with another session becomes invalid when the password is changed, and all do when it is reset", () =>
    Effect.gen(function* () {
      const accounts = yield* Accounts
      const here = yield* signIn("ada")
      const elsewhere = yield* accounts.login("ada", password, origin)
      const isOut = yield* watch(yield* sessionOf(here.token))
      const isElsewhereOut = yield* watch(yield* sessionOf(elsewhere.token))
      const change = { currentPassword: password, newPassword: "another valid one" }
      yield* accounts.changePassword(here.account.id, change, here.session.id)
      assert.deepStrictEqual([yield* isOut, yield* isElsewhereOut], [false, true])
      yield* accounts.resetPassword("ada", password)
      assert.isTrue(yield* isOut)
    }).pipe(Effect.provide(AccessTest))
  )

  it.effect("stays valid as the process itself", () =>
    Effect.gen(function* () {
      const isOut = yield* watch(localPrincipal)
      yield* TestClock.adjust("400 days")
      assert.isFalse(yield* isOut)
    }).pipe(Effect.provide(AccessTest))
  )
})
