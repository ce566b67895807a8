/**
 * How long a caller who was let in stays let in. A request ends by itself, but a stream stays open: it ends with the key
 * or the session by which it was opened. Whoever ends one of those says so here, so that nobody has to ask again and again.
 */
import { Clock, Context, Effect, Layer, PubSub } from "effect"
import { SqlClient } from "effect/sql"
import { ReadSql } from "../storage/Database.ts"
import { rowId } from "../storage/RowId.ts"
import type { Principal } from "./Scope.ts"

export class Validity extends Context.Service<
  Validity,
  {
    /** For whoever ended a key or a session: has all open streams look whether it was theirs, once that is committed. */
    readonly changed: Effect.Effect<void>
    /**
     * Completes when the key or the session by which the principal came has expired, was revoked, or is gone. Never for
     * the program itself.
     */
    readonly end: (principal: Principal) => Effect.Effect<void>
  }
>()("tendarr/access/Validity") {
  static readonly layer = Layer.effect(
    Validity,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const readSql = yield* ReadSql
      // One pending change says as much as a thousand.
      const changes = yield* PubSub.sliding<void>(1)
      yield* Effect.addFinalizer(() => PubSub.shutdown(changes))

      /** Until when the credentials count as things are; `null` = without an end, none = they do not count any more. */
      const expiryOf = ({ id, sessionId, type }: Principal) => {
        if (type === "key") {
          return readSql<Expiry>`SELECT expires_at AS "expiresAt" FROM api_keys
            WHERE id = ${rowId(id)} AND revoked_at IS NULL`
        }
        return sessionId === null
          ? readSql<Expiry>`SELECT NULL AS "expiresAt" FROM accounts WHERE id = ${rowId(id)}`
          : readSql<Expiry>`SELECT s.expires_at AS "expiresAt" FROM sessions s JOIN accounts a ON a.id = s.account_id
              WHERE s.id = ${rowId(sessionId)} AND s.account_id = ${rowId(id)} AND s.revoked_at IS NULL`
      }

      const end = Effect.fnUntraced(function* (principal: Principal) {
        if (principal.type === "local") return yield* Effect.never
        // Subscribed before the first look: what changes meanwhile wakes us.
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

interface Expiry {
  readonly expiresAt: string | null
}

/** A session may be prolonged and a clock set forward, so an end that is far away is looked at again. */
const longestWait = 60_000
