import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { radarr } from "../../../src/integrations/kinds/radarr.ts"
import { type Answers, connect, read } from "../support/FakeUpstream.ts"
import { diskspace, movie, plain, rootFolders, status } from "./ArrAnswers.ts"
import { config, fileFacts, library, target } from "./RadarrLibrary.ts"

describe("The catalog of Radarr", () => {
  it.effect("contains every movie that has a file, with its facts", () =>
    Effect.gen(function* () {
      const fake = yield* connect(radarr, config, library([movie(1), movie(2, { hasFile: false }), movie(3)]))
      const items = yield* read(fake, "catalog")
      assert.deepStrictEqual(
        items.map((item) => item.externalId),
        ["1", "3"]
      )
      assert.deepStrictEqual(items[0], {
        externalId: "1",
        kind: "movie",
        parentExternalId: null,
        title: "Movie 1",
        sortTitle: "movie 1",
        year: 2001,
        ids: ["tmdb-movie:601", "imdb:tt000001"],
        path: "/data/movies/Movie 1 (2001)",
        filePath: "/data/movies/Movie 1 (2001)/Movie 1.mkv",
        files: [
          {
            path: "/data/movies/Movie 1 (2001)/Movie 1.mkv",
            sizeBytes: 4_000_000_000,
            quality: "Bluray-1080p",
            releaseGroup: null,
            videoCodec: "x265",
            audioCodec: "EAC3 Atmos",
            subtitleLanguages: [],
            addedAt: "2021-06-07T08:09:10.000Z"
          }
        ],
        rootFolder: "/data/movies",
        sizeBytes: 4_000_000_000,
        posterUrl: "https://images.test/poster.jpg",
        collections: ["The Collection"],
        facts: {
          monitored: true,
          qualityProfile: "HD-1080p",
          qualityProfileId: 4,
          tags: ["keep"],
          genres: ["Drama", "Crime"],
          rating: 7.5,
          ratingImdb: 7.5,
          ratingTmdb: 6.5,
          ratingRottenTomatoes: 88,
          ratingTrakt: null,
          ratingMetacritic: null,
          ratingVotes: 10,
          votesImdb: 10,
          votesTmdb: null,
          votesTrakt: null,
          addedAt: "2020-01-02T03:04:05.000Z",
          fileAddedAt: "2021-06-07T08:09:10.000Z",
          releasedAt: "2001-05-01T00:00:00.000Z",
          inCinemasAt: "2001-05-01T00:00:00.000Z",
          digitalReleaseAt: null,
          physicalReleaseAt: "2001-11-01T00:00:00.000Z",
          language: "English",
          studio: "A Studio",
          runtimeMinutes: 101,
          contentRating: "PG-13",
          resolution: "1080p",
          videoCodec: "x265",
          audioCodec: "EAC3 Atmos",
          hdr: "hdr10+",
          bitrate: 5_640_000
        }
      })
      assert.isTrue(fake.sent.every((sent) => sent.headers.get("x-api-key") === config.apiKey))
    })
  )

  it.effect("has the rating of IMDb, else of TMDB, else none", () =>
    Effect.gen(function* () {
      const ratings = [
        { imdb: { value: 0 }, tmdb: { value: 6.1 } },
        { imdb: { value: 0 }, tmdb: { value: 0 } },
        { votes: 3, value: 5.5 },
        undefined
      ]
      const fake = yield* connect(
        radarr,
        config,
        library(ratings.map((one, index) => movie(index + 1, { ratings: one })))
      )
      const items = yield* read(fake, "catalog")
      assert.deepStrictEqual(
        items.map((item) => item.facts.rating),
        [6.1, null, 5.5, null]
      )
    })
  )

  it.effect("has the votes of each rating, and those of the main one", () =>
    Effect.gen(function* () {
      const trakt = { trakt: { value: 8.12, votes: 1_234 }, metacritic: { value: 71, votes: 0 } }
      const cases = [
        { imdb: { value: 7.1, votes: 900 }, tmdb: { value: 6.9, votes: 80 }, ...trakt },
        { imdb: { value: 0, votes: 900 }, tmdb: { value: 6.9, votes: 80 } },
        { votes: 3, value: 5.5 }
      ]
      const fake = yield* connect(radarr, config, library(cases.map((one, at) => movie(at + 1, { ratings: one }))))
      const [both, tmdb, old] = (yield* read(fake, "catalog")).map(({ facts }) => facts)
      assert.deepInclude(both, { ratingVotes: 900, votesImdb: 900, votesTmdb: 80, votesTrakt: 1_234 })
      assert.deepInclude(both, { ratingTrakt: 8.12, ratingMetacritic: 71 })
      assert.deepInclude(tmdb, { ratingVotes: 80, votesImdb: null, ratingTrakt: null, votesTrakt: null })
      assert.deepInclude(old, { rating: 5.5, ratingVotes: 3, votesTmdb: null })
    })
  )

  it.effect("treats nulls, empty texts and placeholder dates as absent", () =>
    Effect.gen(function* () {
      const bare = {
        id: 9,
        title: "Bare",
        hasFile: true,
        monitored: false,
        tmdbId: 0,
        imdbId: "",
        added: "0001-01-01T00:00:00Z",
        path: null,
        images: null,
        tags: null,
        collection: null,
        movieFile: null
      }
      const fake = yield* connect(radarr, config, library([bare]))
      const [item] = yield* read(fake, "catalog")
      assert.deepStrictEqual(item?.ids, [])
      assert.deepStrictEqual(item?.collections, [])
      assert.strictEqual(item?.facts.monitored, false)
      assert.hasAllKeys(item?.untold, ["tags", "sizeBytes", "addedAt", "fileAddedAt", ...fileFacts])
      assert.isNull(item?.filePath)
    })
  )

  it.effect("keeps the number of a tag that has no name", () =>
    Effect.gen(function* () {
      const fake = yield* connect(radarr, config, library([movie(1, { tags: [1, 12] })]))
      const [item] = yield* read(fake, "catalog")
      assert.deepStrictEqual(item?.facts.tags, ["keep", "#12"])
      assert.deepStrictEqual(fake.calls()[0], "GET /api/v3/movie", "items first, so that no new tag is missed")
    })
  )

  it.effect("contains the file of each movie, without undetermined properties", () =>
    Effect.gen(function* () {
      const mediaInfo = { audioLanguages: "eng / JPN/eng", subtitles: "eng/spa" }
      const scored = { customFormatScore: 25, releaseGroup: "GRP", languages: [{ id: 1, name: "English" }] }
      const movies = [
        { movieFile: { relativePath: "it.mkv", ...scored, customFormats: [{ id: 1 }], mediaInfo } },
        { movieFile: { ...scored, releaseGroup: "", mediaInfo: { audioLanguages: "", subtitles: "" } } },
        { movieFile: { customFormatScore: 0, quality: { quality: { name: "DVD" } } } },
        { movieFile: null }
      ]
      const fake = yield* connect(radarr, config, library(movies.map((given, index) => movie(index + 1, given))))
      const files = (yield* read(fake, "catalog")).map((item) => item.files?.[0])
      assert.deepInclude(files[0], {
        path: "/data/movies/Movie 1 (2001)/it.mkv",
        releaseGroup: "GRP",
        languages: ["English"],
        audioLanguages: ["eng", "jpn"],
        subtitleLanguages: ["eng", "spa"],
        customFormatScore: 25
      })
      assert.deepInclude(files[1], { releaseGroup: null, subtitleLanguages: [] })
      assert.doesNotHaveAnyKeys(files[1], ["audioLanguages", "customFormatScore"], "a score without formats is none")
      assert.deepInclude(files[2], { quality: "DVD", releaseGroup: null })
      assert.doesNotHaveAnyKeys(files[2], ["languages", "audioLanguages", "subtitleLanguages", "customFormatScore"])
      assert.isUndefined(files[3])
      assert.lengthOf(fake.sent, 3, "the same calls as without")
    })
  )

  const files: ReadonlyArray<[name: string, file: Record<string, unknown>, facts: Record<string, unknown>]> = [
    ["Dolby Vision", { mediaInfo: { videoDynamicRangeType: "DV HDR10" } }, { hdr: "dv" }],
    ["HLG", { mediaInfo: { videoDynamicRangeType: "HLG" } }, { hdr: "hlg" }],
    ["a file without HDR", { mediaInfo: { videoDynamicRange: "", videoDynamicRangeType: "" } }, { hdr: "none" }],
    ["HDR of an old version", { mediaInfo: { videoDynamicRange: "HDR" } }, { hdr: "hdr10" }],
    ["a file that was not looked into", { mediaInfo: null }, { hdr: null, videoCodec: null }],
    ["a wide picture without a quality", { mediaInfo: { resolution: "3840x1600" } }, { resolution: "2160p" }],
    ["an old picture", { mediaInfo: { resolution: "640x480" } }, { resolution: "480p" }],
    [
      "a bitrate by size and time",
      { size: 900_000_000, mediaInfo: { videoBitrate: 0, runTime: "1:00:00" } },
      { bitrate: 2_000_000 }
    ]
  ]
  for (const [name, movieFile, facts] of files) {
    it.effect(`understands ${name}`, () =>
      Effect.gen(function* () {
        const fake = yield* connect(radarr, config, library([movie(1, { movieFile })]))
        const [item] = yield* read(fake, "catalog")
        for (const [key, value] of Object.entries(facts)) {
          assert.deepStrictEqual(Reflect.get(item?.facts ?? {}, key), value, key)
        }
      })
    )
  }
})

