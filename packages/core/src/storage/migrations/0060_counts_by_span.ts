/**
 * Counts by quarters of an hour also by hours and days, so that figures over a year are read from some thousand rows at
 * most, however much has happened.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const statements = [
  `CREATE TABLE counts_by_span (
    figure TEXT NOT NULL,
    span TEXT NOT NULL CHECK (span IN ('quarter', 'hour', 'day')),
    at TEXT NOT NULL,
    name TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (figure, span, at, name)
  ) WITHOUT ROWID`,
  "INSERT INTO counts_by_span SELECT figure, 'quarter', at, name, count FROM timed_counts",
  `INSERT INTO counts_by_span SELECT figure, 'hour', substr(at, 1, 13) || ':00:00.000Z', name, sum(count)
    FROM timed_counts GROUP BY 1, 3, 4`,
  `INSERT INTO counts_by_span SELECT figure, 'day', substr(at, 1, 10) || 'T00:00:00.000Z', name, sum(count)
    FROM timed_counts GROUP BY 1, 3, 4`,
  "DROP TABLE timed_counts",
  "ALTER TABLE counts_by_span RENAME TO timed_counts"
]

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (const statement of statements) yield* sql.unsafe(statement)
})
