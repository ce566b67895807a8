/** Accounts and signing in. Password hashes are never derived inside a transaction. */
import { Context, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { Actor } from "../events/Actor.ts"
import { EventLog } from "../events/EventLog.ts"
import { decodeRequest } from "../problems/Decode.ts"
import { nowIso } from "../problems/Instants.ts"
import type { InvalidRequest } from "../problems/Problem.ts"
import { ReadSql } from "../storage/Database.ts"
import { AccountNotFound, InvalidCredentials, LoginLimited, UsernameTaken, WrongPassword } from "./AccessErrors.ts"
import { AccessEvents } from "./AccessEvents.ts"
import { type Account, accountActor } from "./Account.ts"
import { addressKey } from "./ClientAddress.ts"
import { type Device, KnownDevices } from "./KnownDevices.ts"
import { isOverlong, NewAccount, PasswordChange } from "./Credentials.ts"
import { Password } from "./Password.ts"
import { makeSignInRefusals } from "./SignInRefusals.ts"
import { RateLimiter, type TooManyRequests } from "./RateLimiter.ts"
import { rowId } from "../storage/RowId.ts"
import { readableRows, rowFormat, type RowOf } from "../storage/StoredRows.ts"
import { transacting } from "../storage/Transactions.ts"
import { hashToken } from "./Token.ts"
import { type Origin, Sessions, type StartedSession } from "./Sessions.ts"

export interface SignedIn extends StartedSession {
  readonly account: Account
  /** The token that the device must keep; `null` = it has one. */
  readonly deviceToken: string | null
}

export class Accounts extends Context.Service<
  Accounts,
  {
    /** `guard` runs in the transaction that writes the account, before the write; if it fails, nothing is changed. */
    readonly create: <E = never>(
      username: string,
      password: string,
      guard?: Effect.Effect<void, E>
    ) => Effect.Effect<Account, InvalidRequest | UsernameTaken | E>
    readonly list: Effect.Effect<ReadonlyArray<Account>>
    readonly get: (accountId: string) => Effect.Effect<Account, AccountNotFound>
    /**
     * An unknown username takes as long as a wrong password and gets the same response. Attempts are limited per
     * address, and for unknown devices per username too; a device that the account knows has a limit of its own.
     */
    readonly login: (
      username: string,
      password: string,
      origin: Origin
    ) => Effect.Effect<SignedIn, InvalidCredentials | LoginLimited>
    /** Revokes all sessions of the account except `keepSession`. */
    readonly changePassword: (
      accountId: string,
      change: typeof PasswordChange.Encoded,
      keepSession: string | null
    ) => Effect.Effect<void, AccountNotFound | WrongPassword | LoginLimited | InvalidRequest>
    readonly changeUsername: (
      accountId: string,
      username: string
    ) => Effect.Effect<Account, AccountNotFound | UsernameTaken | InvalidRequest>
    /** For the operator of the server who has lost the password. Revokes all sessions of the account. */
    readonly resetPassword: (
      username: string,
      password: string
    ) => Effect.Effect<Account, AccountNotFound | InvalidRequest>
  }
>()("tendarr/access/Accounts") {
  static readonly layer = Layer.effect(
    Accounts,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const readSql = yield* ReadSql
      const events = yield* EventLog
      const passwords = yield* Password
      const sessions = yield* Sessions
      const limiter = yield* RateLimiter
      const devices = yield* KnownDevices
      const refusals = makeSignInRefusals(events, limiter)

      const transact = transacting(sql)

      const findByName = (client: SqlClient.SqlClient, username: string) =>
        client<object>`SELECT ${client.literal(accountColumns)} FROM accounts
          WHERE lower(username) = ${username.toLowerCase()}`.pipe(
          Effect.orDie,
          Effect.flatMap((rows) => readableRows(format, rows)),
          Effect.map((rows) => rows[0])
        )

      const findById = Effect.fn("Accounts.findById")(function* (client: SqlClient.SqlClient, accountId: string) {
        const rows = yield* client<object>`SELECT ${client.literal(accountColumns)} FROM accounts
          WHERE id = ${rowId(accountId)}`.pipe(Effect.orDie)
        return (yield* readableRows(format, rows))[0] ?? (yield* new AccountNotFound({ accountId }))
      })

      const create = Effect.fn("Accounts.create")(function* <E = never>(
        username: string,
        password: string,
        guard: Effect.Effect<void, E> = Effect.void
      ) {
        yield* decodeNewAccount({ username, password })
        const hash = yield* passwords.hash(password)
        return yield* transact(
          Effect.gen(function* () {
            yield* guard
            if ((yield* findByName(sql, username)) !== undefined) return yield* new UsernameTaken({ username })
            const now = yield* nowIso
            const rows = yield* sql<AccountRow>`
              INSERT INTO accounts (username, password_hash, created_at, updated_at)
              VALUES (${username}, ${hash}, ${now}, ${now})
              RETURNING ${sql.literal(accountColumns)}`.pipe(
              Effect.catchReason("SqlError", "UniqueViolation", () => new UsernameTaken({ username }))
            )
            const account = yield* written(rows)
            yield* events.append(
              AccessEvents.accountCreated.make({
                subject: account.id,
                message: `The account ${username} was created`,
                payload: { username }
              })
            )
            return account
          })
        )
      })

      const list = readSql<object>`SELECT ${readSql.literal(accountColumns)} FROM accounts ORDER BY id`.pipe(
        Effect.orDie,
        Effect.flatMap((rows) => readableRows(format, rows)),
        Effect.map((rows) => rows.map(toAccount)),
        Effect.withSpan("Accounts.list")
      )

      const get = Effect.fn("Accounts.get")((accountId: string) => Effect.map(findById(readSql, accountId), toAccount))

      /** Starts the session, unless the password was changed while it was being verified. */
      const admit = (row: AccountRow, rehashed: string | undefined, origin: Origin, device: Device) =>
        transact(
          Effect.gen(function* () {
            const rows = yield* sql`
              UPDATE accounts SET password_hash = ${rehashed ?? row.passwordHash}
              WHERE id = ${row.id} AND password_hash = ${row.passwordHash} RETURNING id`
            if (rows.length === 0) return yield* new InvalidCredentials()
            const started = yield* sessions.start(String(row.id), origin)
            return { ...started, deviceToken: yield* devices.remember(row.id, device) }
          })
        ).pipe(Effect.provideService(Actor, accountActor(row.username)))

      /** Counts an attempt under the keys that apply; returns the key whose attempts are reset after a success. */
      const attempt = Effect.fn("Accounts.attempt")(function* (
        username: string,
        row: AccountRow | undefined,
        device: Device,
        address: string | null
      ) {
        const known = row === undefined ? "stranger" : yield* devices.recognise(row.id, device)
        const own = known === "device" ? `device:${hashToken(device.token ?? "")}` : device.address
        const by = usernameKey(username)
        yield* limiter.check("login", own).pipe(
          Effect.andThen(known === "stranger" ? limiter.check("login-by-strangers", by) : Effect.void),
          Effect.tapError(() =>
            refusals.logLimit(AccessEvents.sessionLimited, address, own, ...(known === "stranger" ? [by] : []))
          ),
          Effect.mapError(limited)
        )
        return own
      })

      const refuse = Effect.fn("Accounts.refuse")(function* (row: AccountRow | undefined, origin: Origin) {
        // A person may have typed a password as the username, so only existing usernames are logged.
        yield* refusals.log(
          AccessEvents.sessionRefused.make({
            subject: row === undefined ? null : String(row.id),
            message: `A sign-in from ${origin.address ?? "an unknown address"} was refused`,
            payload: { address: origin.address, username: row?.username ?? null }
          })
        )
        return yield* new InvalidCredentials()
      })

      const login = Effect.fn("Accounts.login")(function* (username: string, password: string, origin: Origin) {
        const device = { token: origin.deviceToken ?? null, address: addressKey(origin.address ?? "unknown") }
        const row = yield* findByName(readSql, username)
        const own = yield* attempt(username, row, device, origin.address)
        const matches =
          !isOverlong(password) && (yield* passwords.verify(password, row?.passwordHash ?? passwords.dummyHash))
        if (row === undefined || !matches) return yield* refuse(row, origin)
        const rehashed = passwords.needsRehash(row.passwordHash) ? yield* passwords.hash(password) : undefined
        const started = yield* admit(row, rehashed, origin, device)
        yield* limiter.forget("login", own)
        return { ...started, account: toAccount(row) }
      })

      /** Replaces the password and revokes the sessions. */
      const replacePassword = (row: AccountRow, hash: string, keepSession: string | null) =>
        transact(
          Effect.gen(function* () {
            const now = yield* nowIso
            const rows = yield* sql<AccountRow>`
              UPDATE accounts SET password_hash = ${hash}, updated_at = ${now}
              WHERE id = ${row.id} AND password_hash = ${row.passwordHash}
              RETURNING ${sql.literal(accountColumns)}`
            if (rows.length === 0) return yield* new WrongPassword()
            const account = yield* written(rows)
            yield* events.append(
              AccessEvents.passwordChanged.make({
                subject: account.id,
                message: `The password of ${account.username} was changed`,
                payload: { username: account.username }
              })
            )
            yield* sessions.revokeAll(account.id, keepSession)
            return account
          })
        )

      const changePassword = Effect.fn("Accounts.changePassword")(function* (
        accountId: string,
        change: typeof PasswordChange.Encoded,
        keepSession: string | null
      ) {
        const row = yield* findById(readSql, accountId)
        const { currentPassword, newPassword } = yield* decodePasswordChange(change)
        // A signed-in account has attempts of its own, which nobody else can use up.
        const key = `account:${row.id}`
        yield* Effect.mapError(limiter.check("login", key), limited)
        const matches = !isOverlong(currentPassword) && (yield* passwords.verify(currentPassword, row.passwordHash))
        if (!matches) {
          yield* refusals.log(
            AccessEvents.passwordRefused.make({
              subject: accountId,
              message: `A password change of ${row.username} was refused: the current password was wrong`,
              payload: { username: row.username }
            })
          )
          return yield* new WrongPassword()
        }
        yield* limiter.forget("login", key)
        yield* replacePassword(row, yield* passwords.hash(newPassword), keepSession)
      })

      const resetPassword = Effect.fn("Accounts.resetPassword")(function* (username: string, password: string) {
        yield* decodeNewAccount({ username, password })
        const hash = yield* passwords.hash(password)
        const reset = Effect.gen(function* () {
          const row = yield* findByName(sql, username)
          if (row === undefined) return yield* new AccountNotFound({ accountId: username })
          return yield* replacePassword(row, hash, null)
        })
        // The row is read in the same transaction, so that the password cannot change in between.
        return yield* transact(reset).pipe(Effect.catchTag("WrongPassword", Effect.die))
      })

      const changeUsername = Effect.fn("Accounts.changeUsername")(function* (accountId: string, wanted: string) {
        const { username } = yield* decodeUsername({ username: wanted })
        return yield* transact(
          Effect.gen(function* () {
            const row = yield* findById(sql, accountId)
            if (row.username === username) return toAccount(row)
            const other = yield* findByName(sql, username)
            if (other !== undefined && other.id !== row.id) return yield* new UsernameTaken({ username })
            const now = yield* nowIso
            const rows = yield* sql<AccountRow>`
              UPDATE accounts SET username = ${username}, updated_at = ${now} WHERE id = ${row.id}
              RETURNING ${sql.literal(accountColumns)}`.pipe(
              Effect.catchReason("SqlError", "UniqueViolation", () => new UsernameTaken({ username }))
            )
            yield* events.append(
              AccessEvents.accountRenamed.make({
                subject: accountId,
                message: `The account ${row.username} was renamed to ${username}`,
                payload: { before: row.username, after: username }
              })
            )
            return yield* written(rows)
          })
        )
      })

      return Accounts.of({ create, list, get, login, changePassword, changeUsername, resetPassword })
    })
  )
}

