import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { Accounts } from "../../src/access/Accounts.ts"
import { maximumDevices } from "../../src/access/KnownDevices.ts"
import { Password, PasswordCost } from "../../src/access/Password.ts"
import { rateLimits } from "../../src/access/RateLimiter.ts"
import { Sessions } from "../../src/access/Sessions.ts"
import { RecordedEvents } from "../settings/RecordedEvents.ts"
import { AccessTest, accessWith, CheapPassword, origin, password, signIn } from "./AccessTest.ts"

describe("Creating an account", () => {
  it.effect("stores the password as a hash and logs the new account", () =>
    Effect.gen(function* () {
      const accounts = yield* Accounts
      const sql = yield* SqlClient.SqlClient
      const account = yield* accounts.create("ada", password)
      assert.deepStrictEqual(yield* accounts.list, [account])
      assert.deepStrictEqual(yield* accounts.get(account.id), account)
      const rows = yield* sql<{ hash: string }>`SELECT password_hash AS hash FROM accounts`
      assert.match(rows[0]?.hash ?? "", /^scrypt\$/)
      const { all } = yield* RecordedEvents
      assert.deepStrictEqual(
        all.map(({ category, type }) => [category, type]),
        [["access", "account.created"]]
      )
    }).pipe(Effect.provide(AccessTest))
  )

  it.effect("names all faults of a username and a password at once", () =>
    Effect.gen(function* () {
      const accounts = yield* Accounts
      const refused = yield* Effect.flip(accounts.create("a!", "short"))
      assert.strictEqual(refused._tag, "InvalidRequest")
      if (refused._tag !== "InvalidRequest") return
      assert.deepStrictEqual(refused.errors, [
        { path: ["payload", "username"], message: "must have at least 3 characters" },
        { path: ["payload", "username"], message: "may contain only letters, digits and . _ @ -" },
        { path: ["payload", "password"], message: "must have at least 8 characters" }
      ])
      yield* Effect.flip(accounts.create("a".repeat(65), password))
      yield* Effect.flip(accounts.create("ada", "x".repeat(1025)))
      yield* Effect.flip(accounts.create("ada lovelace", password))
      assert.deepStrictEqual(yield* accounts.list, [])
      yield* accounts.create("ada.l@example-1_x", "x".repeat(1024))
      yield* accounts.create("bob", "12345678")
    }).pipe(Effect.provide(AccessTest))
  )

  it.effect("ignores the case of a username", () =>
    Effect.gen(function* () {
      const accounts = yield* Accounts
      yield* accounts.create("Ada", password)
      const refused = yield* Effect.flip(accounts.create("ada", password))
      assert.strictEqual(refused._tag, "UsernameTaken")
      const signedIn = yield* accounts.login("ADA", password, origin)
      assert.strictEqual(signedIn.account.username, "Ada")
    }).pipe(Effect.provide(AccessTest))
  )
})

/** Records verifications with their hashes. */
const counting = (verified: Array<string>) =>
  Layer.effect(
    Password,
    Effect.map(Password, (real) => ({
      ...real,
      verify: (given: string, encoded: string) =>
        Effect.suspend(() => {
          verified.push(encoded)
          return real.verify(given, encoded)
        })
    }))
  ).pipe(Layer.provide(CheapPassword))

