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

/** Cuts one row too many off a page that was asked for with `limit + 1`. */
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

/** A stretch of a list by position, for clients that count pages instead of following cursors. */
export interface Window {
  readonly offset: number
  readonly limit: number
}

/** A page with how many there are in all. */
export interface CountedPage<A> extends Window {
  readonly items: ReadonlyArray<A>
  readonly total: number
}

/** SQLite walks over what is left out: so much of it takes some milliseconds, and no more is offered. */
export const maximumOffset = 100_000

export interface WindowBounds {
  /** Entries where the request does not say. Default: `defaultPageSize`. */
  readonly usual?: number
  /** The most that may be asked for. Default: `maximumPageSize`. */
  readonly most?: number
  /** What the client calls its parameters, for the problem. Default: `offset` and `limit`, `page` and `page_size`. */
  readonly names?: readonly [position: string, size: string]
}

/** A window by its offset; refused outside of its bounds, naming the parameter. */
export const windowAt = (
  { limit, offset = 0 }: { readonly offset?: number | undefined; readonly limit?: number | undefined },
  { most = maximumPageSize, names = ["offset", "limit"], usual = defaultPageSize }: WindowBounds = {}
): Effect.Effect<Window, InvalidRequest> =>
  Effect.gen(function* () {
    const size = yield* between(names[1], limit ?? usual, 1, most)
    return { offset: yield* between(names[0], offset, 0, maximumOffset), limit: size }
  })

/** A window by the number of a page, of which the first is `first`. */
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
 * Reads a window of a list with its total. `from` is the table with the same conditions that the cursor pages of the list have.
 * The total costs a walk over all that fits: over an index that covers the conditions some 10 ms for each 100,000 rows, over the
 * rows themselves several times that. Lists of the native API have no total for that reason.
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
    const rows =
      total <= offset
        ? []
        : yield* sql<Row>`SELECT ${columns} FROM ${from} ORDER BY ${orderBy} LIMIT ${limit} OFFSET ${offset}`
    return { items: rows.map(decode), total, offset, limit }
  }).pipe(Effect.orDie)