const format = rowFormat({
  table: "accounts",
  columns: {
    id: Schema.Int,
    username: Schema.String,
    passwordHash: Schema.String,
    createdAt: Schema.String,
    updatedAt: Schema.String
  }
})

type AccountRow = RowOf<typeof format>

const accountColumns = `id, username, password_hash AS "passwordHash", created_at AS "createdAt", updated_at AS "updatedAt"`

const toAccount = (row: AccountRow): Account => ({
  id: String(row.id),
  username: row.username,
  createdAt: row.createdAt,
  updatedAt: row.updatedAt
})

/** The row written by a statement with RETURNING. */
const written = (rows: ReadonlyArray<AccountRow>): Effect.Effect<Account> =>
  rows[0] === undefined ? Effect.die(new Error("The account was not written")) : Effect.succeed(toAccount(rows[0]))

const decodeNewAccount = decodeRequest(NewAccount)
const decodePasswordChange = decodeRequest(PasswordChange)
const decodeUsername = decodeRequest(NewAccount.mapFields(({ username }) => ({ username })))

const usernameKey = (username: string): string => `username:${username.toLowerCase().slice(0, 64)}`

const limited = ({ detail, retryAfterSeconds }: TooManyRequests): LoginLimited =>
  new LoginLimited({ detail, retryAfterSeconds })
