/** The library, for embedding programs: integrations, items, collections, protections. */
import { Effect } from "effect"
import { type Poster, PosterOptions, Posters } from "../artwork/Posters.ts"
import { HealthMonitor } from "../integrations/HealthMonitor.ts"
import {
  ConnectionTest,
  type ConnectionTestResult,
  type Integration,
  IntegrationPatch,
  NewIntegration
} from "../integrations/Integration.ts"
import { Integrations } from "../integrations/Integrations.ts"
import { type KindDescription, Kinds } from "../integrations/Kinds.ts"
import { CollectionRecords, type CollectionSync, type MissingMember } from "../library/CollectionRecords.ts"
import { type Collection, Collections } from "../library/Collections.ts"
import { type ItemQuery, type ItemSummary, Library } from "../library/Library.ts"
import { NewProtection, type Protection, Protections } from "../library/Protections.ts"
import { Sources, type SourceState } from "../library/Sources.ts"
import { type EpisodePage, type EpisodeQuery, Episodes } from "../library/Episodes.ts"
import { Sync, type SyncReport } from "../library/Sync.ts"
import type { HeldSync } from "../library/Sync/HeldSync.ts"
import { CollectionRemovals } from "../removals/CollectionRemovals.ts"
import type { RequestOptions } from "../removals/RemovalTerms.ts"
import type { RequestedRemovals } from "../removals/Removals/RequestMany.ts"
import { type GivenProtection, StoppingDecisions } from "../removals/StoppingDecisions.ts"
import type { Page } from "../storage/Pages.ts"
import type { Calls } from "./Calls.ts"

/** Connections to the applications of the stack. Secrets in results are masked as `********`. */
export interface IntegrationCalls {
  /** The kinds that can be connected: configuration fields, capabilities, and the cost of a sync. */
  readonly kinds: () => Promise<ReadonlyArray<KindDescription>>
  readonly list: () => Promise<ReadonlyArray<Integration>>
  /** Rejects with `IntegrationNotFound`. */
  readonly get: (id: string) => Promise<Integration>
  /**
   * Connects an application; nothing is read until the next sync. Rejects with `InvalidRequest`, which names each
   * invalid field, or `IntegrationNameTaken`.
   */
  readonly create: (draft: typeof NewIntegration.Encoded) => Promise<Integration>
  /**
   * Changes the given fields; a masked secret that is passed back stays as it is. Rejects with `IntegrationNotFound`,
   * `InvalidRequest` or `IntegrationNameTaken`.
   */
  readonly update: (id: string, patch: typeof IntegrationPatch.Encoded) => Promise<Integration>
  /**
   * Disconnects it. Its items count as gone; their removals and explanations are kept. Rejects with
   * `IntegrationNotFound`.
   */
  readonly remove: (id: string) => Promise<void>
  /**
   * Asks an application to identify itself, and stores nothing: for a draft, or `integrationId` with changes. An
   * application that does not answer is not a rejection: `ok` is `false` and `error` says why.
   */
  readonly test: (draft: typeof ConnectionTest.Encoded) => Promise<ConnectionTestResult>
  /** Checks now whether it answers, and records the result in `health`. Rejects with `IntegrationNotFound`. */
  readonly check: (id: string) => Promise<Integration>
  /**
   * When each kind of data was last read from it, and the result of the last attempt. Rejects with
   * `IntegrationNotFound`.
   */
  readonly sources: (id: string) => Promise<ReadonlyArray<SourceState>>
  /** Why its sync is held, and the titles that would disappear. Rejects with `HeldSyncNotFound`. */
  readonly heldSync: (id: string) => Promise<HeldSync>
  /** Applies a sync that was held because too many entries would disappear. Rejects with `NothingHeld`. */
  readonly confirmHeldSync: (id: string) => Promise<SyncReport>
  /** Discards the data of a held sync; the library stays as it is. Rejects with `NothingHeld`. */
  readonly discardHeldSync: (id: string) => Promise<void>
}

/** Movies, shows, seasons, artists, albums, authors and books. Sizes are bytes, times ISO-8601 UTC. */
export interface ItemCalls {
  /**
   * One page, 50 entries unless `limit` says otherwise (at most 200); `cursor` is the `nextCursor` of the previous
   * page.
   */
  readonly list: (query?: ItemQuery) => Promise<Page<ItemSummary>>
  /**
   * Every entry of the list, fetched page by page: `for await (const item of tendarr.items.all({ kind: "movie" }))`.
   */
  readonly all: (query?: ItemQuery) => AsyncIterable<ItemSummary>
  /** Includes items that are gone. Rejects with `ItemNotFound`. */
  readonly get: (id: string) => Promise<ItemSummary>
  /**
   * The episodes of a show or a season by season and number, each with its file, in pages as `list`. Its application is
   * asked first if the show has changed. Rejects with `ItemNotFound`, `NoEpisodes`, `EpisodesUnavailable` (they could not
   * be read yet) or `InvalidRequest`.
   */
  readonly episodes: (id: string, query?: EpisodeQuery) => Promise<EpisodePage>
  /**
   * Its poster, from an application that has the item: the original, or at most `width` pixels wide (50 to 1000) if an
   * image library is installed; `resized` says which. Rejects with `ItemNotFound`, `PosterNotFound`, `PosterUnavailable`
   * (an application does not answer; with `retryAfterSeconds`) or `InvalidRequest`.
   */
  readonly poster: (id: string, options?: { readonly width?: number }) => Promise<Poster>
}

