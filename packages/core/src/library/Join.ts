/**
 * Joins what the applications know of one item. Applications meet by typed ids, never by title; a media server's own
 * keys are used only within that server. Pure; the caller decides which observations go in.
 */
import type {
  CatalogItem,
  ItemKind,
  PlaybackEntry,
  RequestEntry,
  ServerItem,
  TypedId
} from "../integrations/Observations.ts"
import type { ViewerPlays } from "./Facts.ts"
import type { ItemData, ItemPlayback, ItemRequests } from "./Item.ts"

export interface Joinable {
  readonly servers: ReadonlyArray<{ readonly integrationId: string; readonly items: ReadonlyArray<ServerItem> }>
  /** `serverIntegrationId` names the media server whose keys the entries use. */
  readonly playback: ReadonlyArray<{
    readonly serverIntegrationId: string
    readonly entries: ReadonlyArray<PlaybackEntry>
  }>
  readonly requests: ReadonlyArray<RequestEntry>
}

export interface JoinIndex {
  readonly serverItems: ReadonlyMap<string, ReadonlyArray<OnServer>>
  readonly seasons: ReadonlyMap<string, ServerItem>
  readonly playback: ReadonlyMap<string, ReadonlyArray<PlaybackEntry>>
  readonly requests: ReadonlyMap<string, ReadonlyArray<RequestEntry>>
}

interface OnServer {
  readonly integrationId: string
  readonly item: ServerItem
}

/** Look-ups that are filled piece by piece, so that joining an item costs only its own ids. */
export class JoinLookup implements JoinIndex {
  readonly serverItems = new Map<string, Array<OnServer>>()
  readonly seasons = new Map<string, ServerItem>()
  readonly playback = new Map<string, Array<PlaybackEntry>>()
  readonly requests = new Map<string, Array<RequestEntry>>()

  addServerItems(integrationId: string, items: ReadonlyArray<ServerItem>): void {
    for (const item of items) {
      if (item.kind === "season") {
        if (item.parentServerItemId !== null && item.seasonNumber !== null) {
          this.seasons.set(seasonKey(integrationId, item.parentServerItemId, item.seasonNumber), item)
        }
        continue
      }
      const onServer = { integrationId, item }
      for (const id of item.ids) push(this.serverItems, idKey(item.kind, id), onServer)
    }
  }

  addPlayback(serverIntegrationId: string, entries: ReadonlyArray<PlaybackEntry>): void {
    for (const entry of entries) {
      push(this.playback, playbackKey(serverIntegrationId, entry.kind, entry.serverItemId, entry.seasonNumber), entry)
    }
  }

  addRequests(requests: ReadonlyArray<RequestEntry>): void {
    for (const request of requests) for (const id of request.ids) push(this.requests, idKey(request.kind, id), request)
  }
}

/** Builds the look-ups in one go. */
export const makeIndex = (input: Joinable): JoinIndex => {
  const lookup = new JoinLookup()
  for (const { integrationId, items } of input.servers) lookup.addServerItems(integrationId, items)
  for (const { entries, serverIntegrationId } of input.playback) lookup.addPlayback(serverIntegrationId, entries)
  lookup.addRequests(input.requests)
  return lookup
}

/** What the other applications know of one catalog item. */
export const joinItem = (
  index: JoinIndex,
  item: CatalogItem
): { readonly data: ItemData; readonly collections: ReadonlyArray<string> } => {
  const sharedKind: ItemKind = item.kind === "season" ? "show" : item.kind
  const found = distinct(item.ids.flatMap((id) => index.serverItems.get(idKey(sharedKind, id)) ?? []))
  const seasonNumber = item.kind === "season" ? (item.facts.seasonNumber ?? null) : null
  const own = found.map(({ integrationId, item: server }) => ({
    integrationId,
    server,
    season:
      seasonNumber === null ? undefined : index.seasons.get(seasonKey(integrationId, server.serverItemId, seasonNumber))
  }))
  return {
    collections: unique([...item.collections, ...own.flatMap(({ server }) => server.collections)]),
    data: {
      rootFolder: item.rootFolder,
      ...(item.filePath == null ? {} : { filePath: item.filePath }),
      posterUrl: item.posterUrl,
      catalog: item.facts,
      catalogCollections: item.collections,
      playback: joinPlayback(index, item, seasonNumber, found),
      requests: item.ids.length === 0 ? null : joinRequests(index, item, sharedKind, seasonNumber),
      onServers: own.map(({ integrationId, server, season }) => ({
        integrationId,
        serverItemId: season?.serverItemId ?? server.serverItemId,
        library: server.library
      })),
      labels: unique(own.flatMap(({ server, season }) => [...server.labels, ...(season?.labels ?? [])])),
      onWatchlist: own.every(({ server }) => server.onWatchlist === null)
        ? null
        : own.some(({ server }) => server.onWatchlist === true)
    }
  }
}

