import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Path, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { EventLog } from "../../src/events/EventLog.ts"
import { Jobs } from "../../src/jobs/Jobs.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { latestMigration } from "../../src/storage/Migrations.ts"
import { backupJob } from "../../src/jobs/JobNames.ts"
import { Backups } from "../../src/system/Backups.ts"
import { Feeds, feedTest } from "../library/Feeds.ts"
import { backUp, callIt, foreignDatabase, house, itsName } from "./BackupsTest.ts"
import { BackupSettings } from "../../src/system/BackupSettings.ts"

const runJob = Effect.gen(function* () {
  const jobs = yield* Jobs
  const { id } = yield* jobs.start(backupJob, { startedBy: "person" })
  const run = yield* jobs.await(id)
  assert.strictEqual(run.status, "completed")
  return run.result as { readonly backup: string | null; readonly removed: number }
})

const bytesOf = (bytes: Uint8Array, size = 1000) =>
  Stream.fromIterable(
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.slice(at * size, (at + 1) * size))
  )

const uploaded = (bytes: Uint8Array, declaredBytes: number | null = null) =>
  Effect.flatMap(Backups, (backups) => backups.upload({ bytes: bytesOf(bytes), declaredBytes }))

const events = Effect.flatMap(EventLog, (log) =>
  Effect.map(log.page({ category: "system" }), ({ items }) => items.toReversed().map(({ type }) => type))
)

