/** What may be asked of a transaction from inside it. */
import { Effect, Option } from "effect"
import type { SqlClient } from "effect/sql"

/**
 * Whether the caller holds the one connection that writes. Who does must not wait for anybody else: they may be waiting
 * for that connection.
 */
export const inTransaction = (sql: SqlClient.SqlClient): Effect.Effect<boolean> =>
  Effect.map(Effect.serviceOption(sql.transactionService), Option.isSome)
