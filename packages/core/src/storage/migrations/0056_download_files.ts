/** Links of the files of downloads, and files in the folders of download clients that nothing knows. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const statements = [
  `CREATE TABLE download_links (
    download_id INTEGER PRIMARY KEY REFERENCES downloads(id) ON DELETE CASCADE,
    sign TEXT NOT NULL,
    reading TEXT NOT NULL,
    links TEXT NOT NULL
  )`,
  `CREATE TABLE orphans (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    path TEXT NOT NULL,
    folder TEXT NOT NULL,
    state TEXT NOT NULL,
    files INTEGER NOT NULL,
    bytes REAL NOT NULL,
    frees_bytes REAL NOT NULL,
    newest_at TEXT NOT NULL,
    identity TEXT NOT NULL,
    found_at TEXT NOT NULL,
    seen_at TEXT NOT NULL,
    reason TEXT,
    quarantine TEXT,
    quarantined_at TEXT,
    delete_at TEXT,
    ended_at TEXT,
    act_id INTEGER,
    deletion_id INTEGER
  )`,
  `CREATE UNIQUE INDEX orphans_open ON orphans (path) WHERE state IN ('found', 'planned')`,
  `CREATE INDEX orphans_state ON orphans (state, id)`
]

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (const statement of statements) yield* sql.unsafe(statement)
})
