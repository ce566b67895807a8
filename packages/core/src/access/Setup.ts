/**
 * Access at the first start, when no account exists: the server prints a one-time key, with which the first account is
 * created. Until then, nothing is open.
 */
import { Context, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { Actor } from "../events/Actor.ts"
import { EventLog } from "../events/EventLog.ts"
import { nowIso } from "../problems/Instants.ts"
import type { InvalidRequest } from "../problems/Problem.ts"
import { ReadSql } from "../storage/Database.ts"
import { transacting } from "../storage/Transactions.ts"
import { AlreadyInitialized, SetupKeyInvalid, type UsernameTaken } from "./AccessErrors.ts"
import { AccessEvents } from "./AccessEvents.ts"
import { type Account, accountActor } from "./Account.ts"
import { Accounts } from "./Accounts.ts"
import { addressKey } from "./ClientAddress.ts"
import { makeSignInRefusals } from "./SignInRefusals.ts"
import { RateLimiter, type TooManyRequests } from "./RateLimiter.ts"
import { hashToken, normaliseReadableToken, randomReadableToken, sameHash } from "./Token.ts"

export const SetupState = Schema.Struct({
  /** Whether an account exists. */
  initialized: Schema.Boolean
}).annotate({ identifier: "SetupState" })
export type SetupState = typeof SetupState.Type

export class Setup extends Context.Service<
  Setup,
  {
    readonly state: Effect.Effect<SetupState>
    /**
     * A new one-time key while nobody can sign in (no account, no admin key), else `null`. Called at every start: only
     * the hash of a key is stored, so a key that was printed before is replaced and no longer valid.
     */
    readonly ensureSetupKey: Effect.Effect<string | null>
    /** Creates the first account and invalidates the key. */
    readonly redeem: (
      setupKey: string,
      username: string,
      password: string,
      address: string | null
    ) => Effect.Effect<Account, SetupKeyInvalid | AlreadyInitialized | InvalidRequest | TooManyRequests>
    /** The first account, from the environment; `null` if an account exists already, which is left unchanged. */
    readonly presetAccount: (username: string, password: string) => Effect.Effect<Account | null, InvalidRequest>
  }
>()("tendarr/access/Setup") {
  static readonly layer = Layer.effect(
    Setup,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const transact = transacting(sql)
      const readSql = yield* ReadSql
      const events = yield* EventLog
      const accounts = yield* Accounts
      const limiter = yield* RateLimiter
      const refusals = makeSignInRefusals(events, limiter)

      const hasAccount = (client: SqlClient.SqlClient) =>
        client`SELECT id FROM accounts LIMIT 1`.pipe(
          Effect.orDie,
          Effect.map((rows) => rows.length > 0)
        )

      const hasAdminKey = Effect.gen(function* () {
        const now = yield* nowIso
        const rows = yield* sql`SELECT id FROM api_keys
          WHERE scope = 'admin' AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ${now}) LIMIT 1`
        return rows.length > 0
      })

      const requireNoAccount = Effect.gen(function* () {
        if (yield* hasAccount(sql)) return yield* new AlreadyInitialized()
      })

      const ensureSetupKey = transact(
        Effect.gen(function* () {
          yield* sql`DELETE FROM setup_keys WHERE used_at IS NULL`
          if ((yield* hasAccount(sql)) || (yield* hasAdminKey)) return null
          const key = yield* randomReadableToken
          const now = yield* nowIso
          yield* sql`INSERT INTO setup_keys (key_hash, created_at) VALUES (${hashToken(key)}, ${now})`
          yield* events.append(
            AccessEvents.setupKeyCreated.make({
              message: "A one-time set-up key was printed because no account exists yet"
            })
          )
          return key
        })
      ).pipe(Effect.withSpan("Setup.ensureSetupKey"))

      /** Invalidates the key, in the transaction that creates the account. */
      const claim = Effect.fn("Setup.claim")(function* (hash: string) {
        yield* requireNoAccount
        const now = yield* nowIso
        const rows = yield* sql`UPDATE setup_keys SET used_at = ${now}
          WHERE key_hash = ${hash} AND used_at IS NULL RETURNING key_hash`.pipe(Effect.orDie)
        if (rows.length === 0) return yield* new SetupKeyInvalid()
      })

      const redeem = Effect.fn("Setup.redeem")(function* (
        setupKey: string,
        username: string,
        password: string,
        address: string | null
      ) {
        const rateKey = address === null ? "unknown" : addressKey(address)
        yield* Effect.tapError(limiter.check("setup", rateKey), () =>
          refusals.logLimit(AccessEvents.setupLimited, address, rateKey)
        )
        if (yield* hasAccount(readSql)) return yield* new AlreadyInitialized()
        const hash = hashToken(normaliseReadableToken(setupKey.slice(0, 64)))
        const keys = yield* readSql<{ keyHash: string }>`
          SELECT key_hash AS "keyHash" FROM setup_keys WHERE used_at IS NULL`.pipe(Effect.orDie)
        if (!keys.some(({ keyHash }) => sameHash(keyHash, hash))) {
          yield* refusals.log(
            AccessEvents.setupRefused.make({
              message: `A wrong set-up key from ${address ?? "an unknown address"} was refused`,
              payload: { address }
            })
          )
          return yield* new SetupKeyInvalid()
        }
        // A person with the right key may need several attempts to choose an acceptable password.
        yield* limiter.forget("setup", rateKey)
        return yield* accounts.create(username, password, claim(hash)).pipe(
          Effect.catchTag("UsernameTaken", () => new AlreadyInitialized()),
          Effect.provideService(Actor, accountActor(username))
        )
      })

      const presetAccount = Effect.fn("Setup.presetAccount")(function* (username: string, password: string) {
        if (yield* hasAccount(readSql)) return null
        const created: Effect.Effect<Account, InvalidRequest | UsernameTaken | AlreadyInitialized> = accounts.create(
          username,
          password,
          requireNoAccount
        )
        return yield* created.pipe(Effect.catchTag(["UsernameTaken", "AlreadyInitialized"], () => Effect.succeed(null)))
      })

      return Setup.of({
        state: Effect.map(hasAccount(readSql), (initialized) => ({ initialized })),
        ensureSetupKey,
        redeem,
        presetAccount
      })
    })
  )
}
