import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { Accounts } from "../../src/access/Accounts.ts"
import { ApiKeys } from "../../src/access/ApiKeys.ts"
import { Sessions } from "../../src/access/Sessions.ts"
import { Setup } from "../../src/access/Setup.ts"
import { RecordedEvents } from "../settings/RecordedEvents.ts"
import { AccessTest, origin, password } from "./AccessTest.ts"

/** The content of the database as text. */
const everything = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const tables = yield* sql<{ name: string }>`SELECT name FROM sqlite_master WHERE type = 'table'`
  const rows = yield* Effect.forEach(tables, ({ name }) => sql`SELECT * FROM ${sql(name)}`)
  return JSON.stringify(rows)
})

describe("Secrets", () => {
  it.effect("appear neither in the database nor in any event", () =>
    Effect.gen(function* () {
      const accounts = yield* Accounts
      const keys = yield* ApiKeys
      const sessions = yield* Sessions
      const setup = yield* Setup
      const preset = "preset-key-0123456789"
      const changed = "another good password"
      const mistyped = "typed-into-the-wrong-field"

      const setupKey = (yield* setup.ensureSetupKey) ?? assert.fail("no set-up key was made")
      yield* keys.presetKey(preset, "TENDARR_API_KEY")
      const setupKeyInUse = [yield* everything]
      const account = yield* accounts.create("ada", password)
      const first = yield* accounts.login("ada", password, origin)
      yield* Effect.flip(accounts.login(mistyped, "x", origin))
      yield* Effect.flip(accounts.login("ada", mistyped, origin))
      const change = { currentPassword: password, newPassword: changed }
      yield* accounts.changePassword(account.id, change, first.session.id)
      const second = yield* accounts.login("ada", changed, origin)
      yield* sessions.logout(second.token)
      const { apiKey, key } = yield* keys.create({ name: "Dashboard", scope: "read" })
      yield* keys.authenticate(key)
      yield* keys.revoke(apiKey.id)

      const events = JSON.stringify((yield* RecordedEvents).all)
      const held = [...setupKeyInUse, yield* everything].join("\n")
      assert.include(held, "Dashboard")
      assert.include(events, "Dashboard")
      const secrets = { setupKey, preset, password, changed, mistyped, first: first.token, second: second.token, key }
      for (const [name, secret] of Object.entries(secrets)) {
        assert.notInclude(held, secret, `${name} in the database`)
        assert.notInclude(events, secret, `${name} in an event`)
      }
      assert.notInclude(held, setupKey.replaceAll("-", ""))
    }).pipe(Effect.provide(AccessTest))
  )
})
