import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { DiskGroups } from "../../src/capacity/DiskGroups.ts"
import { EventLog } from "../../src/events/EventLog.ts"
import { Integrations } from "../../src/integrations/Integrations.ts"
import type { DisksSnapshot } from "../../src/integrations/Observations.ts"
import { Library } from "../../src/library/Library.ts"
import { Sync } from "../../src/library/Sync.ts"
import { Planner } from "../../src/removals/Planner.ts"
import { connectFeed, Feeds, feedTest } from "../library/Feeds.ts"
import { catalogItem } from "../library/Samples.ts"

const gib = 2 ** 30

type Folder = DisksSnapshot["rootFolders"][number]

const report = (
  mounts: Readonly<Record<string, readonly [totalGib: number, freeGib: number]>>,
  ...rootFolders: ReadonlyArray<Folder>
): DisksSnapshot => ({
  disks: Object.entries(mounts).map(([path, [total, free]]) => ({
    path,
    totalBytes: total * gib,
    freeBytes: free * gib
  })),
  rootFolders
})

const folder = (path: string, freeGib: number | null = null, given: Partial<Folder> = {}): Folder => ({
  path,
  accessible: true,
  freeBytes: freeGib === null ? null : freeGib * gib,
  ...given
})

const films = (...paths: ReadonlyArray<string>) =>
  paths.map((path, index) => catalogItem({ externalId: String(index), title: `Film ${index}`, path, sizeBytes: gib }))

const start = (disks: DisksSnapshot, ...paths: ReadonlyArray<string>) => {
  const feeds = new Feeds()
  feeds.of("Films").disks = disks
  feeds.of("Films").catalog = films(...paths)
  return feeds
}

const sync = Effect.flatMap(Sync, (service) => service.run())
const groups = Effect.flatMap(DiskGroups, (service) => service.list)
const rootFolders = Effect.flatMap(DiskGroups, (service) => service.rootFolders)

/** The mount of each item, in the order of the titles. */
const mounts = Effect.gen(function* () {
  const all = yield* groups
  const { items } = yield* (yield* Library).page({})
  return items.map(({ diskGroupId }) => all.find(({ id }) => id === diskGroupId)?.mountPath ?? null)
})
const planned = Effect.flatMap(Planner, (planner) =>
  Effect.map(planner.run({ runId: null, dryRun: true }), (plan) =>
    plan.groups.reduce((sum, group) => sum + group.plannedItems, 0)
  )
)
const loggedEvents = Effect.flatMap(EventLog, (log) =>
  Effect.map(log.page({ category: "capacity" }), ({ items }) =>
    items
      .filter(({ type }) => type.startsWith("disk-group.root-folder"))
      .map(({ message, type }) => `${type}: ${message}`)
      .toReversed()
  )
)

