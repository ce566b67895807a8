import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { Integrations } from "../../src/integrations/Integrations.ts"
import { countingOf } from "../../src/library/Counting.ts"
import { collectionsOf, makeSnapshot, Snapshots } from "../../src/library/Snapshots.ts"
import { Sync } from "../../src/library/Sync.ts"
import { connectFeed, Feeds, feedTest } from "./Feeds.ts"
import { catalogItem, libraryItem } from "./Samples.ts"

const run = Effect.flatMap(Sync, (sync) => sync.run())

describe("Snapshots", () => {
  it("know parents, children and collections, within one integration", () => {
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

  it.effect("are one value until something is applied, and then another", () => {
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

  it.effect("grow old with the clock, without anything being read", () => {
    const feeds = new Feeds()
    feeds.of("Manager").catalog = [catalogItem({ externalId: "1" })]
    return Effect.gen(function* () {
      const snapshots = yield* Snapshots
      const manager = yield* connectFeed("manager", "Manager")
      const believed = Effect.map(snapshots.context, (context) => {
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

  it.effect("follow at once what is switched on and off", () => {
    const feeds = new Feeds()
    return Effect.gen(function* () {
      const snapshots = yield* Snapshots
      const integrations = yield* Integrations
      const playback = Effect.map(snapshots.context, (context) => context.playback("movie")._tag)
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
})
