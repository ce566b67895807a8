import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { Integrations } from "../../src/integrations/Integrations.ts"
import { countingOf } from "../../src/library/Counting.ts"
import { collectionsOf, forAPerson, makeSnapshot, Snapshots, StaysInMemory } from "../../src/library/Snapshots.ts"
import { Sync } from "../../src/library/Sync.ts"
import { factSheet } from "../../src/library/ItemFacts.ts"
import { connectFeed, currentContext, Feeds, feedTest } from "./Feeds.ts"
import { catalogItem, libraryItem, playback, serverItem } from "./Samples.ts"

const run = Effect.flatMap(Sync, (sync) => sync.run())

describe("Snapshots", () => {
  it("contain parents, children and collections, within one integration", () => {
    const show = libraryItem({ id: "1", externalId: "9", kind: "show" })
    const first = libraryItem({ id: "2", externalId: "9:s1", kind: "season", parentExternalId: "9" })
    const second = libraryItem({
      id: "3",
      externalId: "9:s2",
      kind: "season",
      parentExternalId: "9",
      collections: ["B"]
    })
    const foreign = libraryItem({ id: "4", integrationId: "2", externalId: "9", kind: "show", collections: ["B", "A"] })
    const orphan = libraryItem({ id: "5", externalId: "8:s1", kind: "season", parentExternalId: "8" })
    const snapshot = makeSnapshot([show, first, second, foreign, orphan])
    assert.deepStrictEqual(snapshot.childrenOf(show), [first, second])
    assert.deepStrictEqual(snapshot.childrenOf(foreign), [])
    assert.strictEqual(snapshot.parentOf(second), show)
    assert.isUndefined(snapshot.parentOf(show))
    assert.isUndefined(snapshot.parentOf(orphan))
    assert.strictEqual(snapshot.byId.get("4"), foreign)
    assert.deepStrictEqual(snapshot.collections, ["A", "B"])
    assert.deepStrictEqual(snapshot.inCollection("B"), [second, foreign])
    assert.deepStrictEqual(snapshot.inCollection("C"), [])
    assert.deepStrictEqual(collectionsOf(snapshot, countingOf(snapshot, new Set())), [
      { title: "A", items: 1, bytes: 1_000 },
      { title: "B", items: 2, bytes: 2_000 }
    ])
  })

  it.effect("stay in memory for seconds after a job has used them, and for minutes after a person has", () => {
    const feeds = new Feeds()
    feeds.of("Manager").catalog = [catalogItem({ externalId: "1", title: "Film" })]
    return Effect.gen(function* () {
      const snapshots = yield* Snapshots
      let drops = 0
      yield* snapshots.onDropped(Effect.sync(() => void drops++))
      yield* connectFeed("manager", "Manager")
      yield* run
      yield* TestClock.adjust("1 minute")
      drops = 0
      const first = yield* snapshots.get
      yield* TestClock.adjust("7 seconds")
      assert.strictEqual(yield* snapshots.get, first)
      yield* TestClock.adjust("7 seconds")
      assert.strictEqual(yield* snapshots.get, first, "from the last use on")
      yield* TestClock.adjust("9 seconds")
      assert.strictEqual(drops, 1)
      const second = yield* snapshots.get.pipe(Effect.provideService(StaysInMemory, forAPerson))
      assert.notStrictEqual(second, first)
      assert.deepStrictEqual(second.items, first.items)
      yield* TestClock.adjust("4 minutes")
      assert.strictEqual(yield* snapshots.get, second)
      yield* TestClock.adjust("50 seconds")
      assert.strictEqual(yield* snapshots.get, second, "a job does not end it")
      yield* TestClock.adjust("20 seconds")
      assert.strictEqual(drops, 2)
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("are the same value until a reading is applied, and then a new one", () => {
    const feeds = new Feeds()
    feeds.of("Manager").catalog = Array.from({ length: 450 }, (_, index) =>
      catalogItem({ externalId: String(index), title: `Film ${index}` })
    )
    return Effect.gen(function* () {
      const snapshots = yield* Snapshots
      yield* connectFeed("manager", "Manager")
      yield* run
      const [before, same] = yield* Effect.all([snapshots.get, snapshots.get], { concurrency: 2 })
      assert.strictEqual(before, same)
      assert.lengthOf(before.items, 450, "read in pieces and whole")
      assert.strictEqual(new Set(before.items.map((item) => item.id)).size, 450)
      yield* run
      const after = yield* snapshots.get
      assert.notStrictEqual(after, before)
      assert.deepStrictEqual(after.items, before.items)
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("become stale over time, without a new reading", () => {
    const feeds = new Feeds()
    feeds.of("Manager").catalog = [catalogItem({ externalId: "1" })]
    return Effect.gen(function* () {
      const manager = yield* connectFeed("manager", "Manager")
      const believed = Effect.map(currentContext, (context) => {
        const catalog = context.catalog(manager)
        return catalog._tag === "Unsure" ? catalog.reason : catalog._tag
      })
      assert.strictEqual(yield* believed, "not-synced")
      yield* run
      yield* TestClock.adjust("72 hours")
      assert.strictEqual(yield* believed, "Fresh")
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(yield* believed, "stale")
      yield* run
      assert.strictEqual(yield* believed, "Fresh")
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("reflect at once which integrations and capabilities are enabled", () => {
    const feeds = new Feeds()
    return Effect.gen(function* () {
      const integrations = yield* Integrations
      const playback = Effect.map(currentContext, (context) => context.playback("movie")._tag)
      assert.strictEqual(yield* playback, "None")
      const server = yield* connectFeed("server", "Server")
      assert.strictEqual(yield* playback, "Unsure")
      yield* run
      assert.strictEqual(yield* playback, "Fresh")
      yield* integrations.update(server, { options: { disabledCapabilities: ["playback"] } })
      assert.strictEqual(yield* playback, "None")
      yield* integrations.update(server, { options: { disabledCapabilities: [] } })
      assert.strictEqual(yield* playback, "Fresh")
      yield* integrations.update(server, { enabled: false })
      assert.strictEqual(yield* playback, "None")
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("trust no reading that the items were not joined with, until a sync joins it", () => {
    const feeds = new Feeds()
    feeds.of("Manager").catalog = [catalogItem({ externalId: "1", ids: ["tmdb-movie:1"] })]
    feeds.of("Server").serverItems = [serverItem({ serverItemId: "a", ids: ["tmdb-movie:1"] })]
    feeds.of("Server").playback = [playback("a", { ann: 2 }, "2026-01-10T00:00:00.000Z")]
    return Effect.gen(function* () {
      const integrations = yield* Integrations
      const snapshots = yield* Snapshots
      const manager = yield* connectFeed("manager", "Manager")
      const server = yield* connectFeed("server", "Server")
      const plays = Effect.gen(function* () {
        const snapshot = yield* snapshots.get
        const fact = factSheet(snapshot.items[0]!, yield* snapshots.contextOf(snapshot), snapshot).get("playCount")
        return fact._tag === "Known" ? fact.value : fact._tag === "Unknown" ? fact.reason : fact._tag
      })
      const catalog = Effect.map(currentContext, (context) => context.catalog(manager)._tag)
      yield* run
      assert.strictEqual(yield* plays, 2)
      yield* integrations.update(server, { enabled: false })
      yield* run
      yield* integrations.update(server, { enabled: true })
      assert.strictEqual(yield* plays, "not-synced", "no source reported that it was never played")
      yield* run
      assert.strictEqual(yield* plays, 2)
      yield* integrations.update(manager, { enabled: false })
      feeds.of("Server").playback = [playback("a", { ann: 3 }, "2026-01-14T00:00:00.000Z")]
      yield* TestClock.adjust("1 hour")
      yield* run
      yield* integrations.update(manager, { enabled: true })
      assert.strictEqual(yield* catalog, "Unsure", "its items hold the plays of an hour ago")
      yield* run
      assert.strictEqual(yield* catalog, "Fresh")
      assert.strictEqual(yield* plays, 3)
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("trust no plays that depend on a media server other than the one configured now", () => {
    const feeds = new Feeds()
    feeds.of("Manager").catalog = [catalogItem({ externalId: "1", ids: ["tmdb-movie:1"] })]
    feeds.of("Statistics").playback = [playback("a", { ann: 4 }, "2026-01-10T00:00:00.000Z")]
    feeds.of("One").serverItems = [serverItem({ serverItemId: "a", ids: ["tmdb-movie:1"] })]
    feeds.of("Other").serverItems = [serverItem({ serverItemId: "b", ids: ["tmdb-movie:1"] })]
    return Effect.gen(function* () {
      const integrations = yield* Integrations
      const believed = Effect.map(currentContext, (context) => context.playback("movie"))
      yield* connectFeed("manager", "Manager")
      const one = yield* connectFeed("server", "One", { disabledCapabilities: ["playback"] })
      const other = yield* connectFeed("server", "Other", { disabledCapabilities: ["playback"] })
      const statistics = yield* connectFeed("statistics", "Statistics", { mediaServerId: one })
      yield* run
      assert.strictEqual((yield* believed)._tag, "Fresh")
      yield* integrations.update(statistics, { options: { mediaServerId: other } })
      assert.deepInclude(yield* believed, {
        _tag: "Unsure",
        reason: "not-synced",
        detail: "Statistics has another media server for its plays; a sync reads it"
      })
      yield* run
      assert.strictEqual((yield* believed)._tag, "Fresh")
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("trust no reading from an address other than the current one of its integration", () => {
    const feeds = new Feeds()
    feeds.of("Manager").catalog = [catalogItem({ externalId: "1" })]
    return Effect.gen(function* () {
      const integrations = yield* Integrations
      const manager = yield* connectFeed("manager", "Manager")
      const catalog = Effect.map(currentContext, (context) => context.catalog(manager))
      yield* run
      yield* integrations.update(manager, { name: "Renamed" })
      assert.strictEqual((yield* catalog)._tag, "Fresh")
      yield* integrations.update(manager, { url: "http://another.test" })
      assert.deepInclude(yield* catalog, {
        _tag: "Unsure",
        reason: "not-synced",
        detail: "Renamed has another address since it was last read at 2026-01-15T12:00:00.000Z; a sync reads it"
      })
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("include that an integration whose kind no longer exists might report more", () => {
    const feeds = new Feeds()
    feeds.of("Manager").catalog = [catalogItem({ externalId: "1", ids: ["tmdb-movie:1"] })]
    return Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* connectFeed("manager", "Manager")
      const server = yield* connectFeed("server", "Server")
      yield* connectFeed("server", "Other")
      yield* run
      assert.strictEqual((yield* currentContext).playback("movie")._tag, "Fresh")
      yield* sql`UPDATE integrations SET kind = 'not-given' WHERE id = ${Number(server)}`
      assert.deepInclude((yield* currentContext).playback("movie"), { _tag: "Unsure", source: "Server" })
      yield* run
      const { catalog, playback: plays, requests } = yield* currentContext
      assert.deepInclude(plays("movie"), { _tag: "Unsure", reason: "not-synced", source: "Server" })
      assert.strictEqual(requests("movie")._tag, "None")
      assert.strictEqual(catalog("1")._tag, "Fresh")
    }).pipe(Effect.provide(feedTest(feeds)))
  })
})
