/** Movies of a Servarr application as items. Only what has a file is in the catalog: the rest has nothing to remove. */
import { Effect, Schema } from "effect"
import type { Progress } from "../../Kind.ts"
import type { CatalogItem } from "../../Observations.ts"
import { maybe } from "../Lenient.ts"
import { forEachWithPauses } from "../Pauses.ts"
import { earliestOf, folderOf, isoOrNull, positiveOrNull, textOrNull } from "../Values.ts"
import { type ArrAccess, Image, longReadMillis, Named, type Names, posterOf, readNames } from "./Arr.ts"
import { factsOfFile, MediaFile } from "./MediaFile.ts"
import { type MovieIdentity, movieNames } from "./MovieIdentity.ts"

const Rating = maybe(Schema.Struct({ value: maybe(Schema.Number) }))

export const Movie = Schema.Struct({
  id: Schema.Int,
  title: Schema.String,
  sortTitle: maybe(Schema.String),
  year: maybe(Schema.Number),
  ...movieNames,
  path: maybe(Schema.String),
  rootFolderPath: maybe(Schema.String),
  hasFile: maybe(Schema.Boolean),
  sizeOnDisk: maybe(Schema.Number),
  monitored: Schema.Boolean,
  minimumAvailability: maybe(Schema.String),
  qualityProfileId: maybe(Schema.Int),
  tags: maybe(Schema.Array(Schema.Int)),
  genres: maybe(Schema.Array(Schema.String)),
  added: maybe(Schema.String),
  inCinemas: maybe(Schema.String),
  digitalRelease: maybe(Schema.String),
  physicalRelease: maybe(Schema.String),
  /** The one date of applications that tell no cinema from disc. */
  releaseDate: maybe(Schema.String),
  studio: maybe(Schema.String),
  studioTitle: maybe(Schema.String),
  runtime: maybe(Schema.Number),
  certification: maybe(Schema.String),
  originalLanguage: maybe(Named),
  images: maybe(Schema.Array(Image)),
  /** Old versions give one `{votes, value}` instead of one per source. */
  ratings: maybe(Schema.Struct({ imdb: Rating, tmdb: Rating, rottenTomatoes: Rating, value: maybe(Schema.Number) })),
  collection: maybe(Schema.Struct({ title: maybe(Schema.String), name: maybe(Schema.String) })),
  movieFile: maybe(MediaFile)
})
export type Movie = typeof Movie.Type

export const readMovies = Effect.fn("Arr.readMovies")(function* (
  { application, upstream }: ArrAccess,
  identity: MovieIdentity,
  progress: Progress
) {
  yield* progress(0, null)
  const movies = yield* upstream.getArray(`${application.api}/movie`, Movie, { timeoutMillis: longReadMillis })
  const names = yield* readNames(upstream, application)
  const items: Array<CatalogItem> = []
  yield* forEachWithPauses(movies, (movie) => {
    if (movie.hasFile === true) items.push(itemOfMovie(movie, identity, names))
  })
  yield* progress(movies.length, movies.length)
  return items
})

export const sizeOfMovie = (movie: Movie): number => positiveOrNull(movie.sizeOnDisk) ?? movie.movieFile?.size ?? 0

const itemOfMovie = (movie: Movie, identity: MovieIdentity, names: Names): CatalogItem => {
  const imdb = positiveOrNull(movie.ratings?.imdb?.value)
  const tmdb = positiveOrNull(movie.ratings?.tmdb?.value)
  const collection = textOrNull(movie.collection?.title) ?? textOrNull(movie.collection?.name)
  return {
    externalId: String(movie.id),
    kind: "movie",
    parentExternalId: null,
    title: movie.title,
    sortTitle: textOrNull(movie.sortTitle),
    year: positiveOrNull(movie.year),
    ids: identity.ids(movie),
    path: textOrNull(movie.path),
    rootFolder: textOrNull(movie.rootFolderPath) ?? folderOf(movie.path),
    sizeBytes: sizeOfMovie(movie),
    posterUrl: posterOf(movie.images),
    collections: collection === null ? [] : [collection],
    facts: {
      monitored: movie.monitored,
      qualityProfile: names.qualityProfile(movie.qualityProfileId),
      tags: names.tags(movie.tags),
      genres: movie.genres ?? [],
      rating: imdb ?? tmdb ?? positiveOrNull(movie.ratings?.value),
      ratingImdb: imdb,
      ratingTmdb: tmdb,
      ratingRottenTomatoes: positiveOrNull(movie.ratings?.rottenTomatoes?.value),
      addedAt: isoOrNull(movie.movieFile?.dateAdded) ?? isoOrNull(movie.added),
      releasedAt: earliestOf([movie.inCinemas, movie.digitalRelease, movie.physicalRelease, movie.releaseDate]),
      language: textOrNull(movie.originalLanguage?.name),
      studio: textOrNull(movie.studio) ?? textOrNull(movie.studioTitle),
      runtimeMinutes: positiveOrNull(movie.runtime),
      contentRating: textOrNull(movie.certification),
      ...factsOfFile(movie.movieFile)
    }
  }
}
