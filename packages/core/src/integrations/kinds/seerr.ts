/**
 * Overseerr, Jellyseerr and Seerr: requests with their requesters. One API under three names, hence one implementation
 * and three kinds.
 */
import { Effect, Schema } from "effect"
import type { Connected, Kind, Progress, WantedIds } from "../Kind.ts"
import type { RequestEntry, TypedId } from "../Observations.ts"
import { type About, OddRecords, untoldOf } from "../OddRecords.ts"
import type { Upstream } from "../Upstream.ts"
import type { UpstreamError } from "../UpstreamErrors.ts"
import { configField } from "../ConfigForm.ts"
import { apiKeyConfig } from "./ApiKey.ts"
import { maybe } from "./Lenient.ts"
import { readPages, withGaps } from "./Paging.ts"
import { forEachWithPauses } from "../Pauses.ts"
import { timedProbe } from "./Probing.ts"
import { isFor } from "./Meant.ts"
import { api, entryOf, isKnownType, MediaRequest, pageSize, RequestPage, statusOf } from "./seerr/Requests.ts"
import { requestReset } from "./seerr/Reset.ts"
import { readWatchlists, rereadWatchlists, watchlistChoices } from "./seerr/Watchlists.ts"
import { idOf, isoOrNull } from "./Values.ts"

const SeerrConfig = (title: string) =>
  Schema.Struct({
    ...apiKeyConfig(`Shown by ${title} under Settings, General.`).fields,
    watchlists: Schema.optionalKey(
      configField(Schema.Literals(watchlistChoices), {
        title: "Watchlists",
        description: `Whether the watchlists of its users are read: off (the default), certain or reported. ${title} asks plex.tv for those of Plex accounts, and reports an empty list if it gets none: then it is unknown who has a title on a list. With reported, that is so only if the lists of all Plex accounts are empty.`
      })
    )
  })
type SeerrConfig = ReturnType<typeof SeerrConfig>["Type"]

