/** Pages of lists: by keyset cursors, and by their number with a total. */
import { Effect, Result, Schema } from "effect"
import type { SqlClient, Statement } from "effect/sql"
import { invalidField, type InvalidRequest } from "../problems/Problem.ts"
import { toJson } from "./Rows.ts"

/** One page of a list. `nextCursor` is `null` on the last page. */
export interface Page<A> {
  readonly items: ReadonlyArray<A>
  readonly nextCursor: string | null
}

export const defaultPageSize = 50
export const maximumPageSize = 200

/** The `limit` of a page: `defaultPageSize` when it was not given, refused outside 1..`maximumPageSize`. */
export const pageLimit = (limit: number | undefined): Effect.Effect<number, InvalidRequest> => {
  if (limit === undefined) return Effect.succeed(defaultPageSize)
  if (Number.isInteger(limit) && limit >= 1 && limit <= maximumPageSize) return Effect.succeed(limit)
  return Effect.fail(invalidField(["query", "limit"], `must be an integer from 1 to ${maximumPageSize}`))
}

const CursorKeys = Schema.StringFromBase64Url.pipe(
  Schema.decodeTo(Schema.fromJsonString(Schema.Array(Schema.NullOr(Schema.Union([Schema.String, Schema.Finite])))))
)
const decodeKeys = Schema.decodeUnknownResult(CursorKeys)

/** An opaque keyset cursor: the sort values of the last row, with the query they belong to. */
export const encodeCursor = (scope: string, keys: ReadonlyArray<string | number | null>): string =>
  Buffer.from(toJson([scope, ...keys])).toString("base64url")

/** Reads a cursor back; one that is damaged or belongs to another query (sort, direction) is refused. */
export const decodeCursor = (
  scope: string,
  length: number,
  cursor: string
): Effect.Effect<ReadonlyArray<string | number | null>, InvalidRequest> => {
  const keys = decodeKeys(cursor)
  if (Result.isFailure(keys) || keys.success.length !== length + 1 || keys.success[0] !== scope) {
    return Effect.fail(invalidField(["query", "cursor"], "is not a cursor of this list; take `nextCursor` of a page"))
  }
  return Effect.succeed(keys.success.slice(1))
}

/** Cuts off the extra row of a page that was queried with `limit + 1`. */
export const toPage = <Row, A>(
  rows: ReadonlyArray<Row>,
  limit: number,
  cursorOf: (row: Row) => string,
  decode: (row: Row) => A
): Page<A> => {
  const shown = rows.slice(0, limit)
  const last = shown[shown.length - 1]
  return {
    items: shown.map(decode),
    nextCursor: rows.length > limit && last !== undefined ? cursorOf(last) : null
  }
}

/** A range of a list by position, for clients that count pages instead of following cursors. */
export interface Window {
  readonly offset: number
  readonly limit: number
}

/** A page with the total number of entries. */
export interface CountedPage<A> extends Window {
  readonly items: ReadonlyArray<A>
  readonly total: number
}

/** SQLite reads all rows that an offset skips; that many take some milliseconds, so larger offsets are refused. */
export const maximumOffset = 100_000

export interface WindowBounds {
  /** Number of entries if the request does not specify it. Default: `defaultPageSize`. */
  readonly usual?: number
  /** Maximum number of entries that may be requested. Default: `maximumPageSize`. */
  readonly most?: number
  /** The client's names for the parameters, used in problems. Default: `offset` and `limit`, `page` and `page_size`. */
  readonly names?: readonly [position: string, size: string]
}

/** A window by offset; if it is out of bounds, it is refused with the name of the parameter. */
export const windowAt = (
  { limit, offset = 0 }: { readonly offset?: number | undefined; readonly limit?: number | undefined },
  { most = maximumPageSize, names = ["offset", "limit"], usual = defaultPageSize }: WindowBounds = {}
): Effect.Effect<Window, InvalidRequest> =>
  Effect.gen(function* () {
    const size = yield* between(names[1], limit ?? usual, 1, most)
    return { offset: yield* between(names[0], offset, 0, maximumOffset), limit: size }
  })

/** A window by page number; the first page has the number `first`. */
export const windowOfPage = (
  request: { readonly page?: number | undefined; readonly pageSize?: number | undefined; readonly first: 0 | 1 },
  { most = maximumPageSize, names = ["page", "page_size"], usual = defaultPageSize }: WindowBounds = {}
): Effect.Effect<Window, InvalidRequest> =>
  Effect.gen(function* () {
    const { first, page = first, pageSize = usual } = request
    const limit = yield* between(names[1], pageSize, 1, most)
    const last = first + Math.floor(maximumOffset / limit)
    return { offset: ((yield* between(names[0], page, first, last)) - first) * limit, limit }
  })

const between = (name: string, value: number, least: number, most: number) =>
  Number.isInteger(value) && value >= least && value <= most
    ? Effect.succeed(value)
    : Effect.fail(invalidField(["query", name], `must be an integer from ${least} to ${most}`))

/**
 * Reads a window of a list with its total. `from` is the table with the same conditions as the cursor pages of the
 * list. Counting the total reads all matching rows: about 10 ms per 100,000 rows with an index that covers the
 * conditions, and several times that without one. That is why lists of the native API have no total.
 */
export const countedPage = <Row extends object, A>(
  sql: SqlClient.SqlClient,
  { limit, offset }: Window,
  query: {
    readonly columns: Statement.Fragment
    readonly from: Statement.Fragment
    readonly orderBy: Statement.Fragment
  },
  decode: (row: Row) => A
): Effect.Effect<CountedPage<A>> =>
  Effect.gen(function* () {
    const { columns, from, orderBy } = query
    const [counted] = yield* sql<{ readonly total: number }>`SELECT count(*) AS total FROM ${from}`
    const total = counted?.total ?? 0
    // Each of the two may read all matching rows; others run in between.
    yield* Effect.yieldNow
    const rows =
      total <= offset
        ? []
        : yield* sql<Row>`SELECT ${columns} FROM ${from} ORDER BY ${orderBy} LIMIT ${limit} OFFSET ${offset}`
    return { items: rows.map(decode), total, offset, limit }
  }).pipe(Effect.orDie)
