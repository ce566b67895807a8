/** The schedules that people have set. A job or subject without a row uses the default of the job. */
import { Effect, Result, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { EventLog } from "../../events/EventLog.ts"
import { ReadSql } from "../../storage/Database.ts"
import { toBit, toJson } from "../../storage/Rows.ts"
import { logDamage, readRow, rowFormat } from "../../storage/StoredRows.ts"
import { transacting } from "../../storage/Transactions.ts"
import { JobSchedule, type JobSubject, type ScheduleChange } from "../Job.ts"
import { nowIso } from "../../problems/Instants.ts"
import { JobEvents } from "../JobEvents.ts"
import { type RegisteredJob, slotKey } from "./RegisteredJob.ts"

export interface EffectiveSchedule {
  readonly schedule: JobSchedule | null
  readonly enabled: boolean
}

export interface ScheduleStore extends Effect.Success<typeof makeScheduleStore> {}

export const makeScheduleStore = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const transact = transacting(sql)
  const read = yield* ReadSql
  const events = yield* EventLog

  /** The rows by slot (`slotKey`); `from` is the write client within a transaction. */
  const rows = Effect.fnUntraced(function* (from: SqlClient.SqlClient = read) {
    const found = yield* Effect.orDie(from<Slot>`SELECT job, subject, type, expression, zone, enabled FROM schedules`)
    const bySlot = new Map<string, ScheduleRow>()
    for (const row of found) {
      const whole = readRow(format, row)
      if (Result.isFailure(whole)) yield* logDamage(whole.failure)
      const { job, subject } = row
      bySlot.set(
        slotKey(job, subject === "" ? null : subject),
        // The default schedule would start a job that a person may have switched off.
        Result.getOrElse(whole, () => ({ job, subject, enabled: false, ...noTiming }))
      )
    }
    return bySlot
  })

  const change = Effect.fnUntraced(function* (job: RegisteredJob, subject: JobSubject | null, wanted: ScheduleChange) {
    return yield* Effect.gen(function* () {
      const key = slotKey(job.name, subject?.id ?? null)
      const row = (yield* rows(sql)).get(key)
      const before = effectiveSchedule(job, row)
      const timing = wanted.schedule === undefined ? (row ?? ownTiming) : timingOf(wanted.schedule)
      const now = yield* nowIso
      yield* sql`INSERT INTO schedules ${sql.insert({
        job: job.name,
        subject: subject?.id ?? "",
        type: timing.type,
        expression: timing.expression,
        zone: timing.zone,
        enabled: toBit(wanted.enabled ?? before.enabled),
        version: 1,
        updated_at: now
      })} ON CONFLICT (job, subject) DO UPDATE SET type = excluded.type, expression = excluded.expression, zone = excluded.zone,
        enabled = excluded.enabled, version = schedules.version + 1, updated_at = excluded.updated_at`
      yield* logChange(job, subject, before, effectiveSchedule(job, (yield* rows(sql)).get(key)))
    }).pipe(transact)
  })

  const reset = Effect.fnUntraced(function* (job: RegisteredJob, subject: JobSubject | null) {
    yield* Effect.gen(function* () {
      const before = effectiveSchedule(job, (yield* rows(sql)).get(slotKey(job.name, subject?.id ?? null)))
      yield* sql`DELETE FROM schedules WHERE job = ${job.name} AND subject = ${subject?.id ?? ""}`
      yield* logChange(job, subject, before, effectiveSchedule(job, undefined))
    }).pipe(transact)
  })

  const logChange = (
    job: RegisteredJob,
    subject: JobSubject | null,
    before: EffectiveSchedule,
    after: EffectiveSchedule
  ) =>
    toJson(before) === toJson(after)
      ? Effect.void
      : events.append(
          JobEvents.scheduleChanged.make({
            subject: job.name,
            message: `The schedule of ${job.title}${subject === null ? "" : ` (${subject.name})`} was changed`,
            payload: { ...(subject === null ? {} : { subject }), before, after }
          })
        )

  return { rows, change, reset }
})

/** The effective schedule of a job, given its row. An interval that is no longer allowed counts as no schedule. */
export const effectiveSchedule = (job: RegisteredJob, row: ScheduleRow | undefined): EffectiveSchedule => {
  if (row === undefined) return { schedule: job.defaultSchedule, enabled: true }
  const { enabled } = row
  switch (row.type) {
    case "own":
      return { schedule: job.defaultSchedule, enabled }
    case "cron":
      return { schedule: { type: "cron", expression: row.expression, zone: row.zone }, enabled }
    case "interval": {
      const seconds = Number(row.expression)
      return {
        schedule: Schema.is(JobSchedule)({ type: "interval", seconds }) ? { type: "interval", seconds } : null,
        enabled
      }
    }
    default:
      return { schedule: null, enabled }
  }
}

const format = rowFormat({
  table: "schedules",
  id: ["job", "subject"],
  columns: {
    job: Schema.String,
    subject: Schema.String,
    type: Schema.Literals(["own", "none", "cron", "interval"]),
    expression: Schema.String,
    zone: Schema.String,
    enabled: Schema.BooleanFromBit
  }
})

interface Slot {
  readonly job: string
  readonly subject: string
}

export interface ScheduleRow extends Slot, Timing {
  readonly enabled: boolean
}

interface Timing {
  /** `own` = the job's default, which may change with a release; `none` = only on request. */
  readonly type: string
  /** A cron expression, or seconds. */
  readonly expression: string
  readonly zone: string
}

const noTiming: Timing = { type: "none", expression: "", zone: "" }
const ownTiming: Timing = { type: "own", expression: "", zone: "" }

const timingOf = (schedule: JobSchedule | null): Timing =>
  schedule === null
    ? noTiming
    : schedule.type === "cron"
      ? { type: "cron", expression: schedule.expression, zone: schedule.zone }
      : { type: "interval", expression: String(schedule.seconds), zone: "" }
