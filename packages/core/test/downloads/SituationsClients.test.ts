/** What goes wrong with download clients: new versions, refusals, halves of removals, and clients that keep the files. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Acts } from "../../src/acts/Acts.ts"
import { EventLog } from "../../src/events/EventLog.ts"
import type { DownloadOutcome } from "../../src/integrations/DownloadsCapability.ts"
import { clean, connected, downloadsTest, FakeDownloads, live, stalled, strikeRule } from "./FakeDownloads.ts"
import { FakeSeeder, saidOf, seedingConnected, seedingRule, tend } from "./seeding/FakeSeeder.ts"

const actsOf = (kind: string) =>
  Effect.flatMap(Acts, (acts) => Effect.map(Effect.orDie(acts.page({ kind })), ({ items }) => items))

const refuse = (ids: ReadonlyArray<string>): Effect.Effect<DownloadOutcome> =>
  Effect.succeed({ accepted: [], absent: [], refused: ids.map((id) => ({ id, reason: "a parameter is missing" })) })

// S53
describe("A client that was updated", () => {
  it.effect(
    "and reports a state that is not known is reported once for its version, and the download is left alone",
    () => {
      const fake = new FakeDownloads()
      const odd = { state: "unknown", rawState: "thinkingDL", speeds: { down: 0, up: 0 } } as const
      fake.add("Film", 1, odd)
      fake.add("Other", 2, odd)
      const said = Effect.flatMap(EventLog, (log) =>
        Effect.map(Effect.orDie(log.page({ type: "download-client.unknown-states" })), ({ items }) =>
          items.map(({ payload }) => payload)
        )
      )
      return Effect.gen(function* () {
        yield* connected
        yield* strikeRule({ action: { strikes: 1, alsoFaultOf: ["person", "nobody"] } })
        yield* live(12)
        yield* clean
        const first = { version: "5.1", states: ["thinkingDL"] }
        assert.deepStrictEqual(yield* said, [first])
        fake.client = { ...fake.client, version: "5.2" }
        yield* live(2)
        assert.deepStrictEqual(yield* said, [{ ...first, version: "5.2" }, first])
        assert.deepStrictEqual(fake.sent, [])
      }).pipe(Effect.provide(downloadsTest(fake)))
    }
  )

  it.effect("and refuses a limit makes the act fail with its words, and is not asked again and again", () => {
    const fake = new FakeSeeder()
    fake.seed("Film", 1)
    let requests = 0
    fake.cannot({ setLimits: (ids) => (requests++, refuse(ids)) })
    return Effect.gen(function* () {
      yield* seedingConnected
      yield* seedingRule("arrange", { limits: { ratio: 3 } })
      yield* live(2)
      assert.strictEqual((yield* tend).failed, 1)
      const [act] = yield* actsOf("change-download")
      assert.strictEqual(act?.state, "failed")
      assert.include(JSON.stringify(act), "a parameter is missing")
      for (let run = 0; run < 3; run++) {
        yield* live(1)
        yield* tend
      }
      assert.isAtMost(requests, 2)
    }).pipe(Effect.provide(downloadsTest(fake)))
  })
})

// S54
describe("A removal of which one half failed", () => {
  it.effect("is not counted while the download stays in its client, and is finished later", () => {
    const fake = new FakeDownloads()
    fake.add("Bad.Movie", 1, stalled)
    const { remove } = fake.capability
    let refuses = true
    const mayRemove: typeof remove = (ids, options) => (refuses ? refuse(ids) : remove(ids, options))
    Object.assign(fake.capability, { remove: mayRemove })
    return Effect.gen(function* () {
      yield* connected
      yield* strikeRule({ action: { strikes: 1 } })
      yield* live(12)
      const report = yield* clean
      assert.deepStrictEqual([report.removed, fake.queue.size, fake.downloads.size], [0, 0, 1])
      assert.deepStrictEqual(fake.searched, [])
      assert.strictEqual((yield* actsOf("remove-download"))[0]?.state, "failed")
      refuses = false
      yield* live(180)
      yield* clean
      assert.strictEqual(fake.downloads.size, 0)
      assert.strictEqual((yield* actsOf("remove-download"))[0]?.state, "done")
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  it.effect("is finished in the queue if the download has left its client meanwhile", () => {
    const fake = new FakeDownloads()
    const one = fake.add("Bad.Movie", 1, stalled)
    const { remove } = fake.queueCapability
    // The application answers, and keeps the row.
    let keeps = true
    const mayKeep: typeof remove = (rowIds, options) => (keeps ? Effect.void : remove(rowIds, options))
    Object.assign(fake.queueCapability, { remove: mayKeep })
    return Effect.gen(function* () {
      yield* connected
      yield* strikeRule({ action: { strikes: 1 } })
      yield* live(12)
      assert.strictEqual((yield* clean).removed, 0)
      assert.deepStrictEqual([fake.downloads.has(one.id), fake.queue.size], [false, 1])
      keeps = false
      yield* live(180)
      yield* clean
      assert.strictEqual(fake.queue.size, 0)
      assert.strictEqual((yield* actsOf("remove-download"))[0]?.state, "done")
    }).pipe(Effect.provide(downloadsTest(fake)))
  })
})

// S52
describe("A client that keeps the files of what it removes", () => {
  it.effect("is not asked to free space: a goal that removes data is refused, and says why", () => {
    const fake = new FakeSeeder()
    fake.cannot({ removesData: false })
    fake.seed("Film", 1)
    return Effect.gen(function* () {
      yield* seedingConnected
      yield* seedingRule("seed", { ratio: 1, reached: "remove-with-data" })
      yield* live(2)
      yield* tend
      assert.strictEqual(yield* saidOf("Film"), "refused")
      assert.deepStrictEqual(fake.sent, [])
    }).pipe(Effect.provide(downloadsTest(fake)))
  })
})
