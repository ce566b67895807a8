/** How many events of each type there were in every hour and day, kept when the events themselves have gone. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const statements = [
  `CREATE TABLE event_counts (
    span TEXT NOT NULL CHECK (span IN ('hour', 'day')),
    at TEXT NOT NULL,
    type TEXT NOT NULL,
    severity TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (span, at, type, severity)
  )`,
  // Id of the last event that is counted.
  "INSERT INTO counters (name, value) VALUES ('events.counted', 0)"
]

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (const statement of statements) yield* sql.unsafe(statement)
})
