import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Layer, Path } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { EventLog } from "../../src/events/EventLog.ts"
import { Jobs } from "../../src/jobs/Jobs.ts"
import { Protections } from "../../src/library/Protections.ts"
import { Sync } from "../../src/library/Sync.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { MigrationsLive } from "../../src/storage/Migrations.ts"
import { housekeepingJob } from "../../src/system/Housekeeping.ts"
import { databaseIn, inFolder } from "../storage/Files.ts"
import { itemIdOf } from "../support/Stack.ts"
import { connectFeed, Feeds, feedTest, itemRows } from "../library/Feeds.ts"
import { catalogItem } from "../library/Samples.ts"

const keepHouse = Effect.gen(function* () {
  const jobs = yield* Jobs
  const { id } = yield* jobs.start(housekeepingJob, { startedBy: "person" })
  const run = yield* jobs.await(id)
  assert.strictEqual(run.status, "completed")
  return run.result as {
    readonly backup: string | null
    readonly events: number
    readonly runs: number
    readonly items: number
  }
})

const films = (...titles: ReadonlyArray<string>) =>
  titles.map((title, index) => catalogItem({ externalId: String(index), title, ids: [`tmdb-movie:${index}`] }))

const run = Effect.flatMap(Sync, (sync) => sync.run())

describe("Housekeeping", () => {
  it.effect("writes a whole copy of the database beside it, and keeps as many as are wanted", () =>
    Effect.gen(function* () {
      const { backups, database, folder } = yield* inFolder
      const feeds = new Feeds()
      feeds.of("Manager").catalog = films("Alien", "Heat")
      yield* Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        const path = yield* Path.Path
        const settings = yield* Settings
        yield* settings.patch("retention", { backupsKept: 2 })
        yield* files.makeDirectory(backups)
        yield* files.writeFileString(path.join(backups, "before-migration-2-x.db"), "kept")
        yield* connectFeed("manager", "Manager")
        yield* run
        const first = yield* keepHouse
        assert.strictEqual(first.backup, path.join(backups, "daily-2026-01-15T12-00-00-000Z.db"))
        for (let day = 0; day < 2; day++) {
          yield* TestClock.adjust("1 day")
          yield* keepHouse
        }
        assert.deepStrictEqual((yield* files.readDirectory(backups)).toSorted(), [
          "before-migration-2-x.db",
          "daily-2026-01-16T12-00-00-000Z.db",
          "daily-2026-01-17T12-00-00-000Z.db"
        ])
        const copy = databaseIn(folder, path.join(backups, "daily-2026-01-17T12-00-00-000Z.db"))
        const rows = yield* Effect.flatMap(SqlClient.SqlClient, (sql) => sql`SELECT title FROM items ORDER BY id`).pipe(
          Effect.provide(copy)
        )
        assert.deepStrictEqual(
          rows.map((row) => row["title"]),
          ["Alien", "Heat"]
        )
      }).pipe(Effect.provide(feedTest(feeds, MigrationsLive.pipe(Layer.provideMerge(database)))))
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("has nothing to copy of a database in memory", () =>
    Effect.gen(function* () {
      assert.isNull((yield* keepHouse).backup)
    }).pipe(Effect.provide(feedTest(new Feeds())))
  )

  it.effect("drops items that are long gone, but none that is protected or back", () => {
    const feeds = new Feeds()
    feeds.of("Manager").catalog = films("Alien", "Heat", "Casino")
    return Effect.gen(function* () {
      const settings = yield* Settings
      const protections = yield* Protections
      yield* settings.patch("library", { maxDisappearance: 1, goneRetentionDays: 10 })
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

  it.effect("drops events and runs as the settings say, and protections that have ended", () => {
    const feeds = new Feeds()
    feeds.of("Manager").catalog = films("Alien")
    return Effect.gen(function* () {
      const settings = yield* Settings
      const protections = yield* Protections
      const log = yield* EventLog
      const jobs = yield* Jobs
      const sql = yield* SqlClient.SqlClient
      yield* settings.patch("retention", { eventDays: 5, runsKept: 1 })
      yield* connectFeed("manager", "Manager")
      yield* run
      yield* protections.add({ itemId: yield* itemIdOf("Alien"), expiresAt: "2026-01-16T00:00:00Z" })
      yield* log.append({ type: "removal.proposed", category: "audit", message: "for ever" })
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
})
