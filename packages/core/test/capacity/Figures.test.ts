/** A show and its seasons in one library: all counts and sums count them once, and agree with each other. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Preview } from "../../src/capacity/Preview.ts"
import { RuleTrial } from "../../src/capacity/RuleTrial.ts"
import { ItemStore } from "../../src/library/ItemStore.ts"
import { Snapshots } from "../../src/library/Snapshots.ts"
import { Sync } from "../../src/library/Sync.ts"
import { Planner } from "../../src/removals/Planner.ts"
import { Removals } from "../../src/removals/Removals.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { System } from "../../src/system/System.ts"
import type { IntegrationOptions } from "../../src/integrations/Integration.ts"
import { itemIdOf, removalOf, setDisk } from "../support/Stack.ts"
import { connectFeed, Feeds, feedTest } from "../library/Feeds.ts"
import { catalogItem, season, serverItem, show } from "../library/Samples.ts"
import { leaf } from "../rules/Samples.ts"
import { gib } from "./Shelf.ts"
import { RemovalsSettings } from "../../src/settings/RemovalsSettings.ts"

/** Two films of 10 GiB, and a show of 35 GiB: three seasons of 10, and 5 that belong to none of them. */
const cabinet = (): Feeds => {
  const feeds = new Feeds()
  const facts = { addedAt: "2025-01-01T00:00:00.000Z", rating: 5 }
  const lost = show("9", ["tvdb:9"], { title: "Lost", sizeBytes: 35 * gib, collections: ["Islands"], facts })
  const seasons = [1, 2, 3].map((number) =>
    season(lost, number, {
      title: `Lost ${number}`,
      sizeBytes: 10 * gib,
      collections: ["Islands"],
      facts: { ...facts, seasonNumber: number }
    })
  )
  const films = [1, 2].map((number) =>
    catalogItem({
      externalId: `${number}`,
      title: `Film ${number}`,
      ids: [`tmdb-movie:${number}`],
      sizeBytes: 10 * gib,
      facts
    })
  )
  feeds.of("Manager").catalog = [...films, lost, ...seasons]
  feeds.of("Manager").disks = {
    disks: [{ path: "/data", totalBytes: 200 * gib, freeBytes: 20 * gib }],
    rootFolders: [{ path: "/data/movies", accessible: true, freeBytes: null }]
  }
  feeds.of("Server").serverItems = [
    ...films.map(({ externalId, ids }) => serverItem({ serverItemId: externalId, ids })),
    serverItem({ serverItemId: "9", kind: "show", ids: ["tvdb:9"] }),
    ...[1, 2, 3].map((number) =>
      serverItem({ serverItemId: `9-${number}`, kind: "season", parentServerItemId: "9", seasonNumber: number })
    )
  ]
  return feeds
}

const read = (options: Partial<IntegrationOptions> = {}) =>
  Effect.gen(function* () {
    yield* connectFeed("manager", "Manager", options)
    yield* connectFeed("server", "Server")
    const settings = yield* Settings
    yield* settings.patch(RemovalsSettings, { caps: { maxItems: 100, maxBytes: null, maxLibraryShare: 1 } })
    return yield* (yield* Sync).run()
  })

const zero = { items: 0, bytes: 0 }

