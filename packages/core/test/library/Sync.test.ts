import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { EventLog } from "../../src/events/EventLog.ts"
import { Integrations } from "../../src/integrations/Integrations.ts"
import {
  UpstreamMalformed,
  UpstreamRefused,
  UpstreamUnauthorized,
  UpstreamUnreachable
} from "../../src/integrations/UpstreamErrors.ts"
import { factSheet } from "../../src/library/ItemFacts.ts"
import { Snapshots } from "../../src/library/Snapshots.ts"
import { Sources } from "../../src/library/Sources.ts"
import { Sync } from "../../src/library/Sync.ts"
import { System } from "../../src/system/System.ts"
import { connectFeed, currentContext, Feeds, feedTest, itemRows, presentTitles } from "./Feeds.ts"
import { catalogItem, playback, serverItem } from "./Samples.ts"

const at = "2026-01-10T00:00:00.000Z"
const movies = (...ids: ReadonlyArray<number>) =>
  ids.map((id) => catalogItem({ externalId: String(id), title: `Film ${id}`, ids: [`tmdb-movie:${id}`] }))

const call = { integration: "Manager", call: "GET /page/2", detail: "reset" }
const unreachable = new UpstreamUnreachable(call)

const run = Effect.flatMap(Sync, (sync) => sync.run())

/** The plays of the film with this title, as a fact. */
const playsOf = (title: string) =>
  Effect.gen(function* () {
    const snapshots = yield* Snapshots
    const snapshot = yield* snapshots.get
    const item = snapshot.items.find((one) => one.title === title)!
    const fact = factSheet(item, yield* snapshots.contextOf(snapshot), snapshot).get("playCount")
    return fact._tag === "Known" ? fact.value : fact._tag === "Unknown" ? fact.reason : "inapplicable"
  })

const eventsOf = (type: string) =>
  Effect.flatMap(EventLog, (log) => Effect.map(log.page({ type }), (page) => page.items.map((event) => event.message)))

