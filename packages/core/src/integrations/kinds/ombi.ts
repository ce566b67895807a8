/** Ombi: requests for movies and shows, with their requesters. */
import { Effect, Schema } from "effect"
import type { Connected, Kind, Progress, WantedIds } from "../Kind.ts"
import type { RequestEntry, TypedId } from "../Observations.ts"
import { type OddRecords, untoldOf } from "../OddRecords.ts"
import type { Upstream } from "../Upstream.ts"
import type { UpstreamError } from "../UpstreamErrors.ts"
import { type ApiKeyConfig, apiKeyConfig } from "./ApiKey.ts"
import { LenientNumber, LenientString, maybe } from "./Lenient.ts"
import { readPages, withGaps } from "./Paging.ts"
import { forEachWithPauses } from "../Pauses.ts"
import { timedProbe } from "./Probing.ts"
import { isFor } from "./Meant.ts"
import { distinctTexts, idOf, isoOrNull, mailIdsOf, sharedIdsOf } from "./Values.ts"

const pageSize = 100

const pages = (rows: number) => Math.max(1, Math.ceil(rows / pageSize))

export const ombi: Kind<ApiKeyConfig> = {
  id: "ombi",
  title: "Ombi",
  description: "Requests for movies and shows, with their requesters.",
  capabilities: ["requests"],
  // Requests name the seasons of a show, so they contain data about seasons too.
  itemKinds: ["movie", "show", "season", "episode"],
  config: apiKeyConfig("Shown by Ombi under Settings, Configuration, General."),
  discovery: {
    defaultPort: 3579,
    hostNames: ["ombi"],
    path: "api/v1/Status/info",
    answer: String.raw`^\s*"?v?\d+\.\d+\.\d+`
  },
  syncCost: {
    formula:
      "1 per 100 requests for movies and 1 per 100 for shows, each at least 1. The figure assumes one request for a movie per item",
    calls: ({ items, requests = items }) => pages(requests) + 1,
    reread: "1 per 100 requests for movies, or for shows, at least 1"
  },
  facts: [
    {
      facts: ["requested", "requestCount", "requestStatus", "requestedIn4k"],
      places:
        "`GET v2/Requests/movie` and `GET v2/Requests/tv`, all pages (before an item is removed, only the list of its kind): the ids, `approved`, `available`, `denied`, and the same for the 4K copy if `has4KRequest` is set; `seasonRequests[]` of shows. Declined requests do not count",
      unknown:
        "a request without a readable id keeps the values of the previous reading; before an item is removed, it makes the removal wait unless the last sync read the same",
      evidence: "document"
    },
    {
      facts: ["requestedBy", "watchedByRequester", "watchedByAllRequesters"],
      places:
        "`requestedUser`: `userAlias`, `alias`, `userName`, `email`, `providerUserId`, and `requestedByAlias` are names of one person",
      unknown: "a deleted user: the request has no requester, and it is unknown who requested the title",
      evidence: "document"
    },
    {
      facts: ["requestApprovedAt"],
      places: "`markedAsApproved`, `markedAsApproved4K`",
      unknown: "no date, or one in the year 1: unknown",
      evidence: "document"
    },
    {
      facts: ["requestedAt", "lastRequestedAt"],
      places: "`requestedDate`, `requestedDate4k`",
      unknown: "no date, or one in the year 1: unknown",
      evidence: "document"
    },
    {
      facts: ["requestApprovedAt", "requestAvailableAt"],
      places:
        "`markedAsApproved` with `approved`, `markedAsAvailable` with `available`, and the same for the 4K copy (`markedAsApproved4K`, `markedAsAvailable4K`)",
      unknown: "the flag without a date: unknown; without the flag: not yet",
      evidence: "document"
    }
  ],
  connect: (client, connection): Connected => {
    const upstream = client.open({
      integration: connection.name,
      baseUrl: connection.url,
      headers: { ApiKey: connection.config.apiKey }
    })
    return {
      // The version is public, as plain text; the number of requests requires a valid key.
      probe: timedProbe(
        upstream
          .get("api/v1/Status/info", Schema.String, { parse: (body) => body.trim().replaceAll('"', "") })
          .pipe(Effect.map((version) => ({ appName: "Ombi", version: version === "" ? null : version }))),
        upstream.get("api/v1/Request/movie/total", Schema.Int)
      ),
      read: { requests: (progress, odd) => readRequests(upstream, connection.name, progress, odd) },
      reread: { requests: (wanted, odd) => rereadRequests(upstream, connection.name, wanted, odd) }
    }
  }
}

const text = Schema.optionalKey(LenientString)
const number = Schema.optionalKey(LenientNumber)
const flag = maybe(Schema.Boolean)

const RequestPage = Schema.Struct({ collection: Schema.Array(Schema.Unknown), total: LenientNumber })

