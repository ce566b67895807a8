/** The library as pages for people: search, filters, sorting and keyset pages, directly from covering indexes. */
import { Context, Effect, Layer, Schema } from "effect"
import type { SqlClient, Statement } from "effect/sql"
import { itemKinds } from "../integrations/Observations.ts"
import type { InvalidRequest } from "../problems/Problem.ts"
import { ReadSql } from "../storage/Database.ts"
import {
  type CountedPage,
  countedPage,
  decodeCursor,
  encodeCursor,
  type Page,
  pageLimit,
  toPage,
  type Window
} from "../storage/Pages.ts"
import { rowId } from "../storage/RowId.ts"
import { fromJson } from "../storage/Rows.ts"
import { listContains, titleHasWords } from "../storage/Dialect.ts"
import { type HeldItem, holdersOf } from "./Holders.ts"
import { ItemNotFound } from "./LibraryErrors.ts"

export type { HeldEntry, HeldItem } from "./Holders.ts"

export const itemSorts = ["title", "size", "added", "last-played", "year", "id"] as const
export type ItemSort = (typeof itemSorts)[number]

/** An item in a list. `explain` returns its facts with their sources. */
export const ItemSummary = Schema.Struct({
  id: Schema.String,
  integrationId: Schema.String,
  externalId: Schema.String,
  kind: Schema.Literals(itemKinds),
  parentId: Schema.NullOr(Schema.String),
  title: Schema.String,
  year: Schema.NullOr(Schema.Int),
  /** Typed ids, for example `tmdb-movie:603`. */
  ids: Schema.Array(Schema.String),
  path: Schema.NullOr(Schema.String),
  sizeBytes: Schema.Finite,
  diskGroupId: Schema.NullOr(Schema.String),
  collections: Schema.Array(Schema.String),
  posterUrl: Schema.NullOr(Schema.String).annotate({
    description: "Where the metadata provider has its poster, on another host; pages show `/items/{id}/poster`."
  }),
  addedAt: Schema.NullOr(Schema.String),
  /** As last read; `explain` says whether the value is current. */
  lastPlayedAt: Schema.NullOr(Schema.String),
  playCount: Schema.NullOr(Schema.Int),
  rating: Schema.NullOr(Schema.Finite),
  /** The open removal of this item, if there is one. */
  removalId: Schema.NullOr(Schema.String),
  removalState: Schema.NullOr(Schema.String),
  goneAt: Schema.NullOr(Schema.String)
}).annotate({ identifier: "Item" })
export type ItemSummary = typeof ItemSummary.Type

export interface ItemFilters {
  /** Words of the title; the last word may be incomplete. */
  readonly search?: string
  readonly kind?: ItemSummary["kind"]
  readonly integrationId?: string
  readonly diskGroupId?: string
  readonly collection?: string
  readonly minSizeBytes?: number
  readonly maxSizeBytes?: number
  /** Items that are gone instead of those in the library. */
  readonly gone?: boolean
  readonly sort?: ItemSort
  readonly order?: "asc" | "desc"
}

export interface ItemQuery extends ItemFilters {
  readonly limit?: number
  readonly cursor?: string
}

export class Library extends Context.Service<
  Library,
  {
    readonly page: (query: ItemQuery) => Effect.Effect<Page<ItemSummary>, InvalidRequest>
    /** By position and with a total, for APIs with numbered pages. */
    readonly counted: (query: ItemFilters, window: Window) => Effect.Effect<CountedPage<ItemSummary>>
    /** Includes items that are gone. */
    readonly get: (itemId: string) => Effect.Effect<ItemSummary, ItemNotFound>
    /** Which applications hold the item. Also one that is gone. */
    readonly holders: (itemId: string) => Effect.Effect<HeldItem, ItemNotFound>
  }
>()("tendarr/library/Library") {
  static readonly layer = Layer.effect(
    Library,
    Effect.gen(function* () {
      const sql = yield* ReadSql

      const page = Effect.fn("Library.page")(function* (query: ItemQuery) {
        const limit = yield* pageLimit(query.limit)
        const { conditions, direction, key, order, scope } = listing(sql, query)
        if (query.cursor !== undefined) {
          const [value, id] = yield* decodeCursor(scope, 2, query.cursor)
          const beyond = sql.literal(order === "asc" ? ">" : "<")
          conditions.push(sql`(${key}, i.id) ${beyond} (${value ?? null}, ${id ?? null})`)
        }
        const rows = yield* sql<SummaryRow>`SELECT ${sql.literal(columns)}, ${key} AS sort_key
          FROM items i WHERE ${sql.and(conditions)} ORDER BY ${key} ${direction}, i.id ${direction} LIMIT ${sql.literal(String(limit + 1))}`.pipe(
          Effect.orDie
        )
        return toPage(rows, limit, (row) => encodeCursor(scope, [row.sort_key, row.id]), toSummary)
      })

      const counted = Effect.fn("Library.counted")(function* (query: ItemFilters, window: Window) {
        const { conditions, direction, key } = listing(sql, query)
        const page = {
          columns: sql`${sql.literal(columns)}, ${key} AS sort_key`,
          from: sql`items i WHERE ${sql.and(conditions)}`,
          orderBy: sql`${key} ${direction}, i.id ${direction}`
        }
        return yield* countedPage(sql, window, page, toSummary)
      })

      return Library.of({
        page,
        counted,
        get: Effect.fn("Library.get")(function* (itemId) {
          const [row] = yield* sql<SummaryRow>`SELECT ${sql.literal(columns)}, i.id AS sort_key FROM items i
            WHERE i.id = ${rowId(itemId)}`.pipe(Effect.orDie)
          return row === undefined ? yield* new ItemNotFound({ itemId }) : toSummary(row)
        }),
        holders: holdersOf(sql)
      })
    })
  )
}

