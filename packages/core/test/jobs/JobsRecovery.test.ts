import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { EventLogLive } from "../../src/events/EventLogLive.ts"
import { Jobs } from "../../src/jobs/Jobs.ts"
import { sqlFile, temporaryDatabase } from "../support/Sql.ts"
import { gatedJob, job, jobsFile, loggedEvents } from "./JobsTest.ts"

/** The rows that a killed process leaves: one run of `purge` under way and one queued. */
const crashed = (filename: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const row = {
      job: "purge",
      started_by: "schedule",
      actor: "system",
      overrides: "{}",
      queued_at: "2026-01-01T00:00:00.000Z"
    }
    yield* sql`INSERT INTO job_runs ${sql.insert({ ...row, status: "running", started_at: row.queued_at, progress: '{"done":3,"total":9,"message":"x"}' })}`
    yield* sql`INSERT INTO job_runs ${sql.insert({ ...row, status: "queued", started_at: null, progress: null })}`
    yield* sql`INSERT INTO job_runs ${sql.insert({ ...row, status: "completed", started_at: row.queued_at, progress: null })}`
    yield* sql`UPDATE job_runs SET ended_at = '2026-01-01T00:00:01.000Z' WHERE status = 'completed'`
  }).pipe(Effect.provide(EventLogLive.pipe(Layer.provideMerge(sqlFile(filename))), { local: true }))

describe("After a crash", () => {
  for (const destructive of [true, false]) {
    it.effect(
      `the open runs of a ${destructive ? "destructive" : "harmless"} job end as interrupted and none starts again`,
      () =>
        Effect.gen(function* () {
          const filename = yield* temporaryDatabase
          yield* crashed(filename)
          let started = 0
          yield* Effect.gen(function* () {
            yield* TestClock.setTime(Date.parse("2026-01-01T08:00:00Z"))
            const jobs = yield* Jobs
            yield* jobs.register(job("purge", () => Effect.sync(() => started++), { destructive }))
            yield* Effect.scoped(Effect.andThen(jobs.startSchedules, TestClock.adjust("1 hour")))
            assert.strictEqual(started, 0)
            const { items } = yield* jobs.runs({})
            assert.deepStrictEqual(
              items.map((run) => run.status),
              ["completed", "interrupted", "interrupted"]
            )
            assert.deepInclude(items[2], {
              endedAt: "2026-01-01T08:00:00.000Z",
              progress: { done: 3, total: 9, message: "x" },
              error: { message: "Tendarr stopped before the run had ended", code: "interrupted" }
            })
            assert.deepStrictEqual(yield* loggedEvents, [
              "job-run.interrupted 1 by system",
              "job-run.interrupted 2 by system"
            ])
            const next = yield* jobs.start("purge", { startedBy: "person" })
            assert.strictEqual((yield* jobs.await(next.id)).status, "completed")
          }).pipe(Effect.provide(jobsFile(filename), { local: true }))
        }).pipe(Effect.scoped)
    )
  }

  it.effect("a run that was started before the schedules does not count as left over", () =>
    Effect.gen(function* () {
      const filename = yield* temporaryDatabase
      yield* crashed(filename)
      yield* Effect.gen(function* () {
        const jobs = yield* Jobs
        const { definition, open } = yield* gatedJob("sync")
        yield* jobs.register(definition)
        const run = yield* jobs.start("sync", { startedBy: "start" })
        const leftover = yield* Effect.forkChild(jobs.await("1"))
        yield* Effect.scoped(jobs.startSchedules)
        assert.strictEqual((yield* jobs.run(run.id)).status, "running")
        yield* open
        assert.strictEqual((yield* jobs.await(run.id)).status, "completed")
        assert.strictEqual((yield* jobs.run(run.id)).status, "completed")
        yield* TestClock.adjust("2 seconds")
        assert.strictEqual((yield* Fiber.join(leftover)).status, "interrupted")
      }).pipe(Effect.provide(jobsFile(filename), { local: true }))
    }).pipe(Effect.scoped)
  )

  it.effect("a run whose end could not be stored does not block the next one", () =>
    Effect.gen(function* () {
      const filename = yield* temporaryDatabase
      yield* Effect.gen(function* () {
        const jobs = yield* Jobs
        const sql = yield* SqlClient.SqlClient
        yield* jobs.register(job("sync", () => Effect.void))
        yield* sql`CREATE TRIGGER disk_full BEFORE UPDATE ON job_runs BEGIN SELECT raise(ABORT, 'disk full'); END`
        const run = yield* jobs.start("sync", { startedBy: "person" })
        assert.strictEqual((yield* jobs.await(run.id)).status, "completed")
        yield* sql`DROP TRIGGER disk_full`
        const next = yield* jobs.start("sync", { startedBy: "person" })
        assert.strictEqual((yield* jobs.run(run.id)).status, "completed", "it is stored with the next one")
        assert.strictEqual((yield* jobs.await(next.id)).status, "completed")
      }).pipe(Effect.provide(jobsFile(filename), { local: true }))
    }).pipe(Effect.scoped)
  )
})
