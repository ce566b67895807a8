import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { OddRecords } from "../../../src/integrations/OddRecords.ts"
import { ombi } from "../../../src/integrations/kinds/ombi.ts"
import { type Answers, connect, read } from "../support/FakeUpstream.ts"

const config = { apiKey: "0mb1" }

const ann = { id: "x", userName: "ann", alias: "Ann", userAlias: "Ann", email: "ann@example.test" }

const movie = (id: number, changes: Record<string, unknown> = {}) => ({
  id,
  title: "Movie",
  theMovieDbId: 603,
  imdbId: "tt0133093",
  approved: true,
  available: false,
  denied: null,
  has4KRequest: false,
  approved4K: false,
  available4K: false,
  denied4K: null,
  requestedDate: "2026-02-09T11:08:53.1234567",
  requestedDate4k: "0001-01-01T00:00:00",
  requestedByAlias: null,
  requestedUser: ann,
  ...changes
})

const show = (id: number, changes: Record<string, unknown> = {}) => ({
  id,
  approved: false,
  available: false,
  denied: false,
  requestedDate: "2026-02-10T11:08:53Z",
  requestedUser: { userName: "bob", alias: "", userAlias: "bob", email: null },
  requestedByAlias: "tv app",
  seasonRequests: [{ seasonNumber: 1 }, { seasonNumber: 3 }],
  parentRequest: { tvDbId: 121361, externalProviderId: 1399, imdbId: "tt0944947" },
  ...changes
})

const server =
  (movies: ReadonlyArray<unknown>, shows: ReadonlyArray<unknown> = []): Answers =>
  ({ headers, path }) => {
    if (path === "/api/v1/Status/info") return new Response("4.47.1", { headers: { "content-type": "text/plain" } })
    if (headers.get("apikey") !== config.apiKey) return new Response("Invalid API Key", { status: 401 })
    if (path === "/api/v1/Request/movie/total") return movies.length
    const [type, count, position] = path.split("/").slice(4)
    const all = type === "movie" ? movies : shows
    return { collection: all.slice(Number(position), Number(position) + Number(count)), total: all.length }
  }

describe("Requests of Ombi", () => {
  it.effect("contain typed ids, seasons, all names of the requester, and times in UTC without an offset", () =>
    Effect.gen(function* () {
      const fake = yield* connect(ombi, config, server([movie(1)], [show(1), show(2, { seasonRequests: [] })]))
      const requests = yield* read(fake, "requests")
      assert.deepStrictEqual(requests.slice(0, 2), [
        {
          requestId: "movie-1",
          kind: "movie",
          ids: ["tmdb-movie:603", "imdb:tt0133093"],
          seasons: null,
          status: "approved",
          requesterNames: ["Ann", "ann", "ann@example.test"],
          requestedAt: "2026-02-09T11:08:53.123Z",
          availableAt: null
        },
        {
          requestId: "show-1",
          kind: "show",
          ids: ["tmdb-show:1399", "tvdb:121361", "imdb:tt0944947"],
          seasons: [1, 3],
          status: "pending",
          requesterNames: ["bob", "tv app"],
          requestedAt: "2026-02-10T11:08:53.000Z",
          approvedAt: null,
          availableAt: null
        }
      ])
      assert.isNull(requests[2]?.seasons)
    })
  )

  it.effect("have the date of the approval of each copy, if the application reports one", () =>
    Effect.gen(function* () {
      const approved = { has4KRequest: true, approved4K: true, requestedDate4k: "2026-02-11T00:00:00" }
      const fake = yield* connect(
        ombi,
        config,
        server([
          movie(1, { ...approved, markedAsApproved: "2026-02-10T08:00:00", markedAsApproved4K: "2026-02-12T08:00:00" }),
          movie(2, { ...approved, approved: false, markedAsApproved4K: "0001-01-01T00:00:00" })
        ])
      )
      assert.deepStrictEqual(
        (yield* read(fake, "requests")).map(({ approvedAt }) => approvedAt),
        ["2026-02-10T08:00:00.000Z", "2026-02-12T08:00:00.000Z", null, undefined]
      )
    })
  )

  it.effect("contain when each copy was approved and became available, if they have a date for it", () =>
    Effect.gen(function* () {
      const dates = { markedAsApproved: "2026-02-11T00:00:00", markedAsAvailable: "2026-02-12T00:00:00" }
      const in4K = { has4KRequest: true, requestedDate4k: "2026-02-09T00:00:00", approved4K: true, available4K: true }
      const movies = [
        movie(1, { available: true, ...dates }),
        movie(2, { available: true, markedAsApproved: "0001-01-01T00:00:00", markedAsAvailable: null }),
        movie(3, { ...in4K, markedAsApproved4K: "2026-03-01T00:00:00", markedAsAvailable4K: "2026-03-02T00:00:00" })
      ]
      const requests = yield* read(yield* connect(ombi, config, server(movies)), "requests")
      const at = (date: string) => `${date}T00:00:00.000Z`
      assert.deepStrictEqual(
        requests.map(({ approvedAt, availableAt }) => [approvedAt, availableAt]),
        [
          [at("2026-02-11"), at("2026-02-12")],
          [undefined, undefined],
          [undefined, null],
          [at("2026-03-01"), at("2026-03-02")]
        ]
      )
    })
  )

  it.effect("are separate for the usual copy and the 4K copy, each with its own state", () =>
    Effect.gen(function* () {
      const only4K = { has4KRequest: true, requestedDate: "0001-01-01T00:00:00", approved: false }
      const fates: ReadonlyArray<[changes: Record<string, unknown>, ...fates: ReadonlyArray<string>]> = [
        [{ approved: false }, "pending"],
        [{ denied: true }, "declined"],
        [{ available: true, denied: true }, "completed"],
        [{ denied: true, has4KRequest: true, approved4K: true }, "declined", "4K approved"],
        [{ ...only4K, denied4K: true, requestedDate4k: "2026-01-01T00:00:00" }, "4K declined"],
        [{ ...only4K, available4K: true }, "4K completed"]
      ]
      const fake = yield* connect(ombi, config, server(fates.map(([changes], index) => movie(index, changes))))
      const requests = yield* read(fake, "requests")
      assert.deepStrictEqual(
        requests.map((request) => `${request.is4k === true ? "4K " : ""}${request.status}`),
        fates.flatMap(([, ...each]) => each)
      )
      assert.strictEqual(new Set(requests.map((request) => request.requestId)).size, requests.length)
      assert.strictEqual(requests[5]?.requestedAt, "2026-01-01T00:00:00.000Z")
    })
  )

  it.effect("are read to the last page, or fail completely", () =>
    Effect.gen(function* () {
      const movies = Array.from({ length: 250 }, (_, index) => movie(index))
      const fake = yield* connect(ombi, config, server(movies, [show(1)]))
      assert.strictEqual((yield* read(fake, "requests")).length, 251)
      assert.deepStrictEqual(
        fake.sent.map((sent) => sent.path),
        [
          "/api/v2/Requests/movie/100/0/requestedDate/asc",
          "/api/v2/Requests/movie/100/100/requestedDate/asc",
          "/api/v2/Requests/movie/100/200/requestedDate/asc",
          "/api/v2/Requests/tv/100/0/requestedDate/asc"
        ]
      )
      const broken = yield* connect(ombi, config, (sent) =>
        sent.path.includes("/tv/") ? Response.json({ error: "broken" }, { status: 500 }) : server(movies)(sent)
      )
      assert.strictEqual((yield* Effect.flip(read(broken, "requests")))._tag, "UpstreamRefused")
    })
  )
})

