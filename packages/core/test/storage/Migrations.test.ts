import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Layer, Path } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { ReadSql } from "../../src/storage/Database.ts"
import { migrate, MigrationsLive } from "../../src/storage/Migrations.ts"
import { databaseIn, inFolder } from "./Files.ts"

const first = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`CREATE TABLE films (title TEXT NOT NULL)`
  yield* sql`INSERT INTO films (title) VALUES ('Alien')`
})
const second = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`ALTER TABLE films ADD COLUMN year INTEGER`
})

describe("Migrations", () => {
  it.effect("back up the database only if a migration changes it", () =>
    Effect.gen(function* () {
      const { backups, database, folder } = yield* inFolder
      const files = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      yield* TestClock.setTime(Date.UTC(2026, 0, 2, 3, 4, 5, 6))
      yield* migrate({ "0001_films": first }).pipe(Effect.provide(database))
      assert.isFalse(yield* files.exists(backups), "a new database has nothing to lose")
      yield* migrate({ "0001_films": first }).pipe(Effect.provide(database))
      assert.isFalse(yield* files.exists(backups), "nothing to do")

      yield* migrate({ "0001_films": first, "0002_year": second }).pipe(Effect.provide(database))
      assert.deepStrictEqual(yield* files.readDirectory(backups), ["before-migration-2-2026-01-02T03-04-05-006Z.db"])
      if (process.platform !== "win32") assert.strictEqual((yield* files.stat(backups)).mode & 0o777, 0o700)
      const read = Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        return yield* sql`SELECT * FROM films`
      })
      const now = yield* Effect.provide(read, database)
      assert.deepStrictEqual({ ...now[0] }, { title: "Alien", year: null })
      const before = yield* Effect.provide(
        read,
        databaseIn(folder, path.join(backups, "before-migration-2-2026-01-02T03-04-05-006Z.db"))
      )
      assert.deepStrictEqual({ ...before[0] }, { title: "Alien" })
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("refuse a database of a newer version without a change", () =>
    Effect.gen(function* () {
      const { backups, database } = yield* inFolder
      const files = yield* FileSystem.FileSystem
      yield* migrate({ "0001_films": first, "0002_year": second }).pipe(Effect.provide(database))
      const error = yield* Effect.flip(migrate({ "0001_films": first }).pipe(Effect.provide(database)))
      assert.strictEqual(error._tag, "DatabaseTooNew")
      assert.match(error.message, /version 2 .* up to 1/)
      assert.isFalse(yield* files.exists(backups))
      yield* migrate({ "0001_films": first, "0002_year": second }).pipe(Effect.provide(database))
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("change nothing if one of them fails", () =>
    Effect.gen(function* () {
      const { database } = yield* inFolder
      yield* migrate({ "0001_films": first }).pipe(Effect.provide(database))
      const broken = Effect.andThen(second, Effect.die(new Error("power cut")))
      const exit = yield* Effect.exit(
        migrate({ "0001_films": first, "0002_year": broken }).pipe(Effect.provide(database))
      )
      assert.strictEqual(exit._tag, "Failure")
      const applied = yield* migrate({ "0001_films": first, "0002_year": second }).pipe(Effect.provide(database))
      assert.deepStrictEqual(
        applied.map(([id]) => id),
        [2]
      )
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("create the whole schema in a new file, with foreign keys, two connections and full-text search", () =>
    Effect.gen(function* () {
      const { database } = yield* inFolder
      yield* Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const reader = yield* ReadSql
        assert.deepStrictEqual(
          (yield* sql<{ foreign_keys: number }>`PRAGMA foreign_keys`).map((row) => row.foreign_keys),
          [1]
        )
        const orphan = yield* Effect.exit(
          sql`INSERT INTO sources (integration_id, observation, generation, status, entries, calls, attempted_at)
            VALUES (99, 'catalog', 1, 'ok', 0, 0, '')`
        )
        assert.strictEqual(orphan._tag, "Failure", "a source of no integration")
        const written = yield* Effect.exit(reader`DELETE FROM counters`)
        assert.strictEqual(written._tag, "Failure", "the reading connection cannot write")
        yield* sql.withTransaction(
          Effect.gen(function* () {
            yield* sql`UPDATE counters SET value = 7 WHERE name = 'protections'`
            const [row] = yield* reader<{ value: number }>`SELECT value FROM counters WHERE name = 'protections'`
            assert.strictEqual(row?.value, 0, "readers see what was committed")
          })
        )
        const [row] = yield* reader<{ value: number }>`SELECT value FROM counters WHERE name = 'protections'`
        assert.strictEqual(row?.value, 7)
      }).pipe(Effect.provide(MigrationsLive.pipe(Layer.provideMerge(database))))
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})
