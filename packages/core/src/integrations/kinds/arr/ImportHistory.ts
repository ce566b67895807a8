/**
 * When the newest file of each part came, from the history of imports: the lists of series and of works keep no day of a
 * part's own. The history is read from its newest record on, in a bounded number of pages; what lies further back is not told.
 */
import { Effect, Schema } from "effect"
import { OddRecords } from "../../OddRecords.ts"
import type { UpstreamError } from "../../UpstreamErrors.ts"
import { maybe } from "../Lenient.ts"
import { isoOrNull } from "../Values.ts"
import { type ArrAccess, longReadMillis } from "./Arr.ts"

/** Records of a page, and the most pages that one sync reads. */
const pageSize = 1_000
const mostPages = 10

/** Upstream calls at most, for a history of so many imports. */
export const historyCalls = (imports: number): number => Math.min(mostPages, Math.max(1, Math.ceil(imports / pageSize)))

export const historyFormula = "1 per 1,000 imports in its history, at least 1 and at most 10"

/** Where the imports of a family stand in its history. */
export interface ImportTerms {
  /** What the answers call the event, and the number by which it is asked for. */
  readonly eventType: string
  readonly eventNumber: number
  /** What must be asked for so that a record names its part. */
  readonly query: Readonly<Record<string, boolean>>
  /** The part and its whole, as keys for `newestOf`; none where the record does not say. */
  readonly keysOf: (record: ImportRecord) => ReadonlyArray<string>
}

export interface ImportDays {
  /** When the newest file of this part or whole came; `undefined` = the history does not tell. */
  readonly newestOf: (key: string) => string | undefined
  /** Why nothing is told; `null` = the history was read. */
  readonly untold: string | null
}

const ImportRecord = Schema.Struct({
  eventType: maybe(Schema.String),
  date: maybe(Schema.String),
  seriesId: maybe(Schema.Int),
  albumId: maybe(Schema.Int),
  artistId: maybe(Schema.Int),
  bookId: maybe(Schema.Int),
  authorId: maybe(Schema.Int),
  episode: maybe(Schema.Struct({ seasonNumber: maybe(Schema.Int) }))
})
export type ImportRecord = typeof ImportRecord.Type

const Head = Schema.Struct({ totalRecords: Schema.Int, records: Schema.Array(Schema.Unknown) })

/**
 * Reads the newest imports. A history that the application refuses, or answers in another shape, costs the days and not
 * the library; an application that does not answer fails as everywhere.
 */
export const readImports = Effect.fn("Arr.readImports")(
  function* ({ application, upstream }: ArrAccess, terms: ImportTerms): Effect.fn.Return<ImportDays, UpstreamError> {
    const odd = new OddRecords()
    const newest = new Map<string, string>()
    let unnamed = 0
    let total = Number.POSITIVE_INFINITY
    for (let page = 1; page <= mostPages && (page - 1) * pageSize < total; page++) {
      const { head, rows } = yield* upstream.getPage(
        `${application.api}/history`,
        { head: Head, rowsOf: ({ records }) => records, row: ImportRecord },
        {
          query: {
            page,
            pageSize,
            sortKey: "date",
            sortDirection: "descending",
            eventType: terms.eventNumber,
            ...terms.query
          },
          timeoutMillis: longReadMillis,
          odd,
          oddFrom: (page - 1) * pageSize
        }
      )
      // Records moved up between two pages: one may have been passed over.
      if (page > 1 && head.totalRecords < total) return notTold("its history became shorter while it was read")
      total = head.totalRecords
      for (const record of rows) {
        const date = isoOrNull(record.date)
        const fields = odd.fieldsOf(record)
        // The newest one of a part may be a record that says nothing readable.
        if (fields.length > 0 && (date === null || terms.keysOf(record).length < 2)) unnamed++
        if (date === null || record.eventType !== terms.eventType) continue
        for (const key of terms.keysOf(record)) if ((newest.get(key) ?? "") < date) newest.set(key, date)
      }
      if (rows.length === 0 && odd.unidentified === 0) break
    }
    return odd.unidentified + unnamed > 0
      ? notTold("a record of its history could not be read")
      : { newestOf: (key) => newest.get(key), untold: null }
  },
  Effect.catchTags({
    UpstreamRefused: (error) => Effect.succeed(notTold(`its history could not be read (${error.message})`)),
    UpstreamMalformed: (error) => Effect.succeed(notTold(`its history could not be read (${error.message})`))
  })
)

const notTold = (reason: string): ImportDays => ({ newestOf: () => undefined, untold: reason })