describe("Faulty requests of Ombi", () => {
  const readOdd = (movies: ReadonlyArray<unknown>, shows: ReadonlyArray<unknown> = []) =>
    Effect.gen(function* () {
      const odd = new OddRecords()
      const requests = yield* read(yield* connect(ombi, config, server(movies, shows)), "requests", odd)
      return { odd, requests }
    })
  const many = (count: number, make: typeof movie) => Array.from({ length: count }, (_, index) => make(100 + index))

  it.effect("lose only a flag or a name that cannot be read", () =>
    Effect.gen(function* () {
      const strange = movie(1, { denied: "maybe", requestedUser: { userName: ["ann"], email: "ann@example.test" } })
      const { odd, requests } = yield* readOdd([strange, movie(2), movie(3)])
      assert.strictEqual(requests.length, 3)
      assert.deepStrictEqual(requests[0]?.requesterNames, ["ann@example.test"])
      assert.strictEqual(requests[0]?.status, "approved")
      assert.strictEqual(odd.unidentified, 0)
      assert.strictEqual(odd.count, 2)
    })
  )

  it.effect("are counted on all pages if they do not contain what they request", () =>
    Effect.gen(function* () {
      const strange = [
        movie(1, { theMovieDbId: "x", imdbId: null }),
        movie(2, { id: null }),
        movie(3, { theMovieDbId: "x" }),
        ...many(120, movie)
      ]
      const { odd, requests } = yield* readOdd(strange, [show(1, { parentRequest: null }), show(2)])
      assert.strictEqual(requests.length, 122)
      assert.deepStrictEqual(requests[0]?.ids, ["imdb:tt0133093"])
      assert.strictEqual(odd.unidentified, 3)
    })
  )

  it.effect("lose no copy because of a date or a flag that cannot be read", () =>
    Effect.gen(function* () {
      const day4K = "2026-03-01T00:00:00"
      const { requests } = yield* readOdd([
        movie(1, { has4KRequest: true, requestedDate: {}, requestedDate4k: day4K }),
        movie(2, { has4KRequest: "perhaps", requestedDate4k: day4K }),
        movie(3, { has4KRequest: "perhaps" }),
        ...many(5, movie)
      ])
      assert.deepStrictEqual(
        requests.slice(0, 5).map(({ requestId }) => requestId),
        ["movie-1", "movie-1-4k", "movie-2", "movie-2-4k", "movie-3"]
      )
    })
  )

  it.effect("count for the whole show if their seasons cannot be read", () =>
    Effect.gen(function* () {
      const { requests } = yield* readOdd(
        [],
        [show(1, { seasonRequests: [{ seasonNumber: 1 }, { seasonNumber: "two" }] }), show(2), show(3)]
      )
      assert.deepStrictEqual(
        requests.map((request) => request.seasons),
        [null, [1, 3], [1, 3]]
      )
    })
  )

  it.effect("have the id of the media server among the names of the requester", () =>
    Effect.gen(function* () {
      const { requests } = yield* readOdd([movie(1, { requestedUser: { ...ann, providerUserId: 4_100_000 } })])
      assert.include(requests[0]?.requesterNames ?? [], "4100000")
    })
  )
})

describe("The probe of Ombi", () => {
  it.effect("returns the version and tests the key", () =>
    Effect.gen(function* () {
      const fake = yield* connect(ombi, config, server([]))
      const { appName, version } = yield* fake.connected.probe
      assert.deepStrictEqual([appName, version], ["Ombi", "4.47.1"])
      const wrong = yield* connect(ombi, { apiKey: "wrong" }, server([]))
      assert.strictEqual((yield* Effect.flip(wrong.connected.probe))._tag, "UpstreamUnauthorized")
    })
  )
})
