/**
 * Makes the address of a poster a column: pages show it, and previously extracted it from the whole document of each
 * item.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`ALTER TABLE items ADD COLUMN poster_url TEXT`
  yield* sql`UPDATE items SET poster_url = json_extract(data, '$.posterUrl')`
})
