/** What a row of the queue is for, in each family, and what is searched for after it was removed. */
import { Effect, Schema } from "effect"
import type { QueueTarget } from "../../QueueCapability.ts"
import type { Upstream } from "../../Upstream.ts"
import type { UpstreamError } from "../../UpstreamErrors.ts"
import { maybe } from "../Lenient.ts"
import { batchesOf } from "../Paging.ts"
import { positiveOrNull } from "../Values.ts"
import type { CreatorTerms } from "./CreatorTerms.ts"
import type { QueueTerms } from "./Queue.ts"

/** Ids per request: an application may pass them on to its database as they are. */
const idsAtOnce = 100

const Wanted = Schema.Struct({
  id: Schema.Int,
  monitored: maybe(Schema.Boolean),
  hasFile: maybe(Schema.Boolean),
  statistics: maybe(
    Schema.Struct({
      trackFileCount: maybe(Schema.Int),
      bookFileCount: maybe(Schema.Int),
      totalTrackCount: maybe(Schema.Int)
    })
  )
})
type Wanted = typeof Wanted.Type

const isMissing = ({ hasFile, statistics }: Wanted): boolean => {
  if (typeof hasFile === "boolean") return !hasFile
  const files = statistics?.trackFileCount ?? statistics?.bookFileCount ?? null
  return files === null || files < (statistics?.totalTrackCount ?? 1)
}

/** The ids among those given that are monitored and lack a file. A list that does not contain an id says that it is gone. */
const missingAmong = (rows: ReadonlyArray<Wanted>): ReadonlySet<string> =>
  new Set(rows.flatMap((row) => (row.monitored === true && isMissing(row) ? [String(row.id)] : [])))

const idOfPart = ({ partId, wholeId }: QueueTarget): string => partId ?? wholeId

const idsOf = (targets: ReadonlyArray<QueueTarget>): ReadonlyArray<number> => [
  ...new Set(targets.map((target) => Number(idOfPart(target))))
]

const inList = (
  upstream: Upstream,
  path: string,
  parameter: string,
  targets: ReadonlyArray<QueueTarget>
): Effect.Effect<ReadonlyArray<QueueTarget>, UpstreamError> =>
  Effect.gen(function* () {
    const rows: Array<Wanted> = []
    for (const batch of batchesOf(idsOf(targets).map(String), idsAtOnce)) {
      rows.push(...(yield* upstream.getArray(path, Wanted, { query: { [parameter]: batch.map(Number) } })))
    }
    const missing = missingAmong(rows)
    return targets.filter((target) => missing.has(idOfPart(target)))
  })

/** Movies: `GET movie/{id}` for each, since the list cannot be narrowed to ids of the application. */
export const movieQueue: QueueTerms = {
  query: { includeUnknownMovieItems: true, includeMovie: false },
  targetOf: ({ movieId }) => (positiveOrNull(movieId) === null ? null : { kind: "movie", wholeId: String(movieId) }),
  stillWanted: ({ application, upstream }, targets) =>
    Effect.map(
      Effect.forEach(targets, (target) =>
        upstream.get(`${application.api}/movie/${encodeURIComponent(target.wholeId)}`, Wanted).pipe(
          Effect.map((row) => (missingAmong([row]).size > 0 ? [target] : [])),
          Effect.catchTag("UpstreamRefused", (error) =>
            error.status === 404 ? Effect.succeed<ReadonlyArray<QueueTarget>>([]) : Effect.fail(error)
          )
        )
      ),
      (found) => found.flat()
    ),
  searches: (targets) => (targets.length === 0 ? [] : [{ name: "MoviesSearch", movieIds: idsOf(targets) }]),
  importCommand: "DownloadedMoviesScan"
}

export const seriesQueue: QueueTerms = {
  query: { includeUnknownSeriesItems: true, includeSeries: false, includeEpisode: true },
  targetOf: ({ episodeId, seasonNumber, seriesId }) =>
    positiveOrNull(seriesId) === null
      ? null
      : {
          kind: "episode",
          wholeId: String(seriesId),
          ...(typeof seasonNumber === "number" ? { seasonNumber } : {}),
          ...(positiveOrNull(episodeId) === null ? {} : { partId: String(episodeId) })
        },
  stillWanted: ({ application, upstream }, targets) =>
    inList(
      upstream,
      `${application.api}/episode`,
      "episodeIds",
      targets.filter(({ partId }) => partId !== undefined)
    ),
  // Episode by episode: a search for a season would fetch those that are there again.
  searches: (targets) => (targets.length === 0 ? [] : [{ name: "EpisodeSearch", episodeIds: idsOf(targets) }]),
  importCommand: "DownloadedEpisodesScan"
}

export const creatorQueue = (terms: CreatorTerms): QueueTerms => {
  const { creator, creatorId, searchCommand, work, workIdsKey } = terms
  const capital = `${creator.slice(0, 1).toUpperCase()}${creator.slice(1)}`
  return {
    query: { [`includeUnknown${capital}Items`]: true },
    targetOf: (row) => {
      const [whole, part] = creatorId === "artistId" ? [row.artistId, row.albumId] : [row.authorId, row.bookId]
      return positiveOrNull(whole) === null
        ? null
        : {
            kind: work,
            wholeId: String(whole),
            ...(positiveOrNull(part) === null ? {} : { partId: String(part) })
          }
    },
    stillWanted: ({ application, upstream }, targets) =>
      inList(
        upstream,
        `${application.api}/${work}`,
        workIdsKey,
        targets.filter(({ partId }) => partId !== undefined)
      ),
    searches: (targets) => (targets.length === 0 ? [] : [{ name: searchCommand, [workIdsKey]: idsOf(targets) }]),
    importCommand: work === "album" ? "DownloadedAlbumsScan" : "DownloadedBooksScan"
  }
}