/**
 * `null` where no server knows the item, and for kinds of item of which no source counts plays: an album is not "never
 * played" for that. What servers know apart (two servers, or two libraries of one) was played apart, and adds up.
 */
const joinPlayback = (
  index: JoinIndex,
  item: CatalogItem,
  seasonNumber: number | null,
  found: ReadonlyArray<OnServer>
): ItemPlayback | null => {
  const { kind } = item
  if (found.length === 0 || (kind !== "movie" && kind !== "show" && kind !== "season")) return null
  const viewers = new Map<string, ViewerPlays>()
  let plays = 0
  let lastPlayedAt: string | null = null
  for (const { integrationId, item: server } of found) {
    const key = playbackKey(integrationId, kind, server.serverItemId, seasonNumber)
    const told = playsOf(index.playback.get(key) ?? [])
    plays += told.plays
    lastPlayedAt = latest(lastPlayedAt, told.lastPlayedAt)
    for (const viewer of told.users) merge(viewers, viewer, (before, more) => before + more)
  }
  const users = [...viewers.values()].sort((a, b) => (a.user < b.user ? -1 : 1))
  return { plays, lastPlayedAt, users }
}

/**
 * Plays of one entry of a server. Two sources often tell of the same ones (the server and the statistics kept about it):
 * per viewer the larger count stands, so that a play is not counted twice, and different viewers add up.
 */
const playsOf = (entries: ReadonlyArray<PlaybackEntry>): ItemPlayback => {
  const viewers = new Map<string, ViewerPlays>()
  let largest = 0
  let lastPlayedAt: string | null = null
  for (const entry of entries) {
    largest = Math.max(largest, entry.plays)
    lastPlayedAt = latest(lastPlayedAt, entry.lastPlayedAt)
    for (const { lastPlayedAt, name, plays } of entry.users)
      merge(viewers, { user: name, plays, lastPlayedAt }, Math.max)
  }
  const users = [...viewers.values()]
  const sum = users.reduce((total, viewer) => total + viewer.plays, 0)
  return { plays: Math.max(largest, sum), lastPlayedAt, users }
}

/** Adds what is told of a viewer; names know no case. */
const merge = (
  viewers: Map<string, ViewerPlays>,
  { lastPlayedAt, plays, user }: ViewerPlays,
  both: (before: number, more: number) => number
): void => {
  const key = user.toLowerCase()
  const before = viewers.get(key)
  viewers.set(key, {
    user: before?.user ?? user,
    plays: before === undefined ? plays : both(before.plays, plays),
    lastPlayedAt: latest(before?.lastPlayedAt ?? null, lastPlayedAt)
  })
}

/** A declined or failed request is no wish that was granted; it does not count. */
const joinRequests = (
  index: JoinIndex,
  item: CatalogItem,
  sharedKind: ItemKind,
  seasonNumber: number | null
): ItemRequests => {
  const requests = distinct(item.ids.flatMap((id) => index.requests.get(idKey(sharedKind, id)) ?? [])).filter(
    (request) =>
      request.status !== "declined" &&
      request.status !== "failed" &&
      (seasonNumber === null || request.seasons === null || request.seasons.includes(seasonNumber))
  )
  return {
    count: requests.length,
    requesters: unique(requests.flatMap((request) => request.requesterNames.slice(0, 1))),
    requesterNames: unique(requests.flatMap((request) => request.requesterNames)),
    requestedAt: requests.reduce<string | null>((at, request) => latest(at, request.requestedAt), null)
  }
}

const idKey = (kind: ItemKind, id: TypedId) => `${kind}|${id}`
const seasonKey = (integrationId: string, show: string, season: number) => `${integrationId}|${show}|${season}`
const playbackKey = (integrationId: string, kind: string, serverItemId: string, season: number | null) =>
  `${integrationId}|${kind}|${serverItemId}|${season ?? ""}`

const latest = (a: string | null, b: string | null) => (a === null ? b : b === null || a > b ? a : b)

const unique = (values: ReadonlyArray<string>): ReadonlyArray<string> =>
  values.length < 2 ? values : [...new Set(values)]

const distinct = <A>(values: ReadonlyArray<A>): ReadonlyArray<A> => (values.length < 2 ? values : [...new Set(values)])

const push = <A>(map: Map<string, Array<A>>, key: string, value: A) => {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}
