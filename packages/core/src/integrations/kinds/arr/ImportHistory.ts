/**
 * The date of the newest file of each part, from the import history: the lists of series and of works contain no dates
 * of parts. The history is read backwards from its newest record, in a limited number of pages; older dates are not
 * known.
 */
import { Effect, Schema } from "effect"
import { OddRecords } from "../../OddRecords.ts"
import type { QueryValue } from "../../Upstream.ts"
import type { UpstreamError } from "../../UpstreamErrors.ts"
import { maybe } from "../Lenient.ts"
import { isoOrNull } from "../Values.ts"
import { type ArrAccess, longReadMillis } from "./Arr.ts"

/** Records per page, and the maximum number of pages per sync. */
const pageSize = 1_000
const mostPages = 10

/** Maximum number of upstream calls for a history with so many imports. */
export const historyCalls = (imports: number): number => Math.min(mostPages, Math.max(1, Math.ceil(imports / pageSize)))

export const historyFormula = "1 per 1,000 imports in its history, at least 1 and at most 10"

/** How a family records imports in its history. */
export interface ImportTerms {
  /** The event name in responses, and the number that selects it in requests. */
  readonly eventType: string
  readonly eventNumber: number
  /** Query parameters that make a record name its part. */
  readonly query: Readonly<Record<string, boolean>>
  /** The part and its whole, as keys for `newestOf`; empty if the record does not contain them. */
  readonly keysOf: (record: ImportRecord) => ReadonlyArray<string>
}

export interface ImportDays {
  /** The date of the newest file of this part or whole; `undefined` = not in the history. */
  readonly newestOf: (key: string) => string | undefined
  /** Why no dates are known; `null` = the history was read. */
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
 * If the application refuses the history, or returns it in another format, only the dates are unknown, not the library;
 * if the application does not answer, the reading fails as usual.
 */
const orNoDays = (days: Effect.Effect<ImportDays, UpstreamError>): Effect.Effect<ImportDays, UpstreamError> =>
  Effect.catchTags(days, {
    UpstreamRefused: (error) => Effect.succeed(noDays(`its history could not be read (${error.message})`)),
    UpstreamMalformed: (error) => Effect.succeed(noDays(`its history could not be read (${error.message})`))
  })

/** Reads the newest imports. */
export const readImports = Effect.fn("Arr.readImports")(function* (
  { application, upstream }: ArrAccess,
  terms: ImportTerms
): Effect.fn.Return<ImportDays, UpstreamError> {
  const days = new Newest(terms)
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
        odd: days.odd,
        oddFrom: (page - 1) * pageSize
      }
    )
    // Records moved between two pages: one may have been missed.
    if (page > 1 && head.totalRecords < total) return noDays("its history became shorter while it was read")
    total = head.totalRecords
    days.add(rows)
    if (rows.length === 0 && days.odd.unidentified === 0) break
  }
  return days.result()
}, orNoDays)

/** Reads all imports of one whole, which are not paged; `whole` is the last part of the path, and the parameter. */
export const readImportsOf = Effect.fn("Arr.readImportsOf")(function* (
  { application, upstream }: ArrAccess,
  terms: ImportTerms,
  whole: { readonly path: string; readonly query: Readonly<Record<string, QueryValue>> }
): Effect.fn.Return<ImportDays, UpstreamError> {
  const days = new Newest(terms)
  const query = { ...whole.query, eventType: terms.eventNumber, ...terms.query }
  days.add(
    yield* upstream.getArray(`${application.api}/history/${whole.path}`, ImportRecord, {
      query,
      timeoutMillis: longReadMillis,
      odd: days.odd
    })
  )
  return days.result()
}, orNoDays)

/** The newest import of each part and whole among the records. */
class Newest {
  readonly odd = new OddRecords()
  readonly #terms: ImportTerms
  readonly #newest = new Map<string, string>()
  #unnamed = 0

  constructor(terms: ImportTerms) {
    this.#terms = terms
  }

  add(records: ReadonlyArray<ImportRecord>): void {
    for (const record of records) {
      const date = isoOrNull(record.date)
      const keys = this.#terms.keysOf(record)
      // The newest import of a part may be an unreadable record.
      if (this.odd.fieldsOf(record).length > 0 && (date === null || keys.length < 2)) this.#unnamed++
      if (date === null || record.eventType !== this.#terms.eventType) continue
      for (const key of keys) if ((this.#newest.get(key) ?? "") < date) this.#newest.set(key, date)
    }
  }

  result(): ImportDays {
    return this.odd.unidentified + this.#unnamed > 0
      ? noDays("a record of its history could not be read")
      : { newestOf: (key) => this.#newest.get(key), untold: null }
  }
}

const noDays = (reason: string): ImportDays => ({ newestOf: () => undefined, untold: reason })
