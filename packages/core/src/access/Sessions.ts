/**
 * Sessions of accounts: a random token that the client keeps and that we store as a hash. A session ends when it is
 * revoked, or `access.sessionHours` after its last use.
 */
import { Context, DateTime, Duration, Effect, Layer, Schema } from "effect"
import { SqlClient, type SqlError } from "effect/sql"
import { EventLog } from "../events/EventLog.ts"
import { nowIso } from "../problems/Instants.ts"
import { Settings } from "../settings/Settings.ts"
import { ReadSql } from "../storage/Database.ts"
import { repeatable } from "../storage/Durability.ts"
import { storageFaultOf } from "../storage/StorageFaults.ts"
import { SessionNotFound } from "./AccessErrors.ts"
import { AccessEvents } from "./AccessEvents.ts"
import { accountPrincipal } from "./Account.ts"
import { rowId } from "../storage/RowId.ts"
import { readableRows, rowFormat, type RowOf, StoredTime } from "../storage/StoredRows.ts"
import { transacting } from "../storage/Transactions.ts"
import { type Principal, Unauthorized } from "./Scope.ts"
import { Validity } from "./Validity.ts"
import { hashToken, maximumTokenLength, randomToken, sameHash } from "./Token.ts"
import { AccessSettings } from "./AccessSettings.ts"

/** Where a session was started from. */
export interface Origin {
  readonly address: string | null
  readonly userAgent: string | null
  /** Token by which a browser is recognised; absent = it sent none. */
  readonly deviceToken?: string | null
}

export const Session = Schema.Struct({
  id: Schema.String,
  accountId: Schema.String,
  address: Schema.NullOr(Schema.String),
  userAgent: Schema.NullOr(Schema.String),
  createdAt: Schema.String,
  /** Precise to the minute. */
  lastSeenAt: Schema.String,
  expiresAt: Schema.String
}).annotate({ identifier: "Session" })
export type Session = typeof Session.Type

export interface StartedSession {
  /** Shown to the client once; only its hash is stored. */
  readonly token: string
  readonly session: Session
}

export interface Authenticated {
  readonly principal: Principal
  readonly session: Session
  /** The session was just prolonged: the cookie may be set again. */
  readonly prolonged: boolean
}

export class Sessions extends Context.Service<
  Sessions,
  {
    /** Joins the caller's transaction, if there is one. The actor of the event is the one in the context. */
    readonly start: (accountId: string, origin: Origin) => Effect.Effect<StartedSession>
    /** The session of the token. Records the use and prolongs the session, at most once a minute. */
    readonly authenticate: (token: string) => Effect.Effect<Authenticated, Unauthorized>
    /** Active sessions, most recently used first. */
    readonly list: (accountId: string) => Effect.Effect<ReadonlyArray<Session>>
    readonly revoke: (accountId: string, sessionId: string) => Effect.Effect<void, SessionNotFound>
    /** Revokes all sessions of an account except `except`; returns how many. */
    readonly revokeAll: (accountId: string, except: string | null) => Effect.Effect<number>
    /** Does nothing if the session no longer exists. */
    readonly logout: (token: string) => Effect.Effect<void>
    /** Deletes expired sessions; returns how many. */
    readonly prune: Effect.Effect<number>
  }
