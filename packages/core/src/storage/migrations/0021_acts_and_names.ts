/**
 * Acts: what a person has decided too late, when a request that carries an act out was sent, and the indexes of what is to be settled and of what has ended. Names that
 * rules about other subjects than items refer to, with the ids of the things that have them.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const statements = [
  `ALTER TABLE acts ADD COLUMN recalled INTEGER NOT NULL DEFAULT 0`,
  `ALTER TABLE acts ADD COLUMN sent_at TEXT`,
  `UPDATE acts SET sent_at = updated_at WHERE kept IS NOT NULL`,
  `CREATE INDEX acts_with_step ON acts (kind, step) WHERE step IS NOT NULL`,
  `CREATE INDEX acts_by_end ON acts (kind, state, ended_at)`,
  `ALTER TABLE held_names ADD COLUMN subject TEXT NOT NULL DEFAULT 'item'`,
  `ALTER TABLE held_names ADD COLUMN things TEXT`
]

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (const statement of statements) yield* sql.unsafe(statement)
})