/** `blocklisted`: the status of a title that people have blocked; `null` if the application does not have it. */
const makeSeerr = (id: string, title: string, answer: string, blocklisted: number | null): Kind<SeerrConfig> => ({
  id,
  title,
  description: "Requests for movies and shows, with their requesters.",
  capabilities: ["requests"],
  // Requests name the seasons of a show, so they contain data about seasons too.
  itemKinds: ["movie", "show", "season", "episode"],
  config: SeerrConfig(title),
  discovery: { defaultPort: 5055, hostNames: [id], path: `${api}/settings/public`, answer },
  syncCost: {
    formula:
      "1 per 100 requests, at least 1; if watchlists are read, 1 per 100 users, and for each user 1 per 20 entries of their watchlist, at least 1. The figure assumes one request per item, and no watchlists",
    calls: ({ items, requests = items }) => Math.max(1, Math.ceil(requests / pageSize)),
    reread:
      "1 for each TMDB id of the item; as for a sync if there is none, if the application cannot read TMDB, or if a request in the response cannot be identified. If watchlists are read, as many more as a sync makes for them"
  },
  facts: [
    {
      facts: ["requested", "requestCount", "requestStatus", "requestedIn4k"],
      places:
        "`GET request`, all pages: `type`, `media.tmdbId`, `media.tvdbId`, `media.imdbId`, `status`, `is4k`, and `seasons[]` with the `status` of each. Declined requests do not count",
      unknown:
        "another status counts as a request of unknown status; a request for neither a movie nor a show is omitted and reported; a request without a readable id keeps the values of the previous reading",
      evidence: "recorded"
    },
    {
      facts: ["requestedBy", "watchedByRequester", "watchedByAllRequesters"],
      places:
        "`requestedBy`: `displayName`, `username`, `plexUsername`, `jellyfinUsername`, `email`, `plexId`, `jellyfinUserId` are names of one person",
      unknown: "a deleted user: the request has no requester, and it is unknown who requested the title",
      evidence: "recorded"
    },
    {
      facts: ["requestApprovedAt", "requestApprovedBy"],
      places:
        "`updatedAt` of an approved request, and of one that was never updated; the names of `modifiedBy`, as those of `requestedBy`",
      unknown:
        "a request that was completed or failed after its approval: it is unknown when it was approved; no `modifiedBy`: unknown by whom",
      evidence: "recorded"
    },
    {
      facts: ["requestedAt", "lastRequestedAt"],
      places: "`createdAt`",
      unknown: "no date: unknown",
      evidence: "recorded"
    },
    {
      facts: ["requestAvailableAt"],
      places: "`media.mediaAddedAt`",
      unknown: "omitted: unknown; `null`: not available yet",
      evidence: "recorded"
    },
    {
      facts: [
        "requested",
        "requestCount",
        "requestStatus",
        "requestedIn4k",
        "requestedBy",
        "requestedAt",
        "lastRequestedAt",
        "requestApprovedAt",
        "requestApprovedBy"
      ],
      places:
        "for one title, before its item is removed: `mediaInfo.requests` of `GET movie/{tmdbId}` or `GET tv/{tmdbId}`, which have the format of the list",
      unknown:
        "no TMDB id, no response because TMDB does not have the title or cannot be reached, or a request that cannot be identified: the list is read. A request in the list that cannot be identified makes the removal wait, unless the last sync read the same; no `mediaInfo`: it was not requested",
      evidence: "recorded"
    },
    {
      facts: ["onWatchlist", "watchlistedBy", "watchlistCount"],
      places:
        "if `watchlists` is configured: `GET user` and `GET user/{id}/watchlist`, all pages: `mediaType`, `tmdbId`. The application asks plex.tv for the lists of Plex accounts; before an item is removed, all lists are read again",
      unknown:
        "a list that is refused or has an entry without an id, and an empty list of a Plex account (with `reported`, only if those of all Plex accounts are empty): it is unknown who has a title on a list; whoever has it on a list, it is on a watchlist",
      evidence: "recorded"
    }
  ],
  connect: (client, connection): Connected => {
    const upstream = client.open({
      integration: connection.name,
      baseUrl: connection.url,
      headers: { "X-Api-Key": connection.config.apiKey }
    })
    const { watchlists = "off" } = connection.config
    const lists = watchlists === "off" ? null : { upstream, integration: connection.name, choice: watchlists }
    return {
      // The status is public; the current user requires a valid key.
      probe: timedProbe(
        Effect.map(upstream.get(`${api}/status`, Status), ({ version }) => ({ appName: title, version })),
        upstream.get(`${api}/auth/me`, Me)
      ),
      read: {
        requests: (progress, odd) => readRequests(upstream, connection.name, progress, odd),
        ...(lists === null ? {} : { watchlists: (progress, odd) => readWatchlists(lists, progress, odd) })
      },
      reread: {
        requests: (wanted, odd) => rereadRequests(upstream, connection.name, wanted, odd),
        ...(lists === null ? {} : { watchlists: (wanted) => rereadWatchlists(lists, wanted) })
      },
      requestReset: requestReset(upstream, connection.name, blocklisted)
    }
  }
})

// Only Overseerr is limited to Plex as media server. The others differ in their title, which their owner may change:
// then either name is accepted.
const named = String.raw`"applicationTitle"\s*:\s*"`
const anyServer = String.raw`(?=[\s\S]*"mediaServerType")`
export const overseerr = makeSeerr(
  "overseerr",
  "Overseerr",
  String.raw`^(?![\s\S]*"mediaServerType")[\s\S]*${named}`,
  null
)
export const jellyseerr = makeSeerr("jellyseerr", "Jellyseerr", String.raw`^${anyServer}[\s\S]*${named}Jellyseerr`, 6)
export const seerr = makeSeerr("seerr", "Seerr", String.raw`^${anyServer}[\s\S]*${named}(?!Jellyseerr)`, 6)

const Status = Schema.Struct({ version: Schema.String })

const Me = Schema.Struct({ id: Schema.Int })

const listCall = `GET ${api}/request`

const readRequests = Effect.fn("Seerr.readRequests")(function* (
  upstream: Upstream,
  integration: string,
  progress: Progress,
  odd: OddRecords
): Effect.fn.Return<ReadonlyArray<RequestEntry>, UpstreamError> {
  const requests = yield* readPages({
    integration,
    call: listCall,
    pageSize,
    keyOf: (request: MediaRequest | null) => request?.id ?? null,
    progress,
    fetch: (skip) =>
      upstream
        .getPage(
          `${api}/request`,
          { head: RequestPage, rowsOf: (head) => head.results, row: MediaRequest },
          { query: { take: pageSize, skip, filter: "all", sort: "added" }, odd, oddFrom: skip }
        )
        .pipe(
          Effect.map(({ head, rows }) => ({
            rows: withGaps(rows, head.results.length),
            total: head.pageInfo.results
          }))
        )
  })
  return yield* entriesOf(requests, listCall, odd)
})

