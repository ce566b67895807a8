/** A simulated arr for movies: its API v3 over a shelf of the world. Differences between versions are parameters. */
import { Schema } from "effect"
import type { SandboxWorld } from "../../SandboxWorld.ts"
import { movieKeyOf, type MovieShelf } from "../../world/MovieShelf.ts"
import type { MovieRecord, MovieWork } from "../../world/WorldModel.ts"
import { poster } from "../Poster.ts"
import { json, queryInts } from "../Reply.ts"
import { type AppContext, type Call, destroy, openRoute, route, type Route, type SandboxApp } from "../SandboxApp.ts"
import { qualityAnswer, releaseName } from "./ArrFiles.ts"
import { arrApp, arrFailure, arrInvalid, arrNotFound, optional } from "./ArrReplies.ts"
import type { YardDownload } from "../../world/DownloadYard.ts"
import { downloadsFor, importNamed, isQueued, queueRow, rowIdOf, withDownloads } from "./ArrQueue.ts"
import { type ArrEvent, arrRoutes, numbersIn, videoArr } from "./ArrRoutes.ts"
import { entryFields, entryRoutes, exclusionRoutes, type ExclusionParts } from "./EntryRoutes.ts"
import { collectionRoutes } from "./MovieCollections.ts"
import { movieAnswer, movieFileAnswer, movieWorkAnswer } from "./MovieAnswers.ts"

type Fields = Readonly<Record<string, unknown>>

export interface MovieArr extends Pick<SandboxApp, "id" | "kind" | "name" | "onlyWhenNamed"> {
  readonly appName: string
  readonly version: string
  readonly shelf: (world: SandboxWorld, number: number) => MovieShelf
  readonly commands: ReadonlyArray<string>
  /** Whether this version has upgrade scores and modifiers. */
  readonly newer: boolean
  /** Whether it lists collections. */
  readonly hasCollections?: boolean
  /** Adjusts the fields of a movie, or of its metadata, for versions that differ. */
  readonly adjust?: (fields: Fields, work: MovieWork) => Fields
  /** The query parameter for one movie. */
  readonly asked: string
  /** The key of a movie in a body or in a search term; empty if it names none. */
  readonly named: {
    readonly body: (body: MovieBody) => string
    readonly term: (term: string) => string
    /** The property that is refused. */
    readonly property: string
  }
  readonly exclusions: Omit<ExclusionParts, "api" | "path">
}

export const movieArr = (about: MovieArr): SandboxApp => ({
  ...arrApp,
  id: about.id,
  kind: about.kind,
  name: about.name,
  ...(about.onlyWhenNamed === undefined ? {} : { onlyWhenNamed: about.onlyWhenNamed }),
  routes: (context) => {
    const shelf = about.shelf(context.world, context.number)
    const common = videoArr(shelf.root, about.newer)
    const downloads = () =>
      downloadsFor(context.world.downloads, ({ movie }) => movie !== null && shelf.movies.get(movie.id) === movie)
    const titleOf = ({ movie }: YardDownload): Fields =>
      movie === null
        ? {}
        : {
            movieId: movie.id,
            languages: [movie.work.language],
            quality: qualityAnswer(movie.work.quality, about.newer ? "movie" : "episode")
          }
    return [
      ...arrRoutes(context, {
        appName: about.appName,
        version: about.version,
        ...common,
        tags: shelf.tags,
        tagged: (tagId) => ({
          movieIds: [...shelf.movies.values()].filter((movie) => movie.tags.includes(tagId)).map((movie) => movie.id)
        }),
        command: (name, body) => {
          if (name === "DownloadedMoviesScan") importNamed(downloads(), body)
          return runCommand(shelf, name, body) || about.commands.includes(name)
        },
        history: () =>
          withDownloads(history(shelf, about.newer), downloads(), {
            partIn: (record) => record["movieId"],
            partOf: ({ movie }) => movie?.id,
            titleOf
          }),
        historyOf: "movie",
        queue: () =>
          downloads()
            .filter(isQueued)
            .map((queued) => ({
              id: rowIdOf(queued.download, 0),
              queued,
              record: () => ({ ...titleOf(queued.download), ...queueRow(context.world, queued) })
            }))
      }),
      ...movieRoutes(context, shelf, common, about),
      ...exclusionRoutes(shelf.exclusions, { ...about.exclusions, api: common.api, path: "exclusions" })
    ]
  }
})

