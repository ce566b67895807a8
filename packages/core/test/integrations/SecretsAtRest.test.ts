import { SqliteClient } from "@effect/sql-sqlite-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, FileSystem, Layer, Path, Scope } from "effect"
import { Reactivity } from "effect/reactivity"
import { SqlClient } from "effect/sql"
import { Integrations } from "../../src/integrations/Integrations.ts"
import { latestMigration, migrate } from "../../src/storage/Migrations.ts"
import { Probing } from "./Probing.ts"
import { connectedKeys, draft, other, removed, secret, withDirectory } from "./SecretDirectory.ts"

describe("Secrets at rest", () => {
  it.effect("appear in no file of the database, and can be used after a restart", () =>
    withDirectory(({ keyFile, raw, start }) =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        yield* start(
          Effect.gen(function* () {
            const integrations = yield* Integrations
            const { id } = yield* integrations.create(draft("Shelf", "THE-FIRST-SECRET"))
            assert.notInclude(yield* Effect.orDie(raw), "THE-FIRST-SECRET", "while it runs, its log included")
            const changed = yield* integrations.update(id, { config: { apiKey: secret } })
            assert.deepStrictEqual(changed.config, { apiKey: "********", pages: 3 })
            const kept = yield* integrations.update(id, { config: { apiKey: "********", pages: 4 } })
            assert.deepStrictEqual(kept.config, { apiKey: "********", pages: 4 })
            assert.notInclude(yield* Effect.orDie(raw), secret)
          })
        )
        const held = yield* raw
        assert.include(held, "Shelf", "the files are read as they are")
        assert.notInclude(held, secret)
        assert.notInclude(held, "THE-FIRST-SECRET")
        if (process.platform !== "win32") assert.strictEqual((yield* files.stat(keyFile)).mode & 0o777, 0o600)
        const probing = new Probing()
        assert.deepStrictEqual(yield* start(connectedKeys(probing), {}, probing), [secret])
      })
    )
  )

  it.effect("are sealed at the first start of a database that had them in plain text, and removed from its files", () =>
    withDirectory(({ bare, inTheClear, raw, start }) =>
      Effect.gen(function* () {
        yield* inTheClear
        assert.include(yield* raw, secret)
        assert.include(yield* raw, removed)
        const probing = new Probing()
        const keys = yield* start(
          Effect.gen(function* () {
            const found = yield* connectedKeys(probing)
            const held = yield* Effect.orDie(raw)
            assert.notInclude(held, secret, "while it runs")
            assert.notInclude(held, other, "what was overwritten")
            assert.notInclude(held, removed, "what was removed")
            return found
          }),
          {},
          probing
        )
        assert.deepStrictEqual(keys, [secret, other])
        const config = bare(
          Effect.flatMap(SqlClient.SqlClient, (sql) => sql<{ config: string }>`SELECT config FROM integrations`)
        )
        const once = yield* config
        yield* start(Effect.void)
        assert.deepStrictEqual(yield* config, once, "another start changes nothing")
        assert.include(once[0]?.config ?? "", '"pages":3', "what is no secret stays readable")
      })
    )
  )

  it.effect("are removed from the files by the next start if a reader or a crash prevented it before", () =>
    withDirectory(({ file, inTheClear, raw, start }) =>
      Effect.gen(function* () {
        yield* inTheClear
        const reading = yield* Scope.make()
        const reader = yield* SqliteClient.make({ filename: file, readonly: true, disableWAL: true }).pipe(
          Effect.provide(Reactivity.layer),
          Scope.provide(reading)
        )
        yield* reader`BEGIN`
        yield* reader`SELECT * FROM integrations`
        yield* start(Effect.void)
        assert.include(yield* raw, secret, "a reader still uses the old pages")
        yield* reader`COMMIT`
        yield* Scope.close(reading, Exit.void)
        yield* start(Effect.void)
        assert.notInclude(yield* raw, secret)
      })
    )
  )

  it.effect("are sealed with the existing key if the process was killed before anything was sealed", () =>
    withDirectory(({ folder, inTheClear, keyFile, raw, start }) =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        const path = yield* Path.Path
        yield* start(Effect.void)
        const key = yield* files.readFileString(keyFile)
        yield* inTheClear
        yield* files.writeFileString(path.join(folder, "tendarr.key.new"), "half a k")
        const probing = new Probing()
        assert.deepStrictEqual(yield* start(connectedKeys(probing), {}, probing), [secret, other])
        assert.strictEqual(yield* files.readFileString(keyFile), key)
        assert.notInclude(yield* raw, secret)
      })
    )
  )

  it.effect("appear in no copy that a migration leaves behind", () =>
    withDirectory(({ folder, inTheClear, startWith }) =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        const path = yield* Path.Path
        yield* inTheClear
        const numbers = Array.from({ length: latestMigration + 1 }, (_, index) => String(index + 1).padStart(4, "0"))
        const next = migrate(Object.fromEntries(numbers.map((number) => [`${number}_step`, Effect.void])))
        yield* Effect.scoped(Layer.build(Layer.effectDiscard(next).pipe(Layer.provideMerge(startWith({})))))
        const [copy = ""] = yield* files.readDirectory(path.join(folder, "backups"))
        const copied = Buffer.from(yield* files.readFile(path.join(folder, "backups", copy))).toString("latin1")
        assert.include(copied, "Shelf")
        assert.notInclude(copied, secret)
      })
    )
  )

  it.effect("prevent a start without their key, and no new key is created", () =>
    withDirectory(({ keyFile, start }) =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        yield* start(Integrations.use((all) => all.create(draft("Shelf", secret))))
        const key = yield* files.readFileString(keyFile)
        yield* files.remove(keyFile)
        const missing = yield* Effect.flip(start(Effect.void))
        if (!("reason" in missing) || missing._tag !== "SecretsUnreadable") return assert.fail(String(missing))
        assert.strictEqual(missing.reason, "key-missing")
        assert.match(missing.message, /tendarr\.key.*--forget-secrets/)
        assert.isFalse(yield* files.exists(keyFile))

        yield* files.writeFileString(keyFile, Buffer.alloc(32, 7).toString("base64"))
        const wrong = yield* Effect.flip(start(Effect.void))
        if (!("reason" in wrong) || wrong._tag !== "SecretsUnreadable") return assert.fail(String(wrong))
        assert.strictEqual(wrong.reason, "key-wrong")

        for (const unusable of ["", "short", "# only a comment\n"]) {
          yield* files.writeFileString(keyFile, unusable)
          assert.strictEqual((yield* Effect.flip(start(Effect.void)))._tag, "SecretKeyUnusable")
        }
        yield* files.writeFileString(keyFile, key)
        const probing = new Probing()
        assert.deepStrictEqual(yield* start(connectedKeys(probing), {}, probing), [secret])
      })
    )
  )

  it.effect("can be deleted by the owner, and entered again", () =>
    withDirectory(({ keyFile, start }) =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        yield* start(Integrations.use((all) => all.create(draft("Shelf", secret))))
        yield* files.remove(keyFile)
        const left = yield* start(
          Integrations.use((all) => all.get("1")),
          { forgetUnreadable: true }
        )
        assert.deepStrictEqual(left.config, { pages: 3 })
        const probing = new Probing()
        const keys = yield* start(
          Effect.gen(function* () {
            yield* (yield* Integrations).update("1", { config: { apiKey: other } })
            return yield* connectedKeys(probing)
          }),
          {},
          probing
        )
        assert.deepStrictEqual(keys, [other])
      })
    )
  )

  it.effect("are sealed again with a rotated key, and the old key still opens what it sealed", () =>
    withDirectory(({ bare, keyFile, start }) =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        yield* start(Integrations.use((all) => all.create(draft("Shelf", secret))))
        const config = bare(
          Effect.flatMap(SqlClient.SqlClient, (sql) => sql<{ config: string }>`SELECT config FROM integrations`)
        )
        const [before] = yield* config
        const oldKeys = yield* files.readFileString(keyFile)
        yield* start(Effect.void, { renew: true })
        assert.notStrictEqual((yield* config)[0]?.config, before?.config)
        const newKeys = (yield* files.readFileString(keyFile)).trim().split("\n")
        assert.include(oldKeys, newKeys.at(-1) ?? "-", "the former key stands below the new one")
        // The state of an earlier backup, and of a process that was killed in between.
        yield* bare(
          Effect.flatMap(
            SqlClient.SqlClient,
            (sql) => sql`UPDATE integrations SET config = ${before?.config ?? ""} WHERE id = 1`
          )
        )
        const probing = new Probing()
        assert.deepStrictEqual(yield* start(connectedKeys(probing), {}, probing), [secret])
        assert.notStrictEqual((yield* config)[0]?.config, before?.config)
      })
    )
  )

  it.effect("use a key from the environment, or from another file", () =>
    withDirectory(({ folder, keyFile, start }) =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        const path = yield* Path.Path
        const given = Buffer.alloc(32, 9).toString("hex")
        yield* start(
          Integrations.use((all) => all.create(draft("Shelf", secret))),
          { given }
        )
        assert.isFalse(yield* files.exists(keyFile))
        const elsewhere = path.join(folder, "elsewhere.key")
        yield* files.writeFileString(elsewhere, `${Buffer.alloc(32, 9).toString("base64")}\n`, { mode: 0o644 })
        const probing = new Probing()
        assert.deepStrictEqual(yield* start(connectedKeys(probing), { file: elsewhere }, probing), [secret])
        if (process.platform !== "win32") assert.strictEqual((yield* files.stat(elsewhere)).mode & 0o777, 0o600)
        const noFolder = path.join(folder, "no", "such", "folder", "tendarr.key")
        const refused = yield* Effect.flip(start(Effect.void, { file: noFolder, forgetUnreadable: true }))
        assert.strictEqual(refused._tag, "SecretKeyUnusable")
      })
    )
  )
})
