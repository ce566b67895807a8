/** Removal of movies from a Servarr application, and the way back. */
import { Effect, Schema } from "effect"
import type { Presence, Probe, RemovalCapability, RemovalTarget } from "../../Kind.ts"
import type { Upstream } from "../../Upstream.ts"
import type { UpstreamError } from "../../UpstreamErrors.ts"
import { folderOf, positiveOrNull, textOrNull } from "../Values.ts"
import { type ArrApplication, Exclusion, presenceOr404 } from "./Arr.ts"
import { idsOfMovie, Movie } from "./MovieCatalog.ts"
import { decodeRestore, deleteMillis, numericId } from "./Restore.ts"

/** What adding a movie again needs. */
const MovieRestore = Schema.Struct({
  tmdbId: Schema.Int.check(Schema.isGreaterThan(0)),
  title: Schema.String,
  year: Schema.NullOr(Schema.Int),
  qualityProfileId: Schema.Int,
  rootFolderPath: Schema.String,
  monitored: Schema.Boolean,
  minimumAvailability: Schema.NullOr(Schema.String),
  tags: Schema.Array(Schema.Int)
})

export const movieRemoval = (
  upstream: Upstream,
  { api }: ArrApplication,
  integration: string,
  probe: Effect.Effect<Probe, UpstreamError>
): RemovalCapability => {
  const presence = Effect.fn("MovieRemoval.presence")(function* (target: RemovalTarget) {
    const id = yield* numericId(target.externalId, integration, `GET ${api}/movie`)
    return yield* presenceOr404(upstream.get(`${api}/movie/${id}`, Movie), probe, (movie) =>
      Effect.succeed(presentMovie(movie))
    )
  })

  const remove: RemovalCapability["remove"] = Effect.fn("MovieRemoval.remove")(function* (target, options) {
    const id = yield* numericId(target.externalId, integration, `DELETE ${api}/movie`)
    yield* upstream.send("DELETE", `${api}/movie/${id}`, {
      query: { deleteFiles: true, addImportExclusion: options.addImportExclusion },
      timeoutMillis: deleteMillis
    })
  })

  const restore = Effect.fn("MovieRemoval.restore")(function* (given: unknown) {
    const movie = yield* decodeRestore(MovieRestore, given, integration, `POST ${api}/movie`)
    // Whoever restores twice, or after the movie was added by hand, gets the one that is there.
    const present = yield* upstream.getArray(`${api}/movie`, Movie, { query: { tmdbId: movie.tmdbId } })
    const same = present.find((one) => one.tmdbId === movie.tmdbId)
    if (same !== undefined) return { externalId: String(same.id) }
    const exclusions = yield* upstream.getArray(`${api}/exclusions`, Exclusion)
    for (const exclusion of exclusions.filter((one) => one.tmdbId === movie.tmdbId)) {
      yield* upstream.send("DELETE", `${api}/exclusions/${exclusion.id}`)
    }
    const { minimumAvailability, year, ...body } = movie
    const added = yield* upstream.send(
      "POST",
      `${api}/movie`,
      {
        json: {
          ...body,
          ...(year === null ? {} : { year }),
          ...(minimumAvailability === null ? {} : { minimumAvailability }),
          addOptions: { searchForMovie: true }
        }
      },
      Schema.Struct({ id: Schema.Int })
    )
    return { externalId: String(added.id) }
  })

  const presentMovie = (movie: Movie): Presence => ({
    _tag: "Present",
    title: movie.title,
    ids: idsOfMovie(movie),
    sizeBytes: positiveOrNull(movie.sizeOnDisk) ?? movie.movieFile?.size ?? 0,
    path: textOrNull(movie.path),
    restore: {
      tmdbId: movie.tmdbId ?? 0,
      title: movie.title,
      year: positiveOrNull(movie.year),
      qualityProfileId: movie.qualityProfileId ?? 0,
      rootFolderPath: textOrNull(movie.rootFolderPath) ?? folderOf(movie.path) ?? "",
      monitored: movie.monitored,
      minimumAvailability: textOrNull(movie.minimumAvailability),
      tags: movie.tags ?? []
    } satisfies typeof MovieRestore.Type
  })

  return { kinds: ["movie"], presence, remove, restore }
}