describe("The disks and the probe of Radarr", () => {
  it.effect("return mounts and root folders", () =>
    Effect.gen(function* () {
      const fake = yield* connect(radarr, config, library([]))
      assert.deepStrictEqual(yield* read(fake, "disks"), {
        disks: [{ path: "/data", totalBytes: 1_000, freeBytes: 100 }],
        rootFolders: [
          { path: "/data/movies", accessible: true, freeBytes: 100 },
          { path: "/old", accessible: false, freeBytes: null }
        ]
      })
    })
  )

  it.effect(
    "accept numbers as text, and fail if a mount cannot be read, because its items would seem to be elsewhere",
    () =>
      Effect.gen(function* () {
        const answers =
          (disks: ReadonlyArray<unknown>): Answers =>
          (sent) =>
            sent.path === "/api/v3/diskspace" ? disks : library([])(sent)
        const text = yield* connect(radarr, config, answers([{ path: "/data", freeSpace: "100", totalSpace: "1000" }]))
        assert.deepStrictEqual((yield* read(text, "disks")).disks, [
          { path: "/data", totalBytes: 1_000, freeBytes: 100 }
        ])
        const odd = yield* connect(
          radarr,
          config,
          answers([...diskspace, { path: "/movies", freeSpace: null, totalSpace: 9 }])
        )
        assert.strictEqual((yield* Effect.flip(read(odd, "disks")))._tag, "UpstreamMalformed")
      })
  )

  it.effect("do not treat a root folder as accessible if that flag cannot be read", () =>
    Effect.gen(function* () {
      const folders = [{ ...rootFolders[0], accessible: "no" }, rootFolders[1], { path: "/third" }]
      const fake = yield* connect(radarr, config, (sent) =>
        sent.path === "/api/v3/rootfolder" ? folders : library([])(sent)
      )
      assert.deepStrictEqual(
        (yield* read(fake, "disks")).rootFolders.map((folder) => folder.accessible),
        [false, false, true]
      )
    })
  )

  it.effect("return name and version, and refuse another application", () =>
    Effect.gen(function* () {
      const fake = yield* connect(radarr, config, library([]))
      const probe = yield* fake.connected.probe
      assert.strictEqual(probe.appName, "Radarr")
      assert.strictEqual(probe.version, "5.2.6.8376")
      const other = yield* connect(radarr, config, () => status("Sonarr"))
      const error = yield* Effect.flip(other.connected.probe)
      assert.strictEqual(error._tag, "UpstreamMalformed")
      assert.include(error.detail, "this is Sonarr, not Radarr")
    })
  )
})

