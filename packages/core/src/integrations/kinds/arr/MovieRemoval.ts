/** Removing movies from a Servarr application, unmonitoring them, deleting their files, and undoing that. */
import { Effect, Option, Schema } from "effect"
import {
  type CameBack,
  type Presence,
  type RemovalCapability,
  removalActions,
  type RemovalTarget,
  type UndoOptions,
  usualActionOf
} from "../../Kind.ts"
import { type UpstreamError, UpstreamMalformed } from "../../UpstreamErrors.ts"
import { maybe } from "../Lenient.ts"
import { deleteMillis, folderOf, positiveOrNull, textOrNull } from "../Values.ts"
import { Added, type ArrAccess, dropExclusions, excludedBefore, isExcluded, presenceOr404 } from "./Arr.ts"
import { makeMonitoring, type RawEntry, unmonitors } from "./Monitoring.ts"
import { Movie, sizeOfMovie } from "./MovieCatalog.ts"
import { type MovieIdentity, MovieNames, movieNames } from "./MovieIdentity.ts"
import { bodyOf, decodeRestore, numericId, searchFor } from "./Restore.ts"

/** The data to add a movie again, besides its identifiers. */
const MovieRestore = Schema.Struct({
  ...movieNames,
  title: Schema.String,
  year: Schema.NullOr(Schema.Int),
  qualityProfileId: Schema.Int,
  rootFolderPath: Schema.String,
  monitored: Schema.Boolean,
  minimumAvailability: Schema.NullOr(Schema.String),
  tags: Schema.Array(Schema.Int),
  ...excludedBefore
})

const MovieFileId = Schema.Struct({ id: Schema.Int, movieId: maybe(Schema.Int) })

const namesOf = Schema.decodeUnknownOption(MovieNames)

