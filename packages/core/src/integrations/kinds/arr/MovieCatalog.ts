/**
 * Movies of a Servarr application as items. Only movies with a file are in the catalog: there is nothing to remove for
 * the others.
 */
import { Effect, Schema } from "effect"
import type { Progress, RemovalTarget } from "../../Kind.ts"
import type { CatalogFactName, CatalogItem, Untold } from "../../Observations.ts"
import { type OddRecords, untoldOf } from "../../OddRecords.ts"
import type { UpstreamError } from "../../UpstreamErrors.ts"
import { maybe } from "../Lenient.ts"
import { identified, orGone } from "../OneItem.ts"
import { forEachWithPauses } from "../../Pauses.ts"
import { earliestOf, folderOf, isoOrNull, positiveOrNull, textOrNull } from "../Values.ts"
import {
  type ArrAccess,
  idsUnlessOdd,
  Image,
  longReadMillis,
  Named,
  type Names,
  posterOf,
  readNames,
  readRecord
} from "./Arr.ts"
import { factsOfFile, fileOf, MediaFile, pathOfFile } from "./MediaFile.ts"
import { leaving } from "./Parts.ts"
import { type MovieIdentity, movieNames } from "./MovieIdentity.ts"
import { numericId } from "./Restore.ts"

const Rating = maybe(Schema.Struct({ value: maybe(Schema.Number), votes: maybe(Schema.Number) }))

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
  monitored: maybe(Schema.Boolean),
  minimumAvailability: maybe(Schema.String),
  qualityProfileId: maybe(Schema.Int),
  tags: maybe(Schema.Array(Schema.Int)),
  genres: maybe(Schema.Array(Schema.String)),
  added: maybe(Schema.String),
  inCinemas: maybe(Schema.String),
  digitalRelease: maybe(Schema.String),
  physicalRelease: maybe(Schema.String),
  /** The single date of applications that do not distinguish cinema and disc releases. */
  releaseDate: maybe(Schema.String),
  studio: maybe(Schema.String),
  studioTitle: maybe(Schema.String),
  runtime: maybe(Schema.Number),
  certification: maybe(Schema.String),
  originalLanguage: maybe(Named),
  images: maybe(Schema.Array(Image)),
  /** Old versions have a single `{votes, value}` instead of one per source. */
  ratings: maybe(
    Schema.Struct({
      imdb: Rating,
      tmdb: Rating,
      rottenTomatoes: Rating,
      trakt: Rating,
      metacritic: Rating,
      value: maybe(Schema.Number),
      votes: maybe(Schema.Number)
    })
  ),
  collection: maybe(Schema.Struct({ title: maybe(Schema.String), name: maybe(Schema.String) })),
  movieFile: maybe(MediaFile)
})
export type Movie = typeof Movie.Type

export const readMovies = Effect.fn("Arr.readMovies")(function* (
  { application, upstream }: ArrAccess,
  identity: MovieIdentity,
  progress: Progress,
  odd: OddRecords
) {
  yield* progress(0, null)
  const path = `${application.api}/movie`
  const movies = yield* upstream.getArray(path, Movie, { timeoutMillis: longReadMillis, odd })
  const names = yield* readNames(upstream, application, odd)
  const items = yield* itemsOfMovies(movies, `GET ${path}`, { identity, names, odd })
  yield* progress(movies.length, movies.length)
  return items
})

/** One movie; empty if it is gone, or no longer has a file. */
export const rereadMovie = Effect.fn("Arr.rereadMovie")(function* (
  access: ArrAccess,
  identity: MovieIdentity,
  target: RemovalTarget,
  odd: OddRecords
): Effect.fn.Return<ReadonlyArray<CatalogItem>, UpstreamError> {
  const { application, integration, probe, upstream } = access
  const path = `${application.api}/movie`
  const id = yield* numericId(target.externalId, integration, `GET ${path}`)
  return yield* identified(integration, `GET ${path}/${id}`, odd, (own) =>
    Effect.gen(function* () {
      const movie = yield* orGone(readRecord(access, `${path}/${id}`, Movie, own), probe)
      if (movie === null) return []
      const names = yield* readNames(upstream, application, own)
      return yield* itemsOfMovies([movie], `GET ${path}/${id}`, { identity, names, odd: own })
    })
  )
})

