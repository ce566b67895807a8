/** The queue of a Servarr application, its history of grabs and imports, and searches for what left the queue. */
import { Effect, Schema } from "effect"
import type {
  ImportCapability,
  QueueCapability,
  QueueEntry,
  QueueHistoryEntry,
  QueueRemovalOptions,
  QueueTarget
} from "../../QueueCapability.ts"
import { type UpstreamError, UpstreamMalformed } from "../../UpstreamErrors.ts"
import { forEachWithPauses } from "../../Pauses.ts"
import { LenientNumber, LenientString, maybe } from "../Lenient.ts"
import { byPageNumber, readPages } from "../Paging.ts"
import { distinctTexts, isoOrNull, textOrNull } from "../Values.ts"
import type { ArrAccess } from "./Arr.ts"
import { arrImports } from "./Imports.ts"

/** Rows per page of the queue. */
const pageSize = 500

/** What differs between families. */
export interface QueueTerms {
  /** Query parameters with which rows for unknown items are listed. */
  readonly query: Readonly<Record<string, boolean>>
  /** `null` if the row does not say what it is for. */
  readonly targetOf: (row: QueueIds) => QueueTarget | null
  readonly stillWanted: (
    access: ArrAccess,
    targets: ReadonlyArray<QueueTarget>
  ) => Effect.Effect<ReadonlyArray<QueueTarget>, UpstreamError>
  readonly searches: (targets: ReadonlyArray<QueueTarget>) => ReadonlyArray<Readonly<Record<string, unknown>>>
  /** The command that imports a path, such as `DownloadedMoviesScan`. */
  readonly importCommand: string
}

const ids = {
  movieId: maybe(Schema.Int),
  seriesId: maybe(Schema.Int),
  episodeId: maybe(Schema.Int),
  seasonNumber: maybe(Schema.Int),
  artistId: maybe(Schema.Int),
  albumId: maybe(Schema.Int),
  authorId: maybe(Schema.Int),
  bookId: maybe(Schema.Int)
}
const Ids = Schema.Struct(ids)
export type QueueIds = typeof Ids.Type

const Message = Schema.Struct({ title: maybe(Schema.String), messages: maybe(Schema.Array(Schema.String)) })

const Row = Schema.Struct({
  id: Schema.Int,
  ...ids,
  episode: maybe(Schema.Struct({ seasonNumber: maybe(Schema.Int) })),
  title: maybe(LenientString),
  size: maybe(LenientNumber),
  sizeleft: maybe(LenientNumber),
  added: maybe(Schema.String),
  status: maybe(LenientString),
  trackedDownloadStatus: maybe(LenientString),
  trackedDownloadState: maybe(LenientString),
  statusMessages: maybe(Schema.Array(Message)),
  errorMessage: maybe(LenientString),
  downloadId: maybe(LenientString),
  protocol: maybe(LenientString),
  downloadClient: maybe(LenientString),
  indexer: maybe(LenientString),
  outputPath: maybe(LenientString)
})
type Row = typeof Row.Type

/** Events of one download: some for each episode of a pack. */
const mostEvents = 2_000

const Head = Schema.Struct({ totalRecords: Schema.Int, records: Schema.Array(Schema.Unknown) })

const HistoryRow = Schema.Struct({
  ...ids,
  episode: maybe(Schema.Struct({ seasonNumber: maybe(Schema.Int) })),
  eventType: maybe(Schema.String),
  date: maybe(Schema.String),
  sourceTitle: maybe(LenientString),
  downloadId: maybe(LenientString),
  data: maybe(Schema.Struct({ indexer: maybe(LenientString) }))
})

type HistoryRow = typeof HistoryRow.Type

/** Names of events, which differ between applications. */
const historyEvents: Readonly<Record<string, QueueHistoryEntry["what"]>> = {
  grabbed: "grabbed",
  downloadFolderImported: "imported",
  downloadImported: "imported",
  trackFileImported: "imported",
  bookFileImported: "imported",
  downloadFailed: "failed",
  downloadIgnored: "ignored"
}

/** All applications of the family can search their history, and import what they are given. */
export interface ArrQueue extends QueueCapability {
  readonly historyOf: NonNullable<QueueCapability["historyOf"]>
  readonly imports: ImportCapability
}

