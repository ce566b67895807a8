import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { hashOf } from "../../src/artwork/PosterFile.ts"
import { Integrations } from "../../src/integrations/Integrations.ts"
import { Library } from "../../src/library/Library.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { jpeg, text } from "./Pictures.ts"
import {
  connectBoth,
  counted,
  failing,
  films,
  halving,
  house,
  image,
  inMemory,
  jellyfinKey,
  notFound,
  posterOf,
  radarrKey,
  screen,
  type Upstreams
} from "./PosterStack.ts"
import { ArtworkSettings } from "../../src/artwork/ArtworkSettings.ts"

describe("The poster of an item", () => {
  it.effect("comes from the application that manages it, with the type of its bytes", () =>
    inMemory((upstreams) =>
      Effect.gen(function* () {
        upstreams.radarr = () => image(jpeg(), { "content-type": "image/svg+xml" })
        const poster = yield* posterOf("1")
        assert.deepStrictEqual([poster.mediaType, poster.bytes, poster.resized], ["image/jpeg", jpeg(), false])
        assert.strictEqual(poster.etag, `"${hashOf(jpeg()).slice(0, 32)}"`)
        assert.deepStrictEqual(upstreams.asked, [films])
      })
    )
  )

  it.effect("has only a path on this server in lists, while an application offers posters", () =>
    inMemory(() =>
      Effect.gen(function* () {
        const library = yield* Library
        const integrations = yield* Integrations
        const items = (yield* library.page({})).items
        assert.deepStrictEqual(
          items.map(({ id, posterUrl }) => [id, posterUrl]),
          items.map(({ id }) => [id, `/api/v1/items/${id}/poster`])
        )
        assert.notInclude(JSON.stringify(items), "http")
        yield* integrations.update("1", { enabled: false })
        assert.strictEqual((yield* library.get("1")).posterUrl, "/api/v1/items/1/poster", "the server may have it")
        yield* integrations.remove("2")
        assert.isNull((yield* library.get("1")).posterUrl)
        const counted = yield* library.counted({}, { offset: 0, limit: 5 })
        assert.isTrue(counted.items.every(({ posterUrl }) => posterUrl === null))
      })
    )
  )

  const withoutOne: ReadonlyArray<readonly [string, Upstreams["radarr"]]> = [
    ["has none", notFound],
    ["does not answer", failing],
    ["answers with a web page", () => image(text("<!DOCTYPE html><p>Sign in</p>"), { "content-type": "text/html" })],
    ["answers with an SVG that calls itself a JPEG", () => image(text("<svg/>"), { "content-type": "image/jpeg" })],
    ["answers with a page that calls itself a JPEG", () => image(text("<html/>"), { "content-type": "image/jpeg" })],
    ["answers with more than is taken", () => image(jpeg(1, 2 * 1024 ** 2))],
    [
      "leads to another host",
      () => new Response(null, { status: 302, headers: { location: "http://127.0.0.1:11/poster.jpg" } })
    ],
    ["does not take the key", () => new Response(null, { status: 401 })],
    ["fails", () => new Response(null, { status: 500 })]
  ]
  for (const [name, answer] of withoutOne) {
    it.effect(`comes from a media server if that application ${name}`, () =>
      inMemory((upstreams) =>
        Effect.gen(function* () {
          const settings = yield* Settings
          yield* settings.patch(ArtworkSettings, { maxPosterMebibytes: 1 })
          upstreams.radarr = answer
          upstreams.jellyfin = () => image(jpeg(7))
          assert.deepStrictEqual((yield* posterOf("1")).bytes, jpeg(7))
          assert.deepStrictEqual(upstreams.asked, [films, screen])
          assert.deepStrictEqual([...upstreams.hosts].sort(), ["127.0.0.1:10", "127.0.0.1:9"])
          assert.notInclude(upstreams.logged.join("\n"), radarrKey)
          assert.notInclude(upstreams.logged.join("\n"), jellyfinKey)
        })
      )
    )
  }

  it.effect("does not exist if no application has one, and is not requested again for a while", () =>
    inMemory((upstreams) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(posterOf("1"))
        assert.strictEqual(error.code, "poster-not-found")
        yield* Effect.flip(posterOf("1"))
        assert.deepStrictEqual(upstreams.asked, [films, screen])
        upstreams.radarr = () => image(jpeg())
        yield* TestClock.adjust("11 minutes")
        assert.deepStrictEqual((yield* posterOf("1")).bytes, jpeg())
      })
    )
  )

  it.effect("is temporarily unavailable if an application does not respond, with the time to retry", () =>
    inMemory((upstreams) =>
      Effect.gen(function* () {
        upstreams.jellyfin = failing
        const error = yield* Effect.flip(posterOf("1"))
        if (error._tag !== "PosterUnavailable") return assert.fail(error._tag)
        assert.deepStrictEqual(
          [error.status, error.retryAfterSeconds, error.detail],
          [503, 60, "Screen does not answer"]
        )
        yield* TestClock.adjust("20 seconds")
        const later = yield* Effect.flip(posterOf("1"))
        assert.deepStrictEqual([later._tag === "PosterUnavailable" && later.retryAfterSeconds], [40])
        assert.deepStrictEqual(upstreams.asked, [films, screen])
        upstreams.jellyfin = () => image(jpeg())
        yield* TestClock.adjust("41 seconds")
        assert.deepStrictEqual((yield* posterOf("1")).bytes, jpeg())
      })
    )
  )

  it.effect("is given up when an application takes too long", () =>
    inMemory((upstreams) =>
      Effect.gen(function* () {
        upstreams.radarr = () => new Promise(() => undefined)
        const asking = yield* Effect.forkChild(Effect.flip(posterOf("2")))
        while (upstreams.asked.length === 0) yield* Effect.yieldNow
        yield* TestClock.adjust("20 seconds")
        assert.strictEqual((yield* Fiber.join(asking))._tag, "PosterUnavailable")
      })
    )
  )

  it.effect("is not requested from an application whose posters are disabled", () =>
    inMemory((upstreams) =>
      Effect.gen(function* () {
        const integrations = yield* Integrations
        yield* integrations.update("1", { options: { disabledCapabilities: ["artwork"] } })
        upstreams.radarr = () => image(jpeg(1))
        upstreams.jellyfin = () => image(jpeg(2))
        assert.deepStrictEqual((yield* posterOf("1")).bytes, jpeg(2))
        assert.deepStrictEqual(upstreams.asked, [screen])
      })
    )
  )

  it.effect("is requested once, however many clients wait for it", () =>
    inMemory((upstreams) =>
      Effect.gen(function* () {
        const answer = yield* Deferred.make<Response>()
        upstreams.radarr = () => Effect.runPromise(Deferred.await(answer))
        const readers = yield* Effect.forkChild(
          Effect.forEach(Array.from({ length: 200 }), () => posterOf("1"), { concurrency: "unbounded" })
        )
        while (upstreams.asked.length === 0) yield* Effect.yieldNow
        yield* Deferred.succeed(answer, image(jpeg()))
        assert.strictEqual((yield* Fiber.join(readers)).length, 200)
        assert.deepStrictEqual(upstreams.asked, [films])
      })
    )
  )

  it.effect("is queued: few are fetched concurrently", () =>
    inMemory((upstreams) =>
      Effect.gen(function* () {
        let [flying, most] = [0, 0]
        upstreams.radarr = async () => {
          flying += 1
          most = Math.max(most, flying)
          await new Promise((resolve) => setImmediate(resolve))
          flying -= 1
          return image(jpeg())
        }
        yield* Effect.forEach(["1", "2", "3", "4", "5", "6"], (id) => posterOf(id), { concurrency: "unbounded" })
        assert.deepStrictEqual([upstreams.asked.length, most], [6, 3])
      })
    )
  )

  it.effect("is delivered to waiting clients even if the first one has disconnected", () =>
    inMemory((upstreams) =>
      Effect.gen(function* () {
        const answer = yield* Deferred.make<Response>()
        upstreams.radarr = () => Effect.runPromise(Deferred.await(answer))
        const first = yield* Effect.forkChild(posterOf("1"))
        while (upstreams.asked.length === 0) yield* Effect.yieldNow
        const second = yield* Effect.forkChild(posterOf("1"))
        yield* Effect.yieldNow
        yield* Fiber.interrupt(first)
        yield* Deferred.succeed(answer, image(jpeg()))
        assert.deepStrictEqual((yield* Fiber.join(second)).bytes, jpeg())
        assert.deepStrictEqual(upstreams.asked, [films])
      })
    )
  )

  it.effect("is not requested for an unknown item, or one that is gone", () =>
    inMemory((upstreams) =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        upstreams.radarr = () => image(jpeg())
        for (const id of ["99", "../1", ""])
          assert.strictEqual((yield* Effect.flip(posterOf(id))).code, "item-not-found")
        yield* sql`UPDATE items SET gone_at = '2026-01-15T12:00:00.000Z' WHERE id = 1`
        assert.strictEqual((yield* Effect.flip(posterOf("1"))).code, "poster-not-found")
        assert.deepStrictEqual(upstreams.asked, [])
      })
    )
  )

  it.effect("of a part is that of its whole if it has none", () =>
    inMemory((upstreams) =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        yield* sql`UPDATE items SET parent_external_id = '1', external_id = '1:s1', kind = 'season' WHERE id = 2`
        upstreams.radarr = (path) => (path.endsWith("/1/poster.jpg") ? image(jpeg(3)) : notFound())
        assert.deepStrictEqual((yield* posterOf("2")).bytes, jpeg(3))
      })
    )
  )
})

