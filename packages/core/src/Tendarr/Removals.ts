/** Removals inside a program: what is planned, what a person makes of it, carrying out, undoing. */
import type { RestoreOptions } from "../integrations/Kind.ts"
import { ExecutionReport } from "../removals/Executor.ts"
import type { RecalledRemoval, RemovalDetail, RemovalSummary } from "../removals/Removal.ts"
import { removalsJob } from "../jobs/JobNames.ts"
import { type BulkAction, type BulkResult, Removals } from "../removals/Removals.ts"
import type { RemovalQuery } from "../removals/RemovalStore.ts"
import type { Page } from "../storage/Pages.ts"
import type { Calls, Ended, RunCallOptions } from "./Calls.ts"

/**
 * Every removal in every state: proposed, scheduled, snoozed, executing, removed, restored. Steps reject with
 * `RemovalNotFound`, with `RemovalStateConflict` where the state does not allow them, and, where they lead to a removal,
 * with `DeletionsDisabled` while the brake is on. A removal that goes with its collection takes the collection along.
 */
export interface RemovalCalls {
  /** One page, 50 entries unless `limit` says otherwise (at most 200); `cursor` takes the `nextCursor` of the page before. */
  readonly list: (query?: RemovalQuery) => Promise<Page<RemovalSummary>>
  /** Every entry of the list, asked for page by page. */
  readonly all: (query?: RemovalQuery) => AsyncIterable<RemovalSummary>
  /** With the decision as it was when it was planned: facts, factors, rules. Rejects with `RemovalNotFound`. */
  readonly get: (id: string) => Promise<RemovalDetail>
  /**
   * Asks for the removal of an item. Protections, rules that always keep, dry-run and the brake bind it too.
   * Rejects with `ItemNotFound`, `RemovalForbidden`, `RemovalStateConflict`, `DeletionsDisabled` or `RulesUnreadable`.
   */
  readonly request: (itemId: string) => Promise<RemovalSummary>
  /** Has it removed after `removals.delaySeconds` of the settings. */
  readonly approve: (id: string) => Promise<RemovalSummary>
  /**
   * Puts it off until `until` (ISO-8601 with a zone), by default for `removals.snoozeHours` of the settings. Rejects with
   * `RemovalBeyondRecall` once its deletion has been sent; `beyondRecall` names those of its collection for which it has.
   */
  readonly reject: (id: string, until?: string) => Promise<RecalledRemoval>
  /** Ends a snooze before its time. */
  readonly unsnooze: (id: string) => Promise<RemovalSummary>
  /** Moves it to another time: ISO-8601 with a zone, still to come. */
  readonly reschedule: (id: string, at: string) => Promise<RemovalSummary>
  /** Final, over restarts too: the item is not planned again until a person releases it. Rejects as `reject` does. */
  readonly cancel: (id: string) => Promise<RecalledRemoval>
  /** Lets an item be planned again whose removal was cancelled. */
  readonly release: (id: string) => Promise<RemovalSummary>
  /** Tries a failed removal again at once. */
  readonly retry: (id: string) => Promise<RemovalSummary>
  /**
   * Undoes a removal: adds the item again as it was, starts a search, and protects it. The files are downloaded again.
   * Rejects with `RestoreFailed` where the application does not do it; lost answers are settled by asking again.
   * `monitor`: wanted again, whether or not it was when it went.
   */
  readonly restore: (id: string, options?: RestoreOptions) => Promise<RemovalSummary>
  /** One step for many, each on its own; the answer names those that could not be taken, with the code of the problem. */
  readonly bulk: (action: BulkAction, ids: ReadonlyArray<string>) => Promise<BulkResult>
  /**
   * Removes what is due, now. With the option `background` this happens by itself.
   * The disks are read again between batches; freed bytes are what they say.
   */
  readonly carryOut: (options?: RunCallOptions) => Promise<Ended<ExecutionReport>>
}

export const removalCalls = ({ everyPage, job, run }: Calls): RemovalCalls => ({
  list: (query = {}) => run(Removals.use((all) => all.page(query))),
  all: (query = {}) => everyPage((asked) => Removals.use((all) => all.page(asked)), query),
  get: (id) => run(Removals.use((all) => all.get(id))),
  request: (itemId) => run(Removals.use((all) => all.request(itemId))),
  approve: (id) => run(Removals.use((all) => all.approve(id))),
  reject: (id, until) => run(Removals.use((all) => all.reject(id, until))),
  unsnooze: (id) => run(Removals.use((all) => all.unsnooze(id))),
  reschedule: (id, at) => run(Removals.use((all) => all.reschedule(id, at))),
  cancel: (id) => run(Removals.use((all) => all.cancel(id))),
  release: (id) => run(Removals.use((all) => all.release(id))),
  retry: (id) => run(Removals.use((all) => all.retry(id))),
  restore: (id, options) => run(Removals.use((all) => all.restore(id, options))),
  bulk: (action, ids) => run(Removals.use((all) => all.bulk(action, ids))),
  carryOut: ({ onProgress, signal } = {}) => job(removalsJob, ExecutionReport, {}, { onProgress, signal })
})
