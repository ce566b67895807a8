import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { Actor } from "../../src/events/Actor.ts"
import { EventLog } from "../../src/events/EventLog.ts"
import { Protections } from "../../src/library/Protections.ts"
import { Snapshots } from "../../src/library/Snapshots.ts"
import { Sync } from "../../src/library/Sync.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { System } from "../../src/system/System.ts"
import { itemIdOf } from "../support/Stack.ts"
import { connectFeed, Feeds, feedTest } from "./Feeds.ts"
import { album, artist, catalogItem, season, serverItem, show } from "./Samples.ts"
import { LibrarySettings } from "../../src/library/LibrarySettings.ts"

const run = Effect.flatMap(Sync, (sync) => sync.run())

/** Titles of the items that are protected now. */
const kept = Effect.gen(function* () {
  const snapshots = yield* Snapshots
  const protections = yield* Protections
  const protecting = yield* protections.protecting
  return (yield* snapshots.get).items.filter((item) => protecting(item) !== undefined).map((item) => item.title)
})

const protect = (title: string) =>
  Effect.gen(function* () {
    const protections = yield* Protections
    return yield* protections.add({ itemId: yield* itemIdOf(title) })
  })

const shelf = () => {
  const feeds = new Feeds()
  const lost = show("9", ["tvdb:9", "tmdb-show:90"], { title: "Lost" })
  const nameless = show("10", [], { title: "Nameless" })
  feeds.of("Manager").catalog = [
    catalogItem({ externalId: "1", title: "Alien", ids: ["tmdb-movie:1"], collections: ["Alien Collection"] }),
    catalogItem({ externalId: "2", title: "Aliens", ids: ["tmdb-movie:2"], collections: ["Alien Collection"] }),
    catalogItem({ externalId: "3", title: "Heat", ids: ["tmdb-movie:3"] }),
    lost,
    season(lost, 1, { title: "Lost 1" }),
    season(lost, 2, { title: "Lost 2" }),
    nameless,
    season(nameless, 1, { title: "Nameless 1" }),
    season(nameless, 2, { title: "Nameless 2" })
  ]
  return feeds
}

const prepared = Effect.gen(function* () {
  const settings = yield* Settings
  yield* settings.patch(LibrarySettings, { maxDisappearance: 1 })
  const manager = yield* connectFeed("manager", "Manager")
  yield* run
  return manager
})

