/**
 * Jobs that run once for each of their subjects: whose a run and a schedule is. Empty for jobs without subjects. The name of
 * the subject is kept with the run, since the history outlives it.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const statements = [
  `ALTER TABLE job_runs ADD COLUMN subject TEXT NOT NULL DEFAULT ''`,
  `ALTER TABLE job_runs ADD COLUMN subject_name TEXT NOT NULL DEFAULT ''`,
  `CREATE INDEX job_runs_by_subject ON job_runs (job, subject, id)`,

  `ALTER TABLE schedules RENAME TO schedules_by_job`,
  `CREATE TABLE schedules (
    job TEXT NOT NULL,
    subject TEXT NOT NULL,
    type TEXT NOT NULL,
    expression TEXT NOT NULL,
    zone TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    version INTEGER NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (job, subject)
  )`,
  `INSERT INTO schedules (job, subject, type, expression, zone, enabled, version, updated_at)
    SELECT job, '', type, expression, zone, enabled, version, updated_at FROM schedules_by_job`,
  `DROP TABLE schedules_by_job`
]

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (const statement of statements) yield* sql.unsafe(statement)
})
