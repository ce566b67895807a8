/**
 * Names that keeping rules and protections of collections go by, with the items that bear them. A name that nothing bears
 * any more is lost, and what bore it stays kept until a person has looked.
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