describe("A removal from Radarr", () => {
  const removal = (answers: Answers) =>
    Effect.map(connect(radarr, config, answers), (fake) => ({ fake, removal: fake.connected.removal! }))
  const withMovie = (changes: Record<string, unknown> = {}) =>
    plain(library([], (sent) => (sent.path === "/api/v3/movie/3" ? movie(3, changes) : undefined)))

  it.effect("reports an existing movie as present with its own ids, whatever was expected", () =>
    Effect.gen(function* () {
      const { removal: it } = yield* removal(withMovie({ tmdbId: 999 }))
      const presence = yield* it.presence(target)
      assert.strictEqual(presence._tag, "Present")
      if (presence._tag !== "Present") return
      assert.deepStrictEqual(presence.ids, ["tmdb-movie:999", "imdb:tt000003"])
      assert.strictEqual(presence.sizeBytes, 4_000_000_000)
      assert.strictEqual(presence.path, "/data/movies/Movie 3 (2001)")
    })
  )

  it.effect("treats a movie as absent only after the application itself has responded", () =>
    Effect.gen(function* () {
      const { fake, removal: it } = yield* removal(library([]))
      assert.deepStrictEqual(yield* it.presence(target), { _tag: "Absent" })
      assert.deepStrictEqual(fake.calls(), ["GET /api/v3/movie/3", "GET /api/v3/system/status", "GET /api/v3/movie/3"])
    })
  )

  const notAbsent: ReadonlyArray<[name: string, answers: Answers, tag: string]> = [
    ["a proxy's 404 for everything", () => new Response("404 page not found", { status: 404 }), "UpstreamRefused"],
    [
      "another application's 404",
      (sent) => (sent.path.endsWith("status") ? status("Sonarr") : undefined),
      "UpstreamMalformed"
    ],
    ["a wrong key", () => new Response(null, { status: 401 }), "UpstreamUnauthorized"],
    ["a server error", () => Response.json({ message: "database is locked" }, { status: 500 }), "UpstreamRefused"],
    [
      "a web page",
      () => new Response("<html></html>", { headers: { "content-type": "text/html" } }),
      "UpstreamMalformed"
    ],
    [
      "no answer",
      () => {
        throw new TypeError("fetch failed")
      },
      "UpstreamUnreachable"
    ]
  ]
  for (const [name, answers, tag] of notAbsent) {
    it.effect(`does not treat ${name} as absence`, () =>
      Effect.gen(function* () {
        const { removal: it } = yield* removal(answers)
        assert.strictEqual((yield* Effect.flip(it.presence(target)))._tag, tag)
      })
    )
  }

  it.effect("reports a movie as present that returns between two checks", () =>
    Effect.gen(function* () {
      let looks = 0
      const { removal: it } = yield* removal(
        plain(
          library([], (sent) => {
            if (sent.path !== "/api/v3/movie/3") return undefined
            looks += 1
            return looks === 1 ? undefined : movie(3)
          })
        )
      )
      assert.strictEqual((yield* it.presence(target))._tag, "Present")
    })
  )

  for (const addImportExclusion of [true, false]) {
    it.effect(`deletes the files with one DELETE (import exclusion ${addImportExclusion})`, () =>
      Effect.gen(function* () {
        const { fake, removal: it } = yield* removal(() => ({}))
        yield* it.remove(target, { addImportExclusion })
        assert.deepStrictEqual(fake.calls(), ["DELETE /api/v3/movie/3"])
        assert.deepStrictEqual(Object.fromEntries(fake.sent[0]!.query), {
          deleteFiles: "true",
          addImportExclusion: String(addImportExclusion)
        })
      })
    )
  }

  for (const externalId of ["", "0", "-1", "3/../../command", "3?x=1", "%33", "3 ", "1e3"]) {
    it.effect(`sends nothing for the id "${externalId}"`, () =>
      Effect.gen(function* () {
        const { fake, removal: it } = yield* removal(() => ({}))
        yield* Effect.flip(it.remove({ ...target, externalId }, { addImportExclusion: true }))
        yield* Effect.flip(it.presence({ ...target, externalId }))
        assert.deepStrictEqual(fake.calls(), [])
      })
    )
  }

  it.effect("can be restored from the stored data: the movie is added again as it was, and a search starts", () =>
    Effect.gen(function* () {
      const { removal: before } = yield* removal(
        withMovie({ monitored: false, minimumAvailability: "inCinemas", tags: [1, 2] })
      )
      const presence = yield* before.presence(target)
      if (presence._tag !== "Present") return assert.fail("it is there")
      const { fake, removal: it } = yield* removal((sent) => {
        switch (`${sent.method} ${sent.path}`) {
          case "GET /api/v3/movie":
            return []
          case "GET /api/v3/exclusions":
            return [
              { id: 11, tmdbId: 1, movieTitle: "Other" },
              { id: 12, tmdbId: 603, movieTitle: "Movie 3" }
            ]
          case "POST /api/v3/movie":
            return Response.json({ id: 77 }, { status: 201 })
          default:
            return {}
        }
      })
      // Restore data is stored as JSON in between.
      const kept: unknown = JSON.parse(JSON.stringify(presence.restore))
      assert.deepStrictEqual(yield* it.restore(kept), { externalId: "77" })
      assert.deepStrictEqual(fake.calls(), [
        "GET /api/v3/movie",
        "GET /api/v3/exclusions",
        "DELETE /api/v3/exclusions/12",
        "POST /api/v3/movie"
      ])
      assert.deepStrictEqual(fake.sent[3]?.body, {
        tmdbId: 603,
        title: "Movie 3",
        year: 2001,
        qualityProfileId: 4,
        rootFolderPath: "/data/movies",
        monitored: false,
        minimumAvailability: "inCinemas",
        tags: [1, 2],
        addOptions: { searchForMovie: true }
      })
    })
  )

  it.effect("is restored without a change if the movie already exists", () =>
    Effect.gen(function* () {
      const { removal: before } = yield* removal(withMovie())
      const presence = yield* before.presence(target)
      if (presence._tag !== "Present") return assert.fail("it is there")
      const { fake, removal: it } = yield* removal((sent) =>
        sent.query.get("tmdbId") === "603" ? [movie(5, { tmdbId: 603 })] : undefined
      )
      assert.deepStrictEqual(yield* it.restore(presence.restore), { externalId: "5" })
      assert.deepStrictEqual(fake.calls(), ["GET /api/v3/movie"])
    })
  )

  it.effect("cannot be restored if a profile or folder is gone, with the application's message", () =>
    Effect.gen(function* () {
      const { removal: before } = yield* removal(withMovie())
      const presence = yield* before.presence(target)
      if (presence._tag !== "Present") return assert.fail("it is there")
      const { removal: it } = yield* removal((sent) =>
        sent.method === "POST"
          ? Response.json([{ propertyName: "QualityProfileId", errorMessage: "Profile does not exist" }], {
              status: 400
            })
          : []
      )
      const error = yield* Effect.flip(it.restore(presence.restore))
      assert.strictEqual(error._tag, "UpstreamRefused")
      assert.strictEqual(error.detail, "QualityProfileId: Profile does not exist")
    })
  )

  it.effect("cannot be restored from data that presence did not return", () =>
    Effect.gen(function* () {
      const { fake, removal: it } = yield* removal(() => ({}))
      for (const restore of [null, {}, { tmdbId: "603" }, []]) yield* Effect.flip(it.restore(restore))
      assert.deepStrictEqual(fake.calls(), [])
    })
  )
})
