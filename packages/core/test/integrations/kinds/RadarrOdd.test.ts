/** What can be read from Radarr although a record is faulty or incomplete. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { radarr } from "../../../src/integrations/kinds/radarr.ts"
import { OddRecords } from "../../../src/integrations/OddRecords.ts"
import { connect, read } from "../support/FakeUpstream.ts"
import { movie } from "./ArrAnswers.ts"
import { config, fileFacts, library } from "./RadarrLibrary.ts"

describe("Faulty movies of Radarr", () => {
  it.effect("are counted if they cannot be identified, and fail the reading if they are most of the list", () =>
    Effect.gen(function* () {
      const odd = new OddRecords()
      const one = yield* connect(radarr, config, library([movie(1), movie(2, { title: null })]))
      assert.strictEqual((yield* read(one, "catalog", odd)).length, 1)
      assert.strictEqual(odd.unidentified, 1)
      assert.match(odd.told[0]?.record ?? "", /record 2 of GET api\/v3\/movie/)
      const most = yield* connect(radarr, config, library([movie(1), movie(2, { title: null }), movie(3, { id: "x" })]))
      assert.strictEqual((yield* Effect.flip(read(most, "catalog")))._tag, "UpstreamMalformed")
    })
  )

  const oddFields: ReadonlyArray<
    [name: string, changes: Record<string, unknown>, untold: ReadonlyArray<string>, facts?: Record<string, unknown>]
  > = [
    ["tags that are no list, since one of them may protect", { tags: "keep" }, ["tags"]],
    ["one tag that is no number", { tags: [1, { id: 2 }] }, ["tags"]],
    [
      "a rating in words",
      { ratings: { imdb: { value: "seven" }, tmdb: { value: 6.5 } } },
      ["rating", "ratingImdb", "ratingVotes", "votesImdb"]
    ],
    ["a path that is an object", { path: { path: "/x" } }, ["path", "rootFolder"]],
    [
      "a file size as text and no other",
      { sizeOnDisk: "large", movieFile: { dateAdded: "2021-06-07T08:09:10Z" } },
      ["sizeBytes", ...fileFacts]
    ],
    ["0 bytes with a file", { sizeOnDisk: 0, movieFile: { ...movie(1).movieFile, size: 0 } }, ["sizeBytes"]],
    ["a flag in words", { monitored: "perhaps" }, ["monitored"]],
    ["neither tags nor a flag", { monitored: undefined, tags: null }, ["monitored", "tags"]],
    ["a date that is a list", { inCinemas: [] }, ["releasedAt", "inCinemasAt"]],
    ["votes that are no number", { ratings: { imdb: { value: 7.5, votes: "many" } } }, ["ratingVotes", "votesImdb"]],
    ["a rating by Trakt in words", { ratings: { trakt: { value: "good" } } }, ["ratingTrakt", "votesTrakt"]],
    [
      "the day of a file in the year 1",
      { movieFile: { ...movie(1).movieFile, dateAdded: "0001-01-01T00:00:00Z" } },
      ["fileAddedAt"]
    ],
    [
      "a file without media information",
      { movieFile: { ...movie(1).movieFile, mediaInfo: null } },
      ["videoCodec", "audioCodec", "hdr", "bitrate"]
    ],
    [
      "numbers and flags as text",
      { sizeOnDisk: "4000000000", year: "2001", monitored: "true", tags: ["1"] },
      [],
      { tags: ["keep"], monitored: true }
    ],
    ["a status that is not known to this version", { status: "rumoured", minimumAvailability: "someday" }, []]
  ]
  for (const [name, changes, untold, facts = {}] of oddFields) {
    it.effect(`${name}: unknown is ${untold.join(", ") || "nothing"}`, () =>
      Effect.gen(function* () {
        const fake = yield* connect(radarr, config, library([movie(1, changes), movie(2), movie(3)]))
        const items = yield* read(fake, "catalog")
        assert.strictEqual(items.length, 3)
        assert.deepStrictEqual(Object.keys(items[0]?.untold ?? {}).toSorted(), untold.toSorted())
        assert.deepInclude(items[0]?.facts, facts)
        assert.isUndefined(items[1]?.untold)
      })
    )
  }

  it.effect("do not vanish if they do not show whether they have a file", () =>
    Effect.gen(function* () {
      const odd = new OddRecords()
      const fake = yield* connect(
        radarr,
        config,
        library([
          movie(1, { hasFile: {}, sizeOnDisk: 0, movieFile: null }),
          movie(2, { hasFile: {} }),
          movie(3),
          movie(4),
          movie(5)
        ])
      )
      const items = yield* read(fake, "catalog", odd)
      assert.deepStrictEqual(
        items.map((item) => item.externalId),
        ["2", "3", "4", "5"]
      )
      assert.strictEqual(odd.unidentified, 1, "so that the carry-over keeps what was there")
    })
  )

  it.effect("have no ids if one cannot be read, so that the others are not used for another film", () =>
    Effect.gen(function* () {
      const fake = yield* connect(radarr, config, library([movie(1, { tmdbId: "sixhundred" }), movie(2), movie(3)]))
      assert.deepStrictEqual((yield* read(fake, "catalog"))[0]?.ids, [])
    })
  )

  it.effect("have a later file date after an upgrade, but the same date of addition", () =>
    Effect.gen(function* () {
      const movieFile = { ...movie(1).movieFile, dateAdded: "2026-11-28T00:00:00Z" }
      const fake = yield* connect(radarr, config, library([movie(1, { movieFile })]))
      const [item] = yield* read(fake, "catalog")
      assert.strictEqual(item?.facts.addedAt, "2020-01-02T03:04:05.000Z")
      assert.strictEqual(item?.facts.fileAddedAt, "2026-11-28T00:00:00.000Z")
    })
  )

  it.effect("have the path of their file below their folder, in the same notation", () =>
    Effect.gen(function* () {
      const below = { path: undefined, relativePath: "Movie.mkv" }
      const fake = yield* connect(
        radarr,
        config,
        library([
          movie(1, { movieFile: { ...movie(1).movieFile, ...below } }),
          movie(2, { path: "D:\\Movies\\Two\\", movieFile: { ...movie(1).movieFile, ...below } })
        ])
      )
      assert.deepStrictEqual(
        (yield* read(fake, "catalog")).map((item) => item.filePath),
        ["/data/movies/Movie 1 (2001)/Movie.mkv", "D:\\Movies\\Two\\Movie.mkv"]
      )
    })
  )

  it.effect("have unknown tags if the name of one of them cannot be read", () =>
    Effect.gen(function* () {
      const names = [
        { id: 1, label: "keep" },
        { id: 12, label: { text: "kids" } },
        { id: 13, label: 2024 }
      ]
      const fake = yield* connect(radarr, config, (sent) =>
        sent.path === "/api/v3/tag"
          ? names
          : library([movie(1), movie(2, { tags: [1, 12] }), movie(3, { tags: [13] })])(sent)
      )
      const items = yield* read(fake, "catalog")
      assert.deepStrictEqual(
        items.map((item) => item.untold === undefined),
        [true, false, true]
      )
      assert.hasAllKeys(items[1]?.untold, ["tags"])
      assert.deepStrictEqual(items[2]?.facts.tags, ["2024"])
    })
  )
})
