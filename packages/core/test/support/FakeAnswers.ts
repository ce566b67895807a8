/** The responses of the applications of a `FakeLibrary` about one of its items, and their failures. */
import { Effect } from "effect"
import type { CatalogItem, PlaybackEntry, RequestEntry, ServerItem } from "../../src/integrations/Observations.ts"
import {
  filesLeftStatus,
  UpstreamRefused,
  UpstreamUnauthorized,
  UpstreamUnreachable,
  type UpstreamError
} from "../../src/integrations/UpstreamErrors.ts"
import type { FakeItem } from "./FakeItem.ts"

export const pathOf = (item: FakeItem) => `${item.disk}/library/${item.title}`

export const catalogItem = (item: FakeItem): CatalogItem => ({
  externalId: item.externalId,
  kind: item.kind,
  parentExternalId: item.parentExternalId,
  title: item.title,
  sortTitle: null,
  year: 2001,
  ids: item.ids,
  path: pathOf(item),
  ...(item.filePath === undefined ? {} : { filePath: item.filePath }),
  rootFolder: `${item.disk}/library`,
  sizeBytes: item.sizeBytes,
  posterUrl: null,
  collections: item.collections,
  facts: item.facts,
  ...(item.episodes === undefined ? {} : { contentsSign: item.contentsSign ?? JSON.stringify(item.episodes) }),
  ...(item.files === undefined ? {} : { files: item.files })
})

export const serverItem = (item: FakeItem): ServerItem => ({
  serverItemId: `on-${item.externalId}`,
  kind: item.kind,
  parentServerItemId: item.parentExternalId === null ? null : `on-${item.parentExternalId}`,
  ids: item.kind === "season" ? [] : item.ids,
  title: item.title,
  year: 2001,
  seasonNumber: item.facts.seasonNumber ?? null,
  library: item.kind === "movie" ? "Movies" : "Shows",
  addedAt: item.facts.addedAt ?? null,
  labels: [],
  collections: [],
  onWatchlist: null,
  ...(item.serverPaths === undefined ? {} : { paths: item.serverPaths })
})

export const playbackEntry = (item: FakeItem): ReadonlyArray<PlaybackEntry> => {
  const season = item.kind === "season"
  if ((item.plays.length === 0 && !item.playing) || (item.kind !== "movie" && item.kind !== "show" && !season))
    return []
  const last = item.plays.flatMap(({ lastPlayedAt }) => lastPlayedAt ?? []).toSorted()
  return [
    {
      serverItemId: `on-${season ? item.parentExternalId : item.externalId}`,
      kind: season ? "season" : item.kind === "show" ? "show" : "movie",
      seasonNumber: item.facts.seasonNumber ?? null,
      plays: item.plays.reduce((sum, { plays }) => sum + plays, 0),
      lastPlayedAt: last[last.length - 1] ?? null,
      ...(item.playing ? { playing: true } : {}),
      users: item.plays
    }
  ]
}

export const requestEntry = (item: FakeItem): RequestEntry => ({
  requestId: `request-${item.externalId}`,
  kind: item.kind === "movie" ? "movie" : "show",
  ids: item.ids,
  seasons: item.kind === "season" ? [item.facts.seasonNumber ?? 0] : null,
  status: "completed",
  requesterNames: item.requestedBy,
  requestedAt: "2024-01-01T00:00:00.000Z"
})

export const unreachable = (call: string) =>
  new UpstreamUnreachable({ integration: "Shelf", call, detail: "no answer within 30000 ms" })
export const refused = (call: string) =>
  new UpstreamRefused({ integration: "Shelf", call, detail: "database is locked", status: 500 })
export const filesLeft = (call: string) =>
  new UpstreamRefused({
    integration: "Shelf",
    call,
    detail: "1 file could not be deleted from the disk",
    status: filesLeftStatus
  })
export const unauthorized = (call: string) =>
  new UpstreamUnauthorized({ integration: "Shelf", call, detail: "this key may only read", status: 403 })
export const denied = (call: string) =>
  new UpstreamRefused({ integration: "Shelf", call, detail: "the folder is read-only", status: 409 })

/** The restore data of `presence`, which the database returns as JSON. */
export const decodeKept = (kept: unknown): Effect.Effect<FakeItem, UpstreamError> =>
  typeof kept === "object" && kept !== null && "externalId" in kept && "title" in kept
    ? Effect.succeed(kept as FakeItem)
    : Effect.fail(refused("restore"))