/** Common fields of requests for movies and shows. */
const request = {
  id: Schema.Int,
  approved: flag,
  available: flag,
  denied: flag,
  requestedDate: text,
  markedAsApproved: text,
  markedAsAvailable: text,
  requestedByAlias: text,
  requestedUserId: text,
  requestedUser: maybe(
    Schema.Struct({ userAlias: text, alias: text, userName: text, email: text, providerUserId: text })
  )
}

const MovieRequest = Schema.Struct({
  ...request,
  theMovieDbId: number,
  imdbId: text,
  /** A request may be for the usual copy, for the 4K copy, or for both, each with its own status. */
  has4KRequest: flag,
  approved4K: flag,
  available4K: flag,
  denied4K: flag,
  requestedDate4k: text,
  markedAsApproved4K: text,
  markedAsAvailable4K: text
})
type MovieRequest = typeof MovieRequest.Type

/** One person's request for a part of a show. */
const ShowRequest = Schema.Struct({
  ...request,
  seasonRequests: maybe(Schema.Array(Schema.Struct({ seasonNumber: Schema.Int }))),
  parentRequest: maybe(
    Schema.Struct({
      tvDbId: number,
      /** The show's id at TMDB. */
      externalProviderId: number,
      imdbId: text
    })
  )
})
type ShowRequest = typeof ShowRequest.Type

type AnyRequest = ShowRequest & Partial<Omit<MovieRequest, keyof ShowRequest>>

const readRequests = Effect.fn("Ombi.readRequests")(function* (
  upstream: Upstream,
  integration: string,
  progress: Progress,
  odd: OddRecords
): Effect.fn.Return<ReadonlyArray<RequestEntry>, UpstreamError> {
  const list = { upstream, integration, odd }
  const movies = yield* readMovieRequests(list, progress)
  const shows = yield* readShowRequests(list, (done) => progress(movies.records + done, null))
  return [...movies.entries, ...shows.entries]
})

/**
 * The API has no query for the requests of one title, except by a word of it: the list is read, of movies or of shows.
 */
const rereadRequests = Effect.fn("Ombi.rereadRequests")(function* (
  upstream: Upstream,
  integration: string,
  wanted: WantedIds,
  odd: OddRecords
): Effect.fn.Return<ReadonlyArray<RequestEntry>, UpstreamError> {
  const list = { upstream, integration, odd }
  const read = wanted.kind === "movie" ? readMovieRequests : readShowRequests
  const { entries } = yield* read(list, () => Effect.void)
  return entries.filter(isFor(wanted))
})

const readMovieRequests = Effect.fnUntraced(function* (list: List, progress: Progress) {
  const rows = yield* readList(list, "movie", MovieRequest, idsOfMovie, progress)
  const entries: Array<RequestEntry> = []
  yield* forEachWithPauses(rows, (movie) => {
    const isOdd = (field: keyof MovieRequest) => list.odd.fieldsOf(movie).some(({ path }) => path === field)
    entries.push(...entriesOfMovie(movie, isOdd))
  })
  return { entries, records: rows.length }
})

const readShowRequests = Effect.fnUntraced(function* (list: List, progress: Progress) {
  const rows = yield* readList(list, "tv", ShowRequest, idsOfShow, progress)
  const entries: Array<RequestEntry> = []
  yield* forEachWithPauses(rows, (show) => {
    const isOdd = list.odd.fieldsOf(show).some(({ path }) => path.startsWith("seasonRequests"))
    entries.push(entryOfShow(show, isOdd))
  })
  return { entries, records: rows.length }
})

interface List {
  readonly upstream: Upstream
  readonly integration: string
  readonly odd: OddRecords
}

/**
 * Oldest first: a request that is added in the meantime comes at the end. Requests that do not identify a title are
 * omitted.
 */
const readList = Effect.fnUntraced(function* <A extends AnyRequest>(
  { integration, odd, upstream }: List,
  type: "movie" | "tv",
  row: Schema.Codec<A, unknown>,
  idsOf: (row: A) => ReadonlyArray<TypedId>,
  progress: Progress
) {
  const call = `GET api/v2/Requests/${type}`
  const rows = yield* readPages({
    integration,
    call,
    pageSize,
    keyOf: (one: A | null) => (one === null ? null : String(one.id)),
    progress,
    fetch: (position) =>
      upstream
        .getPage(
          `api/v2/Requests/${type}/${pageSize}/${position}/requestedDate/asc`,
          { head: RequestPage, rowsOf: (head) => head.collection, row },
          { odd, oddFrom: position }
        )
        .pipe(Effect.map(({ head, rows }) => ({ rows: withGaps(rows, head.collection.length), total: head.total })))
  })
  return rows.filter((one, index): one is A => {
    if (one === null) return false
    const title = `request ${one.id} for a ${type === "tv" ? "show" : "movie"}`
    untoldOf(odd, one, title, {})
    const isNamed = idsOf(one).length > 0
    if (!isNamed) {
      odd.noteUnidentified(call, index, `${title} does not contain what it requests`, {
        kind: type === "tv" ? "show" : "movie",
        isSettled: isSettled(one),
        at: isoOrNull(one.requestedDate),
        row: one
      })
    }
    return isNamed
  })
})

