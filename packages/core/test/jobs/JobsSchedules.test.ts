import { assert, describe, it } from "@effect/vitest"
import { Clock, DateTime, Effect, Exit } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { Actor } from "../../src/events/Actor.ts"
import { EventLog } from "../../src/events/EventLog.ts"
import type { JobSchedule } from "../../src/jobs/Job.ts"
import { Jobs } from "../../src/jobs/Jobs.ts"
import { job, jobsFile, JobsTest } from "./JobsTest.ts"
import { temporaryDatabase } from "../support/Sql.ts"

const quarterly: JobSchedule = { type: "cron", expression: "*/15 * * * *", zone: "UTC" }

/** A job that records its start times, and takes a while. */
const noting = (name: string, defaultSchedule: JobSchedule | null, seconds = 0, fails = false) => {
  const times: Array<string> = []
  const definition = job(
    name,
    () =>
      Effect.gen(function* () {
        times.push(DateTime.formatIso(yield* DateTime.now).slice(0, 19))
        yield* Effect.sleep(`${seconds} seconds`)
        if (fails) return yield* Effect.fail("always")
      }),
    { defaultSchedule }
  )
  return { times, definition }
}

describe("Schedules", () => {
  it.effect("that are damaged start nothing, not even by default, and the others still work", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(Date.parse("2026-03-01T00:00:30Z"))
      const jobs = yield* Jobs
      const sql = yield* SqlClient.SqlClient
      const [odd, whole] = [noting("odd", quarterly), noting("whole", quarterly)]
      yield* jobs.register(odd.definition)
      yield* jobs.register(whole.definition)
      yield* jobs.setSchedule("odd", { enabled: false })
      for (const [column, damage] of [
        ["enabled", "yes"],
        ["type", "sometimes"]
      ] as const) {
        yield* sql`UPDATE schedules SET ${sql(column)} = ${damage} WHERE job = 'odd'`
        assert.deepInclude(yield* jobs.get("odd"), { scheduleEnabled: false, schedule: null })
      }
      yield* jobs.startSchedules
      yield* TestClock.adjust("20 minutes")
      assert.deepStrictEqual([odd.times.length, whole.times.length], [0, 1])
    }).pipe(Effect.scoped, Effect.provide(JobsTest))
  )

  it.effect("start jobs at their times, as the system, and show the next time", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(Date.parse("2026-03-01T00:00:30Z"))
      const jobs = yield* Jobs
      const { times, definition } = noting("sync", quarterly)
      yield* jobs.register(definition)
      assert.isNull((yield* jobs.get("sync")).nextRunAt)
      yield* Effect.provideService(jobs.startSchedules, Actor, "account:ann")
      assert.strictEqual((yield* jobs.get("sync")).nextRunAt, "2026-03-01T00:15:00.000Z")
      yield* TestClock.adjust("45 minutes")
      assert.deepStrictEqual(times, ["2026-03-01T00:15:00", "2026-03-01T00:30:00", "2026-03-01T00:45:00"])
      assert.strictEqual((yield* jobs.get("sync")).nextRunAt, "2026-03-01T01:00:00.000Z")
      assert.deepInclude((yield* jobs.runs({})).items[0], { startedBy: "schedule", actor: "system" })
    }).pipe(Effect.scoped, Effect.provide(JobsTest))
  )

  it.effect("continue after runs that fail", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      const { times, definition } = noting("failing", { type: "interval", seconds: 60 }, 0, true)
      yield* jobs.register(definition)
      yield* jobs.startSchedules
      yield* TestClock.adjust("5 minutes")
      assert.strictEqual(times.length, 5)
      assert.strictEqual((yield* jobs.runs({ status: "failed" })).items.length, 5)
    }).pipe(Effect.scoped, Effect.provide(JobsTest))
  )

  it.effect("skip the times during a run of the job, and queue nothing", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      const { times, definition } = noting("slow", { type: "interval", seconds: 60 }, 150)
      yield* jobs.register(definition)
      yield* jobs.startSchedules
      yield* TestClock.adjust("10 minutes")
      assert.deepStrictEqual(times, [
        "1970-01-01T00:01:00",
        "1970-01-01T00:04:00",
        "1970-01-01T00:07:00",
        "1970-01-01T00:10:00"
      ])
      assert.isNull((yield* jobs.get("slow")).queued)
    }).pipe(Effect.scoped, Effect.provide(JobsTest))
  )

  it.effect("start one run for all times that passed while the process was suspended", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      const { times, definition } = noting("sync", { type: "interval", seconds: 3_600 })
      yield* jobs.register(definition)
      // After a suspension of the machine, the wall clock has advanced, and timers have not.
      const clock = yield* Clock.Clock
      let slept = 0
      const wall = (): number => clock.currentTimeMillisUnsafe() + slept
      const suspended: Clock.Clock = {
        currentTimeMillisUnsafe: wall,
        currentTimeMillis: Effect.sync(wall),
        currentTimeNanosUnsafe: () => BigInt(wall()) * 1_000_000n,
        currentTimeNanos: Effect.sync(() => BigInt(wall()) * 1_000_000n),
        monotonicTimeNanosUnsafe: () => clock.monotonicTimeNanosUnsafe(),
        monotonicTimeNanos: clock.monotonicTimeNanos,
        sleep: (duration) => clock.sleep(duration)
      }
      yield* Effect.provideService(jobs.startSchedules, Clock.Clock, suspended)
      yield* TestClock.adjust("90 seconds")
      slept = 5 * 3_600_000
      yield* TestClock.adjust("60 seconds")
      assert.strictEqual(times.length, 1)
      assert.strictEqual((yield* jobs.get("sync")).nextRunAt, "1970-01-01T06:00:00.000Z")
      yield* TestClock.adjust("50 minutes")
      assert.strictEqual(times.length, 1)
    }).pipe(Effect.scoped, Effect.provide(JobsTest))
  )

  it.effect("stop with their scope, and can be started again", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      const { times, definition } = noting("sync", { type: "interval", seconds: 60 })
      yield* jobs.register(definition)
      yield* Effect.scoped(
        Effect.gen(function* () {
          yield* jobs.startSchedules
          assert.isTrue(Exit.hasDies(yield* Effect.exit(jobs.startSchedules)))
          yield* TestClock.adjust("1 minute")
        })
      )
      assert.isNull((yield* jobs.get("sync")).nextRunAt)
      yield* TestClock.adjust("5 minutes")
      assert.strictEqual(times.length, 1)
      yield* Effect.scoped(Effect.andThen(jobs.startSchedules, TestClock.adjust("1 minute")))
      assert.strictEqual(times.length, 2)
    }).pipe(Effect.provide(JobsTest))
  )

  it.effect("cover jobs that are registered later", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      yield* jobs.startSchedules
      yield* TestClock.adjust("10 seconds")
      const { times, definition } = noting("late", { type: "interval", seconds: 20 })
      yield* jobs.register(definition)
      assert.strictEqual((yield* jobs.get("late")).nextRunAt, "1970-01-01T00:00:30.000Z")
      yield* TestClock.adjust("20 seconds")
      assert.strictEqual(times.length, 1)
    }).pipe(Effect.scoped, Effect.provide(JobsTest))
  )

  it.effect("continue after the database could not be read for a while", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      const sql = yield* SqlClient.SqlClient
      const { times, definition } = noting("sync", { type: "interval", seconds: 60 })
      yield* jobs.register(definition)
      yield* jobs.startSchedules
      yield* TestClock.adjust("30 seconds")
      yield* sql`ALTER TABLE schedules RENAME TO schedules_elsewhere`
      yield* TestClock.adjust("2 minutes")
      assert.strictEqual(times.length, 0)
      yield* sql`ALTER TABLE schedules_elsewhere RENAME TO schedules`
      yield* TestClock.adjust("5 seconds")
      assert.strictEqual(times.length, 1)
    }).pipe(Effect.scoped, Effect.provide(JobsTest))
  )
})

