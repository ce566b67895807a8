/**
 * Starts jobs when their schedules say so. One fiber plans for all: it sleeps until the next time of any job, and is
 * woken when a schedule changes. A time that comes while the job runs is left out, as are all but one of the times that
 * passed while the process slept. An interval starts to count when schedules are started or the schedule is set.
 */
import { Cause, Clock, Effect, Queue } from "effect"
import { SqlClient } from "effect/sql"
import { Actor } from "../../events/Actor.ts"
import { passedMillis } from "../../problems/Instants.ts"
import { toJson } from "../../storage/Rows.ts"
import { isoTime, scheduleTimes, type ScheduleTimes } from "../ScheduleTimes.ts"
import { Loops } from "../Loops.ts"
import type { Runner } from "./Runner.ts"
import type { JobSchedule, ScheduleChange } from "../Job.ts"
import { effectiveSchedule, type ScheduleStore } from "./ScheduleStore.ts"

export interface Schedules extends Effect.Success<ReturnType<typeof makeSchedules>> {}

export const makeSchedules = Effect.fnUntraced(function* (store: ScheduleStore, runner: Runner) {
  const sql = yield* SqlClient.SqlClient
  const loops = yield* Loops
  const wakes = yield* Queue.sliding<void>(1)
  const plans = new Map<string, Plan>()
  let started = false

  /** Brings the plans in line with the schedules as they are now; a plan whose schedule is unchanged stays. */
  const plan = Effect.gen(function* () {
    if (!started) return
    const now = yield* Clock.currentTimeMillis
    const rows = yield* store.rows()
    for (const { job } of runner.slots.values()) {
      const { schedule, enabled } = effectiveSchedule(job, rows.get(job.name))
      if (schedule === null || !enabled) {
        plans.delete(job.name)
        continue
      }
      const key = toJson(schedule)
      if (plans.get(job.name)?.key === key) continue
      const times = yield* scheduleTimes(schedule, ["schedule"]).pipe(
        Effect.tapError((problem) =>
          Effect.logError(`The schedule of job ${job.name} is not usable: ${problem.detail}`)
        ),
        Effect.orElseSucceed(() => null)
      )
      plans.set(job.name, { key, schedule, times, at: times === null ? null : times.next(now, null) })
    }
  })

  /** How the clock stood against the time that has passed, in milliseconds. */
  const offset = Effect.gen(function* () {
    return (yield* Clock.currentTimeMillis) - (yield* passedMillis)
  })
  let known: number | null = null

  /** After the clock was set back, a time that was worked out before would be long in coming. */
  const followClock = Effect.gen(function* () {
    const before = known
    const now = yield* offset
    known = now
    if (before === null || before - now < setBackBy) return
    for (const [job, { at, key, schedule, times }] of plans) {
      if (at === null || times === null) continue
      const millis = yield* Clock.currentTimeMillis
      plans.set(job, {
        key,
        schedule,
        times,
        at: schedule.type === "interval" ? at + now - before : times.next(millis, null)
      })
    }
  })

  /** Starts what is due, and answers for how long there is nothing to do. */
  const tick = Effect.gen(function* () {
    yield* followClock
    yield* plan
    const now = yield* Clock.currentTimeMillis
    const due: Array<string> = []
    for (const [job, { at, key, schedule, times }] of plans) {
      if (times === null || at === null || at > now) continue
      due.push(job)
      plans.set(job, { key, schedule, times, at: times.next(now, at) })
    }
    for (const job of due) {
      yield* runner.startIfIdle(job, { startedBy: "schedule" }).pipe(
        Effect.provideService(Actor, "system"),
        Effect.catchCause((cause) =>
          Cause.hasInterruptsOnly(cause)
            ? Effect.failCause(cause)
            : Effect.logError(`The scheduled run of ${job} could not be started`, cause)
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

  const set = Effect.fn("Jobs.setSchedule")(function* (name: string, change: ScheduleChange) {
    const { job } = yield* runner.slotOf(name)
    if (change.schedule !== undefined && change.schedule !== null) {
      yield* scheduleTimes(change.schedule, ["payload", "schedule"])
    }
    yield* store.change(job, change)
    yield* sql.afterCommit(wake)
  })

  const reset = Effect.fn("Jobs.resetSchedule")(function* (name: string) {
    const { job } = yield* runner.slotOf(name)
    yield* store.reset(job)
    yield* sql.afterCommit(wake)
  })

  const nextRunAt = (job: string): string | null => {
    const at = plans.get(job)?.at ?? null
    return at === null ? null : isoTime(at)
  }

  return { start, set, reset, nextRunAt, wake }
})

interface Plan {
  /** The schedule it was made for. */
  readonly key: string
  readonly schedule: JobSchedule
  /** `null` = the schedule can not be used. */
  readonly times: ScheduleTimes | null
  readonly at: number | null
}

/** Timers stand still while a machine sleeps, and its clock may be set: once a minute the plan is compared with the clock. */
const longestSleep = 60_000

/** Less than that is a correction, which schedules wait out. */
const setBackBy = 60_000

/** Times that are missed are not caught up. */
const longestWaitMillis = 5_000
