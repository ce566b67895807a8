/** What goes wrong with trackers: those that fail for a while, do not know a torrent yet, or have not answered. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { DownloadTracker } from "../../src/integrations/Downloads.ts"
import { clean, connected, downloadsTest, live, stalled, strikeRule } from "./FakeDownloads.ts"
import { FakeSeeder, currentOf, saidOf, seedingConnected, seedingRule, tend, when } from "./seeding/FakeSeeder.ts"

const tracker = (status: DownloadTracker["status"], message: string | null = null, host = "tracker.example") => ({
  host,
  tier: 0,
  status,
  message
})
const unregistered = tracker("not-working", "Unregistered torrent")
const faulty = (fault: string) => ({ kind: "condition", field: "faults", operator: "containsAny", value: [fault] })
const removes = (fake: FakeSeeder) => fake.sent.filter((call) => call.startsWith("client: remove"))

describe("The trackers of torrents, which the list of their client does not contain", () => {
  it.effect("are asked about a few torrents at a time, and about each not too often", () => {
    const fake = new FakeSeeder()
    for (let n = 0; n < 14; n++) fake.seed(`Movie ${String.fromCodePoint(97 + n)}`, n)
    fake.seed("Stopped", 40, { state: "completed" })
    return Effect.gen(function* () {
      yield* connected
      yield* live(0.5)
      assert.strictEqual(fake.askedTrackers.length, 3)
      yield* live(3)
      assert.strictEqual(new Set(fake.askedTrackers).size, 14)
      assert.strictEqual(fake.askedTrackers.length, 14)
      yield* live(5)
      assert.strictEqual(fake.askedTrackers.length, 28)
      assert.notInclude(fake.askedTrackers, "Stopped")
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  it.effect("leave a torrent as it is while the client does not say what they answer", () => {
    const fake = new FakeSeeder()
    fake.seed("Movie", 1)
    return Effect.gen(function* () {
      yield* connected
      yield* live(10)
      const one = yield* currentOf("Movie")
      assert.deepStrictEqual([one?.download.trackers, one?.faults], [null, []])
    }).pipe(Effect.provide(downloadsTest(fake)))
  })
})

// S33
describe("A torrent that its tracker does not know", () => {
  const situations: ReadonlyArray<readonly [string, ReadonlyArray<DownloadTracker>, number, boolean]> = [
    ["leaves after some hours", [unregistered], 150, true],
    ["stays for its first hours, in which the tracker may not know it yet", [unregistered], 60, false],
    ["stays while another tracker works", [unregistered, tracker("working", null, "other.example")], 300, false],
    ["stays while the tracker is in maintenance", [tracker("not-working", "Not found: maintenance")], 300, false],
    // S34
    ["stays while the tracker has yet to answer", [tracker("updating"), tracker("not-contacted")], 300, false]
  ]
  for (const [what, trackers, minutes, leaves] of situations) {
    it.effect(what, () => {
      const fake = new FakeSeeder()
      const one = fake.seed("Movie", 1)
      fake.trackers.set(one.id, trackers)
      return Effect.gen(function* () {
        yield* connected
        yield* strikeRule({ condition: faulty("unregistered"), action: { strikes: 1 } })
        yield* live(minutes)
        yield* clean
        assert.strictEqual(removes(fake).length, leaves ? 1 : 0)
      }).pipe(Effect.provide(downloadsTest(fake)))
    })
  }
})

// S34
describe("A download whose trackers have not answered yet", () => {
  it.effect("earns no strikes for standing still until one has", () => {
    const fake = new FakeSeeder()
    const one = fake.add("Bad.Movie", 1, stalled)
    fake.trackers.set(one.id, [tracker("updating")])
    return Effect.gen(function* () {
      yield* connected
      yield* strikeRule({ action: { strikes: 1 } })
      yield* live(30)
      yield* clean
      assert.deepStrictEqual(fake.sent, [])
      fake.trackers.set(one.id, [tracker("working")])
      yield* live(12)
      yield* clean
      assert.deepStrictEqual(removes(fake), ["client: remove Bad.Movie with data"])
    }).pipe(Effect.provide(downloadsTest(fake)))
  })
})

// S23
describe("Hours of seeding that are owed to a tracker", () => {
  for (const [what, status, state] of [
    ["its tracker is down", "not-working", "seeding"],
    ["it waits for its turn", "working", "seeding-queued"]
  ] as const) {
    it.effect(`do not pass while ${what}, although its client counts on`, () => {
      const fake = new FakeSeeder()
      const one = fake.seed("Movie", 1, { seedingTime: { seconds: 0, clock: "active" } })
      fake.trackers.set(one.id, [tracker("working")])
      return Effect.gen(function* () {
        yield* seedingConnected
        yield* seedingRule("seed", { ratio: 1, reached: "remove" })
        yield* seedingRule("hit-and-run", { hours: 1, marginHours: 0 })
        yield* live(6)
        fake.trackers.set(one.id, [tracker(status)])
        fake.change(one, { state, seedingTime: { seconds: 7200, clock: "active" } })
        yield* live(70)
        yield* tend
        assert.deepStrictEqual([yield* saidOf("Movie"), removes(fake)], ["owed", []])
        fake.trackers.set(one.id, [tracker("working")])
        fake.change(one, { state: "seeding" })
        yield* live(70)
        assert.strictEqual((yield* tend).removed, 1)
      }).pipe(Effect.provide(downloadsTest(fake)))
    })
  }
})

// S28
describe("A torrent that nobody has asked for in a month", () => {
  const inactive = when("daysInactive", ">", 30)
  const old = { lastActiveAt: "2025-12-01T00:00:00.000Z" }

  it.effect("stays if its tracker was down all the while, also when that is back", () => {
    const fake = new FakeSeeder()
    const one = fake.seed("Movie", 1, old)
    fake.trackers.set(one.id, [tracker("not-working", "connection timed out")])
    return Effect.gen(function* () {
      yield* seedingConnected
      yield* seedingRule("seed", { ratio: 1, reached: "remove" }, { condition: inactive })
      yield* live(2)
      yield* tend
      assert.deepStrictEqual(removes(fake), [])
      fake.trackers.set(one.id, [tracker("working")])
      yield* live(12)
      yield* tend
      assert.deepStrictEqual(removes(fake), [])
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  it.effect("leaves if its tracker works", () => {
    const fake = new FakeSeeder()
    const one = fake.seed("Movie", 1, old)
    fake.trackers.set(one.id, [tracker("working")])
    return Effect.gen(function* () {
      yield* seedingConnected
      yield* seedingRule("seed", { ratio: 1, reached: "remove" }, { condition: inactive })
      yield* live(2)
      assert.strictEqual((yield* tend).removed, 1)
    }).pipe(Effect.provide(downloadsTest(fake)))
  })
})
