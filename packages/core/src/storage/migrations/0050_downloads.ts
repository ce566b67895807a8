/** Download clients, their downloads with what was observed of them, and strikes. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const statements = [
  `CREATE TABLE download_clients (
    integration_id INTEGER PRIMARY KEY REFERENCES integrations(id) ON DELETE CASCADE,
    read_at TEXT NOT NULL,
    complete INTEGER NOT NULL,
    incomplete_because TEXT,
    epoch TEXT,
    epoch_since TEXT NOT NULL,
    state TEXT NOT NULL
  )`,
  `CREATE TABLE downloads (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    integration_id INTEGER NOT NULL REFERENCES integrations(id) ON DELETE CASCADE,
    client_id TEXT NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    download TEXT NOT NULL,
    observation TEXT NOT NULL,
    ownership TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    gone_at TEXT,
    UNIQUE (integration_id, client_id)
  )`,
  `CREATE INDEX downloads_gone ON downloads (gone_at)`,
  `CREATE INDEX downloads_name ON downloads (name COLLATE NOCASE, id)`,
  `CREATE TABLE strikes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    download_id INTEGER NOT NULL REFERENCES downloads(id) ON DELETE CASCADE,
    rule_id INTEGER NOT NULL,
    rule_name TEXT NOT NULL,
    fault TEXT NOT NULL,
    because TEXT NOT NULL,
    done_bytes REAL NOT NULL,
    at TEXT NOT NULL,
    ended_at TEXT,
    ended_because TEXT
  )`,
  `CREATE INDEX strikes_download ON strikes (download_id, ended_at, at)`,
  `CREATE INDEX strikes_at ON strikes (at)`,
  // One row per act that removes a download: how often a title was removed lately, and what is to be searched for again.
  `CREATE TABLE removed_downloads (
    act_id INTEGER PRIMARY KEY,
    title_key TEXT NOT NULL,
    title TEXT NOT NULL,
    owner_id INTEGER,
    targets TEXT NOT NULL,
    search INTEGER NOT NULL,
    planned_at TEXT NOT NULL,
    removed_at TEXT,
    searched_at TEXT,
    search_result TEXT
  )`,
  `CREATE INDEX removed_downloads_title ON removed_downloads (title_key, planned_at)`
]

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (const statement of statements) yield* sql.unsafe(statement)
})
