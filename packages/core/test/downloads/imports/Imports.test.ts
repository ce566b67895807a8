/** Complete downloads that their application did not import by itself. */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { Acts } from "../../../src/acts/Acts.ts"
import { importDownloadAct } from "../../../src/downloads/imports/ImportDownload.ts"
import { ImportsSettings } from "../../../src/downloads/imports/ImportSettings.ts"
import { MalwareSettings } from "../../../src/downloads/malware/MalwareSettings.ts"
import { Integrations } from "../../../src/integrations/Integrations.ts"
import { isoOfMillis } from "../../../src/problems/Instants.ts"
import { RemovalsSettings } from "../../../src/settings/RemovalsSettings.ts"
import { Settings } from "../../../src/settings/Settings.ts"
import { downloadsTest, FakeDownloads, live, processes } from "../FakeDownloads.ts"
import { actsOf, block, eventsOf } from "../malware/Blocking.ts"
import { goOn, handOver, handOverWith, importing, seeding, verdicts } from "./Importing.ts"

/** A film that seeds, and that its application has yet to import. */
const film = (fake: FakeDownloads, changes: Parameters<FakeDownloads["add"]>[2] = {}) => {
  const one = fake.add("Some.Movie", 1, { ...seeding, ...changes })
  fake.enqueue(one.id, { status: "completed", trackedState: "importpending", outputPath: "/data/torrents/Some.Movie" })
  return one
}
const sentOnce = (path = "/data/torrents/Some.Movie") => [
  `application: import ${path} as ${"somemovie".padEnd(40, "0").toUpperCase()} by copy`
]
const now = Effect.map(Clock.currentTimeMillis, isoOfMillis)

