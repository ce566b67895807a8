import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, FileSystem, Layer, Path, PlatformError } from "effect"
import { SqlClient } from "effect/sql"
import { EventLog } from "../../src/events/EventLog.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { stageRestore } from "../../src/storage/Restoring.ts"
import { latestMigration, migrate } from "../../src/storage/Migrations.ts"
import m0001 from "../../src/storage/migrations/0001_initial.ts"
import { Backups } from "../../src/system/Backups.ts"
import { connectionsIn, databaseIn } from "../storage/Files.ts"
import { as } from "../support/Stack.ts"
import { backUp, callIt, house, itsName } from "./BackupsTest.ts"
import { BackupSettings } from "../../src/system/BackupSettings.ts"
import { RemovalsSettings } from "../../src/settings/RemovalsSettings.ts"
import { RetentionSettings } from "../../src/settings/RetentionSettings.ts"

/** An installation named "new", in which a backup of the name "old" is staged for a restore. */
const withStagedRestore = Effect.gen(function* () {
  const made = yield* house
  const id = yield* made.live(
    Effect.gen(function* () {
      const backups = yield* Backups
      yield* callIt("old")
      const backup = yield* backUp
      yield* callIt("new")
      const pending = yield* as("ann")(backups.restore(backup.id))
      assert.deepStrictEqual(pending, yield* backups.pending)
      assert.strictEqual(yield* itsName, "new", "nothing changes before the next start")
      return backup.id
    })
  )
  return { ...made, id }
})

const lastEvent = (type: string) =>
  Effect.flatMap(EventLog, (log) => Effect.map(log.page({ type }), ({ items }) => items[0]))

/** A file system that fails from the given write on, as after a power failure. */
const powerCutAt = (files: FileSystem.FileSystem, step: number) => {
  let steps = 0
  const gone = (method: string) =>
    Effect.fail(
      PlatformError.systemError({ _tag: "Unknown", module: "FileSystem", method, description: "the power is gone" })
    )
  const changing = new Set(["rename", "remove", "copyFile", "writeFileString", "chmod", "makeDirectory", "open"])
  const cut = new Proxy(files, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name)
      if (typeof name !== "string" || !changing.has(name) || typeof method !== "function") return method
      return (...given: ReadonlyArray<unknown>) =>
        Effect.suspend(() => {
          steps += 1
          return steps >= step ? gone(name) : Reflect.apply(method, target, given)
        })
    }
  })
  return { cut, steps: () => steps }
}

