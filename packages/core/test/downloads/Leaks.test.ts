/** What cleaners of queues are known to get wrong, at the cost of somebody's downloads: none of it happens here. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Acts } from "../../src/acts/Acts.ts"
import { DownloadsSettings } from "../../src/downloads/DownloadsSettings.ts"
import { DownloadStats } from "../../src/downloads/DownloadStats.ts"
import { EventLog } from "../../src/events/EventLog.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { clean, connected, downloadsTest, FakeDownloads, goOn, stalled, strikeRule } from "./FakeDownloads.ts"

const faulty = (fault: string) => ({ kind: "condition", field: "faults", operator: "containsAny", value: [fault] })
const all = (...children: ReadonlyArray<object>) => ({ kind: "group", logic: "AND", children })
const leaf = (field: string, operator: string, value: number) => ({ kind: "condition", field, operator, value })

const fourRuns = (fake: FakeDownloads) =>
  Effect.gen(function* () {
    for (let run = 0; run < 4; run++) {
      yield* goOn(fake, 12)
      yield* clean
    }
  })

/** Downloads that go on, so that the others are few. */
const busy = (fake: FakeDownloads, count: number) => {
  for (let number = 0; number < count; number++)
    fake.add(`Good.${String.fromCodePoint(97 + number)}`, 100 + number, { speeds: { down: 1e5, up: 0 } })
}

const noMetadata = {
  state: "metadata",
  rawState: "metaDL",
  progress: 0,
  bytes: { wanted: null, total: null, left: null, done: 0, uploaded: 0 },
  speeds: { down: 0, up: 0 }
} as const

describe("A private torrent", () => {
  const kinds = [
    ["a magnet without metadata, of which it is not known", { ...noMetadata, private: null }, true],
    ["one without metadata", { ...noMetadata, private: true }, true],
    // A person, or the client's own list of names, has left everything out: its release is not to blame.
    [
      "one of which no file is wanted, which stays in the queue, too",
      { ...stalled, private: true, bytes: { wanted: 0, total: 1e9, left: 0, done: 0, uploaded: 0 } },
      false
    ]
  ] as const
  for (const [which, changes, leavesQueue] of kinds) {
    it.effect(`stays in its client with its data, also ${which}`, () => {
      const fake = new FakeDownloads()
      busy(fake, 6)
      const own = fake.add("Own.Movie", 1, changes)
      return Effect.gen(function* () {
        yield* connected
        yield* strikeRule({ name: "Metadata", condition: faulty("metadata"), action: { minutesBetween: 1 } })
        yield* strikeRule({ name: "Stalled", condition: faulty("stalled"), priority: 2, action: { minutesBetween: 1 } })
        yield* fourRuns(fake)
        assert.isTrue(fake.downloads.has(own.id))
        assert.deepStrictEqual(fake.sent, leavesQueue ? ["application: remove 7 and blocklist"] : [])
      }).pipe(Effect.provide(downloadsTest(fake)))
    })
  }

  it.effect("differs in that from a public one", () => {
    const fake = new FakeDownloads()
    busy(fake, 6)
    fake.add("Own.Movie", 1, { ...noMetadata, private: false })
    return Effect.gen(function* () {
      yield* connected
      yield* strikeRule({ name: "Metadata", condition: faulty("metadata"), action: { minutesBetween: 1 } })
      yield* fourRuns(fake)
      assert.deepStrictEqual(fake.sent, ["application: remove 7 and blocklist", "client: remove Own.Movie with data"])
    }).pipe(Effect.provide(downloadsTest(fake)))
  })
})

