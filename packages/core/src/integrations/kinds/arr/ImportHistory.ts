/**
 * When the newest file of each part came, from the history of imports: the lists of series and of works keep no day of a
 * part's own. The history is read from its newest record on, in a bounded number of pages; what lies further back is not told.
 */
import { Effect, Schema } from "effect"
import { OddRecords } from "../../OddRecords.ts"
import type { QueryValue } from "../../Upstream.ts"
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
 * A history that the application refuses, or answers in another shape, costs the days and not the library; an application
 * that does not answer fails as everywhere.
 */
const notToldOf = (days: Effect.Effect<ImportDays, UpstreamError>): Effect.Effect<ImportDays, UpstreamError> =>
  Effect.catchTags(days, {
    UpstreamRefused: (error) => Effect.succeed(notTold(`its history could not be read (${error.message})`)),
    UpstreamMalformed: (error) => Effect.succeed(notTold(`its history could not be read (${error.message})`))
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
    // Records moved up between two pages: one may have been passed over.
    if (page > 1 && head.totalRecords < total) return notTold("its history became shorter while it was read")
    total = head.totalRecords
    days.add(rows)
    if (rows.length === 0 && days.odd.unidentified === 0) break
  }
  return days.told()
}, notToldOf)

/** Reads all imports of one whole, which are not paged; `whole` is the last part of the path and the parameter. */
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
  return days.told()
}, notToldOf)

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
      // The newest one of a part may be a record that says nothing readable.
      if (this.odd.fieldsOf(record).length > 0 && (date === null || keys.length < 2)) this.#unnamed++
      if (date === null || record.eventType !== this.#terms.eventType) continue
      for (const key of keys) if ((this.#newest.get(key) ?? "") < date) this.#newest.set(key, date)
    }
  }

  told(): ImportDays {
    return this.odd.unidentified + this.#unnamed > 0
      ? notTold("a record of its history could not be read")
      : { newestOf: (key) => this.#newest.get(key), untold: null }
  }
}

const notTold = (reason: string): ImportDays => ({ newestOf: () => undefined, untold: reason })
