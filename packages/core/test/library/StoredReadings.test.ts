/** Readings and items as earlier versions stored them, and damaged ones. */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit } from "effect"
import { SqlClient } from "effect/sql"
import { Snapshots } from "../../src/library/Snapshots.ts"
import { Sync } from "../../src/library/Sync.ts"
import { connectFeed, Feeds, feedTest, presentTitles } from "./Feeds.ts"
import { catalogItem } from "./Samples.ts"

const films = (...ids: ReadonlyArray<number>) =>
  ids.map((id) => catalogItem({ externalId: String(id), title: `Film ${id}`, ids: [`tmdb-movie:${id}`] }))

const two = () => {
  const feeds = new Feeds()
  feeds.of("One").catalog = films(1, 2)
  feeds.of("Two").catalog = films(3)
  return feeds
}

const synced = Effect.gen(function* () {
  const one = yield* connectFeed("manager", "One")
  const other = yield* connectFeed("manager", "Two")
  const sync = yield* Sync
  yield* sync.run()
  const sql = yield* SqlClient.SqlClient
  const [stored] = yield* sql<{ payload: string }>`SELECT payload FROM source_chunks
    WHERE integration_id = ${Number(other)} AND observation = 'catalog'`
  const piece: { readonly v: number; readonly entries: ReadonlyArray<Record<string, unknown>> } = JSON.parse(
    stored?.payload ?? ""
  )
  const store = (value: unknown) =>
    sql`UPDATE source_chunks SET payload = ${typeof value === "string" ? value : JSON.stringify(value)}
      WHERE integration_id = ${Number(other)} AND observation = 'catalog'`
  /** A sync that reads the first one and joins the earlier reading of the second one. */
  const syncOne = sync.run({ integrationIds: [one] })
  return { other, piece, sql, store, sync, syncOne }
})

const defectOf = (exit: Exit.Exit<unknown, unknown>) => (Exit.isFailure(exit) ? Cause.squash(exit.cause) : null)

describe("A stored reading", () => {
  it.effect("contains its version, and can be read as earlier versions stored it", () => {
    const feeds = two()
    return Effect.gen(function* () {
      const { piece, store, syncOne } = yield* synced
      assert.strictEqual(piece.v, 2)
      yield* store(piece.entries)
      feeds.of("One").catalog = films(1)
      assert.deepInclude(yield* syncOne, { gone: 1, total: 2 })
      assert.sameMembers(yield* presentTitles, ["Film 1", "Film 3"])
    }).pipe(Effect.provide(feedTest(feeds)))
  })

  it.effect("that is damaged is reported, changes nothing, and is replaced by the next one", () => {
    const feeds = two()
    return Effect.gen(function* () {
      const { other, piece, store, sync, syncOne } = yield* synced
      const { title: _title, ...untitled } = piece.entries[0]!
      feeds.of("One").catalog = films(1)
      for (const [value, detail] of [
        ['{"v":2,"entri', /not JSON/],
        [{ v: 2 }, /no list of entries/],
        [{ v: 2, entries: [null] }, /entry 0 is no entry of catalog/],
        [{ v: 2, entries: [piece.entries[0], untitled] }, /entry 1 is no entry of catalog/],
        [{ ...piece, v: 3 }, /form 3, of a later version/]
      ] as const) {
        yield* store(value)
        const defect = defectOf(yield* Effect.exit(syncOne))
        assert.deepInclude(defect, {
          _tag: "StoredDocumentInvalid",
          table: "source_chunks",
          column: "payload",
          id: `0 (catalog of integration ${other}, generation 1)`
        })
        assert.match(defect instanceof Error ? defect.message : "", detail)
        assert.sameMembers(yield* presentTitles, ["Film 1", "Film 2", "Film 3"])
      }
      yield* sync.run()
      assert.sameMembers(yield* presentTitles, ["Film 1", "Film 3"])
    }).pipe(Effect.provide(feedTest(feeds)))
  })
})

describe("A stored item", () => {
  it.effect("that is damaged is reported with its row when the library is loaded", () =>
    Effect.gen(function* () {
      const { sql } = yield* synced
      const snapshots = yield* Snapshots
      const [row] = yield* sql<{
        id: number
        data: string
      }>`SELECT id, data FROM items JOIN item_documents ON item_id = id WHERE title = 'Film 3'`
      const data: Record<string, unknown> = JSON.parse(row!.data)
      const { catalog: _catalog, ...withoutCatalog } = data
      const isDamaged = Effect.fnUntraced(function* (table: string, column: string) {
        // As a sync does with every document that it writes.
        yield* sql`UPDATE items SET updated_at = updated_at WHERE id = ${row!.id}`
        const defect = defectOf(yield* Effect.exit(snapshots.get))
        assert.deepInclude(defect, { _tag: "StoredDocumentInvalid", table, column, id: String(row!.id) })
      })
      for (const [table, key, column, value] of [
        ["item_documents", "item_id", "data", "{}"],
        ["item_documents", "item_id", "data", JSON.stringify(withoutCatalog)],
        ["item_documents", "item_id", "data", JSON.stringify({ ...data, v: 2 })],
        ["items", "id", "ids", "[5]"],
        ["items", "id", "collections", "null"]
      ] as const) {
        const at = sql`${sql.literal(key)} = ${row!.id}`
        const [before] = yield* sql<Record<string, string>>`SELECT ${sql(column)} FROM ${sql(table)} WHERE ${at}`
        yield* sql`UPDATE ${sql(table)} SET ${sql.update({ [column]: value })} WHERE ${at}`
        yield* isDamaged(table, column)
        yield* sql`UPDATE ${sql(table)} SET ${sql.update({ [column]: before![column]! })} WHERE ${at}`
      }
      yield* sql`DELETE FROM item_documents WHERE item_id = ${row!.id}`
      yield* isDamaged("item_documents", "data")
      yield* sql`INSERT INTO item_documents ${sql.insert({ item_id: row!.id, data: row!.data })}`
      assert.lengthOf((yield* snapshots.get).items, 3)
    }).pipe(Effect.provide(feedTest(two())))
  )
})