describe("Signing in", () => {
  it.effect("returns a token that authenticates as the account", () =>
    Effect.gen(function* () {
      const { account, session, token } = yield* signIn("ada")
      assert.match(token, /^[\w-]{43}$/)
      const authenticated = yield* (yield* Sessions).authenticate(token)
      assert.deepStrictEqual(authenticated.principal, {
        type: "account",
        id: account.id,
        name: "ada",
        scope: "admin",
        actor: "account:ada",
        sessionId: session.id
      })
      const started = (yield* RecordedEvents).all.find(({ type }) => type === "session.started")
      assert.strictEqual(started?.actor, "account:ada")
      assert.deepStrictEqual(started?.payload, { accountId: account.id, ...origin })
    }).pipe(Effect.provide(AccessTest))
  )

  it.effect("takes as long and fails in the same way for an unknown username as for a wrong password", () => {
    const verified: Array<string> = []
    return Effect.gen(function* () {
      const accounts = yield* Accounts
      yield* accounts.create("ada", password)
      const wrong = yield* Effect.flip(accounts.login("ada", "not the password", origin))
      const unknown = yield* Effect.flip(accounts.login("eve", password, origin))
      assert.strictEqual(wrong._tag, "InvalidCredentials")
      assert.deepStrictEqual({ ...unknown }, { ...wrong })
      assert.strictEqual(verified.length, 2)
      const costs = verified.map((encoded) => encoded.split("$").slice(0, 4))
      assert.deepStrictEqual(costs[0], costs[1])
      const refused = (yield* RecordedEvents).all.filter(({ type }) => type === "session.refused")
      assert.deepStrictEqual(
        refused.map(({ payload, severity }) => [severity, payload?.["username"]]),
        [
          ["warning", "ada"],
          ["warning", null]
        ]
      )
    }).pipe(Effect.provide(accessWith(counting(verified))))
  })

  it.effect("logs refused attempts, and once that a limit was reached, however many there are", () =>
    Effect.gen(function* () {
      const accounts = yield* Accounts
      const { all } = yield* RecordedEvents
      const ofType = (wanted: string) => all.filter(({ type }) => type === wanted)
      for (let attempt = 0; attempt < 25; attempt += 1) yield* Effect.flip(accounts.login("ada", "wrong", origin))
      assert.lengthOf(ofType("session.refused"), rateLimits.login.attempts)
      assert.deepStrictEqual(
        ofType("session.limited").map(({ payload, severity }) => [severity, payload]),
        [["warning", { address: origin.address }]]
      )
      // From any number of addresses, with any number of usernames.
      for (let attempt = 0; attempt < 400; attempt += 1) {
        const address = `10.0.${attempt >> 8}.${attempt & 255}`
        yield* Effect.flip(accounts.login(`name${attempt}`, "wrong", { ...origin, address }))
      }
      assert.lengthOf(ofType("session.refused"), rateLimits["refusals-logged"].attempts)
    }).pipe(Effect.provide(AccessTest))
  )

  it.effect("refuses a password that is far too long without hashing it", () => {
    const verified: Array<string> = []
    return Effect.gen(function* () {
      const refused = yield* Effect.flip((yield* Accounts).login("ada", "x".repeat(1_000_000), origin))
      assert.strictEqual(refused._tag, "InvalidCredentials")
      assert.deepStrictEqual(verified, [])
    }).pipe(Effect.provide(accessWith(counting(verified))))
  })

  it.effect("hashes the password again when the cost has changed", () => {
    const old = Password.layer.pipe(Layer.provide(Layer.succeed(PasswordCost, { N: 32, r: 8, p: 1 })))
    return Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const accounts = yield* Accounts
      yield* accounts.create("ada", password)
      const oldHash = yield* Effect.provide(
        Password.use((passwords) => passwords.hash(password)),
        Layer.fresh(old)
      )
      yield* sql`UPDATE accounts SET password_hash = ${oldHash}`
      yield* accounts.login("ada", password, origin)
      const rows = yield* sql<{ hash: string }>`SELECT password_hash AS hash FROM accounts`
      assert.isTrue(rows[0]?.hash.startsWith("scrypt$16$"))
      yield* accounts.login("ada", password, origin)
    }).pipe(Effect.provide(AccessTest))
  })

  it.effect("does not start a session when the password was changed while it was verified", () => {
    const racing = Layer.effect(
      Password,
      Effect.gen(function* () {
        const real = yield* Password
        return {
          ...real,
          verify: (given: string, encoded: string) => Effect.tap(real.verify(given, encoded), () => meanwhile)
        }
      })
    ).pipe(Layer.provide(CheapPassword))
    let meanwhile: Effect.Effect<void> = Effect.void
    return Effect.gen(function* () {
      const accounts = yield* Accounts
      const sql = yield* SqlClient.SqlClient
      const account = yield* accounts.create("ada", password)
      meanwhile = sql`UPDATE accounts SET password_hash = 'another'`.pipe(Effect.orDie, Effect.asVoid)
      const refused = yield* Effect.flip(accounts.login("ada", password, origin))
      assert.strictEqual(refused._tag, "InvalidCredentials")
      assert.deepStrictEqual(yield* (yield* Sessions).list(account.id), [])
    }).pipe(Effect.provide(accessWith(racing)))
  })
})

