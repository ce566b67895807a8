/**
 * Media servers that remove what no manager knows: why one refuses to, as its last check found, and whether a removal can
 * be undone.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const statements = [
  `ALTER TABLE integration_health ADD COLUMN refuses_removal TEXT`,
  `ALTER TABLE removals ADD COLUMN irreversible INTEGER NOT NULL DEFAULT 0`
]

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (const statement of statements) yield* sql.unsafe(statement)
})
