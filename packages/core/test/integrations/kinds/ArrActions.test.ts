/** The requests of actions that keep the entry, and those that undo them, as the documents of the applications describe them. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { lidarr } from "../../../src/integrations/kinds/lidarr.ts"
import { radarr } from "../../../src/integrations/kinds/radarr.ts"
import { readarr } from "../../../src/integrations/kinds/readarr.ts"
import { sonarr } from "../../../src/integrations/kinds/sonarr.ts"
import { CurrentLastLook } from "../../../src/integrations/LastLook.ts"
import type { RemovalAction, RemovalTarget } from "../../../src/integrations/Kind.ts"
import { type Answers, connect } from "../support/FakeUpstream.ts"
import { faultsOf } from "../support/OpenApi.ts"
import { hasShared, spec } from "../support/Shared.ts"
import { album, artist, author, book, movie, series, status } from "./ArrAnswers.ts"

type Case = readonly [
  kind: typeof radarr,
  document: string,
  target: RemovalTarget,
  answers: Answers,
  paths: { readonly flag: string; readonly files: string; readonly search: string }
]

const found =
  (appName: string, more: Answers): Answers =>
  (sent) => {
    if (sent.method !== "GET") return sent.path.endsWith("/command") ? { id: 1 } : {}
    if (sent.path.endsWith("/system/status")) return { ...status(appName), version: "4.0" }
    return more(sent) ?? []
  }

const known = { somethingNew: undefined }

/** Of a season and of an album, there are other requests. */
const parts: ReadonlyArray<readonly [kind: typeof radarr, target: RemovalTarget, answers: Answers]> = [
  [
    sonarr,
    { externalId: "5:s1", kind: "season", title: "Show 5 - Season 1", ids: [] },
    found("Sonarr", ({ path }) => {
      if (path.endsWith("/series/5")) return series(5, known)
      return path.endsWith("/episodefile") ? [{ id: 4, seasonNumber: 1 }] : undefined
    })
  ],
  [
    lidarr,
    { externalId: "5:a31", kind: "album", title: "Album 31", ids: [] },
    found("Lidarr", ({ path }) => (path.endsWith("/trackfile") ? [{ id: 4, albumId: 31 }] : undefined))
  ]
]

const cases: ReadonlyArray<Case> = [
  [
    radarr,
    "radarr-v3.openapi.json",
    { externalId: "3", kind: "movie", title: "Movie 3", ids: [] },
    found("Radarr", ({ path }) => {
      if (path.endsWith("/movie/3")) return movie(3, known)
      if (path.endsWith("/movie")) return [movie(3, known)]
      return path.endsWith("/moviefile") ? [{ id: 44, movieId: 3 }] : undefined
    }),
    { flag: "PUT /api/v3/movie/3", files: "DELETE /api/v3/moviefile/44", search: "MoviesSearch" }
  ],
  [
    sonarr,
    "sonarr-v3.openapi.json",
    { externalId: "5", kind: "show", title: "Show 5", ids: [] },
    found("Sonarr", ({ path }) => {
      if (path.endsWith("/series/5")) return series(5, known)
      if (path.endsWith("/series")) return [series(5, known)]
      return path.endsWith("/episodefile") ? [{ id: 4, seasonNumber: 1 }] : undefined
    }),
    { flag: "PUT /api/v3/series/5", files: "DELETE /api/v3/episodefile/bulk", search: "SeriesSearch" }
  ],
  [
    lidarr,
    "lidarr-v1.openapi.json",
    { externalId: "5", kind: "artist", title: "Artist 5", ids: [] },
    found("Lidarr", ({ path }) => {
      if (path.endsWith("/artist/5")) return artist(5, known)
      if (path.endsWith("/artist")) return [artist(5, known)]
      if (path.endsWith("/album")) return [album(31, 5)]
      return path.endsWith("/trackfile") ? [{ id: 4, albumId: 31 }] : undefined
    }),
    { flag: "PUT /api/v1/artist/5", files: "DELETE /api/v1/trackfile/bulk", search: "ArtistSearch" }
  ],
  [
    readarr,
    "readarr-v1.openapi.json",
    { externalId: "5", kind: "author", title: "Author 5", ids: [] },
    found("Readarr", ({ path }) => {
      if (path.endsWith("/author/5")) return author(5, known)
      if (path.endsWith("/author")) return [author(5, known)]
      if (path.endsWith("/book")) return [book(31, 5)]
      return path.endsWith("/bookfile") ? [{ id: 4, bookId: 31 }] : undefined
    }),
    { flag: "PUT /api/v1/author/5", files: "DELETE /api/v1/bookfile/bulk", search: "AuthorSearch" }
  ]
]