interface Reading {
  readonly identity: MovieIdentity
  readonly names: Names
  readonly odd: OddRecords
}

const itemsOfMovies = Effect.fnUntraced(function* (
  movies: ReadonlyArray<Movie>,
  call: string,
  { identity, names, odd }: Reading
): Effect.fn.Return<ReadonlyArray<CatalogItem>> {
  const items: Array<CatalogItem> = []
  let position = 0
  yield* forEachWithPauses(movies, (movie) => {
    const file = hasFile(movie, odd)
    if (file === true) items.push(itemOfMovie(movie, identity, names, odd))
    // It may be one of those that existed before.
    if (file === null) odd.noteUnidentified(call, position, `"${movie.title}" does not say whether it has a file`)
    position++
  })
  return items
})

/** The size, or `null` if the application has not measured the file. */
export const sizeOfMovie = (movie: Movie): number | null =>
  positiveOrNull(movie.sizeOnDisk) ?? positiveOrNull(movie.movieFile?.size)

/** `null` = unknown, since the fields could not be read. */
const hasFile = (movie: Movie, odd: OddRecords): boolean | null => {
  if (movie.hasFile !== undefined && movie.hasFile !== null) return movie.hasFile
  if (movie.movieFile !== undefined && movie.movieFile !== null) return true
  if (positiveOrNull(movie.sizeOnDisk) !== null) return true
  return odd.fieldsOf(movie).some(({ path }) => /^(hasFile|sizeOnDisk|movieFile)\b/.test(path)) ? null : false
}

const itemOfMovie = (movie: Movie, identity: MovieIdentity, names: Names, odd: OddRecords): CatalogItem => {
  const collection = textOrNull(movie.collection?.title) ?? textOrNull(movie.collection?.name)
  const size = sizeOfMovie(movie)
  const file = factsOfFile(movie.movieFile)
  const addedAt = isoOrNull(movie.added)
  const fileAddedAt = isoOrNull(movie.movieFile?.dateAdded)
  const untold: Untold<CatalogFactName> = {
    ...(size === null ? { sizeBytes: "the application does not report the size of its file" } : {}),
    ...(fileAddedAt === null ? { fileAddedAt: "the application has no date for its file" } : {}),
    ...(addedAt === null && fileAddedAt === null ? { addedAt: "the application has no date for it" } : {}),
    ...file.untold,
    ...names.untold({ monitored: movie.monitored, tags: movie.tags, qualityProfile: movie.qualityProfileId }),
    ...untoldOf(odd, movie, movie.title, factsOfField).untold
  }
  return {
    externalId: String(movie.id),
    kind: "movie",
    parentExternalId: null,
    title: movie.title,
    sortTitle: textOrNull(movie.sortTitle),
    year: positiveOrNull(movie.year),
    ids: idsUnlessOdd(odd, movie, identity.ids(movie)),
    path: textOrNull(movie.path),
    filePath: pathOfFile(movie.movieFile, movie.path),
    ...(movie.movieFile === null || movie.movieFile === undefined
      ? {}
      : { files: [fileOf(movie.movieFile, movie.path)] }),
    rootFolder: textOrNull(movie.rootFolderPath) ?? folderOf(movie.path),
    sizeBytes: size ?? 0,
    posterUrl: posterOf(movie.images),
    collections: collection === null ? [] : [collection],
    ...leaving(
      {
        monitored: movie.monitored ?? null,
        qualityProfile: names.qualityProfile(movie.qualityProfileId),
        qualityProfileId: movie.qualityProfileId ?? null,
        tags: names.tags(movie.tags),
        genres: movie.genres ?? [],
        ...ratingsOf(movie),
        ...(addedAt === null ? {} : { addedAt }),
        ...(fileAddedAt === null ? {} : { fileAddedAt }),
        releasedAt: earliestOf([movie.inCinemas, movie.digitalRelease, movie.physicalRelease, movie.releaseDate]),
        inCinemasAt: isoOrNull(movie.inCinemas),
        digitalReleaseAt: isoOrNull(movie.digitalRelease),
        physicalReleaseAt: isoOrNull(movie.physicalRelease),
        language: textOrNull(movie.originalLanguage?.name),
        studio: textOrNull(movie.studio) ?? textOrNull(movie.studioTitle),
        runtimeMinutes: positiveOrNull(movie.runtime),
        contentRating: textOrNull(movie.certification),
        ...file.facts
      },
      untold
    )
  }
}

