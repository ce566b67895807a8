/**
 * More facts of files and plays. The files of wholes are read again, since their rows lack the new columns; those of
 * movies are written by the next sync, because the hash of their details differs.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const statements = [
  "ALTER TABLE item_files ADD COLUMN audio_channels REAL",
  "ALTER TABLE item_files ADD COLUMN audio_tracks INTEGER",
  "UPDATE item_contents SET sign = NULL, read_at = NULL WHERE list = 'files'",
  // How long the account has played the item; NULL = no source reports it.
  "ALTER TABLE plays ADD COLUMN watched_seconds INTEGER",
  // How many were only marked as watched by hand; NULL = no source distinguishes them.
  "ALTER TABLE plays ADD COLUMN marked INTEGER"
]

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (const statement of statements) yield* sql.unsafe(statement)
})
