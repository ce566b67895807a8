/** The library as pages for people: search, filters, sorting and keyset pages, read along an index. */
import { Context, Effect, Layer, Result, Schema } from "effect"
import type { SqlClient, Statement } from "effect/sql"
import { Kinds } from "../integrations/Kinds.ts"
import { itemKinds } from "../integrations/Observations.ts"
import { invalidField, type InvalidRequest } from "../problems/Problem.ts"
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
import { fromBit } from "../storage/Rows.ts"
import { rowId } from "../storage/RowId.ts"
import { type DocumentFormat, readDocument, textsIn } from "../storage/StoredDocuments.ts"
import { amongMany, unindexed } from "../storage/Dialect.ts"
import { type Filter, fewestIds } from "../storage/FilteredPages.ts"
import { isRelated, relatedIds, type ViewerRelation } from "../viewers/Relations.ts"
import { type HeldItem, holdersOf } from "./Holders.ts"
import type { ItemData } from "./Item.ts"
import { ItemNotFound } from "./LibraryErrors.ts"
import { ProtectedItems } from "./ProtectedItems.ts"
import { readableItemData } from "./StoredItem.ts"
import { titleFilter } from "./TitleSearch.ts"

export type { HeldEntry, HeldItem } from "./Holders.ts"

export const itemSorts = ["title", "size", "added", "last-played", "plays", "year", "id"] as const
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
    description:
      "Path of its poster on this server; it may still answer that there is none. `null` if no connected application offers posters."
  }),
  addedAt: Schema.NullOr(Schema.String),
  /** As last read; `explain` says whether the value is current. */
  lastPlayedAt: Schema.NullOr(Schema.String),
  playCount: Schema.NullOr(Schema.Int),
  rating: Schema.NullOr(Schema.Finite),
  /** The open removal of this item, if there is one. */
  removalId: Schema.NullOr(Schema.String),
  removalState: Schema.NullOr(Schema.String),
  /** Who wants the open removal: the engine, a person or a rule. */
  removalOrigin: Schema.NullOr(Schema.String),
  goneAt: Schema.NullOr(Schema.String)
}).annotate({ identifier: "Item" })
export type ItemSummary = typeof ItemSummary.Type

/**
 * `queued` = somebody decided that it is removed, and that is still to come; `proposed` = only proposed, by the engine or
 * by a rule; `none` = there is no open removal.
 */
export const removalFilters = ["queued", "proposed", "none"] as const
export type RemovalFilter = (typeof removalFilters)[number]

export interface ItemFilters {
  /** Words of the title; the last word may be incomplete. */
  readonly search?: string
  readonly kind?: ItemSummary["kind"]
  /** Items of any of these kinds. */
  readonly kinds?: ReadonlyArray<ItemSummary["kind"]>
  readonly integrationId?: string
  readonly diskGroupId?: string
  readonly collection?: string
  readonly minSizeBytes?: number
  readonly maxSizeBytes?: number
  /** Items that are gone instead of those in the library. */
  readonly gone?: boolean
  /** Played at least once, or known never to have been. Items whose plays are unknown match neither. */
  readonly played?: boolean
  /** Protected in any way: itself, by a relative, or by a collection. */
  readonly protected?: boolean
  /** Not played since this time (ISO-8601), or never and added before it. Items whose plays are unknown do not match. */
  readonly idleSince?: string
  readonly removal?: RemovalFilter
  /** Id of a viewer who has something to do with the items. */
  readonly viewer?: string
  /** What that is; `any` by default. Items whose plays are unknown do not count as `not-played`. */
  readonly relation?: ViewerRelation
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
    /** The data of these items that a summary does not contain; without items that are gone, or whose data is damaged. */
    readonly data: (itemIds: ReadonlyArray<string>) => Effect.Effect<ReadonlyMap<string, ItemData>>
    /** Which applications hold the item. Also one that is gone. */
    readonly holders: (itemId: string) => Effect.Effect<HeldItem, ItemNotFound>
  }