describe("A rule that only reports", () => {
  it.effect("leaves downloads, searches and the figure of removals as they are", () => {
    const fake = new FakeDownloads()
    busy(fake, 3)
    fake.add("Bad.Movie", 1, stalled)
    return Effect.gen(function* () {
      yield* connected
      yield* strikeRule({ action: { action: "report" } })
      yield* fourRuns(fake)
      const stats = yield* DownloadStats
      const found = yield* Effect.orDie(stats.figures({}))
      assert.deepStrictEqual([found.removals.total, found.searches.total, found.strikes.total], [0, 0, 3])
      assert.deepStrictEqual([fake.sent, fake.searched], [[], []])
      const struck = (yield* Effect.orDie(stats.struck({}, { offset: 0, limit: 10 }))).items
      assert.deepStrictEqual(
        struck.map(({ isRemoved, name }) => [name, isRemoved]),
        [["Bad.Movie", false]]
      )
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  it.effect("counts nothing at all while cleaning is off, so that nothing is left when it is switched on", () => {
    const fake = new FakeDownloads()
    busy(fake, 3)
    fake.add("Bad.Movie", 1, stalled)
    return Effect.gen(function* () {
      yield* connected
      const settings = yield* Settings
      yield* settings.patch(DownloadsSettings, { cleaning: false })
      yield* strikeRule()
      yield* fourRuns(fake)
      const found = yield* DownloadStats.use((stats) => Effect.orDie(stats.figures({})))
      assert.deepStrictEqual([found.strikes.total, found.removals.total, found.searches.total], [0, 0, 0])
      yield* settings.patch(DownloadsSettings, { cleaning: true })
      yield* goOn(fake, 12)
      assert.deepInclude((yield* clean).counts, { struck: 1 })
      assert.deepStrictEqual(fake.sent, [])
    }).pipe(Effect.provide(downloadsTest(fake)))
  })
})

describe("Removals", () => {
  it.effect("are limited in number by run, whatever the rules say", () => {
    const fake = new FakeDownloads()
    busy(fake, 12)
    for (let number = 0; number < 5; number++) fake.add(`Bad ${number}`, number, stalled)
    return Effect.gen(function* () {
      yield* connected
      yield* (yield* Settings).patch(DownloadsSettings, { maxRemovalsPerRun: 2 })
      yield* strikeRule({ action: { strikes: 1 } })
      yield* goOn(fake, 12)
      const first = yield* clean
      assert.deepStrictEqual([first.removed, first.counts["waiting"]], [2, 3])
      assert.strictEqual(fake.downloads.size, 15)
      assert.strictEqual((yield* clean).removed, 2)
      assert.strictEqual((yield* clean).removed, 1)
      assert.strictEqual(fake.downloads.size, 12)
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  it.effect("that fail are counted, logged, and never taken for done", () => {
    const fake = new FakeDownloads()
    busy(fake, 3)
    fake.add("Bad.Movie", 1, stalled)
    return Effect.gen(function* () {
      yield* connected
      yield* strikeRule({ action: { strikes: 1 } })
      yield* goOn(fake, 12)
      fake.lies = true
      const report = yield* clean
      assert.deepStrictEqual([report.removed, report.failed], [0, 1])
      const failures = yield* Effect.flatMap(EventLog, (log) => Effect.orDie(log.page({ type: "act.failed" })))
      assert.strictEqual(failures.items[0]?.payload["title"], "Bad.Movie")
      const found = yield* DownloadStats.use((stats) => Effect.orDie(stats.figures({})))
      assert.deepStrictEqual([found.removals.total, found.searches.total], [0, 0])
      const [act] = (yield* Effect.flatMap(Acts, (acts) => Effect.orDie(acts.page({ kind: "remove-download" })))).items
      assert.notStrictEqual(act?.state, "done")
    }).pipe(Effect.provide(downloadsTest(fake)))
  })
})

describe("A slow download", () => {
  const slow = { speeds: { down: 10_000, up: 0 } } as const
  const struck = Effect.map(
    DownloadStats.use((stats) => Effect.orDie(stats.figures({}))),
    ({ strikes }) => strikes.total
  )

  for (const [uses, speed, expected] of [
    ["use the whole line", 3e6, 0],
    ["leave room on the line", 1e6, 2]
  ] as const) {
    it.effect(`is ${expected === 0 ? "not " : ""}struck while the downloads of its client ${uses}`, () => {
      const fake = new FakeDownloads()
      busy(fake, 3)
      fake.add("Slow.Movie", 1, slow)
      fake.client = {
        ...fake.client,
        limits: { ...fake.client.limits, down: { is: "value", value: 3e6, raw: 3e6 } },
        speeds: { down: speed, up: 0 }
      }
      return Effect.gen(function* () {
        yield* connected
        yield* strikeRule({
          name: "Slow",
          condition: all(faulty("slow"), leaf("averageSpeed", "lessThan", 50_000)),
          action: { resetOnProgress: false, strikes: 10 }
        })
        yield* fourRuns(fake)
        const total = yield* struck
        if (expected === 0) assert.strictEqual(total, 0)
        else assert.isAtLeast(total, expected)
      }).pipe(Effect.provide(downloadsTest(fake)))
    })
  }

  for (const [which, etaSeconds, least] of [
    ["no time left that its client does not know", null, 0],
    ["the time left that its client reports", 200 * 3600, 2]
  ] as const) {
    it.effect(`has ${which}`, () => {
      const fake = new FakeDownloads()
      busy(fake, 3)
      fake.add("Slow.Movie", 1, { ...slow, etaSeconds })
      return Effect.gen(function* () {
        yield* connected
        yield* strikeRule({
          name: "Late",
          condition: all(faulty("slow"), leaf("etaHours", "greaterThan", 48)),
          action: { resetOnProgress: false, strikes: 10 }
        })
        yield* fourRuns(fake)
        const total = yield* struck
        if (least === 0) assert.strictEqual(total, 0)
        else assert.isAtLeast(total, least)
      }).pipe(Effect.provide(downloadsTest(fake)))
    })
  }
})

describe("A search for another release", () => {
  it.effect("that fails is not sent again and again, and is counted as failed", () => {
    const fake = new FakeDownloads()
    busy(fake, 3)
    fake.add("Bad.Movie", 1, stalled)
    let requests = 0
    const failing: FakeDownloads["queueCapability"] = {
      ...fake.queueCapability,
      search: (targets) => {
        requests++
        fake.down.add("application")
        return Effect.ensuring(
          fake.queueCapability.search(targets),
          Effect.sync(() => fake.down.delete("application"))
        )
      }
    }
    const broken = Object.create(fake, { queueCapability: { value: failing } }) as FakeDownloads
    return Effect.gen(function* () {
      yield* connected
      yield* strikeRule({ action: { strikes: 1 } })
      yield* fourRuns(fake)
      assert.strictEqual(fake.downloads.size, 3)
      assert.strictEqual(requests, 1)
      const found = yield* DownloadStats.use((stats) => Effect.orDie(stats.figures({})))
      assert.deepStrictEqual(found.searches, { total: 1, started: 0, failed: 1 })
    }).pipe(Effect.provide(downloadsTest(broken)))
  })
})