describe("Figures about shows and their seasons", () => {
  it.effect("count the seasons if seasons are removed: sync, status, preview and run agree", () =>
    Effect.gen(function* () {
      const report = yield* read()
      const preview = yield* Preview
      const planner = yield* Planner
      const { items, summary } = yield* preview.page({})
      assert.deepStrictEqual(
        items.map(({ title }) => title).toSorted(),
        ["Film 1", "Film 2", "Lost 1", "Lost 2", "Lost 3"],
        "the show is not an item in addition to its seasons"
      )
      assert.deepInclude(report, { added: 5, total: 5 })
      assert.deepInclude(yield* (yield* System).stats, { items: 5, bytes: 55 * gib })
      assert.deepInclude(summary, {
        evaluated: 5,
        total: { items: 5, bytes: 55 * gib },
        candidate: { items: 5, bytes: 50 * gib },
        undecided: zero,
        kept: zero,
        protected: zero,
        irremovable: zero,
        restBytes: 5 * gib
      })
      const plan = yield* planner.run({ runId: null, dryRun: true })
      assert.deepStrictEqual(plan.summary, summary)
      assert.deepInclude(plan, { evaluated: 5, candidates: 5, undecided: 0, kept: 0, protected: 0, irremovable: 0 })
    }).pipe(Effect.provide(feedTest(cabinet())))
  )

  it.effect("count the show if shows are removed as a whole", () =>
    Effect.gen(function* () {
      const report = yield* read({ wholeShows: true })
      const { items, summary } = yield* (yield* Preview).page({})
      assert.deepStrictEqual(items.map(({ title }) => title).toSorted(), ["Film 1", "Film 2", "Lost"])
      assert.deepInclude(report, { added: 3, total: 3 })
      assert.deepInclude(yield* (yield* System).stats, { items: 3, bytes: 55 * gib })
      assert.deepInclude(summary, { candidate: { items: 3, bytes: 55 * gib }, irremovable: zero, restBytes: 0 })
    }).pipe(Effect.provide(feedTest(cabinet())))
  )

  it.effect("of one disk include only its items", () =>
    Effect.gen(function* () {
      yield* read()
      const preview = yield* Preview
      const { summary } = yield* preview.page({})
      const [group] = (yield* (yield* Planner).run({ runId: null, dryRun: true })).groups
      assert.deepStrictEqual((yield* preview.page({ diskGroupId: group!.diskGroupId })).summary, summary)
      const elsewhere = (yield* preview.page({ diskGroupId: "99" })).summary
      assert.deepInclude(elsewhere, { evaluated: 0, total: zero, restBytes: 0, bytesToFree: 0 })
    }).pipe(Effect.provide(feedTest(cabinet())))
  )

  it.effect("of a rule that matches a show and its seasons count the items that it can remove", () =>
    Effect.gen(function* () {
      yield* read()
      const trial = yield* RuleTrial
      const both = yield* trial.preview({ condition: leaf("title", "startsWith", "Lost") })
      assert.deepInclude(both, {
        total: { items: 5, bytes: 55 * gib },
        matched: { items: 3, bytes: 30 * gib },
        notRemovedAlone: 1
      })
      assert.lengthOf(both.items, 3)
      const wholeAlone = yield* trial.preview({ condition: leaf("kind", "equals", "show") })
      assert.deepInclude(wholeAlone, { matched: zero, items: [], notRemovedAlone: 1 })
    }).pipe(Effect.provide(feedTest(cabinet())))
  )

  it.effect("of a collection with a show and its seasons count it once", () =>
    Effect.gen(function* () {
      yield* read()
      const snapshots = yield* Snapshots
      assert.deepStrictEqual(yield* snapshots.collections, [{ title: "Islands", items: 3, bytes: 35 * gib }])
    }).pipe(Effect.provide(feedTest(cabinet())))
  )

  it.effect("of a share of the library are shares of the counted items", () =>
    Effect.gen(function* () {
      yield* read()
      const settings = yield* Settings
      yield* settings.patch(RemovalsSettings, { caps: { maxItems: null, maxBytes: null, maxLibraryShare: 0.34 } })
      const [group] = (yield* (yield* Planner).run({ runId: null, dryRun: true })).groups
      assert.deepInclude(group, { plannedItems: 1, limitedBy: "caps" }, "a third of five, not of six")
    }).pipe(Effect.provide(feedTest(cabinet())))
  )

  it.effect("of vanished items count a season once", () => {
    const feeds = cabinet()
    return Effect.gen(function* () {
      yield* read()
      feeds.of("Manager").catalog = feeds.of("Manager").catalog!.filter(({ kind }) => kind === "movie")
      feeds.of("Server").serverItems = feeds.of("Server").serverItems!.filter(({ kind }) => kind === "movie")
      const report = yield* (yield* Sync).run()
      assert.deepStrictEqual(
        report.integrations.map(({ detail }) => detail?.slice(0, detail.indexOf(" would"))),
        ["3 of 5 items", "3 of 5 media server entries"]
      )
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("after the removal of a season are those of the rest, until the next reading", () => {
    const feeds = cabinet()
    return Effect.gen(function* () {
      yield* read()
      const items = yield* ItemStore
      const system = yield* System
      const remove = (title: string) =>
        Effect.flatMap(itemIdOf(title), (id) => items.markGone(id, "2026-01-15T12:00:00.000Z"))
      assert.strictEqual(yield* remove("Lost 1"), 1)
      assert.deepInclude(yield* system.stats, { items: 4, bytes: 45 * gib })
      yield* remove("Lost 2")
      assert.strictEqual(yield* remove("Lost 3"), 0, "what is left of the show is an item now")
      assert.deepInclude(yield* system.stats, { items: 3, bytes: 25 * gib })
      const { items: shown } = yield* (yield* Preview).page({})
      assert.deepInclude(
        shown.find(({ title }) => title === "Lost"),
        { sizeBytes: 5 * gib }
      )
      yield* (yield* Sync).run()
      assert.deepInclude(yield* system.stats, { items: 5, bytes: 55 * gib })
    }).pipe(Effect.provide(feedTest(feeds)))
  })
})

describe("The items that a run would take", () => {
  const plannedBy = Effect.gen(function* () {
    const preview = yield* (yield* Preview).page({ status: "planned", limit: 200 })
    const report = yield* (yield* Planner).run({ runId: null, dryRun: true })
    const ids = report.groups.flatMap((group) => group.items.map(({ itemId }) => itemId))
    assert.sameMembers(
      preview.items.map(({ itemId }) => itemId),
      ids
    )
    assert.deepStrictEqual(preview.summary, report.summary)
    return { ids, summary: preview.summary }
  })

  it.effect("are the same in the preview and in the run, whatever is under way or was rejected", () =>
    Effect.gen(function* () {
      yield* read()
      const planner = yield* Planner
      const removals = yield* Removals
      yield* setDisk({ mode: "approval" })
      const fresh = yield* plannedBy
      assert.deepInclude(fresh.summary, { bytesToFree: 30 * gib, underWayBytes: 0 })
      assert.lengthOf(fresh.ids, 3)
      yield* planner.run({ runId: null })
      assert.deepStrictEqual(yield* plannedBy, fresh, "proposals may be planned again")
      const titles = (yield* (yield* Preview).page({ status: "planned" })).items.map(({ title }) => title)
      yield* removals.cancel((yield* removalOf(titles[0]!)).id)
      const without = yield* plannedBy
      assert.notInclude(without.ids, yield* itemIdOf(titles[0]!))
      yield* removals.approve((yield* removalOf(titles[1]!)).id)
      const { ids, summary } = yield* plannedBy
      assert.notInclude(ids, yield* itemIdOf(titles[1]!))
      assert.deepInclude(summary, { bytesToFree: 30 * gib, underWayBytes: 10 * gib })
      assert.lengthOf(ids, 2, "20 GiB are left to plan for")
      const { openByState, openRemovals } = yield* (yield* System).stats
      assert.deepStrictEqual(openByState, { proposed: 1, snoozed: 0, scheduled: 1, executing: 0, failed: 0 })
      assert.strictEqual(openRemovals, 2)
    }).pipe(Effect.provide(feedTest(cabinet())))
  )

  it.effect("do not include a season of a show whose removal was requested, nor its bytes twice", () =>
    Effect.gen(function* () {
      yield* read()
      const removals = yield* Removals
      yield* setDisk({ mode: "approval" })
      yield* removals.request(yield* itemIdOf("Lost 1"))
      yield* removals.request(yield* itemIdOf("Lost"))
      const { ids, summary } = yield* plannedBy
      assert.deepInclude(summary, { bytesToFree: 30 * gib, underWayBytes: 35 * gib })
      assert.isEmpty(ids)
      yield* setDisk({ limits: { type: "percent", threshold: 60, target: 50 } })
      for (const id of (yield* plannedBy).ids) {
        const { items } = yield* (yield* Preview).page({})
        assert.match(items.find(({ itemId }) => itemId === id)!.title, /^Film/)
      }
    }).pipe(Effect.provide(feedTest(cabinet())))
  )
})