describe("Protections", () => {
  it.effect("keep an item, name their author, and are counted", () =>
    Effect.gen(function* () {
      const protections = yield* Protections
      const system = yield* System
      yield* prepared
      const itemId = yield* itemIdOf("Heat")
      const added = yield* protections
        .add({ itemId, reason: "the best one" })
        .pipe(Effect.provideService(Actor, "account:ann"))
      assert.deepInclude(added, {
        target: "item",
        itemId,
        collection: null,
        title: "Heat",
        reason: "the best one",
        actor: "account:ann",
        expiresAt: null
      })
      assert.deepStrictEqual(yield* kept, ["Heat"])
      assert.deepStrictEqual(yield* protections.list, [added])
      assert.strictEqual((yield* system.stats).protections, 1)
      yield* protections.remove(added.id)
      assert.deepStrictEqual(yield* kept, [])
      assert.strictEqual((yield* system.stats).protections, 0)
      assert.strictEqual((yield* Effect.flip(protections.remove(added.id)))._tag, "ProtectionNotFound")
      const log = yield* EventLog
      assert.deepStrictEqual(
        (yield* log.page({ subjectType: "protection" })).items.map((event) => event.type),
        ["protection.removed", "protection.added"]
      )
    }).pipe(Effect.provide(feedTest(shelf())))
  )

  it.effect("of a show cover its seasons, and of a season that season and the show", () =>
    Effect.gen(function* () {
      const protections = yield* Protections
      yield* prepared
      yield* protect("Lost")
      assert.deepStrictEqual(yield* kept, ["Lost", "Lost 1", "Lost 2"])
      yield* protections.removeByItem(yield* itemIdOf("Lost"))
      yield* protect("Lost 2")
      assert.deepStrictEqual(yield* kept, ["Lost", "Lost 2"])
    }).pipe(Effect.provide(feedTest(shelf())))
  )

  it.effect("cover a show and its seasons even if they have no typed id", () =>
    Effect.gen(function* () {
      const protections = yield* Protections
      yield* prepared
      yield* protect("Nameless")
      assert.deepStrictEqual(yield* kept, ["Nameless", "Nameless 1", "Nameless 2"])
      yield* protections.removeByItem(yield* itemIdOf("Nameless"))
      yield* protect("Nameless 2")
      assert.deepStrictEqual(yield* kept, ["Nameless", "Nameless 2"])
    }).pipe(Effect.provide(feedTest(shelf())))
  )

  it.effect("of a collection cover its members, including later ones and those that only the server lists", () => {
    const feeds = shelf()
    feeds.of("Server").serverItems = [
      serverItem({ serverItemId: "s", ids: ["tmdb-movie:3"], collections: ["Alien Collection"] })
    ]
    return Effect.gen(function* () {
      const protections = yield* Protections
      yield* prepared
      const added = yield* protections.add({ collection: "Alien Collection" })
      assert.strictEqual(added.title, "Alien Collection")
      assert.deepStrictEqual(yield* kept, ["Alien", "Aliens"])
      yield* connectFeed("server", "Server")
      yield* run
      assert.deepStrictEqual(yield* kept, ["Alien", "Aliens", "Heat"])
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("end at their time, not before", () =>
    Effect.gen(function* () {
      const protections = yield* Protections
      yield* prepared
      const itemId = yield* itemIdOf("Heat")
      const added = yield* protections.add({ itemId, expiresAt: "2026-01-16T13:00:00+01:00" })
      assert.strictEqual(added.expiresAt, "2026-01-16T12:00:00.000Z")
      yield* TestClock.adjust("23 hours")
      assert.deepStrictEqual(yield* kept, ["Heat"])
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(yield* kept, [])
      assert.deepStrictEqual(yield* protections.list, [])
      const past = yield* Effect.flip(protections.add({ itemId, expiresAt: "2026-01-16T12:00:00Z" }))
      assert.strictEqual(past._tag, "InvalidRequest")
      yield* protections.add({ itemId })
      assert.deepStrictEqual(yield* kept, ["Heat"], "what had ended may be said again")
    }).pipe(Effect.provide(feedTest(shelf())))
  )

  it.effect("still apply to a film that was added again under another id, and to a show with its seasons", () => {
    const feeds = shelf()
    return Effect.gen(function* () {
      yield* prepared
      yield* protect("Heat")
      yield* protect("Lost 2")
      const lost = show("77", ["tmdb-show:90"], { title: "Lost" })
      feeds.of("Manager").catalog = [
        catalogItem({ externalId: "78", title: "Heat", ids: ["imdb:tt3", "tmdb-movie:3"] }),
        catalogItem({ externalId: "79", title: "Heat", ids: ["tmdb-movie:33"] }),
        lost,
        season(lost, 1, { title: "Lost 1" }),
        season(lost, 2, { title: "Lost 2" })
      ]
      yield* run
      const ids = (yield* (yield* Snapshots).get).items
      const protecting = yield* (yield* Protections).protecting
      assert.deepStrictEqual(
        ids.filter((item) => protecting(item) !== undefined).map((item) => item.externalId),
        ["78", "77", "77:s2"]
      )
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("of an artist cover the albums, and of an album that album and the artist", () => {
    const feeds = new Feeds()
    const nina = artist("4", ["musicbrainz:nina"], { title: "Nina" })
    const other = artist("5", ["musicbrainz:other"], { title: "Other" })
    feeds.of("Manager").catalog = [nina, album(nina, 1), album(nina, 2), other, album(other, 3)]
    return Effect.gen(function* () {
      const protections = yield* Protections
      yield* prepared
      yield* protect("Nina")
      assert.deepStrictEqual(yield* kept, ["Nina", "Nina album 1", "Nina album 2"])
      yield* protections.removeByItem(yield* itemIdOf("Nina"))
      yield* protect("Nina album 2")
      assert.deepStrictEqual(yield* kept, ["Nina", "Nina album 2"])
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("still apply to an artist and albums that were added again", () => {
    const feeds = new Feeds()
    const nina = artist("4", ["musicbrainz:nina"], { title: "Nina" })
    const other = artist("5", ["musicbrainz:other"], { title: "Other" })
    feeds.of("Manager").catalog = [nina, album(nina, 1), album(nina, 2), other, album(other, 3), album(other, 4)]
    return Effect.gen(function* () {
      yield* prepared
      yield* protect("Nina")
      yield* protect("Other album 4")
      const ninaAgain = artist("14", ["musicbrainz:nina"], { title: "Nina" })
      const otherAgain = artist("15", ["musicbrainz:other"], { title: "Other" })
      feeds.of("Manager").catalog = [
        ninaAgain,
        album(ninaAgain, 1),
        album(ninaAgain, 2),
        otherAgain,
        album(otherAgain, 3),
        album(otherAgain, 4)
      ]
      yield* run
      const before = yield* (yield* Snapshots).get
      assert.isTrue(before.items.every((item) => item.externalId.startsWith("1")))
      assert.deepStrictEqual(yield* kept, ["Nina", "Nina album 1", "Nina album 2", "Other", "Other album 4"])
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("of a film keep neither the show with the same number nor the same film of another integration", () => {
    const feeds = shelf()
    feeds.of("Second").catalog = [catalogItem({ externalId: "1", title: "Heat elsewhere", ids: ["tmdb-movie:3"] })]
    feeds.of("Manager").catalog = [
      ...feeds.of("Manager").catalog!,
      show("50", ["tmdb-movie:3"], { title: "Mislabelled" })
    ]
    return Effect.gen(function* () {
      yield* prepared
      yield* connectFeed("manager", "Second")
      yield* run
      yield* protect("Heat")
      assert.deepStrictEqual(yield* kept, ["Heat"])
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("that are added twice are stored once, with the latest values", () =>
    Effect.gen(function* () {
      const protections = yield* Protections
      yield* prepared
      const itemId = yield* itemIdOf("Heat")
      yield* protections.add({ itemId, reason: "first" })
      yield* protections.add({ itemId, reason: "second" })
      yield* protections.add({ collection: "Alien Collection", reason: "first" })
      yield* protections.add({ collection: "Alien Collection", reason: "second" })
      assert.deepStrictEqual(
        (yield* protections.list).map((one) => [one.target, one.reason]),
        [
          ["item", "second"],
          ["collection", "second"]
        ]
      )
    }).pipe(Effect.provide(feedTest(shelf())))
  )

  it.effect("are refused for an item that does not exist, and for no target or two targets", () =>
    Effect.gen(function* () {
      const protections = yield* Protections
      yield* prepared
      const itemId = yield* itemIdOf("Heat")
      assert.strictEqual((yield* Effect.flip(protections.add({ itemId: "999" })))._tag, "ItemNotFound")
      assert.strictEqual((yield* Effect.flip(protections.add({ collection: "alien" })))._tag, "CollectionNotFound")
      assert.strictEqual((yield* Effect.flip(protections.add({})))._tag, "InvalidRequest")
      assert.strictEqual(
        (yield* Effect.flip(protections.add({ itemId, collection: "Alien Collection" })))._tag,
        "InvalidRequest"
      )
      assert.strictEqual((yield* Effect.flip(protections.removeByItem(itemId)))._tag, "ProtectionNotFound")
    }).pipe(Effect.provide(feedTest(shelf())))
  )

  it.effect("are visible within the transaction that adds them, and not after its rollback", () =>
    Effect.gen(function* () {
      const protections = yield* Protections
      const sql = yield* SqlClient.SqlClient
      yield* prepared
      const itemId = yield* itemIdOf("Heat")
      yield* Effect.exit(
        sql.withTransaction(
          Effect.gen(function* () {
            yield* protections.add({ itemId })
            assert.deepStrictEqual(yield* kept, ["Heat"])
            return yield* Effect.fail("rolled back")
          })
        )
      )
      assert.deepStrictEqual(yield* kept, [])
    }).pipe(Effect.provide(feedTest(shelf())))
  )
})