>()("tendarr/access/Sessions") {
  static readonly layer = Layer.effect(
    Sessions,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const transact = transacting(sql)
      const readSql = yield* ReadSql
      const events = yield* EventLog
      const settings = yield* Settings
      const validity = yield* Validity

      /**
       * For operations that end sessions: one transaction, after which open streams check whether their session was
       * among them.
       */
      const ending = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
        transact(effect).pipe(Effect.ensuring(validity.changed))

      const lifetime = Effect.map(settings.get(AccessSettings), ({ sessionHours }) => Duration.hours(sessionHours))

      const start = Effect.fn("Sessions.start")(function* (accountId: string, origin: Origin) {
        const token = yield* randomToken
        const now = yield* DateTime.now
        const at = DateTime.formatIso(now)
        const expiresAt = DateTime.formatIso(DateTime.addDuration(now, yield* lifetime))
        const address = origin.address?.slice(0, 64) ?? null
        const userAgent = origin.userAgent?.slice(0, 512) ?? null
        const rows = yield* sql<{ id: number }>`
          INSERT INTO sessions (account_id, token_hash, user_agent, address, created_at, last_seen_at, expires_at)
          VALUES (${rowId(accountId)}, ${hashToken(token)}, ${userAgent}, ${address}, ${at}, ${at}, ${expiresAt})
          RETURNING id`.pipe(Effect.orDie)
        const id = String(rows[0]?.id)
        yield* events.append(
          AccessEvents.sessionStarted.make({
            subject: id,
            message: `Signed in from ${address ?? "an unknown address"}`,
            payload: { accountId, address, userAgent }
          })
        )
        const session: Session = { id, accountId, address, userAgent, createdAt: at, lastSeenAt: at, expiresAt }
        return { token, session }
      }, transact)

      const prolong = Effect.fn("Sessions.prolong")(function* (row: SessionRow, now: DateTime.Utc) {
        const lastSeenAt = DateTime.formatIso(now)
        const expiresAt = DateTime.formatIso(DateTime.addDuration(now, yield* lifetime))
        yield* sql`UPDATE sessions SET last_seen_at = ${lastSeenAt}, expires_at = ${expiresAt}
          WHERE id = ${row.id} AND last_seen_at = ${row.lastSeenAt} AND revoked_at IS NULL`
        return { ...row, lastSeenAt, expiresAt }
      })

      const authenticate = Effect.fn("Sessions.authenticate")(function* (token: string) {
        if (token.length > maximumTokenLength) return yield* new Unauthorized()
        const hash = hashToken(token)
        const rows = yield* readSql<{ tokenHash: string; username: string }>`
          SELECT ${readSql.literal(sessionColumns)}, s.token_hash AS "tokenHash", a.username AS username
          FROM sessions s JOIN accounts a ON a.id = s.account_id
          WHERE s.token_hash = ${hash} AND s.revoked_at IS NULL`.pipe(Effect.orDie)
        const found = rows[0]
        const now = yield* DateTime.now
        if (found === undefined || !sameHash(found.tokenHash, hash)) return yield* new Unauthorized()
        // A damaged expiry must not grant access.
        const [row] = yield* readableRows(format, [found])
        if (row === undefined || row.expiresAt <= DateTime.formatIso(now)) return yield* new Unauthorized()
        const prolonged = row.lastSeenAt <= DateTime.formatIso(DateTime.subtractDuration(now, "1 minute"))
        const session = toSession(prolonged ? yield* whereItCan(row, prolong(row, now)) : row)
        const principal = accountPrincipal(session.accountId, found.username, session.id)
        return { principal, session, prolonged }
      })

      const list = Effect.fn("Sessions.list")(function* (accountId: string) {
        const now = yield* nowIso
        const rows = yield* readSql<object>`
          SELECT ${readSql.literal(sessionColumns)} FROM sessions s
          WHERE s.account_id = ${rowId(accountId)} AND s.revoked_at IS NULL AND s.expires_at > ${now}
          ORDER BY s.last_seen_at DESC, s.id DESC`.pipe(Effect.orDie)
        return (yield* readableRows(format, rows)).map(toSession)
      })

      const revoke = Effect.fn("Sessions.revoke")(function* (accountId: string, sessionId: string) {
        const now = yield* nowIso
        const rows = yield* sql`
          UPDATE sessions SET revoked_at = ${now}
          WHERE id = ${rowId(sessionId)} AND account_id = ${rowId(accountId)}
            AND revoked_at IS NULL AND expires_at > ${now}
          RETURNING id`.pipe(Effect.orDie)
        if (rows.length === 0) return yield* new SessionNotFound({ sessionId })
        yield* events.append(
          AccessEvents.sessionRevoked.make({
            subject: { type: "session", id: sessionId },
            message: "A session was revoked",
            payload: { accountId }
          })
        )
      }, ending)

      const revokeAll = Effect.fn("Sessions.revokeAll")(function* (accountId: string, except: string | null) {
        const now = yield* nowIso
        const kept = except === null ? noRow : rowId(except)
        const rows = yield* sql`
          UPDATE sessions SET revoked_at = ${now}
          WHERE account_id = ${rowId(accountId)} AND id <> ${kept} AND revoked_at IS NULL AND expires_at > ${now}
          RETURNING id`.pipe(Effect.orDie)
        if (rows.length > 0) {
          yield* events.append(
            AccessEvents.sessionRevoked.make({
              subject: { type: "account", id: accountId },
              message: `${rows.length} ${except === null ? "" : "other "}sessions were revoked`,
              payload: { accountId, sessions: rows.length }
            })
          )
        }
        return rows.length
      }, ending)

      const logout = Effect.fn("Sessions.logout")(function* (token: string) {
        const now = yield* nowIso
        const rows = yield* sql<{ id: number; accountId: number }>`
          UPDATE sessions SET revoked_at = ${now}
          WHERE token_hash = ${hashToken(token)} AND revoked_at IS NULL AND expires_at > ${now}
          RETURNING id, account_id AS "accountId"`.pipe(Effect.orDie)
        const row = rows[0]
        if (row === undefined) return
        yield* events.append(
          AccessEvents.sessionEnded.make({
            subject: String(row.id),
            message: "Signed out",
            payload: { accountId: String(row.accountId) }
          })
        )
      }, ending)

      const prune = Effect.gen(function* () {
        const now = yield* nowIso
        const rows = yield* sql`
          DELETE FROM sessions WHERE revoked_at IS NOT NULL OR expires_at <= ${now} RETURNING id`.pipe(Effect.orDie)
        return rows.length
      }).pipe(Effect.withSpan("Sessions.prune"))

      return Sessions.of({ start, authenticate, list, revoke, revokeAll, logout, prune })
    })
  )
}

const format = rowFormat({
  table: "sessions",
  columns: {
    id: Schema.Int,
    accountId: Schema.Int,
    address: Schema.NullOr(Schema.String),
    userAgent: Schema.NullOr(Schema.String),
    createdAt: Schema.String,
    lastSeenAt: StoredTime,
    expiresAt: StoredTime
  }
})

type SessionRow = RowOf<typeof format>

const sessionColumns = `s.id AS id, s.account_id AS "accountId", s.address AS address, s.user_agent AS "userAgent",
  s.created_at AS "createdAt", s.last_seen_at AS "lastSeenAt", s.expires_at AS "expiresAt"`

const noRow = -1

const toSession = (row: SessionRow): Session => ({
  id: String(row.id),
  accountId: String(row.accountId),
  address: row.address,
  userAgent: row.userAgent,
  createdAt: row.createdAt,
  lastSeenAt: row.lastSeenAt,
  expiresAt: row.expiresAt
})

/** Requests that only read must not fail because nothing can be written. */
const whereItCan = <A>(otherwise: A, write: Effect.Effect<A, SqlError.SqlError>): Effect.Effect<A> =>
  Effect.catch(repeatable(write), (error) =>
    storageFaultOf(error) === null ? Effect.die(error) : Effect.succeed(otherwise)
  )
