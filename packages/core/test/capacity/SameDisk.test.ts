import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { DiskGroups } from "../../src/capacity/DiskGroups.ts"
import { Preview } from "../../src/capacity/Preview.ts"
import { Actor } from "../../src/events/Actor.ts"
import { EventLog } from "../../src/events/EventLog.ts"
import type { DisksSnapshot } from "../../src/integrations/Observations.ts"
import { UpstreamUnreachable } from "../../src/integrations/UpstreamErrors.ts"
import { Library } from "../../src/library/Library.ts"
import { Sync } from "../../src/library/Sync.ts"
import { Planner } from "../../src/removals/Planner.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { connectFeed, Feeds, feedTest } from "../library/Feeds.ts"
import { catalogItem } from "../library/Samples.ts"
import { RemovalsSettings } from "../../src/settings/RemovalsSettings.ts"

const gib = 2 ** 30
const down = { disks: new UpstreamUnreachable({ integration: "Shows", call: "GET /", detail: "reset" }) }

const mount = (path: string, totalBytes: number, freeBytes: number): DisksSnapshot => ({
  disks: [{ path, totalBytes, freeBytes }],
  rootFolders: [{ path, accessible: true, freeBytes }]
})

/** Forty films and forty other films of 10 GiB on a disk of 1000 GiB, of which 150 must be freed to reach the target. */
const start = (films = mount("/movies", 1000 * gib, 100 * gib), shows = mount("/tv", 1000 * gib, 100 * gib)) => {
  const feeds = new Feeds()
  const shelf = (folder: string, rating: number) =>
    Array.from({ length: 40 }, (_, index) =>
      catalogItem({
        externalId: String(index),
        title: `${folder} ${index}`,
        path: `${folder}/${index}`,
        sizeBytes: 10 * gib,
        facts: { rating: rating + index / 100, addedAt: "2024-01-01T00:00:00.000Z" }
      })
    )
  feeds.of("Films").disks = films
  feeds.of("Films").catalog = shelf("/movies", 8)
  feeds.of("Shows").disks = shows
  feeds.of("Shows").catalog = shelf("/tv", 2)
  return feeds
}

const connect = Effect.gen(function* () {
  const settings = yield* Settings
  yield* settings.patch(RemovalsSettings, { caps: { maxItems: null, maxBytes: null, maxLibraryShare: 1 } })
  yield* connectFeed("manager", "Films")
  yield* connectFeed("manager", "Shows")
  yield* (yield* Sync).run()
})
const groups = Effect.flatMap(DiskGroups, (service) => service.list)
const refresh = Effect.flatMap(DiskGroups, (service) => service.refresh)
const suspected = Effect.map(groups, (all) => all.map(({ mayBeSameAs }) => mayBeSameAs))
const plan = Effect.flatMap(Planner, (planner) => planner.run({ runId: null, dryRun: true }))
const ofType = (type: string) => Effect.flatMap(EventLog, (log) => Effect.map(log.page({ type }), ({ items }) => items))

