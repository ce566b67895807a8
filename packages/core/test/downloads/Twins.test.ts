/** The same torrent in two clients, and several torrents over the same files. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlTest } from "../support/Sql.ts"
import {
  clean,
  connected,
  downloadsTest,
  FakeDownloads,
  live,
  stalled,
  strikeRule,
  withSeeder
} from "./FakeDownloads.ts"

const seeding = {
  state: "seeding",
  progress: 1,
  bytes: { wanted: 1e9, total: 1e9, left: 0, done: 1e9, uploaded: 0 }
} as const

const run = (loader: FakeDownloads, seeder: FakeDownloads) =>
  Effect.gen(function* () {
    yield* connected
    yield* withSeeder
    yield* strikeRule({ action: { strikes: 1 } })
    yield* live(12)
    yield* clean
  }).pipe(Effect.provide(downloadsTest(loader, SqlTest, seeder)))

describe("A torrent that two clients have", () => {
  const both = (clientName: string) => {
    const [loader, seeder] = [new FakeDownloads(), new FakeDownloads()]
    const one = loader.add("Movie", 1, stalled)
    loader.enqueue(one.id, { clientName, targets: [{ kind: "movie", wholeId: "1" }] })
    return { loader, seeder, one }
  }

  it.effect("is not removed where it stands still, if its application uses the other copy", () => {
    const { loader, one, seeder } = both("Seeder")
    seeder.downloads.set(one.id, { ...one, ...seeding, savePath: "/seeds", contentPath: "/seeds/Movie" })
    return Effect.gen(function* () {
      yield* run(loader, seeder)
      assert.deepStrictEqual([loader.sent, seeder.sent], [[], []])
    })
  })

  it.effect("is removed from the client that its application names, and from no other", () => {
    const { loader, one, seeder } = both("loader")
    seeder.downloads.set(one.id, { ...one, ...stalled, savePath: "/seeds", contentPath: "/seeds/Movie" })
    return Effect.gen(function* () {
      yield* run(loader, seeder)
      assert.deepStrictEqual(loader.sent, ["application: remove 2 and blocklist", "client: remove Movie with data"])
      assert.deepStrictEqual(seeder.sent, [])
    })
  })

  it.effect("is not removed at all if it is not known which copy is meant", () => {
    const { loader, one, seeder } = both("Torrents")
    seeder.downloads.set(one.id, one)
    return Effect.gen(function* () {
      yield* run(loader, seeder)
      assert.deepStrictEqual([loader.sent, seeder.sent], [[], []])
    })
  })
})

describe("A download whose files another one uses", () => {
  it.effect("is removed without them: the same folder of Windows in another case", () => {
    const loader = new FakeDownloads()
    loader.add("Movie", 1, { ...stalled, contentPath: "D:\\Torrents\\Movie" })
    loader.add("Cross.Seed", 2, { ...seeding, contentPath: "d:\\torrents\\movie" })
    return Effect.gen(function* () {
      yield* run(loader, new FakeDownloads())
      assert.deepStrictEqual(loader.sent, ["application: remove 1 and blocklist", "client: remove Movie"])
    })
  })

  const places = {
    "the same folder": "/downloads/Movie",
    "a file in it": "/downloads/Movie/movie.mkv",
    "the folder around it": "/downloads/"
  }
  for (const [where, contentPath] of Object.entries(places)) {
    it.effect(`is removed without them: ${where}`, () => {
      const loader = new FakeDownloads()
      loader.add("Movie", 1, stalled)
      loader.add("Cross.Seed", 2, { ...seeding, contentPath })
      return Effect.gen(function* () {
        yield* run(loader, new FakeDownloads())
        assert.deepStrictEqual(loader.sent, ["application: remove 1 and blocklist", "client: remove Movie"])
      })
    })
  }
})
