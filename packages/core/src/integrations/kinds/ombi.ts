/** Ombi: who asked for which movies and shows. */
import { Effect, Schema } from "effect"
import type { Connected, Kind, Progress } from "../Kind.ts"
import type { RequestEntry } from "../Observations.ts"
import type { Upstream } from "../Upstream.ts"
import type { UpstreamError } from "../UpstreamErrors.ts"
import { ApiKeyConfig, apiKeyField } from "./ApiKey.ts"
import { LenientNumber, LenientString, maybe } from "./Lenient.ts"
import { readPages } from "./Paging.ts"
import { forEachWithPauses } from "./Pauses.ts"
import { timedProbe } from "./Probing.ts"
import { distinctTexts, idOf, isoOrNull } from "./Values.ts"

const pageSize = 100

const pages = (rows: number) => Math.max(1, Math.ceil(rows / pageSize))

export const ombi: Kind<ApiKeyConfig> = {
  id: "ombi",
  title: "Ombi",
  description: "Requests for movies and shows, and who made them.",
  capabilities: ["requests"],
  // Requests name the seasons of a show, so they tell of seasons too.
  itemKinds: ["movie", "show", "season"],
  fields: [apiKeyField("Shown by Ombi under Settings, Configuration, General.")],
  config: ApiKeyConfig,
  discovery: {
    defaultPort: 3579,
    hostNames: ["ombi"],
    path: "api/v1/Status/info",
    answer: String.raw`^\s*"?v?\d+\.\d+\.\d+`
  },
  syncCost: {
    formula:
      "1 per 100 requests for movies and 1 per 100 for shows, each at least 1. The figure takes one request for a movie per item",
    calls: ({ items, requests = items }) => pages(requests) + 1
  },
  connect: (door, connection): Connected => {
    const upstream = door.open({
      integration: connection.name,
      baseUrl: connection.url,
      headers: { ApiKey: connection.config.apiKey }
    })
    return {
      // The version is told to anyone, as bare text; how many requests there are only to a key that is right.
      probe: timedProbe(
        upstream
          .get("api/v1/Status/info", Schema.String, { parse: (body) => body.trim().replaceAll('"', "") })
          .pipe(Effect.map((version) => ({ appName: "Ombi", version: version === "" ? null : version }))),
        upstream.get("api/v1/Request/movie/total", Schema.Int)
      ),
      read: { requests: (progress) => readRequests(upstream, connection.name, progress) }
    }
  }
}

const text = Schema.optionalKey(LenientString)
const number = Schema.optionalKey(LenientNumber)
const flag = maybe(Schema.Boolean)

const RequestPage = Schema.Struct({ collection: Schema.Array(Schema.Unknown), total: Schema.Int })

/** What requests for movies and shows have in common. */
const request = {
  id: Schema.Int,
  approved: flag,
  available: flag,
  denied: flag,
  requestedDate: text,
  requestedByAlias: text,
  requestedUser: maybe(Schema.Struct({ userAlias: text, alias: text, userName: text, email: text }))
}

const MovieRequest = Schema.Struct({
  ...request,
  theMovieDbId: number,
  imdbId: text,
  /** A request may be for the usual copy, for one in 4K, or for both, each with its own fate. */
  has4KRequest: flag,
  approved4K: flag,
  available4K: flag,
  denied4K: flag,
  requestedDate4k: text
})
type MovieRequest = typeof MovieRequest.Type

/** One person's request for a part of a show. */
const ShowRequest = Schema.Struct({
  ...request,
  seasonRequests: maybe(Schema.Array(Schema.Struct({ seasonNumber: Schema.Int }))),
  parentRequest: maybe(
    Schema.Struct({
      tvDbId: number,
      /** TMDB's number of the show. */
      externalProviderId: number,
      imdbId: text
    })
  )
})
type ShowRequest = typeof ShowRequest.Type

const readRequests = Effect.fn("Ombi.readRequests")(function* (
  upstream: Upstream,
  integration: string,
  progress: Progress
): Effect.fn.Return<ReadonlyArray<RequestEntry>, UpstreamError> {
  const movies = yield* readList(upstream, integration, "movie", MovieRequest, progress)
  const shows = yield* readList(upstream, integration, "tv", ShowRequest, (done) =>
    progress(movies.length + done, null)
  )
  const entries: Array<RequestEntry> = []
  yield* forEachWithPauses(movies, (movie) => entries.push(entryOfMovie(movie)))
  yield* forEachWithPauses(shows, (show) => entries.push(entryOfShow(show)))
  return entries
})

/** Oldest first: a request that is made meanwhile comes at the end. */
const readList = <A extends { readonly id: number }>(
  upstream: Upstream,
  integration: string,
  type: "movie" | "tv",
  row: Schema.Codec<A, unknown>,
  progress: Progress
) =>
  readPages({
    integration,
    call: `GET api/v2/Requests/${type}`,
    pageSize,
    keyOf: (one: A) => String(one.id),
    progress,
    fetch: (position) =>
      upstream
        .getPage(`api/v2/Requests/${type}/${pageSize}/${position}/requestedDate/asc`, {
          head: RequestPage,
          rowsOf: (head) => head.collection,
          row
        })
        .pipe(Effect.map(({ head, rows }) => ({ rows, total: head.total })))
  })

const entryOfMovie = (movie: MovieRequest): RequestEntry => {
  const usualAt = isoOrNull(movie.requestedDate)
  const in4K = { approved: movie.approved4K, available: movie.available4K, denied: movie.denied4K }
  const usual = movie.has4KRequest === true && usualAt === null ? [] : [movie]
  return {
    // Movies and shows are numbered apart.
    requestId: `movie-${movie.id}`,
    kind: "movie",
    ids: [...idOf("tmdb-movie", movie.theMovieDbId), ...idOf("imdb", movie.imdbId)],
    seasons: null,
    status: statusOf([...usual, ...(movie.has4KRequest === true ? [in4K] : [])]),
    requesterNames: namesOf(movie),
    requestedAt: usualAt ?? isoOrNull(movie.requestedDate4k)
  }
}

const entryOfShow = (show: ShowRequest): RequestEntry => {
  const seasons = (show.seasonRequests ?? []).map((season) => season.seasonNumber)
  const parent = show.parentRequest
  return {
    requestId: `show-${show.id}`,
    kind: "show",
    ids: [
      ...idOf("tmdb-show", parent?.externalProviderId),
      ...idOf("tvdb", parent?.tvDbId),
      ...idOf("imdb", parent?.imdbId)
    ],
    seasons: seasons.length === 0 ? null : seasons,
    status: statusOf([show]),
    requesterNames: namesOf(show),
    requestedAt: isoOrNull(show.requestedDate)
  }
}

/** What became of one copy. */
interface Fate {
  readonly approved?: boolean | null | undefined
  readonly available?: boolean | null | undefined
  readonly denied?: boolean | null | undefined
}

/** The best that became of any copy that was asked for. */
const statusOf = (copies: ReadonlyArray<Fate>): RequestEntry["status"] => {
  const fates = copies.map(({ approved, available, denied }) =>
    available === true ? "completed" : denied === true ? "declined" : approved === true ? "approved" : "pending"
  )
  return (["completed", "approved", "pending", "declined"] as const).find((fate) => fates.includes(fate)) ?? "pending"
}

const namesOf = ({ requestedByAlias, requestedUser: by }: Pick<ShowRequest, "requestedByAlias" | "requestedUser">) =>
  distinctTexts([by?.userAlias, by?.alias, by?.userName, by?.email, requestedByAlias])