/** No copy is still pending. */
const isSettled = (one: AnyRequest): boolean =>
  isOver(one) &&
  (one.has4KRequest !== true || isOver({ approved: one.approved4K, available: one.available4K, denied: one.denied4K }))

const isOver = (fate: Fate): boolean => ["completed", "declined"].includes(statusOf(fate))

const idsOfMovie = ({ imdbId, theMovieDbId }: MovieRequest): ReadonlyArray<TypedId> => [
  ...idOf("tmdb-movie", theMovieDbId),
  ...idOf("imdb", imdbId)
]

const idsOfShow = ({ parentRequest: parent }: ShowRequest): ReadonlyArray<TypedId> => [
  ...idOf("tmdb-show", parent?.externalProviderId),
  ...idOf("tvdb", parent?.tvDbId),
  ...idOf("imdb", parent?.imdbId)
]

/** The usual copy and the 4K copy are requested separately, each with its own status. */
const entriesOfMovie = (
  movie: MovieRequest,
  isOdd: (field: keyof MovieRequest) => boolean
): ReadonlyArray<RequestEntry> => {
  const usualAt = isoOrNull(movie.requestedDate)
  const in4KAt = isoOrNull(movie.requestedDate4k)
  const has4K = movie.has4KRequest === true || (isOdd("has4KRequest") && in4KAt !== null)
  const common = {
    // Movies and shows have separate ids.
    requestId: `movie-${movie.id}`,
    kind: "movie" as const,
    ids: idsOfMovie(movie),
    seasons: null,
    requesterNames: namesOf(movie),
    ...requesterOf(movie)
  }
  const usual: RequestEntry = { ...common, status: statusOf(movie), requestedAt: usualAt, ...datesOf(movie) }
  if (!has4K) return [usual]
  const in4K: RequestEntry = {
    ...common,
    requestId: `${common.requestId}-4k`,
    status: statusOf({ approved: movie.approved4K, available: movie.available4K, denied: movie.denied4K }),
    is4k: true,
    requestedAt: in4KAt ?? usualAt,
    ...datesOf({
      approved: movie.approved4K,
      available: movie.available4K,
      markedAsApproved: movie.markedAsApproved4K,
      markedAsAvailable: movie.markedAsAvailable4K
    })
  }
  // Without a date of its own, the usual copy was not requested.
  return usualAt === null && !isOdd("requestedDate") ? [in4K] : [usual, in4K]
}

/** If the seasons cannot be read, the request may be for any season. */
const entryOfShow = (show: ShowRequest, seasonsAreOdd: boolean): RequestEntry => {
  const seasons = (show.seasonRequests ?? []).map((season) => season.seasonNumber)
  return {
    requestId: `show-${show.id}`,
    kind: "show",
    ids: idsOfShow(show),
    seasons: seasons.length === 0 || seasonsAreOdd ? null : seasons,
    status: statusOf(show),
    requesterNames: namesOf(show),
    ...requesterOf(show),
    requestedAt: isoOrNull(show.requestedDate),
    ...datesOf(show)
  }
}

/** The application does not report who approved it. */
/** The status of one copy. */
interface Fate {
  readonly approved?: boolean | null | undefined
  readonly available?: boolean | null | undefined
  readonly denied?: boolean | null | undefined
}

/** A date counts only with its flag; a flag without a date (year 1) happened at an unknown time. */
const datesOf = ({
  approved,
  available,
  markedAsApproved,
  markedAsAvailable
}: Fate & {
  readonly markedAsApproved?: string | null | undefined
  readonly markedAsAvailable?: string | null | undefined
}) => ({
  ...dateOf("approvedAt", approved, markedAsApproved),
  ...dateOf("availableAt", available, markedAsAvailable)
})

const dateOf = (
  name: "approvedAt" | "availableAt",
  flag: boolean | null | undefined,
  date: string | null | undefined
): Pick<RequestEntry, "approvedAt" | "availableAt"> => {
  if (flag === false) return { [name]: null }
  const at = isoOrNull(date)
  return flag === true && at !== null ? { [name]: at } : {}
}

const statusOf = ({ approved, available, denied }: Fate): RequestEntry["status"] =>
  available === true ? "completed" : denied === true ? "declined" : approved === true ? "approved" : "pending"

const namesOf = ({ requestedByAlias, requestedUser: by }: Pick<ShowRequest, "requestedByAlias" | "requestedUser">) =>
  distinctTexts([by?.userAlias, by?.alias, by?.userName, by?.email, by?.providerUserId, requestedByAlias])

/** The id at the provider is that of an account at plex.tv or of a media server. */
const requesterOf = ({
  requestedUser: by,
  requestedUserId: id
}: Pick<ShowRequest, "requestedUser" | "requestedUserId">): Pick<RequestEntry, "requester"> =>
  id === null || id === undefined
    ? {}
    : { requester: { id, sharedIds: [...sharedIdsOf(by?.providerUserId), ...mailIdsOf(by?.email)] } }
