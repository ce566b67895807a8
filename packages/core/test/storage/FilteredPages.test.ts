import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { type Filter, fewestIds } from "../../src/storage/FilteredPages.ts"
import { SqlTest } from "../support/Sql.ts"

/** 10,000 rows, of which `rare` matches 20, `some` 150, `many` 4,000 and `none` no row. */
const table = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`CREATE TABLE numbers (id INTEGER PRIMARY KEY)`
  yield* sql`WITH RECURSIVE n (id) AS (VALUES (1) UNION ALL SELECT id + 1 FROM n WHERE id < 10000)
    INSERT INTO numbers SELECT id FROM n`
  const upTo = (last: number): Filter => {
    const ids = sql`SELECT id FROM numbers WHERE id <= ${last}`
    return { condition: sql`id <= ${last}`, ids }
  }
  return { sql, rare: upTo(20), some: upTo(150), many: upTo(4_000), none: upTo(0) }
})

describe("A page of a filtered list", () => {
  it.effect("is read from the fewest ids if there are few, and otherwise along its order", () =>
    Effect.gen(function* () {
      const { many, none, rare, some, sql } = yield* table
      const fewest = (...filters: ReadonlyArray<Filter>) => fewestIds(sql, filters, { table: "numbers", limit: 50 })
      assert.isNull(yield* fewest())
      assert.isNull(yield* fewest({ condition: sql`1 = 1` }), "no index answers it")
      assert.isNull(yield* fewest(many))
      assert.strictEqual(yield* fewest(rare), rare.ids)
      assert.strictEqual(yield* fewest(many, some), some.ids)
      assert.strictEqual(yield* fewest(some, many, rare), rare.ids)
      assert.strictEqual(yield* fewest(none, many), none.ids)
    }).pipe(Effect.provide(SqlTest))
  )

  it.effect("of more rows is sorted instead of scanned in order", () =>
    Effect.gen(function* () {
      const { some, sql } = yield* table
      const with5 = yield* fewestIds(sql, [some], { table: "numbers", limit: 5 })
      assert.isNull(with5, "five rows are soon found along the order")
      assert.isNotNull(yield* fewestIds(sql, [some], { table: "numbers", limit: 200 }))
    }).pipe(Effect.provide(SqlTest))
  )
})
