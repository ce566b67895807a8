/** The people who play and request things, for embedding programs. */
import { type Viewer, type ViewerQuery, type ViewersSplit, type ViewerSummary } from "../viewers/Viewer.ts"
import type {
  RequestsQuery,
  ViewerListing,
  ViewerListingsQuery,
  ViewerPlay,
  ViewerPlaysQuery,
  ViewerRequest
} from "../viewers/ViewerPages.ts"
import { Viewers } from "../viewers/Viewers.ts"
import type { Page } from "../storage/Pages.ts"
import type { Calls } from "./Calls.ts"

/**
 * Viewers and their accounts. Accounts are of one person if they share an id, or if somebody joined them; a name in common
 * proves nothing. `expectedVersion` is the `version` that was read: if it is no longer the current one, the call rejects
 * with `VersionConflict`.
 */
export interface ViewerCalls {
  /**
   * One page, by name, 50 entries unless `limit` says otherwise (at most 200); `cursor` is the `nextCursor` of the
   * previous page.
   */
  readonly list: (query?: ViewerQuery) => Promise<Page<ViewerSummary>>
  /** Every entry of the list, fetched page by page. */
  readonly all: (query?: ViewerQuery) => AsyncIterable<ViewerSummary>
  /** With their accounts and plays. Rejects with `ViewerNotFound`. */
  readonly get: (id: string) => Promise<Viewer>
  /** What they have played, the last played first. Rejects with `ViewerNotFound`. */
  readonly plays: (id: string, query?: ViewerPlaysQuery) => Promise<Page<ViewerPlay>>
  /** What they have on their watchlist and among their favourites. Rejects with `ViewerNotFound`. */
  readonly watchlist: (id: string, query?: ViewerListingsQuery) => Promise<Page<ViewerListing>>
  /** Requests of all request managers as last read, the newest first; `viewer` selects those of one viewer. */
  readonly requests: (query?: RequestsQuery) => Promise<Page<ViewerRequest>>
  /**
   * Makes other viewers a part of this one: they are the same person. Resolves when the library was joined again, after a
   * sync that is in progress. Rejects with `ViewerNotFound`, `InvalidRequest` or `VersionConflict`.
   */
  readonly join: (
    id: string,
    viewerIds: ReadonlyArray<string>,
    options?: { readonly expectedVersion?: number }
  ) => Promise<Viewer>
  /**
   * Makes accounts of a viewer a separate viewer: they belong to another person. Otherwise like `join`.
   */
  readonly split: (
    id: string,
    identityIds: ReadonlyArray<string>,
    options?: { readonly expectedVersion?: number }
  ) => Promise<ViewersSplit>
}

export const viewerCalls = ({ everyPage, run }: Calls): ViewerCalls => ({
  list: (query) => run(Viewers.use((viewers) => viewers.list(query))),
  all: (query = {}) => everyPage((asked) => Viewers.use((viewers) => viewers.list(asked)), query),
  get: (id) => run(Viewers.use((viewers) => viewers.get(id))),
  plays: (id, query) => run(Viewers.use((viewers) => viewers.plays(id, query))),
  watchlist: (id, query) => run(Viewers.use((viewers) => viewers.listings(id, query))),
  requests: (query) => run(Viewers.use((viewers) => viewers.requests(query))),
  join: (id, viewerIds, { expectedVersion } = {}) =>
    run(Viewers.use((viewers) => viewers.join(id, viewerIds, expectedVersion))),
  split: (id, identityIds, { expectedVersion } = {}) =>
    run(Viewers.use((viewers) => viewers.split(id, identityIds, expectedVersion)))
})
