/** Keys and passwords that files of other products contain, sealed until their preview is applied or deleted. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const statements = [
  `CREATE TABLE move_in_secrets (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    move_in_id INTEGER NOT NULL REFERENCES move_ins(id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    field TEXT NOT NULL,
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    secret TEXT
  )`,
  `CREATE INDEX move_in_secrets_by_move_in ON move_in_secrets (move_in_id)`
]

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (const statement of statements) yield* sql.unsafe(statement)
})
