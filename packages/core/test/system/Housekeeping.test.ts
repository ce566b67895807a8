import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { Acts } from "../../src/acts/Acts.ts"
import { EventLog } from "../../src/events/EventLog.ts"
import { Jobs } from "../../src/jobs/Jobs.ts"
import { Protections } from "../../src/library/Protections.ts"
import { Sync } from "../../src/library/Sync.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { housekeepingJob } from "../../src/jobs/JobNames.ts"
import { makeServer, takeLabel } from "../acts/Labels.ts"
import { looseEvent } from "../support/LoggedEvents.ts"
import { itemIdOf } from "../support/Stack.ts"
import { connectFeed, Feeds, feedTest, itemRows } from "../library/Feeds.ts"
import { catalogItem } from "../library/Samples.ts"
import { LibrarySettings } from "../../src/library/LibrarySettings.ts"
import { RetentionSettings } from "../../src/settings/RetentionSettings.ts"

const keepHouse = Effect.gen(function* () {
  const jobs = yield* Jobs
  const { id } = yield* jobs.start(housekeepingJob, { startedBy: "person" })
  const run = yield* jobs.await(id)
  assert.strictEqual(run.status, "completed")
  return run.result as {
    readonly events: number
    readonly runs: number
    readonly acts: number
    readonly items: number
  }
})

const films = (...titles: ReadonlyArray<string>) =>
  titles.map((title, index) => catalogItem({ externalId: String(index), title, ids: [`tmdb-movie:${index}`] }))

const run = Effect.flatMap(Sync, (sync) => sync.run())

describe("Housekeeping", () => {
  it.effect("deletes items that are long gone, but none that is protected or has returned", () => {
    const feeds = new Feeds()
    feeds.of("Manager").catalog = films("Alien", "Heat", "Casino")
    return Effect.gen(function* () {
      const settings = yield* Settings
      const protections = yield* Protections
      yield* settings.patch(LibrarySettings, { maxDisappearance: 1, goneRetentionDays: 10 })
      yield* connectFeed("manager", "Manager")
      yield* run
      yield* protections.add({ itemId: yield* itemIdOf("Heat") })
      feeds.of("Manager").catalog = []
      yield* run
      yield* TestClock.adjust("9 days")
      assert.strictEqual((yield* keepHouse).items, 0)
      feeds.of("Manager").catalog = films("Alien")
      yield* run
      yield* TestClock.adjust("2 days")
      assert.strictEqual((yield* keepHouse).items, 1)
      assert.deepStrictEqual(
        (yield* itemRows).map((row) => row.title),
        ["Alien", "Heat"]
      )
      feeds.of("Manager").catalog = films("Alien", "Heat", "Casino")
      assert.deepInclude(yield* run, { added: 2, total: 3 })
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("deletes events and runs according to the settings, and protections that have ended", () => {
    const feeds = new Feeds()
    feeds.of("Manager").catalog = films("Alien")
    return Effect.gen(function* () {
      const settings = yield* Settings
      const protections = yield* Protections
      const log = yield* EventLog
      const jobs = yield* Jobs
      const sql = yield* SqlClient.SqlClient
      yield* settings.patch(RetentionSettings, { eventDays: 5, runsKept: 1 })
      yield* connectFeed("manager", "Manager")
      yield* run
      yield* protections.add({ itemId: yield* itemIdOf("Alien"), expiresAt: "2026-01-16T00:00:00Z" })
      yield* log.append(looseEvent({ type: "removal.proposed", category: "audit", message: "for ever" }))
      yield* keepHouse
      yield* TestClock.adjust("6 days")
      const second = yield* keepHouse
      assert.isAbove(second.events, 3)
      yield* keepHouse
      assert.lengthOf((yield* jobs.runs({ job: housekeepingJob })).items, 2, "the one under way cannot count itself")
      assert.deepStrictEqual(yield* sql`SELECT * FROM protections`, [])
      assert.lengthOf((yield* log.page({ category: "audit" })).items, 1)
      assert.deepStrictEqual((yield* log.page({ type: "library.synced" })).items, [])
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("deletes acts that have ended, and no open ones", () =>
    Effect.gen(function* () {
      const acts = yield* Acts
      const { intend } = yield* acts.define(takeLabel(makeServer("one", "two")))
      const { id } = yield* intend({ label: "one" }, { because: "it is over" })
      yield* intend({ label: "two" }, { because: "it is over" })
      yield* acts.cancel(id)
      yield* TestClock.adjust("91 days")
      assert.strictEqual((yield* keepHouse).acts, 1)
      assert.deepStrictEqual(
        (yield* acts.page({})).items.map(({ key }) => key),
        ["two"]
      )
    }).pipe(Effect.provide(feedTest(new Feeds())))
  )

  it.effect("deletes thousands of entries completely, in batches", () => {
    const feeds = new Feeds()
    const many = Array.from({ length: 250 }, (_, index) => `Film ${index}`)
    feeds.of("Manager").catalog = films(...many)
    return Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const settings = yield* Settings
      yield* settings.patch(LibrarySettings, { maxDisappearance: 1, goneRetentionDays: 10 })
      yield* connectFeed("manager", "Manager")
      yield* run
      feeds.of("Manager").catalog = films("Film 0")
      yield* TestClock.adjust("1 day")
      yield* run
      yield* sql`INSERT INTO job_runs (job, started_by, actor, status, overrides, queued_at)
        VALUES ('other', 'person', 'system', 'completed', '{}', '2026-01-01T00:00:00.000Z')`
      yield* sql`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
        INSERT INTO job_run_logs (run_id, at, level, message)
        SELECT (SELECT max(id) FROM job_runs), '2025-01-01T00:00:00.000Z', 'info', 'line' FROM n`
      yield* TestClock.adjust("20 days")
      const oldLines = Effect.map(
        sql<{ lines: number }>`SELECT count(*) AS lines FROM job_run_logs WHERE at < '2026-01-01'`,
        (rows) => rows[0]?.lines
      )
      assert.strictEqual(yield* oldLines, 1200)
      assert.strictEqual((yield* keepHouse).items, 249)
      assert.strictEqual(yield* oldLines, 0)
      assert.lengthOf(yield* itemRows, 1)
    }).pipe(Effect.provide(feedTest(feeds)))
  })
})
