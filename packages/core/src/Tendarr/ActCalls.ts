/** Acts, for embedding programs: listing, explaining, cancelling, retrying, undoing. */
import type { ActDetail, ActRecord, DecidedAct } from "../acts/ActRecord.ts"
import { type ActQuery, Acts } from "../acts/Acts.ts"
import type { Page } from "../storage/Pages.ts"
import type { Calls } from "./Calls.ts"

/**
 * Everything that is destroyed or changed in applications, other than items. Actions reject with `ActNotFound`, with
 * `ActConflict` if the state does not allow them, and with `VersionConflict` if `version` is not the current version.
 */
export interface ActCalls {
  /**
   * One page, newest first, 50 entries unless `limit` says otherwise (at most 200); `cursor` is the `nextCursor` of the
   * previous page.
   */
  readonly list: (query?: ActQuery) => Promise<Page<ActRecord>>
  /** Every entry of the list, fetched page by page. */
  readonly all: (query?: ActQuery) => AsyncIterable<ActRecord>
  /** Includes its intent, its steps, and what undoes it. Rejects with `ActNotFound`. */
  readonly get: (id: string) => Promise<ActDetail>
  /**
   * Cancels an open act. Rejects with `ActBeyondRecall` once the request that carries it out has been sent;
   * `beyondRecall` names the act itself if an earlier attempt sent a request that may still take effect.
   */
  readonly cancel: (id: string, version?: number) => Promise<DecidedAct>
  /** Plans a failed act again, for the next run of its job. Rejects with `DeletionsDisabled` while the brake is on. */
  readonly retry: (id: string, version?: number) => Promise<DecidedAct>
  /** Returns the subject to its state before the act. Rejects with `UndoFailed` if this is not possible. */
  readonly undo: (id: string, version?: number) => Promise<DecidedAct>
}

export const actCalls = ({ everyPage, run }: Calls): ActCalls => ({
  list: (query = {}) => run(Acts.use((acts) => acts.page(query))),
  all: (query = {}) => everyPage((asked) => Acts.use((acts) => acts.page(asked)), query),
  get: (id) => run(Acts.use((acts) => acts.get(id))),
  cancel: (id, version) => run(Acts.use((acts) => acts.cancel(id, version))),
  retry: (id, version) => run(Acts.use((acts) => acts.retry(id, version))),
  undo: (id, version) => run(Acts.use((acts) => acts.undo(id, version)))
})
