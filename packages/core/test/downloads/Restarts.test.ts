/** Downloads after Tendarr, a client or both were started again. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Downloads } from "../../src/downloads/Downloads.ts"
import { DownloadViews } from "../../src/downloads/DownloadViews.ts"
import {
  clean,
  connected,
  downloadsTest,
  FakeDownloads,
  live,
  processes,
  stalled,
  strikeRule
} from "./FakeDownloads.ts"
import { block, blocking, listed } from "./malware/Blocking.ts"

const runs = (count: number) =>
  Effect.gen(function* () {
    for (let run = 0; run < count; run++) {
      yield* live(12)
      yield* clean
    }
  })

describe("After a start", () => {
  it.effect("nothing is concluded from what the database has of a client that does not answer", () => {
    const fake = new FakeDownloads()
    fake.add("Bad.Movie", 1, stalled)
    return processes(
      fake,
      Effect.gen(function* () {
        yield* connected
        yield* live(30)
        yield* strikeRule()
      }),
      Effect.gen(function* () {
        fake.down.add("client")
        yield* runs(4)
        const downloads = yield* Downloads
        const [one] = yield* downloads.current
        assert.strictEqual(one?.strikes, 0)
        const detail = yield* Effect.orDie(Effect.flatMap(DownloadViews, (views) => views.get(one?.id ?? "")))
        assert.strictEqual(detail.verdict.outcome, "held")
        fake.down.clear()
        yield* live(1)
        yield* clean
        assert.deepStrictEqual(fake.sent, [])
      })
    )
  })

  it.effect("a client that lists less than before is not believed at once, though it says nothing of its start", () => {
    const fake = new FakeDownloads()
    fake.client = { ...fake.client, epoch: null }
    for (const name of ["One", "Two", "Three"]) fake.add(name, 1)
    const all = [...fake.downloads]
    return processes(
      fake,
      Effect.gen(function* () {
        yield* connected
        yield* live(30)
      }),
      Effect.gen(function* () {
        fake.downloads.delete("two".padEnd(40, "0"))
        const downloads = yield* Downloads
        yield* live(2)
        assert.match((yield* downloads.unread) ?? "", /started|restarted/)
        fake.downloads.clear()
        for (const [id, one] of all) fake.downloads.set(id, one)
        yield* live(6)
        assert.isNull(yield* downloads.unread)
        assert.lengthOf(yield* downloads.current, 3)
      })
    )
  })

  it.effect("a client that was started again at the same time has its time to settle", () => {
    const fake = new FakeDownloads()
    fake.add("Bad.Movie", 1, stalled)
    return processes(
      fake,
      Effect.gen(function* () {
        yield* connected
        yield* live(30)
        yield* strikeRule({ action: { strikes: 1 } })
      }),
      Effect.gen(function* () {
        fake.client = { ...fake.client, epoch: "2" }
        yield* live(2)
        yield* clean
        assert.deepStrictEqual(fake.sent, [])
        yield* live(10)
        yield* clean
        assert.strictEqual(fake.downloads.size, 0)
      })
    )
  })
})

describe("A download that comes back", () => {
  it.effect("after it was removed has its whole time again", () => {
    const fake = new FakeDownloads()
    const bad = fake.add("Bad.Movie", 1, stalled)
    return Effect.gen(function* () {
      yield* connected
      yield* live(60)
      fake.downloads.delete(bad.id)
      yield* live(2)
      fake.downloads.set(bad.id, bad)
      yield* strikeRule({ action: { strikes: 1 } })
      yield* live(4)
      yield* clean
      assert.deepStrictEqual(fake.sent, [])
      yield* live(4)
      yield* clean
      assert.strictEqual(fake.downloads.size, 0)
    }).pipe(Effect.provide(downloadsTest(fake)))
  })
})

describe("After a start, malware blocking", () => {
  const film = (fake: FakeDownloads) => {
    const one = fake.add("Some.Movie", 1)
    fake.hold(one, "film.mkv", "setup.exe")
    return one
  }

  it.effect("knows which files it deselected, so that one that a person selects again stays selected", () => {
    const fake = new FakeDownloads()
    const one = film(fake)
    return processes(
      fake,
      Effect.andThen(blocking(), Effect.andThen(listed(), block)),
      Effect.gen(function* () {
        fake.select(one, [1], true)
        yield* live(1)
        yield* block
        yield* live(1)
        yield* block
        assert.deepStrictEqual(fake.sent, ["client: deselect 1 of Some.Movie"])
      })
    )
  })

  it.effect("does not read again what it has read before", () => {
    const fake = new FakeDownloads()
    film(fake)
    return processes(
      fake,
      Effect.gen(function* () {
        yield* blocking()
        yield* listed()
        yield* block
        yield* live(1)
        yield* block
        fake.asked.length = 0
      }),
      Effect.gen(function* () {
        yield* live(1)
        assert.deepInclude(yield* block, { read: 0, unread: 0 })
        assert.deepStrictEqual(fake.asked, [])
      })
    )
  })

  it.effect("removes what was planned before only after it has read the client and the files again", () => {
    const fake = new FakeDownloads()
    const one = fake.add("Fake.Movie", 1)
    fake.hold(one, "film.exe")
    return processes(
      fake,
      Effect.andThen(blocking(), block),
      Effect.gen(function* () {
        yield* live(12)
        fake.hold(one, "film.mkv")
        yield* block
        assert.deepStrictEqual(fake.sent, [])
      })
    )
  })
})
