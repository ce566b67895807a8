/** Orphaned files, for embedding programs: listing, restoring and keeping them, and runs that look for them. */
import type { Orphan, OrphanQuery } from "../downloads/files/Orphan.ts"
import { Orphans } from "../downloads/files/Orphans.ts"
import { OrphansReport } from "../downloads/files/OrphansReport.ts"
import { orphansJob } from "../jobs/JobNames.ts"
import type { Page } from "../storage/Pages.ts"
import type { Calls, Ended, RunCallOptions } from "./Calls.ts"

export interface OrphanRunOptions extends RunCallOptions {
  /** Look for them without writing or moving anything. */
  readonly dryRun?: boolean
}

/** What nothing knows in the folders of download clients. Rejects with `OrphanNotFound` for an unknown id. */
export interface OrphanCalls {
  /** One page, newest first, 50 entries unless `limit` says otherwise (at most 200). */
  readonly list: (query?: OrphanQuery) => Promise<Page<Orphan>>
  /** Every entry of the list, fetched page by page. */
  readonly all: (query?: OrphanQuery) => AsyncIterable<Orphan>
  readonly get: (id: string) => Promise<Orphan>
  /** Moves it back from quarantine. Rejects with `OrphanConflict` if it is not there, and with `UndoFailed`. */
  readonly restore: (id: string) => Promise<Orphan>
  /** Lets it stay where it is, for good. Rejects with `OrphanConflict` if it was moved already. */
  readonly keep: (id: string) => Promise<Orphan>
  /** Looks for them now, and moves into quarantine what has been orphaned for long enough. */
  readonly run: (options?: OrphanRunOptions) => Promise<Ended<OrphansReport>>
}

export const orphanCalls = ({ everyPage, job, run }: Calls): OrphanCalls => ({
  list: (query = {}) => run(Orphans.use((orphans) => orphans.page(query))),
  all: (query = {}) => everyPage((asked) => Orphans.use((orphans) => orphans.page(asked)), query),
  get: (id) => run(Orphans.use((orphans) => orphans.get(id))),
  restore: (id) => run(Orphans.use((orphans) => orphans.restore(id))),
  keep: (id) => run(Orphans.use((orphans) => orphans.keep(id))),
  run: ({ onProgress, signal, ...given } = {}) => job(orphansJob, OrphansReport, given, { onProgress, signal })
})
