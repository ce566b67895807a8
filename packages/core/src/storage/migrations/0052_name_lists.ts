/** Lists of names of files that downloads do not need, each with the last good copy of its source. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const statements = [
  // `held` is JSON of a newer copy that is not believed yet; `accepted_revision` is the copy whose effect a person accepts.
  `CREATE TABLE name_lists (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL COLLATE NOCASE UNIQUE,
    kind TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    definition TEXT NOT NULL,
    entries TEXT NOT NULL,
    odd TEXT NOT NULL,
    odd_count INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    accepted_revision INTEGER,
    held TEXT,
    held_because TEXT,
    fetched_at TEXT,
    checked_at TEXT,
    failure TEXT,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
  )`
]

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (const statement of statements) yield* sql.unsafe(statement)
})
