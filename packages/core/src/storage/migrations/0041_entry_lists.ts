/** What media servers report about an item only on demand: its people, and the playlists that contain it. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const statements = [
  `CREATE TABLE item_entry_lists (
    item_id INTEGER NOT NULL REFERENCES items (id) ON DELETE CASCADE,
    list TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (item_id, list)
  ) WITHOUT ROWID`,
  `CREATE TRIGGER item_entry_lists_gone AFTER UPDATE OF gone_at ON items
    WHEN new.gone_at IS NOT NULL AND old.gone_at IS NULL BEGIN
      DELETE FROM item_entry_lists WHERE item_id = new.id;
    END`
]

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (const statement of statements) yield* sql.unsafe(statement)
})
