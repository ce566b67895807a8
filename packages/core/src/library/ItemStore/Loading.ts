/** Loads all items of the library, with their documents, or with documents that are read when something asks for them. */
import { Context, Effect } from "effect"
import type { SqlClient } from "effect/sql"
import { isReadableDocument, readablePart } from "../../storage/Dialect.ts"
import { contentsStates } from "../Contents/States.ts"
import type { ItemData, LibraryItem } from "../Item.ts"
import { missingFiles } from "../MissingFiles.ts"
import { itemDataOf } from "../StoredItem.ts"
import { dataIn, type ItemRow, selectItems, toItem } from "./Rows.ts"

/**
 * For a process that nobody writes beside, and that decides about a few items: the documents of all others, which are
 * most of the library, are not parsed. Each that is asked for takes a query.
 */
export const DocumentsOnDemand = Context.Reference<boolean>("tendarr/library/DocumentsOnDemand", {
  defaultValue: () => false
})

/** Rows per statement: few enough that one statement does not block the event loop. */
const batchSize = 200
/** A process that decides about a few items has no event loop that others wait for. */
const largeBatchSize = 1_500

interface OutlineRow extends Omit<ItemRow, "data"> {
  readonly file_path: string | null
  readonly readable: number | null
}

export const loadItems = Effect.fnUntraced(function* (sql: SqlClient.SqlClient, from: SqlClient.SqlClient) {
  const onDemand = yield* DocumentsOnDemand
  const size = onDemand ? largeBatchSize : batchSize
  const items: Array<LibraryItem> = []
  const isMissing = yield* missingFiles(sql)
  for (let after = 0; ;) {
    const read = yield* onDemand ? outlines(from, after, size) : complete(from, after, size)
    const last = read[read.length - 1]?.row
    if (last === undefined) return items
    const states = yield* contentsStates(from, after, last.id)
    for (const { data, row } of read) {
      const item = toItem(isMissing(row.id, row.size_bytes) ? { ...row, size_bytes: 0 } : row, data)
      const contents = states.get(row.id)
      items.push(contents === undefined ? item : { ...item, contents })
    }
    after = last.id
    yield* Effect.yieldNow
  }
}, Effect.orDie)

interface Read {
  readonly row: Omit<ItemRow, "data">
  readonly data: ItemData
}

const complete = (from: SqlClient.SqlClient, after: number, size: number) =>
  Effect.map(
    from<ItemRow>`${selectItems(from)} WHERE id > ${after} AND gone_at IS NULL ORDER BY id LIMIT ${size}`,
    (rows): ReadonlyArray<Read> => rows.map((row) => ({ row, data: dataIn(row) }))
  )

const outlines = (from: SqlClient.SqlClient, after: number, size: number) =>
  Effect.map(
    from<OutlineRow>`SELECT id, integration_id, external_id, kind, parent_external_id, title, sort_title, year, ids, path,
        size_bytes, disk_group_id, collections, ${readablePart(from, "data", "filePath")} AS file_path,
        ${isReadableDocument(from, "data")} AS readable
      FROM items LEFT JOIN item_documents ON item_id = id
      WHERE id > ${after} AND gone_at IS NULL ORDER BY id LIMIT ${size}`,
    (rows): ReadonlyArray<Read> =>
      rows.map((row) => {
        const read = () => itemDataOf(row.id, documentOf(from, row.id))
        // As when all are read: one that is damaged or missing stops every decision.
        return { row, data: row.readable === 1 ? dataOnDemand(row.file_path, read) : read() }
      })
  )

/** The drivers are synchronous, and a process of one request has no other statement under way. */
const documentOf = (from: SqlClient.SqlClient, id: number): string =>
  Effect.runSync(
    Effect.map(
      from<{ data: string }>`SELECT data FROM item_documents WHERE item_id = ${id}`,
      ([row]) => row?.data ?? ""
    )
  )

/** Where the same file is managed elsewhere, the path of every file is compared: it alone needs no document. */
const dataOnDemand = (filePath: string | null, read: () => ItemData): ItemData => {
  let document: ItemData | undefined
  const all = () => (document ??= read())
  // The whole document is behind the handler; what its type promises is what `read` returns.
  return new Proxy({} as ItemData, {
    get: (_, key) => (key === "filePath" && document === undefined ? (filePath ?? undefined) : Reflect.get(all(), key)),
    has: (_, key) => Reflect.has(all(), key),
    ownKeys: () => Reflect.ownKeys(all()),
    getOwnPropertyDescriptor: (_, key) => Reflect.getOwnPropertyDescriptor(all(), key)
  })
}
