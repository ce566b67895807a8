/**
 * Reads a paged list completely. A list that changes while it is read may lose a row between two pages; this is
 * detected, and the list is read again. The result is either complete or a failure.
 */
import { Effect } from "effect"
import type { Progress } from "../Kind.ts"
import { type UpstreamError, UpstreamMalformed } from "../UpstreamErrors.ts"

export interface Page<Row> {
  readonly rows: ReadonlyArray<Row>
  /** Number of records received, including unreadable ones. Default: the number of `rows`. */
  readonly records?: number
  /** Number of rows in the whole list, or `null` if the upstream does not report it. */
  readonly total: number | null
}

export interface PagedList<Row> {
  readonly integration: string
  /** Method and path, for errors. */
  readonly call: string
  readonly pageSize: number
  readonly fetch: (start: number) => Effect.Effect<Page<Row>, UpstreamError>
  /** Identity of a row; `null` if this row has none. */
  readonly keyOf: (row: Row) => string | null
  readonly progress?: Progress
}

/**
 * For lists that are requested by page number, starting with 1. If the start is between two pages, a page was short, so
 * nothing follows: the list does not reach its total and is read again.
 */
export const byPageNumber =
  <Row>(pageSize: number, fetch: (page: number) => Effect.Effect<Page<Row>, UpstreamError>): PagedList<Row>["fetch"] =>
  (start) =>
    start % pageSize === 0 ? fetch(start / pageSize + 1) : Effect.succeed({ rows: [], total: null })

/**
 * Number of rows of a list for which only the number of `pages` is known: exact on the last page, a lower bound before.
 */
export const totalOfPages = (pages: number, page: number, pageSize: number, rows: number): number =>
  page < pages ? (pages - 1) * pageSize + 1 : (page - 1) * pageSize + rows

/**
 * The rows of a page with a `null` for each unreadable one, so that the list still reaches its total. Their positions
 * within the page do not matter.
 */
export const withGaps = <Row>(rows: ReadonlyArray<Row>, onPage: number): ReadonlyArray<Row | null> => [
  ...rows,
  ...Array.from({ length: Math.max(0, onPage - rows.length) }, () => null)
]

/** Keys in batches of at most `size`, for calls that take several. */
export const batchesOf = (keys: ReadonlyArray<string>, size: number): ReadonlyArray<ReadonlyArray<string>> =>
  Array.from({ length: Math.ceil(keys.length / size) }, (_, index) => keys.slice(index * size, (index + 1) * size))

/** Maximum number of times that the list is read. */
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

/** All rows, or why they may be incomplete. */
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
      // Without a total, the list ends with a page that is not full, or that only repeats known rows.
      if (records !== list.pageSize || rows.size === before) return [...rows.values()]
    } else if (received >= total) {
      return rows.size + unread >= total
        ? [...rows.values()]
        : `${rows.size} different rows came of the ${total} that were announced`
    } else if (records === 0) return `${rows.size} rows came of the ${total} that were announced`
  }
})
