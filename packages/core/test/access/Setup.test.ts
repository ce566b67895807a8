import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import { TestClock } from "effect/testing"
import { Accounts } from "../../src/access/Accounts.ts"
import { ApiKeys } from "../../src/access/ApiKeys.ts"
import { Setup } from "../../src/access/Setup.ts"
import { RecordedEvents } from "../settings/RecordedEvents.ts"
import { AccessTest, origin, password } from "./AccessTest.ts"

const newKey = Effect.gen(function* () {
  const key = yield* (yield* Setup).ensureSetupKey
  return key ?? assert.fail("no set-up key was made")
})

const { address } = origin

describe("Setup", () => {
  it.effect("creates one key, which is valid for one account", () =>
    Effect.gen(function* () {
      const setup = yield* Setup
      assert.deepStrictEqual(yield* setup.state, { initialized: false })
      const key = yield* newKey
      assert.match(key, /^([0-9A-HJKMNP-TV-Z]{5}-){3}[0-9A-HJKMNP-TV-Z]{5}$/)
      const account = yield* setup.redeem(key, "ada", password, address)
      assert.strictEqual(account.username, "ada")
      assert.deepStrictEqual(yield* setup.state, { initialized: true })
      yield* (yield* Accounts).login("ada", password, origin)
      const again = yield* Effect.flip(setup.redeem(key, "eve", password, address))
      assert.strictEqual(again._tag, "AlreadyInitialized")
      assert.strictEqual(yield* setup.ensureSetupKey, null)
      const created = (yield* RecordedEvents).all.find(({ type }) => type === "account.created")
      assert.strictEqual(created?.actor, "account:ada")
    }).pipe(Effect.provide(AccessTest))
  )

  it.effect("accepts the key as a person may type it", () =>
    Effect.gen(function* () {
      const key = yield* newKey
      const typed = ` ${key.toLowerCase().replaceAll("-", " ").replaceAll("0", "o").replaceAll("1", "l")} `
      yield* (yield* Setup).redeem(typed, "ada", password, address)
    }).pipe(Effect.provide(AccessTest))
  )

  it.effect("refuses any other key, and the one that an earlier start printed", () =>
    Effect.gen(function* () {
      const setup = yield* Setup
      const earlier = yield* newKey
      const key = yield* newKey
      for (const wrong of ["", earlier, key.slice(0, -1)]) {
        const refused = yield* Effect.flip(setup.redeem(wrong, "ada", password, address))
        assert.strictEqual(refused._tag, "SetupKeyInvalid")
        if (refused._tag === "SetupKeyInvalid") assert.strictEqual(refused.status, 403)
      }
      assert.deepStrictEqual(yield* setup.state, { initialized: false })
      yield* setup.redeem(key, "ada", password, address)
    }).pipe(Effect.provide(AccessTest))
  )

  it.effect("keeps the key for another attempt if the account cannot be created", () =>
    Effect.gen(function* () {
      const setup = yield* Setup
      const key = yield* newKey
      for (let attempt = 0; attempt < 6; attempt++) {
        const refused = yield* Effect.flip(setup.redeem(key, "a", "short", address))
        assert.strictEqual(refused._tag, "InvalidRequest")
      }
      yield* setup.redeem(key, "ada", password, address)
    }).pipe(Effect.provide(AccessTest))
  )

  it.effect("creates one account if the key is used twice concurrently", () =>
    Effect.gen(function* () {
      const setup = yield* Setup
      const key = yield* newKey
      const redeem = (username: string) => Effect.result(setup.redeem(key, username, password, address))
      const results = yield* Effect.all([redeem("ada"), redeem("eve")], { concurrency: 2 })
      assert.strictEqual(results.filter(Result.isSuccess).length, 1)
      assert.deepStrictEqual(
        results.flatMap((result) => (Result.isFailure(result) ? [result.failure._tag] : [])),
        ["AlreadyInitialized"]
      )
      assert.strictEqual((yield* (yield* Accounts).list).length, 1)
    }).pipe(Effect.provide(AccessTest))
  )

  it.effect("refuses attempts after five failures, for a quarter of an hour", () =>
    Effect.gen(function* () {
      const setup = yield* Setup
      const key = yield* newKey
      for (let index = 0; index < 5; index++) yield* Effect.flip(setup.redeem("wrong", "ada", password, address))
      const limited = yield* Effect.flip(setup.redeem(key, "ada", password, address))
      assert.strictEqual(limited._tag, "TooManyRequests")
      if (limited._tag === "TooManyRequests") assert.strictEqual(limited.retryAfterSeconds, 900)
      yield* TestClock.adjust("15 minutes")
      yield* setup.redeem(key, "ada", password, address)
    }).pipe(Effect.provide(AccessTest))
  )

  it.effect("creates no key while an admin key works", () =>
    Effect.gen(function* () {
      const setup = yield* Setup
      const keys = yield* ApiKeys
      const stale = yield* newKey
      yield* keys.create({ name: "Dashboard", scope: "operate" })
      assert.notStrictEqual(yield* setup.ensureSetupKey, null)
      yield* keys.presetKey("0123456789abcdef", "TENDARR_API_KEY")
      assert.strictEqual(yield* setup.ensureSetupKey, null)
      yield* Effect.flip(setup.redeem(stale, "ada", password, address))
      yield* keys.presetKey(null, "TENDARR_API_KEY")
      assert.notStrictEqual(yield* setup.ensureSetupKey, null)
    }).pipe(Effect.provide(AccessTest))
  )

  it.effect("creates the first account from the environment, once", () =>
    Effect.gen(function* () {
      const setup = yield* Setup
      const accounts = yield* Accounts
      yield* Effect.flip(setup.presetAccount("ada", "short"))
      const made = yield* setup.presetAccount("ada", password)
      assert.strictEqual(made?.username, "ada")
      assert.strictEqual(yield* setup.ensureSetupKey, null)
      assert.strictEqual(yield* setup.presetAccount("ada", "another valid one"), null)
      assert.strictEqual(yield* setup.presetAccount("eve", password), null)
      assert.strictEqual((yield* accounts.list).length, 1)
      yield* accounts.login("ada", password, origin)
    }).pipe(Effect.provide(AccessTest))
  )
})
