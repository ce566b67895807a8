/**
 * The stored items: written by a sync, and loaded completely into a snapshot for rules and scores. Pages of them are read
 * by `Library.ts`.
 */
import { hash } from "node:crypto"
import { Array as Arr, Context, Effect, Layer } from "effect"
import { SqlClient, type Statement } from "effect/sql"
import type { CatalogItem } from "../integrations/Observations.ts"
import { forEachWithPauses } from "../integrations/Pauses.ts"
import { toJson } from "../storage/Rows.ts"
import { isTrueInDocument, lastGivenId, makeStaging } from "../storage/Dialect.ts"
import { loadItems } from "./ItemStore/Loading.ts"
import { makeMarkGone } from "./ItemStore/MarkGone.ts"
import { makeStaleReadings } from "./ItemStore/StaleReadings.ts"
import { type CountedEntry, unitKeys } from "./Counting.ts"
import { type Details, detailsDocument, makeItemDetails, type StagedDetails } from "./ItemDetails.ts"
import { type ItemData, itemKey, type LibraryItem, sortTitleOf } from "./Item.ts"

/** Rows per statement: few enough that one statement does not block the event loop. */
const batchSize = 100
const storedAtOnce = 500

export interface JoinedItem {
  readonly integrationId: string
  readonly item: CatalogItem
  readonly data: ItemData
  readonly collections: ReadonlyArray<string>
  readonly details: Details
}

/** A joined item whose row is staged, unless the stored row is equal. */
export interface PreparedItem extends CountedEntry {
  readonly changed: boolean
}

/** Counted in units: of a show and its seasons, only one of the two. */
export interface AppliedItems {
  readonly added: number
  readonly changed: number
  readonly gone: number
  readonly total: number
}

export class ItemStore extends Context.Service<
  ItemStore,
  {
    /** All items in the library, read from a connection in pieces, yielding in between. */
    readonly load: (from: SqlClient.SqlClient) => Effect.Effect<ReadonlyArray<LibraryItem>>
    /**
     * The part that needs no transaction: determines which items differ from the stored ones, and stages their rows.
     * `walk` passes on the joined items in batches; none of them is kept in memory.
     */
    readonly prepare: (
      integrationIds: ReadonlyArray<string>,
      walk: (add: (joined: ReadonlyArray<JoinedItem>) => Effect.Effect<void>) => Effect.Effect<void>
    ) => Effect.Effect<ReadonlyMap<string, PreparedItem>>
    /**
     * The prepared items without those that were removed after their integration was read, at the given times. Run it in
     * the transaction that applies the rest, before anything else.
     */
    readonly dropRemoved: (
      prepared: ReadonlyMap<string, PreparedItem>,
      readAt: ReadonlyMap<string, string>
    ) => Effect.Effect<ReadonlyMap<string, PreparedItem>>
    /**
     * Stores the documents of the prepared items. Run it first in the transaction that applies them: in the commit,
     * SQLite recomputes the checksums of its log from the first page on that the transaction wrote to the log twice.
     * Pages of appended documents, which are most of the log, are written once; those of indexes and counters often.
     */
    readonly applyDocuments: Effect.Effect<void>
    /**
     * Replaces the stored items with the prepared ones; other items of these integrations count as gone. Run in a
     * transaction, after their documents and the accounts that the plays belong to were written.
     */
    readonly apply: (
      integrationIds: ReadonlyArray<string>,
      prepared: ReadonlyMap<string, PreparedItem>,
      at: string
    ) => Effect.Effect<AppliedItems>
    /**
     * Marks a removed item as gone, a whole with its parts; if it is a part, the size of its wholes is reduced. Returns
     * by how many items the library's count decreases. Run in a transaction.
     */
    readonly markGone: (itemId: string, at: string) => Effect.Effect<number>
    /** External ids of what was removed from an integration later than a time. */
    readonly removedSince: (integrationId: string, at: string) => Effect.Effect<ReadonlySet<string>>
    /** External ids of the units of an integration that are in the library. */
    readonly presentUnits: (integrationId: string) => Effect.Effect<ReadonlySet<string>>
  }
