/** What must not repeat itself: removals that a person has cancelled, acts without an effect, runs at the same time, searches. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { Acts } from "../../src/acts/Acts.ts"
import { Downloads } from "../../src/downloads/Downloads.ts"
import { clean, connected, downloadsTest, FakeDownloads, live, stalled, strikeRule } from "./FakeDownloads.ts"

const acts = Effect.flatMap(Acts, (service) =>
  Effect.map(Effect.orDie(service.page({ kind: "remove-download" })), ({ items }) => items)
)
const targets = [{ kind: "movie", wholeId: "1" }] as const

describe("The removal of a download", () => {
  it.effect("is not planned again after a person has cancelled it", () => {
    const fake = new FakeDownloads()
    fake.add("Bad.Movie", 1, stalled)
    return Effect.gen(function* () {
      yield* connected
      yield* strikeRule({ action: { strikes: 1 } })
      yield* live(12)
      // The request fails, so that the act waits for its next attempt.
      fake.lies = true
      yield* clean
      const [act] = yield* acts
      yield* Effect.orDie(Effect.flatMap(Acts, (service) => service.cancel(act?.id ?? "")))
      fake.lies = false
      fake.sent.length = 0
      for (let round = 0; round < 5; round++) {
        yield* live(12)
        yield* clean
      }
      assert.deepStrictEqual(fake.sent, [])
      assert.strictEqual((yield* acts).length, 1)
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  it.effect("is not planned if nothing is left to do: it is in no queue, and stays in its client", () => {
    const fake = new FakeDownloads()
    fake.add("Private.Movie", 1, { ...stalled, private: true })
    fake.queue.clear()
    return Effect.gen(function* () {
      yield* connected
      yield* strikeRule({ action: { strikes: 1 } })
      for (let round = 0; round < 5; round++) {
        yield* live(12)
        yield* clean
      }
      assert.deepStrictEqual(yield* acts, [])
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  it.effect(
    "is not carried out in the queue alone, if the download has left its client before anything was sent",
    () => {
      const fake = new FakeDownloads()
      const bad = fake.add("Bad.Movie", 1, stalled)
      return Effect.gen(function* () {
        yield* connected
        yield* strikeRule({ action: { strikes: 1 } })
        yield* live(12)
        // It is planned, and then waits until its client says whether it has it.
        fake.down.add("presence")
        yield* clean
        assert.strictEqual((yield* acts)[0]?.state, "planned")
        fake.downloads.delete(bad.id)
        fake.down.clear()
        yield* live(180)
        yield* clean
        assert.deepStrictEqual(fake.sent, [])
        assert.strictEqual(fake.queue.size, 1)
      }).pipe(Effect.provide(downloadsTest(fake)))
    }
  )
})

describe("Runs at the same time", () => {
  it.effect("give one strike, and start one search", () => {
    const fake = new FakeDownloads()
    fake.add("Bad.Movie", 1, stalled)
    return Effect.gen(function* () {
      yield* connected
      yield* strikeRule({ action: { strikes: 2 } })
      yield* live(12)
      yield* Effect.all([clean, clean, clean], { concurrency: 3 })
      const downloads = yield* Downloads
      assert.strictEqual((yield* downloads.current)[0]?.strikes, 1)
      yield* live(12)
      yield* Effect.all([clean, clean, clean], { concurrency: 3 })
      yield* Effect.all([clean, clean, clean], { concurrency: 3 })
      assert.strictEqual(fake.downloads.size, 0)
      assert.strictEqual(fake.searched.length, 1)
    }).pipe(Effect.provide(downloadsTest(fake)))
  })
})

describe("A search for another release", () => {
  it.effect("is not started while one is being fetched, or is held back by a delay profile", () => {
    const fake = new FakeDownloads()
    fake.add("Bad.Movie", 1, stalled)
    return Effect.gen(function* () {
      yield* connected
      yield* strikeRule({ action: { strikes: 1 } })
      yield* live(12)
      fake.enqueue("delayed", { downloadId: null, status: "delay", targets })
      assert.deepInclude(yield* clean, { removed: 1, searched: 0 })
      assert.deepStrictEqual(fake.searched, [])
    }).pipe(Effect.provide(downloadsTest(fake)))
  })

  it.effect("is started once for a title of which several downloads were removed", () => {
    const fake = new FakeDownloads()
    fake.add("Bad.Movie.One", 1, stalled)
    fake.add("Bad.Movie.Two", 1, stalled)
    return Effect.gen(function* () {
      yield* connected
      yield* strikeRule({ action: { strikes: 1 } })
      yield* live(12)
      assert.deepInclude(yield* clean, { removed: 2, searched: 1 })
      // The release that the search has found is being fetched.
      fake.add("Good.Movie", 1)
      yield* TestClock.adjust("7 hours")
      yield* live(1)
      yield* clean
      assert.strictEqual(fake.searched.length, 1)
    }).pipe(Effect.provide(downloadsTest(fake)))
  })
})
