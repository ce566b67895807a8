/** Decisions by facts that are in tables: loaded for the rules that name them, and unknown where they were not loaded. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { decide } from "../../src/capacity/Decision.ts"
import { Engine } from "../../src/capacity/Engine.ts"
import { onNumber } from "../../src/capacity/FactorReading.ts"
import { Preview } from "../../src/capacity/Preview.ts"
import { RuleTrial } from "../../src/capacity/RuleTrial.ts"
import { ScoreFactors } from "../../src/capacity/ScoreFactors.ts"
import type { CatalogFile } from "../../src/integrations/Observations.ts"
import { UpstreamUnreachable } from "../../src/integrations/UpstreamErrors.ts"
import { Sync } from "../../src/library/Sync.ts"
import { Explain } from "../../src/removals/Explain.ts"
import { Removals } from "../../src/removals/Removals.ts"
import type { Condition } from "../../src/rules/Condition.ts"
import type { RuleEffect } from "../../src/rules/RuleEffect.ts"
import { Rules } from "../../src/rules/Rules.ts"
import { connectFeed, Feeds, feedTest } from "../library/Feeds.ts"
import { catalogItem, playback, serverItem } from "../library/Samples.ts"
import { leaf } from "../rules/Samples.ts"
import { type CountedReads, countedReads } from "../support/CountedReads.ts"

const at = "2026-01-10T00:00:00.000Z"
const early = "2024-01-10T00:00:00.000Z"

const plays = (name: string, seen: number | null, furthest: number | null, firstPlayedAt?: string) => ({
  name,
  account: { id: name },
  plays: 1,
  ...(firstPlayedAt === undefined ? {} : { firstPlayedAt }),
  lastPlayedAt: at,
  // Not reported by the source that does not report either of the others.
  ...(seen === null ? {} : { seconds: 1_800 + seen * 3_600, marked: 0 }),
  ...(seen === null ? {} : { seen, lastSeenAt: seen > 0 ? at : null }),
  ...(furthest === null ? {} : { furthest })
})

const file = (given: Partial<CatalogFile> = {}): CatalogFile => ({
  path: "/data/movies/it.mkv",
  sizeBytes: 1000,
  quality: "Bluray-1080p",
  releaseGroup: "GROUP",
  languages: ["English"],
  audioLanguages: ["eng", "jpn"],
  subtitleLanguages: [],
  videoCodec: "x265",
  audioCodec: "AAC",
  addedAt: at,
  audioChannels: 5.1,
  audioTracks: 2,
  cutoffMet: true,
  ...given
})

/** Four films: finished, only begun, unreported, and never played. */
const feedsOf = () => {
  const feeds = new Feeds()
  const films = {
    finished: { users: [plays("ann", 1, 0.97, early), plays("bob", 0, 0.2, at)], files: [file()] },
    begun: {
      users: [plays("bob", 0, 0.4, at)],
      files: [file({ releaseGroup: null, quality: "DVD", cutoffMet: false })]
    },
    untold: { users: [plays("bob", null, null)], files: [file({ customFormatScore: 5 })] },
    unplayed: { users: [], files: undefined }
  }
  const titles = Object.entries(films)
  feeds.of("Manager").catalog = titles.map(([title, { files }], index) =>
    catalogItem({
      externalId: title,
      title,
      ids: [`tmdb-movie:${index + 1}`],
      ...(files === undefined ? {} : { files })
    })
  )
  feeds.of("Server").serverItems = titles.map(([title], index) =>
    serverItem({ serverItemId: title, ids: [`tmdb-movie:${index + 1}`] })
  )
  feeds.of("Server").playback = titles.flatMap(([title, { users }]) =>
    users.length === 0 ? [] : [playback(title, {}, at, { plays: users.length, users })]
  )
  return feeds
}

const sync = Effect.flatMap(Sync, (service) => service.run())

const connected = Effect.gen(function* () {
  yield* connectFeed("manager", "Manager")
  yield* connectFeed("server", "Server")
  yield* sync
})

const rule = (condition: Condition, effect: RuleEffect = "always-keep") =>
  Effect.flatMap(Rules, (rules) => rules.create({ name: "by details", enabled: true, effect, condition }))

/** For which films a condition is true, and for which it is unknown. */
const truthOf = (condition: Condition) =>
  Effect.gen(function* () {
    const trial = yield* RuleTrial
    const titled = (truth: "true" | "unknown") =>
      Effect.map(trial.preview({ condition, truth }), ({ items }) =>
        items
          .map(({ title }) => title)
          .sort()
          .join(" ")
      )
    return [yield* titled("true"), yield* titled("unknown")]
  })

