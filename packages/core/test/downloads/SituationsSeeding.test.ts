/** What goes wrong for users of seeding managers: obligations, counters, imports, and options that do nothing elsewhere. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { SeedingSettings } from "../../src/downloads/seeding/SeedingSettings.ts"
import type { Download } from "../../src/integrations/Downloads.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { clean, downloadsTest, goOn, live, stalled, strikeRule } from "./FakeDownloads.ts"
import { FakeSeeder, saidOf, seedingConnected, seedingRule, tend, when } from "./seeding/FakeSeeder.ts"

const removes = (fake: FakeSeeder) => fake.sent.filter((call) => call.startsWith("client: remove"))
const allOf = (...children: ReadonlyArray<object>) => ({ kind: "group", logic: "AND", children })
const liveAndTend = Effect.andThen(live(2), tend)
const nothingYet = { progress: 0, bytes: { wanted: 1e9, total: 1e9, left: 1e9, done: 0, uploaded: 0 } } as const
const noMetadata = {
  state: "metadata",
  rawState: "metaDL",
  progress: null,
  bytes: { wanted: null, total: null, left: null, done: 0, uploaded: 0 },
  speeds: { down: 0, up: 0 }
} as const

// S22
describe("A private torrent of which nothing was downloaded", () => {
  for (const [which, changes] of [
    ["that stands still", { ...stalled, ...nothingYet }],
    ["without metadata", noMetadata]
  ] as const) {
    it.effect(`owes nothing, and leaves if the rule does not keep private ones: ${which}`, () => {
      const fake = new FakeSeeder()
      fake.add("Stuck.Movie", 1, { ...changes, private: true })
      return Effect.gen(function* () {
        yield* seedingConnected
        yield* strikeRule({
          condition: when("faults", "containsAny", ["stalled", "metadata"]),
          action: { strikes: 1, keepPrivate: false }
        })
        yield* seedingRule("hit-and-run", { hours: 48 })
        yield* live(12)
        yield* clean
        assert.deepStrictEqual(removes(fake), ["client: remove Stuck.Movie with data"])
      }).pipe(Effect.provide(downloadsTest(fake)))
    })
  }
})

// S24
describe("Hours of seeding that grow faster than time passes", () => {
  it.effect("reach no goal until they have been confirmed for a day", () => {
    const fake = new FakeSeeder()
    const one = fake.seed("Movie", 1, { seedingTime: { seconds: 3600, clock: "since-completion" } })
    return Effect.gen(function* () {
      yield* seedingConnected
      yield* seedingRule("seed", { maximumHours: 1000, reached: "remove" })
      yield* live(2)
      // The clock of its client was set.
      fake.change(one, { seedingTime: { seconds: 5000 * 3600, clock: "since-completion" } })
      yield* liveAndTend
      assert.deepStrictEqual([yield* saidOf("Movie"), removes(fake)], ["unknown", []])
      yield* live(25 * 60)
      assert.strictEqual((yield* tend).removed, 1)
    }).pipe(Effect.provide(downloadsTest(fake)))
  })
})

describe("A goal of seeding is not reached", () => {
  const ratio = { ratio: 1, reached: "remove-with-data" }
  const situations: ReadonlyArray<readonly [string, Partial<Download>, object?]> = [
    // S10
    ["by a torrent whose files are missing, as while a disk is absent", { state: "missing-files" }],
    // S26
    ["by the ratio of a torrent that is not complete", { ...nothingYet, state: "downloading", progress: 0.9 }],
    ["by the ratio before the minimum time", {}, { ...ratio, minimumHours: 100 }],
    // S27
    ["because its client has stopped it at a limit of its own", { state: "completed", limitReached: true, ratio: 0.3 }]
  ]
  for (const [what, changes, action = ratio] of situations) {
    it.effect(what, () => {
      const fake = new FakeSeeder()
      fake.seed("Movie", 1, changes)
      return Effect.gen(function* () {
        yield* seedingConnected
        yield* seedingRule("seed", action)
        yield* liveAndTend
        yield* liveAndTend
        assert.deepStrictEqual(fake.sent, [])
      }).pipe(Effect.provide(downloadsTest(fake)))
    })
  }
})

// S35
describe("A torrent that its application has moved to another category after the import", () => {
  it.effect("is still its, and counts as without a goal until a rule names that category, too", () => {
    const fake = new FakeSeeder()
    fake.client = { ...fake.client, categories: ["movies", "movies-done"].map((name) => ({ name, path: null })) }
    const one = fake.seed("Movie", 1)
    return Effect.gen(function* () {
      yield* seedingConnected
      yield* live(2)
      fake.change(one, { category: "movies-done" })
      const given = { ratio: 1, reached: "remove" }
      const own = when("application", "=", "Fetcher")
      yield* seedingRule("seed", given, { name: "movies", condition: allOf(own, when("category", "=", "movies")) })
      assert.strictEqual((yield* liveAndTend).withoutGoal, 1)
      yield* seedingRule("seed", given, {
        name: "done",
        condition: allOf(own, when("category", "=", "movies-done"), when("imported", "=", true))
      })
      assert.strictEqual((yield* liveAndTend).removed, 1)
    }).pipe(Effect.provide(downloadsTest(fake)))
  })
})

const complete = {
  state: "seeding",
  progress: 1,
  bytes: { wanted: 1e9, total: 1e9, left: 0, done: 1e9, uploaded: 0 }
} as const

describe("A complete download that its application does not import", () => {
  const run = (message: string, changes: Partial<Download>, action: object) =>
    Effect.gen(function* () {
      const fake = new FakeSeeder()
      const one = fake.add("Movie", 1, { ...complete, ...changes })
      fake.enqueue(one.id, {
        trackedState: "importpending",
        trackedStatus: "warning",
        messages: [message],
        targets: [{ kind: "movie", wholeId: "1" }]
      })
      // It has a file already.
      fake.wanted = false
      yield* Effect.gen(function* () {
        yield* seedingConnected
        yield* strikeRule({
          condition: when("faults", "containsAny", ["failed-import"]),
          action: { strikes: 1, ...action }
        })
        yield* live(12)
        yield* clean
      }).pipe(Effect.provide(downloadsTest(fake)))
      return fake
    })

  // S40, S41
  for (const message of [
    "Sample",
    "Unable to determine if file is a sample",
    "Movie title mismatch, automatic import is not possible",
    "Album match is not close enough: 74.2% vs 80%",
    "Has missing tracks"
  ]) {
    it.effect(`is left to a person, unless the rule names what a person has to look at: ${message}`, () =>
      Effect.gen(function* () {
        assert.deepStrictEqual((yield* run(message, {}, {})).sent, [])
        const named = yield* run(message, {}, { alsoFaultOf: ["person"] })
        assert.include(named.sent, "client: remove Movie with data")
      })
    )
  }

  // S38
  it.effect("because of its path stays, whatever the rule says", () =>
    Effect.gen(function* () {
      const message = "Import failed, path does not exist or is not accessible by Radarr: /data/Movie"
      assert.deepStrictEqual((yield* run(message, {}, { alsoFaultOf: ["person", "nobody"] })).sent, [])
    })
  )

  // S42
  it.effect("since it is no upgrade leaves the queue and seeds on if it is private, and nothing is searched for", () =>
    Effect.gen(function* () {
      const message = "Not an upgrade for existing movie file. Existing quality: Bluray-1080p."
      assert.deepStrictEqual((yield* run(message, { private: true }, {})).sent, [])
      const fake = yield* run(message, { private: true }, { alsoFaultOf: ["nobody"] })
      assert.deepStrictEqual([fake.sent, fake.searched], [["application: remove 2 and blocklist"], []])
      assert.strictEqual(fake.named("Movie")?.state, "seeding")
    })
  )
})

describe("What other seeding managers offer, and does nothing there", () => {
  it.effect("works: what a category owes holds removals of its torrents", () => {
    const fake = new FakeSeeder()
    fake.seed("Movie", 1)
    fake.seed("Other", 2, { category: "other" })
    return Effect.gen(function* () {
      yield* seedingConnected
      yield* seedingRule("seed", { ratio: 1, reached: "remove" })
      yield* seedingRule("hit-and-run", { hours: 48 }, { condition: when("category", "=", "movies") })
      yield* liveAndTend
      assert.deepStrictEqual(removes(fake), ["client: remove Other"])
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  for (const [what, changes, condition] of [
    [
      "a slow download is removed halfway",
      { speeds: { down: 20_000, up: 0 } },
      allOf(when("averageSpeed", "<", 50_000), when("etaHours", ">", 0), when("completion", "<", 90))
    ],
    [
      "one of which no complete copy is within reach is removed halfway",
      { ...stalled, availability: 0.6 },
      allOf(when("availability", "<", 1), when("completion", "<", 90))
    ]
  ] as const) {
    it.effect(`works: ${what}, and stays if it is nearly complete`, () => {
      const fake = new FakeSeeder()
      const near = { wanted: 1e9, total: 1e9, left: 4e7, done: 96e7, uploaded: 0 }
      fake.add("Halfway", 1, changes)
      fake.add("Nearly", 2, { ...changes, progress: 0.96, bytes: near })
      fake.add("Good", 3, { speeds: { down: 4e5, up: 0 } })
      return Effect.gen(function* () {
        yield* seedingConnected
        yield* strikeRule({ condition, action: { strikes: 1 } })
        yield* goOn(fake, 12)
        yield* clean
        assert.deepStrictEqual(removes(fake), ["client: remove Halfway with data"])
      }).pipe(Effect.provide(downloadsTest(fake)))
    })
  }

  it.effect("works: the torrents of a tracker have limits and tags of their own, which others do not get", () => {
    const fake = new FakeSeeder()
    fake.seed("Movie", 1, { trackerHosts: ["announce.tracker.example"] })
    fake.seed("Other", 2, { trackerHosts: ["tracker.example.org"] })
    return Effect.gen(function* () {
      yield* seedingConnected
      yield* seedingRule(
        "arrange",
        { limits: { upKibps: 100 }, tags: ["theirs"] },
        { condition: when("trackerDomains", "containsAny", ["tracker.example"]) }
      )
      yield* liveAndTend
      assert.deepInclude(fake.named("Movie")?.limits.up.own, { is: "value", value: 102_400 })
      assert.deepStrictEqual(fake.named("Movie")?.tags, ["theirs"])
      assert.deepStrictEqual([fake.named("Other")?.limits.up.own.is, fake.named("Other")?.tags], ["none", []])
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  it.effect("works: what is marked to be ignored is neither struck nor arranged, nor paused for lack of space", () => {
    const fake = new FakeSeeder()
    const gib = 1024 ** 3
    const big = { wanted: 8 * gib, total: 8 * gib, left: 4 * gib, done: 4 * gib, uploaded: 0 }
    fake.client = { ...fake.client, folders: [{ path: "/downloads", freeBytes: 5 * gib }] }
    fake.add("Mine", 1, { ...stalled, bytes: big, tags: ["Tendarr-Ignore"] })
    return Effect.gen(function* () {
      yield* seedingConnected
      yield* Settings.use((settings) => Effect.orDie(settings.patch(SeedingSettings, { keepFreeGib: 10 })))
      yield* strikeRule({ action: { strikes: 1 } })
      yield* seedingRule("arrange", { limits: { ratio: 3 }, tags: ["theirs"] })
      yield* live(12)
      yield* clean
      yield* tend
      assert.deepStrictEqual(fake.sent, [])
    }).pipe(Effect.provide(downloadsTest(fake)))
  })
})
