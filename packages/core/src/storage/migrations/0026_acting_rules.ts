/** Rules that act by themselves: what they do, and which of several comes first. NULL for all other rules. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const statements = [`ALTER TABLE rules ADD COLUMN action TEXT`, `ALTER TABLE rules ADD COLUMN priority INTEGER`]

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (const statement of statements) yield* sql.unsafe(statement)
})
