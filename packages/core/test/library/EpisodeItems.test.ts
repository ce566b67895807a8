/** Single episodes as items: of which shows, what a sync reads for them, and what is known of them. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { DiskGroups } from "../../src/capacity/DiskGroups.ts"
import { Engine } from "../../src/capacity/Engine.ts"
import type { IntegrationOptions } from "../../src/integrations/Integration.ts"
import { Integrations } from "../../src/integrations/Integrations.ts"
import { UpstreamRefused, UpstreamUnreachable } from "../../src/integrations/UpstreamErrors.ts"
import { Snapshots } from "../../src/library/Snapshots.ts"
import { makeTrends } from "../../src/system/Trends.ts"
import { aired, coming, episode, factOf, file, later, sync } from "./ContentsSamples.ts"
import { connectFeed, Feeds, feedTest, itemRows } from "./Feeds.ts"
import { season, show } from "./Samples.ts"

/** A daily show with three episodes in two seasons, and a standard one with one. */
const feedsOf = () => {
  const feeds = new Feeds()
  const manager = feeds.of("Manager")
  const daily = show("1", ["tvdb:1"], {
    title: "Daily",
    contentsSign: "a",
    sizeBytes: 300,
    facts: { episodeCount: 3, seriesType: "daily", showStatus: "continuing", monitored: true }
  })
  const other = show("2", ["tvdb:2"], {
    title: "Other",
    contentsSign: "a",
    sizeBytes: 100,
    facts: { episodeCount: 1, seriesType: "standard", tags: ["Singles"] }
  })
  manager.catalog = [daily, season(daily, 1), season(daily, 2), other, season(other, 1)]
  manager.contents = {
    "1": {
      episodes: [
        episode(1, 1),
        episode(1, 2, { airsAt: later }),
        episode(2, 1, { airsAt: later }),
        episode(2, 2, { airsAt: coming, hasFile: false, fileId: null })
      ],
      files: [
        file("1", 1, 1),
        file("1", 1, 2),
        file("1", 2, 1, { quality: "DVD", cutoffMet: false, addedAt: "2026-01-15T00:00:00.000Z" })
      ]
    },
    "2": { episodes: [episode(1, 1)], files: [file("2", 1, 1)] }
  }
  return feeds
}

const connected = (options: Partial<IntegrationOptions>) =>
  Effect.gen(function* () {
    const id = yield* connectFeed("manager", "Manager", options)
    yield* sync
    return id
  })

const episodesIn = Effect.map(itemRows, (rows) =>
  rows.filter((row) => row.gone_at === null && row.external_id.includes(":e")).map((row) => row.external_id)
)

const readOf = (feeds: Feeds) => (feeds.of("Manager").contentsRead ?? []).splice(0)

const change = (feeds: Feeds, externalId: string, given: object) => {
  const manager = feeds.of("Manager")
  manager.catalog = (manager.catalog ?? []).map((item) =>
    item.externalId === externalId ? { ...item, ...given } : item
  )
}

const all = ["1:e101", "1:e102", "1:e201", "2:e101"]

