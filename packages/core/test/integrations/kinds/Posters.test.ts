import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Kind } from "../../../src/integrations/Kind.ts"
import { emby } from "../../../src/integrations/kinds/emby.ts"
import { jellyfin } from "../../../src/integrations/kinds/jellyfin.ts"
import { lidarr } from "../../../src/integrations/kinds/lidarr.ts"
import { plex } from "../../../src/integrations/kinds/plex.ts"
import { radarr } from "../../../src/integrations/kinds/radarr.ts"
import { readarr } from "../../../src/integrations/kinds/readarr.ts"
import { sonarr } from "../../../src/integrations/kinds/sonarr.ts"
import { whisparr } from "../../../src/integrations/kinds/whisparr.ts"
import { sealKind } from "../../../src/integrations/Kinds.ts"
import type { ItemKind } from "../../../src/integrations/Observations.ts"
import { jpeg, text } from "../../artwork/Pictures.ts"
import { type Answers, connect } from "../support/FakeUpstream.ts"

const limits = { bound: { bytes: 100_000, advice: null }, timeoutMillis: 1_000 }
const secret = "0123456789abcdef"

interface Case {
  readonly kind: Kind
  readonly entry: { readonly kind: ItemKind; readonly key: string }
  readonly path: string
  /** The header with the key. */
  readonly header: string
}

const apiKey = "x-api-key"

const cases: ReadonlyArray<Case> = [
  {
    kind: sealKind(radarr),
    entry: { kind: "movie", key: "12" },
    path: "/api/v3/mediacover/12/poster.jpg",
    header: apiKey
  },
  {
    kind: sealKind(sonarr),
    entry: { kind: "show", key: "3" },
    path: "/api/v3/mediacover/3/poster.jpg",
    header: apiKey
  },
  {
    kind: sealKind(whisparr),
    entry: { kind: "movie", key: "4" },
    path: "/api/v3/mediacover/4/poster.jpg",
    header: apiKey
  },
  {
    kind: sealKind(whisparr),
    entry: { kind: "show", key: "5" },
    path: "/api/v3/mediacover/5/poster.jpg",
    header: apiKey
  },
  {
    kind: sealKind(lidarr),
    entry: { kind: "artist", key: "6" },
    path: "/api/v1/mediacover/artist/6/poster.jpg",
    header: apiKey
  },
  {
    kind: sealKind(lidarr),
    entry: { kind: "album", key: "6:a7" },
    path: "/api/v1/mediacover/album/7/cover.jpg",
    header: apiKey
  },
  {
    kind: sealKind(readarr),
    entry: { kind: "author", key: "8" },
    path: "/api/v1/mediacover/author/8/poster.jpg",
    header: apiKey
  },
  {
    kind: sealKind(readarr),
    entry: { kind: "book", key: "8:b9" },
    path: "/api/v1/mediacover/book/9/cover.jpg",
    header: apiKey
  },
  {
    kind: sealKind(plex),
    entry: { kind: "movie", key: "55" },
    path: "/library/metadata/55/thumb",
    header: "x-plex-token"
  },
  {
    kind: sealKind(jellyfin),
    entry: { kind: "season", key: "ab12" },
    path: "/Items/ab12/Images/Primary",
    header: "authorization"
  },
  {
    kind: sealKind(emby),
    entry: { kind: "movie", key: "77" },
    path: "/Items/77/Images/Primary",
    header: "x-emby-token"
  }
]

const connected = (kind: Kind, answers: Answers) => connect(kind, { apiKey: secret, token: secret }, answers)

const image = (bytes: Uint8Array, type = "image/jpeg") =>
  new Response(new Uint8Array(bytes), { headers: { "content-type": type } })

describe("A poster of a kind", () => {
  for (const { entry, header, kind, path } of cases) {
    it.effect(`is read from ${kind.id} for a ${entry.kind}, at its own address and with its key in a header`, () =>
      Effect.gen(function* () {
        const fake = yield* connected(kind, (sent) => (sent.path === path ? image(jpeg()) : undefined))
        assert.deepStrictEqual(yield* fake.connected.artwork!.poster(entry, limits), jpeg())
        assert.deepStrictEqual(fake.calls(), [`GET ${path}`])
        const [sent] = fake.sent
        assert.include(sent?.headers.get(header), secret)
        assert.strictEqual([...(sent?.query ?? [])].length, 0)
      })
    )
  }

  it.effect("does not exist if the application reports none", () =>
    Effect.gen(function* () {
      for (const { entry, kind } of cases) {
        const fake = yield* connected(kind, () => undefined)
        assert.isNull(yield* fake.connected.artwork!.poster(entry, limits), kind.id)
      }
    })
  )

  it.effect("is requested with the other extension for artists and albums", () =>
    Effect.gen(function* () {
      const path = "/api/v1/mediacover/album/7/cover.png"
      const fake = yield* connected(sealKind(lidarr), (sent) => (sent.path === path ? image(jpeg()) : undefined))
      assert.isNotNull(yield* fake.connected.artwork!.poster({ kind: "album", key: "6:a7" }, limits))
      assert.deepStrictEqual(fake.calls(), ["GET /api/v1/mediacover/album/7/cover.jpg", `GET ${path}`])
    })
  )

  it.effect("is not requested for an invalid id", () =>
    Effect.gen(function* () {
      const keys = [
        [sealKind(radarr), "movie", "../system/status"],
        [sealKind(sonarr), "season", "3:s1"],
        [sealKind(lidarr), "artist", "x/y"],
        [sealKind(lidarr), "album", "a:a7"]
      ] as const
      for (const [kind, item, key] of keys) {
        const fake = yield* connected(kind, () => image(jpeg()))
        assert.isNull(yield* fake.connected.artwork!.poster({ kind: item, key }, limits), key)
        assert.deepStrictEqual(fake.calls(), [], key)
      }
    })
  )

  it.effect("is not read to the end if it exceeds the size limit", () =>
    Effect.gen(function* () {
      const fake = yield* connected(sealKind(radarr), () => image(jpeg(1, 200_000)))
      const error = yield* Effect.flip(fake.connected.artwork!.poster({ kind: "movie", key: "1" }, limits))
      assert.strictEqual(error._tag, "UpstreamMalformed")
    })
  )

  it.effect("is never fetched from another host", () =>
    Effect.gen(function* () {
      const fake = yield* connected(
        sealKind(plex),
        () => new Response(null, { status: 302, headers: { location: "http://127.0.0.1:10/poster.jpg" } })
      )
      const error = yield* Effect.flip(fake.connected.artwork!.poster({ kind: "movie", key: "1" }, limits))
      assert.strictEqual(error._tag, "UpstreamRefused")
      assert.strictEqual(fake.calls().length, 1)
      assert.notInclude(error.message, secret)
    })
  )

  it.effect("is not a web page in its place", () =>
    Effect.gen(function* () {
      const fake = yield* connected(sealKind(radarr), () => image(text("<html></html>"), "text/html"))
      const error = yield* Effect.flip(fake.connected.artwork!.poster({ kind: "movie", key: "1" }, limits))
      assert.strictEqual(error._tag, "UpstreamMalformed")
    })
  )
})
