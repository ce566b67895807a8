import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { RemovalTarget } from "../../../src/integrations/Kind.ts"
import { sonarr } from "../../../src/integrations/kinds/sonarr.ts"
import { type Answers, connect, read } from "../support/FakeUpstream.ts"
import { plain, season, series } from "./ArrAnswers.ts"
import { config, library, seasonOne, show } from "./SonarrLibrary.ts"

describe("The catalog of Sonarr", () => {
  it.effect("contains a show and each season that has files, including specials", () =>
    Effect.gen(function* () {
      const fake = yield* connect(sonarr, config, library([series(5)]))
      const items = yield* read(fake, "catalog")
      assert.deepStrictEqual(
        items.map((item) => [item.externalId, item.kind, item.parentExternalId, item.title, item.sizeBytes]),
        [
          ["5", "show", null, "Show 5", 16_000_000_000],
          ["5:s0", "season", "5", "Show 5 - Specials", 2_000_000_000],
          ["5:s1", "season", "5", "Show 5 - Season 1", 10_000_000_000],
          ["5:s3", "season", "5", "Show 5 - Season 3", 4_000_000_000]
        ]
      )
      const [whole, specials, first, third] = items
      assert.deepStrictEqual(whole?.ids, ["tvdb:1005", "tmdb-show:2005", "imdb:tt100005"])
      assert.deepStrictEqual(first?.ids, whole?.ids)
      assert.strictEqual(whole?.posterUrl, null, "the application's own copy needs its key")
      assert.deepStrictEqual(whole?.facts, {
        monitored: true,
        qualityProfile: "HD-1080p",
        tags: ["keep", "#99"],
        genres: ["Comedy"],
        rating: 8.1,
        addedAt: "2019-01-01T00:00:00.000Z",
        releasedAt: "2010-01-01T00:00:00.000Z",
        language: "English",
        showStatus: "ended",
        seasonCount: 3,
        seriesType: "standard",
        episodeCount: 16,
        missingEpisodes: 24,
        unairedEpisodes: 0,
        onAir: false,
        studio: "A Network",
        runtimeMinutes: 25,
        contentRating: "TV-14"
      })
      assert.strictEqual(first?.facts.seasonNumber, 1)
      assert.strictEqual(first?.facts.episodeCount, 10)
      assert.strictEqual(first?.facts.releasedAt, "2010-01-01T00:00:00.000Z", "the first season begins with the show")
      assert.isFalse("releasedAt" in (third?.facts ?? {}), "other shows have only the date of the last episode")
      assert.strictEqual(first?.wholeTitle, "Show 5")
      assert.strictEqual(specials?.facts.seasonNumber, 0)
      assert.isTrue(items.every((item) => item.untold === undefined))
      assert.strictEqual(first?.facts.monitored, true)
      assert.strictEqual(third?.facts.monitored, false)
    })
  )

  it.effect("treats a season of a show that is not monitored as not monitored", () =>
    Effect.gen(function* () {
      const fake = yield* connect(sonarr, config, library([series(5, { monitored: false })]))
      const items = yield* read(fake, "catalog")
      assert.isTrue(items.every((item) => item.facts.monitored === false))
    })
  )

  it.effect("contains a show without files, and adds up seasons if the show has no total", () =>
    Effect.gen(function* () {
      const empty = series(6, { statistics: { episodeFileCount: 0, sizeOnDisk: 0 }, seasons: [season(1, 0)] })
      const plain = series(7, { statistics: null, seasons: [season(0, 2), season(1, 3)] })
      const fake = yield* connect(sonarr, config, library([empty, plain]))
      const items = yield* read(fake, "catalog")
      assert.deepStrictEqual(
        items.map((item) => [item.externalId, item.sizeBytes, item.facts.episodeCount]),
        [
          ["6", 0, 0],
          ["7", 5_000_000_000, 5],
          ["7:s0", 2_000_000_000, 2],
          ["7:s1", 3_000_000_000, 3]
        ]
      )
    })
  )
})

