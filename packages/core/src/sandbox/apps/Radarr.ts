/** A simulated Radarr: its API v3 over the world's movies. */
import { Schema } from "effect"
import { movieRoot } from "../world/Generate.ts"
import type { MovieRecord } from "../world/WorldModel.ts"
import { qualityAnswer, releaseName } from "./arr/ArrFiles.ts"
import {
  arrAuthorized,
  arrBadBody,
  arrBody,
  arrFailure,
  arrFlag,
  arrInvalid,
  arrMissingRows,
  arrNoRoute,
  arrNotFound,
  arrUnauthorized,
  optional,
  unknownKeys
} from "./arr/ArrReplies.ts"
import {
  api,
  type ArrEvent,
  arrRoutes,
  editTags,
  isProfile,
  numbersIn,
  paged,
  unknownProfile,
  videoArr
} from "./arr/ArrRoutes.ts"
import { movieAnswer, movieFileAnswer, movieWorkAnswer } from "./arr/MovieAnswers.ts"
import { poster } from "./Poster.ts"
import { json, queryInt, queryInts, wholeList } from "./Reply.ts"
import { type AppContext, type Call, destroy, openRoute, route, type Route, type SandboxApp } from "./SandboxApp.ts"

export const radarr: SandboxApp = {
  kind: "radarr",
  name: "Radarr",
  config: (apiKey) => ({ apiKey }),
  authorized: arrAuthorized,
  unauthorized: arrUnauthorized,
  notFound: arrNoRoute,
  routes: (context) => [
    ...arrRoutes(context, {
      appName: "Radarr",
      version: "6.0.4.10291",
      ...videoArr(movieRoot),
      tags: context.world.movieTags,
      tagged: (tagId) => ({
        movieIds: [...context.world.movies.values()]
          .filter((movie) => movie.tags.includes(tagId))
          .map((movie) => movie.id)
      }),
      command: (name, body) => runCommand(context, name, body),
      history: () => history(context)
    }),
    ...movieRoutes(context),
    ...exclusionRoutes(context)
  ]
}

