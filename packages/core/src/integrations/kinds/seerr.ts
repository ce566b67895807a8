/**
 * Overseerr, Jellyseerr and Seerr: who asked for what. One API under three names, hence one implementation and three
 * kinds.
 */
import { Effect, Schema } from "effect"
import type { Connected, Kind, Progress } from "../Kind.ts"
import type { RequestEntry } from "../Observations.ts"
import type { Upstream } from "../Upstream.ts"
import type { UpstreamError } from "../UpstreamErrors.ts"
import { ApiKeyConfig, apiKeyField } from "./ApiKey.ts"
import { maybe } from "./Lenient.ts"
import { readPages } from "./Paging.ts"
import { forEachWithPauses } from "./Pauses.ts"
import { timedProbe } from "./Probing.ts"
import { distinctTexts, idOf, isoOrNull } from "./Values.ts"

const pageSize = 100
const api = "api/v1"

const makeSeerr = (id: string, title: string, answer: string): Kind<ApiKeyConfig> => ({
  id,
  title,
  description: "Requests for movies and shows, and who made them.",
  capabilities: ["requests"],
  // Requests name the seasons of a show, so they tell of seasons too.
  itemKinds: ["movie", "show", "season"],
  fields: [apiKeyField(`Shown by ${title} under Settings, General.`)],
  config: ApiKeyConfig,
  discovery: { defaultPort: 5055, hostNames: [id], path: `${api}/settings/public`, answer },
  syncCost: {
    formula: "1 per 100 requests, at least 1. The figure takes one request per item",
    calls: ({ items, requests = items }) => Math.max(1, Math.ceil(requests / pageSize))
  },
  connect: (door, connection): Connected => {
    const upstream = door.open({
      integration: connection.name,
      baseUrl: connection.url,
      headers: { "X-Api-Key": connection.config.apiKey }
    })
    return {
      // The status answers to anyone; who we are only to a key that is right.
      probe: timedProbe(
        Effect.map(upstream.get(`${api}/status`, Status), ({ version }) => ({ appName: title, version })),
        upstream.get(`${api}/auth/me`, Me)
      ),
      read: { requests: (progress) => readRequests(upstream, connection.name, progress) }
    }
  }
})

// Only the first knows no other media server than Plex. The others differ in the title, which their owner may change: then
// either name is right enough.
const named = String.raw`"applicationTitle"\s*:\s*"`
const anyServer = String.raw`(?=[\s\S]*"mediaServerType")`
export const overseerr = makeSeerr("overseerr", "Overseerr", String.raw`^(?![\s\S]*"mediaServerType")[\s\S]*${named}`)
export const jellyseerr = makeSeerr("jellyseerr", "Jellyseerr", String.raw`^${anyServer}[\s\S]*${named}Jellyseerr`)
export const seerr = makeSeerr("seerr", "Seerr", String.raw`^${anyServer}[\s\S]*${named}(?!Jellyseerr)`)

const Status = Schema.Struct({ version: Schema.String })

const Me = Schema.Struct({ id: Schema.Int })

export const RequestPage = Schema.Struct({
  pageInfo: Schema.Struct({ results: Schema.Int }),
  results: Schema.Array(Schema.Unknown)
})

export const MediaRequest = Schema.Struct({
  id: Schema.Int,
  status: Schema.Literals([1, 2, 3, 4, 5]),
  type: Schema.Literals(["movie", "tv"]),
  createdAt: maybe(Schema.String),
  media: maybe(
    Schema.Struct({
      tmdbId: maybe(Schema.Number),
      tvdbId: maybe(Schema.Number),
      imdbId: maybe(Schema.String)
    })
  ),
  seasons: maybe(Schema.Array(Schema.Struct({ seasonNumber: Schema.Int }))),
  requestedBy: maybe(
    Schema.Struct({
      displayName: maybe(Schema.String),
      username: maybe(Schema.String),
      plexUsername: maybe(Schema.String),
      jellyfinUsername: maybe(Schema.String),
      email: maybe(Schema.String)
    })
  )
})
export type MediaRequest = typeof MediaRequest.Type

const readRequests = Effect.fn("Seerr.readRequests")(function* (
  upstream: Upstream,
  integration: string,
  progress: Progress
): Effect.fn.Return<ReadonlyArray<RequestEntry>, UpstreamError> {
  const requests = yield* readPages({
    integration,
    call: `GET ${api}/request`,
    pageSize,
    keyOf: (request: MediaRequest) => String(request.id),
    progress,
    fetch: (skip) =>
      upstream
        .getPage(
          `${api}/request`,
          { head: RequestPage, rowsOf: (head) => head.results, row: MediaRequest },
          { query: { take: pageSize, skip, filter: "all", sort: "added" } }
        )
        .pipe(Effect.map(({ head, rows }) => ({ rows, total: head.pageInfo.results })))
  })
  const entries: Array<RequestEntry> = []
  yield* forEachWithPauses(requests, (request) => entries.push(entryOf(request)))
  return entries
})

const statuses = { 1: "pending", 2: "approved", 3: "declined", 4: "failed", 5: "completed" } as const

export const entryOf = (request: MediaRequest): RequestEntry => {
  const isMovie = request.type === "movie"
  const { media, requestedBy: by } = request
  const seasons = (request.seasons ?? []).map((season) => season.seasonNumber)
  const names = [by?.displayName, by?.username, by?.plexUsername, by?.jellyfinUsername, by?.email]
  return {
    requestId: String(request.id),
    kind: isMovie ? "movie" : "show",
    ids: [
      ...idOf(isMovie ? "tmdb-movie" : "tmdb-show", media?.tmdbId),
      ...(isMovie ? [] : idOf("tvdb", media?.tvdbId)),
      ...idOf("imdb", media?.imdbId)
    ],
    seasons: isMovie || seasons.length === 0 ? null : seasons,
    status: statuses[request.status],
    requesterNames: distinctTexts(names),
    requestedAt: isoOrNull(request.createdAt)
  }
}