describe("A complete download that was not imported", () => {
  it.effect("is handed to its application once its own handling has had its time, by the path of its queue", () => {
    const fake = new FakeDownloads()
    const one = film(fake)
    return Effect.gen(function* () {
      yield* importing()
      yield* live(10)
      assert.strictEqual((yield* handOver).counts["waiting"], 1)
      assert.deepStrictEqual(fake.sent, [])
      yield* live(10)
      assert.deepInclude(yield* handOver, { planned: 1, imported: 1 })
      assert.deepStrictEqual(fake.sent, sentOnce())
      assert.isTrue(fake.downloads.has(one.id))
      yield* goOn(3)
      assert.strictEqual(fake.sent.length, 1)
      assert.strictEqual((yield* verdicts)["Some.Movie"]?.outcome, "imported")
      assert.include(yield* eventsOf("download"), "download.imported")
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  it.effect("that is in no queue any more is handed over by the path of its client, as its application sees it", () => {
    const fake = new FakeDownloads()
    const one = film(fake)
    fake.queue.clear()
    return Effect.gen(function* () {
      yield* importing()
      const integrations = yield* Integrations
      for (const { id, kind } of yield* integrations.list) {
        const from = kind === "loader" ? "/downloads" : "D:\\torrents"
        yield* integrations.update(id, { options: { pathMappings: [{ from, to: "/host/torrents" }] } })
      }
      yield* goOn(5)
      assert.deepStrictEqual(fake.sent, sentOnce("D:\\torrents\\Some.Movie"))
      assert.isTrue(fake.downloads.has(one.id))
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  it.effect("of usenet is imported as the application likes it", () => {
    const fake = new FakeDownloads()
    const one = film(fake, { protocol: "usenet", hashes: { v1: null, v2: null }, state: "completed" })
    fake.change(one, { nzbId: one.id, hashes: { v1: null, v2: null } })
    return Effect.gen(function* () {
      yield* importing()
      yield* goOn(5)
      assert.deepStrictEqual(fake.sent, [`application: import /data/torrents/Some.Movie as ${one.id} by auto`])
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  it.effect("whose application names its folder, and its client its only file, is handed over by its folder", () => {
    const fake = new FakeDownloads()
    film(fake, { contentPath: "/data/torrents/Some.Movie/film.mkv" })
    return Effect.gen(function* () {
      yield* importing()
      yield* goOn(5)
      assert.deepStrictEqual(fake.sent, sentOnce())
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  it.effect("is only reported by default, in a dry run, and while the brake is on", () => {
    const fake = new FakeDownloads()
    film(fake)
    return Effect.gen(function* () {
      const settings = yield* Settings
      yield* importing({ importing: false })
      yield* live(20)
      assert.deepInclude(yield* handOver, { dryRun: true, planned: 0 })
      yield* settings.patch(ImportsSettings, { importing: true })
      assert.deepInclude(yield* handOverWith({ dryRun: true }), { dryRun: true, planned: 0 })
      yield* settings.patch(RemovalsSettings, { deletionsEnabled: false })
      assert.deepInclude(yield* handOver, { dryRun: true, planned: 0 })
      assert.strictEqual((yield* verdicts)["Some.Movie"]?.outcome, "import")
      assert.deepStrictEqual(fake.sent, [])
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  it.effect("waits for the next run if one run has handed over as many as it may", () => {
    const fake = new FakeDownloads()
    for (const name of ["A", "B", "C"]) {
      const one = fake.add(name, 1, seeding)
      fake.enqueue(one.id, { trackedState: "importpending" })
    }
    return Effect.gen(function* () {
      yield* importing({ maxPerRun: 2 })
      yield* live(20)
      assert.strictEqual((yield* handOver).planned, 2)
      assert.strictEqual((yield* handOver).planned, 1)
      assert.strictEqual(fake.sent.length, 3)
    }).pipe(Effect.provide(downloadsTest(fake)))
  })
})

describe("Nothing is handed over", () => {
  /** The outcome of the film after a change, with the certainty that nothing was sent. */
  const after = (change: (fake: FakeDownloads, one: ReturnType<typeof film>) => void) => {
    const fake = new FakeDownloads()
    const one = film(fake)
    change(fake, one)
    return Effect.gen(function* () {
      yield* importing()
      yield* goOn(5)
      assert.deepStrictEqual(fake.sent, [])
      return (yield* verdicts)["Some.Movie"]?.outcome
    }).pipe(Effect.provide(downloadsTest(fake)))
  }
  const queued = (changes: Parameters<FakeDownloads["enqueue"]>[1]) => (fake: FakeDownloads, one: { id: string }) =>
    fake.enqueue(one.id, { status: "completed", outputPath: "/data/torrents/Some.Movie", ...changes })
  const told = (what: "failed" | "ignored") => (fake: FakeDownloads) => {
    fake.queue.clear()
    fake.history.push({ ...fake.history[0]!, what, at: "2026-01-15T11:00:00.000Z" })
  }

  for (const [title, outcome, change] of [
    ["while the application imports", "importing", queued({ trackedState: "importing" })],
    ["while an import of it is under way", "planned", (fake, one) => void fake.underWay.add(one.id)],
    [
      "that a person has to decide about",
      "needs-person",
      queued({ trackedState: "importblocked", messages: ["Movie title mismatch, automatic import is not possible"] })
    ],
    [
      "that is no upgrade",
      "needs-person",
      queued({ trackedState: "importblocked", messages: ["Not an upgrade for existing movie file(s)"] })
    ],
    [
      "whose files do not belong to it",
      "kept",
      queued({ trackedState: "importblocked", messages: ["Caution: Found executable file"] })
    ],
    [
      "that the application tries again by itself",
      "waiting",
      queued({ trackedState: "importpending", trackedStatus: "warning", messages: ["Path does not exist"] })
    ],
    ["that the application gave up", "kept", told("failed")],
    ["that somebody has ignored", "kept", told("ignored")],
    ["whose application cannot be read", "unknown", (fake) => void fake.down.add("application")],
    ["that no application had fetched", "nobody", (fake) => void ((fake.history = []), fake.queue.clear())],
    ["while its client is moving it", "incomplete", (fake, one) => fake.change(one, { state: "moving" })],
    [
      "of which some bytes are missing",
      "incomplete",
      (fake, one) => fake.change(one, { progress: 0.9, bytes: { ...seeding.bytes, left: 1e8 } })
    ],
    ["that was completed long ago", "kept", (fake, one) => fake.change(one, { completedAt: "2025-11-01T00:00:00Z" })],
    ["that is marked to be ignored", "ignored", (fake, one) => fake.change(one, { tags: ["tendarr-ignore"] })],
    ["whose path is a folder of the client", "unknown", queued({ outputPath: "/downloads" })],
    [
      "whose path holds other downloads, too",
      "unknown",
      (fake, one) => {
        fake.queue.delete(one.id)
        fake.add("Other", 2, { contentPath: "/downloads/Some.Movie/Other" })
      }
    ]
  ] as ReadonlyArray<[string, string, Parameters<typeof after>[0]]>) {
    it.effect(title, () => Effect.map(after(change), (found) => assert.strictEqual(found, outcome)))
  }

  it.effect("that lists of names stop, or of which the files are still to be compared with them", () => {
    const fake = new FakeDownloads()
    const one = film(fake)
    return Effect.gen(function* () {
      yield* importing()
      yield* Effect.flatMap(Settings, (settings) => settings.patch(MalwareSettings, { blocking: true }))
      yield* live(20)
      yield* handOver
      assert.strictEqual((yield* verdicts)["Some.Movie"]?.outcome, "waiting")
      fake.hold(one, { path: "film.exe", progress: 1 })
      yield* block
      yield* handOver
      assert.strictEqual((yield* verdicts)["Some.Movie"]?.outcome, "held")
      assert.deepStrictEqual(fake.sent, [])
      yield* Effect.flatMap(Settings, (settings) => settings.patch(MalwareSettings, { blocking: false }))
      yield* block
      yield* goOn(2)
      assert.deepStrictEqual(fake.sent, [])
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  it.effect("while its client is held", () => {
    const fake = new FakeDownloads()
    film(fake)
    return Effect.gen(function* () {
      yield* importing()
      yield* live(20)
      fake.complete = false
      yield* goOn(2)
      assert.deepStrictEqual(fake.sent, [])
      assert.strictEqual((yield* verdicts)["Some.Movie"]?.outcome, "held")
    }).pipe(Effect.provide(downloadsTest(fake)))
  })
})

describe("What its application has blocked because it did not see the files", () => {
  it.effect("is handed over, since it does not try that again", () => {
    const fake = new FakeDownloads()
    const one = film(fake)
    fake.enqueue(one.id, {
      trackedState: "importblocked",
      trackedStatus: "warning",
      messages: ["No files found are eligible for import in /data/torrents/Some.Movie"],
      outputPath: "/data/torrents/Some.Movie"
    })
    return Effect.gen(function* () {
      yield* importing()
      yield* goOn(5)
      assert.deepStrictEqual(fake.sent, sentOnce())
    }).pipe(Effect.provide(downloadsTest(fake)))
  })
})

describe("An application", () => {
  it.effect("that takes long is not asked again, even after a start in between", () => {
    const fake = new FakeDownloads()
    const one = film(fake)
    fake.importing = "slow"
    return processes(
      fake,
      Effect.gen(function* () {
        yield* importing()
        yield* live(20)
        const run = yield* Effect.forkChild(handOver)
        while (fake.sent.length === 0) yield* Effect.promise(() => new Promise((done) => setImmediate(done)))
        yield* TestClock.adjust("5 seconds")
        // The process ends while the import is awaited.
        assert.deepStrictEqual(fake.sent, sentOnce())
        yield* Fiber.interrupt(run)
      }),
      Effect.gen(function* () {
        yield* goOn(4)
        assert.strictEqual((yield* actsOf(importDownloadAct))[0]?.state, "executing")
        fake.finishImport(one.id, yield* now)
        yield* goOn(2)
        assert.strictEqual((yield* actsOf(importDownloadAct))[0]?.state, "done")
        assert.include(yield* eventsOf("download"), "download.imported")
        assert.strictEqual(fake.sent.length, 1)
      })
    )
  })

  it.effect("that accepts and does nothing is asked a few times with growing pauses, and then a person is", () => {
    const fake = new FakeDownloads()
    const one = film(fake)
    fake.lies = true
    return Effect.gen(function* () {
      yield* importing()
      yield* live(16)
      const sentAt: Array<number> = []
      for (let minute = 0; minute < 60; minute++) {
        yield* live(1)
        const before = fake.sent.length
        yield* handOver
        if (fake.sent.length > before) sentAt.push(minute)
      }
      assert.strictEqual(sentAt.length, 3)
      const [first = 0, second = 0, third = 0] = sentAt
      assert.isAbove(third - second, second - first)
      assert.strictEqual((yield* verdicts)["Some.Movie"]?.outcome, "needs-person")
      assert.strictEqual(
        (yield* eventsOf("download")).filter((type) => type === "download.import-needs-person").length,
        1
      )
      // A person has it tried again.
      fake.lies = false
      const [act] = yield* actsOf(importDownloadAct)
      yield* Effect.flatMap(Acts, (acts) => acts.retry(act?.id ?? ""))
      yield* goOn(1)
      assert.strictEqual(fake.sent.length, 4)
      assert.isFalse(fake.queue.has(one.id))
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  it.effect("that imports it meanwhile by itself is not asked", () => {
    const fake = new FakeDownloads()
    const one = film(fake)
    return Effect.gen(function* () {
      yield* importing()
      yield* live(20)
      // It is planned, and waits for an import that somebody has started.
      fake.underWay.add(one.id)
      assert.deepInclude(yield* handOver, { planned: 1, waiting: 1 })
      fake.finishImport(one.id, yield* now)
      yield* goOn(2)
      assert.strictEqual((yield* actsOf(importDownloadAct))[0]?.state, "spared")
      assert.deepStrictEqual(fake.sent, [])
    }).pipe(Effect.provide(downloadsTest(fake)))
  })
})

describe("A person who cancels an import", () => {
  it.effect("decides for good, until the release is fetched again", () => {
    const fake = new FakeDownloads()
    const one = film(fake)
    return Effect.gen(function* () {
      yield* importing()
      yield* live(20)
      fake.underWay.add(one.id)
      yield* handOver
      const [act] = yield* actsOf(importDownloadAct)
      yield* Effect.flatMap(Acts, (acts) => acts.cancel(act?.id ?? ""))
      fake.underWay.clear()
      yield* goOn(3)
      assert.deepStrictEqual(fake.sent, [])
      fake.history.push({ ...fake.history[0]!, at: yield* now })
      yield* goOn(3)
      assert.strictEqual(fake.sent.length, 1)
    }).pipe(Effect.provide(downloadsTest(fake)))
  })
})