describe("A change of a schedule", () => {
  it.effect("applies at once, is logged, and is undone by a reset", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      const log = yield* EventLog
      const { times, definition } = noting("sync", quarterly)
      yield* jobs.register(definition)
      yield* jobs.startSchedules
      const changed = yield* jobs
        .setSchedule("sync", { schedule: { type: "interval", seconds: 10 } })
        .pipe(Effect.provideService(Actor, "account:ann"))
      assert.deepInclude(changed, {
        schedule: { type: "interval", seconds: 10 },
        scheduleEnabled: true,
        nextRunAt: "1970-01-01T00:00:10.000Z"
      })
      yield* TestClock.adjust("30 seconds")
      assert.strictEqual(times.length, 3)

      const event = (yield* log.page({ type: "job.schedule-changed" })).items[0]
      assert.strictEqual(event?.actor, "account:ann")
      assert.deepStrictEqual(event?.payload, {
        before: { schedule: quarterly, enabled: true },
        after: { schedule: { type: "interval", seconds: 10 }, enabled: true }
      })

      assert.isNull((yield* jobs.setSchedule("sync", { enabled: false })).nextRunAt)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(times.length, 3)

      const enabled = yield* jobs.setSchedule("sync", { enabled: true })
      assert.deepInclude(enabled, {
        schedule: { type: "interval", seconds: 10 },
        nextRunAt: "1970-01-01T00:01:40.000Z"
      })

      const none = yield* jobs.setSchedule("sync", { schedule: null })
      assert.deepInclude(none, { schedule: null, scheduleEnabled: true, nextRunAt: null })

      const reset = yield* jobs.resetSchedule("sync")
      assert.deepInclude(reset, { schedule: quarterly, scheduleEnabled: true, nextRunAt: "1970-01-01T00:15:00.000Z" })
      yield* jobs.resetSchedule("sync")
      assert.strictEqual((yield* log.page({ type: "job.schedule-changed" })).items.length, 5)
    }).pipe(Effect.scoped, Effect.provide(JobsTest))
  )

  it.effect("survives a restart; if it only disables the schedule, the default of the job is kept", () =>
    Effect.gen(function* () {
      const filename = yield* temporaryDatabase
      const session = <A, E>(schedule: JobSchedule, use: (jobs: Jobs["Service"]) => Effect.Effect<A, E>) =>
        Effect.gen(function* () {
          const jobs = yield* Jobs
          yield* jobs.register(noting("own", schedule).definition)
          yield* jobs.register(noting("set", schedule).definition)
          return yield* use(jobs)
        }).pipe(Effect.provide(jobsFile(filename), { local: true }))
      yield* session(quarterly, (jobs) =>
        Effect.gen(function* () {
          yield* jobs.setSchedule("own", { enabled: false })
          yield* jobs.setSchedule("set", { schedule: { type: "interval", seconds: 77 }, enabled: false })
        })
      )
      const daily: JobSchedule = { type: "cron", expression: "0 4 * * *", zone: "Europe/Berlin" }
      const [own, set] = yield* session(daily, (jobs) => jobs.list)
      assert.deepInclude(own, { schedule: daily, scheduleEnabled: false })
      assert.deepInclude(set, { schedule: { type: "interval", seconds: 77 }, scheduleEnabled: false })
    }).pipe(Effect.scoped)
  )

  it.effect("to an invalid schedule is refused with the field, and changes nothing", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      yield* jobs.register(noting("sync", quarterly).definition)
      const refused = (schedule: JobSchedule) =>
        jobs.setSchedule("sync", { schedule }).pipe(
          Effect.flip,
          Effect.map((error) => (error._tag === "InvalidRequest" ? error.errors[0]?.path.join(".") : error._tag))
        )
      assert.strictEqual(
        yield* refused({ type: "cron", expression: "0 4 * * *", zone: "Nowhere" }),
        "payload.schedule.zone"
      )
      assert.strictEqual(
        yield* refused({ type: "cron", expression: "0 25 * * *", zone: "UTC" }),
        "payload.schedule.expression"
      )
      assert.strictEqual(yield* refused({ type: "interval", seconds: 0 }), "payload.schedule.seconds")
      assert.deepInclude(yield* jobs.get("sync"), { schedule: quarterly, scheduleEnabled: true })
      assert.strictEqual((yield* Effect.flip(jobs.setSchedule("nope", { enabled: true })))._tag, "JobNotFound")
      assert.strictEqual((yield* Effect.flip(jobs.resetSchedule("nope")))._tag, "JobNotFound")
      assert.deepStrictEqual(yield* jobs.nextRuns(quarterly, 2), [
        "1970-01-01T00:15:00.000Z",
        "1970-01-01T00:30:00.000Z"
      ])
    }).pipe(Effect.provide(JobsTest))
  )
})