describe("A restore", () => {
  it.effect("replaces the database at the next start, keeps the replaced one, and pulls the brake", () =>
    Effect.gen(function* () {
      const { id, live } = yield* withStagedRestore
      yield* live(
        Effect.gen(function* () {
          const backups = yield* Backups
          const settings = yield* Settings
          assert.strictEqual(yield* itsName, "old")
          assert.isFalse((yield* settings.get(RemovalsSettings)).deletionsEnabled)
          assert.strictEqual((yield* Effect.flip(backups.pending))._tag, "NoPendingRestore")
          const event = yield* lastEvent("backup.restored")
          assert.deepInclude(event, { actor: "account:ann", severity: "warning" })
          assert.deepInclude(event?.subject, { type: "backup", id })
          const previous = (yield* backups.list).find(({ reason }) => reason === "restore")
          assert.strictEqual(event?.payload["previous"], previous?.id)
          yield* backups.restore(previous!.id)
          yield* settings.patch(RemovalsSettings, { deletionsEnabled: true })
        })
      )
      yield* live(
        Effect.gen(function* () {
          assert.strictEqual(yield* itsName, "new", "and back again")
          assert.lengthOf((yield* (yield* EventLog).page({ type: "backup.restored" })).items, 1)
        })
      )
      yield* live(Effect.flatMap(itsName, (name) => Effect.sync(() => assert.strictEqual(name, "new", "only once"))))
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("can be cancelled, and requested again", () =>
    Effect.gen(function* () {
      const { id, live } = yield* withStagedRestore
      // A start carries out a staged restore, so the restore is cancelled in the same run in which it was requested.
      yield* live(
        Effect.gen(function* () {
          const backups = yield* Backups
          yield* callIt("newer")
          yield* backups.restore(id)
          yield* backups.restore(id)
          yield* backups.cancelRestore
          assert.strictEqual((yield* Effect.flip(backups.cancelRestore))._tag, "NoPendingRestore")
        })
      )
      yield* live(Effect.map(itsName, (name) => assert.strictEqual(name, "newer")))
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("leaves the complete old or new database at any power failure", () =>
    Effect.gen(function* () {
      const real = yield* FileSystem.FileSystem
      const outcomes: Array<string> = []
      for (let step = 1; ; step++) {
        const { backups, file, folder, live } = yield* withStagedRestore
        const { cut, steps } = powerCutAt(real, step)
        const opened = yield* Effect.exit(
          Effect.scoped(Layer.build(connectionsIn(folder, file))).pipe(
            Effect.provideService(FileSystem.FileSystem, cut)
          )
        )
        const name = yield* live(
          Effect.gen(function* () {
            const name = yield* itsName
            assert.isDefined(yield* lastEvent("backup.restored"), `step ${step}`)
            return name
          })
        )
        assert.strictEqual(name, "old", `step ${step}`)
        const kept = (yield* real.readDirectory(backups)).filter((each) => each.startsWith("before-restore-"))
        assert.lengthOf(kept, 1, `step ${step}: ${kept.join()}`)
        yield* live(
          Effect.flatMap(Backups, (service) =>
            Effect.map(service.verify(kept[0]!.replace(".db", "")), ({ restorable }) =>
              assert.isTrue(restorable, `step ${step}`)
            )
          )
        )
        outcomes.push(Exit.isSuccess(opened) ? "whole" : "cut")
        if (steps() < step) break
      }
      assert.isAbove(outcomes.filter((outcome) => outcome === "cut").length, 5)
      assert.strictEqual(outcomes.at(-1), "whole")
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("is requested completely or not at all if the power fails while it is staged", () =>
    Effect.gen(function* () {
      const real = yield* FileSystem.FileSystem
      const request = { backupId: "manual", requestedBy: "local", requestedAt: "2026-01-15T12:00:00.000Z" }
      let asked = 0
      for (let step = 1; asked === 0; step++) {
        const { backups, folder, live } = yield* house
        const id = yield* live(
          Effect.andThen(
            callIt("old"),
            Effect.map(backUp, (backup) => backup.id)
          )
        )
        yield* live(callIt("new"))
        const { cut } = powerCutAt(real, step)
        const staged = yield* Effect.exit(
          stageRestore(folder, `${backups}/${id}.db`, request).pipe(Effect.provideService(FileSystem.FileSystem, cut))
        )
        const name = yield* live(itsName)
        assert.strictEqual(name, Exit.isSuccess(staged) ? "old" : "new", `step ${step}`)
        if (Exit.isSuccess(staged)) asked = step
      }
      assert.isAbove(asked, 5)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("replaces a damaged database, and keeps that unchanged", () =>
    Effect.gen(function* () {
      const { backups, file, live } = yield* withStagedRestore
      const files = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      yield* files.writeFileString(file, "scratched ".repeat(1000))
      yield* live(Effect.map(itsName, (name) => assert.strictEqual(name, "old")))
      const kept = (yield* files.readDirectory(backups)).find((name) => name.startsWith("before-restore-"))
      assert.match(yield* files.readFileString(path.join(backups, kept!)), /^scratched /)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("does not read the log of the replaced database into the new one", () =>
    Effect.gen(function* () {
      const { file, folder, live } = yield* withStagedRestore
      const files = yield* FileSystem.FileSystem
      // A damaged database cannot checkpoint its log, which must be kept with it.
      yield* files.writeFileString(file, "scratched ".repeat(1000))
      yield* files.writeFileString(`${file}-wal`, "a log of another database")
      yield* live(Effect.map(itsName, (name) => assert.strictEqual(name, "old")))
      const logs = (yield* files.readDirectory(`${folder}/backups`)).filter((name) => name.endsWith(".db-wal"))
      assert.lengthOf(logs, 1)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("is refused at the start if the staged file cannot be used, and the current database is kept", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const spoil = [
        (staged: string) => files.writeFileString(staged, "rubbish".repeat(1000)),
        (staged: string, copy: (name: string) => Layer.Layer<SqlClient.SqlClient, unknown>) =>
          Effect.scoped(
            Effect.flatMap(
              SqlClient.SqlClient,
              (sql) =>
                sql`INSERT INTO effect_sql_migrations (migration_id, name) VALUES (${latestMigration + 1}, 'future')`
            ).pipe(Effect.provide(copy(staged)))
          )
      ]
      const path = yield* Path.Path
      for (const each of spoil) {
        const { backups, copy, folder, live } = yield* withStagedRestore
        yield* each(path.join(folder, "restore", "database.db"), (name) => Layer.fresh(copy(name)))
        yield* live(
          Effect.gen(function* () {
            assert.strictEqual(yield* itsName, "new")
            assert.isTrue((yield* (yield* Settings).get(RemovalsSettings)).deletionsEnabled)
            assert.strictEqual((yield* lastEvent("backup.restore-refused"))?.severity, "error")
            assert.strictEqual((yield* Effect.flip((yield* Backups).pending))._tag, "NoPendingRestore")
          })
        )
        const kept = yield* files.readDirectory(backups)
        assert.isFalse(kept.some((name) => name.startsWith("before-restore-")))
      }
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("of a backup of an earlier version is migrated like any other database", () =>
    Effect.gen(function* () {
      const { backups, live } = yield* house
      const files = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      yield* live(Effect.void)
      yield* files.makeDirectory(backups, { recursive: true })
      yield* Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        yield* migrate({ "0001_initial": m0001 })
        yield* sql`INSERT INTO settings (name, value, version, updated_at)
          VALUES ('retention', '{"backupsKept":3,"eventDays":9}', 4, '2026-01-01T00:00:00.000Z')`
      }).pipe(Effect.provide(databaseIn(backups, path.join(backups, "former.db"))))
      yield* live(
        Effect.gen(function* () {
          const service = yield* Backups
          assert.strictEqual((yield* service.get("former")).version, 1)
          yield* service.restore("former")
        })
      )
      yield* live(
        Effect.gen(function* () {
          const settings = yield* Settings
          assert.strictEqual((yield* settings.get(BackupSettings)).keep, 3)
          assert.strictEqual((yield* settings.get(RetentionSettings)).eventDays, 9)
          const reasons = (yield* (yield* Backups).list).map(({ reason }) => reason)
          assert.includeMembers(reasons, ["migration", "restore", "other"])
          assert.include((yield* lastEvent("backup.restored"))?.message ?? "", "former")
        })
      )
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})
