/** A kind of download client with bugs, and one to which nothing may be sent. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { connectContained, connectWithheld } from "../../src/integrations/Contained.ts"
import { failingDownloads } from "../../src/integrations/ContainedDownloads.ts"
import type { DownloadsReading } from "../../src/integrations/Downloads.ts"
import type { DownloadsCapability } from "../../src/integrations/DownloadsCapability.ts"
import type { Kind } from "../../src/integrations/Kind.ts"
import { KyUpstreamClient } from "../../src/integrations/KyUpstreamClient.ts"
import { UpstreamClient } from "../../src/integrations/Upstream.ts"
import type { UpstreamError } from "../../src/integrations/UpstreamErrors.ts"

const mistake = () => {
  throw new TypeError("the key is hunter2")
}

const dying = Effect.sync(mistake)

const clumsy = (changes: Partial<DownloadsCapability>): Kind => ({
  id: "clumsy",
  title: "Clumsy",
  description: "Makes mistakes",
  capabilities: ["downloads"],
  itemKinds: [],
  config: Schema.Unknown,
  syncCost: { formula: "0", calls: () => 0 },
  connect: () => ({
    probe: Effect.succeed({ appName: "Clumsy", version: null, latencyMillis: 0 }),
    read: {},
    downloads: { ...failingDownloads(dying), ...changes }
  })
})

const connection = { integrationId: "1", name: "Box", url: "http://127.0.0.1:9", config: {} }

const connectClumsy = (changes: Partial<DownloadsCapability>) =>
  UpstreamClient.use((client) =>
    Effect.sync(() => {
      const { downloads } = connectContained(clumsy(changes), client, connection)
      if (downloads === undefined) throw new Error("the downloads are lost")
      return downloads
    })
  ).pipe(Effect.provide(KyUpstreamClient.layer))

const assertContained = (effect: Effect.Effect<unknown, UpstreamError>) =>
  Effect.map(Effect.flip(effect), (error) => {
    assert.strictEqual(error._tag, "UpstreamMalformed")
    assert.notInclude(error.message, "hunter2")
  })

describe("A bug in the downloads of a kind", () => {
  it.effect("fails the call, whether it is thrown or dies, in every reading and every change", () =>
    Effect.gen(function* () {
      for (const bug of [mistake, () => dying]) {
        const downloads = yield* connectClumsy({
          read: bug,
          details: bug,
          presence: bug,
          pause: bug,
          remove: bug,
          setCategory: bug,
          addTags: bug,
          setLimits: bug,
          setFileWanted: bug,
          exportTorrent: bug,
          createCategory: bug,
          excludedFileNames: { read: dying, write: bug }
        })
        yield* assertContained(downloads.read())
        yield* assertContained(downloads.details(["a"], { files: true, trackers: true }))
        yield* assertContained(downloads.presence("a"))
        yield* assertContained(downloads.pause(["a"]))
        yield* assertContained(downloads.remove(["a"], { withData: true }))
        yield* assertContained(downloads.setCategory!(["a"], "x"))
        yield* assertContained(downloads.addTags!(["a"], ["x"]))
        yield* assertContained(downloads.setLimits!(["a"], {}))
        yield* assertContained(downloads.setFileWanted!("a", [0], true))
        yield* assertContained(downloads.exportTorrent!("a"))
        yield* assertContained(downloads.createCategory!("x", null))
        yield* assertContained(downloads.excludedFileNames!.read)
        yield* assertContained(downloads.excludedFileNames!.write({ on: true, patterns: [] }))
      }
    })
  )

  it.effect("is assumed if a reading has no list, which must not pass for an empty client", () =>
    Effect.gen(function* () {
      for (const odd of [undefined, null, {}, { downloads: null }, { downloads: [null] }]) {
        const downloads = yield* connectClumsy({ read: () => Effect.succeed(odd as unknown as DownloadsReading) })
        yield* assertContained(downloads.read())
      }
    })
  )

  it.effect("does not change what the client cannot do", () =>
    Effect.gen(function* () {
      const downloads = yield* connectClumsy({ removesData: false, limits: ["ratio"] })
      assert.isNull(downloads.setCategory)
      assert.isNull(downloads.excludedFileNames)
      assert.deepInclude(downloads, { removesData: false, protocol: "torrent" })
      assert.deepStrictEqual(downloads.limits, ["ratio"])
    })
  )
})

describe("A download client to which nothing may be sent", () => {
  it.effect("fails every call, instead of having no downloads", () =>
    Effect.gen(function* () {
      const { downloads } = connectWithheld(clumsy({}), "Box", "its address was changed")
      for (const call of [
        Effect.asVoid(downloads!.read()),
        Effect.asVoid(downloads!.presence("a")),
        Effect.asVoid(downloads!.remove(["a"], { withData: true }))
      ]) {
        assert.strictEqual((yield* Effect.flip(call))._tag, "UpstreamHeldBack")
      }
    })
  )
})