/** A source without a rating has no votes either. */
const ratingsOf = ({ ratings }: Movie) => {
  const of = (rating: { readonly value?: number | null; readonly votes?: number | null } | null | undefined) => {
    const value = positiveOrNull(rating?.value)
    return { value, votes: value === null ? null : positiveOrNull(rating?.votes) }
  }
  const [imdb, tmdb, trakt] = [of(ratings?.imdb), of(ratings?.tmdb), of(ratings?.trakt)]
  const [main] = [imdb, tmdb, of(ratings)].filter(({ value }) => value !== null)
  return {
    rating: main?.value ?? null,
    ratingVotes: main?.votes ?? null,
    ratingImdb: imdb.value,
    votesImdb: imdb.votes,
    ratingTmdb: tmdb.value,
    votesTmdb: tmdb.votes,
    ratingTrakt: trakt.value,
    votesTrakt: trakt.votes,
    ratingRottenTomatoes: of(ratings?.rottenTomatoes).value,
    ratingMetacritic: of(ratings?.metacritic).value
  }
}

/** The facts that depend on each field of a movie. */
const factsOfField: Readonly<Record<string, ReadonlyArray<CatalogFactName>>> = {
  year: ["year"],
  path: ["path", "rootFolder"],
  rootFolderPath: ["rootFolder"],
  sizeOnDisk: ["sizeBytes"],
  monitored: ["monitored"],
  qualityProfileId: ["qualityProfile", "qualityProfileId"],
  tags: ["tags"],
  genres: ["genres"],
  added: ["addedAt"],
  inCinemas: ["releasedAt", "inCinemasAt"],
  digitalRelease: ["releasedAt", "digitalReleaseAt"],
  physicalRelease: ["releasedAt", "physicalReleaseAt"],
  releaseDate: ["releasedAt"],
  studio: ["studio"],
  studioTitle: ["studio"],
  runtime: ["runtimeMinutes"],
  certification: ["contentRating"],
  originalLanguage: ["language"],
  ratings: [
    ...(["rating", "ratingVotes", "ratingImdb", "votesImdb", "ratingTmdb", "votesTmdb"] as const),
    ...(["ratingTrakt", "votesTrakt", "ratingRottenTomatoes", "ratingMetacritic"] as const)
  ],
  "ratings.imdb.value": ["rating", "ratingVotes", "ratingImdb", "votesImdb"],
  "ratings.tmdb.value": ["rating", "ratingVotes", "ratingTmdb", "votesTmdb"],
  "ratings.rottenTomatoes.value": ["ratingRottenTomatoes"],
  "ratings.trakt.value": ["ratingTrakt", "votesTrakt"],
  "ratings.metacritic.value": ["ratingMetacritic"],
  "ratings.imdb.votes": ["ratingVotes", "votesImdb"],
  "ratings.tmdb.votes": ["ratingVotes", "votesTmdb"],
  "ratings.trakt.votes": ["votesTrakt"],
  "ratings.votes": ["ratingVotes"],
  collection: ["collections"],
  movieFile: ["addedAt", "fileAddedAt", "resolution", "videoCodec", "audioCodec", "hdr", "bitrate"],
  "movieFile.releaseGroup": ["releaseGroups"],
  "movieFile.languages": ["fileLanguages"],
  "movieFile.customFormats": ["customFormatScore", "lowestCustomFormatScore"],
  "movieFile.customFormatScore": ["customFormatScore", "lowestCustomFormatScore"],
  "movieFile.dateAdded": ["addedAt", "fileAddedAt", "newestFileAt"],
  "movieFile.qualityCutoffNotMet": ["cutoffMet"],
  "movieFile.path": ["filePaths"],
  "movieFile.relativePath": ["filePaths"],
  "movieFile.size": ["bitrate"],
  "movieFile.quality": ["resolution", "fileQuality"],
  "movieFile.mediaInfo": [
    "resolution",
    "videoCodec",
    "audioCodec",
    "hdr",
    "bitrate",
    "audioLanguages",
    "subtitleLanguages",
    "videoCodecs",
    "audioCodecs",
    "audioChannels",
    "audioTrackCount"
  ]
}
