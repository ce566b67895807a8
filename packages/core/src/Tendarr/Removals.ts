/** Removals, for embedding programs: listing, deciding, carrying out, undoing. */
import type { RestoreOptions } from "../integrations/Kind.ts"
import { DueRemovalsReport } from "../removals/DueRemovals.ts"
import type { RecalledRemoval, RemovalDetail, RemovalSummary } from "../removals/Removal.ts"
import { removalsJob } from "../jobs/JobNames.ts"
import type { RequestOptions } from "../removals/RemovalTerms.ts"
import {
  type BulkAction,
  type BulkResult,
  Removals,
  type RequestedRemovals,
  type TogetherOptions
} from "../removals/Removals.ts"
import type { RemovalQuery } from "../removals/RemovalStore/Lists.ts"
import type { Page } from "../storage/Pages.ts"
import type { Calls, Ended, RunCallOptions } from "./Calls.ts"

/**
 * Every removal in every state: proposed, scheduled, snoozed, executing, removed, restored. Actions reject with
 * `RemovalNotFound`, with `RemovalStateConflict` if the state does not allow them, and, if they lead to a removal, with
 * `DeletionsDisabled` while the brake is on. An action on a removal that belongs to a collection applies to the whole
 * collection.
 */
export interface RemovalCalls {
  /**
   * One page, 50 entries unless `limit` says otherwise (at most 200); `cursor` is the `nextCursor` of the previous
   * page.
   */
  readonly list: (query?: RemovalQuery) => Promise<Page<RemovalSummary>>
  /** Every entry of the list, fetched page by page. */
  readonly all: (query?: RemovalQuery) => AsyncIterable<RemovalSummary>
  /** Includes the decision at the time of planning: facts, factors, rules. Rejects with `RemovalNotFound`. */
  readonly get: (id: string) => Promise<RemovalDetail>
  /**
   * Requests the removal of an item. Protections, rules that always keep and the brake apply here too; on a disk in
   * dry-run it remains a proposal. Rejects
   * with `ItemNotFound`, `RemovalForbidden`, `RemovalStateConflict`, `DeletionsDisabled` or `RulesUnreadable`, and with
   * `InvalidRequest` naming an option that is not valid. `options.action` defaults to `remove-entry`, and for a season,
   * an album or a book to `unmonitor-and-delete-files`; `options.graceDays` is a number of whole days from 0 to 3650.
   */
  readonly request: (itemId: string, options?: RequestOptions) => Promise<RemovalSummary>
  /**
   * The same for many items; `failed` lists those that cannot be removed, and why. With a collection, its members are
   * removed together or not at all.
   */
  readonly requestMany: (
    itemIds: ReadonlyArray<string>,
    options?: RequestOptions,
    together?: TogetherOptions
  ) => Promise<RequestedRemovals>
  /** Approves it: it is carried out after the setting `removals.delaySeconds`. */
  readonly approve: (id: string) => Promise<RemovalSummary>
  /**
   * Snoozes it until `until` (ISO-8601 with a zone); the default is the setting `removals.snoozeHours` from now.
   * Rejects with `RemovalBeyondRecall` once its deletion has been sent; `beyondRecall` names the removals of its
   * collection whose deletion has been sent.
   */
  readonly reject: (id: string, until?: string) => Promise<RecalledRemoval>
  /** Ends a snooze before its time. */
  readonly unsnooze: (id: string) => Promise<RemovalSummary>
  /** Reschedules it: ISO-8601 with a zone, in the future. */
  readonly reschedule: (id: string, at: string) => Promise<RemovalSummary>
  /**
   * Final, also across restarts: the item is not planned again until a person releases it. Rejects as `reject` does.
   */
  readonly cancel: (id: string) => Promise<RecalledRemoval>
  /** Allows an item whose removal was cancelled to be planned again. */
  readonly release: (id: string) => Promise<RemovalSummary>
  /** Retries a failed removal immediately. */
  readonly retry: (id: string) => Promise<RemovalSummary>
  /**
   * Undoes a removal: adds the item again as it was, starts a search, and protects it. The files are downloaded again.
   * Rejects with `RestoreFailed` if the application does not do it; if its response is lost, the result is determined
   * by asking it again. `monitor`: sets the item to monitored, whether or not it was monitored when it was removed.
   */
  readonly restore: (id: string, options?: RestoreOptions) => Promise<RemovalSummary>
  /**
   * Applies one action to many removals, each separately; the result lists those that failed, with the code of the
   * problem.
   */
  readonly bulk: (action: BulkAction, ids: ReadonlyArray<string>) => Promise<BulkResult>
  /**
   * Carries out the due removals now. With the option `background` this happens automatically. The disks are read again
   * between batches; the freed bytes are those that the disks report.
   */
  readonly carryOut: (options?: RunCallOptions) => Promise<Ended<DueRemovalsReport>>
}

export const removalCalls = ({ everyPage, job, run }: Calls): RemovalCalls => ({
  list: (query = {}) => run(Removals.use((all) => all.page(query))),
  all: (query = {}) => everyPage((asked) => Removals.use((all) => all.page(asked)), query),
  get: (id) => run(Removals.use((all) => all.get(id))),
  request: (itemId, options) => run(Removals.use((all) => all.request(itemId, options))),
  requestMany: (itemIds, options, together) =>
    run(Removals.use((removals) => removals.requestMany(itemIds, options, together))),
  approve: (id) => run(Removals.use((all) => all.approve(id))),
  reject: (id, until) => run(Removals.use((all) => all.reject(id, until))),
  unsnooze: (id) => run(Removals.use((all) => all.unsnooze(id))),
  reschedule: (id, at) => run(Removals.use((all) => all.reschedule(id, at))),
  cancel: (id) => run(Removals.use((all) => all.cancel(id))),
  release: (id) => run(Removals.use((all) => all.release(id))),
  retry: (id) => run(Removals.use((all) => all.retry(id))),
  restore: (id, options) => run(Removals.use((all) => all.restore(id, options))),
  bulk: (action, ids) => run(Removals.use((all) => all.bulk(action, ids))),
  carryOut: ({ onProgress, signal } = {}) => job(removalsJob, DueRemovalsReport, {}, { onProgress, signal })
})