const movieRoutes = (
  context: AppContext,
  shelf: MovieShelf,
  { api, profiles }: ReturnType<typeof videoArr>,
  { adjust, asked, hasCollections, named, newer }: MovieArr
): ReadonlyArray<Route> => {
  const { world } = context
  const fileAnswer = (movie: MovieRecord): Fields => movieFileAnswer(world, movie, newer)
  const answer = (call: Call, movie: MovieRecord): Fields => {
    const plain = movieAnswer(context, shelf, call, movie, newer)
    return adjust?.(plain, movie.work) ?? plain
  }
  const workAnswer = (work: MovieWork): Fields => {
    const plain = movieWorkAnswer(world, work)
    return adjust?.(plain, work) ?? plain
  }

  return [
    ...(hasCollections === true ? collectionRoutes(context, shelf, api, workAnswer) : []),
    ...entryRoutes<MovieRecord, MovieBody>(context, {
      api,
      path: "movie",
      title: "Movie",
      idsKey: "movieIds",
      root: shelf.root,
      profiles,
      entries: shelf.movies,
      isListed: (query) => {
        const key = query.get(asked) ?? ""
        return (movie) => key === "" || movieKeyOf(movie.work) === key
      },
      lookup: (term) => {
        const work = shelf.known(named.term(term))
        return work === undefined ? [] : [workAnswer(work)]
      },
      answer,
      body: MovieBody,
      refuse: (call, body) => {
        const key = named.body(body)
        const work = shelf.known(key)
        if (work === undefined) return arrInvalid(call, named.property, "A movie with this ID was not found.", key)
        return shelf.of(work) === undefined
          ? undefined
          : arrInvalid(call, named.property, "This movie has already been added", key)
      },
      add: (body, entry) => {
        const movie = shelf.add(shelf.known(named.body(body))!, {
          ...entry,
          rootFolder: shelf.root,
          minimumAvailability: body.minimumAvailability ?? "announced"
        })
        if (body.addOptions?.searchForMovie === true) shelf.search(movie)
        return movie
      },
      change: (movie, { minimumAvailability, rootFolderPath }) => {
        movie.minimumAvailability = minimumAvailability ?? "tba"
        if (rootFolderPath !== undefined && rootFolderPath !== null)
          shelf.moveRoot(movie, rootFolderPath.replace(/\/$/, ""))
      },
      remove: (movie, mode) => shelf.remove(movie, mode),
      exclude: ({ work }) => shelf.exclusions.add(movieKeyOf(work), work.title, work.year),
      excludeKey: "addImportExclusion"
    }),
    route("GET", `${api}/moviefile`, (call) => {
      const ids = queryInts(call.query, "movieId")
      const movies = ids.flatMap((id) => shelf.movies.get(id) ?? []).filter((movie) => movie.fileId !== 0)
      return json(call, movies.map(fileAnswer))
    }),
    route("DELETE", `${api}/moviefile/:id`, (call) => {
      const id = Number(call.params["id"])
      const movie = [...shelf.movies.values()].find((each) => each.fileId === id)
      if (id === 0 || movie === undefined) return arrNotFound(call)
      return destroy(
        call,
        ({ freesBytes }) => shelf.deleteFile(movie, freesBytes),
        () => json(call, {}),
        () => arrFailure(call, "database is locked")
      )
    }),
    route("GET", `${api}/mediacover/:id/:file`, (call) => {
      const movie = shelf.movies.get(Number(call.params["id"]))
      return movie === undefined ? arrNotFound(call) : poster(movie.work.title, movie.work.year)
    }),
    // Represents the metadata provider, where posters are public.
    openRoute("GET", "/art/:key/:file", (call) => {
      const work = shelf.known(call.params["key"] ?? "")
      return work === undefined ? arrNotFound(call) : poster(work.title, work.year)
    })
  ]
}

const runCommand = (shelf: MovieShelf, name: string, body: Fields): boolean => {
  const chosen = numbersIn(body["movieIds"]).flatMap((id) => shelf.movies.get(id) ?? [])
  if (name === "MoviesSearch") for (const movie of chosen) shelf.search(movie)
  if (name === "MissingMoviesSearch") for (const movie of shelf.movies.values()) shelf.search(movie)
  return ownCommands.has(name)
}

const ownCommands = new Set([
  "MoviesSearch",
  "MissingMoviesSearch",
  "CutoffUnmetMoviesSearch",
  "DownloadedMoviesScan",
  "RefreshMovie",
  "RescanMovie",
  "RenameMovie"
])

const history = (shelf: MovieShelf, newer: boolean): ReadonlyArray<ArrEvent> => {
  const event = (
    movie: MovieRecord,
    at: number,
    eventType: string,
    data: Readonly<Record<string, string>>
  ): ArrEvent => ({
    at,
    type: eventType,
    record: () => ({
      movieId: movie.id,
      sourceTitle: releaseName(movie.work.title, String(movie.work.year), movie.work.quality),
      languages: [movie.work.language],
      quality: qualityAnswer(movie.work.quality, newer ? "movie" : "episode"),
      customFormats: [],
      customFormatScore: 0,
      qualityCutoffNotMet: false,
      data
    })
  })
  const imports = [...shelf.movies.values()]
    .filter((movie) => movie.fileId !== 0)
    .map((movie) => event(movie, movie.fileAddedAt, "downloadFolderImported", { fileId: String(movie.fileId) }))
  const deletions = shelf.deletions.map(({ movie, at }) => event(movie, at, "movieFileDeleted", { reason: "Manual" }))
  return [...imports, ...deletions].sort((one, other) => other.at - one.at)
}

const MovieBody = Schema.Struct({
  ...entryFields,
  tmdbId: Schema.optionalKey(Schema.Int),
  foreignId: optional(Schema.String),
  stashId: optional(Schema.String),
  minimumAvailability: Schema.optionalKey(Schema.String),
  addOptions: optional(Schema.Struct({ searchForMovie: Schema.optionalKey(Schema.Boolean) }))
})
export type MovieBody = typeof MovieBody.Type
