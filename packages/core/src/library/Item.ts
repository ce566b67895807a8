/** An item of the library: what the catalog tells of it, joined with what media servers and request managers know. */
import type { CatalogFacts, ItemKind, TypedId } from "../integrations/Observations.ts"
import type { ViewerPlays } from "./Facts.ts"

export interface ItemPlayback {
  readonly plays: number
  readonly lastPlayedAt: string | null
  readonly users: ReadonlyArray<ViewerPlays>
}

export interface ItemRequests {
  readonly count: number
  readonly requesters: ReadonlyArray<string>
  /** Every name that one of the requesters goes by, for the comparison with viewers. */
  readonly requesterNames: ReadonlyArray<string>
  readonly requestedAt: string | null
}

/** What is stored of an item as one JSON document. `null` playback = found on no media server. */
export interface ItemData {
  readonly rootFolder: string | null
  /** The item's own file, where it is one and its application says which. */
  readonly filePath?: string | null
  readonly posterUrl: string | null
  readonly catalog: CatalogFacts
  /** Collections that the managing application itself knows; the item's own list also has those of media servers. */
  readonly catalogCollections: ReadonlyArray<string>
  readonly playback: ItemPlayback | null
  /** `null` = carries no typed id, so that no request could be found for it. */
  readonly requests: ItemRequests | null
  readonly onServers: ReadonlyArray<{
    readonly integrationId: string
    readonly serverItemId: string
    readonly library: string
  }>
  readonly labels: ReadonlyArray<string>
  /** `null` = none of its servers has a watchlist that could be read. */
  readonly onWatchlist: boolean | null
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
}

/** Identity of an item: the integration that manages it and that application's own id. */
export const itemKey = (integrationId: string, externalId: string): string => `${integrationId}/${externalId}`

/** Title by which lists are sorted: lower-case, without a leading English article. */
export const sortTitleOf = (title: string): string => title.toLowerCase().replace(/^(the|an?)\s+/, "")
