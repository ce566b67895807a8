/**
 * Stores what an application calls itself, which media server it watches, and which integration leads to the same
 * application.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`ALTER TABLE integrations ADD COLUMN identity TEXT`
  yield* sql`ALTER TABLE integrations ADD COLUMN watches TEXT`
  yield* sql`ALTER TABLE integrations ADD COLUMN same_as INTEGER`
})