export const movieRemoval = (access: ArrAccess, identity: MovieIdentity): RemovalCapability => {
  const { application, integration, probe, upstream } = access
  const { api } = application
  const exclusions = `${api}/exclusions`
  const setMonitored = makeMonitoring(access)

  const presentMovie = Effect.fnUntraced(function* (movie: Movie) {
    const key = identity.keyOf(movie)
    return {
      _tag: "Present",
      title: movie.title,
      ids: identity.ids(movie),
      sizeBytes: sizeOfMovie(movie) ?? 0,
      path: textOrNull(movie.path),
      ...(typeof movie.hasFile === "boolean" ? { hasFiles: movie.hasFile } : {}),
      ...(typeof movie.monitored === "boolean" ? { monitored: movie.monitored } : {}),
      restore: {
        ...identity.name(movie),
        title: movie.title,
        year: positiveOrNull(movie.year),
        qualityProfileId: movie.qualityProfileId ?? 0,
        rootFolderPath: textOrNull(movie.rootFolderPath) ?? folderOf(movie.path) ?? "",
        monitored: movie.monitored ?? true,
        minimumAvailability: textOrNull(movie.minimumAvailability),
        tags: movie.tags ?? [],
        excluded:
          key !== null && (yield* isExcluded(upstream, exclusions, (exclusion) => identity.keyOf(exclusion) === key))
      } satisfies typeof MovieRestore.Type
    } satisfies Presence
  })

  const presence = Effect.fn("MovieRemoval.presence")(function* (target: RemovalTarget) {
    const id = yield* numericId(target.externalId, integration, `GET ${api}/movie`)
    return yield* presenceOr404(upstream.get(`${api}/movie/${id}`, Movie), probe, presentMovie)
  })

  const remove: RemovalCapability["remove"] = Effect.fn("MovieRemoval.remove")(function* (target, options) {
    const id = yield* numericId(target.externalId, integration, `DELETE ${api}/movie`)
    const { action = usualActionOf(target.kind), addImportExclusion } = options
    if (action === "remove-entry") {
      return yield* upstream.send("DELETE", `${api}/movie/${id}`, {
        query: { deleteFiles: true, addImportExclusion },
        timeoutMillis: deleteMillis
      })
    }
    // First unmonitored, then deleted: in the reverse order it could be downloaded again in between.
    if (unmonitors(action)) {
      yield* setMonitored(`${api}/movie/${id}`, isTarget(target), false, { destroys: action === "unmonitor" })
    }
    if (action === "unmonitor") return
    const call = `GET ${api}/moviefile`
    const listed = yield* upstream.getArray(`${api}/moviefile`, MovieFileId, { query: { movieId: id } })
    const files = listed.filter(({ movieId }) => (movieId ?? id) === id)
    if (files.length === 0) {
      const detail = "it has a file, and the application does not list it"
      return yield* new UpstreamMalformed({ integration, call, detail })
    }
    for (const file of files) {
      yield* upstream.send("DELETE", `${api}/moviefile/${file.id}`, { timeoutMillis: deleteMillis })
    }
  })

  /** Whether an entry is still the movie that is meant. */
  const isTarget = (target: RemovalTarget) => (entry: RawEntry) =>
    target.ids.length === 0 ||
    Option.exists(namesOf(entry), (names) => identity.ids(names).some((id) => target.ids.includes(id)))

  const putBack: RemovalCapability["putBack"] = Effect.fn("MovieRemoval.putBack")(function* (target, given, action) {
    if ((action ?? usualActionOf(target.kind)) !== "unmonitor-and-delete-files") return
    const { movie } = yield* kept(given)
    if (!movie.monitored) return
    const id = yield* numericId(target.externalId, integration, `PUT ${api}/movie`)
    yield* setMonitored(`${api}/movie/${id}`, isTarget(target), true)
  })

  const kept = Effect.fnUntraced(function* (given: unknown) {
    const call = `POST ${api}/movie`
    const movie = yield* decodeRestore(MovieRestore, given, integration, call)
    const key = identity.keyOf(movie)
    if (key !== null) return { movie, key }
    const detail = "the stored data of the item is not usable: it does not say which movie it was"
    return yield* new UpstreamMalformed({ integration, call, detail })
  })

  const entryOf = Effect.fnUntraced(function* (key: string) {
    const present = yield* upstream.getArray(`${api}/movie`, Movie, { query: identity.query(key) })
    return present.find((one) => identity.keyOf(one) === key) ?? null
  })

  const isBack: RemovalCapability["isBack"] = Effect.fn("MovieRemoval.isBack")(function* (given, action) {
    const { key, movie } = yield* kept(given)
    const same = yield* entryOf(key)
    if (same === null) return null
    const isAsBefore = !unmonitors(action) || !movie.monitored || same.monitored !== false
    return isAsBefore ? { externalId: String(same.id) } : null
  })

  const isNamed = (key: string) => (entry: RawEntry) =>
    Option.exists(namesOf(entry), (names) => identity.keyOf(names) === key)

  /** Undoes an action after which the entry still exists. */
  const undoInPlace = Effect.fnUntraced(function* (
    same: Movie,
    key: string,
    { action, monitor = false }: UndoOptions,
    wasMonitored: boolean
  ): Effect.fn.Return<CameBack, UpstreamError> {
    const externalId = String(same.id)
    if (action === undefined || action === "remove-entry") return { externalId }
    if ((wasMonitored && unmonitors(action)) || monitor) {
      yield* setMonitored(`${api}/movie/${same.id}`, isNamed(key), true)
    }
    if (action === "unmonitor") return { externalId }
    return yield* searchFor(upstream, api, externalId, { name: "MoviesSearch", movieIds: [same.id] })
  })

  const restore: RemovalCapability["restore"] = Effect.fn("MovieRemoval.restore")(function* (given, options) {
    const { key, movie } = yield* kept(given)
    // A second restore, or one after the movie was added by hand, returns the existing movie.
    const same = yield* entryOf(key)
    if (same !== null) return yield* undoInPlace(same, key, options ?? {}, movie.monitored)
    yield* dropExclusions(upstream, exclusions, movie, (exclusion) => identity.keyOf(exclusion) === key)
    const { excluded: _excluded, ...data } = movie
    const wanted = options?.monitor === true ? { monitored: true } : {}
    const json = { ...bodyOf(data), ...wanted, addOptions: { searchForMovie: true } }
    const added = yield* upstream.send("POST", `${api}/movie`, { json }, Added)
    return { externalId: String(added.id) }
  })

  return { kinds: ["movie"], actions: { movie: removalActions }, presence, remove, putBack, restore, isBack }
}
