/** Jobs that run separately for each of their subjects, while subjects are added and removed. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { EventLog } from "../../src/events/EventLog.ts"
import { Jobs } from "../../src/jobs/Jobs.ts"
import { temporaryDatabase } from "../support/Sql.ts"
import { job, jobsFile, JobsTest, openGate, plantsChanged, shelfOfTwo, watering } from "./JobsTest.ts"

const start = (subject: string, options = {}) =>
  Effect.flatMap(Jobs, (jobs) => jobs.start("water", { subject, options, startedBy: "person" }))

describe("A job with subjects", () => {
  it.effect("runs concurrently for each subject, with a queue for each", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      const shelf = shelfOfTwo()
      yield* jobs.register(watering(shelf))
      const ann = yield* start("1")
      const ben = yield* start("2", { limit: 3 })
      const annNext = yield* start("1", { limit: 1 })
      assert.deepStrictEqual([ann.status, ben.status, annNext.status], ["running", "running", "queued"])
      assert.deepStrictEqual(ann.subject, { id: "1", name: "Ann" })
      assert.strictEqual((yield* start("1", { limit: 1 })).id, annNext.id)
      assert.strictEqual((yield* Effect.flip(start("1", { limit: 2 })))._tag, "RunQueuedOtherwise")

      const info = yield* jobs.get("water")
      assert.deepStrictEqual(
        info.subjects?.map(({ id, name, queued, running }) => [id, name, running?.id, queued?.id]),
        [
          ["1", "Ann", ann.id, annNext.id],
          ["2", "Ben", ben.id, undefined]
        ]
      )
      assert.deepStrictEqual([info.running?.id, info.queued?.id], [ann.id, annNext.id])

      yield* openGate(shelf, "1")
      yield* jobs.await(ann.id)
      assert.strictEqual((yield* jobs.run(annNext.id)).status, "running")
      assert.strictEqual((yield* jobs.run(ben.id)).status, "running")
      yield* openGate(shelf, "1")
      yield* openGate(shelf, "2")
      yield* jobs.await(annNext.id)
      yield* jobs.await(ben.id)
      assert.deepStrictEqual(shelf.began, ["Ann", "Ben", "Ann"])
      const runsOf = (subject: string) =>
        Effect.map(jobs.runs({ job: "water", subject }), ({ items }) => items.map(({ id }) => id))
      assert.deepStrictEqual(yield* runsOf("1"), [annNext.id, ann.id])
      assert.deepStrictEqual(yield* runsOf("2"), [ben.id])
      const ended = yield* jobs.get("water")
      assert.deepStrictEqual(
        ended.subjects?.map(({ lastRun }) => lastRun?.id),
        [annNext.id, ben.id]
      )
      const log = yield* EventLog
      const [event] = (yield* log.page({ type: "job-run.started", limit: 1 })).items
      assert.strictEqual(event?.message, "The water job (Ann) started")
      assert.deepInclude(event?.payload, { job: "water", subject: { id: "1", name: "Ann" } })
      yield* jobs.prune(1)
      assert.deepStrictEqual(yield* runsOf("1"), [annNext.id])
      assert.deepStrictEqual(yield* runsOf("2"), [ben.id])
    }).pipe(Effect.provide(JobsTest))
  )

  it.effect("requires an existing subject, and other jobs accept none", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      yield* jobs.register(watering(shelfOfTwo()))
      yield* jobs.register(job("sweep", () => Effect.void))
      assert.deepInclude(yield* Effect.flip(start("3")), {
        _tag: "JobSubjectNotFound",
        detail: 'The job water has no plant "3"',
        job: "water",
        subject: "3"
      })
      const pathOf = <A>(effect: Effect.Effect<A, { readonly _tag: string }>) =>
        Effect.map(Effect.flip(effect), (error) => ("errors" in error ? JSON.stringify(error.errors) : error._tag))
      assert.include(yield* pathOf(jobs.start("water", { startedBy: "person" })), '["payload","subject"]')
      assert.include(yield* pathOf(jobs.start("sweep", { subject: "1", startedBy: "person" })), '["payload","subject"]')
      assert.include(yield* pathOf(jobs.setSchedule("water", { enabled: false })), '["query","subject"]')
      assert.strictEqual(yield* pathOf(jobs.resetSchedule("water", "3")), "JobSubjectNotFound")
      assert.isEmpty((yield* jobs.runs({})).items)
    }).pipe(Effect.provide(JobsTest))
  )

  it.effect("starts for each subject by its own schedule, which exists as long as the subject", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      const shelf = shelfOfTwo()
      const both = shelf.present
      yield* jobs.register(watering(shelf, { type: "interval", seconds: 3_600 }))
      yield* jobs.startSchedules
      yield* jobs.setSchedule("water", { schedule: { type: "interval", seconds: 600 } }, "2")
      yield* TestClock.adjust("15 minutes")
      assert.deepStrictEqual(shelf.began, ["Ben"])
      yield* openGate(shelf, "2")
      shelf.present = [{ id: "1", name: "Anna" }]
      yield* plantsChanged
      yield* TestClock.adjust("1 second")
      yield* TestClock.adjust("50 minutes")
      assert.deepStrictEqual(shelf.began, ["Ben", "Anna"])
      assert.deepStrictEqual(
        (yield* jobs.get("water")).subjects?.map(({ name, nextRunAt }) => [name, nextRunAt]),
        [["Anna", "1970-01-01T02:00:00.000Z"]]
      )
      // Its settings apply again when it is added again, and new subjects use those of the job.
      shelf.present = [...both, { id: "3", name: "Cleo" }]
      yield* plantsChanged
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(
        (yield* jobs.get("water")).subjects?.map(({ name, schedule }) => [name, schedule]),
        [
          ["Ann", { type: "interval", seconds: 3_600 }],
          ["Ben", { type: "interval", seconds: 600 }],
          ["Cleo", { type: "interval", seconds: 3_600 }]
        ]
      )
      yield* TestClock.adjust("11 minutes")
      assert.deepStrictEqual(shelf.began, ["Ben", "Anna", "Ben"])
      yield* openGate(shelf, "2")
      yield* openGate(shelf, "1")
    }).pipe(Effect.scoped, Effect.provide(JobsTest))
  )

  it.effect("ends the runs of a removed subject, and keeps their history", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      const shelf = shelfOfTwo()
      yield* jobs.register(watering(shelf))
      yield* TestClock.adjust("1 second")
      const gone = yield* start("1")
      const waiting = yield* start("1", { limit: 1 })
      const stays = yield* start("2")
      yield* TestClock.adjust("1 second")
      shelf.present = shelf.present.slice(1)
      yield* plantsChanged
      const ended = yield* jobs.await(gone.id)
      assert.deepInclude(ended, { status: "cancelled", error: null, subject: { id: "1", name: "Ann" } })
      assert.strictEqual((yield* jobs.await(waiting.id)).status, "cancelled")
      assert.strictEqual((yield* jobs.run(stays.id)).status, "running")
      const { items } = yield* jobs.logs(gone.id, {})
      assert.include(
        items.map(({ message }) => message),
        "Cancelled: Ann no longer exists"
      )
      assert.strictEqual((yield* Effect.flip(jobs.retry(gone.id)))._tag, "JobSubjectNotFound")
      assert.lengthOf((yield* jobs.runs({ subject: "1" })).items, 2)
      assert.strictEqual((yield* Effect.flip(start("1")))._tag, "JobSubjectNotFound")
      assert.deepStrictEqual(shelf.began, ["Ann", "Ben"])
      yield* openGate(shelf, "2")
      yield* jobs.await(stays.id)
    }).pipe(Effect.provide(JobsTest))
  )

  it.effect("whose subjects cannot be listed does not block other jobs, and keeps its schedules", () =>
    Effect.gen(function* () {
      const jobs = yield* Jobs
      const shelf = shelfOfTwo()
      let broken = false
      let swept = 0
      const water = watering(shelf, { type: "interval", seconds: 600 })
      const list = Effect.suspend(() => (broken ? Effect.die(new Error("unreadable")) : Effect.succeed(shelf.present)))
      yield* jobs.register({ ...water, subjects: { type: "plant", list } })
      yield* jobs.register(
        job("sweep", () => Effect.sync(() => swept++), { defaultSchedule: { type: "interval", seconds: 600 } })
      )
      yield* jobs.startSchedules
      broken = true
      yield* TestClock.adjust("5 minutes")
      broken = false
      yield* TestClock.adjust("5 minutes")
      assert.deepStrictEqual(shelf.began, ["Ann", "Ben"])
      broken = true
      yield* TestClock.adjust("10 minutes")
      assert.strictEqual(swept, 2)
      assert.strictEqual((yield* jobs.list).length, 2)
    }).pipe(Effect.scoped, Effect.provide(JobsTest))
  )

  it.effect("ends the runs left over from a crash, per subject, and restarts none", () =>
    Effect.gen(function* () {
      const filename = yield* temporaryDatabase
      yield* Effect.gen(function* () {
        yield* jobsFileRows
      }).pipe(Effect.provide(jobsFile(filename), { local: true }))
      yield* Effect.gen(function* () {
        const jobs = yield* Jobs
        const shelf = shelfOfTwo()
        yield* jobs.register(watering(shelf))
        yield* Effect.scoped(jobs.startSchedules)
        assert.isEmpty(shelf.began)
        const { items } = yield* jobs.runs({ job: "water" })
        assert.deepStrictEqual(
          items.map(({ status, subject }) => [status, subject?.name]),
          [
            ["interrupted", "Long gone"],
            ["interrupted", "Ben"],
            ["interrupted", "Ann"]
          ]
        )
        const next = yield* start("1")
        assert.strictEqual(next.status, "running")
        yield* openGate(shelf, "1")
        assert.strictEqual((yield* jobs.await(next.id)).status, "completed")
        assert.deepStrictEqual(
          (yield* jobs.get("water")).subjects?.map(({ lastRun }) => lastRun?.status),
          ["completed", "interrupted"]
        )
      }).pipe(Effect.provide(jobsFile(filename), { local: true }))
    }).pipe(Effect.scoped)
  )
})

/** The rows that a killed process leaves: two runs under way, and one of a subject that was removed since. */
const jobsFileRows = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const row = {
    job: "water",
    started_by: "schedule",
    actor: "system",
    status: "running",
    overrides: "{}",
    queued_at: "2026-01-01T00:00:00.000Z",
    started_at: "2026-01-01T00:00:00.000Z"
  }
  yield* sql`INSERT INTO job_runs ${sql.insert([
    { ...row, subject: "1", subject_name: "Ann" },
    { ...row, subject: "2", subject_name: "Ben" },
    { ...row, subject: "9", subject_name: "Long gone" }
  ])}`
})
