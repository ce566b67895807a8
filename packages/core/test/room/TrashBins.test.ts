/** Secrets of an external room are sealed, resealed, reported and kept out of copies like those of the built-in rooms. */
import { NodeServices } from "@effect/platform-node"
import { SqliteClient } from "@effect/sql-sqlite-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Layer, Path } from "effect"
import { Reactivity } from "effect/reactivity"
import type { SqlClient } from "effect/sql"
import { ServicesWith, type Host, type TendarrServices } from "../../src/Services.ts"
import { RoomTables } from "../../src/storage/RoomTables.ts"
import { sealedValue, sealText } from "../../src/storage/SealedColumns.ts"
import { SecretBox } from "../../src/storage/SecretBox.ts"
import { defaultSecretKeyOptions, SecretKeyOptions } from "../../src/storage/SecretKeys.ts"
import { Backups } from "../../src/system/Backups.ts"
import { ConfigurationTransfer } from "../../src/system/ConfigurationTransfer.ts"
import { databaseIn } from "../storage/Files.ts"
import { RecordedLog } from "../support/RecordedLog.ts"
import { trashRoom } from "./Trash.ts"
import { addBin, type Bin, bins, binWebhooks } from "./TrashBins.ts"

const bin: Bin = {
  name: "Cellar",
  url: "http://cellar.test",
  config: { token: "THE-TOKEN-OF-THE-CELLAR", folder: "/trash" },
  webhook: "https://hooks.test/THE-HOOK-OF-THE-CELLAR"
}
const secrets = [bin.config.token, bin.webhook]
const opened = { name: "Cellar", fields: bin.config, withheld: [], webhook: bin.webhook }

const inDirectory = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const folder = yield* files.makeTempDirectoryScoped({ prefix: "tendarr-test-" })
  const file = path.join(folder, "tendarr.db")
  const keyFile = path.join(folder, "tendarr.key")
  const log = new RecordedLog()

  const start = <A, E>(
    use: Effect.Effect<A, E, TendarrServices | Host>,
    options: Partial<SecretKeyOptions> = {},
    extensions = trashRoom
  ) =>
    Effect.scoped(
      Effect.provide(
        use,
        ServicesWith(extensions).pipe(
          Layer.provideMerge(databaseIn(folder, file)),
          Layer.provide(Layer.succeed(RoomTables)(extensions.tables ?? [])),
          Layer.provideMerge(Layer.succeed(SecretKeyOptions, { ...defaultSecretKeyOptions, ...options })),
          Layer.provideMerge(log.layer)
        )
      )
    )

  const bare = (statement: (sql: SqlClient.SqlClient) => Effect.Effect<unknown, unknown>) =>
    Effect.scoped(Effect.flatMap(SqliteClient.make({ filename: file }), statement)).pipe(
      Effect.provide(Reactivity.layer)
    )

  const rawOf = (where: string, names: ReadonlyArray<string>) =>
    Effect.map(
      Effect.forEach(names, (name) => files.readFile(path.join(where, name))),
      (texts) => texts.map((bytes) => Buffer.from(bytes).toString("latin1")).join("\n")
    )
  const raw = Effect.flatMap(files.readDirectory(folder), (names) =>
    rawOf(
      folder,
      names.filter((name) => name.startsWith("tendarr.db"))
    )
  )
  const backups = Effect.flatMap(files.readDirectory(path.join(folder, "backups")), (names) =>
    rawOf(path.join(folder, "backups"), names)
  )
  return { backups, bare, files, keyFile, log, raw, start }
})

const withDirectory = <A, E>(
  use: (directory: Effect.Success<typeof inDirectory>) => Effect.Effect<A, E, FileSystem.FileSystem | Path.Path>
) => Effect.flatMap(inDirectory, use).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

const withoutSecrets = (text: string, where: string) => {
  for (const secret of secrets) assert.notInclude(text, secret, where)
}

