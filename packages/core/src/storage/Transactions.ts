/** Queries about the current transaction. */
import { Effect, Option } from "effect"
import type { SqlClient } from "effect/sql"

/**
 * Whether the caller holds the one write connection. If so, it must not wait for another fiber, which may be waiting
 * for that connection.
 */
export const inTransaction = (sql: SqlClient.SqlClient): Effect.Effect<boolean> =>
  Effect.map(Effect.serviceOption(sql.transactionService), Option.isSome)
