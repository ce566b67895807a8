/** Runs of the rules about seeding: goals and what follows them, and everything that must keep a download. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { Acts } from "../../../src/acts/Acts.ts"
import { SeedingSettings } from "../../../src/downloads/seeding/SeedingSettings.ts"
import { RemovalsSettings } from "../../../src/settings/RemovalsSettings.ts"
import { Settings } from "../../../src/settings/Settings.ts"
import { clean, downloadsTest, FakeDownloads, live, stalled, strikeRule, withSeeder } from "../FakeDownloads.ts"
import { Integrations } from "../../../src/integrations/Integrations.ts"
import { Links } from "../../../src/downloads/files/Links.ts"
import { plainDisk } from "../files/RealDisk.ts"
import { FakeSeeder, saidOf, seedingConnected, seedingRule, tend, when } from "./FakeSeeder.ts"

const done = { ratio: 1 }
const removes = (fake: FakeDownloads) => fake.sent.filter((call) => call.startsWith("client: remove"))

/** Some readings, then a run. */
const liveAndTend = Effect.andThen(live(2), tend)

describe("A download that has reached its goal", () => {
  it.effect("leaves its client without its data, and can be added again from its torrent file", () => {
    const fake = new FakeSeeder()
    fake.seed("Old.Movie", 1, { tags: ["hd"] })
    return Effect.gen(function* () {
      yield* seedingConnected
      yield* seedingRule("seed", { ...done, reached: "remove" })
      const report = yield* liveAndTend
      assert.strictEqual(report.removed, 1)
      assert.deepStrictEqual(fake.sent, ["client: remove Old.Movie"])
      const acts = yield* Acts
      const [act] = (yield* Effect.orDie(acts.page({ kind: "remove-seeded" }))).items
      assert.deepInclude(act, { state: "done", undoable: true })
      assert.include(act?.because ?? "", "its ratio is 2 of 1")
      // What is kept is shown to people, and the torrent file may contain a key.
      assert.notInclude(JSON.stringify(yield* Effect.orDie(acts.get(act?.id ?? ""))), "torrent ")
      yield* Effect.orDie(acts.undo(act?.id ?? ""))
      assert.deepInclude(fake.named("Old.Movie"), { category: "movies", tags: ["hd"], savePath: "/downloads" })
      // A person wants it back: it is not removed again.
      yield* liveAndTend
      assert.strictEqual(yield* saidOf("Old.Movie"), "left-to-person")
      assert.strictEqual(removes(fake).length, 1)
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  it.effect("leaves with its data only if the rule says so, and then says that this cannot be undone", () => {
    const fake = new FakeSeeder()
    fake.seed("Old.Movie", 1)
    return Effect.gen(function* () {
      yield* seedingConnected
      yield* seedingRule("seed", { ...done, reached: "remove-with-data" })
      yield* liveAndTend
      assert.deepStrictEqual(fake.sent, ["client: remove Old.Movie with data"])
      const acts = yield* Acts
      const [act] = (yield* Effect.orDie(acts.page({ kind: "remove-seeded" }))).items
      assert.strictEqual(act?.undoable, false)
      const { undo } = yield* Effect.orDie(acts.get(act?.id ?? ""))
      assert.strictEqual(undo.detail, "its data was removed with it")
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  it.effect("says so if its client gives out no torrent files", () => {
    const fake = new FakeSeeder()
    fake.cannot({ exportTorrent: null })
    fake.seed("Old.Movie", 1)
    return Effect.gen(function* () {
      yield* seedingConnected
      yield* seedingRule("seed", { ...done, reached: "remove" })
      yield* liveAndTend
      const acts = yield* Acts
      const [act] = (yield* Effect.orDie(acts.page({ kind: "remove-seeded" }))).items
      assert.deepInclude(act, { state: "done", undoable: false })
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  it.effect("is paused, tagged or moved once, and what a person changes afterwards stays theirs", () => {
    const fake = new FakeSeeder()
    const one = fake.seed("One", 1)
    const two = fake.seed("Two", 2)
    const three = fake.seed("Three", 3)
    return Effect.gen(function* () {
      yield* seedingConnected
      yield* seedingRule("seed", { ...done, reached: "pause" }, { name: "p", condition: when("name", "=", "One") })
      yield* seedingRule(
        "seed",
        { ...done, reached: "tag", tags: ["done"] },
        { name: "t", condition: when("name", "=", "Two") }
      )
      yield* seedingRule(
        "seed",
        { ...done, reached: "category", category: "archive" },
        { name: "c", condition: when("name", "=", "Three") }
      )
      yield* liveAndTend
      assert.deepStrictEqual(fake.sent.toSorted(), [
        "client: category archive of Three",
        "client: pause One",
        "client: tag done on Two"
      ])
      yield* liveAndTend
      assert.deepStrictEqual(
        [yield* saidOf("One"), yield* saidOf("Two"), yield* saidOf("Three")],
        ["reached", "reached", "reached"]
      )
      fake.change(one, { state: "seeding" })
      fake.change(two, { tags: [] })
      fake.change(three, { category: "mine" })
      yield* liveAndTend
      yield* liveAndTend
      assert.strictEqual(fake.sent.length, 3)
      assert.strictEqual(yield* saidOf("One"), "left-to-person")
      assert.strictEqual(yield* saidOf("Two"), "left-to-person")
      assert.strictEqual(yield* saidOf("Three"), "left-to-person")
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  it.effect("is handled by the first rule that matches, and by none while an earlier one is unknown", () => {
    const fake = new FakeSeeder()
    const one = fake.seed("Old.Movie", 1, { private: null })
    return Effect.gen(function* () {
      yield* seedingConnected
      yield* seedingRule(
        "seed",
        { ratio: 100 },
        { name: "Private", condition: when("private", "=", true), priority: 5 }
      )
      yield* seedingRule("seed", { ...done, reached: "remove" }, { name: "Others" })
      yield* liveAndTend
      assert.strictEqual(yield* saidOf("Old.Movie"), "unknown")
      fake.change(one, { private: true })
      yield* liveAndTend
      assert.strictEqual(yield* saidOf("Old.Movie"), "not-reached")
      fake.change(one, { private: false })
      assert.strictEqual((yield* liveAndTend).removed, 1)
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  it.effect("is not removed by more than one run may remove", () => {
    const fake = new FakeSeeder()
    for (let n = 0; n < 5; n++) fake.seed(`Movie ${n}`, n)
    return Effect.gen(function* () {
      yield* seedingConnected
      yield* Settings.use((settings) => Effect.orDie(settings.patch(SeedingSettings, { maxRemovalsPerRun: 2 })))
      yield* seedingRule("seed", { ...done, reached: "remove" })
      assert.strictEqual((yield* liveAndTend).removed, 2)
      assert.strictEqual(removes(fake).length, 2)
    }).pipe(Effect.provide(downloadsTest(fake)))
  })
})

type Spoil = (fake: FakeSeeder) => Effect.Effect<unknown, never, Settings> | void

const all = (fake: FakeSeeder, changes: Parameters<FakeSeeder["change"]>[1]) => {
  for (const one of fake.downloads.values()) fake.change(one, changes)
}

const kept: ReadonlyArray<readonly [string, Spoil]> = [
  ["rules only report", () => Settings.use((set) => Effect.orDie(set.patch(SeedingSettings, { enabled: false })))],
  [
    "the brake is on",
    () => Settings.use((set) => Effect.orDie(set.patch(RemovalsSettings, { deletionsEnabled: false })))
  ],
  ["its client does not answer", (fake) => void fake.down.add("client")],
  ["the list of its client is not complete", (fake) => void (fake.complete = false)],
  ["its client has just been restarted", (fake) => void (fake.client = { ...fake.client, epoch: "2" })],
  ["its application does not answer", (fake) => void fake.down.add("application")],
  ["its application still has it in its queue", (fake) => fake.downloads.forEach(({ id }) => fake.enqueue(id))],
  ["it is marked to be ignored", (fake) => all(fake, { tags: ["Tendarr-Ignore"] })],
  ["a person has forced it to run", (fake) => all(fake, { forced: true })],
  ["it is being checked", (fake) => all(fake, { state: "checking", progress: 0.3 })],
  [
    "its state is unknown",
    (fake) =>
      all(fake, { state: "unknown", progress: 0.9, bytes: { wanted: 1, total: 1, left: 1, done: 0, uploaded: 0 } })
  ],
  ["its ratio has fallen, as after a re-add", (fake) => all(fake, { ratio: 0.1 })]
]

describe("A download that has reached its goal stays in its client while", () => {
  for (const [why, spoil] of kept) {
    it.effect(why, () => {
      const fake = new FakeSeeder()
      fake.seed("Old.Movie", 1)
      return Effect.gen(function* () {
        yield* seedingConnected
        yield* live(8)
        const more = spoil(fake)
        if (more !== undefined) yield* more
        yield* seedingRule("seed", { ...done, reached: "remove-with-data" })
        yield* tend
        yield* liveAndTend
        assert.deepStrictEqual(removes(fake), [])
        assert.isDefined(fake.named("Old.Movie"))
      }).pipe(Effect.provide(downloadsTest(fake)))
    })
  }

  it.effect("its application has not imported it, or only just now", () => {
    const fake = new FakeSeeder()
    const one = fake.seed("Old.Movie", 1)
    fake.history.splice(1)
    return Effect.gen(function* () {
      yield* seedingConnected
      yield* seedingRule("seed", { ...done, reached: "remove" })
      yield* liveAndTend
      assert.strictEqual(yield* saidOf("Old.Movie"), "waiting")
      fake.imported(one, 1, "2026-01-15T12:03:00.000Z")
      yield* liveAndTend
      assert.deepStrictEqual(removes(fake), [])
      yield* live(30)
      assert.strictEqual((yield* tend).removed, 1)
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  it.effect("no application knows it, unless the rule names that case", () => {
    const fake = new FakeSeeder()
    fake.seed("By.Hand", 1)
    fake.history = []
    return Effect.gen(function* () {
      yield* seedingConnected
      yield* seedingRule("seed", { ...done, reached: "remove" }, { name: "all" })
      yield* liveAndTend
      assert.deepStrictEqual(removes(fake), [])
      yield* seedingRule(
        "seed",
        { ...done, reached: "remove" },
        { name: "nobody's", condition: when("application", "isEmpty"), priority: 1 }
      )
      assert.strictEqual((yield* liveAndTend).removed, 1)
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  it.effect("another client that may use its files cannot be read, if its data would go", () => {
    const fake = new FakeSeeder()
    const other = new FakeDownloads()
    fake.seed("Old.Movie", 1)
    return Effect.gen(function* () {
      yield* seedingConnected
      yield* withSeeder
      yield* live(2)
      other.down.add("client")
      yield* seedingRule("seed", { ...done, reached: "remove-with-data" })
      yield* liveAndTend
      assert.deepStrictEqual(removes(fake), [])
      other.down.clear()
      assert.strictEqual((yield* liveAndTend).removed, 1)
    }).pipe(Effect.provide(downloadsTest(fake, undefined, other)))
  })

  it.effect("another client that may use its files is switched off, if its data would go", () => {
    const fake = new FakeSeeder()
    fake.seed("Old.Movie", 1)
    return Effect.gen(function* () {
      yield* seedingConnected
      yield* withSeeder
      const integrations = yield* Integrations
      const { id } = (yield* integrations.list).find(({ kind }) => kind === "seeder")!
      yield* Effect.orDie(integrations.update(id, { enabled: false }))
      yield* seedingRule("seed", { ...done, reached: "remove-with-data" })
      yield* liveAndTend
      assert.deepStrictEqual(removes(fake), [])
      yield* Effect.orDie(integrations.update(id, { enabled: true }))
      assert.strictEqual((yield* liveAndTend).removed, 1)
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  it.effect("a person cancels its removal, for good", () => {
    const fake = new FakeSeeder()
    fake.seed("Old.Movie", 1)
    fake.down.add("presence")
    return Effect.gen(function* () {
      yield* seedingConnected
      yield* seedingRule("seed", { ...done, reached: "remove" })
      yield* liveAndTend
      const acts = yield* Acts
      const [act] = (yield* Effect.orDie(acts.page({ kind: "remove-seeded" }))).items
      yield* Effect.orDie(acts.cancel(act?.id ?? ""))
      fake.down.clear()
      yield* liveAndTend
      yield* liveAndTend
      assert.deepStrictEqual(removes(fake), [])
      assert.strictEqual(yield* saidOf("Old.Movie"), "left-to-person")
    }).pipe(Effect.provide(downloadsTest(fake)))
  })
})

describe("Data that several downloads use", () => {
  it.effect("stays until the last of them is removed, and each keeps it for as long as it owes something", () => {
    const fake = new FakeSeeder()
    const shared = { contentPath: "/downloads/Shared", savePath: "/downloads" }
    fake.seed("One", 1, shared)
    const two = fake.seed("Two", 2, { ...shared, ratio: 0.5, private: true })
    return Effect.gen(function* () {
      yield* seedingConnected
      yield* seedingRule("seed", { ratio: 0.4, reached: "remove-with-data" })
      yield* seedingRule("hit-and-run", { ratio: 1 }, { condition: when("private", "=", true) })
      yield* liveAndTend
      assert.deepStrictEqual(removes(fake), ["client: remove One"])
      fake.change(two, { ratio: 1 })
      yield* liveAndTend
      assert.deepStrictEqual(removes(fake), ["client: remove One", "client: remove Two with data"])
    }).pipe(Effect.provide(downloadsTest(fake)))
  })
})

describe("Data that several downloads use on a disk that Tendarr sees", () => {
  it.effect("goes with the last of them in one run", () =>
    Effect.scoped(
      Effect.flatMap(plainDisk, (disk) => {
        const fake = new FakeSeeder()
        fake.client = { ...fake.client, savePath: disk.at("downloads"), folders: [] }
        const place = { savePath: disk.at("downloads"), contentPath: disk.at("downloads/Shared") }
        for (const [number, name] of ["One", "Two"].entries()) {
          const one = fake.seed(name, number + 1, place)
          fake.files.set(one.id, [{ index: 0, path: "Shared/film.mkv", bytes: 100, progress: 1, wanted: true }])
        }
        disk.write(disk.at("downloads/Shared/film.mkv"))
        return Effect.gen(function* () {
          yield* seedingConnected
          yield* live(2)
          yield* Effect.flatMap(Links, (links) => links.run)
          yield* seedingRule("seed", { ...done, reached: "remove-with-data" })
          yield* liveAndTend
          assert.deepStrictEqual(removes(fake), ["client: remove One", "client: remove Two with data"])
        }).pipe(Effect.provide(downloadsTest(fake)))
      })
    )
  )
})

describe("What is owed to a tracker", () => {
  const owes = { hours: 20, marginHours: 0 }
  const ofTracker = when("trackerDomains", "contains", "tracker.example")

  it.effect("holds every removal and pause, also that of a torrent whose tracker is not known", () => {
    const fake = new FakeSeeder()
    const one = fake.seed("Old.Movie", 1)
    return Effect.gen(function* () {
      yield* seedingConnected
      yield* seedingRule("seed", { ...done, reached: "remove" })
      yield* seedingRule("hit-and-run", owes, { condition: ofTracker })
      yield* liveAndTend
      assert.strictEqual(yield* saidOf("Old.Movie"), "owed")
      fake.change(one, { trackerHosts: null })
      yield* liveAndTend
      assert.strictEqual(yield* saidOf("Old.Movie"), "owed")
      assert.deepStrictEqual(fake.sent, [])
      fake.change(one, { trackerHosts: ["other.example"] })
      assert.strictEqual((yield* liveAndTend).removed, 1)
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  it.effect("is met only by seeding that was seen with a working tracker", () => {
    const fake = new FakeSeeder()
    const one = fake.seed("Old.Movie", 1, { seedingTime: { seconds: 0, clock: "active" } })
    return Effect.gen(function* () {
      yield* seedingConnected
      yield* seedingRule("seed", { ...done, reached: "remove" })
      yield* seedingRule("hit-and-run", { hours: 1, marginHours: 0 })
      yield* live(2)
      // Its client counts on while it is stopped.
      fake.change(one, { state: "completed", seedingTime: { seconds: 7200, clock: "active" } })
      yield* live(60)
      yield* tend
      assert.deepStrictEqual(removes(fake), [])
      fake.change(one, { state: "seeding" })
      yield* live(62)
      assert.strictEqual((yield* tend).removed, 1)
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  for (const [what, changes, leaves] of [
    ["half of it was downloaded", { progress: 0.5 }, false],
    [
      "nothing is owed for a hundredth of it",
      { progress: 0.01, bytes: { wanted: 1e9, total: 1e9, left: 99e7, done: 1e7, uploaded: 0 } },
      true
    ],
    ["half of it was downloaded, and its privacy is not known", { progress: 0.5, private: null }, false]
  ] as const) {
    it.effect(`holds the removal of a stalled download by its strikes: ${what}`, () => {
      const fake = new FakeSeeder()
      fake.add("Bad.Movie", 1, { ...stalled, ...changes })
      return Effect.gen(function* () {
        yield* seedingConnected
        yield* strikeRule({ action: { strikes: 1, keepPrivate: false } })
        yield* seedingRule("hit-and-run", owes, {
          condition: { kind: "group", logic: "OR", children: [ofTracker, when("private", "=", true)] }
        })
        yield* live(12)
        yield* clean
        assert.strictEqual(removes(fake).length, leaves ? 1 : 0)
        // It leaves the queue in either case, as a private torrent does.
        assert.include(fake.sent, "application: remove 1 and blocklist")
      }).pipe(Effect.provide(downloadsTest(fake)))
    })
  }

  it.effect("stays in force when its tag is deleted in the client", () => {
    const fake = new FakeSeeder()
    const one = fake.seed("Old.Movie", 1, { tags: ["precious"] })
    return Effect.gen(function* () {
      yield* seedingConnected
      yield* seedingRule("hit-and-run", owes, { condition: when("tags", "contains", "precious") })
      yield* liveAndTend
      fake.change(one, { tags: [] })
      yield* seedingRule("seed", { ...done, reached: "remove" })
      yield* liveAndTend
      assert.deepStrictEqual(removes(fake), [])
    }).pipe(Effect.provide(downloadsTest(fake)))
  })
})

describe("A client that lies or loses answers", () => {
  it.effect("is not believed: a removal that did not happen is not counted", () => {
    const fake = new FakeSeeder()
    fake.seed("Old.Movie", 1)
    fake.lies = true
    return Effect.gen(function* () {
      yield* seedingConnected
      yield* seedingRule("seed", { ...done, reached: "remove" })
      const report = yield* liveAndTend
      assert.deepStrictEqual([report.removed, report.failed], [0, 1])
      const acts = yield* Acts
      const [act] = (yield* Effect.orDie(acts.page({ kind: "remove-seeded" }))).items
      assert.strictEqual(act?.state, "failed")
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  it.effect("whose answer to a change was lost has it all the same, and it counts as ours", () => {
    const fake = new FakeSeeder()
    fake.seed("Old.Movie", 1)
    fake.losesAnswers = true
    return Effect.gen(function* () {
      yield* seedingConnected
      yield* seedingRule("arrange", { limits: { ratio: 3 } })
      yield* liveAndTend
      const acts = yield* Acts
      const [act] = (yield* Effect.orDie(acts.page({ kind: "change-download" }))).items
      assert.strictEqual(act?.state, "done")
      fake.losesAnswers = false
      yield* TestClock.adjust("1 minute")
      yield* liveAndTend
      assert.strictEqual(fake.sent.length, 1)
    }).pipe(Effect.provide(downloadsTest(fake)))
  })
})
