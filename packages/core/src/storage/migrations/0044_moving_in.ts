/** Previews of moves from other products, their entries, and what has been moved in. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const statements = [
  `CREATE TABLE move_ins (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    product TEXT NOT NULL,
    file_bytes INTEGER NOT NULL,
    options TEXT NOT NULL,
    found TEXT NOT NULL,
    summary TEXT NOT NULL,
    created_at TEXT NOT NULL,
    created_by TEXT NOT NULL,
    applied_at TEXT,
    applied_by TEXT
  )`,
  `CREATE TABLE move_in_entries (
    move_in_id INTEGER NOT NULL REFERENCES move_ins(id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    section TEXT NOT NULL,
    outcome TEXT NOT NULL,
    entry TEXT NOT NULL,
    PRIMARY KEY (move_in_id, position)
  ) WITHOUT ROWID`,
  `CREATE INDEX move_in_entries_by_outcome ON move_in_entries (move_in_id, section, outcome, position)`,
  // What was moved in stays known when its preview is deleted, so that it is not moved in again.
  `CREATE TABLE moved_in (
    product TEXT NOT NULL,
    section TEXT NOT NULL,
    key TEXT NOT NULL,
    created TEXT,
    at TEXT NOT NULL,
    PRIMARY KEY (product, section, key)
  ) WITHOUT ROWID`
]

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (const statement of statements) yield* sql.unsafe(statement)
})
