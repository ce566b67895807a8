/** Media servers that were replaced by others, and the plays that only the former ones know. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const statements = [
  // As long as it stands, it can be undone.
  `CREATE TABLE replacements (
    former_id INTEGER PRIMARY KEY REFERENCES integrations(id),
    successor_id INTEGER NOT NULL REFERENCES integrations(id),
    report TEXT NOT NULL,
    before TEXT NOT NULL,
    at TEXT NOT NULL,
    actor TEXT NOT NULL
  )`,
  // They stay when the former server is deleted.
  `CREATE TABLE former_plays (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    former_id INTEGER NOT NULL,
    successor_id INTEGER NOT NULL,
    source TEXT NOT NULL,
    kind TEXT NOT NULL,
    ids TEXT NOT NULL,
    season_number INTEGER,
    entry TEXT NOT NULL
  )`,
  `CREATE INDEX former_plays_by_former ON former_plays (former_id, id)`
]

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (const statement of statements) yield* sql.unsafe(statement)
})
