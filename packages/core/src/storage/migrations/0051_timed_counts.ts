/**
 * How often something happened in each quarter of an hour, counted when it happens. A quarter of an hour is the largest
 * unit of which the days of every time zone consist. What happened to downloads before is counted here.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** The start of the quarter of an hour of a stored time. */
const quarter = "substr(at, 1, 14) || printf('%02d', CAST(substr(at, 15, 2) AS INTEGER) / 15 * 15) || ':00.000Z'"

const statements = [
  `CREATE TABLE timed_counts (
    figure TEXT NOT NULL,
    at TEXT NOT NULL,
    name TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (figure, at, name)
  )`,
  `INSERT INTO timed_counts (figure, at, name, count)
    SELECT 'download-event', ${quarter}, type, count(*) FROM events
    WHERE type LIKE 'download.%' OR type LIKE 'download-client.%' GROUP BY 2, 3`,
  `INSERT INTO timed_counts (figure, at, name, count)
    SELECT 'strike', ${quarter}, fault, count(*) FROM strikes GROUP BY 2, 3`,
  // Ended runs are counted from now on: only the last ones of each job are kept.
  `INSERT INTO timed_counts (figure, at, name, count)
    SELECT 'job-run', at, name, count(*) FROM (
      SELECT ${quarter} AS at, job || '/' || status AS name FROM (SELECT job, status, ended_at AS at FROM job_runs
        WHERE ended_at IS NOT NULL AND started_at IS NOT NULL)) GROUP BY 2, 3`
]

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (const statement of statements) yield* sql.unsafe(statement)
})
