/** What the applications know about their collections, as it was last read. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const statements = [
  `CREATE TABLE collection_records (
    integration_id INTEGER NOT NULL REFERENCES integrations(id),
    key TEXT NOT NULL,
    title TEXT NOT NULL,
    data TEXT NOT NULL,
    read_at TEXT NOT NULL,
    PRIMARY KEY (integration_id, key)
  )`,
  `CREATE INDEX collection_records_by_title ON collection_records (title)`
]

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (const statement of statements) yield* sql.unsafe(statement)
})
