/** What rules about seeding have set in download clients, so that it can be told from what a person has set. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const statements = [
  `CREATE TABLE seeding_marks (
    download_id INTEGER NOT NULL REFERENCES downloads(id) ON DELETE CASCADE,
    aspect TEXT NOT NULL,
    rule_id INTEGER,
    rule_name TEXT NOT NULL,
    state TEXT NOT NULL,
    act_id INTEGER,
    found TEXT NOT NULL,
    wanted TEXT NOT NULL,
    ours TEXT,
    at TEXT NOT NULL,
    PRIMARY KEY (download_id, aspect)
  )`
]

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (const statement of statements) yield* sql.unsafe(statement)
})
