import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import type { UsageResolution } from "../../src/capacity/DiskGroup.ts"
import { DiskGroups } from "../../src/capacity/DiskGroups.ts"
import { EventLog } from "../../src/events/EventLog.ts"
import { Integrations } from "../../src/integrations/Integrations.ts"
import type { DisksSnapshot } from "../../src/integrations/Observations.ts"
import { UpstreamUnreachable } from "../../src/integrations/UpstreamErrors.ts"
import { Library } from "../../src/library/Library.ts"
import { Sync } from "../../src/library/Sync.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { connectFeed, Feeds, feedTest } from "../library/Feeds.ts"
import { catalogItem } from "../library/Samples.ts"
import { CapacitySettings } from "../../src/capacity/CapacitySettings.ts"

const disks = (
  sizes: Readonly<Record<string, readonly [totalBytes: number, freeBytes: number]>>,
  ...rootFolders: ReadonlyArray<string>
): DisksSnapshot => ({
  disks: Object.entries(sizes).map(([path, [totalBytes, freeBytes]]) => ({ path, totalBytes, freeBytes })),
  rootFolders: (rootFolders.length === 0 ? Object.keys(sizes) : rootFolders).map((path) => ({
    path,
    accessible: true,
    freeBytes: null
  }))
})

const run = Effect.flatMap(Sync, (sync) => sync.run())
const list = Effect.flatMap(DiskGroups, (groups) => groups.list)
const refresh = Effect.flatMap(DiskGroups, (groups) => groups.refresh)
const only = Effect.map(list, (groups) => {
  assert.lengthOf(groups, 1)
  return groups[0]!
})
const down = { disks: new UpstreamUnreachable({ integration: "Manager", call: "GET /", detail: "reset" }) }

const eventTypes = Effect.flatMap(EventLog, (log) =>
  Effect.map(log.page({ category: "capacity" }), (page) => page.items.map((event) => event.type).toReversed())
)

const start = (given: DisksSnapshot) => {
  const feeds = new Feeds()
  feeds.of("Manager").disks = given
  return feeds
}