/** What must be kept. A protection takes effect immediately, even against approved removals. */
export interface ProtectionCalls {
  readonly list: () => Promise<ReadonlyArray<Protection>>
  /**
   * Protects an item or a collection, permanently or until a time. Protecting it again changes the reason and the end.
   * Rejects with `InvalidRequest`, `ItemNotFound` or `CollectionNotFound`.
   */
  readonly add: (draft: typeof NewProtection.Encoded) => Promise<GivenProtection>
  /** Rejects with `ProtectionNotFound`. */
  readonly remove: (id: string) => Promise<void>
}

/** Collections as the applications know them. */
export interface CollectionCalls {
  /** By title, with their size and their protection. */
  readonly list: () => Promise<ReadonlyArray<Collection>>
  /** Rejects with `CollectionNotFound`. */
  readonly get: (id: string) => Promise<Collection>
  /** Movies that no application of the library has. Rejects with `CollectionNotFound`. */
  readonly missing: (id: string) => Promise<ReadonlyArray<MissingMember>>
  /** Reads descriptions and missing movies now, as every sync of the library does. */
  readonly sync: () => Promise<CollectionSync>
  /**
   * Requests the removal of all members; `failed` lists those that stay, and why. If there are none, the members are
   * removed together or not at all. Rejects with `CollectionNotFound` or `CollectionProtected`.
   */
  readonly requestRemoval: (id: string, options?: RequestOptions) => Promise<RequestedRemovals>
}

export const integrationCalls = ({ run, write }: Calls): IntegrationCalls => ({
  kinds: () => run(Kinds.use((kinds) => kinds.descriptions)),
  list: () => run(Integrations.use((all) => all.list)),
  get: (id) => run(Integrations.use((all) => all.get(id))),
  create: (draft) => write(NewIntegration, draft, (valid) => Integrations.use((all) => all.create(valid))),
  update: (id, patch) => write(IntegrationPatch, patch, (valid) => Integrations.use((all) => all.update(id, valid))),
  remove: (id) => run(Sync.use((sync) => sync.forget(id))),
  test: (draft) => write(ConnectionTest, draft, (valid) => Integrations.use((all) => all.test(valid))),
  check: (id) => run(HealthMonitor.use((health) => health.checkNow(id))),
  sources: (id) =>
    run(
      Effect.andThen(
        Integrations.use((all) => all.get(id)),
        Sources.use((sources) =>
          Effect.map(sources.states, (states) => states.filter((state) => state.integrationId === id))
        )
      )
    ),
  heldSync: (id) => run(Sync.use((sync) => sync.held(id))),
  confirmHeldSync: (id) => run(Sync.use((sync) => sync.confirmHeld(id))),
  discardHeldSync: (id) => run(Sync.use((sync) => sync.discardHeld(id)))
})

export const itemCalls = ({ everyPage, run, write }: Calls): ItemCalls => ({
  list: (query = {}) => run(Library.use((library) => library.page(query))),
  all: (query = {}) => everyPage((asked) => Library.use((library) => library.page(asked)), query),
  get: (id) => run(Library.use((library) => library.get(id))),
  episodes: (id, query = {}) => run(Episodes.use((episodes) => episodes.page(id, query))),
  poster: (id, options = {}) =>
    write(PosterOptions, options, ({ width = null }) => Posters.use((posters) => posters.poster(id, width)))
})

export const collectionCalls = ({ run }: Calls): CollectionCalls => ({
  list: () => run(Collections.use((collections) => collections.list)),
  get: (id) => run(Collections.use((collections) => collections.get(id))),
  missing: (id) => run(Collections.use((collections) => collections.missing(id))),
  sync: () => run(CollectionRecords.use((records) => records.sync())),
  requestRemoval: (id, options) => run(CollectionRemovals.use((collections) => collections.request(id, options)))
})

export const protectionCalls = ({ run, write }: Calls): ProtectionCalls => ({
  list: () => run(Protections.use((all) => all.list)),
  add: (draft) =>
    write(NewProtection, draft, (valid) => StoppingDecisions.use((decisions) => decisions.protect(valid))),
  remove: (id) => run(Protections.use((all) => all.remove(id)))
})
