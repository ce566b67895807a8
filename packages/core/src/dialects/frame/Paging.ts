/** Lists of the products, by page number or by offset, with totals. */
import { Effect, Schema } from "effect"
import type { InvalidRequest } from "../../problems/Problem.ts"
import {
  type CountedPage,
  maximumOffset,
  type Window,
  type WindowBounds,
  windowAt,
  windowOfPage
} from "../../storage/Pages.ts"

/** The query of a list in pages; its bounds are checked where the page is read. */
export const pageQuery = { page: Schema.optionalKey(Schema.Int), limit: Schema.optionalKey(Schema.Int) }

export const offsetQuery = { offset: Schema.optionalKey(Schema.Int), limit: Schema.optionalKey(Schema.Int) }

export interface NumberedPage<A> {
  readonly items: ReadonlyArray<A>
  readonly total: number
  readonly page: number
  readonly totalPages: number
  readonly limit: number
}

export interface PageRequest {
  readonly page?: number | undefined
  readonly limit?: number | undefined
}

/**
 * Reads a page by its number. A page beyond the last one is empty; beyond the largest offset, only the total is read.
 */
export const numberedPage = Effect.fnUntraced(function* <A, B, E, R>(
  { limit, page }: PageRequest,
  bounds: WindowBounds & { readonly first: 0 | 1 },
  read: (window: Window) => Effect.Effect<CountedPage<A>, E, R>,
  encode: (item: A) => B
): Effect.fn.Return<NumberedPage<B>, E | InvalidRequest, R> {
  const { first, ...rest } = bounds
  const size = yield* windowAt({ limit }, { ...rest, names: ["offset", "limit"] })
  const isFar = page !== undefined && Number.isInteger(page) && (page - first) * size.limit > maximumOffset
  const window = isFar
    ? { offset: maximumOffset, limit: 1 }
    : yield* windowOfPage({ page, pageSize: size.limit, first }, { ...rest, names: ["page", "limit"] })
  const { items, total } = yield* read(window)
  return {
    items: isFar ? [] : items.map(encode),
    total,
    page: page ?? first,
    totalPages: Math.ceil(total / size.limit),
    limit: size.limit
  }
})

/** Every entry of a list that has cursors, for products that return it as a whole. */
export const everyEntry = Effect.fnUntraced(function* <A, E, R>(
  read: (cursor: {
    readonly cursor?: string
  }) => Effect.Effect<{ readonly items: ReadonlyArray<A>; readonly nextCursor: string | null }, E, R>
) {
  const all: Array<A> = []
  for (let cursor: string | null = ""; cursor !== null;) {
    const page: { readonly items: ReadonlyArray<A>; readonly nextCursor: string | null } = yield* read(
      cursor === "" ? {} : { cursor }
    )
    all.push(...page.items)
    cursor = page.nextCursor
  }
  return all
})
