/** Episodes of shows and files of wholes: when they are read, what facts they give, and when those are unknown. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { Engine } from "../../src/capacity/Engine.ts"
import { RuleTrial } from "../../src/capacity/RuleTrial.ts"
import { UpstreamRefused, UpstreamUnreachable } from "../../src/integrations/UpstreamErrors.ts"
import type { Condition } from "../../src/rules/Condition.ts"
import { Rules } from "../../src/rules/Rules.ts"
import { leaf } from "../rules/Samples.ts"
import { aired, coming, episode, factOf, file, keep, later, sync } from "./ContentsSamples.ts"
import { connectFeed, Feeds, feedTest } from "./Feeds.ts"
import { season, show } from "./Samples.ts"

/** A show with two seasons, and one whose episodes do not say everything. */
const feedsOf = () => {
  const feeds = new Feeds()
  const manager = feeds.of("Manager")
  const first = show("1", ["tvdb:1"], { title: "Whole", contentsSign: "a", sizeBytes: 300, facts: { episodeCount: 3 } })
  const other = show("2", ["tvdb:2"], { title: "Vague", contentsSign: "a", sizeBytes: 100, facts: { episodeCount: 1 } })
  manager.catalog = [first, season(first, 1), season(first, 2), other, season(other, 1)]
  const vague = episode(1, 1)
  const { airsAt: _a, monitored: _m, ...untold } = vague
  manager.contents = {
    "1": {
      episodes: [
        episode(1, 1),
        episode(1, 2, { airsAt: later }),
        episode(2, 1, { airsAt: later }),
        episode(2, 2, { airsAt: coming, hasFile: false, fileId: null, monitored: false }),
        episode(2, 3, { airsAt: null, hasFile: false, fileId: null })
      ],
      files: [
        file("1", 1, 1, { cutoffMet: false, customFormatScore: 5, quality: "DVD", audioLanguages: ["jpn"] }),
        file("1", 1, 2),
        file("1", 2, 1, { addedAt: later, releaseGroup: null })
      ]
    },
    "2": { episodes: [untold], files: [file("2", 1, 1, { customFormatScore: undefined as never })] }
  }
  return feeds
}

/** The seasons for which a condition is true, and those for which it is unknown. */
const truthOf = (condition: Condition) =>
  Effect.gen(function* () {
    const trial = yield* RuleTrial
    const titled = (truth: "true" | "unknown") =>
      Effect.map(trial.preview({ condition, truth }), ({ items }) =>
        items
          .map(({ title }) => title)
          .sort()
          .join(", ")
      )
    return [yield* titled("true"), yield* titled("unknown")]
  })

/** The lists that were read since the last call. */
const readOf = (feeds: Feeds) => (feeds.of("Manager").contentsRead ?? []).splice(0)

const changed = (feeds: Feeds, externalId: string, contentsSign: string) => {
  const manager = feeds.of("Manager")
  manager.catalog = (manager.catalog ?? []).map((item) =>
    item.externalId === externalId ? { ...item, contentsSign } : item
  )
}

const connected = Effect.gen(function* () {
  yield* connectFeed("manager", "Manager", { wholeShows: false })
  return yield* sync
})

