/**
 * From where accounts have signed in: a browser by a token that it keeps, and everything else by its address. Whoever is
 * known is not held up by the attempts of strangers.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`CREATE TABLE known_devices (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    token_hash TEXT UNIQUE,
    address TEXT NOT NULL,
    returned INTEGER NOT NULL DEFAULT 0,
    last_seen_at TEXT NOT NULL
  )`
  yield* sql`CREATE INDEX known_devices_by_account ON known_devices (account_id, address)`
  // Networks of IPv6 are known from the next sign-in on: their addresses stand here one by one.
  yield* sql`INSERT INTO known_devices (account_id, address, last_seen_at)
    SELECT account_id, 'address:' || address, max(last_seen_at) FROM sessions
    WHERE address IS NOT NULL AND address NOT LIKE '%:%' GROUP BY account_id, address`
})
