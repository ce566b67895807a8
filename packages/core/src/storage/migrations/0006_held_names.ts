/**
 * Names that keeping rules and protections of collections refer to, with the items that have them. A name that no item
 * has any more is lost, and the items that had it stay kept until a person has reviewed it.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`CREATE TABLE held_names (
    owner TEXT NOT NULL,
    owner_id INTEGER NOT NULL,
    what TEXT NOT NULL,
    name TEXT NOT NULL,
    integration_id INTEGER NOT NULL,
    items TEXT NOT NULL,
    lost_at TEXT,
    PRIMARY KEY (owner, owner_id, what, name, integration_id)
  )`
})
