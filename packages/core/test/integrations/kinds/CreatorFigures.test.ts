import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { lidarr } from "../../../src/integrations/kinds/lidarr.ts"
import { readarr } from "../../../src/integrations/kinds/readarr.ts"
import { connect, read } from "../support/FakeUpstream.ts"
import { album, artist, author, book } from "./ArrAnswers.ts"

describe("The counts and dates of creators", () => {
  const factsOf = Effect.fnUntraced(function* (kind: typeof lidarr, lists: Record<string, ReadonlyArray<unknown>>) {
    const fake = yield* connect(kind, { apiKey: "k" }, (sent) => lists[sent.path.slice("/api/v1/".length)] ?? [])
    const items = yield* read(fake, "catalog")
    return items.map(({ facts, untold }) => ({ facts, untold: Object.keys(untold ?? {}) }))
  })

  it.effect("are those of an artist and of an album", () =>
    Effect.gen(function* () {
      const statistics = { trackFileCount: 7, trackCount: 10, totalTrackCount: 12, sizeOnDisk: 1_000 }
      const [whole, part] = yield* factsOf(lidarr, {
        artist: [artist(5, { ended: true, statistics: { ...statistics, albumCount: 3 } })],
        album: [album(31, 5, { statistics, albumType: "EP", secondaryTypes: [] })]
      })
      assert.deepInclude(whole?.facts, { ended: true, albumCount: 3, trackCount: 12, missingTracks: 3 })
      assert.deepInclude(whole?.facts, { latestReleaseAt: "2011-02-03T00:00:00.000Z", nextReleaseAt: null })
      assert.deepInclude(part?.facts, { trackCount: 12, missingTracks: 3, albumTypes: ["EP"] })
    })
  )

  it.effect("are those of an author and of a book, whose series have no numbers", () =>
    Effect.gen(function* () {
      const [whole, part] = yield* factsOf(readarr, { author: [author(5)], book: [book(31, 5)] })
      assert.deepInclude(whole?.facts, { ended: false, bookCount: 9, missingBooks: 1, latestReleaseAt: null })
      assert.strictEqual(whole?.facts.nextReleaseAt, "2031-02-03T00:00:00.000Z")
      assert.deepStrictEqual(part?.facts.bookSeries, ["Discworld", "Death"])
      const [, alone] = yield* factsOf(readarr, { author: [author(5)], book: [book(31, 5, { seriesTitle: "" })] })
      assert.deepStrictEqual(alone?.facts.bookSeries, [])
    })
  )

  it.effect("miss nothing of a creator that is not monitored", () =>
    Effect.gen(function* () {
      const statistics = { trackFileCount: 7, trackCount: 10, totalTrackCount: 12, sizeOnDisk: 1_000 }
      const [whole] = yield* factsOf(lidarr, { artist: [artist(5, { monitored: false, statistics })], album: [] })
      assert.strictEqual(whole?.facts.missingTracks, 0)
    })
  )

  it.effect("are unknown if the application does not report them", () =>
    Effect.gen(function* () {
      const bare = { trackFileCount: 7, sizeOnDisk: 1_000 }
      const [whole, part] = yield* factsOf(lidarr, {
        artist: [artist(5, { ended: null, lastAlbum: undefined, statistics: bare })],
        album: [album(31, 5, { albumType: undefined, statistics: bare })]
      })
      assert.includeMembers(whole?.untold ?? [], ["ended", "albumCount", "trackCount", "missingTracks"])
      assert.includeMembers(whole?.untold ?? [], ["latestReleaseAt", "nextReleaseAt"])
      assert.includeMembers(part?.untold ?? [], ["trackCount", "missingTracks", "albumTypes"])
      const [writer, written] = yield* factsOf(readarr, {
        author: [author(5, { statistics: { bookFileCount: 2, bookCount: 3, sizeOnDisk: 5 } })],
        book: [book(31, 5, { seriesTitle: undefined })]
      })
      assert.includeMembers(writer?.untold ?? [], ["bookCount", "missingBooks"])
      assert.includeMembers(written?.untold ?? [], ["bookSeries"])
    })
  )
})
