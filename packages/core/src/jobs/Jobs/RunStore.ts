/**
 * The table of runs. A change of state and its event are written in one transaction, and a run ends only once: a second
 * attempt finds it ended and changes nothing.
 */
import { Effect, Result, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { Actor } from "../../events/Actor.ts"
import type { NewEvent } from "../../events/EventType.ts"
import { EventLog } from "../../events/EventLog.ts"
import { countAt } from "../../events/TimedCounts.ts"
import { ReadSql } from "../../storage/Database.ts"
import { repeatable } from "../../storage/Durability.ts"
import { decodeCursor, encodeCursor, pageLimit, toPage } from "../../storage/Pages.ts"
import { rowId } from "../../storage/RowId.ts"
import { toJson } from "../../storage/Rows.ts"
import { recordIn, requireDocument } from "../../storage/StoredDocuments.ts"
import { documentColumn, nullableDocument, requireColumns, rowFormat } from "../../storage/StoredRows.ts"
import { transacting } from "../../storage/Transactions.ts"
import { RunStatus } from "../Job.ts"
import { type Run, RunError, RunOptions, RunProgress, StartedBy } from "../Run.ts"

export interface RunQuery {
  readonly job?: string
  /** Id of a subject of the job. */
  readonly subject?: string
  readonly status?: RunStatus
  readonly limit?: number
  readonly cursor?: string
}

export interface RunStore extends Effect.Success<typeof makeRunStore> {}

export const makeRunStore = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const transact = transacting(sql)
  const read = yield* ReadSql
  const events = yield* EventLog

  const columns = read.literal(
    `id, job, subject, subject_name AS "subjectName", started_by AS "startedBy", actor, status, overrides AS "options", progress, result, error, errors,
      queued_at AS "queuedAt", started_at AS "startedAt", ended_at AS "endedAt"`
  )

  const insert = Effect.fnUntraced(function* (run: Omit<Run, "id">, eventOf: ((stored: Run) => EventBy) | null) {
    return yield* Effect.gen(function* () {
      const rows = yield* sql<{ id: number }>`INSERT INTO job_runs ${sql.insert({
        job: run.job,
        subject: run.subject?.id ?? "",
        subject_name: run.subject?.name ?? "",
        started_by: run.startedBy,
        actor: run.actor,
        status: run.status,
        overrides: toJson(run.options),
        progress: nullable(run.progress),
        queued_at: run.queuedAt,
        started_at: run.startedAt
      })} RETURNING id`
      const stored: Run = { ...run, id: String(rows[0]?.id) }
      if (eventOf !== null) yield* append(eventOf(stored))
      return stored
    }).pipe(transact)
  })

  const markRunning = Effect.fnUntraced(function* (run: Run, event: EventBy) {
    yield* sql`UPDATE job_runs SET status = 'running', progress = NULL, started_at = ${run.startedAt} WHERE id = ${run.id}`.pipe(
      Effect.andThen(append(event)),
      transact
    )
  })

  const saveProgress = Effect.fnUntraced(function* (run: Run) {
    yield* repeatable(
      Effect.orDie(
        sql`UPDATE job_runs SET progress = ${nullable(run.progress)}, errors = ${run.errors}
        WHERE id = ${run.id} AND ended_at IS NULL`
      )
    )
  })

  /** Returns whether this call has ended the run. */
  const end = Effect.fnUntraced(function* (run: Run, event: EventBy) {
    return yield* Effect.gen(function* () {
      const ended = yield* sql`UPDATE job_runs SET ${sql.update({
        status: run.status,
        progress: nullable(run.progress),
        result: nullable(run.result),
        error: nullable(run.error),
        errors: run.errors,
        ended_at: run.endedAt
      })} WHERE id = ${run.id} AND ended_at IS NULL RETURNING id`
      if (ended.length === 0) return false
      yield* append(event)
      if (run.startedAt !== null && run.endedAt !== null) {
        yield* countAt(sql, run.endedAt, [{ figure: "job-run", name: `${run.job}/${run.status}` }])
      }
      return true
    }).pipe(transact)
  })

  const find = Effect.fnUntraced(function* (runId: string) {
    const rows = yield* Effect.orDie(read<RunRow>`SELECT ${columns} FROM job_runs WHERE id = ${rowId(runId)}`)
    return rows[0] === undefined ? undefined : toRun(rows[0])
  })

  /** For a run that does the same again: dies if they are damaged, because the defaults could do more than was asked. */
  const optionsOf = Effect.fnUntraced(function* (runId: string): Effect.fn.Return<RunOptions> {
    const [row] = yield* Effect.orDie(
      read<{ options: string }>`SELECT overrides AS options FROM job_runs WHERE id = ${rowId(runId)}`
    )
    return requireDocument(optionsFormat, runId, row?.options ?? "")
  })

  const page = Effect.fnUntraced(function* (query: RunQuery) {
    const limit = yield* pageLimit(query.limit)
    const before = query.cursor === undefined ? undefined : (yield* decodeCursor(cursorScope, 1, query.cursor))[0]
    const conditions = [
      ...(query.job === undefined ? [] : [read`job = ${query.job}`]),
      ...(query.subject === undefined ? [] : [read`subject = ${query.subject}`]),
      ...(query.status === undefined ? [] : [read`status = ${query.status}`]),
      ...(before === undefined ? [] : [read`id < ${before}`])
    ]
    const rows = yield* Effect.orDie(
      read<RunRow>`SELECT ${columns} FROM job_runs WHERE ${read.and(conditions)} ORDER BY id DESC LIMIT ${limit + 1}`
    )
    return toPage(rows, limit, (row) => encodeCursor(cursorScope, [row.id]), toRun)
  })

  /** Covers all subjects of the job, unless one is given. */
  const lastEnded = Effect.fnUntraced(function* (job: string, subject: string | null) {
    const conditions = [read`job = ${job}`, ...(subject === null ? [] : [read`subject = ${subject}`])]
    const rows = yield* Effect.orDie(
      read<RunRow>`SELECT ${columns} FROM job_runs
        WHERE ${read.and(conditions)} AND ended_at IS NOT NULL ORDER BY id DESC LIMIT 1`
    )
    return rows[0] === undefined ? null : toRun(rows[0])
  })

  const unfinished = Effect.orDie(
    sql<RunRow>`SELECT ${columns} FROM job_runs WHERE status IN ('queued', 'running') ORDER BY id`
  ).pipe(Effect.map((rows) => rows.map(toRun)))

  const prune = Effect.fnUntraced(function* (keep: number) {
    const surplus = yield* Effect.orDie(
      read<{ id: number }>`SELECT id FROM (
          SELECT id, row_number() OVER (PARTITION BY job, subject ORDER BY id DESC) AS place
          FROM job_runs WHERE ended_at IS NOT NULL
        ) AS placed WHERE place > ${keep} ORDER BY id`
    )
    // In small batches: each run is deleted with its log, and other writers are waiting.
    for (let from = 0; from < surplus.length; from += pruneSize) {
      const ids = surplus.slice(from, from + pruneSize).map((row) => row.id)
      yield* Effect.orDie(sql`DELETE FROM job_runs WHERE ${sql.in("id", ids)}`)
      yield* Effect.yieldNow
    }
    return surplus.length
  })

  const append = ({ event, actor }: EventBy) => Effect.provideService(events.append(event), Actor, actor)

  return { insert, markRunning, saveProgress, end, find, optionsOf, page, lastEnded, unfinished, prune }
})

