/**
 * What a removal does to its item, what follows, how long it waits, and the acting rule that queued it. Until now the
 * action followed from the kind: the entry of a whole was removed, and the files of a part were deleted.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const statements = [
  `ALTER TABLE removals ADD COLUMN action TEXT NOT NULL DEFAULT 'remove-entry'`,
  `UPDATE removals SET action = 'unmonitor-and-delete-files' WHERE kind IN ('season', 'album', 'book')`,
  `ALTER TABLE removals ADD COLUMN import_exclusion INTEGER`,
  `ALTER TABLE removals ADD COLUMN reset_request INTEGER NOT NULL DEFAULT 0`,
  `ALTER TABLE removals ADD COLUMN grace_days INTEGER`,
  `ALTER TABLE removals ADD COLUMN rule_id INTEGER REFERENCES rules(id) ON DELETE SET NULL`,
  `CREATE INDEX removals_by_rule ON removals (rule_id, id) WHERE rule_id IS NOT NULL`
]

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (const statement of statements) yield* sql.unsafe(statement)
})