describe("Sync", () => {
  it.effect("updates the library to match the integrations, and logs the changes", () => {
    const feeds = new Feeds()
    feeds.of("Manager").catalog = movies(1, 2, 3)
    feeds.of("Server").serverItems = [serverItem({ serverItemId: "a", ids: ["tmdb-movie:1"] })]
    feeds.of("Server").playback = [playback("a", { ann: 2 }, at)]
    return Effect.gen(function* () {
      yield* connectFeed("manager", "Manager")
      yield* connectFeed("server", "Server")
      const first = yield* run
      assert.deepInclude(first, { added: 3, changed: 0, gone: 0, total: 3 })
      assert.deepStrictEqual(
        first.integrations.map(({ entries, name, outcome }) => [name, outcome, entries]),
        [
          ["Manager", "applied", { catalog: 3, disks: 1 }],
          ["Server", "applied", { serverItems: 1, playback: 1 }]
        ]
      )
      assert.strictEqual(yield* playsOf("Film 1"), 2)
      assert.strictEqual(yield* playsOf("Film 2"), "not-matched")
      assert.deepStrictEqual(yield* eventsOf("library.synced"), ["3 items in the library: 3 new, 0 changed, 0 gone"])
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("writes only the rows of items that have changed", () => {
    const feeds = new Feeds()
    feeds.of("Manager").catalog = movies(1, 2, 3)
    feeds.of("Server").serverItems = [serverItem({ serverItemId: "a", ids: ["tmdb-movie:2"] })]
    return Effect.gen(function* () {
      yield* connectFeed("manager", "Manager")
      yield* connectFeed("server", "Server")
      yield* run
      const before = yield* itemRows
      yield* TestClock.adjust("1 hour")
      assert.deepInclude(yield* run, { added: 0, changed: 0, gone: 0, total: 3 })
      assert.deepStrictEqual(yield* itemRows, before)
      feeds.of("Server").playback = [playback("a", { ann: 1 }, at)]
      yield* TestClock.adjust("1 hour")
      assert.deepInclude(yield* run, { added: 0, changed: 1, gone: 0 })
      const after = yield* itemRows
      assert.deepStrictEqual(
        after.map((row, index) => row.updated_at !== before[index]?.updated_at),
        [false, true, false]
      )
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("stores an item once that its application lists twice", () => {
    const feeds = new Feeds()
    feeds.of("Manager").catalog = [...movies(1, 2), ...movies(2)]
    return Effect.gen(function* () {
      yield* connectFeed("manager", "Manager")
      assert.deepInclude(yield* run, { added: 2, total: 2 })
      assert.deepInclude(yield* run, { added: 0, changed: 0, gone: 0, total: 2 })
      assert.deepStrictEqual(
        (yield* itemRows).map(({ title }) => title),
        ["Film 1", "Film 2"]
      )
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("applies no reading of an integration if one of them failed", () => {
    const feeds = new Feeds()
    feeds.of("Manager").catalog = movies(1, 2, 3, 4, 5, 6)
    return Effect.gen(function* () {
      yield* connectFeed("manager", "Manager")
      yield* run
      const before = yield* itemRows
      const failures = [
        [unreachable, "source-down"],
        [new UpstreamUnauthorized({ ...call, status: 401 }), "source-refused"],
        [new UpstreamRefused({ ...call, status: 503 }), "source-refused"],
        [new UpstreamMalformed(call), "source-malformed"]
      ] as const
      for (const [failure, reason] of failures) {
        feeds.of("Manager").catalog = movies(1, 2, 3, 4, 5, 7)
        feeds.of("Manager").failing = { disks: failure }
        yield* TestClock.adjust("1 minute")
        const report = yield* run
        assert.deepInclude(report.integrations[0], { outcome: "failed", detail: failure.message })
        assert.deepInclude(report, { added: 0, changed: 0, gone: 0 })
        assert.deepStrictEqual(yield* itemRows, before, "not one page of it")
        const states = yield* Effect.flatMap(Sources, (sources) => sources.states)
        assert.deepStrictEqual(
          states.map((state) => [state.observation, state.status, state.error?.reason]),
          [
            ["catalog", "failed", reason],
            ["disks", "failed", reason]
          ]
        )
      }
      assert.lengthOf(yield* eventsOf("integration.sync-failed"), failures.length)
      delete feeds.of("Manager").failing
      assert.deepInclude(yield* run, { added: 1, gone: 1 })
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("applies one integration while another is down, whose items and plays stay but are not trusted", () => {
    const feeds = new Feeds()
    feeds.of("Manager").catalog = movies(1, 2, 3, 4, 5, 6)
    feeds.of("Second").catalog = [catalogItem({ externalId: "1", title: "Elsewhere" })]
    feeds.of("Server").serverItems = [serverItem({ serverItemId: "a", ids: ["tmdb-movie:1"] })]
    feeds.of("Server").playback = [playback("a", { ann: 2 }, at)]
    return Effect.gen(function* () {
      yield* connectFeed("manager", "Manager")
      yield* connectFeed("manager", "Second")
      yield* connectFeed("server", "Server")
      yield* run
      feeds.of("Manager").catalog = movies(1, 2, 3, 4, 5, 6, 7)
      feeds.of("Second").failing = { catalog: unreachable }
      feeds.of("Server").failing = { playback: unreachable }
      const report = yield* run
      assert.deepStrictEqual(
        report.integrations.map((one) => one.outcome),
        ["applied", "failed", "failed"]
      )
      assert.deepInclude(report, { added: 1, changed: 0, gone: 0, total: 8 })
      assert.include(yield* presentTitles, "Elsewhere")
      assert.strictEqual(yield* playsOf("Film 1"), "source-down")
      const { catalog } = yield* currentContext
      assert.strictEqual(catalog("1")._tag, "Fresh")
      assert.strictEqual(catalog("2")._tag, "Unsure")
      delete feeds.of("Server").failing
      yield* run
      assert.strictEqual(yield* playsOf("Film 1"), 2)
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("marks an item as gone when it is no longer reported, and restores the same item when it returns", () => {
    const feeds = new Feeds()
    feeds.of("Manager").catalog = movies(1, 2, 3, 4, 5, 6)
    return Effect.gen(function* () {
      const stats = Effect.flatMap(System, (system) => system.stats)
      yield* connectFeed("manager", "Manager")
      yield* run
      const ids = new Map((yield* itemRows).map((row) => [row.external_id, row.id]))
      feeds.of("Manager").catalog = movies(1, 2, 3, 4, 5)
      assert.deepInclude(yield* run, { gone: 1, total: 5 })
      assert.deepInclude(yield* stats, { items: 5, bytes: 5_000 })
      assert.deepInclude(yield* run, { gone: 0, total: 5 }, "it vanishes once")
      feeds.of("Manager").catalog = movies(1, 2, 3, 4, 5, 6)
      assert.deepInclude(yield* run, { added: 1, changed: 0, gone: 0, total: 6 })
      assert.deepInclude(yield* stats, { items: 6, bytes: 6_000 })
      for (const row of yield* itemRows) {
        assert.strictEqual(row.id, ids.get(row.external_id))
        assert.isNull(row.gone_at)
      }
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("keeps the items of an integration that is disabled, and removes those of one that was removed", () => {
    const feeds = new Feeds()
    feeds.of("Manager").catalog = movies(1, 2)
    feeds.of("Second").catalog = movies(3, 4)
    feeds.of("Third").catalog = movies(5)
    return Effect.gen(function* () {
      const integrations = yield* Integrations
      const sync = yield* Sync
      yield* connectFeed("manager", "Manager")
      const second = yield* connectFeed("manager", "Second")
      const third = yield* connectFeed("manager", "Third")
      yield* run
      yield* integrations.update(second, { enabled: false })
      yield* sync.forget(third)
      assert.deepStrictEqual(yield* presentTitles, ["Film 1", "Film 2", "Film 3", "Film 4"])
      feeds.of("Second").catalog = []
      const report = yield* run
      assert.deepStrictEqual(
        report.integrations.map((one) => one.name),
        ["Manager"]
      )
      assert.include(yield* presentTitles, "Film 3")
      const { catalog } = yield* currentContext
      assert.strictEqual(catalog(second)._tag, "Unsure", "nothing is decided on what is not read")
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("reads only the given integrations, and joins the earlier readings of the others", () => {
    const feeds = new Feeds()
    feeds.of("Manager").catalog = movies(1, 2)
    feeds.of("Server").serverItems = [serverItem({ serverItemId: "a", ids: ["tmdb-movie:1"] })]
    feeds.of("Server").playback = [playback("a", { ann: 2 }, at)]
    return Effect.gen(function* () {
      const sync = yield* Sync
      const manager = yield* connectFeed("manager", "Manager")
      yield* connectFeed("server", "Server")
      yield* run
      yield* sync.run({ integrationIds: [manager] })
      assert.deepStrictEqual(feeds.of("Server").reads, { serverItems: 1, playback: 1 })
      assert.deepStrictEqual(feeds.of("Manager").reads, { catalog: 2, disks: 2 })
      assert.strictEqual(yield* playsOf("Film 1"), 2)
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("does not read capabilities that a person disabled", () => {
    const feeds = new Feeds()
    feeds.of("Manager").catalog = movies(1)
    return Effect.gen(function* () {
      yield* connectFeed("manager", "Manager")
      yield* connectFeed("server", "Server", { disabledCapabilities: ["playback"] })
      const report = yield* run
      assert.deepStrictEqual(report.integrations[1]?.entries, { serverItems: 0 })
      assert.strictEqual(yield* playsOf("Film 1"), "inapplicable")
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("assigns the plays of a statistics application to the only media server, or to the chosen one", () => {
    const feeds = new Feeds()
    feeds.of("Manager").catalog = movies(1)
    feeds.of("Statistics").playback = [playback("a", { ann: 4 }, at)]
    feeds.of("Server").serverItems = [serverItem({ serverItemId: "a", ids: ["tmdb-movie:1"] })]
    feeds.of("Other").serverItems = [serverItem({ serverItemId: "a", ids: ["tmdb-movie:2"] })]
    return Effect.gen(function* () {
      const integrations = yield* Integrations
      yield* connectFeed("manager", "Manager")
      const statistics = yield* connectFeed("statistics", "Statistics")
      yield* run
      assert.strictEqual(yield* playsOf("Film 1"), "not-matched", "there is no server to hang them on")
      const server = yield* connectFeed("server", "Server", { disabledCapabilities: ["playback"] })
      yield* run
      assert.strictEqual(yield* playsOf("Film 1"), 4)
      const other = yield* connectFeed("server", "Other", { disabledCapabilities: ["playback"] })
      yield* run
      assert.strictEqual(yield* playsOf("Film 1"), "not-matched", "it could be either")
      yield* integrations.update(statistics, { options: { mediaServerId: server } })
      yield* run
      assert.strictEqual(yield* playsOf("Film 1"), 4)
      yield* integrations.update(statistics, { options: { mediaServerId: other } })
      yield* run
      assert.strictEqual(yield* playsOf("Film 1"), 0, "of that server's film nothing was played here")
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("reports its progress", () => {
    const feeds = new Feeds()
    feeds.of("Manager").catalog = movies(1)
    return Effect.gen(function* () {
      const sync = yield* Sync
      yield* connectFeed("manager", "Manager")
      const steps: Array<readonly [number, number | null, string]> = []
      yield* sync.run({ progress: (...step) => Effect.sync(() => void steps.push(step)) })
      assert.deepStrictEqual(steps, [
        [0, 1, "Manager: catalog 1 of 2"],
        [0, 1, "Manager: disks 1 of 2"],
        [1, 1, "Manager: applied"],
        [1, 1, "joining and storing"]
      ])
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("keeps no old readings, and loses none to a concurrent clean-up", () => {
    const feeds = new Feeds()
    feeds.of("Manager").catalog = movies(1)
    feeds.of("Server").serverItems = [serverItem({ serverItemId: "a", ids: ["tmdb-movie:1"] })]
    feeds.of("Server").playback = [playback("a", { ann: 2 }, at)]
    return Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const sources = yield* Sources
      const sync = yield* Sync
      const chunks = Effect.map(
        sql<{ count: number }>`SELECT count(*) AS count FROM source_chunks`,
        (rows) => rows[0]?.count
      )
      yield* connectFeed("manager", "Manager")
      yield* connectFeed("server", "Server")
      // Housekeeping runs when everything is staged and nothing has been applied.
      const sweeping = (_done: number, _total: number | null, message: string) =>
        message === "joining and storing" ? sources.sweep : Effect.void
      yield* sync.run({ progress: sweeping })
      assert.strictEqual(yield* playsOf("Film 1"), 2)
      yield* sync.run({ progress: sweeping })
      assert.strictEqual(yield* playsOf("Film 1"), 2)
      yield* sync.rejoin
      assert.strictEqual(yield* playsOf("Film 1"), 2)
      assert.strictEqual(yield* chunks, 4, "one piece for each reading that counts")
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("keeps nothing of failed readings, however often they are attempted", () => {
    const feeds = new Feeds()
    feeds.of("Server").serverItems = [serverItem({ serverItemId: "a", ids: ["tmdb-movie:1"] })]
    feeds.of("Server").playback = [playback("a", { ann: 2 }, at)]
    return Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const sync = yield* Sync
      yield* connectFeed("server", "Server")
      yield* sync.run()
      feeds.of("Server").failing = { playback: unreachable }
      for (let time = 0; time < 3; time++) yield* sync.run()
      const kept = yield* sql<{ observation: string }>`SELECT observation FROM source_chunks ORDER BY observation`
      assert.deepStrictEqual(
        kept.map(({ observation }) => observation),
        ["playback", "serverItems"]
      )
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("applies everything that two concurrent syncs have read", () => {
    const feeds = new Feeds()
    const many = movies(...Array.from({ length: 300 }, (_, index) => index + 1))
    feeds.of("One").catalog = many
    feeds.of("Two").catalog = many
    return Effect.gen(function* () {
      const sync = yield* Sync
      const sql = yield* SqlClient.SqlClient
      yield* connectFeed("manager", "One")
      yield* connectFeed("manager", "Two")
      const reports = yield* Effect.all([sync.run(), sync.run(), sync.run()], { concurrency: "unbounded" })
      assert.deepStrictEqual(
        reports.map(({ added, total }) => [added, total]),
        [
          [600, 600],
          [0, 600],
          [0, 600]
        ]
      )
      const [row] = yield* sql<{ count: number }>`SELECT count(*) AS count FROM items WHERE gone_at IS NULL`
      assert.strictEqual(row?.count, 600)
    }).pipe(Effect.provide(feedTest(feeds)))
  })
})