const movieRoutes = (context: AppContext): ReadonlyArray<Route> => {
  const { world } = context
  const found = (call: Call) => world.movies.get(Number(call.params["id"]))
  const missing = (call: Call) => arrNotFound(call, `Movie with ID ${call.params["id"]} does not exist`)

  return [
    route("GET", `${api}/movie`, (call) => {
      const tmdbId = queryInt(call.query, "tmdbId", 0)
      const rows = [...world.movies.values()].filter((movie) => tmdbId === 0 || movie.work.tmdbId === tmdbId)
      return wholeList(call, { before: "[", after: "]", rows, render: (movie) => movieAnswer(context, call, movie) })
    }),
    route("GET", `${api}/movie/lookup`, (call) => {
      const tmdbId = Number(/^tmdb:(\d+)$/.exec(call.query.get("term") ?? "")?.[1])
      const work = world.index.knownMovie(tmdbId)
      return json(call, work === undefined ? [] : [movieWorkAnswer(context.world, work)])
    }),
    route("GET", `${api}/movie/:id`, (call) => {
      const movie = found(call)
      return movie === undefined ? missing(call) : json(call, movieAnswer(context, call, movie))
    }),
    route("POST", `${api}/movie`, async (call) => {
      const body = await arrBody(call, MovieBody)
      if (body === undefined) return arrBadBody(call)
      const { tmdbId = 0, rootFolderPath, qualityProfileId = 0 } = body.value
      const work = world.index.knownMovie(tmdbId)
      if (work === undefined) return arrInvalid(call, "TmdbId", "A movie with this ID was not found.", tmdbId)
      if (world.index.movieOf(work) !== undefined) {
        return arrInvalid(call, "TmdbId", "This movie has already been added", tmdbId)
      }
      if (rootFolderPath?.replace(/\/$/, "") !== movieRoot) {
        return arrInvalid(
          call,
          "RootFolderPath",
          `Root folder '${rootFolderPath ?? ""}' does not exist`,
          rootFolderPath
        )
      }
      if (!isProfile(qualityProfileId)) return unknownProfile(call, qualityProfileId)
      const movie = world.addMovie(work, {
        rootFolder: movieRoot,
        qualityProfileId,
        monitored: body.value.monitored ?? false,
        minimumAvailability: body.value.minimumAvailability ?? "announced",
        tags: body.value.tags ?? []
      })
      if (body.value.addOptions?.searchForMovie === true) world.searchMovie(movie)
      return json(call, movieAnswer(context, call, movie), 201)
    }),
    // As in the original, the whole resource comes: what is left out falls back to its default.
    route("PUT", `${api}/movie/:id`, async (call) => {
      const movie = found(call)
      const body = await arrBody(call, MovieBody)
      if (movie === undefined) return missing(call)
      if (body === undefined) return arrBadBody(call)
      const { qualityProfileId = 0, path, rootFolderPath } = body.value
      if (!isProfile(qualityProfileId)) return unknownProfile(call, qualityProfileId)
      if (path === undefined || path === null) return arrInvalid(call, "Path", "'Path' must not be empty.")
      movie.monitored = body.value.monitored ?? false
      movie.qualityProfileId = qualityProfileId
      movie.minimumAvailability = body.value.minimumAvailability ?? "tba"
      movie.tags = body.value.tags ?? []
      if (rootFolderPath !== undefined && rootFolderPath !== null)
        world.moveRoot(movie, rootFolderPath.replace(/\/$/, ""))
      movie.extra = unknownKeys(body.raw, movieAnswer(context, call, { ...movie, extra: {} }))
      world.revision++
      return json(call, movieAnswer(context, call, movie), 202)
    }),
    route("DELETE", `${api}/movie/:id`, (call) => {
      const movie = found(call)
      if (movie === undefined) return missing(call)
      const deleteFiles = arrFlag(call.query, "deleteFiles")
      const exclude = arrFlag(call.query, "addImportExclusion")
      return destroy(
        call,
        ({ freesBytes }) => remove(context, [movie], { deleteFiles, freesBytes, exclude }),
        () => json(call, {}),
        () => arrFailure(call, "database is locked")
      )
    }),
    route("PUT", `${api}/movie/editor`, async (call) => {
      const body = await arrBody(call, EditorBody)
      if (body === undefined) return arrBadBody(call)
      const movies = body.value.movieIds.flatMap((id) => world.movies.get(id) ?? [])
      if (movies.length < body.value.movieIds.length)
        return arrMissingRows(call, body.value.movieIds.length, movies.length)
      for (const movie of movies) {
        movie.monitored = body.value.monitored ?? movie.monitored
        movie.qualityProfileId = body.value.qualityProfileId ?? movie.qualityProfileId
        movie.tags = editTags(movie.tags, body.value.tags ?? null, body.value.applyTags ?? "add")
      }
      world.revision++
      return json(
        call,
        movies.map((movie) => movieAnswer(context, call, movie)),
        202
      )
    }),
    route("DELETE", `${api}/movie/editor`, async (call) => {
      const body = await arrBody(call, EditorBody)
      if (body === undefined) return arrBadBody(call)
      const movies = body.value.movieIds.flatMap((id) => world.movies.get(id) ?? [])
      if (movies.length < body.value.movieIds.length)
        return arrMissingRows(call, body.value.movieIds.length, movies.length)
      return destroy(
        call,
        ({ freesBytes }) =>
          remove(context, movies, {
            deleteFiles: body.value.deleteFiles ?? false,
            freesBytes,
            exclude: body.value.addImportExclusion ?? false
          }),
        () => json(call, {}),
        () => arrFailure(call, "database is locked")
      )
    }),
    route("GET", `${api}/moviefile`, (call) => {
      const ids = queryInts(call.query, "movieId")
      const movies = ids.flatMap((id) => world.movies.get(id) ?? []).filter((movie) => movie.fileId !== 0)
      return json(
        call,
        movies.map((movie) => movieFileAnswer(context.world, movie))
      )
    }),
    route("DELETE", `${api}/moviefile/:id`, (call) => {
      const id = Number(call.params["id"])
      const movie = [...world.movies.values()].find((each) => each.fileId === id)
      if (id === 0 || movie === undefined) return arrNotFound(call)
      return destroy(
        call,
        ({ freesBytes }) => world.deleteMovieFile(movie, freesBytes),
        () => json(call, {}),
        () => arrFailure(call, "database is locked")
      )
    }),
    route("GET", `${api}/mediacover/:id/:file`, (call) => {
      const movie = found(call)
      return movie === undefined ? arrNotFound(call) : poster(movie.work.title, movie.work.year)
    }),
    // Stands for the metadata provider, where posters are open to all.
    openRoute("GET", "/art/:tmdbId/:file", (call) => {
      const work = world.index.knownMovie(Number(call.params["tmdbId"]))
      return work === undefined ? arrNotFound(call) : poster(work.title, work.year)
    })
  ]
}