>()("tendarr/library/Library") {
  static readonly layer = Layer.effect(
    Library,
    Effect.gen(function* () {
      const sql = yield* ReadSql
      const kinds = yield* Kinds
      const protectedItems = yield* ProtectedItems

      /** With the condition that no index answers. */
      const listed = Effect.fnUntraced(function* (query: ItemFilters) {
        const { filters, ...rest } = listing(sql, query)
        if (query.protected === undefined) return { ...rest, filters }
        const ids = yield* Effect.map(protectedItems.ids, (all) => [...all].map(Number))
        const among = amongMany(sql, sql.literal("i.id"), ids)
        const condition = query.protected ? among : sql`NOT (${among})`
        return { ...rest, filters: [...filters, { condition }] }
      })

      /** The columns of a summary. The subquery is evaluated once per statement. */
      const summaryColumns = Effect.map(kinds.list, (all) => {
        const offering = all.filter(({ capabilities }) => capabilities.includes("artwork")).map(({ id }) => id)
        return offering.length === 0
          ? sql`${sql.literal(columns)}, 0 AS posters`
          : sql`${sql.literal(columns)}, CASE WHEN EXISTS (SELECT 1 FROM integrations g
              WHERE g.deleted_at IS NULL AND g.enabled = 1 AND ${sql.in("g.kind", offering)}) THEN 1 ELSE 0 END AS posters`
      })

      const page = Effect.fn("Library.page")(function* (query: ItemQuery) {
        const limit = yield* pageLimit(query.limit)
        if (query.relation !== undefined && query.viewer === undefined) {
          return yield* invalidField(["query", "relation"], "needs `viewer`")
        }
        const { direction, filters, key, order, scope } = yield* listed(query)
        const conditions = filters.map(({ condition }) => condition)
        if (query.cursor !== undefined) {
          const [value, id] = yield* decodeCursor(scope, 2, query.cursor)
          const beyond = sql.literal(order === "asc" ? ">" : "<")
          conditions.push(sql`(${key}, i.id) ${beyond} (${value ?? null}, ${id ?? null})`)
        }
        const orderBy = sql`${key} ${direction}, i.id ${direction}`
        const limited = sql.literal(`LIMIT ${limit + 1}`)
        const rows = yield* Effect.gen(function* () {
          const few = yield* fewestIds(sql, filters, { table: "items", limit })
          // The rows of the page are chosen first: to sort all columns of the others would take longer than the rest.
          const where =
            few === null
              ? sql`${sql.and(conditions)} ORDER BY ${orderBy} ${limited}`
              : sql`i.id IN (SELECT i.id FROM (${few}) AS found CROSS JOIN items i
                  WHERE i.id = found.id AND ${sql.and(conditions)} ORDER BY ${orderBy} ${limited}) ORDER BY ${orderBy}`
          return yield* sql<SummaryRow>`SELECT ${yield* summaryColumns}, ${key} AS sort_key FROM items i WHERE ${where}`
        }).pipe(Effect.orDie)
        return toPage(rows, limit, (row) => encodeCursor(scope, [row.sort_key, row.id]), toSummary)
      })

      const counted = Effect.fn("Library.counted")(function* (query: ItemFilters, window: Window) {
        const { direction, filters, key } = yield* listed(query)
        const few = yield* Effect.orDie(fewestIds(sql, filters, { table: "items", limit: window.limit }))
        const conditions = sql.and(filters.map(({ condition }) => condition))
        const page = {
          columns: sql`${yield* summaryColumns}, ${key} AS sort_key`,
          from:
            few === null
              ? sql`items i WHERE ${conditions}`
              : sql`(${few}) AS found CROSS JOIN items i WHERE i.id = found.id AND ${conditions}`,
          orderBy: sql`${key} ${direction}, i.id ${direction}`
        }
        return yield* countedPage(sql, window, page, toSummary)
      })

      return Library.of({
        page,
        counted,
        get: Effect.fn("Library.get")(function* (itemId) {
          const [row] = yield* sql<SummaryRow>`SELECT ${yield* summaryColumns}, i.id AS sort_key FROM items i
            WHERE i.id = ${rowId(itemId)}`.pipe(Effect.orDie)
          return row === undefined ? yield* new ItemNotFound({ itemId }) : toSummary(row)
        }),
        data: Effect.fn("Library.data")(function* (itemIds) {
          const found = new Map<string, ItemData>()
          if (itemIds.length === 0) return found
          const rows = yield* sql<{ id: number; data: string }>`SELECT id, data FROM items
            JOIN item_documents ON item_id = id
            WHERE gone_at IS NULL AND ${amongMany(sql, sql.literal("id"), itemIds.map(rowId))}`
          for (const { data, id } of rows) {
            const readable = readableItemData(id, data)
            if (readable !== undefined) found.set(String(id), readable)
          }
          return found
        }, Effect.orDie),
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
  return { scope, order, key, direction, filters: filtersOf(sql, query, sort) }
}

const filtersOf = (sql: SqlClient.SqlClient, query: ItemFilters, sort: ItemSort): ReadonlyArray<Filter> => {
  const { collection, diskGroupId, integrationId, kind, maxSizeBytes, minSizeBytes, search } = query
  const filters: Array<Filter> = [
    query.gone === true
      ? { condition: sql`i.gone_at IS NOT NULL`, ids: sql`SELECT id FROM items WHERE gone_at IS NOT NULL` }
      : { condition: sql`i.gone_at IS NULL` }
  ]
  const column = (name: string) => unindexed(sql, `i.${name}`)
  /** Rows in the library that an index finds. Those that are gone are few. */
  const present = (condition: Statement.Fragment): Pick<Filter, "ids"> =>
    query.gone === true ? {} : { ids: sql`SELECT id FROM items WHERE gone_at IS NULL AND ${condition}` }
  const sizes: Array<Statement.Fragment> = []
  if (minSizeBytes !== undefined) sizes.push(sql`>= ${minSizeBytes}`)
  if (maxSizeBytes !== undefined) sizes.push(sql`<= ${maxSizeBytes}`)
  const sized = sizes.map((range) => sql`size_bytes ${range}`)
  // The index of the order by size contains the range of sizes, too, and there is one of the sizes of each kind.
  const walkedBySize = (name: string) => (sort === "size" ? sql.literal(`i.${name}`) : column(name))
  if (kind !== undefined) {
    filters.push({
      condition: sql`${walkedBySize("kind")} = ${kind}`,
      ...present(sql.and([sql`kind = ${kind}`, ...sized]))
    })
  }
  if (sizes.length > 0) {
    const bytes = walkedBySize("size_bytes")
    filters.push({ condition: sql.and(sizes.map((range) => sql`${bytes} ${range}`)), ...present(sql.and(sized)) })
  }
  if (integrationId !== undefined) {
    const id = rowId(integrationId)
    filters.push({
      condition: sql`${column("integration_id")} = ${id}`,
      ids: sql`SELECT id FROM items WHERE integration_id = ${id}`
    })
  }
  if (diskGroupId !== undefined) {
    const id = rowId(diskGroupId)
    filters.push({ condition: sql`${column("disk_group_id")} = ${id}`, ...present(sql`disk_group_id = ${id}`) })
  }
  if (collection !== undefined) {
    const ids = sql`SELECT item_id AS id FROM item_collections WHERE collection = ${collection}`
    filters.push({ condition: sql`${column("id")} IN (${ids})`, ids })
  }
  if (query.kinds !== undefined) filters.push({ condition: sql.in("i.kind", query.kinds) })
  if (query.played !== undefined)
    filters.push({ condition: query.played ? sql`i.play_count > 0` : sql`i.play_count = 0` })
  if (query.idleSince !== undefined) {
    const since = query.idleSince
    filters.push({
      condition: sql`((i.play_count > 0 AND i.last_played_at < ${since})
        OR (i.play_count = 0 AND coalesce(i.added_at, i.created_at) < ${since}))`
    })
  }
  if (query.removal !== undefined) filters.push({ condition: removalCondition(sql, query.removal) })
  if (query.viewer !== undefined) {
    const { relation = "any", viewer } = query
    const related = isRelated(sql, sql.literal("i.id"), viewer, relation)
    filters.push(
      relation === "not-played"
        ? { condition: sql`i.play_count IS NOT NULL AND ${related}` }
        : { condition: related, ids: relatedIds(sql, viewer, relation) }
    )
  }
  if (search !== undefined) filters.push(titleFilter(sql, "i.id", search))
  return filters
}

const removalCondition = (sql: SqlClient.SqlClient, removal: RemovalFilter): Statement.Fragment => {
  const open = (which: string) =>
    sql.literal(`EXISTS (SELECT 1 FROM removals r WHERE r.item_id = i.id AND r.state IN (${openStates}) AND ${which})`)
  switch (removal) {
    case "queued":
      return open("(r.state IN ('scheduled', 'executing', 'failed') OR (r.state = 'proposed' AND r.origin = 'person'))")
    case "proposed":
      return open("r.state = 'proposed' AND r.origin <> 'person'")
    case "none":
      return sql`NOT ${open("1 = 1")}`
  }
}

/** Never null, so that a cursor can compare them: missing values sort before all others. */
const sortKeys: Readonly<Record<ItemSort, string>> = {
  title: "i.sort_title",
  size: "i.size_bytes",
  added: "coalesce(i.added_at, '')",
  "last-played": "coalesce(i.last_played_at, '')",
  plays: "coalesce(i.play_count, 0)",
  year: "coalesce(i.year, 0)",
  id: "i.id"
}

const openStates = "'proposed', 'snoozed', 'scheduled', 'executing', 'failed'"

const columns = `i.id, i.integration_id, i.external_id, i.kind, i.title, i.year, i.ids, i.path, i.size_bytes, i.disk_group_id,
  i.collections, i.added_at, i.last_played_at, i.play_count, i.rating, i.gone_at,
  (SELECT p.id FROM items p WHERE p.integration_id = i.integration_id AND p.external_id = i.parent_external_id) AS parent_id,
  (SELECT r.id || ' ' || r.state || ' ' || r.origin FROM removals r WHERE r.item_id = i.id
    AND r.state IN (${openStates})) AS removal`

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
  /** Whether some connected application offers posters. */
  readonly posters: number
  readonly added_at: string | null
  readonly last_played_at: string | null
  readonly play_count: number | null
  readonly rating: number | null
  readonly removal: string | null
  readonly gone_at: string | null
  readonly sort_key: string | number
}

/** Fast path: most of these lists are empty. A damaged item is reported when the library is loaded, not by its page. */
const listOf = (format: DocumentFormat<ReadonlyArray<string>>, id: number, json: string): ReadonlyArray<string> =>
  json === "[]" ? [] : Result.getOrElse(readDocument(format, String(id), json), () => [])

const idLists = textsIn("items", "ids")
const collectionLists = textsIn("items", "collections")

/** Below the address of a server. The address at the metadata provider stays inside: no foreign host reaches a browser. */
const posterPathOf = (id: number): string => `/api/v1/items/${id}/poster`

const toSummary = (row: SummaryRow): ItemSummary => {
  const [removalId = null, removalState = null, removalOrigin = null] = row.removal?.split(" ") ?? []
  return {
    id: String(row.id),
    integrationId: String(row.integration_id),
    externalId: row.external_id,
    kind: row.kind,
    parentId: row.parent_id === null ? null : String(row.parent_id),
    title: row.title,
    year: row.year,
    ids: listOf(idLists, row.id, row.ids),
    path: row.path,
    sizeBytes: row.size_bytes,
    diskGroupId: row.disk_group_id === null ? null : String(row.disk_group_id),
    collections: listOf(collectionLists, row.id, row.collections),
    posterUrl: fromBit(row.posters) ? posterPathOf(row.id) : null,
    addedAt: row.added_at,
    lastPlayedAt: row.last_played_at,
    playCount: row.play_count,
    rating: row.rating,
    removalId,
    removalState,
    removalOrigin,
    goneAt: row.gone_at
  }
}
