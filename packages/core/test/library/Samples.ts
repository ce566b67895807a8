/** Observations, items and source states for the tests of the library, with defaults. */
import type {
  CatalogItem,
  PlaybackEntry,
  RequestEntry,
  ServerItem,
  TypedId
} from "../../src/integrations/Observations.ts"
import type { ItemData, LibraryItem } from "../../src/library/Item.ts"
import type { Family } from "../../src/library/ItemFacts/Definition.ts"
import { joinItem } from "../../src/library/Join.ts"
import { JoinLookup } from "../../src/library/Join/Lookup.ts"
import { placing } from "../../src/library/Places.ts"

export const catalogItem = (given: Partial<CatalogItem> & Pick<CatalogItem, "externalId">): CatalogItem => ({
  kind: "movie",
  parentExternalId: null,
  title: `Title ${given.externalId}`,
  sortTitle: null,
  year: 2001,
  ids: [],
  path: `/data/movies/${given.externalId}`,
  rootFolder: "/data/movies",
  sizeBytes: 1_000,
  posterUrl: null,
  collections: [],
  facts: {},
  ...given
})

export const show = (externalId: string, ids: ReadonlyArray<TypedId>, given: Partial<CatalogItem> = {}): CatalogItem =>
  catalogItem({ externalId, ids, kind: "show", title: `Show ${externalId}`, ...given })

export const season = (of: CatalogItem, seasonNumber: number, given: Partial<CatalogItem> = {}): CatalogItem =>
  catalogItem({
    externalId: `${of.externalId}:s${seasonNumber}`,
    ids: of.ids,
    kind: "season",
    parentExternalId: of.externalId,
    title: `${of.title} season ${seasonNumber}`,
    facts: { seasonNumber },
    ...given
  })

export const artist = (
  externalId: string,
  ids: ReadonlyArray<TypedId>,
  given: Partial<CatalogItem> = {}
): CatalogItem => catalogItem({ externalId, ids, kind: "artist", title: `Artist ${externalId}`, ...given })

/** Unlike a season it has ids of its own. */
export const album = (of: CatalogItem, number: number, given: Partial<CatalogItem> = {}): CatalogItem =>
  catalogItem({
    externalId: `${of.externalId}:a${number}`,
    ids: [`musicbrainz:album-${number}`],
    kind: "album",
    parentExternalId: of.externalId,
    title: `${of.title} album ${number}`,
    ...given
  })

export const serverItem = (given: Partial<ServerItem> & Pick<ServerItem, "serverItemId">): ServerItem => ({
  kind: "movie",
  parentServerItemId: null,
  ids: [],
  title: `Title ${given.serverItemId}`,
  year: null,
  seasonNumber: null,
  library: "Films",
  addedAt: null,
  labels: [],
  collections: [],
  onWatchlist: null,
  ...given
})

/** Plays by viewer, as `{ alice: 2 }`; the last play of everyone is `at`. */
export const playback = (
  serverItemId: string,
  plays: Readonly<Record<string, number>>,
  at: string,
  given: Partial<PlaybackEntry> = {}
): PlaybackEntry => ({
  serverItemId,
  kind: "movie",
  seasonNumber: null,
  plays: Object.values(plays).reduce((sum, count) => sum + count, 0),
  lastPlayedAt: at,
  users: Object.entries(plays).map(([name, count]) => ({ name, plays: count, lastPlayedAt: at })),
  ...given
})

export const request = (
  ids: ReadonlyArray<TypedId>,
  requesterNames: ReadonlyArray<string>,
  given: Partial<RequestEntry> = {}
): RequestEntry => ({
  requestId: requesterNames.join("+"),
  kind: "movie",
  ids,
  seasons: null,
  status: "completed",
  requesterNames,
  requestedAt: "2026-01-01T00:00:00.000Z",
  ...given
})

export const dataOf = (lookup: JoinLookup, item: CatalogItem): ItemData => joinItem(lookup, "1", item).data

/** A look-up of everything that was reported. `serverIntegrationId` names the media server whose keys the plays use. */
export const lookupOf = (reports: {
  readonly servers?: ReadonlyArray<{ readonly integrationId: string; readonly items: ReadonlyArray<ServerItem> }>
  readonly playback?: ReadonlyArray<{
    readonly serverIntegrationId: string
    readonly entries: ReadonlyArray<PlaybackEntry>
  }>
  readonly requests?: ReadonlyArray<RequestEntry>
  /** For tests with several copies of a title. */
  readonly catalog?: ReadonlyArray<CatalogItem>
}): JoinLookup => {
  const lookup = new JoinLookup(placing(new Map()))
  for (const { integrationId, items } of reports.servers ?? []) lookup.addServerItems(integrationId, items)
  for (const { entries, serverIntegrationId } of reports.playback ?? []) {
    lookup.addPlayback(serverIntegrationId, "Statistics", entries)
  }
  lookup.addRequests(reports.requests ?? [])
  lookup.addCopies(reports.catalog ?? [])
  Array.from(lookup.findLoosePlays())
  return lookup
}

/** For items without a whole or parts. */
export const noFamily: Family = {
  parentOf: () => undefined,
  childrenOf: () => [],
  copiesOf: () => [],
  inCollection: () => []
}

/** A stored item with defaults for everything that is not given. */
export const libraryItem = (given: Partial<LibraryItem> & Pick<LibraryItem, "id">): LibraryItem => ({
  integrationId: "1",
  externalId: given.id,
  kind: "movie",
  parentExternalId: null,
  title: `Title ${given.id}`,
  sortTitle: `title ${given.id}`,
  year: 2001,
  ids: [],
  path: null,
  sizeBytes: 1_000,
  diskGroupId: null,
  collections: [],
  ...given,
  data: { ...plainData, ...given.data }
})

export const plainData: ItemData = {
  rootFolder: null,
  posterUrl: null,
  catalog: {},
  catalogCollections: [],
  playback: null,
  requests: null,
  onServers: [],
  labels: [],
  onWatchlist: null
}
