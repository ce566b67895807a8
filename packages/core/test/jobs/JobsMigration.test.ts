/** Schedules and runs from versions in which jobs had no subjects. */
import { assert, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { Jobs } from "../../src/jobs/Jobs.ts"
import { appliedMigration, migrateToLatest, migrateUpTo } from "../../src/storage/Migrations.ts"
import { EventLogLive } from "../../src/events/EventLogLive.ts"
import { Loops } from "../../src/jobs/Loops.ts"
import { job } from "./JobsTest.ts"
import { Unmigrated } from "../support/Sql.ts"

it.effect("the settings and the history of a job are migrated to the job without a subject", () =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* migrateUpTo(13)
    const at = "2026-01-01T00:00:00.000Z"
    yield* sql`INSERT INTO schedules ${sql.insert({ job: "sync", type: "interval", expression: "600", zone: "", enabled: 0, version: 3, updated_at: at })}`
    yield* sql`INSERT INTO job_runs ${sql.insert({ job: "sync", started_by: "person", actor: "system", status: "completed", overrides: "{}", queued_at: at, started_at: at, ended_at: at })}`
    yield* migrateToLatest
    assert.isAtLeast(yield* appliedMigration, 15)
    yield* Effect.gen(function* () {
      const jobs = yield* Jobs
      yield* jobs.register(job("sync", () => Effect.void))
      const info = yield* jobs.get("sync")
      assert.deepInclude(info, { schedule: { type: "interval", seconds: 600 }, scheduleEnabled: false })
      assert.strictEqual(info.lastRun?.id, "1")
      assert.notProperty(info.lastRun, "subject")
    }).pipe(Effect.provide(Jobs.layer.pipe(Layer.provide(Layer.mergeAll(EventLogLive, Loops.layer)))))
  }).pipe(Effect.provide(Unmigrated))
)
