/** Stores a person's decision about a removal that was beyond recall, and that its application had responded falsely about it. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  // `cancel`, or until when it is put off; holds when the deletion comes to nothing.
  yield* sql`ALTER TABLE removals ADD COLUMN recalled TEXT`
  yield* sql`ALTER TABLE removals ADD COLUMN untrue INTEGER NOT NULL DEFAULT 0`
})
