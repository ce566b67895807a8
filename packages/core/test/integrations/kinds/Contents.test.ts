/** Episodes and files of one whole, from recorded answers and from rows that cannot be read. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { lidarr } from "../../../src/integrations/kinds/lidarr.ts"
import { readarr } from "../../../src/integrations/kinds/readarr.ts"
import { sonarr } from "../../../src/integrations/kinds/sonarr.ts"
import { whisparr } from "../../../src/integrations/kinds/whisparr.ts"
import type { Contents, ContentsList } from "../../../src/integrations/Observations.ts"
import { type Answers, connect } from "../support/FakeUpstream.ts"
import { fixture, hasShared } from "../support/Shared.ts"

const config = { apiKey: "0123456789abcdef" }

const readOf = Effect.fnUntraced(function* <L extends ContentsList>(
  kind: typeof sonarr,
  list: L,
  externalId: string,
  answers: Answers
) {
  const fake = yield* connect(kind, config, answers)
  const read = fake.connected.contents?.[list]
  if (read === undefined) return yield* Effect.die(new Error(`no ${list}`))
  const whole = { externalId, kind: kind.itemKinds[0]!, path: "/data/It" }
  const value = (yield* read(whole)) as Contents[L]
  return { value, sent: fake.sent.map(({ path, query }) => `${path}?${query}`) }
})

const asList = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [value])

describe.skipIf(!hasShared)("recorded contents", () => {
  it.effect("become episodes without invented values", () =>
    Effect.gen(function* () {
      const { sent, value } = yield* readOf(sonarr, "episodes", "7", () =>
        asList(fixture("sonarr/aiopyarr/episode.json"))
      )
      assert.deepStrictEqual(sent, ["/api/v3/episode?seriesId=7"])
      const [episode] = value
      assert.deepInclude(episode, { airsAt: "2009-09-18T02:00:00.000Z", hasFile: true, title: "string", fileId: null })
    })
  )

  it.effect("become files of the version that knows one language and no custom formats", () =>
    Effect.gen(function* () {
      const { sent, value } = yield* readOf(sonarr, "files", "7", () =>
        asList(fixture("sonarr/aiopyarr/episodefile.json"))
      )
      assert.deepStrictEqual(sent, ["/api/v3/episodefile?seriesId=7"])
      const [file] = value
      assert.deepInclude(file, {
        partExternalId: "7:s0",
        cutoffMet: false,
        languages: ["string"],
        addedAt: "2019-05-19T05:33:25.295Z"
      })
      assert.isUndefined(file?.customFormatScore)
    })
  )

  for (const [kind, file, path] of [
    [lidarr, "lidarr/aiopyarr/trackfile.json", "/api/v1/trackfile?artistId=7"],
    [readarr, "readarr/aiopyarr/book-file.json", "/api/v1/bookfile?authorId=7"]
  ] as const) {
    it.effect(`become files of ${kind.title} that belong to no part while their number is 0`, () =>
      Effect.gen(function* () {
        const { sent, value } = yield* readOf(kind, "files", "7", () => asList(fixture(file)))
        assert.deepStrictEqual(sent, [path])
        assert.deepInclude(value[0], { partExternalId: null, path: "string" })
        assert.isBoolean(value[0]?.cutoffMet)
      })
    )
  }
})

describe("contents with faults", () => {
  const episode = { id: 1, seriesId: 7, seasonNumber: 2, episodeNumber: 3, airDateUtc: "2020-01-01T00:00:00Z" }

  it.effect("of a field cost that field", () =>
    Effect.gen(function* () {
      const rows = [
        { ...episode, airDateUtc: 5, monitored: "often", hasFile: true },
        { ...episode, id: 2, airDateUtc: null, monitored: true, hasFile: false },
        { ...episode, id: 3, monitored: true, hasFile: true, episodeFileId: 9 }
      ]
      const { value } = yield* readOf(sonarr, "episodes", "7", () => rows)
      const told = value.map(({ airsAt, fileId, hasFile, monitored }) => ({ airsAt, fileId, hasFile, monitored }))
      assert.deepStrictEqual(told, [
        { airsAt: undefined, fileId: null, hasFile: true, monitored: undefined },
        { airsAt: null, fileId: null, hasFile: false, monitored: true },
        { airsAt: "2020-01-01T00:00:00.000Z", fileId: "9", hasFile: true, monitored: true }
      ])
    })
  )

  it.effect("of a record that cannot be identified fail the reading", () =>
    Effect.gen(function* () {
      const rows = [episode, episode, { ...episode, id: 2, seasonNumber: "second" }]
      const error = yield* Effect.flip(readOf(sonarr, "episodes", "7", () => rows))
      assert.strictEqual(error._tag, "UpstreamMalformed")
    })
  )

  it.effect("have a day and no number in an application that does not number its episodes", () =>
    Effect.gen(function* () {
      const rows = [{ id: 1, seriesId: 7, seasonNumber: 2023, releaseDate: "2023-05-06", hasFile: false }]
      const { value } = yield* readOf(whisparr, "episodes", "7", () => rows)
      assert.deepInclude(value[0], { number: null, airsAt: "2023-05-06T00:00:00.000Z", seasonNumber: 2023 })
    })
  )

  it.effect("of a path are completed below the folder of the whole", () =>
    Effect.gen(function* () {
      const rows = [{ id: 4, seriesId: 7, seasonNumber: 1, relativePath: "Season 1/e.mkv", size: 5 }]
      const { value } = yield* readOf(sonarr, "files", "7", () => rows)
      assert.deepInclude(value[0], { path: "/data/It/Season 1/e.mkv", fileId: "4", partExternalId: "7:s1" })
      assert.isUndefined(value[0]?.cutoffMet)
    })
  )
})
