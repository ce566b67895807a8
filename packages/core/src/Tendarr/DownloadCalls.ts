/** Downloads, for embedding programs: listing, explaining, taking strikes away, and runs of the rules about them. */
import { Downloads } from "../downloads/Downloads.ts"
import type { DownloadFigures, DownloadTimeline, FiguresQuery, TimelineQuery } from "../downloads/DownloadFigures.ts"
import { DownloadStats } from "../downloads/DownloadStats.ts"
import {
  type DownloadClientView,
  type DownloadDetail,
  type DownloadQuery,
  type DownloadView,
  DownloadViews
} from "../downloads/DownloadViews.ts"
import type { WaitingImport } from "../downloads/imports/ImportReport.ts"
import { type ImportsQuery, ImportViews } from "../downloads/imports/ImportViews.ts"
import { type BlockedQuery, BlockedViews } from "../downloads/malware/BlockedViews.ts"
import type { BlockedDownload } from "../downloads/malware/BlockingReport.ts"
import type { Page } from "../storage/Pages.ts"
import type { Calls } from "./Calls.ts"
import { Effect } from "effect"

/** Downloads in all download clients. Rejects with `DownloadNotFound` for an id that no client has. */
export interface DownloadCalls {
  /** One page, by name, 50 entries unless `limit` says otherwise (at most 200), as the clients were last read. */
  readonly list: (query?: DownloadQuery) => Promise<Page<DownloadView>>
  /** Every entry of the list, fetched page by page. */
  readonly all: (query?: DownloadQuery) => AsyncIterable<DownloadView>
  /** With what its client reports, what was observed of it, whose it is, what the rules say of it, and its strikes. */
  readonly get: (id: string) => Promise<DownloadDetail>
  /** Takes all strikes of a download away. */
  readonly forgive: (id: string) => Promise<DownloadDetail>
  /** Figures of the last `hours` (24 unless given). Rejects with `InvalidRequest`, as `timeline` does. */
  readonly stats: (query?: FiguresQuery) => Promise<DownloadFigures>
  /** One figure per hour, day, week or month of a time zone. */
  readonly timeline: (query: TimelineQuery) => Promise<DownloadTimeline>
  /**
   * One page of what lists of names do to downloads, or, with `list`, of what one list would do if only it applied.
   * Rejects with `InvalidRequest`, and with `RulesUnreadable` while a stored rule cannot be read.
   */
  readonly blocked: (query?: BlockedQuery) => Promise<Page<BlockedDownload>>
  /**
   * One page of downloads that wait for their import. Rejects with `InvalidRequest`, and with `RulesUnreadable` while a
   * stored rule cannot be read.
   */
  readonly imports: (query?: ImportsQuery) => Promise<Page<WaitingImport>>
  readonly clients: () => Promise<ReadonlyArray<typeof DownloadClientView.Type>>
  /** Reads all download clients now, and returns them. */
  readonly read: () => Promise<ReadonlyArray<typeof DownloadClientView.Type>>
}

export const downloadCalls = ({ everyPage, run }: Calls): DownloadCalls => ({
  list: (query = {}) => run(DownloadViews.use((downloads) => downloads.page(query))),
  all: (query = {}) => everyPage((asked) => DownloadViews.use((downloads) => downloads.page(asked)), query),
  get: (id) => run(DownloadViews.use((downloads) => downloads.get(id))),
  forgive: (id) => run(DownloadViews.use((downloads) => downloads.forgive(id))),
  stats: (query = {}) => run(DownloadStats.use((stats) => stats.figures(query))),
  timeline: (query) => run(DownloadStats.use((stats) => stats.timeline(query))),
  blocked: (query = {}) => run(BlockedViews.use((views) => views.page(query))),
  imports: (query = {}) => run(ImportViews.use((views) => views.page(query))),
  clients: () => run(DownloadViews.use((downloads) => downloads.clients)),
  read: () => run(Downloads.use((downloads) => Effect.andThen(downloads.poll, downloads.clients)))
})
