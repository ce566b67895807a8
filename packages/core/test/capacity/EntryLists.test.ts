/** People and playlists in media servers: read by a sync only while a rule names them, and unknown otherwise. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { RuleTrial } from "../../src/capacity/RuleTrial.ts"
import { Sync } from "../../src/library/Sync.ts"
import type { Condition } from "../../src/rules/Condition.ts"
import { Rules } from "../../src/rules/Rules.ts"
import { connectFeed, Feeds, feedTest } from "../library/Feeds.ts"
import { catalogItem, season, serverItem, show } from "../library/Samples.ts"
import { leaf } from "../rules/Samples.ts"

const cast = (...actors: ReadonlyArray<string>) => ({ actors, directors: ["Di"], writers: [] })

const feedsOf = () => {
  const feeds = new Feeds()
  const series = show("series", ["tvdb:1"], { title: "series" })
  feeds.of("Manager").catalog = [
    catalogItem({ externalId: "film", title: "film", ids: ["imdb:tt1"] }),
    catalogItem({ externalId: "video", title: "video", ids: ["imdb:tt2"] }),
    catalogItem({ externalId: "lone", title: "lone", ids: ["imdb:tt3"] }),
    series,
    season(series, 1, { title: "season" })
  ]
  feeds.of("Server").serverItems = [
    serverItem({ serverItemId: "a", ids: ["imdb:tt1"], people: cast("Ann"), playlists: ["Weekend", "Best"] }),
    serverItem({ serverItemId: "b", ids: ["imdb:tt2"], playlists: [] }),
    serverItem({ serverItemId: "c", kind: "show", ids: ["tvdb:1"], people: cast("Bob"), playlists: ["Weekend"] }),
    serverItem({
      serverItemId: "d",
      kind: "season",
      ids: ["tvdb:1"],
      parentServerItemId: "c",
      seasonNumber: 1,
      playlists: []
    })
  ]
  return feeds
}

const sync = Effect.flatMap(Sync, (service) => service.run())
const connected = Effect.gen(function* () {
  yield* connectFeed("manager", "Manager")
  yield* connectFeed("server", "Server")
  yield* sync
})

const titlesOf = (condition: Condition, truth: "true" | "unknown") =>
  Effect.gen(function* () {
    const { items } = yield* (yield* RuleTrial).preview({ condition, truth })
    return items
      .map(({ title }) => title)
      .sort()
      .join(" ")
  })

const rule = (condition: Condition) =>
  Effect.flatMap(Rules, (rules) =>
    rules.create({
      name: `about ${JSON.stringify(condition)}`.slice(0, 60),
      enabled: true,
      effect: "always-keep",
      condition
    })
  )

describe("A rule about people or playlists", () => {
  const cases: ReadonlyArray<readonly [Condition, string, string]> = [
    [leaf("actors", "contains", "ann"), "film", "lone video"],
    [leaf("actors", "notContains", "ann"), "season", "lone video"],
    [leaf("people", "contains", "Di"), "film season", "lone video"],
    [leaf("writers", "isEmpty"), "film season", "lone video"],
    [leaf("playlists", "contains", "Weekend"), "film", "lone"],
    [leaf("playlistCount", "equals", 0), "season video", "lone"],
    [leaf("playlistCount", ">", 1), "film", "lone"]
  ]
  it.effect("knows what the servers have determined, of a show also for its seasons", () =>
    Effect.gen(function* () {
      yield* connected
      for (const [condition, yes, unknown] of cases) {
        assert.deepStrictEqual(
          [yield* titlesOf(condition, "true"), yield* titlesOf(condition, "unknown")],
          [yes, unknown],
          JSON.stringify(condition)
        )
      }
    }).pipe(Effect.provide(feedTest(feedsOf())))
  )

  it.effect("makes a sync ask for what it names, and nothing else", () => {
    const feeds = feedsOf()
    return Effect.gen(function* () {
      yield* connected
      assert.deepStrictEqual(feeds.of("Server").wanted, [])
      const { id } = yield* rule(leaf("directors", "contains", "Di"))
      yield* sync
      assert.deepStrictEqual(feeds.of("Server").wanted, ["people"])
      yield* rule(leaf("playlistCount", ">", 0))
      yield* sync
      assert.sameMembers([...(feeds.of("Server").wanted ?? [])], ["people", "playlists"])
      yield* (yield* Rules).remove(id)
      yield* sync
      assert.deepStrictEqual(feeds.of("Server").wanted, ["playlists"])
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("does not use what was read before, once a sync has not read it", () => {
    const feeds = feedsOf()
    return Effect.gen(function* () {
      yield* connected
      const inPlaylist = leaf("playlists", "contains", "Weekend")
      assert.strictEqual(yield* titlesOf(inPlaylist, "true"), "film")
      feeds.of("Server").serverItems = (feeds.of("Server").serverItems ?? []).map(({ playlists: _, ...item }) => item)
      yield* sync
      assert.strictEqual(yield* titlesOf(inPlaylist, "true"), "")
      assert.strictEqual(yield* titlesOf(inPlaylist, "unknown"), "film lone season video")
      assert.strictEqual(yield* titlesOf(leaf("actors", "contains", "Ann"), "true"), "film", "people are still read")
    }).pipe(Effect.provide(feedTest(feeds)))
  })
})
