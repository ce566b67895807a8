import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { EventLog } from "../../src/events/EventLog.ts"
import { Integrations } from "../../src/integrations/Integrations.ts"
import { UpstreamUnreachable } from "../../src/integrations/UpstreamErrors.ts"
import { factSheet } from "../../src/library/ItemFacts.ts"
import { Snapshots } from "../../src/library/Snapshots.ts"
import { Sources } from "../../src/library/Sources.ts"
import { Sync } from "../../src/library/Sync.ts"
import type { HeldSync } from "../../src/library/Sync/HeldSync.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { startOfTest } from "../support/Stack.ts"
import { connectFeed, type Feed, Feeds, feedTest, itemRows, presentTitles } from "./Feeds.ts"
import { catalogItem, playback, request, serverItem } from "./Samples.ts"
import { LibrarySettings } from "../../src/library/LibrarySettings.ts"

const at = "2026-01-10T00:00:00.000Z"
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1)
const idOf = (id: number) => `tmdb-movie:${id}`
const catalog = (count: number) =>
  numbers(count).map((id) => catalogItem({ externalId: String(id), title: `Film ${id}`, ids: [idOf(id)] }))
const serverItems = (count: number) =>
  numbers(count).map((id) => serverItem({ serverItemId: String(id), ids: [idOf(id)] }))
const plays = (count: number) => numbers(count).map((id) => playback(String(id), { ann: id }, at))
const requests = (count: number) => numbers(count).map((id) => request([idOf(id)], [`Person ${id}`]))

const run = Effect.flatMap(Sync, (sync) => sync.run())

const factOf = (title: string, name: "playCount" | "requested" | "sizeBytes") =>
  Effect.gen(function* () {
    const snapshots = yield* Snapshots
    const snapshot = yield* snapshots.get
    const item = snapshot.items.find((one) => one.title === title)!
    const fact = factSheet(item, yield* snapshots.contextOf(snapshot), snapshot).get(name)
    return fact._tag === "Known" ? fact.value : fact._tag === "Unknown" ? fact.reason : "inapplicable"
  })

const connectAll = Effect.gen(function* () {
  const manager = yield* connectFeed("manager", "Manager")
  const server = yield* connectFeed("server", "Server")
  const wishes = yield* connectFeed("wishes", "Wishes")
  return { manager, server, wishes }
})

/** Fifty films on the server, each played and requested. */
const fiftyFilms = () => {
  const feeds = new Feeds()
  feeds.of("Manager").catalog = catalog(50)
  feeds.of("Server").serverItems = serverItems(50)
  feeds.of("Server").playback = plays(50)
  feeds.of("Wishes").requests = requests(50)
  return feeds
}

describe("A held sync", () => {
  it.effect("is not applied if it is confirmed after the address of its integration has changed", () => {
    const feeds = fiftyFilms()
    return Effect.gen(function* () {
      const sync = yield* Sync
      const { server } = yield* connectAll
      yield* run
      feeds.of("Server").playback = []
      yield* run
      const integrations = yield* Integrations
      yield* integrations.update(server, { url: "http://another.test" })
      yield* sync.confirmHeld(server)
      assert.strictEqual(yield* factOf("Film 3", "playCount"), "not-synced")
      feeds.of("Server").playback = plays(50)
      yield* run
      assert.strictEqual(yield* factOf("Film 3", "playCount"), 3)
    }).pipe(Effect.provide(feedTest(feeds)))
  })
})

