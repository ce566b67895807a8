/** Responses of the simulated arrs match the API documents of the applications: all known fields and no others. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import { documented } from "./Documents.ts"
import { hasSpecs } from "./OpenApi.ts"
import { ask, withSandbox } from "./SandboxTest.ts"

type Row = Readonly<Record<string, unknown>>
type Rows = ReadonlyArray<Row>

const common = ["system/status", "health", "diskspace", "rootfolder", "tag", "tag/detail", "qualityprofile"]
const lists = ["command", "queue", "queue/status", "queue/details", "history"]

/** The document describes the parts of these values, which are sent as text. */
const asText = /\.(databaseVersion|runtimeVersion|duration|releaseDate): string is no object$/

interface Arr {
  readonly app: string
  readonly document: string
  readonly api: string
  /** Paths of the entries and of the exclusions, and the parameter that requests one entry. */
  readonly entries: string
  readonly exclusions: string
  readonly exclude: string
  /** A body that adds an excluded entry again. */
  readonly again: (exclusion: Row) => object
  readonly command: object
  readonly lists: ReadonlyArray<string>
  /** Further paths, by their template in the document. */
  readonly more: Readonly<Record<string, string>>
}

const arrs: ReadonlyArray<Arr> = [
  {
    app: "radarr",
    document: "radarr-v3.openapi.json",
    api: "/api/v3",
    entries: "movie",
    exclusions: "exclusions",
    exclude: "addImportExclusion",
    again: ({ tmdbId }) => ({ tmdbId, qualityProfileId: 4, rootFolderPath: "/data/movies" }),
    command: { name: "MoviesSearch", movieIds: [3] },
    lists: ["exclusions/paged"],
    more: { "moviefile?movieId=3": "moviefile", "history/movie?movieId=3": "history/movie" }
  },
  {
    app: "whisparr-v3",
    document: "whisparr-v3-eros.openapi.json",
    api: "/api/v3",
    entries: "movie",
    exclusions: "exclusions",
    exclude: "addImportExclusion",
    again: ({ foreignId }) => ({ foreignId, qualityProfileId: 4, rootFolderPath: "/data/scenes" }),
    command: { name: "MoviesSearch", movieIds: [3] },
    lists: [],
    more: { "moviefile?movieId=3": "moviefile" }
  },
  {
    app: "sonarr",
    document: "sonarr-v3.openapi.json",
    api: "/api/v3",
    entries: "series",
    exclusions: "importlistexclusion",
    exclude: "addImportListExclusion",
    again: ({ tvdbId }) => ({ tvdbId, qualityProfileId: 4, rootFolderPath: "/data/shows" }),
    command: { name: "SeasonSearch", seriesId: 1, seasonNumber: 1 },
    lists: ["importlistexclusion/paged"],
    more: {
      "episodefile?seriesId=3": "episodefile",
      "episode?seriesId=3&includeEpisodeFile=true": "episode",
      "history?eventType=3&includeEpisode=true": "history",
      "history/series?seriesId=3&eventType=3&includeEpisode=true": "history/series"
    }
  },
  {
    app: "whisparr-v2",
    document: "whisparr-v2.openapi.json",
    api: "/api/v3",
    entries: "series",
    exclusions: "importlistexclusion",
    exclude: "addImportListExclusion",
    again: ({ tvdbId }) => ({ tvdbId, qualityProfileId: 4, rootFolderPath: "/data/sites" }),
    command: { name: "SeasonSearch", seriesId: 1, seasonNumber: 2012 },
    lists: [],
    more: {
      "episodefile?seriesId=3": "episodefile",
      "episode?seriesId=3&includeEpisodeFile=true": "episode",
      "history?eventType=3&includeEpisode=true": "history",
      "history/series?seriesId=3&eventType=3&includeEpisode=true": "history/series"
    }
  },
  {
    app: "lidarr",
    document: "lidarr-v1.openapi.json",
    api: "/api/v1",
    entries: "artist",
    exclusions: "importlistexclusion",
    exclude: "addImportListExclusion",
    again: ({ foreignId }) => ({
      foreignArtistId: foreignId,
      qualityProfileId: 2,
      metadataProfileId: 1,
      rootFolderPath: "/data/music"
    }),
    command: { name: "AlbumSearch", albumIds: [1] },
    lists: ["album", "metadataprofile"],
    more: {
      "album/1": "album/{id}",
      "album?artistId=1": "album",
      "track?albumId=1": "track",
      "trackfile?albumId=1": "trackfile",
      "history/artist?artistId=1&eventType=3": "history/artist"
    }
  },
  {
    app: "readarr",
    document: "readarr-v1.openapi.json",
    api: "/api/v1",
    entries: "author",
    exclusions: "importlistexclusion",
    exclude: "addImportListExclusion",
    again: ({ foreignId }) => ({
      foreignAuthorId: foreignId,
      qualityProfileId: 2,
      metadataProfileId: 1,
      rootFolderPath: "/data/books"
    }),
    command: { name: "BookSearch", bookIds: [1] },
    lists: ["book", "metadataprofile"],
    more: {
      "book/1": "book/{id}",
      "book?authorId=1": "book",
      "bookfile?authorId=1": "bookfile",
      "history/author?authorId=1&eventType=3": "history/author"
    }
  }
]

describe.skipIf(!hasSpecs)("Responses match the OpenAPI documents of the applications", () => {
  for (const { again, api, app, command, document, entries, exclude, exclusions, more, ...own } of arrs) {
    it.effect(app, () =>
      withSandbox(
        { items: 300, kinds: [app] },
        Effect.gen(function* () {
          const check = documented(app, document, asText)
          const one = (path: string) => check("GET", `${api}/${path}/1`, `${api}/${path}/{id}`)
          const entry = yield* one(entries)
          yield* check("PUT", `${api}/${entries}/1`, `${api}/${entries}/{id}`, { body: entry })
          yield* ask(app, `${api}/${entries}/2?deleteFiles=true&${exclude}=true`, { method: "DELETE" })
          const [gone] = yield* check<Rows>("GET", `${api}/${exclusions}`)
          assert.isDefined(gone)
          yield* check("GET", `${api}/${exclusions}/${String(gone["id"])}`, `${api}/${exclusions}/{id}`)
          yield* ask(app, `${api}/${exclusions}/${String(gone["id"])}`, { method: "DELETE" })
          yield* check("POST", `${api}/${entries}`, undefined, { body: again(gone) })
          yield* check("POST", `${api}/${exclusions}`, undefined, { body: { ...gone, id: 0 } })
          yield* check("POST", `${api}/command`, undefined, { body: command })
          yield* check("POST", `${api}/tag`, undefined, { body: { label: "New" } })
          yield* check("GET", "/ping")
          for (const path of [entries, ...common, ...lists, ...own.lists]) yield* check("GET", `${api}/${path}`)
          for (const path of ["rootfolder", "tag", "qualityprofile", "command"]) yield* one(path)
          for (const [path, template] of Object.entries(more))
            yield* check("GET", `${api}/${path}`, `${api}/${template}`)
          const { controls } = yield* Sandbox
          assert.isAbove((yield* controls.journal).filter((each) => each.app === app).length, 5)
        })
      )
    )
  }
})
