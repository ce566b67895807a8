/** The plays of an account by time, so that a page of them costs the same however many there are. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const statements = [`CREATE INDEX plays_by_time ON plays (identity_id, coalesce(last_played_at, ''), item_id)`]

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (const statement of statements) yield* sql.unsafe(statement)
})
