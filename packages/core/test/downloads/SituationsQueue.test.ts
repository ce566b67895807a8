/** What goes wrong for users of queue cleaners: rows of queues, waits, and faults that are not those of a release. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Downloads } from "../../src/downloads/Downloads.ts"
import type { Download } from "../../src/integrations/Downloads.ts"
import type { QueueTarget } from "../../src/integrations/QueueCapability.ts"
import { clean, connected, downloadsTest, FakeDownloads, goOn, live, stalled, strikeRule } from "./FakeDownloads.ts"

const when = (field: string, operator: string, value?: unknown) => ({
  kind: "condition",
  field,
  operator,
  ...(value === undefined ? {} : { value })
})
const allOf = (...children: ReadonlyArray<object>) => ({ kind: "group", logic: "AND", children })
/** Matches everything, and may find a speed too low. */
const everything = { kind: "group", logic: "OR", children: [when("client", "=", "Loader"), when("speed", ">=", 0)] }
const standsStill = when("stalledMinutes", ">", 5)

const strikesOf = (name: string) =>
  Effect.map(
    Effect.flatMap(Downloads, (downloads) => downloads.current),
    (all) => all.find(({ download }) => download.name === name)?.strikes
  )

/** Some runs, each long enough after the one before. */
const runs = (fake: FakeDownloads, count: number) =>
  Effect.gen(function* () {
    for (let run = 0; run < count; run++) {
      yield* goOn(fake, 12)
      yield* clean
    }
  })

// S1
describe("A season pack that is a row of the queue for each of its episodes", () => {
  it.effect("gets one strike a run, one removal for all rows, and one search for what is still missing", () => {
    const fake = new FakeDownloads()
    const pack = fake.add("Show.S02.1080p", 9, stalled)
    const targets = Array.from({ length: 10 }, (_, n): QueueTarget => ({
      kind: "episode",
      wholeId: "9",
      seasonNumber: 2,
      partId: String(n + 1)
    }))
    fake.history = fake.history.map((entry) => ({ ...entry, targets }))
    const rowIds = targets.map((_, n) => 41 + n)
    fake.enqueue(pack.id, { rowIds, targets })
    // All but two of its episodes were fetched otherwise meanwhile.
    Object.assign(fake.queueCapability, {
      stillWanted: (of: ReadonlyArray<QueueTarget>) =>
        Effect.succeed(of.filter(({ partId }) => partId === "3" || partId === "4"))
    })
    return Effect.gen(function* () {
      yield* connected
      yield* strikeRule()
      yield* runs(fake, 1)
      assert.strictEqual(yield* strikesOf(pack.name), 1)
      yield* runs(fake, 3)
      assert.deepStrictEqual(fake.sent, [
        `application: remove ${rowIds.join()} and blocklist`,
        "client: remove Show.S02.1080p with data"
      ])
      assert.deepStrictEqual(fake.searched, [targets.slice(2, 4)])
    }).pipe(Effect.provide(downloadsTest(fake)))
  })
})

// S2
describe("A row of the queue without a download", () => {
  for (const status of ["delay", "downloadclientunavailable"]) {
    it.effect(`is neither listed, struck nor removed: ${status}`, () => {
      const fake = new FakeDownloads()
      fake.enqueue("held-back", { downloadId: null, status, sizeBytes: null, leftBytes: null, trackedState: null })
      return Effect.gen(function* () {
        yield* connected
        yield* strikeRule({ condition: everything, action: { strikes: 1, alsoFaultOf: ["person", "nobody"] } })
        yield* runs(fake, 2)
        assert.deepStrictEqual(yield* Effect.flatMap(Downloads, (downloads) => downloads.current), [])
        assert.deepStrictEqual([fake.sent, fake.queue.size], [[], 1])
      }).pipe(Effect.provide(downloadsTest(fake)))
    })
  }
})

// S3
describe("A download that somebody has added by hand", () => {
  const situations: ReadonlyArray<readonly [string, boolean, (fake: FakeDownloads, one: Download) => void]> = [
    ["leaves by a rule that names that case", true, () => undefined],
    ["stays while it is unpacked", false, (fake, one) => fake.change(one, { state: "post-processing", progress: 1 })],
    [
      "stays while an application imports it, although it does not know for what it is",
      false,
      (fake, { id }) => fake.enqueue(id, { targets: [], trackedState: "importing" })
    ]
  ]
  for (const [what, leaves, change] of situations) {
    it.effect(what, () => {
      const fake = new FakeDownloads()
      const one = fake.add("By.Hand", 1, stalled)
      fake.history = []
      fake.enqueue(one.id, { targets: [] })
      return Effect.gen(function* () {
        yield* connected
        yield* live(12)
        change(fake, one)
        yield* strikeRule({ condition: allOf(standsStill, when("application", "isEmpty")), action: { strikes: 1 } })
        yield* runs(fake, 2)
        assert.strictEqual(fake.downloads.size, leaves ? 0 : 1)
      }).pipe(Effect.provide(downloadsTest(fake)))
    })
  }
})

