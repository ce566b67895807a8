/** Files that cannot be moved in: each is refused with what is wrong, and nothing stays behind. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Stream } from "effect"
import { MovingIn } from "../../src/moving/MovingIn.ts"
import { MovingSettings } from "../../src/moving/MovingSettings.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { DataDirectory } from "../../src/storage/Database.ts"
import { maintainerrDatabase } from "./MaintainerrDatabase.ts"
import { installed, preview } from "./MovingTest.ts"
import { databaseOf, prunerrDatabase } from "./PrunerrDatabase.ts"

const text = (content: string) => new TextEncoder().encode(content)

const many = Array.from({ length: 2000 }, (_, index) => ({
  type: "movie",
  title: `Movie ${index}`,
  plex_id: `${index}`
}))

describe("A file that cannot be moved in", () => {
  const refused = (product: "prunerr" | "maintainerr", bytes: Uint8Array) =>
    Effect.map(Effect.flip(preview(product, bytes)), (error) =>
      error._tag === "MovingFileUnusable" ? `${error.fault}: ${error.detail}` : error._tag
    )

  it.effect("is refused with what is wrong with it, and leaves nothing", () =>
    installed(
      Effect.gen(function* () {
        const prunerr = prunerrDatabase({ media_items: many })
        assert.strictEqual(yield* refused("prunerr", new Uint8Array()), "empty: The file is empty")
        assert.strictEqual(
          yield* refused("prunerr", text("hello")),
          "not-a-database: The file is not an SQLite database"
        )
        assert.match(yield* refused("prunerr", prunerr.slice(0, 50)), /^truncated: /)
        assert.match(
          yield* refused("prunerr", prunerr.slice(0, prunerr.length / 2)),
          /^truncated: The file has \d+ of \d+/
        )
        const damaged = prunerr.slice()
        damaged.fill(0xff, 8192, 40_960)
        assert.match(yield* refused("prunerr", damaged), /^(damaged|not-a-database): /)
        assert.strictEqual(
          yield* refused("prunerr", maintainerrDatabase({})),
          "other-product: The file is not a database of Prunerr: it has no table media_items, deletion_history"
        )
        assert.match(
          yield* refused("maintainerr", prunerr),
          /^other-product: The file is not a database of Maintainerr/
        )
        assert.match(
          yield* refused("prunerr", prunerrDatabase({}, { migration: 20 })),
          /^newer-version: .* schema 20 of a newer Prunerr than 1\.4\.10/
        )
        assert.match(
          yield* refused("maintainerr", maintainerrDatabase({}, { migration: 1_999_999_999_999 })),
          /^newer-version: /
        )
        assert.match(yield* refused("prunerr", prunerrDatabase({}, { migration: 1 })), /^older-version: /)
        assert.match(yield* refused("maintainerr", text("just: [unclosed")), /^not-understood: /)
        assert.match(yield* refused("maintainerr", text("rules: 3\n")), /^not-understood: The file is not a rule group/)
        assert.deepStrictEqual(yield* (yield* MovingIn).list, [])
        const { path } = yield* DataDirectory
        const left = yield* (yield* FileSystem.FileSystem).readDirectory(path ?? "")
        assert.deepStrictEqual(
          left.filter((name) => name.startsWith("moving-in-")),
          []
        )
      })
    )
  )

  it.effect("executes nothing that it contains: views, triggers and virtual tables are no tables of a product", () =>
    installed(
      Effect.gen(function* () {
        const bytes = databaseOf(
          `CREATE TABLE "real" (a); CREATE VIEW media_items AS SELECT 1 AS plex_id;
           CREATE TABLE rules (id); CREATE TABLE settings (key, value); CREATE TABLE migrations (version); CREATE TABLE deletion_history (id)`,
          {}
        )
        assert.strictEqual(
          yield* refused("prunerr", bytes),
          "other-product: The file is not a database of Prunerr: it has no table media_items"
        )
      })
    )
  )

  it.effect("is not received beyond the size that the settings allow, nor if the upload breaks off", () =>
    installed(
      Effect.gen(function* () {
        yield* (yield* Settings).patch(MovingSettings, { maxUploadMebibytes: 1 })
        const moving = yield* MovingIn
        const megabyte = new Uint8Array(1_048_576)
        const endless = { bytes: Stream.forever(Stream.succeed(megabyte)), declaredBytes: null }
        assert.strictEqual((yield* Effect.flip(moving.preview("prunerr", endless))).code, "moving-file-too-large")
        const declared = { bytes: Stream.die("it must not be read"), declaredBytes: 2_000_000 }
        assert.strictEqual((yield* Effect.flip(moving.preview("prunerr", declared))).code, "moving-file-too-large")
        const broken = { bytes: Stream.fail(new Error("gone")), declaredBytes: null }
        assert.strictEqual((yield* Effect.flip(moving.preview("prunerr", broken))).code, "moving-file-failed")
      })
    )
  )

  it.effect("that was copied from a running product says that its last changes may be missing", () =>
    installed(
      Effect.gen(function* () {
        const { notes } = yield* preview("prunerr", prunerrDatabase({}, { wal: true }))
        assert.match(notes[0] ?? "", /write-ahead mode: if Prunerr was running/)
      })
    )
  )
})