export const arrQueue = (access: ArrAccess, terms: QueueTerms): ArrQueue => {
  const { application, integration, upstream } = access
  const { api } = application
  const call = `GET ${api}/queue`
  const targetOf = (row: QueueIds & { readonly episode?: { readonly seasonNumber?: number | null } | null }) =>
    terms.targetOf({ ...row, seasonNumber: row.seasonNumber ?? row.episode?.seasonNumber ?? null })

  const read = Effect.gen(function* () {
    const rows = yield* readPages({
      integration,
      call,
      pageSize,
      // A row that cannot be read may be part of any download: the reading fails with it.
      fetch: byPageNumber(pageSize, (page) =>
        Effect.map(
          upstream.getPage(
            `${api}/queue`,
            { head: Head, rowsOf: ({ records }) => records, row: Row },
            { query: { page, pageSize, sortKey: "timeleft", sortDirection: "ascending", ...terms.query } }
          ),
          ({ head, rows: found }) => ({ rows: found, total: head.totalRecords })
        )
      ),
      keyOf: ({ id }: Row) => String(id)
    })
    return yield* entriesOf(rows, targetOf)
  }).pipe(Effect.withSpan("ArrQueue.read"))

  const history = Effect.fn("ArrQueue.history")(function* (since: string) {
    return yield* toEntries(yield* upstream.getArray(`${api}/history/since`, HistoryRow, { query: { date: since } }))
  })

  const historyOf = Effect.fn("ArrQueue.historyOf")(function* (downloadId: string) {
    const query = { page: 1, pageSize: mostEvents, sortKey: "date", sortDirection: "descending", downloadId }
    const { head, rows } = yield* upstream.getPage(
      `${api}/history`,
      { head: Head, rowsOf: ({ records }) => records, row: HistoryRow },
      { query }
    )
    const other = rows.find((row) => textOrNull(row.downloadId)?.toLowerCase() !== downloadId.toLowerCase())
    if (other !== undefined || head.totalRecords > rows.length) {
      const detail =
        other === undefined ? "the history of one download has several pages" : "it ignores the id of the download"
      return yield* new UpstreamMalformed({ integration, call: `GET ${api}/history`, detail })
    }
    return yield* toEntries(rows)
  })

  const toEntries = Effect.fnUntraced(function* (rows: ReadonlyArray<HistoryRow>) {
    const entries: Array<QueueHistoryEntry> = []
    yield* forEachWithPauses(rows, (row) => {
      const what = historyEvents[row.eventType ?? ""]
      const downloadId = textOrNull(row.downloadId)?.toLowerCase() ?? null
      const at = isoOrNull(row.date)
      if (what === undefined || downloadId === null || at === null) return
      const target = targetOf(row)
      entries.push({
        what,
        downloadId,
        at,
        title: textOrNull(row.sourceTitle) ?? downloadId,
        indexer: textOrNull(row.data?.indexer),
        targets: target === null ? [] : [target]
      })
    })
    return entries.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
  })

  const remove = Effect.fn("ArrQueue.remove")(function* (
    rowIds: ReadonlyArray<number>,
    { blocklist, removeFromClient }: QueueRemovalOptions
  ) {
    const query = { removeFromClient, blocklist, skipRedownload: true, changeCategory: false }
    for (const [index, id] of rowIds.entries()) {
      // Its first row takes the others with it, at once or with the next refresh of the application.
      const further = index === 0 ? query : { ...query, removeFromClient: false, blocklist: false }
      yield* upstream
        .send("DELETE", `${api}/queue/${id}`, { query: further })
        .pipe(Effect.catchTag("UpstreamRefused", (error) => (error.status === 404 ? Effect.void : Effect.fail(error))))
    }
  })

  return {
    read,
    history,
    historyOf,
    remove,
    stillWanted: (targets) => terms.stillWanted(access, targets),
    search: (targets) =>
      Effect.forEach(terms.searches(targets), (json) => upstream.send("POST", `${api}/command`, { json }), {
        discard: true
      }),
    imports: arrImports(access, terms.importCommand)
  }
}

const lower = (text: string | null | undefined): string | null => textOrNull(text)?.toLowerCase() ?? null

const protocolOf = (text: string | null | undefined): QueueEntry["protocol"] => {
  const name = lower(text)
  return name === "torrent" || name === "usenet" ? name : null
}

const messagesOf = ({ errorMessage, statusMessages }: Row): ReadonlyArray<string | null | undefined> => [
  errorMessage,
  // The title is the name of a file, unless it is the message itself.
  ...(statusMessages ?? []).flatMap(({ messages, title }): ReadonlyArray<string | null | undefined> =>
    messages == null || messages.length === 0 ? [title] : messages
  )
]

/** Rows of one download id are one entry; rows without one are entries of their own. */
const entriesOf = Effect.fnUntraced(function* (
  rows: ReadonlyArray<Row>,
  targetOf: (row: Row) => QueueTarget | null
): Effect.fn.Return<ReadonlyArray<QueueEntry>> {
  const groups = new Map<string, Array<Row>>()
  for (const row of rows) {
    const key = lower(row.downloadId) ?? `#${row.id}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [row])
    else group.push(row)
  }
  const entries: Array<QueueEntry> = []
  yield* forEachWithPauses(groups.values(), (group) => {
    const sorted = group.toSorted((a, b) => a.id - b.id)
    const [first] = sorted
    const pick = <A>(read: (row: Row) => A | null): A | null => {
      for (const row of sorted) {
        const value = read(row)
        if (value !== null) return value
      }
      return null
    }
    const worst = pick((row) => (lower(row.trackedDownloadStatus) === "error" ? "error" : null))
    const warned = pick((row) => (lower(row.trackedDownloadStatus) === "warning" ? "warning" : null))
    entries.push({
      rowIds: sorted.map(({ id }) => id),
      downloadId: pick((row) => lower(row.downloadId)),
      title: pick((row) => textOrNull(row.title)) ?? `queue ${first?.id ?? ""}`,
      protocol: pick((row) => protocolOf(row.protocol)),
      clientName: pick((row) => textOrNull(row.downloadClient)),
      indexer: pick((row) => textOrNull(row.indexer)),
      status: pick((row) => lower(row.status)),
      trackedStatus: worst ?? warned ?? pick((row) => lower(row.trackedDownloadStatus)),
      trackedState: pick((row) => lower(row.trackedDownloadState)),
      messages: distinctTexts(sorted.flatMap(messagesOf)),
      // Each row of a season pack has the size of the whole.
      sizeBytes: pick((row) => row.size ?? null),
      leftBytes: pick((row) => row.sizeleft ?? null),
      outputPath: pick((row) => textOrNull(row.outputPath)),
      addedAt: pick((row) => isoOrNull(row.added)),
      targets: distinctTargets(sorted.flatMap((row) => targetOf(row) ?? []))
    })
  })
  return entries
})

const distinctTargets = (targets: ReadonlyArray<QueueTarget>): ReadonlyArray<QueueTarget> => [
  ...new Map(targets.map((target) => [`${target.wholeId}/${target.partId ?? ""}`, target])).values()
]
