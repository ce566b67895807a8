/**
 * Titles on watchlists, found by typed ids, or by the key that a media server has for them if the application knows only
 * the keys of the server that it watches.
 */
import type { ItemKind, TypedId, WatchlistEntry } from "../../integrations/Observations.ts"
import { Index } from "./Index.ts"

/** A title on a watchlist of one application. */
export interface ReportedListing {
  readonly integrationId: string
  /** The media server whose keys the entry uses; `undefined` = it has shared ids. */
  readonly serverId: string | undefined
  readonly entry: WatchlistEntry
}

/** An entry of a media server. */
interface Entry {
  readonly integrationId: string
  readonly item: { readonly serverItemId: string }
}

export class ListedTitles {
  readonly #byId = new Index<ReportedListing>()
  readonly #byKey = new Index<ReportedListing>()
  /** Media servers by whose keys titles are listed. */
  readonly #servers = new Set<string>()
  #read = false
  /** One of the lists may contain more. */
  #open = false

  /**
   * Called for each reading at least once, also if it has no entries. `serverId` is the media server whose keys the
   * entries use; without it, what such an entry is about is not known.
   */
  add(entries: ReadonlyArray<WatchlistEntry>, integrationId: string, serverId: string | undefined): void {
    this.#read = true
    for (const entry of entries) {
      const { ids, kind, serverItemId, unread } = entry
      const listing = { integrationId, serverId: serverItemId === undefined ? undefined : serverId, entry }
      if (unread !== undefined || (serverItemId !== undefined && serverId === undefined)) this.#open = true
      else if (kind !== null) {
        for (const id of ids) this.#byId.add(kind, id, listing)
        if (serverItemId === undefined || serverId === undefined) continue
        this.#servers.add(serverId)
        this.#byKey.add(spaceOf(serverId, kind), serverItemId, listing)
      }
    }
  }

  /**
   * The listings of a title with these ids and entries; `null` = no watchlists were read. `open`: there may be more of
   * it, since a list could not be read, or since its entry on a server whose keys are listed was not found.
   */
  of(
    kind: ItemKind,
    ids: ReadonlyArray<TypedId>,
    found: ReadonlyArray<Entry>
  ): { readonly listings: ReadonlyArray<ReportedListing>; readonly open: boolean } | null {
    if (!this.#read) return null
    const listings = new Set([
      ...ids.flatMap((id) => this.#byId.get(kind, id)),
      ...found.flatMap(({ integrationId, item }) => this.#byKey.get(spaceOf(integrationId, kind), item.serverItemId))
    ])
    const lost = [...this.#servers].some((server) => !found.some(({ integrationId }) => integrationId === server))
    return { listings: [...listings], open: this.#open || lost }
  }
}

const spaceOf = (serverId: string, kind: ItemKind): string => `${serverId}|${kind}`