describe("The presence check of Sonarr", () => {
  const presenceOf = (target: RemovalTarget, answer: unknown) =>
    Effect.gen(function* () {
      const fake = yield* connect(
        sonarr,
        config,
        plain(library([], (sent) => (sent.path === "/api/v3/series/5" ? answer : undefined)))
      )
      return yield* fake.connected.removal!.presence(target)
    })

  it.effect("treats a show as absent after a 404, and a season also if it has no files left", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* presenceOf(show, undefined))._tag, "Absent")
      assert.strictEqual((yield* presenceOf(seasonOne, undefined))._tag, "Absent")
      assert.strictEqual((yield* presenceOf(seasonOne, series(5, { seasons: [season(1, 0)] })))._tag, "Absent")
      assert.strictEqual((yield* presenceOf(seasonOne, series(5, { seasons: [season(2, 3)] })))._tag, "Absent")
      assert.strictEqual((yield* presenceOf(show, series(5, { seasons: [season(1, 0)] })))._tag, "Present")
    })
  )

  it.effect("does not treat a season without file counts as absent", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(
        presenceOf(seasonOne, series(5, { seasons: [{ seasonNumber: 1, monitored: true }] }))
      )
      assert.strictEqual(error._tag, "UpstreamMalformed")
    })
  )

  it.effect("returns the size of an existing season and the ids of its show", () =>
    Effect.gen(function* () {
      const presence = yield* presenceOf(seasonOne, series(5, { tvdbId: 4 }))
      assert.strictEqual(presence._tag, "Present")
      if (presence._tag !== "Present") return
      assert.strictEqual(presence.sizeBytes, 10_000_000_000)
      assert.include(presence.ids, "tvdb:4")
    })
  )
})

describe("A removal from Sonarr", () => {
  const connected = (answers: Answers) => connect(sonarr, config, answers)

  it.effect("deletes a show with one DELETE", () =>
    Effect.gen(function* () {
      const fake = yield* connected(() => ({}))
      yield* fake.connected.removal!.remove(show, { addImportExclusion: true })
      assert.deepStrictEqual(fake.calls(), ["DELETE /api/v3/series/5"])
      assert.deepStrictEqual(Object.fromEntries(fake.sent[0]!.query), {
        deleteFiles: "true",
        addImportListExclusion: "true"
      })
    })
  )

  it.effect("unmonitors a season before its files are deleted, and changes nothing else of the show", () =>
    Effect.gen(function* () {
      const before = series(5)
      const fake = yield* connected((sent) => {
        if (sent.method === "GET" && sent.path === "/api/v3/series/5") return before
        if (sent.path === "/api/v3/episodefile") {
          return [
            { id: 31, seriesId: 5, seasonNumber: 1, size: 5 },
            { id: 32, seriesId: 5, seasonNumber: 3, size: 5 },
            { id: 33, seriesId: 5, seasonNumber: 1, size: 5 }
          ]
        }
        return {}
      })
      yield* fake.connected.removal!.remove(seasonOne, { addImportExclusion: true })
      assert.deepStrictEqual(fake.calls(), [
        "GET /api/v3/series/5",
        "PUT /api/v3/series/5",
        "GET /api/v3/episodefile",
        "DELETE /api/v3/episodefile/bulk"
      ])
      assert.deepStrictEqual(fake.sent[1]?.body, {
        ...before,
        seasons: before.seasons.map((one) => (one.seasonNumber === 1 ? { ...one, monitored: false } : one))
      })
      assert.strictEqual(fake.sent[2]?.query.get("seriesId"), "5")
      assert.deepStrictEqual(fake.sent[3]?.body, { episodeFileIds: [31, 33] })
    })
  )

  it.effect("deletes no file if the season could not be unmonitored", () =>
    Effect.gen(function* () {
      const fake = yield* connected((sent) =>
        sent.method === "GET" ? series(5) : Response.json({ message: "database is locked" }, { status: 500 })
      )
      yield* Effect.flip(fake.connected.removal!.remove(seasonOne, { addImportExclusion: true }))
      assert.deepStrictEqual(fake.calls(), ["GET /api/v3/series/5", "PUT /api/v3/series/5"])
    })
  )

  it.effect("deletes nothing if the season has no files", () =>
    Effect.gen(function* () {
      const fake = yield* connected((sent) => (sent.path === "/api/v3/episodefile" ? [] : series(5)))
      yield* fake.connected.removal!.remove(seasonOne, { addImportExclusion: true })
      assert.isFalse(fake.calls().some((call) => call.startsWith("DELETE")))
    })
  )

  for (const externalId of ["5:s", "5:sx", "5:s-1", ":s1", "5:s1/../..", "5:s1:s2x"]) {
    it.effect(`sends nothing for the id "${externalId}"`, () =>
      Effect.gen(function* () {
        const fake = yield* connected(() => ({}))
        yield* Effect.flip(fake.connected.removal!.remove({ ...seasonOne, externalId }, { addImportExclusion: true }))
        assert.deepStrictEqual(fake.calls(), [])
      })
    )
  }
})