/** Shared by cursor pages and numbered pages. */
const listing = (sql: SqlClient.SqlClient, query: ItemFilters) => {
  const sort = query.sort ?? "title"
  const order = query.order ?? (sort === "title" || sort === "id" ? "asc" : "desc")
  const scope = `items/${sort}/${order}`
  const key = sql.literal(sortKeys[sort])
  const direction = sql.literal(order === "asc" ? "ASC" : "DESC")
  const conditions: Array<Statement.Fragment> = [
    query.gone === true ? sql`i.gone_at IS NOT NULL` : sql`i.gone_at IS NULL`
  ]
  if (query.kind !== undefined) conditions.push(sql`i.kind = ${query.kind}`)
  if (query.integrationId !== undefined) conditions.push(sql`i.integration_id = ${rowId(query.integrationId)}`)
  if (query.diskGroupId !== undefined) conditions.push(sql`i.disk_group_id = ${rowId(query.diskGroupId)}`)
  if (query.collection !== undefined) {
    conditions.push(listContains(sql, "i.collections", query.collection))
  }
  if (query.minSizeBytes !== undefined) conditions.push(sql`i.size_bytes >= ${query.minSizeBytes}`)
  if (query.maxSizeBytes !== undefined) conditions.push(sql`i.size_bytes <= ${query.maxSizeBytes}`)
  const words = query.search === undefined ? [] : wordsOf(query.search)
  if (words.length > 0) conditions.push(titleHasWords(sql, "i.id", words))
  else if (query.search !== undefined && query.search.trim() !== "") conditions.push(sql`1 = 0`)
  return { scope, order, key, direction, conditions }
}

/** Never null, so that a cursor can compare them: missing values sort before all others. */
const sortKeys: Readonly<Record<ItemSort, string>> = {
  title: "i.sort_title",
  size: "i.size_bytes",
  added: "coalesce(i.added_at, '')",
  "last-played": "coalesce(i.last_played_at, '')",
  year: "coalesce(i.year, 0)",
  id: "i.id"
}

const columns = `i.id, i.integration_id, i.external_id, i.kind, i.title, i.year, i.ids, i.path, i.size_bytes, i.disk_group_id,
  i.collections, i.poster_url, i.added_at, i.last_played_at, i.play_count, i.rating, i.gone_at,
  (SELECT p.id FROM items p WHERE p.integration_id = i.integration_id AND p.external_id = i.parent_external_id) AS parent_id,
  (SELECT r.id || ' ' || r.state FROM removals r WHERE r.item_id = i.id
    AND r.state IN ('proposed', 'snoozed', 'scheduled', 'executing', 'failed')) AS removal`

interface SummaryRow {
  readonly id: number
  readonly integration_id: number
  readonly external_id: string
  readonly kind: ItemSummary["kind"]
  readonly parent_id: number | null
  readonly title: string
  readonly year: number | null
  readonly ids: string
  readonly path: string | null
  readonly size_bytes: number
  readonly disk_group_id: number | null
  readonly collections: string
  readonly poster_url: string | null
  readonly added_at: string | null
  readonly last_played_at: string | null
  readonly play_count: number | null
  readonly rating: number | null
  readonly removal: string | null
  readonly gone_at: string | null
  readonly sort_key: string | number
}

/** Fast path: most of these lists are empty. */
const listOf = (json: string): ReadonlyArray<string> => (json === "[]" ? [] : fromJson(json))

const toSummary = (row: SummaryRow): ItemSummary => {
  const [removalId = null, removalState = null] = row.removal?.split(" ") ?? []
  return {
    id: String(row.id),
    integrationId: String(row.integration_id),
    externalId: row.external_id,
    kind: row.kind,
    parentId: row.parent_id === null ? null : String(row.parent_id),
    title: row.title,
    year: row.year,
    ids: listOf(row.ids),
    path: row.path,
    sizeBytes: row.size_bytes,
    diskGroupId: row.disk_group_id === null ? null : String(row.disk_group_id),
    collections: listOf(row.collections),
    posterUrl: row.poster_url,
    addedAt: row.added_at,
    lastPlayedAt: row.last_played_at,
    playCount: row.play_count,
    rating: row.rating,
    removalId,
    removalState,
    goneAt: row.gone_at
  }
}

/** Combining marks stay with their letters: the index removes them on both sides. */
const wordsOf = (search: string): ReadonlyArray<string> => search.match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu) ?? []
