/**
 * Files that were removed through another application than the one that manages the item, which may not have noticed
 * yet.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`CREATE TABLE missing_files (
    item_id INTEGER PRIMARY KEY REFERENCES items(id) ON DELETE CASCADE,
    removal_id INTEGER NOT NULL REFERENCES removals(id) ON DELETE CASCADE,
    size_bytes INTEGER NOT NULL
  )`
})
