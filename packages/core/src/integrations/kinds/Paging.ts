/**
 * Reading a paged list whole. A list that changes while it is read may lose a row between two pages; this notices and
 * reads again, and answers everything or fails.
 */
import { Effect } from "effect"
import type { Progress } from "../Kind.ts"
import { type UpstreamError, UpstreamMalformed } from "../UpstreamErrors.ts"

export interface Page<Row> {
  readonly rows: ReadonlyArray<Row>
  /** Records that came, with those that could not be read; as many as `rows` where absent. */
  readonly records?: number
  /** Rows in the whole list, or `null` when the upstream does not say. */
  readonly total: number | null
}

export interface PagedList<Row> {
  readonly integration: string
  /** Method and path, for errors. */
  readonly call: string
  readonly pageSize: number
  readonly fetch: (start: number) => Effect.Effect<Page<Row>, UpstreamError>
  /** What tells rows apart; `null` when this row has nothing of the kind. */
  readonly keyOf: (row: Row) => string | null
  readonly progress?: Progress
}

/**
 * For lists that are asked for by the number of a page, from 1. A start between two pages means that one came short, so
 * nothing follows it: the list does not come to its total and is read again.
 */
export const byPageNumber =
  <Row>(pageSize: number, fetch: (page: number) => Effect.Effect<Page<Row>, UpstreamError>): PagedList<Row>["fetch"] =>
  (start) =>
    start % pageSize === 0 ? fetch(start / pageSize + 1) : Effect.succeed({ rows: [], total: null })

/** Rows of a list of which only the number of `pages` is known: exact on the last page, the least there can be before. */
export const totalOfPages = (pages: number, page: number, pageSize: number, rows: number): number =>
  page < pages ? (pages - 1) * pageSize + 1 : (page - 1) * pageSize + rows

/**
 * Rows of a page with a `null` for each that could not be read, so that the list still comes to its total. Where in the
 * page they stood does not matter.
 */
export const withGaps = <Row>(rows: ReadonlyArray<Row>, onPage: number): ReadonlyArray<Row | null> => [
  ...rows,
  ...Array.from({ length: Math.max(0, onPage - rows.length) }, () => null)
]

/** Keys in runs of at most `size`, for calls that name several. */
export const batchesOf = (keys: ReadonlyArray<string>, size: number): ReadonlyArray<ReadonlyArray<string>> =>
  Array.from({ length: Math.ceil(keys.length / size) }, (_, index) => keys.slice(index * size, (index + 1) * size))

/** Reads the list again at most this often. */
const attempts = 3

export const readPages = Effect.fnUntraced(function* <Row>(
  list: PagedList<Row>
): Effect.fn.Return<ReadonlyArray<Row>, UpstreamError> {
  for (let attempt = 1; ; attempt += 1) {
    const rows = yield* readOnce(list)
    if (typeof rows !== "string") return rows
    if (attempt === attempts) {
      return yield* new UpstreamMalformed({ integration: list.integration, call: list.call, detail: rows })
    }
  }
})

/** All rows, or why they may not be all. */
const readOnce = Effect.fnUntraced(function* <Row>(
  list: PagedList<Row>
): Effect.fn.Return<ReadonlyArray<Row> | string, UpstreamError> {
  const rows = new Map<string, Row>()
  let received = 0
  let unread = 0
  let total: number | null = null
  while (true) {
    const page: Page<Row> = yield* list.fetch(received)
    if (page.total !== null && total !== null && page.total < total) return "the list became shorter while it was read"
    total = page.total ?? total
    const before = rows.size
    for (const [index, row] of page.rows.entries()) rows.set(list.keyOf(row) ?? `#${received + index}`, row)
    const records = page.records ?? page.rows.length
    received += records
    unread += records - page.rows.length
    yield* list.progress?.(rows.size, total) ?? Effect.void
    if (total === null) {
      // Without a total the end is a page that is not full, or one that only repeats what is known.
      if (records !== list.pageSize || rows.size === before) return [...rows.values()]
    } else if (received >= total) {
      return rows.size + unread >= total
        ? [...rows.values()]
        : `${rows.size} different rows came of the ${total} that were announced`
    } else if (records === 0) return `${rows.size} rows came of the ${total} that were announced`
  }
})