// S5
describe("A client that the application knows under two names", () => {
  it.effect("is the one where the download is found, whatever the row of the queue says", () => {
    const fake = new FakeDownloads()
    const one = fake.add("Bad.Movie", 1, stalled)
    fake.enqueue(one.id, { clientName: "Torrents (private)", targets: [{ kind: "movie", wholeId: "1" }] })
    return Effect.gen(function* () {
      yield* connected
      yield* strikeRule({
        name: "Other",
        condition: allOf(standsStill, when("client", "=", "Torrents (private)")),
        priority: 5
      })
      yield* strikeRule({ condition: allOf(standsStill, when("client", "=", "Loader")), action: { strikes: 1 } })
      yield* runs(fake, 1)
      assert.include(fake.sent, "client: remove Bad.Movie with data")
    }).pipe(Effect.provide(downloadsTest(fake)))
  })
})

// S8
describe("A client whose connection was lost", () => {
  it.effect("has some minutes to find its peers again, before strikes from before go on", () => {
    const fake = new FakeDownloads()
    const one = fake.add("Bad.Movie", 1, stalled)
    const online = (is: boolean) => void (fake.client = { ...fake.client, online: is })
    return Effect.gen(function* () {
      yield* connected
      yield* strikeRule()
      yield* runs(fake, 1)
      assert.strictEqual(yield* strikesOf(one.name), 1)
      online(false)
      yield* runs(fake, 5)
      online(true)
      yield* live(1)
      yield* clean
      assert.strictEqual(yield* strikesOf(one.name), 1)
      // Its own fault counts on.
      yield* runs(fake, 1)
      assert.strictEqual(yield* strikesOf(one.name), 2)
      assert.deepStrictEqual(fake.sent, [])
    }).pipe(Effect.provide(downloadsTest(fake)))
  })
})

const usenet = { protocol: "usenet", hashes: { v1: null, v2: null }, speeds: { down: 0, up: 0 } } as const
const fetched = { progress: 1, bytes: { wanted: 1e9, total: 1e9, left: 0, done: 1e9, uploaded: 0 } } as const
const failed = (words: string): Partial<Download> => ({ ...usenet, ...fetched, state: "error", error: words })

describe("No strike, whatever the rules say, for a download", () => {
  const situations: ReadonlyArray<readonly [string, Partial<Download>, ((fake: FakeDownloads) => void)?]> = [
    // S9
    [
      "on a disk on which not even one piece has room",
      stalled,
      (fake) => void (fake.client = { ...fake.client, folders: [{ path: "/downloads", freeBytes: 40_960 }] })
    ],
    ["of which SABnzbd says that the disk is full", failed("Write error: disk is full, free some space first")],
    ["that NZBGet had no space to unpack", { ...failed("FAILURE/SPACE"), rawState: "FAILURE/SPACE", error: null }],
    // S10
    ["whose files are missing", { state: "missing-files", speeds: { down: 0, up: 0 } }],
    // S11
    ["that waits behind others in the queue", { ...usenet, state: "queued", progress: 0, etaSeconds: null }],
    // S13
    ...(["propagating", "grabbing", "fetching", "waiting"] as const).map(
      (phase) =>
        [`that has yet to begin: ${phase}`, { ...usenet, state: "queued", phase, progress: 0 } as const] as const
    ),
    ...(["verifying", "repairing", "unpacking", "moving", "script", "other"] as const).map(
      (phase) =>
        [`with which its client is busy: ${phase}`, { ...usenet, ...fetched, state: "post-processing", phase }] as const
    ),
    // S14
    ...(["checking", "allocating", "moving"] as const).map(
      (state) =>
        [`that its client has only just loaded: ${state}`, { state, progress: 0, speeds: { down: 0, up: 0 } }] as const
    ),
    // S20
    [
      "that is as fast as the limit of its category allows",
      {
        speeds: { down: 50_000, up: 0 },
        limits: {
          down: {
            effective: 51_200,
            own: { is: "none", raw: 0 },
            category: { is: "value", value: 51_200, raw: 51_200 },
            global: { is: "none", raw: 0 }
          },
          up: {
            effective: null,
            own: { is: "none", raw: 0 },
            category: { is: "none", raw: 0 },
            global: { is: "none", raw: 0 }
          }
        }
      }
    ]
  ]
  for (const [what, changes, change] of situations) {
    it.effect(what, () => {
      const fake = new FakeDownloads()
      fake.add("Film", 1, changes)
      change?.(fake)
      return Effect.gen(function* () {
        yield* connected
        yield* strikeRule({ condition: everything, action: { strikes: 1, minutesBetween: 1 } })
        yield* runs(fake, 3)
        assert.strictEqual(yield* strikesOf("Film"), 0)
        assert.deepStrictEqual(fake.sent, [])
      }).pipe(Effect.provide(downloadsTest(fake)))
    })
  }

  it.effect("but for one that only its peers hold back", () => {
    const fake = new FakeDownloads()
    fake.add("Film", 1, { speeds: { down: 50_000, up: 0 } })
    return Effect.gen(function* () {
      yield* connected
      yield* strikeRule({ condition: everything, action: { strikes: 1, minutesBetween: 1 } })
      yield* runs(fake, 1)
      assert.include(fake.sent, "client: remove Film with data")
    }).pipe(Effect.provide(downloadsTest(fake)))
  })
})
