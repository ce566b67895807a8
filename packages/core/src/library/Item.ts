/** An item of the library: data of its catalog, joined with data of media servers and request managers. */
import type {
  CatalogFacts,
  ContentsList,
  ItemKind,
  RequestEntry,
  ServerRatings,
  TypedId,
  Untold
} from "../integrations/Observations.ts"
import type { FactName, UnknownReason, ViewerPlays } from "./Facts.ts"

export interface ItemPlayback {
  readonly plays: number
  readonly lastPlayedAt: string | null
  readonly users: ReadonlyArray<ViewerPlays>
  /** Somebody was playing it when its sources were read. */
  readonly playing?: boolean
}

/** A request for an item that was neither declined nor withdrawn. */
export interface ItemRequest {
  /** All names of the requester; the first is the display name. Empty = it is not known who requested it. */
  readonly names: ReadonlyArray<string>
  readonly at: string | null
  /** Absent in what earlier versions have stored. */
  readonly status?: RequestEntry["status"]
  readonly is4k?: boolean
  /** As `RequestEntry.approvedAt` and `RequestEntry.approvedBy`. */
  readonly approvedAt?: string | null
  readonly approvedBy?: ReadonlyArray<string>
  /** When what was requested could be played; `null` = not yet; absent = its application does not report it. */
  readonly availableAt?: string | null
  /** Those of the names that may be the name of somebody else who plays: by them the requester is not recognised. */
  readonly ambiguous?: ReadonlyArray<string>
  /** Identifies the requester in spite of them, as in the plays of the item. */
  readonly person?: string
}

/** Somebody who marked an item as a favourite or put it on their watchlist. */
export interface ItemHolder {
  /** All names of the person. */
  readonly names: ReadonlyArray<string>
}

/** The part of an item that is stored as one JSON document. `null` playback = not found on any media server. */
export interface ItemData {
  readonly rootFolder: string | null
  readonly posterUrl: string | null
  readonly catalog: CatalogFacts
  /**
   * Collections that the managing application itself knows; the item's own list also contains those of media servers.
   */
  readonly catalogCollections: ReadonlyArray<string>
  readonly playback: ItemPlayback | null
  /** `null` = the item has no typed id, so that no request could be found for it. */
  readonly requests: ReadonlyArray<ItemRequest> | null
  readonly onServers: ReadonlyArray<{
    readonly integrationId: string
    readonly serverItemId: string
    readonly library: string
    readonly otherLibraries?: ReadonlyArray<string>
  }>
  readonly labels: ReadonlyArray<string>
  /** Of all its servers; absent if none of them has ratings. */
  readonly ratings?: ServerRatings
  /** Studios in its servers; absent if they have none. */
  readonly studios?: ReadonlyArray<string>
  /** `null` = none of its servers has a readable watchlist. */
  readonly onWatchlist: boolean | null
  /** Who marked it as a favourite, one entry for each person; absent = none of its servers has favourites. */
  readonly favouritedBy?: ReadonlyArray<ItemHolder>
  /** Who has it on a watchlist of a request manager; absent = no watchlists are read. */
  readonly watchlistedBy?: ReadonlyArray<ItemHolder>
  /** One of the watchlists may contain more than was read, such as this item. */
  readonly watchlistsOpen?: true
  /** When it was added, over all sources; absent = no application reports it for such an item. */
  readonly addedAt?: string | null
  /** Its own file, if it has exactly one. */
  readonly filePath?: string | null
  /** The title of another movie in its folder, which a media server has and no manager lists. */
  readonly folderHolds?: string
  /** Its manager is a media server: no other manager knows it. */
  readonly ofServer?: true
  /** As `CatalogItem.contentsSign`. */
  readonly contentsSign?: string
  /**
   * Facts that a source left open although it was read, each with the reason. They are unknown, whatever values are
   * stored here.
   */
  readonly untold?: Untold<FactName>
}

/** How a list of a whole's contents was last read. Times are ISO-8601 UTC. */
export interface ContentsState {
  /** The sign of the whole when the stored list was read; `null` = it was never read. */
  readonly sign: string | null
  readonly readAt: string | null
  readonly attemptedAt: string
  /** Why the last attempt failed; `null` = it succeeded. */
  readonly failure: { readonly reason: UnknownReason; readonly detail: string } | null
}

export interface LibraryItem {
  readonly id: string
  readonly integrationId: string
  readonly externalId: string
  readonly kind: ItemKind
  readonly parentExternalId: string | null
  readonly title: string
  readonly sortTitle: string
  readonly year: number | null
  readonly ids: ReadonlyArray<TypedId>
  readonly path: string | null
  readonly sizeBytes: number
  readonly diskGroupId: string | null
  readonly collections: ReadonlyArray<string>
  readonly data: ItemData
  /** Of a whole: its lists that a reading was attempted of. */
  readonly contents?: { readonly [L in ContentsList]?: ContentsState }
}

/** Identity of an item: its managing integration and that application's own id. */
export const itemKey = (integrationId: string, externalId: string): string => `${integrationId}/${externalId}`

/** The title for sorting: lower-case, without a leading English article. */
export const sortTitleOf = (title: string): string => title.toLowerCase().replace(/^(the|an?)\s+/, "")
