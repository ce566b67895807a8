/** Reading one item again if the application reports more, less or something else than in the list of a full reading. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { EntryKeys } from "../../../src/integrations/Kind.ts"
import { lidarr } from "../../../src/integrations/kinds/lidarr.ts"
import { jellyfin } from "../../../src/integrations/kinds/jellyfin.ts"
import { ombi } from "../../../src/integrations/kinds/ombi.ts"
import { plex } from "../../../src/integrations/kinds/plex.ts"
import { radarr } from "../../../src/integrations/kinds/radarr.ts"
import { seerr } from "../../../src/integrations/kinds/seerr.ts"
import { sonarr } from "../../../src/integrations/kinds/sonarr.ts"
import { tautulli } from "../../../src/integrations/kinds/tautulli.ts"
import { OddRecords } from "../../../src/integrations/OddRecords.ts"
import { type Answers, connect, type Fake, read } from "../support/FakeUpstream.ts"
import { expectTag, failureOf } from "../support/TestClient.ts"
import { album, artist, movie, qualityProfiles, season, series, status, tags } from "./ArrAnswers.ts"
import { historyRow, plexConfig, plexServer } from "./plex/FakePlex.ts"

const key = { apiKey: "k" }
const never = () => Effect.die(new Error("this kind does not read it again"))

const target = (kind: "movie" | "show" | "season" | "artist" | "album", externalId: string) => ({
  kind,
  externalId,
  title: "Anything",
  ids: []
})
const again = {
  catalog: ({ connected }: Fake, of: ReturnType<typeof target>, odd = new OddRecords()) =>
    connected.reread?.catalog?.(of, odd) ?? never(),
  serverItems: ({ connected }: Fake, entries: ReadonlyArray<EntryKeys>) =>
    connected.reread?.serverItems?.(entries, new OddRecords()) ?? never(),
  playback: ({ connected }: Fake, entries: ReadonlyArray<EntryKeys>, odd = new OddRecords()) =>
    connected.reread?.playback?.(entries, odd) ?? never(),
  requests: (
    { connected }: Fake,
    kind: "movie" | "show",
    ids: ReadonlyArray<string>,
    odd: OddRecords = new OddRecords()
  ) => connected.reread?.requests?.({ kind, ids }, odd) ?? never()
}

const movieEntry = (serverItemId: string, guid: string | null = null, title = "Film"): EntryKeys => ({
  kind: "movie",
  serverItemId,
  guid,
  title,
  season: null
})

describe("A single item of a manager", () => {
  const lists: Readonly<Record<string, unknown>> = { tag: tags, qualityprofile: qualityProfiles }
  const arr =
    (answers: Readonly<Record<string, unknown>>): Answers =>
    ({ path }) =>
      ({ ...lists, ...answers })[path.replace(/^\/api\/v\d\//, "")]

  it.effect("loses the facts that depend on a faulty field, as in a list", () =>
    Effect.gen(function* () {
      const row = movie(1, { genres: "odd", ratings: [] })
      const fake = yield* connect(radarr, key, arr({ "movie/1": row, movie: [row, movie(2)] }))
      const odd = new OddRecords()
      const one = yield* again.catalog(fake, target("movie", "1"), odd)
      assert.deepStrictEqual(one, (yield* read(fake, "catalog")).slice(0, 1))
      assert.include(one[0]?.untold?.genres ?? "", "could not be read")
      assert.strictEqual(odd.told[0]?.record, "Movie 1")
    })
  )

  it.effect("is not absent if its record does not show whether it has a file", () =>
    Effect.gen(function* () {
      const row = movie(1, { hasFile: "perhaps", sizeOnDisk: 0, movieFile: null })
      const fake = yield* connect(radarr, key, arr({ "movie/1": row }))
      const error = expectTag(yield* failureOf(again.catalog(fake, target("movie", "1"))), "UpstreamMalformed")
      assert.include(error.detail, "does not say whether it has a file")
    })
  )

  it.effect("is not absent if one of its seasons or albums cannot be read", () =>
    Effect.gen(function* () {
      const show = series(1, { seasons: [season(1, 3), { seasonNumber: "two" }] })
      const ofShow = yield* connect(sonarr, key, arr({ "series/1": show, "history/series": [] }))
      expectTag(yield* failureOf(again.catalog(ofShow, target("season", "1:s2"))), "UpstreamMalformed")
      const albums = [album(1, 1), album(2, 1), { ...album(3, 1), statistics: "many" }]
      const answers = arr({ "artist/1": artist(1), album: albums, "history/artist": [] })
      const ofArtist = yield* connect(lidarr, key, answers)
      expectTag(yield* failureOf(again.catalog(ofArtist, target("album", "1:a3"))), "UpstreamMalformed")
    })
  )

  it.effect("is absent only if the expected application reports it twice", () =>
    Effect.gen(function* () {
      const gone = yield* connect(radarr, key, arr({ "system/status": status("Radarr") }))
      assert.deepStrictEqual(yield* again.catalog(gone, target("movie", "1")), [])
      assert.deepStrictEqual(gone.calls(), ["GET /api/v3/movie/1", "GET /api/v3/system/status", "GET /api/v3/movie/1"])
      const other = yield* connect(radarr, key, arr({ "system/status": status("Sonarr") }))
      expectTag(yield* failureOf(again.catalog(other, target("movie", "1"))), "UpstreamMalformed")
    })
  )

  it.effect("is not requested with an invalid id", () =>
    Effect.gen(function* () {
      for (const [kind, of] of [
        [radarr, target("movie", "../tag")],
        [sonarr, target("season", "1:x2")],
        [lidarr, target("album", "a:a3")]
      ] as const) {
        const fake = yield* connect(kind, key, arr({}))
        expectTag(yield* failureOf(again.catalog(fake, of)), "UpstreamMalformed")
        assert.deepStrictEqual(fake.sent, [])
      }
    })
  )

  it.effect("has only unknown dates if the history is refused", () =>
    Effect.gen(function* () {
      const fake = yield* connect(sonarr, key, arr({ "series/1": series(1) }))
      const [show] = yield* again.catalog(fake, target("show", "1"))
      assert.include(show?.untold?.fileAddedAt ?? "", "could not be read")
      assert.deepStrictEqual(show?.facts.tags, ["keep", "#99"])
    })
  )
})

describe("A single item of a Plex server", () => {
  const film = (ratingKey: string, changes: Readonly<Record<string, unknown>> = {}) => ({
    ratingKey,
    type: "movie",
    title: "Film",
    librarySectionID: 1,
    librarySectionTitle: "Films",
    ...changes
  })

  it.effect("has the smart collections that contain it, and no others are read", () =>
    Effect.gen(function* () {
      const collections = [
        { ratingKey: "90", title: "Plain", childCount: 7, members: ["1", "2"] },
        { ratingKey: "91", title: "Other", childCount: 3, members: ["2"] },
        { ratingKey: "92", title: "Smart", childCount: 2, smart: "1", members: ["1", "3"] },
        { ratingKey: "93", title: "Elsewhere", childCount: 1, smart: true, members: ["3"] }
      ]
      const entries = [film("1", { Collection: [{ tag: "Plain" }], Label: [{ tag: "Keep" }] })]
      const fake = yield* connect(plex, plexConfig, plexServer({ entries, collections }))
      const [item] = yield* again.serverItems(fake, [movieEntry("1")])
      assert.deepStrictEqual(item?.collections, ["Plain", "Smart"])
      assert.deepStrictEqual(item?.labels, ["Keep"])
      assert.strictEqual(item?.library, "Films")
      const asked = fake.calls().filter((call) => call.includes("/items"))
      assert.deepStrictEqual(asked, ["GET /library/collections/92/items", "GET /library/collections/93/items"])
    })
  )

  it.effect("has unknown facts for faulty fields of its entry", () =>
    Effect.gen(function* () {
      const show = { ...film("20", { type: "show", Guid: [{ id: "tvdb://7" }] }), viewedLeafCount: [], addedAt: "soon" }
      const fake = yield* connect(plex, plexConfig, plexServer({ entries: [show] }))
      const [item] = yield* again.serverItems(fake, [{ ...movieEntry("20"), kind: "show" }])
      assert.deepStrictEqual(Object.keys(item?.untold ?? {}).toSorted(), ["addedAt", "plays"])
      assert.deepStrictEqual(item?.ids, ["tvdb:7"])
    })
  )

  it.effect("has unknown collections if the server does not list them", () =>
    Effect.gen(function* () {
      const entries = [film("1", { librarySectionID: 7 })]
      const fake = yield* connect(plex, plexConfig, plexServer({ entries }))
      const [item] = yield* again.serverItems(fake, [movieEntry("1")])
      assert.include(item?.untold?.collections ?? "", "does not list its collections")
    })
  )

  it.effect("is absent if the server reassigned its key", () =>
    Effect.gen(function* () {
      const entries = [film("1", { type: "episode" })]
      const fake = yield* connect(plex, plexConfig, plexServer({ entries }))
      assert.deepStrictEqual(yield* again.serverItems(fake, [movieEntry("1")]), [])
    })
  )

  it.effect("has only the plays of its key", () =>
    Effect.gen(function* () {
      const history = [
        historyRow(1, { type: "movie", ratingKey: "1", title: "Film" }),
        historyRow(2, { type: "movie", ratingKey: "2", title: "Film" })
      ]
      const sessions = [
        { type: "movie", ratingKey: "2", title: "Film", year: 1999, User: { id: "2", title: "guest" } },
        { type: "movie", title: "film ", User: { id: "2", title: "guest" } }
      ]
      // Like a server that does not know the filter.
      const fake = yield* connect(plex, plexConfig, plexServer({ history, sessions }))
      const plays = yield* again.playback(fake, [movieEntry("1")])
      assert.deepStrictEqual(
        plays.map(({ playing = false, plays: count, serverItemId }) => [serverItemId, count, playing]),
        [
          ["1", 1, false],
          // The film is not identified: it may be this one.
          ["", 1, true]
        ]
      )
      const asked = fake.sent.find(({ path }) => path.endsWith("/history/all"))
      assert.strictEqual(asked?.query.get("metadataItemID"), "1")
    })
  )

  it.effect("may be playing if a session does not name its item", () =>
    Effect.gen(function* () {
      const fake = yield* connect(plex, plexConfig, plexServer({ sessions: [{ type: "movie", User: { id: "2" } }] }))
      const odd = new OddRecords()
      assert.deepStrictEqual(yield* again.playback(fake, [movieEntry("1")], odd), [])
      assert.strictEqual(odd.unidentified, 1)
    })
  )
})

describe("Statistics of a Plex server", () => {
  it.effect("report the plays under an earlier key of the movie, each once", () =>
    Effect.gen(function* () {
      const guid = "plex://movie/5d776b"
      const row = (row_id: number, rating_key: number) => ({
        row_id,
        rating_key,
        guid,
        media_type: "movie",
        title: "Film",
        user: "ada",
        stopped: 1_600_000_000 + row_id
      })
      const fake = yield* connect(tautulli, key, ({ query }) => {
        const rows = [row(1, 11), row(2, 12)].filter(
          (one) => query.get("rating_key") === null || String(one.rating_key) === query.get("rating_key")
        )
        const data = query.get("cmd") === "get_users" ? [] : { recordsFiltered: rows.length, data: rows }
        return { response: { result: "success", data } }
      })
      const plays = yield* again.playback(fake, [movieEntry("12", guid)])
      assert.sameDeepMembers(
        plays.map((entry) => [entry.serverItemId, entry.plays]),
        [
          ["11", 1],
          ["12", 1]
        ]
      )
      assert.deepStrictEqual(
        fake.sent.flatMap(({ query }) => query.get("guid") ?? []),
        [guid]
      )
    })
  )
})

describe("A single item of a Jellyfin server", () => {
  it.effect("has every library that contains it, and the plays of all its files", () =>
    Effect.gen(function* () {
      const users = [{ Id: "u1", Name: "ada", Policy: { IsAdministrator: true } }]
      const libraries = ["Films", "More films"].map((Name, at) => ({
        Name,
        ItemId: `l${at}`,
        CollectionType: "movies"
      }))
      const film = { Id: "f1", Type: "Movie", Name: "Film", MediaSourceCount: 2, UserData: { PlayCount: 0 } }
      const hidden = { Id: "f2", Type: "Movie", UserData: { PlayCount: 2, Played: true } }
      const files = {
        Id: "f1",
        MediaSources: [
          { Id: "f1", Path: "/a.mkv" },
          { Id: "f2", Path: "/b.mkv" }
        ]
      }
      const fake = yield* connect(jellyfin, key, ({ path, query }) => {
        if (path === "/Users") return users
        if (path === "/Library/VirtualFolders") return libraries
        if (path === "/Sessions") return []
        const ids = query.get("ids")?.split(",") ?? []
        const isFiltered = query.has("filters") || query.get("includeItemTypes") === "BoxSet"
        const rows = isFiltered
          ? []
          : [query.get("fields") === "MediaSources" ? files : film, hidden].filter(({ Id }) => ids.includes(Id))
        return { Items: rows, TotalRecordCount: rows.length }
      })
      const [item, ...others] = yield* again.serverItems(fake, [movieEntry("f1")])
      assert.deepStrictEqual(others, [])
      assert.deepStrictEqual([item?.library, item?.otherLibraries], ["Films", ["More films"]])
      assert.deepStrictEqual(item?.paths, ["/a.mkv", "/b.mkv"])
      const [play, ...more] = yield* again.playback(fake, [movieEntry("f1")])
      assert.deepStrictEqual(more, [])
      assert.deepStrictEqual([play?.serverItemId, play?.plays], ["f1", 2])
    })
  )
})

describe("A request manager", () => {
  const row = { id: 1, status: 2, type: "movie", is4k: true, media: { tmdbId: 5 }, requestedBy: { displayName: "Ada" } }
  // An IMDb id does not determine the kind of a title.
  const ofShow = { id: 2, status: 2, type: "tv", media: { tmdbId: 5, imdbId: "tt1" } }
  const list = { pageInfo: { results: 2 }, results: [row, ofShow] }
  const seerrWith = (details: unknown) =>
    connect(seerr, key, ({ path }) => {
      if (path === "/api/v1/request") return list
      if (details instanceof Error) throw details
      return details
    })

  it.effect("reports the same requests in the details of a title as in its list", () =>
    Effect.gen(function* () {
      const fake = yield* seerrWith({ id: 5, mediaInfo: { tmdbId: 5, requests: [row] } })
      const listed = yield* read(fake, "requests")
      assert.deepStrictEqual(yield* again.requests(fake, "movie", ["tmdb-movie:5"]), listed.slice(0, 1))
      assert.deepStrictEqual(fake.calls(), ["GET /api/v1/request", "GET /api/v1/movie/5"])
    })
  )

  it.effect("is asked for its list if it has no details, or omits the requests from them", () =>
    Effect.gen(function* () {
      const outage = () => Response.json({ message: "Unable to retrieve movie." }, { status: 500 })
      for (const details of [
        outage(),
        new Error("it takes too long"),
        { id: 5, mediaInfo: { tmdbId: 5 } },
        { unlike: "details" }
      ]) {
        const fake = yield* seerrWith(details)
        const found = yield* again.requests(fake, "movie", ["tmdb-movie:5"])
        assert.deepStrictEqual([found[0]?.requestId, found[0]?.is4k], ["1", true])
        assert.deepStrictEqual(yield* again.requests(fake, "movie", ["imdb:tt1"]), [])
      }
    })
  )

  it.effect("reports requests that cannot be identified like its list, at any position", () =>
    Effect.gen(function* () {
      const odd = [
        { id: 3, status: 1, type: "movie", media: null },
        { id: 4, status: 1, type: "tv", createdAt: "2026-01-01T00:00:00.000Z" },
        { id: 5, status: 5, type: "movie", media: { tmdbId: 0 } },
        { id: 6, status: 1, type: "music", media: { tmdbId: 5 } },
        { id: 7, status: 1, media: { tmdbId: 5 } }
      ]
      const results = [row, ofShow, ...Array.from({ length: 6 }, (_, at) => ({ ...row, id: 20 + at })), ...odd]
      const asked = { id: 5, mediaInfo: { requests: [row, { ...row, id: 9, media: {} }, { ...row, id: 10 }] } }
      const listed = (rows: ReadonlyArray<unknown>) =>
        connect(seerr, key, ({ path }) =>
          path === "/api/v1/request" ? { pageInfo: { results: rows.length }, results: rows } : asked
        )
      const whole = new OddRecords()
      yield* read(yield* listed(results), "requests", whole)
      const again5 = new OddRecords()
      yield* again.requests(yield* listed(results.toReversed()), "movie", ["tmdb-movie:5"], again5)
      const detailsOf = (records: OddRecords) =>
        records.doubts.map(({ at, ids, isSettled, kind, mark }) => JSON.stringify([kind, isSettled, at, ids, mark]))
      assert.sameMembers(detailsOf(again5), detailsOf(whole))
      assert.lengthOf(detailsOf(whole), odd.length)
      assert.sameMembers(
        whole.doubts.map(({ isSettled, kind }) => `${kind ?? "any"} ${isSettled === true ? "settled" : "open"}`),
        ["movie open", "show open", "movie settled", "any open", "any open"]
      )
    })
  )

  it.effect("has no requests for a title that was never requested, and does not confuse a show with the movie", () =>
    Effect.gen(function* () {
      const fake = yield* seerrWith({ id: 6 })
      assert.deepStrictEqual(yield* again.requests(fake, "movie", ["tmdb-movie:6"]), [])
      assert.deepStrictEqual(fake.calls(), ["GET /api/v1/movie/6"])
      yield* again.requests(fake, "show", ["tmdb-show:6"])
      assert.strictEqual(fake.calls()[1], "GET /api/v1/tv/6")
    })
  )
})

it.effect("Ombi reports the requests of its list that cannot be identified, and whether they are settled", () =>
  Effect.gen(function* () {
    const movieOf = (id: number, more: object) => ({
      id,
      approved: true,
      requestedDate: "2026-01-01T00:00:00Z",
      ...more
    })
    const rows = [
      movieOf(1, { theMovieDbId: 5 }),
      movieOf(2, {}),
      movieOf(3, { available: true }),
      movieOf(4, { available: true, has4KRequest: true }),
      ...Array.from({ length: 4 }, (_, at) => movieOf(10 + at, { theMovieDbId: 50 + at }))
    ]
    const fake = yield* connect(ombi, key, ({ path }) =>
      path.startsWith("/api/v2/Requests/movie/") ? { collection: rows, total: rows.length } : undefined
    )
    const odd = new OddRecords()
    const found = yield* again.requests(fake, "movie", ["tmdb-movie:5"], odd)
    assert.deepStrictEqual(
      found.map(({ requestId }) => requestId),
      ["movie-1"]
    )
    assert.deepStrictEqual(
      odd.doubts.map(({ at, isSettled, kind }) => [kind, isSettled, at]),
      [false, true, false].map((isSettled) => ["movie", isSettled, "2026-01-01T00:00:00.000Z"])
    )
  })
)
