import { NodeServices } from "@effect/platform-node"
import { SqliteClient } from "@effect/sql-sqlite-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, type Scope } from "effect"
import { Reactivity } from "effect/reactivity"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { ReadSql } from "../../src/storage/Database.ts"
import { repeatable } from "../../src/storage/Durability.ts"
import { patience } from "../../src/storage/PatientClient.ts"
import { StorageWatch } from "../../src/storage/StorageWatch.ts"
import { storageFaultOf } from "../../src/storage/StorageFaults.ts"
import { inFolder } from "./Files.ts"

/** Another program on the same file. */
const otherProgram = (filename: string) => SqliteClient.make({ filename }).pipe(Effect.provide(Reactivity.layer))

const withTable = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL)`
  return {
    sql,
    note: (text: string) => sql`INSERT INTO notes (text) VALUES (${text})`,
    /** The committed state, as another connection reads it. */
    notes: Effect.flatMap(ReadSql, (reader) => reader<{ text: string }>`SELECT text FROM notes ORDER BY id`).pipe(
      Effect.map((rows) => rows.map(({ text }) => text))
    ),
    /** Limits the database to its current pages, and removes the limit. */
    fill: sql.unsafe(`PRAGMA max_page_count = 1`),
    makeRoom: sql.unsafe(`PRAGMA max_page_count = 1000000`)
  }
})

const large = "x".repeat(100_000)

const over = <A, E>(
  use: (
    database: Effect.Success<typeof withTable> & { readonly file: string }
  ) => Effect.Effect<A, E, SqlClient.SqlClient | ReadSql | Scope.Scope>
) =>
  Effect.gen(function* () {
    const { database, file } = yield* inFolder
    return yield* Effect.flatMap(withTable, (table) => use({ ...table, file })).pipe(
      Effect.provide(Layer.fresh(database))
    )
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

describe("The write connection", () => {
  it.effect("syncs every commit except those of repeatable work, also if both run concurrently", () =>
    over(({ note, sql }) =>
      Effect.gen(function* () {
        const level = Effect.map(sql<{ synchronous: number }>`PRAGMA synchronous`, ([row]) => row?.synchronous)
        const full = 2
        const normal = 1
        assert.strictEqual(yield* level, full)
        yield* note("said")
        assert.strictEqual(yield* level, full)
        const seen: Array<unknown> = []
        const inOne = (text: string) =>
          sql.withTransaction(
            Effect.gen(function* () {
              yield* note(text)
              yield* Effect.yieldNow
              seen.push([text, yield* level])
            })
          )
        yield* Effect.all(
          [
            repeatable(inOne("again")),
            inOne("said"),
            repeatable(note("again")),
            inOne("said"),
            repeatable(inOne("again"))
          ],
          { concurrency: "unbounded" }
        )
        assert.deepStrictEqual(seen, [
          ["again", normal],
          ["said", full],
          ["said", full],
          ["again", normal]
        ])
        assert.strictEqual(yield* repeatable(level), normal)
        assert.strictEqual(yield* level, full, "and later decisions")
      })
    )
  )

  it.effect("leaves nothing of a transaction during which the disk was full, whatever follows", () =>
    over(({ fill, makeRoom, note, notes, sql }) =>
      Effect.gen(function* () {
        yield* note("before")
        yield* fill
        const failed = yield* Effect.flip(
          sql.withTransaction(
            Effect.gen(function* () {
              yield* note("first")
              // Code that catches this continues as if the transaction were still open.
              yield* Effect.ignore(note(large))
              yield* Effect.ignore(sql.withTransaction(Effect.ignore(note("nested"))))
              yield* Effect.ignore(note("second"))
            })
          )
        )
        assert.strictEqual(storageFaultOf(failed)?.reason, "full")
        assert.deepStrictEqual(yield* notes, ["before"])
        yield* makeRoom
        yield* sql.withTransaction(note(large))
        yield* note("after")
        assert.deepStrictEqual(yield* notes, ["before", large, "after"])
      })
    )
  )

  it.effect("keeps the storage failure until the storage works again", () =>
    over(({ file, note }) =>
      Effect.gen(function* () {
        const watch = yield* StorageWatch
        assert.isNull(yield* watch.fault)
        const other = yield* otherProgram(file)
        yield* other`BEGIN IMMEDIATE`
        const refused = yield* Effect.forkChild(Effect.flip(note("refused")))
        yield* TestClock.adjust(patience)
        yield* Fiber.join(refused)
        assert.strictEqual((yield* watch.fault)?.reason, "held")
        yield* other`COMMIT`
        assert.isNull(yield* watch.fault, "it is tried again")
      })
    )
  )

  it.live("waits for another program without blocking others, and no longer than necessary", () =>
    over(({ file, note, notes }) =>
      Effect.gen(function* () {
        const other = yield* otherProgram(file)
        yield* other`PRAGMA busy_timeout = 0`
        yield* other`BEGIN IMMEDIATE`
        const waiting = yield* Effect.forkChild(note("waited"))
        const before = performance.now()
        for (let turn = 0; turn < 20; turn++) {
          yield* Effect.sleep(5)
          yield* notes
        }
        assert.isBelow(performance.now() - before, 1000)
        assert.isUndefined(waiting.pollUnsafe())
        yield* other`COMMIT`
        yield* Fiber.join(waiting)
        assert.deepStrictEqual(yield* notes, ["waited"])
      })
    )
  )

  it.effect("gives up on a lock after five seconds for all waiting operations", () =>
    over(({ file, note, notes, sql }) =>
      Effect.gen(function* () {
        const other = yield* otherProgram(file)
        yield* other`BEGIN IMMEDIATE`
        const waiting = yield* Effect.forkChild(
          Effect.all([note("one"), sql.withTransaction(note("two")), note("three")].map(Effect.flip), {
            concurrency: "unbounded"
          })
        )
        yield* TestClock.adjust(patience)
        for (const error of yield* Fiber.join(waiting)) assert.strictEqual(storageFaultOf(error)?.reason, "held")
        yield* other`COMMIT`
        yield* note("free")
        assert.deepStrictEqual(yield* notes, ["free"])
      })
    )
  )
})
