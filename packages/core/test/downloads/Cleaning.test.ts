/** Runs of rules about downloads: strikes, removals, searches, and everything that must keep them from it. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Acts } from "../../src/acts/Acts.ts"
import { Downloads } from "../../src/downloads/Downloads.ts"
import { DownloadsSettings } from "../../src/downloads/DownloadsSettings.ts"
import { DownloadViews } from "../../src/downloads/DownloadViews.ts"
import { EventLog } from "../../src/events/EventLog.ts"
import { Rules } from "../../src/rules/Rules.ts"
import { RemovalsSettings } from "../../src/settings/RemovalsSettings.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { clean, connected, downloadsTest, FakeDownloads, live, stalled, strikeRule } from "./FakeDownloads.ts"

const strikesOf = (name: string) =>
  Effect.map(
    Effect.flatMap(Downloads, (downloads) => downloads.current),
    (all) => all.find(({ download }) => download.name === name)?.strikes
  )

/** Three runs, each long enough after the one before. */
const threeRuns = Effect.gen(function* () {
  for (let run = 0; run < 3; run++) {
    yield* live(12)
    yield* clean
  }
})

describe("A download that stands still", () => {
  it.effect(
    "gets its strikes one by one, then leaves the queue and its client, and another release is searched for",
    () => {
      const fake = new FakeDownloads()
      const bad = fake.add("Bad.Movie", 1, stalled)
      fake.add("Good.Movie", 2, { state: "seeding", progress: 1 })
      return Effect.gen(function* () {
        yield* connected
        yield* strikeRule()
        yield* live(4)
        assert.strictEqual((yield* clean).counts["struck"], undefined)
        yield* live(8)
        assert.strictEqual((yield* clean).counts["struck"], 1)
        assert.strictEqual(yield* strikesOf(bad.name), 1)
        // Whoever starts runs: a strike needs its least time.
        yield* clean
        yield* clean
        assert.strictEqual(yield* strikesOf(bad.name), 1)
        yield* live(12)
        yield* clean
        yield* live(12)
        const last = yield* clean
        assert.deepStrictEqual([last.removed, last.searched], [1, 1])
        assert.deepStrictEqual(fake.sent, ["application: remove 1 and blocklist", "client: remove Bad.Movie with data"])
        assert.deepStrictEqual(
          [...fake.downloads.values()].map(({ name }) => name),
          ["Good.Movie"]
        )
        assert.deepStrictEqual(fake.searched, [[{ kind: "movie", wholeId: "1" }]])
        const log = yield* EventLog
        const types = (yield* Effect.orDie(log.page({ subjectType: "download", limit: 50 }))).items.map(
          ({ type }) => type
        )
        assert.deepStrictEqual(types.toReversed(), [
          "download.struck",
          "download.struck",
          "download.struck",
          "download.removed"
        ])
        yield* live(1)
        assert.strictEqual((yield* clean).removed, 0)
      }).pipe(Effect.provide(downloadsTest(fake)))
    }
  )

  it.effect("loses its strikes when it goes on", () => {
    const fake = new FakeDownloads()
    const slow = fake.add("Slow.Movie", 1, stalled)
    return Effect.gen(function* () {
      yield* connected
      yield* strikeRule()
      yield* live(12)
      yield* clean
      yield* live(12)
      yield* clean
      assert.strictEqual(yield* strikesOf(slow.name), 2)
      fake.change(slow, {
        state: "downloading",
        bytes: { ...slow.bytes, done: 6e8, left: 4e8 },
        speeds: { down: 1e6, up: 0 }
      })
      yield* live(1)
      fake.change(slow, stalled)
      yield* live(12)
      yield* clean
      assert.strictEqual(yield* strikesOf(slow.name), 1)
      assert.deepStrictEqual(fake.sent, [])
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  const spared: ReadonlyArray<readonly [string, (fake: FakeDownloads) => void]> = [
    ["its client has no connection", (fake) => void (fake.client = { ...fake.client, online: false })],
    ["its client is paused", (fake) => void (fake.client = { ...fake.client, paused: true })],
    ["its client does not answer", (fake) => void fake.down.add("client")],
    ["the list of its client is not complete", (fake) => void (fake.complete = false)],
    ["it is private, and only its removal from the client is at stake", (fake) => each(fake, { private: true })],
    ["a person has paused it", (fake) => each(fake, { state: "paused" })],
    ["it waits for its turn", (fake) => each(fake, { state: "queued" })],
    ["it is being checked", (fake) => each(fake, { state: "checking", progress: 0 })],
    ["it carries the tag that is ignored, in other letters", (fake) => each(fake, { tags: ["Tendarr-Ignore"] })],
    ["its state is not known", (fake) => each(fake, { state: "unknown" })],
    [
      "there is no space left",
      (fake) => void (fake.client = { ...fake.client, folders: [{ path: "/downloads", freeBytes: 0 }] })
    ],
    [
      "most of its fellows stand still too",
      (fake) => {
        for (let n = 0; n < 4; n++) fake.add(`Fellow ${n}`, 10 + n, stalled)
      }
    ],
    ["its application does not answer, so that it may be anybody's", (fake) => void fake.down.add("application")],
    [
      "its application is importing it",
      (fake) => {
        for (const id of fake.queue.keys()) fake.enqueue(id, { trackedState: "importing" })
      }
    ]
  ]
  const each = (fake: FakeDownloads, changes: Parameters<FakeDownloads["change"]>[1]) => {
    for (const one of fake.downloads.values()) fake.change(one, changes)
  }
  for (const [why, change] of spared) {
    it.effect(`stays in its client while ${why}`, () => {
      const fake = new FakeDownloads()
      fake.add("Bad.Movie", 1, stalled)
      return Effect.gen(function* () {
        yield* connected
        yield* strikeRule()
        yield* live(12)
        change(fake)
        yield* threeRuns
        yield* threeRuns
        assert.notInclude(fake.sent.join(), "client: remove")
        assert.isAtLeast(fake.downloads.size, 1)
      }).pipe(Effect.provide(downloadsTest(fake)))
    })
  }

  it.effect("that no application knows is removed only by a rule that names that case", () => {
    const fake = new FakeDownloads()
    fake.add("By.Hand", 1, stalled)
    fake.queue.clear()
    fake.history = []
    return Effect.gen(function* () {
      yield* connected
      yield* strikeRule()
      yield* threeRuns
      assert.deepStrictEqual(fake.sent, [])
      const standsStill = { kind: "condition", field: "stalledMinutes", operator: ">", value: 5 }
      const nobodys = { kind: "condition", field: "application", operator: "isEmpty" }
      yield* strikeRule({
        name: "Nobody's",
        priority: 1,
        condition: { kind: "group", logic: "AND", children: [standsStill, nobodys] }
      })
      yield* threeRuns
      assert.deepStrictEqual(fake.sent, ["client: remove By.Hand with data"])
      assert.deepStrictEqual(fake.searched, [])
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  it.effect("that is private leaves the queue, and stays in its client", () => {
    const fake = new FakeDownloads()
    fake.add("Private.Movie", 1, { ...stalled, private: true })
    return Effect.gen(function* () {
      yield* connected
      yield* strikeRule()
      yield* threeRuns
      assert.deepStrictEqual(fake.sent, ["application: remove 1 and blocklist"])
      assert.strictEqual(fake.downloads.size, 1)
      // It is in no queue any more: nothing is left to do.
      yield* threeRuns
      assert.strictEqual(fake.sent.length, 1)
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  it.effect("is removed by nobody while rules only report, while the brake is on, or in a dry run", () => {
    const fake = new FakeDownloads()
    fake.add("Bad.Movie", 1, stalled)
    return Effect.gen(function* () {
      yield* connected
      const settings = yield* Settings
      yield* strikeRule()
      yield* settings.patch(DownloadsSettings, { cleaning: false })
      yield* threeRuns
      assert.strictEqual(yield* strikesOf("Bad.Movie"), 0)
      yield* settings.patch(DownloadsSettings, { cleaning: true })
      yield* settings.patch(RemovalsSettings, { deletionsEnabled: false })
      yield* threeRuns
      assert.strictEqual(yield* strikesOf("Bad.Movie"), 0)
      assert.deepStrictEqual(fake.sent, [])
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  it.effect("is kept by a rule that ignores it, and by one of which that is not known", () => {
    const fake = new FakeDownloads()
    fake.add("Kept.Movie", 1, { ...stalled, category: "keep" })
    fake.add("Unknown.Movie", 2, { ...stalled, category: null })
    return Effect.gen(function* () {
      yield* connected
      yield* strikeRule()
      yield* Effect.flatMap(Rules, (rules) =>
        Effect.orDie(
          rules.create({
            subject: "download",
            name: "Keep",
            enabled: true,
            effect: "ignore",
            condition: { kind: "condition", field: "category", operator: "equals", value: "keep" }
          })
        )
      )
      yield* threeRuns
      assert.deepStrictEqual(fake.sent, [])
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  it.effect("is judged by the first rule that matches, and by none after one of which that is not known", () => {
    const fake = new FakeDownloads()
    fake.add("Rare.Movie", 1, { ...stalled, availability: null })
    fake.add("Other.Movie", 2, stalled)
    return Effect.gen(function* () {
      yield* connected
      yield* strikeRule()
      yield* strikeRule({
        name: "Patient",
        priority: 50,
        condition: { kind: "condition", field: "availability", operator: "<", value: 100 },
        action: { action: "report" }
      })
      yield* threeRuns
      assert.deepStrictEqual(fake.sent, [])
      const log = yield* EventLog
      const reported = yield* Effect.orDie(log.page({ type: "download.reported" }))
      assert.deepStrictEqual(
        reported.items.map(({ payload }) => payload["name"]),
        ["Other.Movie"]
      )
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  it.effect("of a title that is fetched and removed again and again is left for a person in the end", () => {
    const fake = new FakeDownloads()
    return Effect.gen(function* () {
      yield* connected
      const settings = yield* Settings
      yield* settings.patch(DownloadsSettings, { maxRemovalsPerTitle: 3 })
      yield* strikeRule({ action: { strikes: 1, minutesBetween: 1 } })
      // The feed of the application has the next bad release fetched as soon as one is removed.
      for (let round = 0; round < 10; round++) {
        if (fake.downloads.size === 0) fake.add(`Bad.Movie.${round}`, 1, stalled)
        yield* live(8)
        yield* clean
      }
      assert.strictEqual(fake.sent.filter((call) => call.startsWith("client")).length, 3)
      assert.isAtMost(fake.searched.length, 1)
      const log = yield* EventLog
      assert.strictEqual((yield* Effect.orDie(log.page({ type: "download.needs-person" }))).items.length, 1)
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  it.effect("is not searched for again when nothing of it is wanted any more", () => {
    const fake = new FakeDownloads()
    fake.add("Bad.Movie", 1, stalled)
    fake.wanted = false
    return Effect.gen(function* () {
      yield* connected
      yield* strikeRule()
      yield* threeRuns
      assert.strictEqual(fake.downloads.size, 0)
      assert.deepStrictEqual(fake.searched, [])
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  it.effect("counts as removed only when its client says so: the half that is left is done later", () => {
    const fake = new FakeDownloads()
    fake.add("Bad.Movie", 1, stalled)
    return Effect.gen(function* () {
      yield* connected
      yield* strikeRule()
      yield* live(12)
      yield* clean
      yield* live(12)
      yield* clean
      yield* live(12)
      fake.lies = true
      const report = yield* clean
      assert.deepStrictEqual([report.removed, report.failed], [0, 1])
      assert.deepStrictEqual(fake.searched, [])
      fake.lies = false
      yield* live(180)
      yield* clean
      assert.deepStrictEqual([fake.downloads.size, fake.queue.size], [0, 0])
      const acts = yield* Effect.flatMap(Acts, (service) => Effect.orDie(service.page({ kind: "remove-download" })))
      assert.deepStrictEqual(
        acts.items.map(({ state }) => state),
        ["done"]
      )
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  it.effect("explains itself, and loses its strikes when a person says so", () => {
    const fake = new FakeDownloads()
    fake.add("Bad.Movie", 1, stalled)
    return Effect.gen(function* () {
      yield* connected
      yield* strikeRule()
      yield* live(12)
      yield* clean
      const views = yield* DownloadViews
      const [shown] = (yield* Effect.orDie(views.page({}))).items
      assert.deepInclude(shown, { name: "Bad.Movie", application: "Fetcher", strikes: 1, imported: false })
      const detail = yield* Effect.orDie(views.get(shown!.id))
      assert.deepInclude(detail.verdict, { outcome: "strikes", rule: "Stalled" })
      assert.strictEqual(detail.strikeHistory.length, 1)
      assert.strictEqual((yield* Effect.orDie(views.forgive(shown!.id))).strikes, 0)
      assert.deepStrictEqual((yield* Effect.orDie(views.page({ struck: true }))).items, [])
    }).pipe(Effect.provide(downloadsTest(fake)))
  })
})
