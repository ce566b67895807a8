/**
 * Starts jobs according to their schedules. One fiber plans for all jobs: it sleeps until the next time of any job, and
 * is woken when a schedule or the list of subjects changes. A time that comes while the job is running is skipped, as
 * are all but one of the times that passed while the process slept. An interval starts when schedules are started or
 * when the schedule is set.
 */
import { Cause, Clock, Effect, Queue } from "effect"
import { SqlClient } from "effect/sql"
import { isoOfMillis } from "../../problems/Instants.ts"
import { Actor } from "../../events/Actor.ts"
import { passedMillis } from "../../problems/Instants.ts"
import { toJson } from "../../storage/Rows.ts"
import { scheduleTimes, type ScheduleTimes } from "../ScheduleTimes.ts"
import { Loops } from "../Loops.ts"
import type { Runner } from "./Runner.ts"
import type { JobSchedule, JobSubject, ScheduleChange } from "../Job.ts"
import { type RegisteredJob, slotKey } from "./RegisteredJob.ts"
import type { Slots } from "./Slots.ts"
import type { Subjects } from "./Subjects.ts"
import { effectiveSchedule, type ScheduleRow, type ScheduleStore } from "./ScheduleStore.ts"

export interface Schedules extends Effect.Success<ReturnType<typeof makeSchedules>> {}

export const makeSchedules = Effect.fnUntraced(function* (
  store: ScheduleStore,
  slots: Slots,
  subjects: Subjects,
  runner: Runner
) {
  const sql = yield* SqlClient.SqlClient
  const loops = yield* Loops
  const wakes = yield* Queue.sliding<void>(1)
  const plans = new Map<string, Plan>()
  let started = false

  /** Updates the plans to match the current schedules; a plan whose schedule is unchanged is kept. */
  const plan = Effect.gen(function* () {
    if (!started) return
    const now = yield* Clock.currentTimeMillis
    const rows = yield* store.rows()
    for (const job of slots.jobs.values()) {
      const present = yield* subjects.presentOf(job)
      // If the subjects cannot be listed, the previous plans are kept.
      if (present === null) continue
      for (const [key, { job: name, subject }] of plans) {
        if (name === job.name && !present.some((each) => each === subject || each?.id === subject)) plans.delete(key)
      }
      const paused = yield* subjects.pausedOf(job)
      for (const each of present) {
        if (each !== null && paused.has(each.id)) plans.delete(slotKey(job.name, each.id))
        else yield* planOne(job, each?.id ?? null, rows, now)
      }
    }
  })

  const planOne = Effect.fnUntraced(function* (
    job: RegisteredJob,
    subject: string | null,
    rows: ReadonlyMap<string, ScheduleRow>,
    now: number
  ) {
    const slot = slotKey(job.name, subject)
    const { schedule, enabled } = effectiveSchedule(job, rows.get(slot))
    if (schedule === null || !enabled) return void plans.delete(slot)
    const key = toJson(schedule)
    if (plans.get(slot)?.key === key) return
    const times = yield* scheduleTimes(schedule, ["schedule"]).pipe(
      Effect.tapError((problem) => Effect.logError(`The schedule of job ${slot} is not usable: ${problem.detail}`)),
      Effect.orElseSucceed(() => null)
    )
    plans.set(slot, { job: job.name, subject, key, schedule, times, at: times?.next(now, null) ?? null })
  })

  /** Difference between the wall clock and the elapsed time, in milliseconds. */
  const offset = Effect.gen(function* () {
    return (yield* Clock.currentTimeMillis) - (yield* passedMillis)
  })
  let known: number | null = null

  /** After the clock was set back, a time that was computed before would be too far in the future. */
  const followClock = Effect.gen(function* () {
    const before = known
    const now = yield* offset
    known = now
    if (before === null || before - now < setBackBy) return
    for (const [slot, plan] of plans) {
      const { at, schedule, times } = plan
      if (at === null || times === null) continue
      const millis = yield* Clock.currentTimeMillis
      plans.set(slot, { ...plan, at: schedule.type === "interval" ? at + now - before : times.next(millis, null) })
    }
  })

  /** Starts the jobs that are due, and returns how long there is nothing to do. */
  const tick = Effect.gen(function* () {
    yield* followClock
    yield* plan
    const now = yield* Clock.currentTimeMillis
    const due: Array<Plan> = []
    for (const [slot, plan] of plans) {
      const { at, times } = plan
      if (times === null || at === null || at > now) continue
      due.push(plan)
      plans.set(slot, { ...plan, at: times.next(now, at) })
    }
    for (const { job, subject } of due) {
      yield* runner.startScheduled(job, { ...(subject === null ? {} : { subject }), startedBy: "schedule" }).pipe(
        Effect.provideService(Actor, "system"),
        // The subject has disappeared since the plan was made.
        Effect.catchTag("JobSubjectNotFound", () => Effect.void),
        Effect.catchCause((cause) =>
          Cause.hasInterruptsOnly(cause)
            ? Effect.failCause(cause)
            : Effect.logError(`The scheduled run of ${slotKey(job, subject)} could not be started`, cause)
        )
      )
    }
    const next = Math.min(...[...plans.values()].map(({ at }) => at ?? Infinity))
    return Math.max(0, Math.min(longestSleep, next - (yield* Clock.currentTimeMillis)))
  })

  const turn = Effect.flatMap(tick, (millis) => Effect.raceFirst(Effect.sleep(millis), Queue.take(wakes)))

  const wake = Effect.andThen(
    Effect.suspend(() => plan),
    Queue.offer(wakes, undefined)
  ).pipe(Effect.asVoid)

  const start = Effect.gen(function* () {
    if (started) return yield* Effect.die(new Error("Schedules are started already"))
    started = true
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        started = false
        plans.clear()
      })
    )
    yield* runner.recover
    yield* plan
    yield* loops.start({ name: "schedules", title: "Starting jobs by their schedules", turn, longestWaitMillis })
  })

  const set = Effect.fn("Jobs.setSchedule")(function* (
    job: RegisteredJob,
    subject: JobSubject | null,
    change: ScheduleChange
  ) {
    if (change.schedule !== undefined && change.schedule !== null) {
      yield* scheduleTimes(change.schedule, ["payload", "schedule"])
    }
    yield* store.change(job, subject, change)
    yield* sql.afterCommit(wake)
  })

  const reset = Effect.fn("Jobs.resetSchedule")(function* (job: RegisteredJob, subject: JobSubject | null) {
    yield* store.reset(job, subject)
    yield* sql.afterCommit(wake)
  })

  const nextRunAt = (job: RegisteredJob, subject: JobSubject | null): string | null => {
    const at = plans.get(slotKey(job.name, subject?.id ?? null))?.at ?? null
    return at === null ? null : isoOfMillis(at)
  }

  return { start, set, reset, nextRunAt, wake }
})

interface Plan {
  readonly job: string
  /** Id of the subject. */
  readonly subject: string | null
  /** The schedule that the plan was made for. */
  readonly key: string
  readonly schedule: JobSchedule
  /** `null` = the schedule is not usable. */
  readonly times: ScheduleTimes | null
  readonly at: number | null
}

/** Timers stop while a machine sleeps, and its clock may be set: once a minute the plan is compared with the clock. */
const longestSleep = 60_000

/** After a smaller change, which is a clock correction, the plans are kept and fire that much later. */
const setBackBy = 60_000

/** The longest delay after failures; short, because missed times are not caught up. */
const longestWaitMillis = 5_000