>()("tendarr/library/ItemStore") {
  static readonly layer = Layer.effect(
    ItemStore,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient

      /** The stored items of these integrations, including whether they are gone. */
      const storedOf = Effect.fnUntraced(function* (integrationIds: ReadonlyArray<string>) {
        const all = new Map<string, StoredItem>()
        const present = new Map<string, StoredItem>()
        for (const integrationId of integrationIds) {
          for (let after = 0; ;) {
            const rows = yield* sql<StoredRow>`SELECT id, external_id, kind, parent_external_id, data_hash, gone_at,
                item_details.hash AS details_hash
              FROM items LEFT JOIN item_details ON item_details.item_id = items.id
              WHERE integration_id = ${Number(integrationId)} AND id > ${after} ORDER BY id LIMIT ${storedAtOnce}`
            for (const row of rows) {
              const { external_id: externalId, parent_external_id: parent } = row
              const item = { ...row, wholeKey: parent === null ? null : itemKey(integrationId, parent) }
              const key = itemKey(integrationId, externalId)
              all.set(key, item)
              if (row.gone_at === null) present.set(key, item)
            }
            const last = rows[storedAtOnce - 1]
            if (last === undefined) break
            after = last.id
            yield* Effect.yieldNow
          }
        }
        return { all, present }
      })

      const setGone = Effect.fnUntraced(function* (itemIds: ReadonlyArray<string>, at: string) {
        for (let start = 0; start < itemIds.length; start += batchSize) {
          const ids = itemIds.slice(start, start + batchSize).map(Number)
          yield* sql`UPDATE items SET gone_at = ${at}, updated_at = ${at} WHERE gone_at IS NULL AND ${sql.in("id", ids)}`
          yield* Effect.yieldNow
        }
      })

      const markGone = makeMarkGone(sql)

      /** Integrations whose wholes are counted instead of their parts. */
      const byWholes = Effect.map(
        sql<{ id: number }>`SELECT id FROM integrations WHERE ${isTrueInDocument(sql, "options", "wholeShows")}`,
        (rows) => new Set(rows.map(({ id }) => String(id)))
      )
      const unitsAmong = (entries: ReadonlyMap<string, CountedEntry>, wholes: ReadonlySet<string>) =>
        unitKeys(entries, (key) => wholes.has(key.slice(0, key.indexOf("/"))))

      // A temporary table is private to this connection, so a sync that was interrupted leaves nothing behind.
      const staging = makeStaging(sql, "staged_items", [...columnNames, "data"])
      yield* staging.create
      const details = yield* makeItemDetails(sql, "staged_details")
      const { dropRemoved, removedSince } = makeStaleReadings(sql, ["staged_items", "staged_details"])
      /** The id of a staged item: that of its row, or the next ones of the table. The same until rows are added. */
      const stagedId = Effect.map(
        lastGivenId(sql, "items"),
        (last) => sql`coalesce(items.id, ${last} + ${staging.number})`
      )
      const unstage = Effect.andThen(sql`DELETE FROM staged_items`, details.clear)

      const prepare = Effect.fn("ItemStore.prepare")(function* (
        integrationIds: ReadonlyArray<string>,
        walk: (add: (joined: ReadonlyArray<JoinedItem>) => Effect.Effect<void>) => Effect.Effect<void>
      ) {
        yield* unstage
        const { all: before } = yield* storedOf(integrationIds)
        const prepared = new Map<string, PreparedItem>()
        const add = Effect.fnUntraced(function* (joined: ReadonlyArray<JoinedItem>) {
          for (const some of Arr.chunksOf(joined, batchSize)) {
            const rows: Array<ItemColumns> = []
            const otherDetails: Array<StagedDetails> = []
            for (const entry of some) {
              const { integrationId, item } = entry
              const key = itemKey(integrationId, item.externalId)
              // Listed twice by its application, as happens when pages shift while they are read.
              if (prepared.has(key)) continue
              const row = toColumns(entry)
              const stored = before.get(key)
              const changed = stored?.data_hash !== row.data_hash
              const document = detailsDocument(entry.details)
              if ((stored?.details_hash ?? "") !== document.hash) {
                const known = stored !== undefined && stored.details_hash !== null
                otherDetails.push({ integrationId, externalId: item.externalId, known, ...document })
              }
              const parent = entry.item.parentExternalId
              const wholeKey = parent === null ? null : itemKey(entry.integrationId, parent)
              prepared.set(key, { changed, kind: entry.item.kind, wholeKey })
              if (changed) rows.push(row)
            }
            if (Arr.isArrayNonEmpty(rows)) yield* sql`INSERT INTO staged_items ${sql.insert(rows)}`
            yield* details.stage(otherDetails)
            yield* Effect.yieldNow
          }
        }, Effect.orDie)
        yield* walk(add)
        return prepared
      }, Effect.orDie)

      const applyDocuments = Effect.gen(function* () {
        const last = yield* staging.last
        const id = yield* stagedId
        for (let start = 0; start < last; start += batchSize) {
          yield* writeDocuments(sql, id, staging.numbered(start, batchSize))
          yield* Effect.yieldNow
        }
      }).pipe(Effect.orDie, Effect.withSpan("ItemStore.applyDocuments"))

      const apply = Effect.fn("ItemStore.apply")(function* (
        integrationIds: ReadonlyArray<string>,
        prepared: ReadonlyMap<string, PreparedItem>,
        at: string
      ) {
        const before = yield* storedOf(integrationIds)
        const wholes = yield* byWholes
        const unitsBefore = yield* unitsAmong(before.present, wholes)
        const units = yield* unitsAmong(prepared, wholes)
        let added = 0
        let changed = 0
        const returned: Array<number> = []
        yield* forEachWithPauses(prepared, ([key, entry]) => {
          before.present.delete(key)
          if (units.has(key)) {
            if (!unitsBefore.has(key)) added++
            else if (entry.changed) changed++
          }
          const old = before.all.get(key)
          if (!entry.changed && old !== undefined && old.gone_at !== null) returned.push(old.id)
        })
        const last = yield* staging.last
        // Before the first of the rows is written, as it was for the documents.
        const id = yield* stagedId
        for (let start = 0; start < last; start += batchSize) {
          const batch = staging.numbered(start, batchSize)
          yield* upsert(sql, id, batch, at)
          yield* sql`DELETE FROM staged_items WHERE ${batch}`
          yield* Effect.yieldNow
        }
        for (let start = 0; start < returned.length; start += batchSize) {
          yield* sql`UPDATE items SET gone_at = NULL, removed_at = NULL, updated_at = ${at}
            WHERE ${sql.in("id", returned.slice(start, start + batchSize))}`
          yield* Effect.yieldNow
        }
        yield* details.apply
        yield* setGone(
          Array.from(before.present.values(), ({ id }) => String(id)),
          at
        )
        let gone = 0
        yield* forEachWithPauses(unitsBefore, (key) => {
          if (!units.has(key)) gone++
        })
        return { added, changed, gone, total: units.size }
      }, Effect.orDie)

      return ItemStore.of({
        // Without a span, which would keep the library in memory: the driver keeps the fibers that prepared its statements.
        load: (from) => loadItems(sql, from),
        prepare,
        dropRemoved,
        removedSince: (integrationId, at) =>
          Effect.orDie(
            Effect.map(removedSince(integrationId, at), (rows) => new Set(rows.map((row) => row.external_id)))
          ),
        applyDocuments,
        apply,
        markGone,
        presentUnits: Effect.fn("ItemStore.presentUnits")(function* (integrationId) {
          const { present } = yield* storedOf([integrationId])
          const units = yield* unitsAmong(present, yield* byWholes)
          return new Set([...units].flatMap((key) => present.get(key)?.external_id ?? []))
        }, Effect.orDie)
      })
    })
  )
}

