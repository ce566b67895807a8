/** Transactions of the connection that writes: how rooms open them, and queries about the current one. */
import { Effect, Option } from "effect"
import type { SqlClient } from "effect/sql"

/**
 * Runs work as one transaction of the connection that writes, or as a part of the caller's if there is one. It begins
 * `IMMEDIATE`, and there is one such connection: transactions follow one another, so what one has read is still true
 * when it commits. Rooms rely on that, as ARCHITECTURE.md lists. Another database would have to run these transactions
 * `SERIALIZABLE`, and again where it refuses one.
 *
 * A failure of the database is a defect; every other failure rolls back and is returned. Work in a transaction must not
 * wait for applications or for other fibers: all writers wait for it.
 */
export const transacting =
  (sql: SqlClient.SqlClient) =>
  <A, E, R>(work: Effect.Effect<A, E, R>) =>
    sql.withTransaction(work).pipe(Effect.catchTag("SqlError", Effect.die))

/**
 * Whether the caller holds the one write connection. If so, it must not wait for another fiber, which may be waiting
 * for that connection.
 */
export const inTransaction = (sql: SqlClient.SqlClient): Effect.Effect<boolean> =>
  Effect.map(Effect.serviceOption(sql.transactionService), Option.isSome)
