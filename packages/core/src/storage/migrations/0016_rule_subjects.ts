/** Rules are about a subject: items so far. Their order is one for each subject. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const statements = [
  `ALTER TABLE rules ADD COLUMN subject TEXT NOT NULL DEFAULT 'item'`,
  `CREATE INDEX rules_by_subject ON rules (subject, position)`
]

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (const statement of statements) yield* sql.unsafe(statement)
})
