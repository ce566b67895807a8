/** All services of access over an empty database, with a cheap key derivation. */
import { Effect, Layer } from "effect"
import { Accounts } from "../../src/access/Accounts.ts"
import { ApiKeys } from "../../src/access/ApiKeys.ts"
import { KnownDevices } from "../../src/access/KnownDevices.ts"
import { Password, PasswordCost } from "../../src/access/Password.ts"
import { RateLimiter } from "../../src/access/RateLimiter.ts"
import { Sessions } from "../../src/access/Sessions.ts"
import { Setup } from "../../src/access/Setup.ts"
import { Validity } from "../../src/access/Validity.ts"
import { RecordedEvents } from "../settings/RecordedEvents.ts"
import { SqlTest, type SqlTestServices } from "../support/Sql.ts"
import { SettingsTest } from "../support/SettingsTest.ts"

export const cheapCost = { N: 16, r: 8, p: 1 }

export const CheapPassword = Password.layer.pipe(Layer.provide(Layer.succeed(PasswordCost, cheapCost)))

/** Builds access over a given `Password` and database. */
export const accessWith = (
  password: Layer.Layer<Password>,
  database: Layer.Layer<SqlTestServices, Layer.Error<typeof SqlTest>> = SqlTest
) =>
  Setup.layer.pipe(
    Layer.provideMerge(Accounts.layer),
    Layer.provideMerge(Layer.mergeAll(Sessions.layer, ApiKeys.layer)),
    Layer.provideMerge(Layer.mergeAll(SettingsTest, password, RateLimiter.layer, Validity.layer, KnownDevices.layer)),
    Layer.provideMerge(RecordedEvents.layer),
    Layer.provideMerge(database)
  )

export const AccessTest = accessWith(CheapPassword)

export const password = "correct horse battery staple"
export const origin = { address: "203.0.113.7", userAgent: "Test/1.0" }

/** Creates an account and signs it in. */
export const signIn = Effect.fnUntraced(function* (username: string) {
  const accounts = yield* Accounts
  yield* accounts.create(username, password)
  return yield* accounts.login(username, password, origin)
})
