/** Lists as async iterators: from page to page by `nextCursor`, each fetched when the loop reaches it. */
import type { Client } from "./generated/client/index.ts"
import { TendarrError } from "./TendarrError.ts"

/** The response of a list. */
export interface Page<Item> {
  readonly items: ReadonlyArray<Item>
  readonly nextCursor: string | null
}

/** A generated method, as far as it matters here; `never` accepts methods with any options. */
export type Method = (options: never) => Promise<{ readonly data: unknown }>

type Shape<M extends Method> = NonNullable<Parameters<M>[0]>
type Data<M extends Method> = NonNullable<Awaited<ReturnType<M>>["data"]>
type Query<M extends Method> = Shape<M> extends { query?: infer Query } ? NonNullable<Query> : never

/** The entries of a list; `never` for a method that is not a cursor-paged list. */
export type ItemOf<M extends Method> =
  Data<M> extends Page<infer Item> ? (Shape<M> extends ByCursor ? Item : never) : never

interface ByCursor {
  query?: { cursor?: string }
  /** Another list is paged by its body. */
  body?: never
}

/** The method, if it is a cursor-paged list. */
export type ListMethod<M extends Method> = [ItemOf<M>] extends [never] ? never : M

export interface PagesOptions<M extends Method> {
  /** As for the method, except for the cursor; its `limit` is the page size: 200 by default. */
  readonly query?: Omit<Query<M>, "cursor">
  /** Total number of items. Default: all. */
  readonly limit?: number
  /** Ends the loop with a `TendarrError` of code `aborted`. */
  readonly signal?: AbortSignal
}

export interface Asked {
  readonly query?: Readonly<Record<string, unknown>>
  readonly limit?: number
  readonly signal?: AbortSignal
}

/** Generated methods use the client in their options, so they need not be called on their object. */
export type List<Item> = (
  options: Omit<Asked, "limit"> & { readonly client: Client; readonly throwOnError: true }
) => Promise<{ readonly data: Page<Item> }>

/** The pages of a list; the last one is requested with only the remaining part of `limit`. */
export async function* pages<Item>(
  client: Client,
  list: List<Item>,
  { limit = Infinity, query = {}, ...options }: Asked
): AsyncGenerator<Page<Item>, void, undefined> {
  const size = typeof query["limit"] === "number" ? query["limit"] : largestPage
  let left = limit
  let cursor: string | null = null
  while (left > 0) {
    const { data }: { readonly data: Page<Item> } = await list({
      ...options,
      client,
      throwOnError: true,
      query: { ...query, limit: Math.min(size, left), ...(cursor === null ? {} : { cursor }) }
    })
    if (data.nextCursor !== null && data.nextCursor === cursor) {
      throw new TendarrError({ code: "unreadable", message: "The list does not come to an end" })
    }
    yield data
    if (data.nextCursor === null) return
    left -= data.items.length
    cursor = data.nextCursor
  }
}

/** The items of all pages. */
export async function* all<Item>(
  client: Client,
  list: List<Item>,
  options: Asked
): AsyncGenerator<Item, void, undefined> {
  for await (const { items } of pages(client, list, options)) yield* items
}

const largestPage = 200
