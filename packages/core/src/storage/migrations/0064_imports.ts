/** Acts that hand downloads over to their application for an import, until it is recorded what became of them. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql.unsafe(`CREATE TABLE download_imports (
    act_id INTEGER PRIMARY KEY,
    download_id INTEGER NOT NULL,
    left_at TEXT
  )`)
})
