/** An uploaded database with additional or missing objects of the schema. */
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Layer, Path, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { EventLog } from "../../src/events/EventLog.ts"
import { migrate } from "../../src/storage/Migrations.ts"
import m0001 from "../../src/storage/migrations/0001_initial.ts"
import { Backups } from "../../src/system/Backups.ts"
import { backUp, callIt, house, itsName } from "./BackupsTest.ts"

/** Switches deletions on whenever an event is written, and deletes protections. */
const evil = `CREATE TRIGGER tidy AFTER INSERT ON events BEGIN
  DELETE FROM protections;
  UPDATE settings SET value = json_set(value, '$.deletionsEnabled', json('true')) WHERE name = 'removals';
END`

const spoiled: ReadonlyArray<readonly [what: string, reported: string, ...statements: ReadonlyArray<string>]> = [
  ["a trigger", "the trigger tidy is foreign", evil],
  ["a view", "the view films is foreign", "CREATE VIEW films AS SELECT * FROM items"],
  ["a virtual table", "the virtual table notes is foreign", "CREATE VIRTUAL TABLE notes USING fts5 (text)"],
  ["a table", "the table notes is foreign", "CREATE TABLE notes (text TEXT)"],
  ["an index", "the index by_payload is foreign", "CREATE INDEX by_payload ON events (abs(payload))"],
  [
    "a trigger of Tendarr with other statements",
    "the trigger protections_count_insert differs from the one that Tendarr creates",
    "DROP TRIGGER protections_count_insert",
    "CREATE TRIGGER protections_count_insert AFTER INSERT ON protections BEGIN DELETE FROM protections; END"
  ],
  [
    "a view in the place of a table",
    "the table protections is missing",
    "ALTER TABLE protections RENAME TO set_aside",
    "CREATE VIEW protections AS SELECT * FROM set_aside WHERE 0"
  ],
  [
    "a column more",
    "the table settings differs from the one that Tendarr creates",
    "ALTER TABLE settings ADD COLUMN more TEXT"
  ],
  ["an index less", "the index removals_open_by_item is missing", "DROP INDEX removals_open_by_item"],
  ["a trigger less", "the trigger items_search_insert is missing", "DROP TRIGGER items_search_insert"]
]

describe("A database with objects that Tendarr did not create", () => {
  it.effect("is refused when it is uploaded, checked or restored, with the names of the foreign objects", () =>
    Effect.gen(function* () {
      const { backups: folder, copy, live } = yield* house
      const files = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      yield* live(
        Effect.gen(function* () {
          const backups = yield* Backups
          const sound = (yield* backUp).id
          for (const [index, [what, reported, ...statements]] of spoiled.entries()) {
            const file = path.join(folder, `spoiled-${index}.db`)
            yield* files.copyFile(path.join(folder, `${sound}.db`), file)
            yield* Effect.scoped(
              Effect.flatMap(SqlClient.SqlClient, (sql) =>
                Effect.forEach(statements, (statement) => sql.unsafe(statement))
              ).pipe(Effect.provide(Layer.fresh(copy(file))))
            )
            const bytes = Stream.make(yield* files.readFile(file))
            const refusals = [
              yield* Effect.flip(backups.restore(`spoiled-${index}`)),
              yield* Effect.flip(backups.upload({ bytes, declaredBytes: null }))
            ]
            for (const refused of refusals) {
              assert.deepInclude(refused, { _tag: "BackupForeign", status: 409, code: "backup-foreign" }, what)
              if (refused._tag === "BackupForeign") assert.include(refused.foreign, reported, what)
            }
            const check = yield* backups.verify(`spoiled-${index}`)
            assert.isFalse(check.restorable, what)
          }
          assert.isTrue((yield* backups.verify(sound)).restorable)
          assert.strictEqual((yield* Effect.flip(backups.pending))._tag, "NoPendingRestore")
        })
      )
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("is not restored at the start, even if it was placed there by hand", () =>
    Effect.gen(function* () {
      const { copy, folder, live } = yield* house
      const path = yield* Path.Path
      yield* live(
        Effect.gen(function* () {
          yield* callIt("old")
          const { id } = yield* backUp
          yield* callIt("new")
          yield* (yield* Backups).restore(id)
        })
      )
      yield* Effect.scoped(
        Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe(evil)).pipe(
          Effect.provide(Layer.fresh(copy(path.join(folder, "restore", "database.db"))))
        )
      )
      yield* live(
        Effect.gen(function* () {
          assert.strictEqual(yield* itsName, "new")
          const [event] = (yield* (yield* EventLog).page({ type: "backup.restore-refused" })).items
          assert.include(event?.message, "the trigger tidy is foreign")
          const sql = yield* SqlClient.SqlClient
          assert.deepStrictEqual(yield* sql`SELECT name FROM sqlite_schema WHERE name = 'tidy'`, [])
        })
      )
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("is distinguished from one of an earlier version, and from one with the statistics of SQLite", () =>
    Effect.gen(function* () {
      const { backups: folder, copy, live } = yield* house
      const path = yield* Path.Path
      yield* live(
        Effect.gen(function* () {
          const backups = yield* Backups
          yield* Effect.scoped(
            Effect.flatMap(SqlClient.SqlClient, (sql) =>
              Effect.andThen(migrate({ "0001_initial": m0001 }), sql.unsafe("ANALYZE"))
            ).pipe(Effect.provide(Layer.fresh(copy(path.join(folder, "former.db")))))
          )
          assert.deepInclude(yield* backups.verify("former"), { restorable: true, foreign: [], version: 1 })
          yield* Effect.scoped(
            Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe(evil)).pipe(
              Effect.provide(Layer.fresh(copy(path.join(folder, "former.db"))))
            )
          )
          assert.deepInclude(yield* backups.verify("former"), {
            restorable: false,
            because: "it contains objects that Tendarr has not created: the trigger tidy is foreign",
            foreign: ["the trigger tidy is foreign"]
          })
        })
      )
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})