describe("Guessing passwords", () => {
  const guess = Effect.fnUntraced(function* (username: string, address: string) {
    const accounts = yield* Accounts
    return yield* Effect.flip(accounts.login(username, "wrong password", { ...origin, address }))
  })

  /** As many strangers as necessary, each from a different address. */
  const strangers = Effect.fnUntraced(function* (username: string, attempts: number) {
    for (let host = 0; host < attempts; host++) {
      assert.strictEqual((yield* guess(username, `203.0.113.${host}`))._tag, "InvalidCredentials")
    }
  })

  it.effect("is stopped for all unknown devices of an account after thirty attempts from anywhere", () =>
    Effect.gen(function* () {
      const accounts = yield* Accounts
      yield* accounts.create("ada", password)
      yield* strangers("ada", 30)
      const limited = yield* Effect.flip(accounts.login("ADA", password, { ...origin, address: "198.51.100.1" }))
      assert.strictEqual(limited._tag, "LoginLimited")
      if (limited._tag === "LoginLimited") {
        assert.strictEqual(limited.status, 429)
        assert.strictEqual(limited.retryAfterSeconds, 900)
      }
      yield* TestClock.adjust("15 minutes")
      yield* accounts.login("ada", password, origin)
    }).pipe(Effect.provide(AccessTest))
  )

  it.effect("by strangers does not lock out an address that has signed in before", () =>
    Effect.gen(function* () {
      const accounts = yield* Accounts
      yield* accounts.create("ada", password)
      const home = { ...origin, address: "2001:db8:0:1::1" }
      yield* accounts.login("ada", password, home)
      yield* TestClock.adjust("20 days")
      for (let round = 0; round < 3; round++) {
        yield* strangers("ada", 30)
        assert.strictEqual((yield* guess("ada", "198.51.100.1"))._tag, "LoginLimited")
        yield* accounts.login("ada", password, { ...home, address: "2001:db8:0:1::7" })
        yield* TestClock.adjust("15 minutes")
      }
      // It has its own ten attempts, like any address.
      for (let attempt = 0; attempt < 10; attempt++) {
        assert.strictEqual((yield* guess("ada", home.address))._tag, "InvalidCredentials")
      }
      assert.strictEqual((yield* guess("ada", home.address))._tag, "LoginLimited")
    }).pipe(Effect.provide(AccessTest))
  )

  it.effect("by strangers does not lock out a browser that has signed in before, wherever it is", () =>
    Effect.gen(function* () {
      const accounts = yield* Accounts
      yield* accounts.create("ada", password)
      const { deviceToken } = yield* accounts.login("ada", password, origin)
      yield* strangers("ada", 30)
      // As behind a proxy, with one address for all clients.
      const shared = { ...origin, address: "198.51.100.9", deviceToken }
      for (let attempt = 0; attempt < 10; attempt++) yield* guess(`user${attempt}`, shared.address)
      assert.strictEqual((yield* guess("ada", shared.address))._tag, "LoginLimited")
      const again = yield* accounts.login("ada", password, shared)
      assert.isNull(again.deviceToken, "it keeps the one that it has")
      for (let attempt = 0; attempt < 10; attempt++) yield* Effect.flip(accounts.login("ada", "wrong", shared))
      assert.strictEqual((yield* Effect.flip(accounts.login("ada", password, shared)))._tag, "LoginLimited")
    }).pipe(Effect.provide(AccessTest))
  )

  it.effect("is limited in the same way with a device of another account, or an invented one", () =>
    Effect.gen(function* () {
      const accounts = yield* Accounts
      yield* accounts.create("ada", password)
      yield* accounts.create("eve", password)
      const eve = yield* accounts.login("eve", password, { ...origin, address: "198.51.100.66" })
      yield* strangers("ada", 30)
      for (const deviceToken of [eve.deviceToken, "made up", "", "x".repeat(10_000)]) {
        const attempt = accounts.login("ada", password, { ...origin, address: "198.51.100.66", deviceToken })
        assert.strictEqual((yield* Effect.flip(attempt))._tag, "LoginLimited")
      }
    }).pipe(Effect.provide(AccessTest))
  )

  it.effect("does not grow the list of known devices, in which a program without cookies has one entry", () =>
    Effect.gen(function* () {
      const accounts = yield* Accounts
      const sql = yield* SqlClient.SqlClient
      const places = Effect.map(sql`SELECT id FROM known_devices`, ({ length }) => length)
      yield* accounts.create("ada", password)
      const { deviceToken } = yield* accounts.login("ada", password, origin)
      yield* accounts.login("ada", password, { ...origin, deviceToken })
      for (let round = 0; round < 5; round++) yield* accounts.login("ada", password, origin)
      assert.strictEqual(yield* places, 2)
      for (let host = 0; host < 120; host++) {
        yield* accounts.login("ada", password, { ...origin, address: `10.0.0.${host}` })
        yield* TestClock.adjust("1 minute")
      }
      assert.strictEqual(yield* places, maximumDevices)
      yield* TestClock.adjust("401 days")
      yield* accounts.login("ada", password, origin)
      assert.strictEqual(yield* places, 1)
    }).pipe(Effect.provide(AccessTest))
  )

  it.effect("in a session's change of password has its own limit, independent of strangers", () =>
    Effect.gen(function* () {
      const accounts = yield* Accounts
      const { account, session } = yield* signIn("ada")
      yield* strangers("ada", 30)
      const change = { currentPassword: password, newPassword: "another valid one" }
      yield* accounts.changePassword(account.id, change, session.id)
    }).pipe(Effect.provide(AccessTest))
  )

  it.effect("is stopped for an address after ten attempts on any account, and for its whole IPv6 network", () =>
    Effect.gen(function* () {
      const accounts = yield* Accounts
      yield* accounts.create("ada", password)
      for (let index = 1; index <= 10; index++) yield* guess(`user${index}`, `2001:db8::${index}`)
      const limited = yield* guess("ada", "2001:db8::ffff")
      assert.strictEqual(limited._tag, "LoginLimited")
      yield* accounts.login("ada", password, { ...origin, address: "2001:db8:0:1::1" })
    }).pipe(Effect.provide(AccessTest))
  )

  it.effect("is no longer counted after a success", () =>
    Effect.gen(function* () {
      const accounts = yield* Accounts
      yield* accounts.create("ada", password)
      for (let round = 0; round < 3; round++) {
        for (let index = 0; index < 9; index++) yield* guess("ada", origin.address)
        yield* accounts.login("ada", password, origin)
      }
    }).pipe(Effect.provide(AccessTest))
  )
})

