/** Removing movies from a Servarr application, and restoring them. */
import { Effect, Schema } from "effect"
import type { Presence, RemovalCapability, RemovalTarget } from "../../Kind.ts"
import { UpstreamMalformed } from "../../UpstreamErrors.ts"
import { folderOf, positiveOrNull, textOrNull } from "../Values.ts"
import { Added, type ArrAccess, dropExclusions, excludedBefore, isExcluded, presenceOr404 } from "./Arr.ts"
import { Movie, sizeOfMovie } from "./MovieCatalog.ts"
import { type MovieIdentity, movieNames } from "./MovieIdentity.ts"
import { bodyOf, decodeRestore, deleteMillis, numericId } from "./Restore.ts"

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

export const movieRemoval = (
  { application: { api }, integration, probe, upstream }: ArrAccess,
  identity: MovieIdentity
): RemovalCapability => {
  const exclusions = `${api}/exclusions`

  const presentMovie = Effect.fnUntraced(function* (movie: Movie) {
    const key = identity.keyOf(movie)
    return {
      _tag: "Present",
      title: movie.title,
      ids: identity.ids(movie),
      sizeBytes: sizeOfMovie(movie) ?? 0,
      path: textOrNull(movie.path),
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
    yield* upstream.send("DELETE", `${api}/movie/${id}`, {
      query: { deleteFiles: true, addImportExclusion: options.addImportExclusion },
      timeoutMillis: deleteMillis
    })
  })

  const kept = Effect.fnUntraced(function* (given: unknown) {
    const call = `POST ${api}/movie`
    const movie = yield* decodeRestore(MovieRestore, given, integration, call)
    const key = identity.keyOf(movie)
    if (key !== null) return { movie, key }
    const detail = "the stored data of the item is not usable: it does not say which movie it was"
    return yield* new UpstreamMalformed({ integration, call, detail })
  })

  const isBack: RemovalCapability["isBack"] = Effect.fn("MovieRemoval.isBack")(function* (given) {
    const { key } = yield* kept(given)
    const present = yield* upstream.getArray(`${api}/movie`, Movie, { query: identity.query(key) })
    const same = present.find((one) => identity.keyOf(one) === key)
    return same === undefined ? null : { externalId: String(same.id) }
  })

  const restore: RemovalCapability["restore"] = Effect.fn("MovieRemoval.restore")(function* (given, options) {
    const { key, movie } = yield* kept(given)
    // A second restore, or one after the movie was added by hand, returns the existing movie.
    const same = yield* isBack(given)
    if (same !== null) return same
    yield* dropExclusions(upstream, exclusions, movie, (exclusion) => identity.keyOf(exclusion) === key)
    const { excluded: _excluded, ...data } = movie
    const wanted = options?.monitor === true ? { monitored: true } : {}
    const json = { ...bodyOf(data), ...wanted, addOptions: { searchForMovie: true } }
    const added = yield* upstream.send("POST", `${api}/movie`, { json }, Added)
    return { externalId: String(added.id) }
  })

  return { kinds: ["movie"], presence, remove, restore, isBack }
}
