/**
 * When an item was removed, or its application said that it does not have it any more: a reading taken earlier does not
 * bring it back. `gone_at` alone does not tell this from an item that a reading did not list.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const statements = [
  `ALTER TABLE items ADD COLUMN removed_at TEXT`,
  `CREATE INDEX items_removed ON items (integration_id, removed_at) WHERE removed_at IS NOT NULL`
]

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (const statement of statements) yield* sql.unsafe(statement)
})