for (const [kind, document, target, answers, paths] of cases) {
  const changesOf = (action: RemovalAction) =>
    Effect.gen(function* () {
      const fake = yield* connect(kind, { apiKey: "k" }, answers)
      const removal = fake.connected.removal!
      const presence = yield* removal.presence(target)
      if (presence._tag === "Absent") return assert.fail("it is there")
      const changes = () => fake.sent.filter(({ method }) => method !== "GET")
      yield* removal.remove(target, { action, addImportExclusion: true })
      const done = changes().map(({ method, path }) => `${method} ${path}`)
      yield* removal.restore(presence.restore, { action })
      const undone = changes().slice(done.length)
      if (hasShared) {
        // The document gives commands one shape for all; each has properties of its own.
        const allowance = { body: ["movieIds", "seriesId", "artistId", "authorId"] }
        for (const one of fake.sent)
          assert.deepStrictEqual(faultsOf(spec(document), one, allowance), [], `${one.method} ${one.path}`)
      }
      return { done, undone: undone.map(({ body }) => (body as { name?: string }).name) }
    })

  describe(`${kind.title}, told to`, () => {
    it.effect("unmonitor, changes the flag alone", () =>
      Effect.gen(function* () {
        assert.deepStrictEqual((yield* changesOf("unmonitor")).done, [paths.flag])
      })
    )
    it.effect("delete files, deletes nothing else, and searches for them when that is undone", () =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* changesOf("delete-files"), { done: [paths.files], undone: [paths.search] })
      })
    )
    it.effect("do both, changes the flag first: a deleted file could be downloaded again in between", () =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* changesOf("unmonitor-and-delete-files"), {
          done: [paths.flag, paths.files],
          undone: [paths.search]
        })
      })
    )
  })
}

describe("The last look before each request", () => {
  const all = [...cases.map(([kind, , target, answers]) => [kind, target, answers] as const), ...parts]
  for (const [kind, target, answers] of all) {
    it.effect(
      `learns which is beyond recall: the one that deletes, or the only one (${kind.title}, ${target.kind})`,
      () =>
        Effect.gen(function* () {
          const { connected } = yield* connect(kind, { apiKey: "k" }, answers)
          const looksOf = (action: RemovalAction) => {
            const looks: Array<boolean> = []
            const whyNot = (destroys: boolean) =>
              Effect.as(
                Effect.sync(() => looks.push(destroys)),
                null
              )
            return connected
              .removal!.remove(target, { action, addImportExclusion: true })
              .pipe(Effect.provideService(CurrentLastLook, { whyNot }), Effect.as(looks))
          }
          assert.deepStrictEqual(yield* looksOf("unmonitor"), [true])
          assert.deepStrictEqual(yield* looksOf("delete-files"), [true])
          assert.deepStrictEqual(yield* looksOf("unmonitor-and-delete-files"), [false, true])
        })
    )
  }
})

describe("An action on an id that belongs to another title by now", () => {
  for (const [kind, , target, answers, { flag }] of cases) {
    it.effect(`changes nothing in ${kind.title}`, () =>
      Effect.gen(function* () {
        const fake = yield* connect(kind, { apiKey: "k" }, answers)
        const other = { ...target, ids: ["tmdb-movie:1", "tvdb:1", "musicbrainz:none"] }
        const result = yield* Effect.result(
          fake.connected.removal!.remove(other, { action: "unmonitor", addImportExclusion: true })
        )
        assert.deepStrictEqual([result._tag, fake.calls().includes(flag)], ["Failure", false])
      })
    )
  }
})