describe("Sealed columns of an external room", () => {
  it.effect("are in no file in clear text, neither in a backup nor in an exported configuration", () =>
    withDirectory(({ backups, raw, start }) =>
      Effect.gen(function* () {
        yield* start(
          Effect.gen(function* () {
            yield* addBin(bin)
            assert.deepStrictEqual(yield* bins, [opened])
            yield* (yield* Backups).create("manual")
            const exported = yield* (yield* ConfigurationTransfer).export({ secrets: true })
            withoutSecrets(JSON.stringify(exported), "the configuration")
          })
        )
        const copy = yield* backups
        assert.include(copy, "http://cellar.test", "the backup contains the row")
        withoutSecrets(copy, "the backup")
        withoutSecrets(yield* raw, "the database")
        assert.deepStrictEqual(yield* start(bins), [opened])
      })
    )
  )

  it.effect("are in the database after a restore, and a program without the room refuses that database", () =>
    withDirectory(({ bare, start }) =>
      Effect.gen(function* () {
        const { id } = yield* start(
          Effect.gen(function* () {
            yield* addBin(bin)
            const backups = yield* Backups
            const made = yield* backups.create("manual")
            assert.deepInclude(yield* backups.verify(made.id), { restorable: true, foreign: [] })
            return made
          })
        )
        const without = yield* start(
          Effect.flatMap(Backups, (backups) => backups.verify(id)),
          {},
          { ...trashRoom, tables: [], sealedColumns: [] }
        )
        assert.deepStrictEqual(without.foreign, [
          "the index sqlite_autoindex_trash_bins_1 is foreign",
          "the table trash_bins is foreign"
        ])
        yield* bare((sql) => sql`DELETE FROM trash_bins`)
        yield* start(Effect.flatMap(Backups, (backups) => backups.restore(id)))
        assert.deepStrictEqual(yield* start(bins), [opened])

        yield* bare((sql) => sql`CREATE TRIGGER trash_theft AFTER INSERT ON trash_bins BEGIN DELETE FROM rules; END`)
        const refused = yield* start(
          Effect.gen(function* () {
            const backups = yield* Backups
            return yield* backups.verify((yield* backups.create("manual")).id)
          })
        )
        assert.deepStrictEqual(refused.foreign, ["the trigger trash_theft is foreign"])
      })
    )
  )

  it.effect("are sealed at the start if they were in clear text, and are removed from the files", () =>
    withDirectory(({ bare, log, raw, start }) =>
      Effect.gen(function* () {
        yield* start(Effect.void)
        yield* bare((sql) => {
          const { config, name, url, webhook } = bin
          return sql`INSERT INTO trash_bins ${sql.insert({ name, url, config: JSON.stringify(config), webhook })}`
        })
        assert.include(yield* raw, bin.webhook)
        assert.deepStrictEqual(yield* start(bins), [opened])
        withoutSecrets(yield* raw, "the database")
        assert.isTrue(log.has(/Sealed the secrets of 2 rows of trash_bins/), log.text())
      })
    )
  )

  it.effect("are sealed again when the key is rotated, so that the old key can be deleted", () =>
    withDirectory(({ files, keyFile, start }) =>
      Effect.gen(function* () {
        yield* start(addBin(bin))
        const former = (yield* files.readFileString(keyFile)).trim().split("\n").at(-1) ?? "-"
        yield* start(Effect.void, { renew: true })
        const kept = yield* files.readFileString(keyFile)
        assert.include(kept, former)
        yield* files.writeFileString(keyFile, kept.replace(former, ""))
        assert.deepStrictEqual(yield* start(bins), [opened])
      })
    )
  )

  it.effect("are named if no key opens them, and are deleted if the owner allows it", () =>
    withDirectory(({ files, keyFile, log, start }) =>
      Effect.gen(function* () {
        yield* start(addBin(bin))
        yield* files.remove(keyFile)
        const missing = yield* Effect.flip(start(Effect.void))
        assert.include(
          String(missing),
          `(the token of the trash bin "Cellar", the webhook of the trash bin "Cellar"): the key is missing`
        )
        yield* files.writeFileString(keyFile, Buffer.alloc(32, 7).toString("base64"))
        const wrong = yield* Effect.flip(start(Effect.void))
        assert.deepInclude(wrong, {
          reason: "key-wrong",
          places: ["trash_bins/Cellar/config/token", "trash_bins/Cellar/webhook"]
        })
        const left = yield* start(bins, { forgetUnreadable: true })
        assert.deepStrictEqual(left, [{ name: "Cellar", fields: { folder: "/trash" }, withheld: [], webhook: null }])
        assert.isTrue(log.has(/Deleted secrets.*the webhook of the trash bin "Cellar"/), log.text())
      })
    )
  )

  it.effect("cannot be opened for another address or in another row, and both are reported", () =>
    withDirectory(({ bare, log, start }) =>
      Effect.gen(function* () {
        yield* start(
          Effect.andThen(
            addBin(bin),
            addBin({ ...bin, name: "Attic", config: { ...bin.config, token: "T" }, webhook: "W" })
          )
        )
        yield* bare((sql) => sql`UPDATE trash_bins SET url = 'http://thief.test' WHERE name = 'Cellar'`)
        yield* bare(
          (sql) =>
            sql`UPDATE trash_bins SET webhook = (SELECT webhook FROM trash_bins WHERE name = 'Cellar') WHERE name = 'Attic'`
        )
        const [attic, cellar] = yield* start(bins)
        assert.strictEqual(attic?.webhook, null)
        assert.deepInclude(cellar, { fields: { folder: "/trash" }, withheld: ["token"], webhook: bin.webhook })
        assert.isTrue(
          log.has(/entered again: the token of the trash bin "Cellar", the webhook of the trash bin "Attic"/),
          log.text()
        )
      })
    )
  )

  it.effect("are unchanged in a damaged row, which is named, and the others are sealed", () =>
    withDirectory(({ bare, log, start }) =>
      Effect.gen(function* () {
        yield* start(addBin(bin))
        yield* bare((sql) => sql`INSERT INTO trash_bins (name, url, config) VALUES ('Attic', '', '{"token":"half a')`)
        const [attic, cellar] = yield* start(bins, { renew: true })
        assert.deepInclude(attic, {
          damaged: "The stored config of trash_bins Attic cannot be read: it is not JSON"
        })
        assert.deepStrictEqual(cellar, opened)
        assert.isTrue(log.has(/config of trash_bins Attic cannot be read/), log.text())
      })
    )
  )

  it.effect("must be registered before anything is sealed in them", () =>
    withDirectory(({ start }) =>
      Effect.gen(function* () {
        const elsewhere = sealedValue({
          ...binWebhooks,
          column: "other",
          reads: [],
          nameOf: () => "",
          receivers: () => ""
        })
        const sealing = Effect.flatMap(SecretBox, (box) => sealText(box, elsewhere, { name: "Cellar" }, "secret"))
        const cause = yield* Effect.sandbox(start(sealing)).pipe(Effect.flip)
        assert.include(String(cause), "trash_bins/Cellar/other is in no registered sealed column")
        const twice = { ...trashRoom, sealedColumns: [binWebhooks, binWebhooks] }
        const refused = yield* Effect.sandbox(start(Effect.void, {}, twice)).pipe(Effect.flip)
        assert.include(String(refused), "trash_bins.webhook is listed twice")
      })
    )
  )
})
