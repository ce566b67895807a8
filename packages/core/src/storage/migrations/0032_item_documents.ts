/**
 * The documents of items in a table of their own. They are five sixths of an item: lists and counts read a row without
 * its document, and a change to the row, such as its disk, does not write the document again.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const statements = [
  // Deferred: a sync writes all documents before the rows of their items (`library/ItemStore.ts`).
  `CREATE TABLE item_documents (
    item_id INTEGER PRIMARY KEY REFERENCES items(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    data TEXT NOT NULL
  )`,
  `INSERT INTO item_documents (item_id, data) SELECT id, data FROM items`,
  `ALTER TABLE items DROP COLUMN data`
]

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (const statement of statements) yield* sql.unsafe(statement)
})
