/**
 * How long an authenticated caller stays authenticated. A request ends by itself, but a stream stays open: it must end
 * when its key or session does. Whoever ends a key or a session calls `changed`, so that streams need not poll.
 */
import { Clock, Context, Effect, Layer, PubSub } from "effect"
import { SqlClient } from "effect/sql"
import { ReadSql } from "../storage/Database.ts"
import { rowId } from "../storage/RowId.ts"
import { presetVersion, type Principal } from "./Scope.ts"

export class Validity extends Context.Service<
  Validity,
  {
    /** Called when a key or a session was ended: after the commit, all open streams check whether it was theirs. */
    readonly changed: Effect.Effect<void>
    /**
     * Completes when the key or the session of the principal has expired, was revoked, or was deleted. Never completes
     * for the program itself.
     */
    readonly end: (principal: Principal) => Effect.Effect<void>
  }
>()("tendarr/access/Validity") {
  static readonly layer = Layer.effect(
    Validity,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const readSql = yield* ReadSql
      // One pending notification is enough.
      const changes = yield* PubSub.sliding<void>(1)
      yield* Effect.addFinalizer(() => PubSub.shutdown(changes))

      /** How long the credentials are valid as of now; `null` = without an end, none = they are no longer valid. */
      const expiryOf = ({ id, sessionId, type }: Principal) => {
        if (type === "key") {
          return readSql<Expiry>`SELECT expires_at AS "expiresAt" FROM api_keys
            WHERE id = ${rowId(id)} AND revoked_at IS NULL`
        }
        if (type === "dialect") {
          const [dialect = "", version = ""] = id.split(":")
          return readSql<Expiry>`SELECT NULL AS "expiresAt" FROM dialect_keys
            WHERE dialect = ${dialect} AND version = ${rowId(version)}`
        }
        return sessionId === null
          ? readSql<Expiry>`SELECT NULL AS "expiresAt" FROM accounts WHERE id = ${rowId(id)}`
          : readSql<Expiry>`SELECT s.expires_at AS "expiresAt" FROM sessions s JOIN accounts a ON a.id = s.account_id
              WHERE s.id = ${rowId(sessionId)} AND s.account_id = ${rowId(id)} AND s.revoked_at IS NULL`
      }

      const end = Effect.fnUntraced(function* (principal: Principal) {
        if (principal.type === "local" || isPreset(principal)) return yield* Effect.never
        // Subscribe before the first check, so that no change in between is missed.
        const subscription = yield* PubSub.subscribe(changes)
        while (true) {
          const [row] = yield* Effect.orDie(expiryOf(principal))
          if (row === undefined) return
          const left =
            row.expiresAt === null ? longestWait : Date.parse(row.expiresAt) - (yield* Clock.currentTimeMillis)
          if (left <= 0) return
          yield* Effect.timeoutOption(PubSub.takeAll(subscription), Math.min(left, longestWait))
        }
      }, Effect.scoped)

      return Validity.of({ changed: sql.afterCommit(Effect.asVoid(PubSub.publish(changes, undefined))), end })
    })
  )
}

/** A key from the environment ends with the process. */
const isPreset = ({ id, type }: Principal): boolean => type === "dialect" && id.endsWith(`:${presetVersion}`)

interface Expiry {
  readonly expiresAt: string | null
}

/**
 * A session may be prolonged and the clock may be set forward, so a distant expiry is checked again from time to time.
 */
const longestWait = 60_000