describe("The contents of wholes", () => {
  it.effect("are facts of shows and of seasons", () =>
    Effect.gen(function* () {
      yield* connectFeed("manager", "Manager", { wholeShows: false })
      yield* sync
      const one = "Whole season 1"
      const two = "Whole season 2"
      const vague = "Vague season 1"
      const cases: ReadonlyArray<readonly [Condition, string, string]> = [
        [leaf("totalEpisodes", "equals", 3), two, ""],
        [leaf("airedEpisodes", "equals", 1), two, vague],
        [leaf("upcomingEpisodes", "equals", 2), two, vague],
        [leaf("monitoredEpisodes", "equals", 2), `${one}, ${two}`, vague],
        [leaf("absentEpisodes", "equals", 0), `${one}, ${two}`, vague],
        [leaf("nextAirsAt", "after", later), two, vague],
        [leaf("nextAirsAt", "isEmpty"), one, vague],
        [leaf("daysSinceLastAired", "<", 60), `${one}, ${two}`, vague],
        [leaf("latestSeasonNumber", "equals", 2), `${one}, ${two}`, vague],
        [leaf("laterSeasons", "equals", 0), two, vague],
        [leaf("laterSeasons", "equals", 1), one, vague],
        [leaf("fileCount", "equals", 2), one, ""],
        [leaf("fileQuality", "contains", "DVD"), one, ""],
        [leaf("cutoffMet", "equals", false), one, ""],
        [leaf("cutoffMet", "equals", true), `${vague}, ${two}`, ""],
        [leaf("lowestCustomFormatScore", "equals", 5), one, vague],
        [leaf("customFormatScore", "equals", 10), two, `${vague}, ${one}`],
        [leaf("audioLanguages", "contains", "jpn"), one, ""],
        [leaf("videoCodecs", "contains", "x265"), `${vague}, ${one}, ${two}`, ""],
        [leaf("newestFileAt", "after", aired), two, ""],
        [leaf("filePaths", "contains", "s1e2"), one, ""],
        [leaf("releaseGroups", "isEmpty"), two, ""]
      ]
      for (const [condition, yes, unknown] of cases) {
        assert.deepStrictEqual(yield* truthOf(condition), [yes, unknown], JSON.stringify(condition))
      }
    }).pipe(Effect.provide(feedTest(feedsOf())))
  )

  it.effect("are read only for rules, and again only of wholes that have changed", () => {
    const feeds = feedsOf()
    return Effect.gen(function* () {
      assert.deepStrictEqual((yield* connected).contents, [])
      assert.deepStrictEqual(readOf(feeds), [], "no rule needs them")
      yield* keep(leaf("totalEpisodes", ">", 2))
      const [report] = (yield* sync).contents
      assert.deepInclude(report, { list: "episodes", read: 2, failed: 0, left: 0, detail: null })
      assert.deepStrictEqual(readOf(feeds).sort(), ["episodes of 1", "episodes of 2"], "files are not needed")
      assert.deepStrictEqual((yield* sync).contents, [], "nothing has changed")
      changed(feeds, "2", "b")
      yield* sync
      assert.deepStrictEqual(readOf(feeds), ["episodes of 2"])
      yield* keep(leaf("fileCount", ">", 2))
      yield* sync
      assert.deepStrictEqual(readOf(feeds).sort(), ["files of 1", "files of 2"])
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("are unknown of a whole that has changed, until they are read again", () => {
    const feeds = feedsOf()
    return Effect.gen(function* () {
      yield* connected
      const { id } = yield* keep(leaf("totalEpisodes", ">", 2))
      yield* sync
      assert.deepInclude(yield* factOf("totalEpisodes"), { Whole: 5, "Whole season 1": 2, Vague: 1 })
      yield* (yield* Rules).remove(id)
      changed(feeds, "1", "b")
      yield* sync
      const facts = yield* factOf("totalEpisodes")
      assert.match(String(facts["Whole"]), /^\? it has changed since its episodes were read/)
      assert.match(String(facts["Whole season 1"]), /^\? it has changed since/)
      assert.strictEqual(facts["Vague"], 1)
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("are unknown of the one whole whose reading failed, with its reason, and are tried again", () => {
    const feeds = feedsOf()
    const manager = feeds.of("Manager")
    const { contents } = manager
    const refused = new UpstreamRefused({ integration: "Manager", call: "GET episode", status: 500, detail: "no luck" })
    return Effect.gen(function* () {
      yield* keep(leaf("totalEpisodes", ">", 2))
      manager.contents = { ...contents, "1": refused }
      const [report] = (yield* connected).contents
      assert.deepInclude(report, { read: 1, failed: 1, left: 0 })
      const facts = yield* factOf("totalEpisodes")
      assert.match(String(facts["Whole season 1"]), /^\? Manager at .*no luck/)
      assert.strictEqual(facts["Vague season 1"], 1)
      manager.contents = contents ?? {}
      yield* TestClock.adjust("1 minute")
      readOf(feeds)
      yield* sync
      assert.deepStrictEqual(readOf(feeds), ["episodes of 1"])
      assert.strictEqual((yield* factOf("totalEpisodes"))["Whole"], 5)
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("are not taken from a list that ends too early", () => {
    const feeds = feedsOf()
    feeds.of("Manager").contents = {}
    return Effect.gen(function* () {
      yield* keep(leaf("totalEpisodes", ">", 2))
      yield* keep(leaf("fileCount", ">", 2))
      yield* connected
      assert.match(
        String((yield* factOf("totalEpisodes"))["Whole"]),
        /lists 0 episodes with a file, and the show has 3/
      )
      assert.match(String((yield* factOf("fileCount"))["Whole"]), /lists 0 files of 0 bytes, and has 300 on the disk/)
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("are left for later once the application no longer answers", () => {
    const feeds = new Feeds()
    const manager = feeds.of("Manager")
    const ids = Array.from({ length: 50 }, (_, index) => String(index))
    const down = new UpstreamUnreachable({ integration: "Manager", call: "GET episode", detail: "down" })
    manager.catalog = ids.map((id) => show(id, [`tvdb:1${id}`], { contentsSign: "a" }))
    manager.contents = Object.fromEntries(ids.map((id) => [id, down]))
    return Effect.gen(function* () {
      yield* keep(leaf("totalEpisodes", ">", 2))
      const [report] = (yield* connected).contents
      assert.deepInclude(report, { read: 0, failed: 20, left: 30 })
      assert.lengthOf(readOf(feeds), 20)
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("are read again before they are too old, and unknown if that was not possible", () => {
    const feeds = feedsOf()
    const manager = feeds.of("Manager")
    return Effect.gen(function* () {
      const { id } = yield* keep(leaf("totalEpisodes", ">", 2))
      yield* connected
      readOf(feeds)
      yield* TestClock.adjust("35 hours")
      yield* sync
      assert.deepStrictEqual(readOf(feeds), [])
      yield* TestClock.adjust("2 hours")
      yield* sync
      assert.lengthOf(readOf(feeds), 2)
      yield* (yield* Rules).remove(id)
      yield* TestClock.adjust("73 hours")
      yield* sync
      assert.match(String((yield* factOf("totalEpisodes"))["Whole"]), /were last read at/)
      assert.isDefined(manager)
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("leave the library with their whole, and with a part that is gone", () => {
    const feeds = feedsOf()
    const manager = feeds.of("Manager")
    const rows = Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const [row] = yield* sql`SELECT (SELECT count(*) FROM item_episodes) AS episodes,
        (SELECT count(*) FROM item_files) AS files, (SELECT count(*) FROM item_contents) AS states`
      return { ...row }
    })
    return Effect.gen(function* () {
      const rules = [yield* keep(leaf("totalEpisodes", ">", 2)), yield* keep(leaf("fileCount", ">", 2))]
      yield* connected
      assert.deepStrictEqual(yield* rows, { episodes: 6, files: 4, states: 4 })
      for (const { id } of rules) yield* (yield* Rules).remove(id)
      const all = manager.catalog ?? []
      manager.catalog = all.filter(({ externalId }) => externalId !== "1:s2")
      yield* sync
      assert.deepStrictEqual(yield* rows, { episodes: 1, files: 1, states: 2 }, "what is stored of the show is old")
      manager.catalog = all.filter(({ externalId }) => externalId.startsWith("1"))
      yield* sync
      assert.deepStrictEqual(yield* rows, { episodes: 0, files: 0, states: 0 })
      manager.catalog = all
      yield* sync
      assert.match(String((yield* factOf("totalEpisodes"))["Vague"]), /not been read yet/, "it came back")
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("are read for a preview, which names the facts", () => {
    const feeds = feedsOf()
    return Effect.gen(function* () {
      yield* connected
      assert.deepStrictEqual(yield* truthOf(leaf("laterSeasons", "equals", 1)), ["Whole season 1", "Vague season 1"])
      assert.deepStrictEqual(readOf(feeds).sort(), ["episodes of 1", "episodes of 2"])
      yield* truthOf(leaf("laterSeasons", "equals", 1))
      assert.deepStrictEqual(readOf(feeds), [], "they are stored")
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("are not asked for again by every preview while their reading fails", () => {
    const feeds = feedsOf()
    const manager = feeds.of("Manager")
    const { contents } = manager
    const refused = new UpstreamRefused({ integration: "Manager", call: "GET episode", status: 500, detail: "no luck" })
    return Effect.gen(function* () {
      yield* connected
      manager.contents = { ...contents, "1": refused }
      const condition = leaf("totalEpisodes", "equals", 2)
      assert.deepStrictEqual(yield* truthOf(condition), ["", "Whole season 1, Whole season 2"])
      readOf(feeds)
      yield* TestClock.adjust("30 seconds")
      yield* truthOf(condition)
      assert.deepStrictEqual(readOf(feeds), [])
      manager.contents = contents ?? {}
      yield* TestClock.adjust("31 seconds")
      assert.deepStrictEqual(yield* truthOf(condition), ["Whole season 1", ""])
      assert.deepStrictEqual(readOf(feeds), ["episodes of 1"])
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("are read of a hundred wholes by one preview, and of the rest by the next", () => {
    const feeds = new Feeds()
    const manager = feeds.of("Manager")
    const ids = Array.from({ length: 130 }, (_, index) => String(index))
    manager.catalog = ids.map((id) => show(id, [`tvdb:1${id}`], { contentsSign: "a", sizeBytes: 0 }))
    manager.contents = Object.fromEntries(ids.map((id) => [id, { episodes: [episode(1, 1)] }]))
    return Effect.gen(function* () {
      yield* connectFeed("manager", "Manager", { wholeShows: true })
      yield* sync
      const trial = yield* RuleTrial
      const condition = leaf("totalEpisodes", "equals", 1)
      const first = yield* trial.preview({ condition })
      assert.deepStrictEqual([first.matched.items, first.unknown.items], [100, 30])
      const second = yield* trial.preview({ condition })
      assert.deepStrictEqual([second.matched.items, second.unknown.items], [130, 0])
      assert.lengthOf(readOf(feeds), 130)
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("keep what a rule would keep by them while they are unknown", () => {
    const feeds = feedsOf()
    feeds.of("Manager").contents = {}
    return Effect.gen(function* () {
      yield* keep(leaf("laterSeasons", "<", 1))
      yield* connected
      const { ranked } = yield* (yield* Engine).evaluated
      const seasons = ranked.filter(({ item }) => item.kind === "season")
      assert.deepStrictEqual(
        seasons.map(({ status }) => status),
        ["undecided", "undecided", "undecided"]
      )
    }).pipe(Effect.provide(feedTest(feeds)))
  })
})
