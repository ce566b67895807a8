/** Seeding, for embedding programs: what the rules want of downloads, what they owe, and what Tendarr has set. */
import type { GuardedFolderView } from "../downloads/seeding/SeedingReport.ts"
import {
  type SeedingDetail,
  type SeedingQuery,
  type SeedingView,
  SeedingViews
} from "../downloads/seeding/SeedingViews.ts"
import type { Page } from "../storage/Pages.ts"
import type { Calls } from "./Calls.ts"

/** Rules about seeding. Rejects with `DownloadNotFound` for an id that no client has. */
export interface SeedingCalls {
  /** One page, by name, 50 entries unless `limit` says otherwise (at most 200), as the clients were last read. */
  readonly list: (query?: SeedingQuery) => Promise<Page<SeedingView>>
  /** Every entry of the list, fetched page by page. */
  readonly all: (query?: SeedingQuery) => AsyncIterable<SeedingView>
  /** With its limits, what its client does by itself, and what Tendarr has set. */
  readonly get: (id: string) => Promise<SeedingDetail>
  /** The disks that the guard of free space watches. */
  readonly space: () => Promise<ReadonlyArray<GuardedFolderView>>
}

export const seedingCalls = ({ everyPage, run }: Calls): SeedingCalls => ({
  list: (query = {}) => run(SeedingViews.use((seeding) => seeding.page(query))),
  all: (query = {}) => everyPage((asked) => SeedingViews.use((seeding) => seeding.page(asked)), query),
  get: (id) => run(SeedingViews.use((seeding) => seeding.get(id))),
  space: () => run(SeedingViews.use((seeding) => seeding.folders))
})
