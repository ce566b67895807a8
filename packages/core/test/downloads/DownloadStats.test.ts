/** Figures about downloads: what they count, how far back, and in which time zone. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { DownloadStats } from "../../src/downloads/DownloadStats.ts"
import { DownloadViews } from "../../src/downloads/DownloadViews.ts"
import { countAt, pruneCounts } from "../../src/events/TimedCounts.ts"
import { cleaningJob } from "../../src/jobs/JobNames.ts"
import { Jobs } from "../../src/jobs/Jobs.ts"
import { migrateToLatest, migrateUpTo } from "../../src/storage/Migrations.ts"
import { Unmigrated } from "../support/Sql.ts"
import { clean, connected, downloadsTest, FakeDownloads, live, stalled, strikeRule } from "./FakeDownloads.ts"

const figures = (hours?: number) =>
  DownloadStats.use((stats) => stats.figures(hours === undefined ? {} : { hours })).pipe(Effect.orDie)

describe("Figures about downloads", () => {
  it.effect("count strikes by fault, what was removed for them, and searches, and outlast their rows", () => {
    const fake = new FakeDownloads()
    fake.add("Bad.Movie", 1, stalled)
    const other = fake.add("Other.Movie", 2, stalled)
    return Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* connected
      yield* strikeRule()
      for (let run = 0; run < 3; run++) {
        yield* live(12)
        yield* clean
        if (run === 0)
          fake.change(other, { state: "seeding", progress: 1, bytes: { ...other.bytes, done: 1e9, left: 0 } })
      }
      const found = yield* figures()
      assert.deepStrictEqual(found.strikes, { total: 4, byFault: { stalled: 4 }, ended: { progress: 1 } })
      assert.deepStrictEqual(found.removals, { total: 1, byFault: { stalled: 1 } })
      assert.deepStrictEqual(found.searches, { total: 1, started: 1, failed: 0 })
      assert.deepStrictEqual(found.events, {
        total: 6,
        byType: { "download.removed": 1, "download.strikes-ended": 1, "download.struck": 4 }
      })
      const [last] = yield* DownloadStats.use((stats) => stats.recentStrikes(null, 1))
      assert.deepInclude(last, { name: "Bad.Movie", clientId: `badmovie${"0".repeat(32)}`, fault: "stalled" })
      const struck = yield* DownloadStats.use((stats) => stats.struck({ search: "BAD" }, { offset: 0, limit: 10 }))
      assert.deepStrictEqual([struck.total, struck.items[0]?.strikes.length], [1, 3])
      assert.strictEqual(
        (yield* DownloadStats.use((stats) => stats.struck({ faults: ["slow"] }, { offset: 0, limit: 10 }))).total,
        0
      )

      yield* sql`DELETE FROM strikes`
      yield* sql`DELETE FROM events`
      assert.deepStrictEqual(yield* figures(), { ...found, until: (yield* figures()).until })
      yield* TestClock.adjust("2 hours")
      assert.strictEqual((yield* figures(1)).strikes.total, 0)
      assert.strictEqual((yield* figures(3)).strikes.total, 4)
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  it.effect("count strikes that a person took away, and runs by how they ended", () => {
    const fake = new FakeDownloads()
    fake.add("Bad.Movie", 1, stalled)
    return Effect.gen(function* () {
      const jobs = yield* Jobs
      yield* connected
      yield* strikeRule()
      yield* live(12)
      const { subjects = [] } = yield* jobs.get(cleaningJob)
      const run = yield* jobs.start(cleaningJob, { startedBy: "person", subject: subjects[0]?.id ?? "" })
      yield* jobs.await(run.id)
      yield* DownloadViews.use((views) => views.forgive("1"))
      const found = yield* figures()
      assert.deepStrictEqual(found.strikes, { total: 1, byFault: { stalled: 1 }, ended: { person: 1 } })
      assert.deepInclude(found.runs, { total: 1, completed: 1, failed: 0, lastRunAt: run.startedAt })
      yield* Effect.flatMap(SqlClient.SqlClient, (sql) => sql`DELETE FROM job_runs`)
      assert.strictEqual((yield* figures()).runs.total, 1)
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  it.effect("follow the days, weeks and months of a time zone, through a change to summer time", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const count = (at: string) => countAt(sql, at, [{ figure: "strike", name: "stalled" }])
      yield* TestClock.setTime(Date.parse("2026-04-01T12:00:00.000Z"))
      // Berlin: 28 March 23:59, 29 March 00:00, 29 March 23:45, 30 March 00:00, 1 April.
      for (const at of ["28T22:59:59.999", "28T23:00:00.000", "29T21:45:00.000", "29T22:00:00.000"]) {
        yield* count(`2026-03-${at}Z`)
      }
      yield* count("2026-04-01T11:59:00.000Z")
      const timeline = (span: "hour" | "day" | "week" | "month", zone: string, hours = 120) =>
        Effect.map(
          DownloadStats.use((stats) => stats.timeline({ figure: "strikes", span, zone, hours })).pipe(Effect.orDie),
          ({ items }) => items.map(({ at, count }) => [at.slice(0, 16), count])
        )
      assert.deepStrictEqual(yield* timeline("day", "Europe/Berlin"), [
        ["2026-03-26T23:00", 0],
        ["2026-03-27T23:00", 1],
        ["2026-03-28T23:00", 2],
        ["2026-03-29T22:00", 1],
        ["2026-03-30T22:00", 0],
        ["2026-03-31T22:00", 1]
      ])
      // A quarter of an hour off every other zone: the third is on the 30th there.
      assert.deepStrictEqual((yield* timeline("day", "Asia/Kathmandu", 96)).slice(0, 3), [
        ["2026-03-27T18:15", 0],
        ["2026-03-28T18:15", 2],
        ["2026-03-29T18:15", 2]
      ])
      assert.deepStrictEqual(yield* timeline("week", "Europe/Berlin"), [
        ["2026-03-22T23:00", 3],
        ["2026-03-29T22:00", 2]
      ])
      assert.deepStrictEqual(yield* timeline("month", "UTC"), [
        ["2026-03-01T00:00", 4],
        ["2026-04-01T00:00", 1]
      ])
      assert.deepStrictEqual(yield* timeline("hour", "UTC", 1), [
        ["2026-04-01T11:00", 1],
        ["2026-04-01T12:00", 0]
      ])
    }).pipe(Effect.provide(downloadsTest(new FakeDownloads())))
  )

  it.effect("count everything once, wherever a span begins within its hour and its day", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const stats = yield* DownloadStats
      const now = Date.parse("2026-04-01T12:34:00.000Z")
      yield* TestClock.setTime(now)
      const minutes = [0, 3, 4, 5, 19, 20, 34, 35, 90, 200, 754, 755, 1000, 2194, 2195, 4000, 5000, 7000]
      for (const ago of minutes) {
        yield* countAt(sql, new Date(now - ago * 60_000).toISOString(), [{ figure: "strike", name: "slow" }])
      }
      for (let hours = 1; hours <= 120; hours++) {
        const found = yield* Effect.orDie(stats.figures({ hours }))
        const expected = minutes.filter((ago) => now - ago * 60_000 >= Date.parse(found.since)).length
        assert.strictEqual(found.strikes.total, expected, `${hours} hours`)
        for (const zone of ["UTC", "Europe/Berlin", "Asia/Kathmandu"]) {
          const { items } = yield* Effect.orDie(stats.timeline({ figure: "strikes", span: "day", zone, hours }))
          const start = Date.parse(items[0]?.at ?? "")
          assert.strictEqual(
            items.reduce((sum, { count }) => sum + count, 0),
            minutes.filter((ago) => now - ago * 60_000 >= start).length,
            `${hours} hours in ${zone}`
          )
        }
      }
    }).pipe(Effect.provide(downloadsTest(new FakeDownloads())))
  )

  it.effect("refuse spans and zones that there are none of, and forget what is too old", () =>
    Effect.gen(function* () {
      const stats = yield* DownloadStats
      for (const hours of [0, -1, 1.5, Number.NaN, 9577]) {
        const refused = yield* Effect.flip(stats.figures({ hours }))
        assert.deepStrictEqual(refused.errors[0]?.path, ["query", "hours"])
      }
      for (const zone of ["", "Mars/Base", "+01:00", "x".repeat(50)]) {
        const refused = yield* Effect.flip(stats.timeline({ figure: "events", zone }))
        assert.deepStrictEqual(refused.errors[0]?.path, ["query", "zone"])
      }
      const sql = yield* SqlClient.SqlClient
      const now = Date.parse("2026-06-01T00:00:00.000Z")
      for (const at of ["2025-04-20T00:00:00.000Z", "2025-05-01T00:00:00.000Z"]) {
        yield* countAt(sql, at, [{ figure: "strike", name: "slow" }])
      }
      yield* pruneCounts(sql, now)
      assert.deepStrictEqual(yield* sql`SELECT DISTINCT at FROM timed_counts`.values, [["2025-05-01T00:00:00.000Z"]])
    }).pipe(Effect.provide(downloadsTest(new FakeDownloads())))
  )

  it.effect("include what happened before they were kept", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* migrateUpTo(50)
      const event = (type: string, at: string) =>
        sql`INSERT INTO events (at, type, category, severity, actor, message, payload)
          VALUES (${at}, ${type}, 'audit', 'info', 'system', '', '{}')`
      yield* event("download.struck", "2026-03-01T10:07:00.000Z")
      yield* event("download.struck", "2026-03-01T10:14:59.999Z")
      yield* event("download-client.held", "2026-03-01T10:15:00.000Z")
      yield* event("removal.removed", "2026-03-01T10:15:00.000Z")
      yield* event("download.struck", "2026-03-01T11:00:00.000Z")
      yield* migrateToLatest
      assert.deepStrictEqual(
        yield* sql`SELECT figure, span, at, name, count FROM timed_counts ORDER BY span DESC, at, name`.values,
        [
          ["download-event", "quarter", "2026-03-01T10:00:00.000Z", "download.struck", 2],
          ["download-event", "quarter", "2026-03-01T10:15:00.000Z", "download-client.held", 1],
          ["download-event", "quarter", "2026-03-01T11:00:00.000Z", "download.struck", 1],
          ["download-event", "hour", "2026-03-01T10:00:00.000Z", "download-client.held", 1],
          ["download-event", "hour", "2026-03-01T10:00:00.000Z", "download.struck", 2],
          ["download-event", "hour", "2026-03-01T11:00:00.000Z", "download.struck", 1],
          ["download-event", "day", "2026-03-01T00:00:00.000Z", "download-client.held", 1],
          ["download-event", "day", "2026-03-01T00:00:00.000Z", "download.struck", 3]
        ]
      )
    }).pipe(Effect.provide(Unmigrated))
  )
})
