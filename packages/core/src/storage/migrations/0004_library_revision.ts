/**
 * Counts changes of the data that a library snapshot is made of, in the transaction that makes them. With this count, a
 * reader can tell whether its snapshot in memory is current, and whether pieces that it has read belong to one state.
 * For a source, it records which reading was applied, and to which media server's entries that reading is attached in
 * the items: `NULL` = the items contain nothing of it.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const counted = "BEGIN UPDATE counters SET value = value + 1 WHERE name = 'library.revision'; END"

const statements = [
  "ALTER TABLE sources ADD COLUMN read_from TEXT",
  "ALTER TABLE sources ADD COLUMN joined_to TEXT",
  "INSERT INTO counters (name, value) VALUES ('library.revision', 0)",
  `CREATE TRIGGER items_revision_insert AFTER INSERT ON items ${counted}`,
  // A row that is gone both before and after the update is in no snapshot.
  `CREATE TRIGGER items_revision_update AFTER UPDATE ON items
    WHEN old.gone_at IS NULL OR new.gone_at IS NULL ${counted}`,
  `CREATE TRIGGER items_revision_delete AFTER DELETE ON items WHEN old.gone_at IS NULL ${counted}`,
  `CREATE TRIGGER sources_revision_insert AFTER INSERT ON sources ${counted}`,
  `CREATE TRIGGER sources_revision_update AFTER UPDATE ON sources ${counted}`,
  `CREATE TRIGGER sources_revision_delete AFTER DELETE ON sources ${counted}`
]

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (const statement of statements) yield* sql.unsafe(statement)
})
