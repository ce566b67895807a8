/** Rows of items, as the library is read from them. */
import type { SqlClient, Statement } from "effect/sql"
import type { ItemData, LibraryItem } from "../Item.ts"
import { itemCollectionsOf, itemDataOf, itemIdsOf } from "../StoredItem.ts"

export interface ItemRow {
  readonly id: number
  readonly integration_id: number
  readonly external_id: string
  readonly kind: LibraryItem["kind"]
  readonly parent_external_id: string | null
  readonly title: string
  readonly sort_title: string
  readonly year: number | null
  readonly ids: string
  readonly path: string | null
  readonly size_bytes: number
  readonly disk_group_id: number | null
  readonly collections: string
  /** `null` = it is missing. */
  readonly data: string | null
}

/** The rows of items with their documents; conditions may follow. */
export const selectItems = (sql: SqlClient.SqlClient): Statement.Fragment =>
  sql`SELECT id, integration_id, external_id, kind, parent_external_id, title, sort_title, year, ids, path, size_bytes,
    disk_group_id, collections, data
  FROM items LEFT JOIN item_documents ON item_id = id`

/** The document of a row that was read with it. */
export const dataIn = (row: ItemRow): ItemData => itemDataOf(row.id, row.data ?? "")

export const toItem = (row: Omit<ItemRow, "data">, data: ItemData): LibraryItem => ({
  id: String(row.id),
  integrationId: String(row.integration_id),
  externalId: row.external_id,
  kind: row.kind,
  parentExternalId: row.parent_external_id,
  title: row.title,
  sortTitle: row.sort_title,
  year: row.year,
  ids: itemIdsOf(row.id, row.ids),
  path: row.path,
  sizeBytes: row.size_bytes,
  diskGroupId: row.disk_group_id === null ? null : String(row.disk_group_id),
  collections: itemCollectionsOf(row.id, row.collections),
  data
})