const exclusionRoutes = ({ world }: AppContext): ReadonlyArray<Route> => {
  const answer = (id: number) => {
    const exclusion = world.movieExclusions.get(id)
    return exclusion && { tmdbId: exclusion.externalId, movieTitle: exclusion.title, movieYear: exclusion.year, id }
  }
  const ids = () => [...world.movieExclusions.keys()]
  return [
    route("GET", `${api}/exclusions`, (call) => json(call, ids().map(answer))),
    route("GET", `${api}/exclusions/paged`, (call) => paged(call, "movieTitle", "ascending", ids(), answer)),
    route("GET", `${api}/exclusions/:id`, (call) => {
      const found = answer(Number(call.params["id"]))
      return found === undefined ? arrNotFound(call) : json(call, found)
    }),
    route("POST", `${api}/exclusions`, async (call) => {
      const body = await arrBody(call, ExclusionBody)
      if (body === undefined) return arrBadBody(call)
      const { tmdbId, movieTitle, movieYear } = body.value
      if ([...world.movieExclusions.values()].some((exclusion) => exclusion.externalId === tmdbId)) {
        return arrInvalid(call, "TmdbId", "This exclusion has already been added.", tmdbId)
      }
      return json(call, answer(world.exclude(world.movieExclusions, tmdbId, movieTitle, movieYear).id), 201)
    }),
    route("DELETE", `${api}/exclusions/:id`, (call) =>
      world.movieExclusions.delete(Number(call.params["id"])) ? json(call, {}) : arrNotFound(call)
    )
  ]
}

const remove = (
  { world }: AppContext,
  movies: ReadonlyArray<MovieRecord>,
  mode: { readonly deleteFiles: boolean; readonly freesBytes: boolean; readonly exclude: boolean }
): void => {
  for (const movie of movies) {
    world.removeMovie(movie, mode)
    if (mode.exclude) world.exclude(world.movieExclusions, movie.work.tmdbId, movie.work.title, movie.work.year)
  }
}

const runCommand = ({ world }: AppContext, name: string, body: Readonly<Record<string, unknown>>): boolean => {
  const chosen = numbersIn(body["movieIds"]).flatMap((id) => world.movies.get(id) ?? [])
  if (name === "MoviesSearch") for (const movie of chosen) world.searchMovie(movie)
  if (name === "MissingMoviesSearch") for (const movie of world.movies.values()) world.searchMovie(movie)
  return commandNames.has(name)
}

const commandNames = new Set([
  "MoviesSearch",
  "MissingMoviesSearch",
  "CutoffUnmetMoviesSearch",
  "RefreshMovie",
  "RescanMovie",
  "RenameMovie",
  "RenameFiles",
  "RefreshMonitoredDownloads",
  "ProcessMonitoredDownloads",
  "RssSync",
  "ImportListSync",
  "RefreshCollections",
  "CleanUpRecycleBin",
  "Backup",
  "CheckHealth"
])

const history = ({ world }: AppContext): ReadonlyArray<ArrEvent> => {
  const event = (
    movie: MovieRecord,
    at: number,
    eventType: string,
    data: Readonly<Record<string, string>>
  ): ArrEvent => ({
    at,
    record: () => ({
      movieId: movie.id,
      sourceTitle: releaseName(movie.work.title, String(movie.work.year), movie.work.quality),
      languages: [movie.work.language],
      quality: qualityAnswer(movie.work.quality, "movie"),
      customFormats: [],
      customFormatScore: 0,
      qualityCutoffNotMet: false,
      eventType,
      data
    })
  })
  const imports = [...world.movies.values()]
    .filter((movie) => movie.fileId !== 0)
    .map((movie) => event(movie, movie.fileAddedAt, "downloadFolderImported", { fileId: String(movie.fileId) }))
  const deletions = world.deletions.flatMap(({ movie, at }) =>
    movie === null ? [] : [event(movie, at, "movieFileDeleted", { reason: "Manual" })]
  )
  return [...imports, ...deletions].sort((one, other) => other.at - one.at)
}

const MovieBody = Schema.Struct({
  tmdbId: Schema.optionalKey(Schema.Int),
  qualityProfileId: Schema.optionalKey(Schema.Int),
  rootFolderPath: optional(Schema.String),
  path: optional(Schema.String),
  monitored: Schema.optionalKey(Schema.Boolean),
  minimumAvailability: Schema.optionalKey(Schema.String),
  tags: optional(Schema.Array(Schema.Int)),
  addOptions: optional(Schema.Struct({ searchForMovie: Schema.optionalKey(Schema.Boolean) }))
})
const EditorBody = Schema.Struct({
  movieIds: Schema.Array(Schema.Int),
  monitored: optional(Schema.Boolean),
  qualityProfileId: optional(Schema.Int),
  tags: optional(Schema.Array(Schema.Int)),
  applyTags: Schema.optionalKey(Schema.Literals(["add", "remove", "replace"])),
  deleteFiles: Schema.optionalKey(Schema.Boolean),
  addImportExclusion: Schema.optionalKey(Schema.Boolean)
})
const ExclusionBody = Schema.Struct({ tmdbId: Schema.Int, movieTitle: Schema.String, movieYear: Schema.Int })