describe("A poster at a width", () => {
  it.effect("is resized once, and unchanged if it is not wider", () => {
    const { asked, resizer } = counted(halving)
    return Effect.gen(function* () {
      const { live, upstreams } = yield* house({ resizer })
      yield* live(
        Effect.gen(function* () {
          yield* connectBoth
          upstreams.radarr = () => image(jpeg(5))
          const small = yield* Effect.forEach([1, 2, 3], () => posterOf("1", 200), { concurrency: 3 })
          for (const poster of small) assert.deepStrictEqual([poster.bytes, poster.resized], [jpeg(200), true])
          yield* posterOf("1", 200)
          assert.deepStrictEqual(asked, [200])
          const whole = yield* posterOf("1", 700)
          assert.deepStrictEqual([whole.bytes, whole.resized], [jpeg(5), false])
          assert.notStrictEqual(small[0]?.etag, whole.etag)
          assert.deepStrictEqual(upstreams.asked, [films])
        })
      )
    })
  })

  it.effect("is unchanged if images cannot be resized", () =>
    inMemory((upstreams) =>
      Effect.gen(function* () {
        upstreams.radarr = () => image(jpeg(5))
        const poster = yield* posterOf("1", 200)
        assert.deepStrictEqual([poster.bytes, poster.resized], [jpeg(5), false])
      })
    )
  )

  it.effect("is unchanged if the image cannot be read, which is not attempted again", () => {
    const { asked, resizer } = counted(halving)
    return inMemory(
      (upstreams) =>
        Effect.gen(function* () {
          upstreams.radarr = () => image(jpeg(99))
          for (const _ of [1, 2]) assert.isFalse((yield* posterOf("1", 200)).resized)
          assert.deepStrictEqual(asked, [200])
        }),
      { resizer }
    )
  })
})
