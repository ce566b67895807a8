/** Merges what is known about an item with what its applications report now. */
import type { CatalogItem } from "../../integrations/Observations.ts"
import type { ItemData, ItemHolder, ItemPlayback, ItemRequest, LibraryItem } from "../Item.ts"
import { later, ViewerTally } from "../ViewerTally.ts"

export interface Fresh {
  readonly data: ItemData
  readonly collections: ReadonlyArray<string>
}

/**
 * Current data of the manager replaces the old. Data of several applications is merged with their earlier data: the
 * same plays are not counted twice, and an application that was not asked has not withdrawn anything.
 */
export const withFresh = (
  known: LibraryItem,
  now: CatalogItem,
  { collections, data }: Fresh,
  asked: { readonly plays: boolean; readonly servers: boolean }
): LibraryItem => {
  const { contentsSign: _, ...before } = known.data
  return {
    ...known,
    title: now.title,
    year: now.year,
    path: now.path,
    sizeBytes: Math.max(0, Math.round(now.sizeBytes)),
    collections: asked.servers ? collections : union(known.collections, collections),
    data: {
      ...before,
      catalog: data.catalog,
      ...(data.contentsSign === undefined ? {} : { contentsSign: data.contentsSign }),
      rootFolder: data.rootFolder,
      catalogCollections: data.catalogCollections,
      playback: asked.plays ? bothPlaybacks(known.data.playback, data.playback) : known.data.playback,
      requests: bothRequests(known.data.requests, data.requests),
      labels: asked.servers ? data.labels : union(known.data.labels, data.labels),
      onWatchlist: known.data.onWatchlist === true || data.onWatchlist === true ? true : known.data.onWatchlist,
      ...holders(known.data, data),
      ...(data.filePath === undefined ? {} : { filePath: data.filePath }),
      ...(known.data.untold === undefined && data.untold === undefined
        ? {}
        : { untold: { ...known.data.untold, ...data.untold } })
    }
  }
}

/**
 * Merges an item that a sync has read in the meantime with one that was read again before or after: what either of them
 * knows counts.
 */
export const bothItems = (read: LibraryItem, asked: LibraryItem): LibraryItem => {
  const playing = read.data.playback?.playing === true || asked.data.playback?.playing === true
  const playback = bothPlaybacks(read.data.playback, asked.data.playback)
  const tags = union(read.data.catalog.tags ?? [], asked.data.catalog.tags ?? [])
  return {
    ...read,
    collections: union(read.collections, asked.collections),
    data: {
      ...read.data,
      catalog: { ...read.data.catalog, ...(tags.length === 0 ? {} : { tags }) },
      playback: playback === null || !playing ? playback : { ...playback, playing },
      requests: bothRequests(read.data.requests, asked.data.requests),
      labels: union(read.data.labels, asked.data.labels),
      onWatchlist: read.data.onWatchlist === true || asked.data.onWatchlist === true ? true : read.data.onWatchlist,
      ...holders(read.data, asked.data)
    }
  }
}

const bothPlaybacks = (known: ItemPlayback | null, fresh: ItemPlayback | null): ItemPlayback | null => {
  if (known === null || fresh === null) return known ?? fresh
  const tally = new ViewerTally()
  for (const viewer of [...known.users, ...fresh.users]) tally.add(viewer, Math.max)
  return {
    plays: Math.max(known.plays, fresh.plays),
    lastPlayedAt: later(known.lastPlayedAt, fresh.lastPlayedAt),
    users: tally.viewers,
    // Playing at the last sync does not mean playing now.
    ...(fresh.playing === true ? { playing: true } : {})
  }
}

const bothRequests = (
  known: ReadonlyArray<ItemRequest> | null,
  fresh: ReadonlyArray<ItemRequest> | null
): ReadonlyArray<ItemRequest> | null => {
  if (known === null || fresh === null) return known ?? fresh
  // It may have been approved in the meantime.
  const now = known.map((one) => fresh.find((other) => isSameRequest(one, other)) ?? one)
  return [...now, ...fresh.filter((other) => !known.some((one) => isSameRequest(one, other)))]
}

/** What earlier versions have stored contains neither a status nor whether it is for 4K. */
const isSameRequest = (known: ItemRequest, fresh: ItemRequest): boolean =>
  known.at === fresh.at &&
  (known.status === undefined || known.is4k === fresh.is4k) &&
  JSON.stringify(known.names) === JSON.stringify(fresh.names)

/** The people who marked or listed an item. */
const holders = (
  known: ItemData,
  fresh: ItemData
): Pick<ItemData, "favouritedBy" | "watchlistedBy" | "watchlistsOpen"> => {
  const favouritedBy = bothHolders(known.favouritedBy, fresh.favouritedBy)
  const watchlistedBy = bothHolders(known.watchlistedBy, fresh.watchlistedBy)
  return {
    ...(favouritedBy === undefined ? {} : { favouritedBy }),
    ...(watchlistedBy === undefined ? {} : { watchlistedBy }),
    ...(known.watchlistsOpen === true || fresh.watchlistsOpen === true ? { watchlistsOpen: true } : {})
  }
}

const bothHolders = (
  known: ReadonlyArray<ItemHolder> | undefined,
  fresh: ReadonlyArray<ItemHolder> | undefined
): ReadonlyArray<ItemHolder> | undefined => {
  if (known === undefined || fresh === undefined) return known ?? fresh
  return [...new Map([...known, ...fresh].map((holder) => [JSON.stringify(holder.names), holder])).values()]
}

const union = (known: ReadonlyArray<string>, fresh: ReadonlyArray<string>): ReadonlyArray<string> => [
  ...new Set([...known, ...fresh])
]