/** The statuses of the films, by title. */
const statuses = Effect.gen(function* () {
  const engine = yield* Engine
  const { ranked } = yield* engine.evaluated
  return Object.fromEntries(
    ranked.map(({ item, status, undecidedBecause }) => [
      item.title,
      status === "undecided" ? undecidedBecause.join() : status
    ])
  )
})

const finishedByAnn = leaf("viewersWhoFinished", "everWatched", undefined, { user: "ann" })

describe("A rule about facts in tables", () => {
  const cases: ReadonlyArray<readonly [Condition, string, string]> = [
    [finishedByAnn, "finished", "untold"],
    [leaf("viewersWhoFinished", "neverWatched", undefined, { user: "ann" }), "begun unplayed", "untold"],
    [leaf("viewersWhoFinished", "watchedSince", undefined, { user: "ann", days: 30 }), "finished", "untold"],
    [leaf("viewersWhoFinishedCount", "equals", 0), "begun unplayed", "untold"],
    [leaf("furthestWatched", "<", 0.5), "begun unplayed", "untold"],
    [leaf("furthestWatched", ">=", 0.95), "finished", "untold"],
    [leaf("firstPlayedAt", "before", "2025-01-01T00:00:00.000Z"), "finished", "untold"],
    [leaf("daysSinceFirstPlayed", ">", 100), "finished unplayed", "untold"],
    [leaf("fileCount", "equals", 1), "begun finished untold", "unplayed"],
    [leaf("releaseGroups", "contains", "group"), "finished untold", "unplayed"],
    [leaf("releaseGroups", "isEmpty"), "begun", "unplayed"],
    [leaf("fileQuality", "contains", "dvd"), "begun", "unplayed"],
    [leaf("fileLanguages", "contains", "English"), "begun finished untold", "unplayed"],
    [leaf("audioLanguages", "contains", "jpn"), "begun finished untold", "unplayed"],
    [leaf("audioLanguages", "notContains", "deu"), "begun finished untold", "unplayed"],
    [leaf("subtitleLanguages", "isEmpty"), "begun finished untold", "unplayed"],
    [leaf("customFormatScore", "<", 10), "untold", "begun finished unplayed"],
    [leaf("audioChannels", ">", 5), "begun finished untold", "unplayed"],
    [leaf("audioTrackCount", "equals", 2), "begun finished untold", "unplayed"],
    [leaf("cutoffMet", "equals", true), "finished untold", "unplayed"],
    [leaf("minutesWatched", ">=", 120), "finished", "untold"],
    [leaf("minutesWatched", "<", 120), "begun unplayed", "untold"],
    [leaf("watchTimeByUser", "playedMinutesAtLeast", undefined, { user: "ann", minutes: 90 }), "finished", ""],
    [
      leaf("watchTimeByUser", "playedMinutesBelow", undefined, { user: "bob", minutes: 31 }),
      "begun finished unplayed",
      "untold"
    ],
    [leaf("lastFinishedAt", "isEmpty"), "begun unplayed", "untold"],
    [leaf("viewersWhoStopped", "everWatched", undefined, { user: "bob" }), "begun finished", "untold"],
    [leaf("viewersWhoStoppedCount", "equals", 0), "unplayed", "untold"],
    [leaf("markedWatchedBy", "neverWatched", undefined, { user: "ann" }), "begun finished unplayed", "untold"]
  ]
  it.effect("is previewed over the whole library, with unreported facts as unknown", () =>
    Effect.gen(function* () {
      yield* connected
      for (const [condition, yes, unknown] of cases) {
        assert.deepStrictEqual(yield* truthOf(condition), [yes, unknown], JSON.stringify(condition))
      }
    }).pipe(Effect.provide(feedTest(feedsOf())))
  )

  it.effect("shows the facts that it has read with each item of the preview", () =>
    Effect.gen(function* () {
      yield* connected
      const { items } = yield* (yield* RuleTrial).preview({ condition: leaf("furthestWatched", ">", 0.9) })
      assert.deepStrictEqual(
        items.map(({ title }) => title),
        ["finished"]
      )
      assert.include(items[0]?.reason, "0.97")
    }).pipe(Effect.provide(feedTest(feedsOf())))
  )

  it.effect("keeps items for which it is true or unknown, in the engine, its preview, and the explanation", () =>
    Effect.gen(function* () {
      yield* connected
      yield* rule(finishedByAnn)
      const disk = { begun: "candidate", finished: "kept", unplayed: "candidate", untold: "viewersWhoFinished" }
      assert.deepStrictEqual(yield* statuses, disk)
      const page = yield* (yield* Preview).page({})
      assert.deepStrictEqual(Object.fromEntries(page.items.map(({ status, title }) => [title, status])), {
        begun: "candidate",
        finished: "kept",
        unplayed: "candidate",
        untold: "undecided"
      })
      const engine = yield* Engine
      const { snapshot } = yield* engine.environment
      const explain = yield* Explain
      const explanations = yield* Effect.forEach(snapshot.items, ({ id }) => explain.item(id))
      assert.deepStrictEqual(
        Object.fromEntries(explanations.map(({ decision, item }) => [item.title, decision?.rules[0]?.truth])),
        { begun: "false", finished: "true", unplayed: "false", untold: "unknown" }
      )
      const facts = explanations.flatMap(({ decision }) => decision?.facts.map(({ fact }) => fact) ?? [])
      assert.include(facts, "viewersWhoFinished")
      assert.notInclude(facts, "audioLanguages", "no rule names it, so that it was not loaded")
    }).pipe(Effect.provide(feedTest(feedsOf())))
  )

  it.effect("explains the rank of an item in the preview", () =>
    Effect.gen(function* () {
      yield* connected
      yield* rule(leaf("furthestWatched", ">", 0.9), "prefer-remove")
      const preview = yield* Preview
      const streamed = yield* Stream.runCollect(yield* preview.items({}))
      const { items } = yield* preview.page({})
      assert.deepStrictEqual([...streamed], items, "the stream has read them too")
      assert.include(items.find(({ title }) => title === "finished")?.reason, 'rule "by details": prefer-remove')
      assert.notInclude(items.find(({ title }) => title === "untold")?.reason, "by details")
    }).pipe(Effect.provide(feedTest(feedsOf())))
  )

  it.effect("blocks requested removals of items that it keeps or may keep", () =>
    Effect.gen(function* () {
      yield* connected
      yield* rule(finishedByAnn)
      const removals = yield* Removals
      const engine = yield* Engine
      const { snapshot } = yield* engine.environment
      const refused = (title: string) =>
        Effect.map(Effect.flip(removals.request(snapshot.items.find((item) => item.title === title)!.id)), (error) =>
          "detail" in error ? error.detail : error._tag
        )
      assert.strictEqual(yield* refused("finished"), "A rule always keeps it")
      assert.strictEqual(yield* refused("untold"), "a rule may keep it: viewersWhoFinished unknown")
    }).pipe(Effect.provide(feedTest(feedsOf())))
  )

  it.effect("is unknown while a source is down, whatever the table contains", () => {
    const feeds = feedsOf()
    return Effect.gen(function* () {
      yield* connected
      yield* rule(finishedByAnn)
      const down = new UpstreamUnreachable({ integration: "Server", call: "GET /history", detail: "reset" })
      feeds.of("Server").failing = { playback: down }
      yield* sync
      const waiting = "playCount,lastPlayedAt,viewersWhoFinished"
      const found = yield* statuses
      for (const title of ["begun", "finished", "untold", "unplayed"]) {
        assert.include(found[title], "viewersWhoFinished", `${title}: ${waiting}`)
      }
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("keeps all items whose facts are not loaded", () =>
    Effect.gen(function* () {
      yield* connected
      yield* rule(finishedByAnn)
      const engine = yield* Engine
      const environment = yield* engine.environment
      const decisions = environment.snapshot.items.map((item) => decide(environment, item))
      assert.deepStrictEqual(
        [...new Set(decisions.map(({ undecidedBecause }) => undecidedBecause.join()))],
        ["viewersWhoFinished"]
      )
    }).pipe(Effect.provide(feedTest(feedsOf())))
  )

  it.effect("keeps all items once the library has changed, because their facts would be outdated", () =>
    Effect.gen(function* () {
      yield* connected
      yield* rule(finishedByAnn)
      const engine = yield* Engine
      const before = yield* engine.environment
      const sql = yield* SqlClient.SqlClient
      yield* sql`UPDATE items SET updated_at = updated_at || ''`
      const [item] = before.snapshot.items
      const after = yield* engine.loaded(before, [item!])
      assert.isUndefined(after.loaded)
      assert.deepStrictEqual(decide(after, item!).undecidedBecause, ["viewersWhoFinished"])
      assert.deepInclude(yield* statuses, { finished: "kept" }, "after another evaluation, it is known")
    }).pipe(Effect.provide(feedTest(feedsOf())))
  )

  it.effect("stays in effect if the name of the person is lost", () => {
    const feeds = feedsOf()
    return Effect.gen(function* () {
      yield* connected
      yield* rule(finishedByAnn)
      assert.deepInclude(yield* statuses, { finished: "kept" })
      const [entry, ...others] = feeds.of("Server").playback ?? []
      const users = (entry?.users ?? []).map((user) => (user.name === "ann" ? { ...user, name: "anna" } : user))
      feeds.of("Server").playback = [{ ...entry!, users }, ...others]
      yield* sync
      assert.deepInclude(yield* statuses, { finished: "kept" })
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("also applies with a factor that reads them", () => {
    const factor = {
      key: "unfinished",
      name: "Unfinished",
      description: "How much of it nobody has watched.",
      aliases: [],
      defaultWeight: 10,
      facts: ["furthestWatched"],
      itemKinds: null,
      raw: (sheet) => onNumber("furthestWatched", sheet, (share) => 1 - (share ?? 0)),
      reason: () => "By how far somebody has watched it"
    } as const satisfies Parameters<typeof ScoreFactors.layerWith>[0][number]
    return Effect.gen(function* () {
      yield* connected
      assert.deepInclude(yield* statuses, { finished: "candidate", untold: "furthestWatched" })
    }).pipe(Effect.provide(feedTest(feedsOf()).pipe(Layer.provide(ScoreFactors.layerWith([factor])))))
  })
})

describe("20,000 items with 200 facts each in tables", () => {
  const items = 20_000
  const accounts = 25
  const tables = ["plays", "item_files"]

  /** Plays by 25 accounts and a file for each item, written beside the sync: 8 and 11 columns. */
  const filled = Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* sql`INSERT INTO viewers (name, created_at, updated_at) VALUES ('Everybody', ${at}, ${at})`
    for (let account = 0; account < accounts; account++) {
      yield* sql`INSERT INTO viewer_identities ${sql.insert({
        viewer_id: 1,
        integration_id: 2,
        role: "account",
        key: `account:id:${account}`,
        keys: "[]",
        shared_ids: "[]",
        name: "Everybody",
        names: '["Everybody"]',
        ambiguous: "[]",
        placed_by: "person",
        created_at: at,
        updated_at: at
      })}`
    }
    yield* sql`INSERT INTO plays (item_id, identity_id, plays, first_played_at, last_played_at, seen, furthest, source)
      SELECT items.id, viewer_identities.id, 1, ${at}, ${at}, 1, 0.5, 'Server' FROM items, viewer_identities`
    yield* sql`INSERT INTO item_files (item_id, position, path, size_bytes, languages, audio_languages, subtitle_languages)
      SELECT id, 0, '/data/secret-path.mkv', 1, '[]', '["eng"]', '[]' FROM items`
  })

  const library = () => {
    const feeds = new Feeds()
    const ids = Array.from({ length: items }, (_, index) => index + 1)
    feeds.of("Manager").catalog = ids.map((id) =>
      catalogItem({ externalId: String(id), title: `Film ${id}`, ids: [`tmdb-movie:${id}`] })
    )
    feeds.of("Server").serverItems = ids.map((id) =>
      serverItem({ serverItemId: String(id), ids: [`tmdb-movie:${id}`] })
    )
    return feeds
  }

  it.effect(
    "are not read until a rule names one, and then a few hundred items at a time",
    () => {
      const counted: CountedReads = { rows: new Map(), most: 0 }
      return Effect.gen(function* () {
        yield* connected
        yield* filled
        const engine = yield* Engine
        const { environment } = yield* engine.evaluated
        assert.lengthOf(environment.snapshot.items, items)
        assert.deepStrictEqual([...counted.rows], [])
        assert.notInclude(JSON.stringify(environment.snapshot.items.slice(0, 10)), "secret-path")

        const { id } = yield* rule(leaf("audioLanguages", "contains", "eng"))
        yield* engine.evaluated
        assert.deepStrictEqual([...counted.rows], [["item_files", items]], "nothing but what the rule names")
        assert.isAtMost(counted.most, 300)

        yield* (yield* Rules).remove(id)
        counted.rows.clear()
        const rules = yield* Rules
        for (const [name, field] of [
          ["finished", "viewersWhoFinishedCount"],
          ["far", "furthestWatched"]
        ] as const) {
          yield* rules.create({ name, enabled: true, effect: "lean-keep", condition: leaf(field, ">", 0) })
        }
        const evaluated = yield* engine.evaluated
        assert.deepStrictEqual([...counted.rows], [["plays", items * accounts]], "once for all facts of one table")
        assert.isAtMost(counted.most, 300 * accounts)
        assert.isUndefined(evaluated.environment.loaded, "and kept by nobody")
      }).pipe(Effect.provide(feedTest(library(), countedReads(tables, counted))))
    },
    60_000
  )

  it.effect("are read only for the item that is explained", () => {
    const counted: CountedReads = { rows: new Map(), most: 0 }
    return Effect.gen(function* () {
      yield* connected
      yield* rule(finishedByAnn)
      counted.rows.clear()
      const engine = yield* Engine
      const { snapshot } = yield* engine.environment
      yield* (yield* Explain).item(snapshot.items.find(({ title }) => title === "finished")!.id)
      assert.deepStrictEqual([...counted.rows], [["plays", 2]])
    }).pipe(Effect.provide(feedTest(feedsOf(), countedReads(tables, counted))))
  })
})