interface StoredRow {
  readonly id: number
  readonly external_id: string
  readonly kind: LibraryItem["kind"]
  readonly parent_external_id: string | null
  readonly data_hash: string
  readonly gone_at: string | null
  readonly details_hash: string | null
}

type StoredItem = StoredRow & CountedEntry

const toColumns = ({ integrationId, item, data, collections }: JoinedItem) => {
  const columns = {
    integration_id: Number(integrationId),
    external_id: item.externalId,
    kind: item.kind,
    parent_external_id: item.parentExternalId,
    title: item.title,
    sort_title: sortTitleOf(item.sortTitle ?? item.title),
    year: item.year,
    ids: toJson(item.ids),
    path: item.path,
    size_bytes: Math.max(0, Math.round(item.sizeBytes)),
    added_at: data.addedAt ?? null,
    last_played_at: data.playback?.lastPlayedAt ?? null,
    play_count: data.playback?.plays ?? null,
    rating: item.facts.rating ?? null,
    collections: toJson(collections),
    data: toJson(data)
  }
  const data_hash = hash("sha1", Object.values(columns).join("\u0000"), "base64")
  return { ...columns, data_hash }
}

export type ItemColumns = ReturnType<typeof toColumns>

const columnNames = [
  "integration_id",
  "external_id",
  "kind",
  "parent_external_id",
  "title",
  "sort_title",
  "year",
  "ids",
  "path",
  "size_bytes",
  "added_at",
  "last_played_at",
  "play_count",
  "rating",
  "collections",
  "data_hash"
] as const satisfies ReadonlyArray<Exclude<keyof ItemColumns, "data">>

const fromStaged = (sql: SqlClient.SqlClient) => sql`staged_items LEFT JOIN items
  ON items.integration_id = staged_items.integration_id AND items.external_id = staged_items.external_id`

/** Writes the documents of a batch of staged rows; the reference to the row of a new item is checked in the commit. */
const writeDocuments = (sql: SqlClient.SqlClient, itemId: Statement.Fragment, batch: Statement.Fragment) =>
  sql`INSERT INTO item_documents (item_id, data) SELECT ${itemId}, staged_items.data FROM ${fromStaged(sql)}
  WHERE ${batch} ON CONFLICT (item_id) DO UPDATE SET data = excluded.data`

/** Writes a batch of staged rows. */
const upsert = (sql: SqlClient.SqlClient, itemId: Statement.Fragment, batch: Statement.Fragment, at: string) =>
  sql`INSERT INTO items (id, ${sql.literal(columnNames.join(", "))}, gone_at, created_at, updated_at)
  SELECT ${itemId}, ${sql.literal(columnNames.map((column) => `staged_items.${column}`).join(", "))}, NULL, ${at}, ${at}
  FROM ${fromStaged(sql)}
  WHERE ${batch}
  ON CONFLICT (id) DO UPDATE SET
    kind = excluded.kind, parent_external_id = excluded.parent_external_id, title = excluded.title,
    sort_title = excluded.sort_title, year = excluded.year, ids = excluded.ids, path = excluded.path,
    size_bytes = excluded.size_bytes, added_at = excluded.added_at, last_played_at = excluded.last_played_at,
    play_count = excluded.play_count, rating = excluded.rating, collections = excluded.collections,
    data_hash = excluded.data_hash, gone_at = NULL, removed_at = NULL, updated_at = excluded.updated_at`