describe("Changing a password", () => {
  it.effect("ends all other sessions, and the old password", () =>
    Effect.gen(function* () {
      const accounts = yield* Accounts
      const sessions = yield* Sessions
      const here = yield* signIn("ada")
      const elsewhere = yield* accounts.login("ada", password, origin)
      const change = { currentPassword: password, newPassword: "another valid one" }
      yield* accounts.changePassword(here.account.id, change, here.session.id)
      yield* sessions.authenticate(here.token)
      assert.strictEqual((yield* Effect.flip(sessions.authenticate(elsewhere.token)))._tag, "Unauthorized")
      yield* Effect.flip(accounts.login("ada", password, origin))
      yield* accounts.login("ada", "another valid one", origin)
    }).pipe(Effect.provide(AccessTest))
  )

  it.effect("needs the current password and a good new one", () =>
    Effect.gen(function* () {
      const accounts = yield* Accounts
      const { account, session } = yield* signIn("ada")
      const change = (currentPassword: string, newPassword: string) =>
        Effect.flip(accounts.changePassword(account.id, { currentPassword, newPassword }, session.id))
      const short = yield* change(password, "short")
      assert.deepStrictEqual(short._tag === "InvalidRequest" ? short.errors.map(({ path }) => path) : [], [
        ["payload", "newPassword"]
      ])
      for (let index = 0; index < 10; index++) {
        assert.strictEqual((yield* change("wrong password", "another valid one"))._tag, "WrongPassword")
      }
      assert.strictEqual((yield* change(password, "another valid one"))._tag, "LoginLimited")
      const unknown = accounts.changePassword("99", { currentPassword: password, newPassword: password }, null)
      assert.strictEqual((yield* Effect.flip(unknown))._tag, "AccountNotFound")
    }).pipe(Effect.provide(AccessTest))
  )

  it.effect("is possible without the old one for the owner of the process, and ends all sessions", () =>
    Effect.gen(function* () {
      const accounts = yield* Accounts
      const { token } = yield* signIn("ada")
      yield* accounts.resetPassword("Ada", "another valid one")
      yield* Effect.flip((yield* Sessions).authenticate(token))
      yield* accounts.login("ada", "another valid one", origin)
      assert.strictEqual((yield* Effect.flip(accounts.resetPassword("eve", password)))._tag, "AccountNotFound")
    }).pipe(Effect.provide(AccessTest))
  )
})

describe("Changing a username", () => {
  it.effect("keeps the sessions, which have the new name from then on", () =>
    Effect.gen(function* () {
      const accounts = yield* Accounts
      const { account, token } = yield* signIn("ada")
      const renamed = yield* accounts.changeUsername(account.id, "Ada")
      assert.strictEqual(renamed.username, "Ada")
      const { principal } = yield* (yield* Sessions).authenticate(token)
      assert.strictEqual(principal.actor, "account:Ada")
    }).pipe(Effect.provide(AccessTest))
  )

  it.effect("refuses a name that is taken or invalid", () =>
    Effect.gen(function* () {
      const accounts = yield* Accounts
      yield* accounts.create("bob", password)
      const { account } = yield* signIn("ada")
      const taken = yield* Effect.flip(accounts.changeUsername(account.id, "BOB"))
      assert.strictEqual(taken._tag, "UsernameTaken")
      const invalid = yield* Effect.flip(accounts.changeUsername(account.id, "a b"))
      assert.deepStrictEqual(invalid._tag === "InvalidRequest" ? invalid.errors[0]?.path : [], ["payload", "username"])
      for (const id of ["99", "", "1; DROP TABLE accounts", "1.0", "NaN"]) {
        assert.strictEqual((yield* Effect.flip(accounts.changeUsername(id, "eve")))._tag, "AccountNotFound")
      }
    }).pipe(Effect.provide(AccessTest))
  )
})
