import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { Settings } from "../../src/settings/Settings.ts"
import { jpeg, text } from "./Pictures.ts"
import { connectBoth, failing, films, halving, house, image, notFound, posterOf } from "./PosterStack.ts"
import { ArtworkSettings } from "../../src/artwork/ArtworkSettings.ts"

describe("Posters on the disk", () => {
  it.effect("are kept over a restart, and requested again when they are old", () =>
    Effect.gen(function* () {
      const { live, upstreams } = yield* house({ resizer: halving })
      upstreams.radarr = () => image(jpeg(1))
      yield* live(
        Effect.gen(function* () {
          yield* connectBoth
          const poster = yield* posterOf("1")
          assert.deepStrictEqual([poster.ageSeconds, poster.freshSeconds], [0, 86_400])
          yield* posterOf("1", 200)
        })
      )
      yield* live(
        Effect.gen(function* () {
          upstreams.radarr = () => image(jpeg(2))
          yield* TestClock.adjust("23 hours")
          assert.deepStrictEqual((yield* posterOf("1")).bytes, jpeg(1))
          assert.deepStrictEqual((yield* posterOf("1", 200)).bytes, jpeg(200))
          assert.deepStrictEqual(upstreams.asked, [films])
          yield* TestClock.adjust("61 minutes")
          assert.strictEqual((yield* posterOf("1", 200)).ageSeconds, 0)
          assert.deepStrictEqual((yield* posterOf("1")).bytes, jpeg(2))
          assert.deepStrictEqual(upstreams.asked, [films, films])
        })
      )
    })
  )

  it.effect("are returned although they are old if the application does not respond", () =>
    Effect.gen(function* () {
      const { live, upstreams } = yield* house({ resizer: halving })
      upstreams.radarr = () => image(jpeg(1))
      yield* live(
        Effect.gen(function* () {
          yield* connectBoth
          yield* posterOf("1", 200)
          yield* TestClock.adjust("25 hours")
          upstreams.radarr = failing
          const poster = yield* posterOf("1")
          assert.deepStrictEqual([poster.bytes, poster.ageSeconds, poster.freshSeconds], [jpeg(1), 90_000, 60])
          assert.isTrue((yield* posterOf("1", 200)).resized)
        })
      )
    })
  )

  it.effect("are deleted if the application no longer has them, and kept if the item is gone", () =>
    Effect.gen(function* () {
      const { artwork, live, upstreams } = yield* house()
      const files = yield* FileSystem.FileSystem
      upstreams.radarr = () => image(jpeg(1))
      yield* live(
        Effect.gen(function* () {
          const sql = yield* SqlClient.SqlClient
          yield* connectBoth
          yield* posterOf("1")
          yield* posterOf("2")
          yield* sql`UPDATE items SET gone_at = '2026-01-15T12:00:00.000Z' WHERE id = 2`
          yield* TestClock.adjust("25 hours")
          upstreams.radarr = notFound
          assert.strictEqual((yield* Effect.flip(posterOf("1"))).code, "poster-not-found")
          assert.deepStrictEqual((yield* posterOf("2")).bytes, jpeg(1))
          assert.strictEqual((yield* files.readDirectory(artwork)).length, 1)
        })
      )
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("are not used for another item with the same id", () =>
    Effect.gen(function* () {
      const { live, upstreams } = yield* house()
      upstreams.radarr = () => image(jpeg(1))
      yield* live(
        Effect.gen(function* () {
          const sql = yield* SqlClient.SqlClient
          yield* connectBoth
          yield* posterOf("1")
          yield* sql`UPDATE items SET title = 'Another movie' WHERE id = 1`
          upstreams.radarr = () => image(jpeg(2))
          assert.deepStrictEqual((yield* posterOf("1")).bytes, jpeg(2))
        })
      )
    })
  )

  const damages: ReadonlyArray<readonly [string, (file: Uint8Array) => Uint8Array]> = [
    ["cut off", (file) => file.subarray(0, file.length - 10)],
    ["changed in one byte", (file) => file.map((byte, index) => (index === file.length - 3 ? byte ^ 1 : byte))],
    ["empty", () => new Uint8Array()],
    ["of something else", () => text("<html></html>")]
  ]
  for (const [name, damage] of damages) {
    it.effect(`are requested again if their file is ${name}`, () =>
      Effect.gen(function* () {
        const { artwork, live, upstreams } = yield* house()
        const files = yield* FileSystem.FileSystem
        upstreams.radarr = () => image(jpeg(1))
        yield* live(Effect.andThen(connectBoth, posterOf("1")))
        for (const file of yield* files.readDirectory(artwork)) {
          yield* files.writeFile(`${artwork}/${file}`, damage(yield* files.readFile(`${artwork}/${file}`)))
        }
        yield* live(
          Effect.gen(function* () {
            assert.deepStrictEqual((yield* posterOf("1")).bytes, jpeg(1))
            assert.deepStrictEqual((yield* posterOf("1")).bytes, jpeg(1))
          })
        )
        assert.deepStrictEqual(upstreams.asked, [films, films])
      }).pipe(Effect.provide(NodeServices.layer))
    )
  }

  it.effect("stay within their size limit: the least recently used are deleted first, also over a restart", () =>
    Effect.gen(function* () {
      const { artwork, live, upstreams } = yield* house()
      const files = yield* FileSystem.FileSystem
      upstreams.radarr = () => image(jpeg(1, 450 * 1024))
      yield* live(
        Effect.gen(function* () {
          const settings = yield* Settings
          yield* settings.patch(ArtworkSettings, { cacheMebibytes: 1 })
          yield* connectBoth
          for (const id of ["1", "2", "1"]) {
            yield* posterOf(id)
            yield* TestClock.adjust("2 hours")
          }
        })
      )
      // A process that ended during a write leaves this file behind.
      yield* files.writeFile(`${artwork}/${"0".repeat(32)}-o.1.partial`, jpeg())
      yield* live(
        Effect.gen(function* () {
          yield* TestClock.adjust("7 hours")
          const asked = upstreams.asked.length
          yield* posterOf("3")
          yield* posterOf("1")
          assert.strictEqual(upstreams.asked.length, asked + 1, "the first one is kept: it was shown after the second")
          const kept = yield* files.readDirectory(artwork)
          assert.strictEqual(kept.length, 2, kept.join())
          yield* posterOf("2")
          yield* posterOf("1")
          assert.strictEqual(upstreams.asked.length, asked + 2, "the third one went for the second")
          assert.strictEqual((yield* files.readDirectory(artwork)).length, 2)
        })
      )
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("are not stored if the limit is 0, but still returned", () =>
    Effect.gen(function* () {
      const { artwork, live, upstreams } = yield* house()
      const files = yield* FileSystem.FileSystem
      upstreams.radarr = () => image(jpeg(1))
      yield* live(
        Effect.gen(function* () {
          const settings = yield* Settings
          yield* settings.patch(ArtworkSettings, { cacheMebibytes: 0 })
          yield* connectBoth
          assert.deepStrictEqual((yield* posterOf("1")).bytes, jpeg(1))
          assert.deepStrictEqual(yield* files.readDirectory(artwork), [])
        })
      )
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("are returned even if their folder cannot be written", () =>
    Effect.gen(function* () {
      const { artwork, live, upstreams } = yield* house()
      const files = yield* FileSystem.FileSystem
      // A file with the path of the folder.
      yield* files.writeFile(artwork, jpeg())
      upstreams.radarr = () => image(jpeg(1))
      yield* live(
        Effect.gen(function* () {
          yield* connectBoth
          assert.deepStrictEqual((yield* posterOf("1")).bytes, jpeg(1))
        })
      )
      assert.include(upstreams.logged.join("\n"), "cannot be kept on the disk")
    }).pipe(Effect.provide(NodeServices.layer))
  )
})
