/** Files of downloads as they were last read, who decided about single ones, and names that were given to clients. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const statements = [
  `CREATE TABLE download_files (
    download_id INTEGER PRIMARY KEY REFERENCES downloads(id) ON DELETE CASCADE,
    sign TEXT NOT NULL,
    files TEXT,
    read_at TEXT NOT NULL
  )`,
  `CREATE TABLE file_choices (
    download_id INTEGER NOT NULL REFERENCES downloads(id) ON DELETE CASCADE,
    path TEXT NOT NULL,
    choice TEXT NOT NULL,
    act_id INTEGER,
    at TEXT NOT NULL,
    PRIMARY KEY (download_id, path)
  )`,
  `CREATE INDEX file_choices_act ON file_choices (choice, act_id)`,
  // `ours`: added by Tendarr. `declined`: somebody took it out again.
  `CREATE TABLE excluded_names (
    integration_id INTEGER NOT NULL REFERENCES integrations(id) ON DELETE CASCADE,
    pattern TEXT NOT NULL,
    choice TEXT NOT NULL,
    act_id INTEGER,
    at TEXT NOT NULL,
    PRIMARY KEY (integration_id, pattern)
  )`
]

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (const statement of statements) yield* sql.unsafe(statement)
})