/**
 * The details of a movie or show contain its requests, in the same form as the list. The application needs TMDB for
 * them, so the list is read instead if TMDB does not have the title or does not answer, if its id is not known, or if
 * one of the requests cannot be identified.
 */
const rereadRequests = Effect.fn("Seerr.rereadRequests")(function* (
  upstream: Upstream,
  integration: string,
  wanted: WantedIds,
  odd: OddRecords
): Effect.fn.Return<ReadonlyArray<RequestEntry>, UpstreamError> {
  const numbers = wanted.ids.flatMap((id) => numberAtTmdb.exec(id)?.groups?.[wanted.kind] ?? [])
  const found = yield* Effect.forEach(numbers, (number) => detailsOf(upstream, wanted.kind, number))
  const isWhole = found.length > 0 && !found.includes(null)
  const all = isWhole
    ? found.flatMap((requests) => requests ?? [])
    : yield* readRequests(upstream, integration, () => Effect.void, odd)
  return all.filter(isFor(wanted))
})

const numberAtTmdb = /^tmdb-(?:movie:(?<movie>\d+)|show:(?<show>\d+))$/

/** `null` = the application does not know. */
const detailsOf = Effect.fnUntraced(
  function* (
    upstream: Upstream,
    kind: WantedIds["kind"],
    number: string
  ): Effect.fn.Return<ReadonlyArray<RequestEntry> | null, UpstreamError> {
    const odd = new OddRecords()
    const path = `${api}/${kind === "movie" ? "movie" : "tv"}/${number}`
    const { head, rows } = yield* upstream.getPage(
      path,
      { head: Details, rowsOf: ({ mediaInfo }) => mediaInfo?.requests ?? [], row: MediaRequest },
      { odd }
    )
    // A title that was never requested has no entry; an entry without a list of requests is inconclusive.
    if (head.mediaInfo !== null && head.mediaInfo !== undefined && head.mediaInfo.requests === undefined) return null
    const entries = yield* entriesOf(rows, `GET ${path}`, odd)
    // A request that cannot be identified here may be identifiable in the list, or may already have been known when the
    // list was read.
    return odd.doubts.length > 0 ? null : entries
  },
  Effect.catchTags({
    UpstreamRefused: () => Effect.succeed(null),
    UpstreamMalformed: () => Effect.succeed(null),
    // It waits for TMDB; whether the application itself answers will be seen when its list is read.
    UpstreamUnreachable: () => Effect.succeed(null)
  })
)

const Details = Schema.Struct({
  id: Schema.Unknown,
  mediaInfo: maybe(Schema.Struct({ requests: Schema.optionalKey(Schema.Array(Schema.Unknown)) }))
})

const entriesOf = Effect.fnUntraced(function* (
  requests: ReadonlyArray<MediaRequest | null>,
  call: string,
  odd: OddRecords
): Effect.fn.Return<ReadonlyArray<RequestEntry>> {
  const entries: Array<RequestEntry> = []
  let position = 0
  yield* forEachWithPauses(requests, (request) => {
    const at = position++
    if (request === null) return
    const title = `request ${request.id}`
    untoldOf(odd, request, title, {})
    if (!isKnownType(request.type)) {
      odd.note(`requests of type ${request.type}`, "they request neither a movie nor a show, and are left out")
      odd.noteDoubt(call, at, `${title} is of the type ${request.type}`, {
        ...aboutOf(request),
        ids: anyIdsOf(request)
      })
      return
    }
    const entry = entryOf(request, odd.fieldsOf(request))
    if (entry !== null) return void entries.push(entry)
    odd.noteUnidentified(call, at, `${title} does not contain what it requests`, {
      ...aboutOf(request),
      kind: request.type === "movie" ? "movie" : "show"
    })
  })
  return entries
})

/** What is known about a request that cannot be identified. */
const aboutOf = (request: MediaRequest): About => ({
  isSettled: settled.includes(statusOf(request.status)),
  at: isoOrNull(request.createdAt),
  row: request
})

const settled: ReadonlyArray<RequestEntry["status"]> = ["declined", "completed"]

/** A TMDB id may be that of a movie or of a show. */
const anyIdsOf = ({ media }: MediaRequest): ReadonlyArray<TypedId> => [
  ...idOf("tmdb-movie", media?.tmdbId),
  ...idOf("tmdb-show", media?.tmdbId),
  ...idOf("tvdb", media?.tvdbId),
  ...idOf("imdb", media?.imdbId)
]
