/**
 * The decisions of removals in a table of their own. They are nine tenths of a removal: lists read a row without its
 * decision, and a change of its state does not write the decision again. Members of collections have an index.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const statements = [
  `CREATE TABLE removal_decisions (
    removal_id INTEGER PRIMARY KEY REFERENCES removals(id) ON DELETE CASCADE,
    decision TEXT NOT NULL
  )`,
  `INSERT INTO removal_decisions (removal_id, decision) SELECT id, decision FROM removals`,
  `ALTER TABLE removals DROP COLUMN decision`,
  `CREATE INDEX removals_by_collection ON removals (collection, state, id) WHERE collection IS NOT NULL`
]

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (const statement of statements) yield* sql.unsafe(statement)
})
