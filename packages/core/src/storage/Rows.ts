/** What the repositories share: JSON columns, bits, and keyset cursors. */
import { Effect, Result, Schema } from "effect"
import { invalidField, type InvalidRequest } from "../problems/Problem.ts"

export const toJson = (value: unknown): string => JSON.stringify(value)

export const fromJson = <A>(text: string): A => JSON.parse(text) as A

export const toBit = (value: boolean): 0 | 1 => (value ? 1 : 0)

export const fromBit = (value: number): boolean => value !== 0

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
