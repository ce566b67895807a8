/** The table of run logs: lines are appended in batches and read forward from a given line. */
import { Effect, Result } from "effect"
import { SqlClient } from "effect/sql"
import { invalidField } from "../../problems/Problem.ts"
import { ReadSql } from "../../storage/Database.ts"
import { repeatable } from "../../storage/Durability.ts"
import { type Page, pageLimit } from "../../storage/Pages.ts"
import { placeOf } from "../../storage/RowId.ts"
import { readDocument, recordIn } from "../../storage/StoredDocuments.ts"
import type { LogLevel } from "../Job.ts"
import type { RunLog, RunOptions } from "../Run.ts"

/** A line before it is stored; `data` is JSON text. */
export interface LogLine {
  readonly at: string
  readonly level: LogLevel
  readonly message: string
  readonly data: string | null
}

export interface RunLogQuery {
  /** The last line that was read: `nextCursor`, or the id of any line. */
  readonly after?: string
  readonly limit?: number
}

export interface RunLogStore extends Effect.Success<typeof makeRunLogStore> {}

export const makeRunLogStore = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const read = yield* ReadSql

  const append = Effect.fnUntraced(function* (runId: string, lines: ReadonlyArray<LogLine>) {
    const [first, ...rest] = lines.map((line) => ({ run_id: Number(runId), ...line }))
    if (first === undefined) return
    yield* repeatable(Effect.orDie(sql`INSERT INTO job_run_logs ${sql.insert([first, ...rest])}`))
  })

  const after = Effect.fnUntraced(function* (runId: string, line: number, limit: number) {
    const rows = yield* Effect.orDie(
      read<RunLogRow>`SELECT id, at, level, message, data FROM job_run_logs
        WHERE run_id = ${Number(runId)} AND id > ${line} ORDER BY id LIMIT ${limit}`
    )
    return rows.map(toRunLog)
  })

  const page = Effect.fnUntraced(function* (runId: string, query: RunLogQuery) {
    const limit = yield* pageLimit(query.limit)
    const lines = yield* after(runId, yield* lineId(query.after), limit + 1)
    const items = lines.slice(0, limit)
    const result: Page<RunLog> = {
      items,
      nextCursor: lines.length > limit ? (items[items.length - 1]?.id ?? null) : null
    }
    return result
  })

  return { append, after, page }
})

export const lineId = (after: string | undefined) => {
  const place = after === undefined ? 0 : placeOf(after)
  return place === null
    ? Effect.fail(invalidField(["query", "after"], "is not the id of a line of a run's log"))
    : Effect.succeed(place)
}

interface RunLogRow {
  readonly id: number
  readonly at: string
  readonly level: LogLevel
  readonly message: string
  readonly data: string | null
}

/** A log has thousands of lines, so only the outline of their data is checked. */
const dataFormat = recordIn("job_run_logs", "data")

const dataOf = (id: number, text: string): RunOptions =>
  Result.match(readDocument(dataFormat, String(id), text), {
    onFailure: ({ message }) => ({ damaged: message }),
    onSuccess: (data) => data
  })

const toRunLog = (row: RunLogRow): RunLog => ({
  id: String(row.id),
  at: row.at,
  level: row.level,
  message: row.message,
  data: row.data === null ? null : dataOf(row.id, row.data)
})
