/** The check that holds SQL of SQLite alone in one place. */
import { assert, describe, it } from "@effect/vitest"
import { problemsOfSql } from "../../../scripts/lib/SqlCheck.ts"

const problems = (text: string, path = "library/Any.ts") => problemsOfSql(new Map([[path, text]]))

const inSql = (statement: string) => `export const rows = (sql) => sql\`${statement}\``

describe("The check of SQL", () => {
  it("refuses SQL that only SQLite understands outside storage, and names the right place for it", () => {
    for (const statement of [
      "SELECT 1 FROM json_each(items.ids)",
      "SELECT json_extract(data, '$.title') FROM items",
      "SELECT id FROM search WHERE search MATCH ${words}",
      "SELECT * FROM items WHERE instr(title, ${text}) > 0",
      "SELECT strftime('%Y', at) FROM events",
      "SELECT id FROM items WHERE rowid > 3",
      "CREATE TEMP TABLE some (id)",
      "UPDATE items SET size = max(0, size - ${bytes})",
      "INSERT INTO items ${rows} ON CONFLICT DO UPDATE SET size = excluded.size",
      "INSERT OR IGNORE INTO items ${rows}",
      "VACUUM",
      "PRAGMA user_version"
    ]) {
      const [problem, ...rest] = problems(`\n${inSql(statement)}`)
      assert.deepStrictEqual(rest, [], statement)
      assert.match(
        problem ?? "",
        /^packages\/core\/src\/library\/Any\.ts:2: .+ is SQL of SQLite alone: give it a name in storage\/Dialect\.ts$/,
        statement
      )
    }
    assert.lengthOf(problems('export const start = "strftime(1)"'), 1, "also in a text that becomes SQL")
  })

  it("refuses transactions outside storage, and code that distinguishes databases", () => {
    assert.deepStrictEqual(problems("export const all = (sql) => sql.withTransaction(work)"), [
      "packages/core/src/library/Any.ts:1: withTransaction begins a transaction: use `transacting` of storage/Transactions.ts"
    ])
    assert.lengthOf(problems("export const all = (sql) => sql.onDialectOrElse({ orElse })"), 1)
  })

  it("accepts standard SQL, comments, and SQL in storage", () => {
    for (const statement of [
      "SELECT max(position) FROM rules",
      "INSERT INTO items ${rows} ON CONFLICT (id) DO UPDATE SET size = excluded.size",
      "SELECT coalesce(a, b) FROM items WHERE id = ${rowId(id)}"
    ]) {
      assert.deepStrictEqual(problems(inSql(statement)), [], statement)
    }
    assert.deepStrictEqual(problems("// PRAGMA and VACUUM are in storage\nexport const max = Math.max(0, 1)"), [])
    assert.deepStrictEqual(problems('import { rowId } from "../storage/RowId.ts"'), [])
    assert.deepStrictEqual(problems(inSql("VACUUM"), "storage/Scrub.ts"), [])
  })
})