describe("DiskGroups", () => {
  it.effect("are created by a sync, with the default limits and mode of the settings", () => {
    const feeds = start(disks({ "/data": [1_000, 100], "/config": [50, 5] }, "/data/movies"))
    return Effect.gen(function* () {
      const settings = yield* Settings
      const integration = yield* connectFeed("manager", "Manager")
      yield* run
      const group = yield* only
      assert.deepInclude(group, {
        mountPath: "/data",
        totalBytes: 1_000,
        usedBytes: 900,
        freeBytes: 100,
        totalBytesOverride: null,
        usedPercent: 90,
        limits: { type: "percent", threshold: 85, target: 75 },
        breached: true,
        bytesToFree: 150,
        mode: "dry-run",
        allowedUnknown: [],
        integrations: [{ id: integration, reportedPath: "/data" }],
        staleSince: null,
        stoppedBecause: null,
        version: 1
      })
      assert.deepStrictEqual(yield* eventTypes, ["disk-group.found"])
      yield* settings.patch(CapacitySettings, {
        defaultMode: "approval",
        defaultLimits: { type: "free-bytes", threshold: 10, target: 20 }
      })
      feeds.of("Manager").disks = disks({ "/data": [1_000, 300], "/more": [2_000, 5] })
      yield* run
      const [data, more] = yield* list
      assert.strictEqual(data?.mode, "dry-run", "what was found before stays as it is")
      assert.strictEqual(data?.freeBytes, 300)
      assert.deepInclude(more, { mode: "approval", limits: { type: "free-bytes", threshold: 10, target: 20 } })
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("assign every item to its disk, again if its folder moves, and to none if it is on no disk", () => {
    const feeds = start(
      disks({ "/": [9_000, 10], "/data": [1_000, 100], "/data2": [2_000, 100] }, "/data/a", "/data2/b")
    )
    const at = (externalId: string, path: string | null) =>
      catalogItem({ externalId, title: `Film ${externalId}`, path })
    feeds.of("Manager").catalog = [
      at("1", "/data/a/One"),
      at("2", "/data2/b/Two"),
      at("3", "/elsewhere/Three"),
      at("4", null)
    ]
    return Effect.gen(function* () {
      const library = yield* Library
      const mounts = Effect.gen(function* () {
        const groups = yield* list
        const { items } = yield* library.page({})
        return items.map((item) => groups.find((group) => group.id === item.diskGroupId)?.mountPath ?? null)
      })
      yield* connectFeed("manager", "Manager")
      yield* run
      assert.deepStrictEqual(yield* mounts, ["/data", "/data2", null, null])
      feeds.of("Manager").catalog = feeds
        .of("Manager")
        .catalog!.map((item) => (item.externalId === "1" ? at("1", "/data2/b/One") : item))
      yield* run
      assert.deepStrictEqual(yield* mounts, ["/data2", "/data2", null, null])
      feeds.of("Manager").failing = down
      yield* run
      assert.deepStrictEqual(yield* mounts, ["/data2", "/data2", null, null], "without a report the old place stands")
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect(
    "become stale when they are no longer reported, are kept if they are reported again, and end after the grace period",
    () => {
      const feeds = start(disks({ "/data": [1_000, 100] }))
      feeds.of("Manager").catalog = [catalogItem({ externalId: "1", path: "/data/One" })]
      return Effect.gen(function* () {
        const groups = yield* DiskGroups
        const library = yield* Library
        yield* connectFeed("manager", "Manager")
        yield* run
        const { id } = yield* only
        yield* groups.update(id, { mode: "auto" })
        feeds.of("Manager").disks = disks({})
        yield* run
        assert.isNotNull((yield* only).staleSince)
        yield* TestClock.adjust("6 days")
        yield* run
        feeds.of("Manager").disks = disks({ "/data": [1_000, 200] })
        yield* run
        assert.deepInclude(yield* only, { id, staleSince: null, mode: "auto", freeBytes: 200 })
        feeds.of("Manager").disks = disks({})
        yield* run
        yield* TestClock.adjust("7 days")
        yield* run
        assert.deepStrictEqual(yield* list, [])
        assert.isNull((yield* library.page({})).items[0]?.diskGroupId)
        assert.deepStrictEqual(yield* eventTypes, [
          "disk-group.found",
          "disk-group.updated",
          "disk-group.stale",
          "disk-group.stale",
          "disk-group.dropped"
        ])
      }).pipe(Effect.provide(feedTest(feeds)))
    }
  )

  it.effect("do not become stale while an application does not respond", () => {
    const feeds = start(disks({ "/data": [1_000, 100] }))
    return Effect.gen(function* () {
      yield* connectFeed("manager", "Manager")
      yield* run
      feeds.of("Manager").failing = down
      yield* run
      yield* refresh
      assert.deepInclude(yield* only, { staleSince: null, freeBytes: 100 })
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("become stale when the last integration that reports them is disabled or removed", () => {
    const feeds = start(disks({ "/data": [1_000, 100] }))
    feeds.of("Second").disks = disks({ "/data": [1_000, 100] })
    return Effect.gen(function* () {
      const integrations = yield* Integrations
      const sync = yield* Sync
      const manager = yield* connectFeed("manager", "Manager")
      const second = yield* connectFeed("manager", "Second")
      yield* run
      yield* integrations.remove(manager)
      yield* sync.rejoin
      assert.deepInclude(yield* only, { staleSince: null, integrations: [{ id: second, reportedPath: "/data" }] })
      yield* integrations.update(second, { enabled: false })
      yield* sync.rejoin
      assert.isNotNull((yield* only).staleSince)
      yield* integrations.update(second, { enabled: true })
      yield* sync.rejoin
      assert.isNull((yield* only).staleSince)
      yield* integrations.remove(second)
      yield* sync.rejoin
      assert.isNotNull((yield* only).staleSince)
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect(
    "keep their settings if two applications start to report different sizes for one path, or agree again",
    () => {
      const feeds = start(disks({ "/data": [100_000, 9_000] }))
      feeds.of("Second").disks = disks({ "/data": [100_000, 8_000] })
      return Effect.gen(function* () {
        const groups = yield* DiskGroups
        yield* connectFeed("manager", "Manager")
        yield* connectFeed("manager", "Second")
        yield* run
        const { id } = yield* only
        yield* groups.update(id, { mode: "approval" })
        feeds.of("Second").disks = disks({ "/data": [500_000, 8_000] })
        yield* run
        assert.deepStrictEqual(
          (yield* list).map((group) => [group.totalBytes, group.mode, group.id === id, group.staleSince]),
          [
            [100_000, "approval", true, null],
            [500_000, "dry-run", false, null]
          ]
        )
        feeds.of("Second").failing = down
        yield* run
        assert.deepStrictEqual(
          (yield* list).map((group) => [group.totalBytes, group.mode, group.staleSince]),
          [
            [100_000, "approval", null],
            [500_000, "dry-run", null]
          ]
        )
        delete feeds.of("Second").failing
        feeds.of("Second").disks = disks({ "/data": [100_000, 7_000] })
        yield* run
        const [first, second] = yield* list
        assert.deepInclude(first, { id, mode: "approval", freeBytes: 7_000, staleSince: null })
        assert.isNotNull(second?.staleSince)
      }).pipe(Effect.provide(feedTest(feeds)))
    }
  )

  it.effect("are changed partially, only in the version that was read, with the earlier values in the log", () => {
    const feeds = start(disks({ "/data": [1_000, 100] }))
    return Effect.gen(function* () {
      const groups = yield* DiskGroups
      const log = yield* EventLog
      yield* connectFeed("manager", "Manager")
      yield* run
      const { id } = yield* only
      const changed = yield* groups.update(id, { totalBytesOverride: 2_000, allowedUnknown: ["playCount"] }, 1)
      assert.deepInclude(changed, {
        version: 2,
        totalBytesOverride: 2_000,
        usedPercent: 45,
        breached: false,
        bytesToFree: 0,
        allowedUnknown: ["playCount"],
        mode: "dry-run"
      })
      const conflict = yield* Effect.flip(groups.update(id, { mode: "auto" }, 1))
      assert.deepInclude(conflict, { _tag: "VersionConflict", version: 2 })
      yield* run
      assert.deepInclude(yield* only, { version: 2, totalBytesOverride: 2_000 })
      assert.deepInclude(yield* groups.update(id, { totalBytesOverride: null }), {
        version: 3,
        usedPercent: 90,
        allowedUnknown: ["playCount"]
      })
      const [event] = (yield* log.page({ type: "disk-group.updated" })).items
      assert.deepStrictEqual(event?.payload, {
        before: { totalBytesOverride: 2_000 },
        after: { totalBytesOverride: null }
      })
      assert.strictEqual((yield* Effect.flip(groups.update("99", { mode: "auto" })))._tag, "DiskGroupNotFound")
      assert.strictEqual((yield* Effect.flip(groups.get("abc")))._tag, "DiskGroupNotFound")
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("lose no change if two arrive while the database is busy", () => {
    const feeds = start(disks({ "/data": [1_000, 100] }))
    return Effect.gen(function* () {
      const groups = yield* DiskGroups
      const sql = yield* SqlClient.SqlClient
      yield* connectFeed("manager", "Manager")
      yield* run
      const { id } = yield* only
      const busy = yield* Effect.forkChild(sql.withTransaction(Effect.sleep("1 second")))
      yield* Effect.yieldNow
      const changes = yield* Effect.forkChild(
        Effect.all([groups.update(id, { mode: "auto" }), groups.update(id, { totalBytesOverride: 500 })], {
          concurrency: 2
        })
      )
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(busy)
      yield* Fiber.join(changes)
      assert.deepInclude(yield* only, { version: 3, mode: "auto", totalBytesOverride: 500 })
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("are read on demand from the applications that respond", () => {
    const feeds = start(disks({ "/data": [1_000, 100] }))
    feeds.of("Second").disks = disks({ "/more": [1_000, 500] })
    return Effect.gen(function* () {
      yield* connectFeed("manager", "Manager")
      yield* connectFeed("manager", "Second", { disabledCapabilities: ["catalog"] })
      yield* run
      feeds.of("Manager").disks = disks({ "/data": [1_000, 300] })
      feeds.of("Second").failing = down
      yield* TestClock.adjust("1 minute")
      const groups = yield* refresh
      assert.deepStrictEqual(
        groups.map((group) => [group.mountPath, group.freeBytes, group.readAt]),
        [
          ["/data", 300, "2026-01-15T12:01:00.000Z"],
          ["/more", 500, "2026-01-15T12:00:00.000Z"]
        ]
      )
      assert.deepStrictEqual(feeds.of("Manager").reads, { catalog: 1, disks: 2 }, "nothing else was asked for")
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("keep the time of their reading and their newer figures if only others are synced", () => {
    const feeds = start(disks({ "/data": [1_000, 100] }))
    feeds.of("Second").disks = disks({ "/more": [1_000, 500] })
    return Effect.gen(function* () {
      const sync = yield* Sync
      const figures = Effect.map(list, (groups) =>
        groups.map((group) => [group.mountPath, group.freeBytes, group.readAt.slice(11, 16)])
      )
      yield* connectFeed("manager", "Manager")
      const second = yield* connectFeed("manager", "Second")
      yield* run
      feeds.of("Manager").disks = disks({ "/data": [1_000, 300] })
      yield* TestClock.adjust("10 minutes")
      yield* refresh
      yield* TestClock.adjust("10 minutes")
      yield* sync.run({ integrationIds: [second] })
      assert.deepStrictEqual(yield* figures, [
        ["/data", 300, "12:10"],
        ["/more", 500, "12:20"]
      ])
      yield* TestClock.adjust("10 minutes")
      yield* sync.rejoin
      assert.deepStrictEqual(yield* figures, [
        ["/data", 300, "12:10"],
        ["/more", 500, "12:20"]
      ])
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("get the items that a sync has moved at the next reading, if the steps after the sync failed", () => {
    const feeds = start(disks({ "/data": [1_000, 100], "/more": [1_000, 500] }))
    const film = (path: string) => [catalogItem({ externalId: "1", path })]
    feeds.of("Manager").catalog = film("/data/One")
    return Effect.gen(function* () {
      const library = yield* Library
      const sql = yield* SqlClient.SqlClient
      const mount = Effect.gen(function* () {
        const [item] = (yield* library.page({})).items
        return (yield* list).find((group) => group.id === item?.diskGroupId)?.mountPath
      })
      yield* connectFeed("manager", "Manager")
      yield* run
      assert.strictEqual(yield* mount, "/data")
      yield* sql`CREATE TRIGGER full BEFORE INSERT ON disk_usage BEGIN SELECT RAISE(ABORT, 'disk is full'); END`
      feeds.of("Manager").catalog = film("/more/One")
      assert.isTrue(Exit.isFailure(yield* Effect.exit(run)))
      yield* sql`DROP TRIGGER full`
      yield* refresh
      assert.strictEqual(yield* mount, "/more")
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("stop with a reason until a person resumes them, whatever is read in the meantime", () => {
    const feeds = start(disks({ "/data": [1_000, 100] }))
    return Effect.gen(function* () {
      const groups = yield* DiskGroups
      yield* connectFeed("manager", "Manager")
      yield* run
      const { id } = yield* only
      yield* groups.stop(id, "removals freed nothing")
      yield* run
      feeds.of("Manager").disks = disks({ "/data": [1_000, 90] })
      yield* refresh
      assert.strictEqual((yield* only).stoppedBecause, "removals freed nothing")
      assert.isNull((yield* groups.resume(id)).stoppedBecause)
      yield* groups.stop(id, "again")
      feeds.of("Manager").disks = disks({ "/data": [1_000, 150] })
      yield* refresh
      assert.strictEqual((yield* only).stoppedBecause, "again")
      assert.strictEqual((yield* Effect.flip(groups.resume("99")))._tag, "DiskGroupNotFound")
      assert.deepStrictEqual((yield* eventTypes).slice(1), [
        "disk-group.stopped",
        "disk-group.resumed",
        "disk-group.stopped"
      ])
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("keep their usage history: every reading at first, then the last of each hour, day and week", () => {
    const feeds = start(disks({ "/data": [1_000, 900] }))
    return Effect.gen(function* () {
      const groups = yield* DiskGroups
      yield* connectFeed("manager", "Manager")
      // Thursday, 15 January, 12:00; a reading every 20 minutes until Monday, 19 January, 12:00.
      yield* run
      const { id } = yield* only
      for (let step = 1; step <= 288; step++) {
        yield* TestClock.adjust("20 minutes")
        feeds.of("Manager").disks = disks({ "/data": [1_000, 900 - step] })
        yield* refresh
      }
      const usage = (resolution: UsageResolution, since: string | null = null, limit = 1_000) =>
        Effect.map(groups.usage(id, { resolution, limit, ...(since === null ? {} : { since }) }), (points) =>
          points.map((point) => [point.at, point.usedBytes] as const)
        )
      assert.lengthOf(yield* usage("raw"), 289)
      assert.lengthOf(yield* usage("hour"), 0)
      yield* groups.foldUsage
      const raw = yield* usage("raw")
      assert.lengthOf(raw, 145, "48 hours")
      assert.deepStrictEqual(raw[0], ["2026-01-17T12:00:00.000Z", 244])
      const hours = yield* usage("hour")
      assert.lengthOf(hours, 97)
      assert.deepStrictEqual(hours.slice(0, 2), [
        ["2026-01-15T12:00:00.000Z", 102],
        ["2026-01-15T13:00:00.000Z", 105]
      ])
      const days: Array<readonly [string, number]> = [
        ["2026-01-15T00:00:00.000Z", 135],
        ["2026-01-16T00:00:00.000Z", 207],
        ["2026-01-17T00:00:00.000Z", 279],
        ["2026-01-18T00:00:00.000Z", 351],
        ["2026-01-19T00:00:00.000Z", 388]
      ]
      assert.deepStrictEqual(yield* usage("day"), days)
      assert.deepStrictEqual(yield* usage("week"), [
        ["2026-01-12T00:00:00.000Z", 351],
        ["2026-01-19T00:00:00.000Z", 388]
      ])
      assert.deepStrictEqual(yield* usage("day", "2026-01-18T00:00:00.000Z"), days.slice(3))
      assert.deepStrictEqual(yield* usage("day", null, 2), days.slice(3), "the newest, oldest first")
      yield* groups.foldUsage
      assert.deepStrictEqual(yield* usage("day"), days, "folding again changes nothing")
      yield* TestClock.adjust("40 days")
      yield* groups.foldUsage
      assert.lengthOf(yield* usage("raw"), 0)
      assert.lengthOf(yield* usage("hour"), 0)
      assert.deepStrictEqual(yield* usage("day"), days)
      assert.strictEqual(
        (yield* Effect.flip(groups.usage("99", { resolution: "raw", limit: 1 })))._tag,
        "DiskGroupNotFound"
      )
    }).pipe(Effect.provide(feedTest(feeds)))
  })
})