describe("Backups", () => {
  it.effect("are complete copies, accessible only to their owner, listed newest first with their details", () =>
    Effect.gen(function* () {
      const { backups: folder, live } = yield* house
      const files = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      yield* live(
        Effect.gen(function* () {
          const backups = yield* Backups
          yield* callIt("Attic")
          const first = yield* backUp
          assert.deepInclude(first, {
            id: "manual-2026-01-15T12-00-00-000Z",
            reason: "manual",
            createdAt: "2026-01-15T12:00:00.000Z",
            version: latestMigration
          })
          const second = yield* backUp
          assert.notStrictEqual(second.id, first.id, "two in the same millisecond")
          yield* files.writeFileString(path.join(folder, "by-hand.db"), "no database")
          yield* files.writeFileString(path.join(folder, "note.txt"), "not mine")
          yield* files.makeDirectory(path.join(folder, "folder.db"))
          const all = yield* backups.list
          assert.deepStrictEqual(
            all.filter(({ reason }) => reason !== "other").map(({ id }) => id),
            [second.id, first.id]
          )
          assert.deepInclude(
            all.find(({ id }) => id === "by-hand"),
            { reason: "other", version: null, bytes: 11 }
          )
          assert.lengthOf(all, 3)
          const file = path.join(folder, `${first.id}.db`)
          const info = yield* files.stat(file)
          assert.strictEqual(Number(info.size), first.bytes)
          if (process.platform !== "win32") assert.strictEqual(info.mode & 0o777, 0o600)
          assert.deepStrictEqual(yield* backups.verify(first.id), {
            id: first.id,
            restorable: true,
            because: null,
            version: latestMigration,
            supported: latestMigration,
            foreign: [],
            damage: []
          })
          const beside = (yield* files.readDirectory(folder)).filter((name) => /wal|shm|journal|partial/.test(name))
          assert.deepStrictEqual(beside, [])
          assert.deepStrictEqual(yield* events, ["backup.created", "backup.created"])
        })
      )
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("can be downloaded and uploaded byte by byte, and are deleted when they are removed", () =>
    Effect.gen(function* () {
      const { live } = yield* house
      yield* live(
        Effect.gen(function* () {
          const backups = yield* Backups
          yield* callIt("Attic")
          const made = yield* backUp
          const { bytes } = yield* backups.download(made.id)
          const file = Buffer.concat(yield* Stream.runCollect(bytes))
          assert.strictEqual(file.length, made.bytes)
          const taken = yield* uploaded(file, file.length)
          assert.deepInclude(taken, { reason: "upload", bytes: made.bytes, version: latestMigration })
          const again = yield* backups.download(taken.id)
          assert.isTrue(file.equals(Buffer.concat(yield* Stream.runCollect(again.bytes))))
          yield* backups.remove(made.id)
          assert.strictEqual((yield* Effect.flip(backups.remove(made.id)))._tag, "BackupNotFound")
          assert.deepStrictEqual(
            (yield* backups.list).map(({ id }) => id),
            [taken.id]
          )
          assert.deepStrictEqual(yield* events, ["backup.created", "backup.uploaded", "backup.removed"])
        })
      )
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("are refused and not kept if they are not a database of Tendarr, newer, damaged or too large", () =>
    Effect.gen(function* () {
      const { backups: folder, copy, live } = yield* house
      const files = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      const scratch = yield* files.makeTempDirectoryScoped()
      const other = yield* foreignDatabase(copy, path.join(scratch, "other.db"), ["CREATE TABLE films (title TEXT)"])
      yield* live(
        Effect.gen(function* () {
          const backups = yield* Backups
          const settings = yield* Settings
          const refused = (bytes: Uint8Array, declared: number | null = null) =>
            Effect.map(Effect.flip(uploaded(bytes, declared)), (error) => error._tag)
          assert.strictEqual(yield* refused(new TextEncoder().encode("rubbish ".repeat(5000))), "NotTendarrDatabase")
          assert.strictEqual(yield* refused(new Uint8Array()), "NotTendarrDatabase")
          assert.strictEqual(yield* refused(other), "NotTendarrDatabase")

          const sql = yield* SqlClient.SqlClient
          // Enough rows that a truncated file lacks pages of a table.
          yield* sql.withTransaction(
            Effect.forEach(
              Array.from({ length: 300 }),
              (_, at) =>
                sql`INSERT INTO events ${sql.insert({
                  at: "2026-01-01T00:00:00.000Z",
                  type: "test.filled",
                  category: "library",
                  severity: "info",
                  actor: "test",
                  message: `${at} `.repeat(200),
                  payload: "{}"
                })}`
            )
          )
          const whole = yield* files.readFile(path.join(folder, `${(yield* backUp).id}.db`))
          const cut = yield* refused(whole.slice(0, Math.floor(whole.length / 2 / 4096) * 4096))
          assert.include(["BackupDamaged", "NotTendarrDatabase"], cut)
          const scratched = Uint8Array.from(whole)
          scratched.fill(0xab, whole.length - 20 * 4096)
          assert.strictEqual(yield* refused(scratched), "BackupDamaged")

          yield* sql`INSERT INTO effect_sql_migrations (migration_id, name) VALUES (${latestMigration + 1}, 'future')`
          const newer = yield* files.readFile(path.join(folder, `${(yield* backUp).id}.db`))
          yield* sql`DELETE FROM effect_sql_migrations WHERE migration_id = ${latestMigration + 1}`
          const error = yield* Effect.flip(uploaded(newer))
          assert.deepInclude(error, {
            _tag: "BackupTooNew",
            status: 409,
            found: latestMigration + 1,
            supported: latestMigration
          })

          yield* settings.patch(BackupSettings, { maxUploadMebibytes: 1 })
          const many = new Uint8Array(1_048_577)
          assert.strictEqual(yield* refused(many), "UploadTooLarge")
          assert.strictEqual(
            yield* refused(new Uint8Array(10), 1_048_577),
            "UploadTooLarge",
            "according to its own report"
          )
          const names = yield* files.readDirectory(folder)
          assert.isFalse(
            names.some((name) => name.startsWith("uploaded-")),
            names.join()
          )
          for (const { id, version } of yield* backups.list) {
            const check = yield* backups.verify(id)
            assert.strictEqual(check.restorable, version === latestMigration, id)
          }
        })
      )
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("include no file outside their folder", () =>
    Effect.gen(function* () {
      const { live } = yield* house
      yield* live(
        Effect.gen(function* () {
          const backups = yield* Backups
          for (const id of ["../tendarr", "..", "/etc/passwd", ".hidden", "a/b", "a\u0000b", "x".repeat(400), ""]) {
            assert.strictEqual((yield* Effect.flip(backups.get(id)))._tag, "BackupNotFound", id)
            assert.strictEqual((yield* Effect.flip(backups.download(id)))._tag, "BackupNotFound", id)
            assert.strictEqual((yield* Effect.flip(backups.restore(id)))._tag, "BackupNotFound", id)
          }
        })
      )
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("are created weekly, with the configured number kept, and none while they are disabled", () =>
    Effect.gen(function* () {
      const { backups: folder, live } = yield* house
      const files = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      yield* live(
        Effect.gen(function* () {
          const backups = yield* Backups
          const settings = yield* Settings
          const jobs = yield* Jobs
          assert.deepStrictEqual((yield* jobs.get(backupJob)).schedule, {
            type: "cron",
            expression: "0 3 * * 0",
            zone: "UTC"
          })
          yield* settings.patch(BackupSettings, { keep: 2 })
          const mine = yield* backUp
          yield* files.copyFile(
            path.join(folder, `${mine.id}.db`),
            path.join(folder, "daily-2025-12-01T03-30-00-000Z.db")
          )
          for (let week = 0; week < 3; week++) {
            yield* TestClock.adjust("7 days")
            yield* runJob
          }
          assert.deepStrictEqual(
            (yield* backups.list).map(({ id }) => id),
            ["scheduled-2026-02-05T12-00-00-000Z", "scheduled-2026-01-29T12-00-00-000Z", mine.id],
            "those of earlier versions count, and those that people created stay"
          )
          yield* settings.patch(BackupSettings, { enabled: false })
          assert.deepStrictEqual(yield* runJob, { backup: null, removed: 0 })
          assert.lengthOf(yield* backups.list, 3)
          yield* backUp
        })
      )
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("are not available for a database in memory", () =>
    Effect.gen(function* () {
      const backups = yield* Backups
      assert.deepStrictEqual(yield* backups.list, [])
      assert.strictEqual((yield* Effect.flip(backups.create("manual")))._tag, "NoDataDirectory")
      assert.deepStrictEqual(yield* runJob, { backup: null, removed: 0 })
    }).pipe(Effect.provide(feedTest(new Feeds())))
  )

  it.effect("do not block writes while they are created", () =>
    Effect.gen(function* () {
      const { live } = yield* house
      yield* live(
        Effect.gen(function* () {
          const names = Effect.forEach(["a", "b", "c", "d"], (name) => Effect.andThen(callIt(name), Effect.yieldNow))
          const [made] = yield* Effect.all([backUp, names], { concurrency: 2 })
          assert.isTrue((yield* Effect.flatMap(Backups, (backups) => backups.verify(made.id))).restorable)
          assert.strictEqual(yield* itsName, "d")
        })
      )
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})
