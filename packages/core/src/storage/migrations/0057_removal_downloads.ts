/** The downloads of an item, noted before it is removed: its application forgets them with it. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql.unsafe(`CREATE TABLE removal_downloads (
    removal_id INTEGER PRIMARY KEY REFERENCES removals (id) ON DELETE CASCADE,
    noted_at TEXT NOT NULL,
    downloads TEXT NOT NULL,
    ended_at TEXT
  )`)
  yield* sql.unsafe(`CREATE INDEX removal_downloads_open ON removal_downloads (removal_id) WHERE ended_at IS NULL`)
})
