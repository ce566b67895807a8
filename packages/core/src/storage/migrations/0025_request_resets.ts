/** What became of the request of a removed item that was to be reset, and the acts that reset it. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const statements = [
  `ALTER TABLE removals ADD COLUMN request_reset TEXT`,
  `ALTER TABLE removals ADD COLUMN request_reset_reason TEXT`,
  `ALTER TABLE removals ADD COLUMN request_reset_acts TEXT`,
  `CREATE INDEX removals_to_reset ON removals (state, id) WHERE reset_request = 1`
]

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (const statement of statements) yield* sql.unsafe(statement)
})
