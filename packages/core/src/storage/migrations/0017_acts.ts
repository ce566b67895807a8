/** Acts upon subjects other than items, each with its intent, what undoes it, and how it ended. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const statements = [
  `CREATE TABLE acts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    title TEXT NOT NULL,
    subject TEXT NOT NULL,
    state TEXT NOT NULL
      CHECK (state IN ('planned', 'executing', 'failed', 'done', 'spared', 'cancelled', 'undoing', 'undone')),
    step TEXT,
    because TEXT NOT NULL,
    reason TEXT,
    kept TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at TEXT NOT NULL,
    actor TEXT NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    ended_at TEXT
  )`,
  `CREATE UNIQUE INDEX acts_open ON acts (kind, key) WHERE state IN ('planned', 'executing', 'failed')`,
  `CREATE INDEX acts_by_state ON acts (kind, state, due_at, id)`,
  `CREATE INDEX acts_by_key ON acts (kind, key, id)`
]

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (const statement of statements) yield* sql.unsafe(statement)
})