describe("The episodes that are items", () => {
  const cases: ReadonlyArray<readonly [string, Partial<IntegrationOptions>, ReadonlyArray<string>]> = [
    ["are none by default", {}, []],
    ["are those of daily shows", { episodeItems: "daily" }, all.slice(0, 3)],
    ["are those of shows with a tag, whatever its case", { episodeTag: "singles" }, all.slice(3)],
    ["are those of all shows", { episodeItems: "all" }, all]
  ]
  for (const [how, options, expected] of cases) {
    it.effect(`${how} if the integration says so`, () => {
      const feeds = feedsOf()
      return Effect.gen(function* () {
        yield* connected(options)
        assert.deepStrictEqual(yield* episodesIn, expected)
        const wholes = [...new Set(expected.map((id) => id.slice(0, 1)))]
        assert.deepStrictEqual(
          readOf(feeds).toSorted(),
          wholes.flatMap((id) => [`episodes of ${id}`, `files of ${id}`]).toSorted()
        )
      }).pipe(Effect.provide(feedTest(feeds)))
    })
  }

  it.effect("are read again only if their show has changed", () => {
    const feeds = feedsOf()
    return Effect.gen(function* () {
      yield* connected({ episodeItems: "all" })
      readOf(feeds)
      yield* sync
      assert.deepStrictEqual(readOf(feeds), [])
      const manager = feeds.of("Manager")
      manager.contents = {
        ...manager.contents,
        "1": {
          episodes: [episode(1, 2, { airsAt: later }), episode(2, 1, { airsAt: later })],
          files: [file("1", 1, 2), file("1", 2, 1)]
        }
      }
      change(feeds, "1", { contentsSign: "b", sizeBytes: 200, facts: { episodeCount: 2, seriesType: "daily" } })
      yield* sync
      assert.deepStrictEqual(readOf(feeds), ["episodes of 1", "files of 1"])
      assert.deepStrictEqual(yield* episodesIn, all.slice(1))
      yield* sync
      assert.deepStrictEqual(readOf(feeds), [])
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("are gone when the option is switched off, and are not counted as lost", () => {
    const feeds = feedsOf()
    return Effect.gen(function* () {
      const id = yield* connected({ episodeItems: "all" })
      yield* Effect.flatMap(Integrations, (integrations) =>
        integrations.update(id, { options: { episodeItems: "none" } })
      )
      const report = yield* sync
      assert.deepInclude(report, { gone: 0, total: 3 })
      assert.deepStrictEqual(yield* episodesIn, [])
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  for (const episodeItems of ["none", "all"] as const) {
    it.effect(`count for nothing in the library, and neither do their bytes: their seasons do (${episodeItems})`, () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        yield* connectFeed("manager", "Manager", { episodeItems })
        assert.strictEqual((yield* sync).total, 3)
        const figures = yield* sql<{ name: string; value: number }>`SELECT name, value FROM counters
          WHERE name IN ('library.items', 'library.bytes') ORDER BY name`
        const environment = yield* Effect.flatMap(Engine, (engine) => engine.environment)
        const { bytes, items } = environment.counting.tally(environment.snapshot.items)
        assert.deepStrictEqual(
          figures.map(({ value }) => value),
          [bytes, items]
        )
        assert.strictEqual(items, 3)
        const trends = yield* yield* makeTrends(sql, yield* DiskGroups)
        // Those without a date of their own, on the day of the test.
        assert.strictEqual(trends.days.at(-1)?.addedItems, 3)
        const seasons = environment.snapshot.items.filter(({ kind }) => kind === "season")
        assert.strictEqual(
          bytes,
          seasons.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
        )
      }).pipe(Effect.provide(feedTest(feedsOf())))
    )
  }
})

describe("An episode whose show cannot be read again", () => {
  const failures = {
    "the application refuses": new UpstreamRefused({
      integration: "Manager",
      call: "GET",
      status: 500,
      detail: "locked"
    }),
    "the application does not answer": new UpstreamUnreachable({ integration: "Manager", call: "GET", detail: "none" })
  }
  for (const [how, failure] of Object.entries(failures)) {
    it.effect(`stays, and nothing is known of it, if ${how}`, () => {
      const feeds = feedsOf()
      return Effect.gen(function* () {
        yield* connected({ episodeItems: "all" })
        const manager = feeds.of("Manager")
        manager.contents = { ...manager.contents, "1": failure }
        change(feeds, "1", { contentsSign: "b" })
        yield* sync
        assert.deepStrictEqual(yield* episodesIn, all)
        const ranks = yield* factOf("episodeRank")
        assert.match(String(ranks["Daily - S01E01 - Episode 1"]), /^\?/)
        assert.strictEqual(ranks["Other - S01E01 - Episode 1"], 1)
      }).pipe(Effect.provide(feedTest(feeds)))
    })
  }

  it.effect("stays if the lists do not say whether its show is daily", () => {
    const feeds = feedsOf()
    return Effect.gen(function* () {
      yield* connected({ episodeItems: "daily" })
      change(feeds, "1", { untold: { seriesType: "odd" }, facts: { seriesType: null, episodeCount: 3 } })
      yield* sync
      assert.deepStrictEqual(yield* episodesIn, all.slice(0, 3))
    }).pipe(Effect.provide(feedTest(feeds)))
  })
})

describe("The facts of an episode", () => {
  it.effect("are its own, or those of its show", () => {
    const feeds = feedsOf()
    return Effect.gen(function* () {
      yield* connected({ episodeItems: "daily" })
      const one = "Daily - S01E01 - Episode 1"
      const last = "Daily - S02E01 - Episode 1"
      const expected = {
        kind: ["episode", "episode"],
        episodeRank: [3, 1],
        episodeRankInSeason: [2, 1],
        seasonNumber: [1, 2],
        episodeNumber: [1, 1],
        seriesType: ["daily", "daily"],
        showStatus: ["continuing", "continuing"],
        releasedAt: [aired, later],
        sizeBytes: [100, 100],
        fileQuality: [["WEBDL-1080p"], ["DVD"]],
        cutoffMet: [true, false],
        fileCount: [1, 1],
        // An episode has none of these.
        episodeCount: ["-", "-"],
        missingEpisodes: ["-", "-"],
        totalEpisodes: ["-", "-"],
        upNext: ["-", "-"],
        viewersOfEveryEpisode: ["-", "-"]
      } as const
      for (const [name, [first, second]] of Object.entries(expected)) {
        const facts = yield* factOf(name as never)
        assert.deepStrictEqual([facts[one], facts[last]], [first, second], name)
      }
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("know its season and its show", () => {
    const feeds = feedsOf()
    return Effect.gen(function* () {
      yield* connected({ episodeItems: "daily" })
      const snapshot = yield* Effect.flatMap(Snapshots, ({ get }) => get)
      const found = snapshot.items.find(({ externalId }) => externalId === "1:e201")!
      const whole = snapshot.parentOf(found)!
      assert.strictEqual(whole.externalId, "1:s2")
      assert.deepStrictEqual(snapshot.childrenOf(whole), [found])
      assert.deepStrictEqual(
        snapshot.childrenOf(snapshot.parentOf(whole)!).map(({ externalId }) => externalId),
        ["1:s1", "1:s2"]
      )
    }).pipe(Effect.provide(feedTest(feeds)))
  })
})

describe("The plays of an episode", () => {
  const plays = (seasonNumber: number | null, episodeNumber: number | null, count: number) => [
    { user: "ann", plays: count, seasonNumber, episodeNumber }
  ]
  /** A server whose history has these plays of the daily show. */
  const watched = (
    given: ReturnType<typeof plays>,
    byEpisode: boolean,
    ownPlays = 0,
    lists: ReadonlyArray<number> = [1, 2]
  ) => {
    const feeds = feedsOf()
    const server = feeds.of("Server")
    const entry = {
      serverItemId: "s",
      kind: "show" as const,
      parentServerItemId: null,
      ids: ["tvdb:1"],
      title: "Daily",
      year: null,
      seasonNumber: null,
      library: "Shows",
      addedAt: null,
      labels: [],
      collections: [],
      onWatchlist: null
    }
    server.serverItems = [
      entry,
      ...lists.map((number) => ({
        ...entry,
        serverItemId: `s${number}`,
        kind: "season" as const,
        parentServerItemId: "s",
        ids: [],
        seasonNumber: number,
        ...(ownPlays === 0 || number !== 1 ? {} : { ownPlays: { name: null, plays: ownPlays, lastPlayedAt: null } })
      }))
    ]
    const of = (kind: "show" | "season" | "episode", one: (typeof given)[number]) => ({
      serverItemId: "s",
      kind,
      seasonNumber: kind === "show" ? null : one.seasonNumber,
      ...(kind === "episode" ? { episodeNumber: one.episodeNumber } : {}),
      ...(kind === "show" && byEpisode ? { byEpisode: true as const } : {}),
      plays: one.plays,
      lastPlayedAt: later,
      users: [{ name: one.user, plays: one.plays, lastPlayedAt: later }]
    })
    server.playback = given.flatMap((one) => [
      of("show", one),
      of("season", one),
      ...(byEpisode ? [of("episode", one)] : [])
    ])
    return feeds
  }
  const countsOf = (feeds: Feeds) =>
    Effect.gen(function* () {
      yield* connectFeed("server", "Server")
      yield* connected({ episodeItems: "daily" })
      const counts = yield* factOf("playCount")
      return [1, 2].map((number) => counts[`Daily - S01E0${number} - Episode ${number}`])
    }).pipe(Effect.provide(feedTest(feeds)))

  it.effect("are those of the same season and number", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* countsOf(watched(plays(1, 2, 3), true)), [0, 3])
      assert.deepStrictEqual(yield* countsOf(watched([], true)), [0, 0])
    })
  )

  const doubts: ReadonlyArray<readonly [string, Feeds, RegExp]> = [
    ["a play names no season", watched(plays(null, null, 1), true), /not known which season/],
    ["a play of the season names no episode", watched(plays(1, null, 1), true), /not known which episode/],
    ["the plays were not counted by episode", watched(plays(1, 2, 1), false), /next sync/],
    [
      "a play has a number that the manager does not have",
      watched(plays(1, 3, 1), true),
      /number the episodes differently/
    ],
    ["no server lists its season", watched([], true, 0, [2]), /none lists this season/],
    ["the server counts more plays of its season", watched([], true, 2), /marked as watched/]
  ]
  for (const [how, feeds, why] of doubts) {
    it.effect(`are unknown if ${how}`, () =>
      Effect.gen(function* () {
        for (const count of yield* countsOf(feeds)) assert.match(String(count), why)
      })
    )
  }

  it.effect("of its show are its own facts", () =>
    Effect.gen(function* () {
      yield* connectFeed("server", "Server")
      yield* connected({ episodeItems: "daily" })
      assert.strictEqual((yield* factOf("showPlayCount"))["Daily - S02E01 - Episode 1"], 3)
    }).pipe(Effect.provide(feedTest(watched(plays(1, 2, 3), true))))
  )
})

describe("Several episodes in one file", () => {
  it.effect("are the same file", () => {
    const feeds = feedsOf()
    const manager = feeds.of("Manager")
    manager.contents = {
      ...manager.contents,
      "1": {
        episodes: [episode(1, 1), episode(1, 2, { fileId: "f101" }), episode(2, 1, { airsAt: later })],
        files: [file("1", 1, 1, { sizeBytes: 200 }), file("1", 2, 1)]
      }
    }
    return Effect.gen(function* () {
      yield* connected({ episodeItems: "daily" })
      yield* TestClock.adjust("1 minute")
      const snapshot = yield* Effect.flatMap(Snapshots, ({ get }) => get)
      const found = (id: string) => snapshot.items.find(({ externalId }) => externalId === id)!
      assert.deepStrictEqual(snapshot.sameFileAs(found("1:e101")), [found("1:e102")])
      assert.deepStrictEqual(snapshot.sameFileAs(found("1:e201")), [])
      assert.deepStrictEqual(snapshot.sameFileAs(found("1:s1")), [])
    }).pipe(Effect.provide(feedTest(feeds)))
  })
})
