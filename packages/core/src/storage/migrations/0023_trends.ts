/** Indexes from which the figures of the last days are read: what is gone, and removals that have ended. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const statements = [
  `CREATE INDEX items_by_gone ON items (gone_at) WHERE gone_at IS NOT NULL`,
  `CREATE INDEX removals_by_end ON removals (ended_at) WHERE ended_at IS NOT NULL`
]

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (const statement of statements) yield* sql.unsafe(statement)
})