describe("A sync that would lose too much", () => {
  const losses: ReadonlyArray<
    readonly [what: string, feed: string, lose: (feed: Feed, left: number) => void, noun: string]
  > = [
    ["items", "Manager", (feed, left) => void (feed.catalog = catalog(left)), "items"],
    [
      "entries of a media server",
      "Server",
      (feed, left) => void (feed.serverItems = serverItems(left)),
      "media server entries"
    ],
    ["plays", "Server", (feed, left) => void (feed.playback = plays(left)), "played titles"],
    ["requests", "Wishes", (feed, left) => void (feed.requests = requests(left)), "requests"]
  ]
  for (const [what, name, lose, noun] of losses) {
    it.effect(`is held if it loses ${what}, and applied up to the share that is set`, () => {
      const feeds = fiftyFilms()
      return Effect.gen(function* () {
        yield* connectAll
        yield* run
        const before = yield* itemRows
        lose(feeds.of(name), 35)
        const held = yield* run
        const one = held.integrations.find((each) => each.name === name)
        assert.strictEqual(one?.outcome, "held")
        assert.strictEqual(
          one?.detail,
          `15 of 50 ${noun} would disappear (30 %, at most 20 % are accepted without confirmation)`
        )
        assert.deepInclude(held, { added: 0, changed: 0, gone: 0 })
        assert.deepStrictEqual(yield* itemRows, before)
        lose(feeds.of(name), 40)
        const applied = yield* run
        assert.isTrue(applied.integrations.every((each) => each.outcome === "applied"))
      }).pipe(Effect.provide(feedTest(feeds)))
    })
  }

  it.effect("is held for an empty response with status 200, and its facts are unknown until a person decides", () => {
    const feeds = fiftyFilms()
    return Effect.gen(function* () {
      const sync = yield* Sync
      const { manager, server } = yield* connectAll
      yield* run
      feeds.of("Server").playback = []
      yield* run
      assert.strictEqual(yield* factOf("Film 3", "playCount"), "held")
      assert.strictEqual(yield* factOf("Film 3", "requested"), true)
      feeds.of("Manager").catalog = []
      yield* run
      assert.strictEqual(yield* factOf("Film 3", "sizeBytes"), "held")
      assert.lengthOf(yield* presentTitles, 50)
      yield* sync.discardHeld(manager)
      assert.strictEqual(yield* factOf("Film 3", "sizeBytes"), "held", "a discarded reading is not trusted either")
      feeds.of("Manager").catalog = catalog(50)
      feeds.of("Server").playback = plays(50)
      yield* run
      assert.strictEqual(yield* factOf("Film 3", "sizeBytes"), 1_000)
      assert.strictEqual(yield* factOf("Film 3", "playCount"), 3)
      assert.strictEqual(
        (yield* Effect.flip(sync.confirmHeld(server)))._tag,
        "NothingHeld",
        "a successful sync resolves it"
      )
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("is applied as it was read when a person confirms it, even if the application has changed again", () => {
    const feeds = fiftyFilms()
    return Effect.gen(function* () {
      const sync = yield* Sync
      const sources = yield* Sources
      const { manager } = yield* connectAll
      yield* run
      feeds.of("Manager").catalog = catalog(20)
      yield* run
      feeds.of("Manager").catalog = catalog(50)
      const report = yield* sync.confirmHeld(manager)
      assert.deepInclude(report, { added: 0, gone: 30, total: 20 })
      assert.lengthOf(yield* presentTitles, 20)
      const state = (yield* sources.states).find(
        (one) => one.integrationId === manager && one.observation === "catalog"
      )
      assert.deepInclude(state, { status: "ok", error: null, held: null, entries: 20 })
      assert.strictEqual((yield* Effect.flip(sync.confirmHeld(manager)))._tag, "NothingHeld")
      assert.strictEqual((yield* Effect.flip(sync.discardHeld(manager)))._tag, "NothingHeld")
      const log = yield* EventLog
      assert.lengthOf((yield* log.page({ type: "integration.sync-held" })).items, 1)
      assert.lengthOf((yield* log.page({ type: "integration.sync-confirmed" })).items, 1)
      assert.deepInclude(yield* run, { added: 30, total: 50 })
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("leaves the earlier state when a person discards it", () => {
    const feeds = fiftyFilms()
    return Effect.gen(function* () {
      const sync = yield* Sync
      const { manager } = yield* connectAll
      yield* run
      feeds.of("Manager").catalog = catalog(20)
      yield* run
      yield* sync.discardHeld(manager)
      assert.lengthOf(yield* presentTitles, 50)
      yield* sync.rejoin
      assert.lengthOf(yield* presentTitles, 50)
      const again = yield* run
      assert.strictEqual(again.integrations[0]?.outcome, "held", "it reports the same again")
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("stays held during a sync of other integrations, and is replaced by a failure", () => {
    const feeds = fiftyFilms()
    return Effect.gen(function* () {
      const sync = yield* Sync
      const { manager, wishes } = yield* connectAll
      yield* run
      feeds.of("Manager").catalog = catalog(20)
      yield* run
      feeds.of("Wishes").requests = requests(49)
      yield* sync.run({ integrationIds: [wishes] })
      assert.lengthOf(yield* presentTitles, 50)
      assert.strictEqual(yield* factOf("Film 50", "requested"), false, "what is not held goes on")
      feeds.of("Manager").failing = {
        catalog: new UpstreamUnreachable({ integration: "Manager", call: "GET /", detail: "reset" })
      }
      yield* run
      assert.strictEqual(yield* factOf("Film 3", "sizeBytes"), "source-down")
      assert.strictEqual((yield* Effect.flip(sync.confirmHeld(manager)))._tag, "NothingHeld")
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("is not held for the first reading, or if the settings allow everything", () => {
    const feeds = fiftyFilms()
    feeds.of("Manager").catalog = []
    return Effect.gen(function* () {
      const settings = yield* Settings
      yield* connectAll
      assert.isTrue((yield* run).integrations.every((one) => one.outcome === "applied"))
      feeds.of("Manager").catalog = catalog(50)
      yield* run
      yield* settings.patch(LibrarySettings, { maxDisappearance: 1 })
      feeds.of("Manager").catalog = []
      assert.deepInclude(yield* run, { gone: 50, total: 0 })
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("lists the first titles that would vanish", () => {
    const feeds = fiftyFilms()
    return Effect.gen(function* () {
      const sync = yield* Sync
      const settings = yield* Settings
      const { manager, server, wishes } = yield* connectAll
      yield* run
      assert.strictEqual((yield* Effect.flip(sync.held(manager)))._tag, "HeldSyncNotFound")
      feeds.of("Manager").catalog = catalog(35)
      feeds.of("Server").serverItems = serverItems(37)
      feeds.of("Server").playback = plays(36)
      feeds.of("Wishes").requests = requests(35)
      yield* run
      const lost = (from: number) =>
        numbers(50 - from)
          .map((id) => `Film ${from + id}`)
          .sort()
      const catalogState = yield* sync.held(manager)
      assert.strictEqual(
        catalogState.detail,
        "15 of 50 items would disappear (30 %, at most 20 % are accepted without confirmation)"
      )
      assert.deepStrictEqual(catalogState.readings, [
        {
          observation: "catalog",
          readAt: new Date(startOfTest).toISOString(),
          before: 50,
          lost: 15,
          titles: lost(35),
          more: 0
        }
      ])
      const named = (held: HeldSync) => held.readings.map(({ observation, titles }) => [observation, titles])
      assert.deepStrictEqual(named(yield* sync.held(server)), [
        ["playback", numbers(14).map((id) => `Title ${36 + id}`)],
        ["serverItems", numbers(13).map((id) => `Title ${37 + id}`)]
      ])
      assert.deepStrictEqual(named(yield* sync.held(wishes)), [["requests", lost(35)]])
      yield* sync.confirmHeld(manager)
      yield* settings.patch(LibrarySettings, { maxDisappearance: 1 })
      feeds.of("Manager").catalog = catalog(300)
      yield* run
      yield* settings.reset(LibrarySettings)
      feeds.of("Manager").catalog = catalog(150)
      yield* run
      const [many] = (yield* sync.held(manager)).readings
      assert.deepInclude(many, { before: 300, lost: 150, more: 50 })
      assert.lengthOf(many!.titles, 100)
    }).pipe(Effect.provide(feedTest(feeds)))
  })
})

describe("A small library", () => {
  const small = (count: number) => {
    const feeds = new Feeds()
    feeds.of("Manager").catalog = catalog(count)
    feeds.of("Server").serverItems = serverItems(count)
    feeds.of("Server").playback = plays(count)
    feeds.of("Wishes").requests = requests(count)
    return feeds
  }
  const outcomes = Effect.map(run, ({ integrations }) => integrations.map(({ outcome }) => outcome))
  const left = (feeds: Feeds, count: number) => {
    feeds.of("Manager").catalog = catalog(count)
    feeds.of("Server").serverItems = serverItems(count)
    feeds.of("Server").playback = plays(count)
    feeds.of("Wishes").requests = requests(count)
  }

  it.effect("is not held if somebody deleted one of four films by hand", () => {
    const feeds = small(4)
    return Effect.gen(function* () {
      yield* connectAll
      yield* run
      left(feeds, 3)
      assert.deepStrictEqual(yield* outcomes, ["applied", "applied", "applied"])
      assert.lengthOf(yield* presentTitles, 3)
      assert.strictEqual(yield* factOf("Film 3", "playCount"), 3)
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("is held if none of its items is left, whether the response is empty or of another library", () => {
    const feeds = small(4)
    return Effect.gen(function* () {
      yield* connectAll
      yield* run
      left(feeds, 0)
      assert.deepStrictEqual(yield* outcomes, ["held", "held", "held"])
      assert.lengthOf(yield* presentTitles, 4)
      assert.strictEqual(yield* factOf("Film 3", "playCount"), "held")
      feeds.of("Manager").catalog = [catalogItem({ externalId: "99", title: "Of another library" })]
      const [report] = (yield* run).integrations
      assert.deepInclude(report, { outcome: "held", detail: "All 4 items would disappear" })
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("of one film may lose that film", () => {
    const feeds = small(1)
    return Effect.gen(function* () {
      yield* connectAll
      yield* run
      left(feeds, 0)
      assert.deepStrictEqual(yield* outcomes, ["applied", "applied", "applied"])
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("is held from the number of missing items in the settings", () => {
    const feeds = small(9)
    return Effect.gen(function* () {
      const settings = yield* Settings
      yield* connectAll
      yield* settings.patch(LibrarySettings, { minDisappearance: 3 })
      yield* run
      left(feeds, 7)
      assert.deepStrictEqual(yield* outcomes, ["applied", "applied", "applied"])
      left(feeds, 4)
      assert.deepStrictEqual(yield* outcomes, ["held", "held", "held"])
      yield* settings.reset(LibrarySettings)
      left(feeds, 5)
      assert.deepStrictEqual(yield* outcomes, ["applied", "applied", "applied"], "four at once are few by default")
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("is held below that number if it loses more than half of three or more items", () => {
    const feeds = small(9)
    return Effect.gen(function* () {
      yield* connectAll
      yield* run
      left(feeds, 4)
      assert.deepStrictEqual(yield* outcomes, ["held", "held", "held"])
      left(feeds, 5)
      assert.deepStrictEqual(yield* outcomes, ["applied", "applied", "applied"])
      left(feeds, 3)
      assert.deepStrictEqual(yield* outcomes, ["applied", "applied", "applied"], "who deletes two has seen it")
    }).pipe(Effect.provide(feedTest(feeds)))
  })
})