/** An event and its actor. */
export interface EventBy {
  readonly event: NewEvent
  readonly actor: string
}

const cursorScope = "job-runs"

const pruneSize = 20

const format = rowFormat({
  table: "job_runs",
  columns: {
    id: Schema.Int,
    job: Schema.String,
    subject: Schema.String,
    subjectName: Schema.String,
    startedBy: StartedBy,
    actor: Schema.String,
    status: RunStatus,
    errors: Schema.Int,
    queuedAt: Schema.String,
    startedAt: Schema.NullOr(Schema.String),
    endedAt: Schema.NullOr(Schema.String)
  },
  documents: {
    options: documentColumn(RunOptions, null),
    progress: nullableDocument(RunProgress),
    result: nullableDocument(Schema.Unknown, null),
    error: nullableDocument(RunError)
  }
})

interface RunRow {
  readonly id: number
}

/** A run whose documents are damaged is shown without them, and says so: they are only read by people. */
const toRun = (row: RunRow): Run => {
  const { subject, subjectName, ...columns } = requireColumns(format, row)
  const read = format.documents(row)
  const documents = Result.isSuccess(read)
    ? read.success
    : { options: {}, progress: null, result: null, error: { message: read.failure.message, code: "damaged" } }
  return {
    ...columns,
    ...documents,
    id: String(row.id),
    ...(subject === "" ? {} : { subject: { id: subject, name: subjectName } })
  }
}

const optionsFormat = recordIn("job_runs", "overrides")

const nullable = (value: unknown): string | null => (value === null || value === undefined ? null : toJson(value))
