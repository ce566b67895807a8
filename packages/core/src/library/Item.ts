/** An item of the library: what the catalog tells of it, joined with what media servers and request managers know. */
import type { CatalogFacts, ItemKind, TypedId, Untold } from "../integrations/Observations.ts"
import type { FactName, ViewerPlays } from "./Facts.ts"

export interface ItemPlayback {
  readonly plays: number
  readonly lastPlayedAt: string | null
  readonly users: ReadonlyArray<ViewerPlays>
  /** Somebody was playing it when its sources were read. */
  readonly playing?: boolean
}

/** One request for an item that was neither declined nor taken back. */
export interface ItemRequest {
  /** Every name of who asked; the first is the one that is shown. */
  readonly names: ReadonlyArray<string>
  readonly at: string | null
}

/** What is stored of an item as one JSON document. `null` playback = found on no media server. */
export interface ItemData {
  readonly rootFolder: string | null
  readonly posterUrl: string | null
  readonly catalog: CatalogFacts
  /** Collections that the managing application itself knows; the item's own list also has those of media servers. */
  readonly catalogCollections: ReadonlyArray<string>
  readonly playback: ItemPlayback | null
  /** `null` = carries no typed id, so that no request could be found for it. */
  readonly requests: ReadonlyArray<ItemRequest> | null
  readonly onServers: ReadonlyArray<{
    readonly integrationId: string
    readonly serverItemId: string
    readonly library: string
    readonly otherLibraries?: ReadonlyArray<string>
  }>
  readonly labels: ReadonlyArray<string>
  /** `null` = none of its servers has a watchlist that could be read. */
  readonly onWatchlist: boolean | null
  /** When it came, over all that tell; absent = no application tells it of such an item. */
  readonly addedAt?: string | null
  /** Its own file, where it has exactly one. */
  readonly filePath?: string | null
  /** Facts that a source left open although it was read, each with the reason. Whatever else stands here, they are unknown. */
  readonly untold?: Untold<FactName>
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