describe("A restore in Sonarr", () => {
  const keptOf = (target: RemovalTarget, changes: Record<string, unknown> = {}) =>
    Effect.gen(function* () {
      const fake = yield* connect(
        sonarr,
        config,
        plain(() => series(5, changes))
      )
      const presence = yield* fake.connected.removal!.presence(target)
      const kept: unknown = presence._tag === "Present" ? JSON.parse(JSON.stringify(presence.restore)) : undefined
      return kept
    })

  it.effect("adds a show again with the seasons that were monitored, and starts a search", () =>
    Effect.gen(function* () {
      const kept = yield* keptOf(show, { monitorNewItems: "none", languageProfileId: 1 })
      const fake = yield* connect(sonarr, config, (sent) => {
        switch (`${sent.method} ${sent.path}`) {
          case "GET /api/v3/series":
            return []
          case "GET /api/v3/importlistexclusion":
            return [
              { id: 1, tvdbId: 1005, title: "Show 5" },
              { id: 2, tvdbId: 6, title: "Other" }
            ]
          case "POST /api/v3/series":
            return Response.json({ id: 88 }, { status: 201 })
          default:
            return {}
        }
      })
      assert.deepStrictEqual(yield* fake.connected.removal!.restore(kept), { externalId: "88" })
      assert.deepStrictEqual(fake.calls(), [
        "GET /api/v3/series",
        "GET /api/v3/importlistexclusion",
        "DELETE /api/v3/importlistexclusion/1",
        "POST /api/v3/series"
      ])
      assert.deepStrictEqual(fake.sent[3]?.body, {
        tvdbId: 1005,
        title: "Show 5",
        year: 2010,
        qualityProfileId: 4,
        languageProfileId: 1,
        rootFolderPath: "/data/tv",
        monitored: true,
        monitorNewItems: "none",
        seasonFolder: true,
        seriesType: "standard",
        tags: [1, 99],
        seasons: [
          { seasonNumber: 0, monitored: true },
          { seasonNumber: 1, monitored: true },
          { seasonNumber: 2, monitored: true },
          { seasonNumber: 3, monitored: false }
        ],
        addOptions: { searchForMissingEpisodes: true }
      })
    })
  )

  it.effect("monitors a season again and searches for it", () =>
    Effect.gen(function* () {
      const kept = yield* keptOf(seasonOne)
      const now = series(5, { seasons: [season(1, 0, { monitored: false }), season(3, 4)] })
      const fake = yield* connect(sonarr, config, (sent) => (sent.method === "GET" ? now : {}))
      assert.deepStrictEqual(yield* fake.connected.removal!.restore(kept), { externalId: "5:s1" })
      const changes = fake.sent.filter((sent) => sent.method !== "GET")
      assert.deepStrictEqual(
        changes.map((sent) => `${sent.method} ${sent.path}`),
        ["PUT /api/v3/series/5", "POST /api/v3/command"]
      )
      assert.deepStrictEqual(changes[0]?.body, { ...now, seasons: [season(1, 0, { monitored: true }), season(3, 4)] })
      assert.deepStrictEqual(changes[1]?.body, { name: "SeasonSearch", seriesId: 5, seasonNumber: 1 })
    })
  )

  it.effect("does not change another show that has the id of the old one, and adds the old one again", () =>
    Effect.gen(function* () {
      const kept = yield* keptOf(seasonOne)
      const fake = yield* connect(sonarr, config, ({ method, path }) => {
        if (method === "POST" && path.endsWith("/series")) return { id: 9 }
        if (path.endsWith("/series/5")) return series(5, { tvdbId: 31337 })
        return path.endsWith("/series") || path.endsWith("/importlistexclusion") ? [] : {}
      })
      assert.deepStrictEqual(yield* fake.connected.removal!.restore(kept), { externalId: "9:s1" })
      const changes = fake.sent.filter((sent) => sent.method !== "GET").map((sent) => `${sent.method} ${sent.path}`)
      assert.deepStrictEqual(changes, ["POST /api/v3/series"])
    })
  )
})
