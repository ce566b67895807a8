import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient, type Statement } from "effect/sql"
import {
  DialectMissing,
  documentPart,
  isTrueInDocument,
  itemsWithWords,
  larger,
  likeAnyCase,
  makeStaging,
  membersOf,
  movedTime,
  startOfSpan,
  unindexed
} from "../../src/storage/Dialect.ts"
import { SqlTest } from "../support/Sql.ts"

const values = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`CREATE TABLE things (id INTEGER, title TEXT, list TEXT, document TEXT, at TEXT)`
  const row = (id: number, title: string, list: ReadonlyArray<unknown>, document: unknown, at: string) =>
    sql`INSERT INTO things ${sql.insert({ id, title, list: JSON.stringify(list), document: JSON.stringify(document), at })}`
  yield* row(1, "Solaris", ["a", "b"], { says: true, deep: { number: 3 }, list: [1, 2] }, "2026-11-29T23:59:59.500Z")
  yield* row(2, "100 % real", ["c"], { says: false }, "2026-12-07T00:00:00.000Z")
  const ids = (condition: Statement.Fragment) =>
    Effect.map(sql<{ id: number }>`SELECT id FROM things WHERE ${condition} ORDER BY id`, (rows) =>
      rows.map(({ id }) => id)
    )
  const first = (value: Statement.Fragment) =>
    Effect.map(sql<{ value: unknown }>`SELECT ${value} AS value FROM things ORDER BY id`, (rows) => rows[0]?.value)
  return { sql, ids, first }
})

describe("SQL that only SQLite understands", () => {
  it.effect("finds values in lists, parts of documents, and texts in any case", () =>
    Effect.gen(function* () {
      const { first, ids, sql } = yield* values
      assert.deepStrictEqual(yield* ids(sql`'c' IN ${membersOf(sql, "things", "list")}`), [1, 2])
      assert.deepStrictEqual(yield* ids(isTrueInDocument(sql, "document", "says")), [1])
      assert.strictEqual(yield* first(documentPart(sql, "document", "deep", "number")), 3)
      assert.strictEqual(yield* first(documentPart(sql, "document", "list")), "[1,2]")
      assert.deepStrictEqual(yield* ids(sql`${unindexed(sql, "things.id")} = 2`), [2])
      assert.deepStrictEqual(yield* ids(likeAnyCase(sql, "title", "100 % R")), [2])
      assert.deepStrictEqual(yield* ids(likeAnyCase(sql, "title", "%ol")), [], "nothing is special in the text")
      assert.strictEqual(yield* first(larger(sql, "2", "id")), 2)
    }).pipe(Effect.provide(SqlTest))
  )

  it.effect("computes the start of an hour, a day and a week, and shifts times", () =>
    Effect.gen(function* () {
      const { first, sql } = yield* values
      // A Sunday: its week began on the Monday before.
      assert.strictEqual(yield* first(startOfSpan(sql, "hour", "at")), "2026-11-29T23:00:00.000Z")
      assert.strictEqual(yield* first(startOfSpan(sql, "day", "at")), "2026-11-29T00:00:00.000Z")
      assert.strictEqual(yield* first(startOfSpan(sql, "week", "at")), "2026-11-23T00:00:00.000Z")
      assert.strictEqual(yield* first(movedTime(sql, "at", 1_000)), "2026-11-30T00:00:00.500Z")
    }).pipe(Effect.provide(SqlTest))
  )

  it.effect("numbers staged rows from 1, also after the table was emptied and filled again", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const { create, last, numbered } = makeStaging(sql, "staged_things", ["id", "title"])
      yield* create
      assert.strictEqual(yield* last, 0)
      for (const round of [10, 20]) {
        yield* sql`DELETE FROM staged_things`
        for (const id of [1, 2, 3]) yield* sql`INSERT INTO staged_things ${sql.insert({ id: round + id, title: "" })}`
        const rows = yield* sql<{ id: number }>`SELECT id FROM staged_things WHERE ${numbered(1, 2)} ORDER BY id`
        assert.deepStrictEqual(
          rows.map(({ id }) => id),
          [round + 2, round + 3]
        )
        assert.strictEqual(yield* last, 3)
      }
    }).pipe(Effect.provide(SqlTest))
  )
})

describe("Another database", () => {
  it.effect("fails with a defect that names what is missing, before anything is sent", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const postgres = new Proxy(sql, {
        get: (target, name) =>
          name === "onDialectOrElse"
            ? (options: { readonly pg?: () => unknown; readonly orElse: () => unknown }) =>
                (options.pg ?? options.orElse)()
            : Reflect.get(target, name)
      })
      for (const use of [
        () => membersOf(postgres, "things", "list"),
        () => documentPart(postgres, "document", "says"),
        () => isTrueInDocument(postgres, "document", "says"),
        () => itemsWithWords(postgres, ["x"]),
        () => startOfSpan(postgres, "week", "at"),
        () => makeStaging(postgres, "staged", ["id"])
      ]) {
        const defect = yield* Effect.suspend(() => {
          use()
          return Effect.void
        }).pipe(
          Effect.as<unknown>(null),
          Effect.catchDefect((died) => Effect.succeed(died))
        )
        assert.instanceOf(defect, DialectMissing)
        assert.match(String(defect instanceof Error ? defect.message : ""), /^[A-Z].+ has no PostgreSQL form yet/)
      }
    }).pipe(Effect.provide(SqlTest))
  )
})
