/** Limits, categories, tags, the queue and free space: what is set in clients, what is restored, and what is left alone. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { DownloadStats } from "../../../src/downloads/DownloadStats.ts"
import { SeedingSettings } from "../../../src/downloads/seeding/SeedingSettings.ts"
import type { Limit } from "../../../src/integrations/Downloads.ts"
import { Rules } from "../../../src/rules/Rules.ts"
import { RemovalsSettings } from "../../../src/settings/RemovalsSettings.ts"
import { Settings } from "../../../src/settings/Settings.ts"
import { downloadsTest, live, processes } from "../FakeDownloads.ts"
import { FakeSeeder, saidOf, seedingConnected, seedingRule, tend, when } from "./FakeSeeder.ts"

const liveAndTend = Effect.andThen(live(2), tend)
const value = (amount: number, raw = amount): Limit => ({ is: "value", value: amount, raw })
const ratioOf = (fake: FakeSeeder, name = "Old.Movie") => fake.named(name)?.seedLimits.ratio
const off = (id: string) => Rules.use((rules) => Effect.orDie(rules.update(id, { enabled: false })))

describe("Limits that a rule sets", () => {
  it.effect("are written once, and restored when the rule no longer matches", () => {
    const fake = new FakeSeeder()
    fake.seed("Old.Movie", 1)
    return Effect.gen(function* () {
      yield* seedingConnected
      const { id } = yield* seedingRule("arrange", {
        limits: { ratio: 3, seedingHours: 1.01, downKibps: 100, upKibps: 200 }
      })
      yield* liveAndTend
      yield* liveAndTend
      yield* liveAndTend
      assert.strictEqual(fake.sent.length, 1)
      assert.deepStrictEqual(ratioOf(fake), value(3))
      // The client rounds to minutes.
      assert.deepStrictEqual(fake.named("Old.Movie")?.seedLimits.seedingSeconds, value(3660, 61))
      assert.deepStrictEqual(fake.named("Old.Movie")?.limits.down.own, value(102_400))
      yield* off(id)
      yield* liveAndTend
      assert.deepStrictEqual(ratioOf(fake), { is: "global", raw: -2 })
      assert.deepStrictEqual(fake.named("Old.Movie")?.seedLimits.seedingSeconds, { is: "global", raw: -2 })
      assert.strictEqual(fake.named("Old.Movie")?.limits.down.own.is, "none")
      yield* liveAndTend
      yield* liveAndTend
      assert.strictEqual(fake.sent.length, 2)
      const stats = yield* DownloadStats
      assert.deepStrictEqual((yield* Effect.orDie(stats.figures({}))).seeding, {
        total: 8,
        byStep: { limits: 4, "limits-restored": 4 }
      })
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  for (const [what, theirs] of [
    ["a value of its own", value(5)],
    ["explicitly none", { is: "none", raw: -1 }]
  ] as const) {
    it.effect(`leave the limit of a person alone: ${what}`, () => {
      const fake = new FakeSeeder()
      const one = fake.seed("Old.Movie", 1)
      fake.change(one, { seedLimits: { ...one.seedLimits, ratio: theirs } })
      return Effect.gen(function* () {
        yield* seedingConnected
        const { id } = yield* seedingRule("arrange", { limits: { ratio: 3 } })
        yield* liveAndTend
        assert.strictEqual(yield* saidOf("Old.Movie"), "left-to-person")
        yield* off(id)
        yield* liveAndTend
        assert.deepStrictEqual(fake.sent, [])
      }).pipe(Effect.provide(downloadsTest(fake)))
    })
  }

  for (const [what, theirs] of [
    ["to another value", value(9)],
    ["back to that of the client", { is: "global", raw: -2 }]
  ] as const) {
    it.effect(
      `are a person's from the moment that one changes them ${what}, and are not "corrected" by any run`,
      () => {
        const fake = new FakeSeeder()
        const one = fake.seed("Old.Movie", 1)
        return Effect.gen(function* () {
          yield* seedingConnected
          const { id } = yield* seedingRule("arrange", { limits: { ratio: 3 } })
          yield* liveAndTend
          yield* liveAndTend
          fake.change(one, { seedLimits: { ...one.seedLimits, ratio: theirs } })
          for (let run = 0; run < 3; run++) yield* liveAndTend
          assert.strictEqual(yield* saidOf("Old.Movie"), "left-to-person")
          yield* off(id)
          yield* liveAndTend
          yield* liveAndTend
          assert.strictEqual(fake.sent.length, 1)
          assert.deepStrictEqual(ratioOf(fake), theirs)
        }).pipe(Effect.provide(downloadsTest(fake)))
      }
    )
  }

  it.effect("follow the rule when its value changes, and still restore what was there first", () => {
    const fake = new FakeSeeder()
    fake.seed("Old.Movie", 1)
    return Effect.gen(function* () {
      yield* seedingConnected
      const { id } = yield* seedingRule("arrange", { limits: { ratio: 3 } })
      yield* liveAndTend
      yield* Rules.use((rules) => Effect.orDie(rules.update(id, { action: { type: "arrange", limits: { ratio: 4 } } })))
      yield* liveAndTend
      yield* liveAndTend
      assert.deepStrictEqual(ratioOf(fake), value(4))
      yield* off(id)
      yield* liveAndTend
      assert.deepStrictEqual(ratioOf(fake), { is: "global", raw: -2 })
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  it.effect("are restored after a restart, too", () => {
    const fake = new FakeSeeder()
    fake.seed("Old.Movie", 1)
    return processes(
      fake,
      Effect.gen(function* () {
        yield* seedingConnected
        yield* seedingRule("arrange", { limits: { ratio: 3 } })
        yield* liveAndTend
        assert.deepStrictEqual(ratioOf(fake), value(3))
      }),
      Effect.gen(function* () {
        const [rule] = yield* Rules.use((rules) => rules.about("download"))
        yield* off(rule?.id ?? "")
        yield* live(12)
        yield* tend
        assert.deepStrictEqual(ratioOf(fake), { is: "global", raw: -2 })
      })
    )
  })

  it.effect("are not written while something is owed, and are taken back when something is", () => {
    const fake = new FakeSeeder()
    fake.seed("Old.Movie", 1)
    return Effect.gen(function* () {
      yield* seedingConnected
      yield* seedingRule("arrange", { limits: { ratio: 3, upKibps: 100 } })
      yield* liveAndTend
      assert.deepStrictEqual(ratioOf(fake), value(3))
      yield* seedingRule("hit-and-run", { hours: 1000 })
      yield* liveAndTend
      assert.deepStrictEqual(ratioOf(fake), { is: "global", raw: -2 })
      // A speed ends nothing.
      assert.deepStrictEqual(fake.named("Old.Movie")?.limits.up.own, value(102_400))
      yield* liveAndTend
      assert.strictEqual(fake.sent.length, 2)
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  it.effect(
    "are not written while something is owed where nothing limits it, also if the client has a limit of its own",
    () => {
      const fake = new FakeSeeder()
      fake.cannot({ ownLimits: ["ratio"] })
      const none = { is: "none", raw: -1 } as const
      fake.client = { ...fake.client, seedLimits: { ...fake.client.seedLimits, ratio: none } }
      const one = fake.seed("Old.Movie", 1)
      fake.change(one, { seedLimits: { ...one.seedLimits, ratio: none } })
      return Effect.gen(function* () {
        yield* seedingConnected
        yield* seedingRule("arrange", { limits: { ratio: 3 } })
        yield* seedingRule("hit-and-run", { hours: 1000 })
        yield* liveAndTend
        yield* liveAndTend
        assert.deepStrictEqual(fake.sent, [])
        assert.strictEqual(yield* saidOf("Old.Movie"), "owed")
      }).pipe(Effect.provide(downloadsTest(fake)))
    }
  )

  it.effect("say so where the client has no such limit", () => {
    const fake = new FakeSeeder()
    fake.cannot({ limits: ["ratio", "down", "up"] })
    fake.seed("Old.Movie", 1)
    return Effect.gen(function* () {
      yield* seedingConnected
      yield* seedingRule("arrange", { limits: { seedingHours: 3 } })
      assert.strictEqual((yield* liveAndTend).counts["refused"], 1)
      assert.deepStrictEqual(fake.sent, [])
    }).pipe(Effect.provide(downloadsTest(fake)))
  })
})

describe("The client's own habits", () => {
  for (const atLimit of ["remove", "remove-with-data", null] as const) {
    it.effect(
      `a limit at which the client would do "${atLimit ?? "nobody knows what"}" is not set without permission`,
      () => {
        const fake = new FakeSeeder()
        fake.seed("Old.Movie", 1, { atLimit })
        return Effect.gen(function* () {
          yield* seedingConnected
          const { id } = yield* seedingRule("arrange", { limits: { ratio: 3 } })
          const report = yield* liveAndTend
          assert.strictEqual(report.items[0]?.outcome, "refused")
          assert.deepStrictEqual(fake.sent, [])
          yield* Rules.use((rules) =>
            Effect.orDie(rules.update(id, { action: { type: "arrange", limits: { ratio: 3 }, mayRemove: true } }))
          )
          // The brake applies, since its client would delete.
          const brake = (deletionsEnabled: boolean) =>
            Settings.use((settings) => Effect.orDie(settings.patch(RemovalsSettings, { deletionsEnabled })))
          yield* brake(false)
          yield* liveAndTend
          assert.deepStrictEqual(fake.sent, [])
          yield* brake(true)
          yield* liveAndTend
          assert.strictEqual(fake.sent.length, 1)
        }).pipe(Effect.provide(downloadsTest(fake)))
      }
    )
  }

  it.effect("restoring a limit does not let the client remove it either", () => {
    const fake = new FakeSeeder()
    const one = fake.seed("Old.Movie", 1)
    return Effect.gen(function* () {
      yield* seedingConnected
      const { id } = yield* seedingRule("arrange", { limits: { ratio: 30 } })
      yield* liveAndTend
      fake.change(one, { atLimit: "remove-with-data" })
      fake.client = { ...fake.client, seedLimits: { ...fake.client.seedLimits, ratio: value(1) } }
      yield* off(id)
      yield* liveAndTend
      assert.strictEqual(yield* saidOf("Old.Movie"), "refused")
      assert.deepStrictEqual(ratioOf(fake), value(30))
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  for (const [what, spoil] of [
    [
      "manages it automatically",
      (fake: FakeSeeder) => fake.downloads.forEach((one) => fake.change(one, { automaticManagement: true }))
    ],
    [
      "has labels with options of their own",
      (fake: FakeSeeder) => {
        fake.downloads.forEach((one) => fake.change(one, { automaticManagement: null }))
        fake.client = {
          ...fake.client,
          habits: [{ what: "automatic-management", on: true, detail: "labels move files" }]
        }
      }
    ],
    [
      "has ratio groups",
      (fake: FakeSeeder) =>
        void (fake.client = { ...fake.client, habits: [{ what: "ratio-groups", on: true, detail: "groups" }] })
    ]
  ] as const) {
    it.effect(`a category is not changed without permission if the client ${what}`, () => {
      const fake = new FakeSeeder()
      fake.seed("Old.Movie", 1)
      return Effect.gen(function* () {
        spoil(fake)
        yield* seedingConnected
        const { id } = yield* seedingRule("arrange", { category: "archive" })
        assert.strictEqual((yield* liveAndTend).counts["refused"], 1)
        assert.deepStrictEqual(fake.sent, [])
        yield* Rules.use((rules) =>
          Effect.orDie(rules.update(id, { action: { type: "arrange", category: "archive", mayMove: true } }))
        )
        yield* liveAndTend
        assert.strictEqual(fake.named("Old.Movie")?.category, "archive")
      }).pipe(Effect.provide(downloadsTest(fake)))
    })
  }

  it.effect("a category is not changed while the application still looks for the download in the old one", () => {
    const fake = new FakeSeeder()
    fake.add("New.Movie", 1)
    return Effect.gen(function* () {
      yield* seedingConnected
      yield* seedingRule("arrange", { category: "archive" })
      yield* liveAndTend
      assert.strictEqual(yield* saidOf("New.Movie"), "waiting")
      assert.deepStrictEqual(fake.sent, [])
    }).pipe(Effect.provide(downloadsTest(fake)))
  })
})

describe("Tags and the queue", () => {
  it.effect("a download has the tags of a rule while it matches; those of people are never taken away", () => {
    const fake = new FakeSeeder()
    fake.seed("Old.Movie", 1, { tags: ["mine", "Both"] })
    return Effect.gen(function* () {
      yield* seedingConnected
      const { id } = yield* seedingRule("arrange", { tags: ["both", "ours"] })
      yield* liveAndTend
      assert.deepStrictEqual(fake.named("Old.Movie")?.tags, ["mine", "Both", "ours"])
      yield* off(id)
      yield* liveAndTend
      yield* liveAndTend
      assert.deepStrictEqual(fake.named("Old.Movie")?.tags, ["mine", "Both"])
      assert.strictEqual(fake.sent.length, 2)
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  it.effect("the queue of a client is ordered only if its order differs, and keeps it among equals", () => {
    const fake = new FakeSeeder()
    for (const [place, name] of ["A", "B", "C", "D"].entries()) {
      fake.add(name, place, {
        queuePosition: place + 1,
        trackerHosts: [name === "C" || name === "D" ? "private.example" : "x.example"]
      })
    }
    const line = () =>
      [...fake.downloads.values()]
        .toSorted((a, b) => (a.queuePosition ?? 0) - (b.queuePosition ?? 0))
        .map(({ name }) => name)
        .join("")
    return Effect.gen(function* () {
      yield* seedingConnected
      yield* seedingRule("arrange", { queue: 10 }, { condition: when("trackerDomains", "contains", "private.example") })
      yield* liveAndTend
      assert.strictEqual(line(), "CDAB")
      const { length } = fake.sent
      yield* liveAndTend
      assert.strictEqual(fake.sent.length, length)
    }).pipe(Effect.provide(downloadsTest(fake)))
  })
})

describe("Free space", () => {
  const gib = 1024 ** 3
  const withFree = (fake: FakeSeeder, free: number) =>
    void (fake.client = { ...fake.client, folders: [{ path: "/downloads", freeBytes: free * gib }] })
  const big = { bytes: { wanted: 8 * gib, total: 8 * gib, left: 4 * gib, done: 4 * gib, uploaded: 0 } }
  const guard = Settings.use((settings) =>
    Effect.orDie(settings.patch(SeedingSettings, { keepFreeGib: 10, resumeMarginGib: 2 }))
  )

  it.effect(
    "downloads pause before a disk is full and go on later; what a person paused stays so, after a restart too",
    () => {
      const fake = new FakeSeeder()
      fake.add("Ours", 1, big)
      fake.add("Theirs", 2, { ...big, state: "paused" })
      withFree(fake, 12)
      const later = (free: number, sent: ReadonlyArray<string>) =>
        Effect.gen(function* () {
          withFree(fake, free)
          yield* live(12)
          yield* tend
          assert.deepStrictEqual(fake.sent, sent)
        })
      const [paused, resumed] = ["client: pause Ours", "client: resume Ours"]
      return processes(
        fake,
        Effect.gen(function* () {
          yield* seedingConnected
          yield* guard
          const report = yield* liveAndTend
          assert.deepStrictEqual(fake.sent, [paused])
          assert.deepInclude(report.folders[0], { path: "/downloads", paused: 1 })
          for (let turn = 0; turn < 3; turn++) yield* liveAndTend
        }),
        later(15, [paused]),
        later(17, [paused, resumed]),
        later(17, [paused, resumed])
      ).pipe(Effect.tap(() => Effect.sync(() => assert.strictEqual(fake.named("Theirs")?.state, "paused"))))
    }
  )

  it.effect("a download that a person resumes is left running", () => {
    const fake = new FakeSeeder()
    const one = fake.add("Ours", 1, big)
    withFree(fake, 12)
    return Effect.gen(function* () {
      yield* seedingConnected
      yield* guard
      yield* liveAndTend
      yield* liveAndTend
      fake.change(one, { state: "downloading" })
      for (let turn = 0; turn < 3; turn++) yield* liveAndTend
      assert.deepStrictEqual(fake.sent, ["client: pause Ours"])
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  it.effect("the brake does not stop it, since nothing is deleted; a dry run does", () => {
    const fake = new FakeSeeder()
    fake.add("Ours", 1, big)
    withFree(fake, 12)
    return Effect.gen(function* () {
      yield* seedingConnected
      yield* guard
      yield* Settings.use((settings) => Effect.orDie(settings.patch(SeedingSettings, { enabled: false })))
      assert.strictEqual((yield* liveAndTend).counts["planned"], 1)
      assert.deepStrictEqual(fake.sent, [])
      yield* Settings.use((settings) => Effect.orDie(settings.patch(SeedingSettings, { enabled: true })))
      yield* Settings.use((settings) => Effect.orDie(settings.patch(RemovalsSettings, { deletionsEnabled: false })))
      yield* liveAndTend
      assert.deepStrictEqual(fake.sent, ["client: pause Ours"])
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  it.effect("nothing is concluded from a client that is not read well", () => {
    const fake = new FakeSeeder()
    fake.add("Ours", 1, big)
    withFree(fake, 12)
    fake.complete = false
    return Effect.gen(function* () {
      yield* seedingConnected
      yield* guard
      yield* liveAndTend
      assert.deepStrictEqual(fake.sent, [])
    }).pipe(Effect.provide(downloadsTest(fake)))
  })
})