describe("A disk under two mounts", () => {
  it.effect("is suspected, logged once, and planned once until a person decides", () => {
    const feeds = start()
    return Effect.gen(function* () {
      yield* connect
      const [movies, tv] = yield* groups
      assert.deepStrictEqual(yield* suspected, [[tv!.id], [movies!.id]])
      yield* refresh
      yield* (yield* Sync).run()
      assert.lengthOf(yield* ofType("disk-group.may-be-same"), 1)
      const report = yield* plan
      assert.deepStrictEqual(
        report.groups.map(({ plannedItems, skippedBecause }) => [plannedItems, skippedBecause === null]),
        [
          [15, true],
          [0, false]
        ]
      )
      assert.match(report.groups[1]?.skippedBecause ?? "", /may be the same disk as \/movies .*tendarr disks merge/)
      const { summary } = yield* (yield* Preview).page({})
      assert.strictEqual(summary.planned.items, 15)
      assert.strictEqual(summary.bytesToFree, 150 * gib)
      const alone = yield* (yield* Planner).run({ runId: null, dryRun: true, diskGroupIds: [tv!.id] })
      assert.strictEqual(alone.groups[0]?.plannedItems, 15, "a run for one of them is for that one")
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  for (const [how, gap, others] of [
    ["is suspected where its mounts are read one after the other", "3 seconds", 1],
    ["is not suspected by figures of two rounds", "10 minutes", 0]
  ] as const) {
    it.effect(how, () => {
      const feeds = start()
      feeds.of("Shows").failing = down
      return Effect.gen(function* () {
        yield* connect
        feeds.of("Films").failing = down
        feeds.of("Shows").failing = {}
        yield* TestClock.adjust(gap)
        yield* refresh
        assert.deepStrictEqual(
          (yield* suspected).map((all) => all?.length),
          [others, others]
        )
      }).pipe(Effect.provide(feedTest(feeds)))
    })
  }

  it.effect("is planned in the mode that removes if the other mode does not", () =>
    Effect.gen(function* () {
      yield* connect
      const [, tv] = yield* groups
      yield* (yield* DiskGroups).update(tv!.id, { mode: "approval" })
      assert.deepStrictEqual(
        (yield* plan).groups.map(({ plannedItems }) => plannedItems),
        [0, 15]
      )
    }).pipe(Effect.provide(feedTest(start())))
  )

  it.effect("is one group after a merge, with one ranking and one plan, also after the next readings", () => {
    const feeds = start()
    return Effect.gen(function* () {
      const service = yield* DiskGroups
      yield* connect
      const [movies, tv] = yield* groups
      yield* service.update(movies!.id, { mode: "approval" })
      const planner = yield* Planner
      yield* planner.run({ runId: null })
      const merged = yield* service.merge(movies!.id, tv!.id).pipe(Effect.provideService(Actor, "account:ann"))
      assert.deepInclude(merged, { id: movies!.id, mode: "approval", mayBeSameAs: [] })
      assert.deepStrictEqual(merged.merged, [{ id: tv!.id, mountPath: "/tv" }])
      yield* (yield* Sync).run()
      yield* refresh
      const all = yield* groups
      assert.deepStrictEqual(
        all.map(({ id, integrations }) => [id, integrations.length]),
        [[movies!.id, 2]]
      )
      assert.strictEqual(all[0]?.bytesToFree, 150 * gib)
      const { items } = yield* (yield* Library).page({ diskGroupId: movies!.id, limit: 100 })
      assert.lengthOf(items, 80)
      const report = yield* plan
      assert.lengthOf(report.groups, 1)
      assert.deepStrictEqual(
        report.groups[0]?.items.map(({ title }) => title.split(" ")[0]).filter((name) => name === "/tv").length,
        15,
        "the worst of both kinds are removed, not the worst films"
      )
      const { answered } = yield* service.read
      assert.deepStrictEqual([...answered], [movies!.id])
      assert.strictEqual((yield* ofType("disk-group.merged"))[0]?.actor, "account:ann")
      assert.strictEqual((yield* Effect.flip(service.get(tv!.id)))._tag, "DiskGroupNotFound")
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("is two groups again after a split, each with its items and settings", () =>
    Effect.gen(function* () {
      const service = yield* DiskGroups
      yield* connect
      const [movies, tv] = yield* groups
      yield* service.update(tv!.id, { mode: "approval" })
      yield* service.merge(movies!.id, tv!.id)
      yield* service.split(movies!.id, tv!.id)
      assert.deepStrictEqual(
        (yield* groups).map(({ id, mode }) => [id, mode]),
        [
          [movies!.id, "dry-run"],
          [tv!.id, "approval"]
        ]
      )
      const { items } = yield* (yield* Library).page({ diskGroupId: tv!.id, limit: 100 })
      assert.lengthOf(items, 40)
      yield* refresh
      yield* (yield* Sync).run()
      assert.deepStrictEqual(yield* suspected, [[], []], "and they are not suspected again")
      assert.deepStrictEqual(
        (yield* plan).groups.map(({ plannedItems }) => plannedItems),
        [15, 15]
      )
    }).pipe(Effect.provide(feedTest(start())))
  )

  it.effect("is not suspected for disks that are only similar: empty ones, other sizes, other usage", () =>
    Effect.gen(function* () {
      for (const [films, shows] of [
        [mount("/movies", 1000 * gib, 990 * gib), mount("/tv", 1000 * gib, 990 * gib)],
        [mount("/movies", 1000 * gib, 1000 * gib), mount("/tv", 1000 * gib, 1000 * gib)],
        [mount("/movies", 1000 * gib, 100 * gib), mount("/tv", 1000 * gib + 1, 100 * gib)],
        [mount("/movies", 1000 * gib, 100 * gib), mount("/tv", 1000 * gib, 102 * gib)],
        [mount("/movies", 1000 * gib, 100 * gib), mount("/tv", 1000 * gib, 100 * gib + 4096)]
      ] as const) {
        yield* Effect.gen(function* () {
          yield* connect
          assert.deepStrictEqual(yield* suspected, [[], []])
        }).pipe(Effect.provide(feedTest(start(films, shows))))
      }
    })
  )

  it.effect("is suspected if the figures change together without being equal to the byte", () => {
    const feeds = start(mount("/movies", 1000 * gib, 300 * gib), mount("/tv", 1000 * gib, 300 * gib + 4096))
    return Effect.gen(function* () {
      yield* connect
      for (const free of [300, 280]) {
        assert.deepStrictEqual(yield* suspected, [[], []])
        yield* TestClock.adjust("10 minutes")
        feeds.of("Films").disks = mount("/movies", 1000 * gib, free * gib)
        feeds.of("Shows").disks = mount("/tv", 1000 * gib, free * gib + 8192)
        yield* refresh
      }
      const [movies, tv] = yield* groups
      assert.deepStrictEqual(yield* suspected, [[tv!.id], [movies!.id]])
      feeds.of("Films").disks = mount("/movies", 1000 * gib, 260 * gib)
      yield* TestClock.adjust("10 minutes")
      yield* refresh
      assert.deepStrictEqual(yield* suspected, [[tv!.id], [movies!.id]], "once may be a file that was just written")
      feeds.of("Shows").failing = down
      yield* TestClock.adjust("10 minutes")
      yield* refresh
      assert.deepStrictEqual(
        yield* suspected,
        [[tv!.id], [movies!.id]],
        "and a missing report does not distinguish them"
      )
      delete feeds.of("Shows").failing
      yield* TestClock.adjust("10 minutes")
      yield* refresh
      assert.deepStrictEqual(yield* suspected, [[], []], "the suspicion ends when only one of them moves")
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("cannot be merged from disks of different sizes, unknown disks or the disk itself", () =>
    Effect.gen(function* () {
      const service = yield* DiskGroups
      yield* connect
      const [movies, tv] = yield* groups
      const sizes = yield* Effect.flip(service.merge(movies!.id, tv!.id))
      assert.strictEqual(sizes._tag, "InvalidRequest")
      assert.strictEqual((yield* Effect.flip(service.merge(movies!.id, movies!.id)))._tag, "InvalidRequest")
      assert.strictEqual((yield* Effect.flip(service.merge(movies!.id, "99")))._tag, "DiskGroupNotFound")
      assert.strictEqual((yield* Effect.flip(service.split("99", movies!.id)))._tag, "DiskGroupNotFound")
    }).pipe(Effect.provide(feedTest(start(undefined, mount("/tv", 2000 * gib, 100 * gib)))))
  )

  it.effect("stays merged while one mount is not reported for a while", () => {
    const feeds = start()
    return Effect.gen(function* () {
      const service = yield* DiskGroups
      yield* connect
      const [movies, tv] = yield* groups
      yield* service.merge(movies!.id, tv!.id)
      feeds.of("Films").disks = { disks: [], rootFolders: [] }
      feeds.of("Shows").disks = mount("/tv", 1000 * gib, 70 * gib)
      yield* (yield* Sync).run()
      yield* TestClock.adjust("20 days")
      yield* (yield* Sync).run()
      assert.deepInclude((yield* groups)[0], { id: movies!.id, staleSince: null, freeBytes: 70 * gib })
      feeds.of("Films").disks = mount("/movies", 1000 * gib, 80 * gib)
      feeds.of("Shows").disks = mount("/tv", 1000 * gib, 80 * gib)
      yield* (yield* Sync).run()
      const all = yield* groups
      assert.lengthOf(all, 1)
      assert.deepInclude(all[0], { id: movies!.id, freeBytes: 80 * gib })
    }).pipe(Effect.provide(feedTest(feeds)))
  })
})
