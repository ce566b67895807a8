/** Torrent files of downloads that were removed without their data, sealed: they may contain a person's key. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const statements = [
  `CREATE TABLE removed_torrents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    integration_id INTEGER NOT NULL REFERENCES integrations(id) ON DELETE CASCADE,
    client_id TEXT NOT NULL,
    url TEXT NOT NULL,
    torrent TEXT,
    kept_at TEXT NOT NULL,
    UNIQUE (integration_id, client_id)
  )`,
  `CREATE INDEX removed_torrents_kept ON removed_torrents (kept_at)`
]

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (const statement of statements) yield* sql.unsafe(statement)
})