describe("A root folder", () => {
  it.effect("on a share that the application does not list is never assigned to the disk of its container", () => {
    const feeds = start(report({ "/": [100, 8] }, folder("/data/movies", 7000)), "/data/movies/A", "/data/movies/B")
    return Effect.gen(function* () {
      yield* connectFeed("manager", "Films")
      yield* sync
      assert.deepStrictEqual(yield* groups, [])
      assert.deepStrictEqual(yield* mounts, [null, null])
      assert.strictEqual(yield* planned, 0)
      const [only] = yield* rootFolders
      assert.deepInclude(only, { path: "/data/movies", diskGroupId: null, problem: "no-disk" })
      assert.match(only?.detail ?? "", /^Films's \/data\/movies has 6\.84 TiB free, but no disk .* nothing is planned/)
      yield* sync
      assert.lengthOf(yield* loggedEvents, 1, "one event, not one per reading")
      feeds.of("Films").disks = report({ "/": [100, 8], "/data": [9000, 7000] }, folder("/data/movies", 7000))
      yield* sync
      assert.deepStrictEqual(yield* mounts, ["/data", "/data"])
      assert.deepInclude((yield* rootFolders)[0], { problem: null, detail: null, since: null })
      assert.match((yield* loggedEvents)[1] ?? "", /^disk-group\.root-folder-back/)
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("may differ from its mount by the space that a file system reserves for root, and no more", () => {
    const feeds = start(report({ "/data": [1000, 90] }, folder("/data/movies", 40)), "/data/movies/A")
    return Effect.gen(function* () {
      yield* connectFeed("manager", "Films")
      yield* sync
      assert.deepStrictEqual(yield* mounts, ["/data"])
      feeds.of("Films").disks = report({ "/data": [1000, 90] }, folder("/data/movies", 30))
      yield* sync
      assert.deepStrictEqual(yield* mounts, [null])
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("is also distinguished from its mount by its size, if the application reports it", () => {
    const feeds = start(
      report({ "/": [100, 9] }, folder("/data/movies", 9, { totalBytes: 4000 * gib })),
      "/data/movies/A"
    )
    return Effect.gen(function* () {
      yield* connectFeed("manager", "Films")
      yield* sync
      const [disk, ...others] = yield* groups
      assert.lengthOf(others, 0)
      assert.deepInclude(disk, { mountPath: "/data/movies", totalBytes: 4000 * gib, freeBytes: 9 * gib })
      assert.deepStrictEqual(yield* mounts, ["/data/movies"], "a separate disk, since its size is known")
      const { answered } = yield* (yield* DiskGroups).read
      assert.deepStrictEqual([...answered], [disk!.id])
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("is on the disk that another application lists for its path, if their free space agrees", () => {
    const feeds = start(report({ "/": [100, 8] }, folder("/data/movies", 500)), "/data/movies/A")
    feeds.of("Shows").disks = report({ "/": [100, 8], "/data": [4000, 500] }, folder("/data/tv", 500))
    return Effect.gen(function* () {
      yield* connectFeed("manager", "Films")
      yield* connectFeed("manager", "Shows")
      yield* sync
      assert.deepStrictEqual(yield* mounts, ["/data"])
      feeds.of("Shows").disks = report({ "/": [100, 8], "/data": [4000, 900] }, folder("/data/tv", 900))
      yield* sync
      assert.deepStrictEqual(yield* mounts, [null], "another host has another /data")
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("that is not accessible has no disk, which is logged once, and its disk is kept in the meantime", () => {
    const there = report({ "/data": [1000, 50] }, folder("/data/movies", 50))
    const feeds = start(there, "/data/movies/A")
    return Effect.gen(function* () {
      const service = yield* DiskGroups
      yield* connectFeed("manager", "Films")
      yield* sync
      assert.strictEqual(yield* planned, 1)
      const [{ id } = { id: "" }] = yield* groups
      yield* service.update(id, { mode: "approval" })
      feeds.of("Films").disks = report({ "/": [100, 8] }, folder("/data/movies", null, { accessible: false }))
      yield* sync
      yield* sync
      assert.deepStrictEqual(yield* mounts, [null])
      assert.strictEqual(yield* planned, 0)
      assert.deepInclude((yield* rootFolders)[0], { problem: "unreachable", diskGroupId: null })
      yield* TestClock.adjust("30 days")
      yield* sync
      feeds.of("Films").disks = there
      yield* sync
      assert.deepInclude((yield* groups)[0], { id, mode: "approval", staleSince: null })
      assert.deepStrictEqual(yield* mounts, ["/data"])
      assert.deepStrictEqual(
        (yield* loggedEvents).map((event) => event.split(":")[0]),
        ["disk-group.root-folder-unreachable", "disk-group.root-folder-back"]
      )
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("whose mount is gone is not assigned to the disk below the mount point", () => {
    const feeds = start(report({ "/": [100, 8], "/data": [4000, 500] }, folder("/data/movies")), "/data/movies/A")
    return Effect.gen(function* () {
      yield* connectFeed("manager", "Films")
      yield* sync
      assert.deepStrictEqual(yield* mounts, ["/data"])
      feeds.of("Films").disks = report({ "/": [100, 8] }, folder("/data/movies", 8))
      yield* sync
      assert.deepStrictEqual(yield* mounts, [null])
      assert.match((yield* rootFolders)[0]?.detail ?? "", /was on \/data, which Films no longer reports/)
      yield* TestClock.adjust("8 days")
      yield* sync
      yield* sync
      assert.deepStrictEqual(yield* mounts, ["/"], "until the disk is forgotten: then it has moved for good")
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("on a share that is not mounted is not planned with the figures of the disk in its place", () => {
    const mounted = report({ "/data/movies": [9000, 500] }, folder("/data/movies", 500))
    const feeds = start(mounted, "/data/movies/A", "/data/movies/B")
    feeds.of("Films").catalog = films("/data/movies/A", "/data/movies/B").map((film) => ({
      ...film,
      sizeBytes: 90 * gib
    }))
    const stops = Effect.map(groups, (all) => all.map(({ stoppedBecause }) => stoppedBecause))
    return Effect.gen(function* () {
      yield* connectFeed("manager", "Films")
      yield* sync
      assert.deepStrictEqual(yield* stops, [null])
      feeds.of("Films").disks = report({ "/data/movies": [60, 2] }, folder("/data/movies", 2))
      yield* TestClock.adjust("1 minute")
      yield* sync
      assert.strictEqual(yield* planned, 0)
      const [because] = yield* stops
      assert.include(because, "180.00 GiB of files on /data/movies, of which only 58.00 GiB are in use")
      const { resume } = yield* DiskGroups
      yield* resume((yield* groups)[0]?.id ?? "")
      yield* TestClock.adjust("1 minute")
      yield* sync
      assert.deepStrictEqual(yield* stops, [null], "a person has reviewed it")
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("in a cloud that reports all of its space as free is not affected", () => {
    const feeds = start(
      report({ "/cloud": [1_000_000, 1_000_000] }, folder("/cloud/movies", 1_000_000)),
      "/cloud/movies/A"
    )
    return Effect.gen(function* () {
      yield* connectFeed("manager", "Films")
      yield* sync
      assert.isNull((yield* groups)[0]?.stoppedBecause)
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("that was never mounted is not planned either", () => {
    const feeds = start(report({ "/": [60, 2] }, folder("/data/movies", 2)))
    return Effect.gen(function* () {
      yield* connectFeed("manager", "Films")
      yield* sync
      feeds.of("Films").catalog = films("/data/movies/A").map((film) => ({ ...film, sizeBytes: 90 * gib }))
      yield* sync
      assert.strictEqual(yield* planned, 0)
      assert.include((yield* groups)[0]?.stoppedBecause, "seem to be on another disk")
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("only applies to items below it; items in no root folder are assigned by mount", () => {
    const feeds = start(
      report({ "/data": [1000, 50] }, folder("/data/movies", 50), folder("/data/share", 7000)),
      "/data/movies/A",
      "/data/share/B",
      "/data/elsewhere/C",
      "/data/movies2/D"
    )
    return Effect.gen(function* () {
      yield* connectFeed("manager", "Films")
      yield* sync
      assert.deepStrictEqual(yield* mounts, ["/data", null, "/data", "/data"])
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("is matched with its items and its mount despite the case of drive letters and decomposed letters", () => {
    const feeds = start(
      report({ "D:\\": [1000, 50], "/": [10, 5], "/data/S\u00e9ries": [500, 20] }, folder("d:\\Movies\\", 50), {
        ...folder("/data/Se\u0301ries/f", 20)
      }),
      "d:\\movies\\A (2015)",
      "/data/Se\u0301ries/f/A"
    )
    return Effect.gen(function* () {
      yield* connectFeed("manager", "Films")
      yield* sync
      assert.deepStrictEqual(yield* mounts, ["D:", "/data/S\u00e9ries"])
      const before = (yield* groups).map(({ id }) => id)
      feeds.of("Films").disks = report(
        { "d:\\": [1000, 50], "/": [10, 5], "/data/Se\u0301ries": [500, 20] },
        folder("D:\\movies", 50),
        folder("/data/S\u00e9ries/f", 20)
      )
      yield* sync
      assert.deepStrictEqual(
        (yield* groups).map(({ id, staleSince }) => [id, staleSince]),
        before.map((id) => [id, null])
      )
      assert.lengthOf(yield* rootFolders, 2)
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("of an application with other paths is on the disk of the common path", () => {
    const feeds = start(report({ "/media": [1000, 50] }, folder("/media/movies", 50)), "/media/movies/A")
    feeds.of("Shows").disks = report({ "/data/media": [1000, 50] }, folder("/data/media/tv", 50))
    return Effect.gen(function* () {
      const integrations = yield* Integrations
      const id = yield* connectFeed("manager", "Films", { pathMappings: [{ from: "/media", to: "/data/media" }] })
      yield* connectFeed("manager", "Shows")
      yield* sync
      const [disk, ...others] = yield* groups
      assert.lengthOf(others, 0)
      assert.deepStrictEqual(
        disk?.integrations.map(({ reportedPath }) => reportedPath),
        ["/media", "/data/media"]
      )
      assert.deepStrictEqual(yield* mounts, ["/data/media"])
      yield* integrations.update(id, { options: { pathMappings: [] } })
      yield* sync
      assert.lengthOf(yield* groups, 2)
    }).pipe(Effect.provide(feedTest(feeds)))
  })
})
