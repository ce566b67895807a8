import { assert, describe, it } from "@effect/vitest"
import { Effect, Result, Schema } from "effect"
import { configField, fieldsOf } from "../../src/integrations/ConfigForm.ts"
import { capabilities, type ConfigField, type Kind } from "../../src/integrations/Kind.ts"
import { Kinds } from "../../src/integrations/Kinds.ts"
import { KyUpstreamClient } from "../../src/integrations/KyUpstreamClient.ts"
import { itemKinds } from "../../src/integrations/Observations.ts"
import { UpstreamClient } from "../../src/integrations/Upstream.ts"

const own: Kind<{ readonly port: number }> = {
  id: "own",
  title: "Own",
  description: "One's own application.",
  capabilities: ["disks"],
  itemKinds: [],
  config: Schema.Struct({ port: configField(Schema.Int, { title: "Port", description: "Where it listens." }) }),
  syncCost: { formula: "0", calls: () => 0 },
  connect: (_client, { config }) => ({
    probe: Effect.succeed({ appName: `Own ${config.port}`, version: null, latencyMillis: 0 }),
    read: {}
  })
}

/** A valid value; an option is switched on. */
const exampleOf = ({ choices, default: initial, type }: ConfigField) =>
  type === "boolean" ? true : (initial ?? choices?.[0] ?? "value")

describe("The registry of kinds", () => {
  it.effect("contains the built-in kinds", () =>
    Effect.gen(function* () {
      const kinds = yield* Kinds
      assert.deepStrictEqual(
        (yield* kinds.list).map((kind) => kind.id),
        [
          "radarr",
          "sonarr",
          "lidarr",
          "readarr",
          "whisparr",
          "sportarr",
          "plex",
          "jellyfin",
          "emby",
          "tautulli",
          "jellystat",
          "tracearr",
          "streamystats",
          "overseerr",
          "jellyseerr",
          "seerr",
          "ombi",
          "qbittorrent",
          "transmission",
          "deluge",
          "sabnzbd",
          "nzbget",
          "rtorrent",
          "utorrent"
        ]
      )
      assert.strictEqual((yield* kinds.find("plex"))?.title, "Plex")
      assert.isUndefined(yield* kinds.find("nothing"))
    }).pipe(Effect.provide(Kinds.layer))
  )

  it.effect(
    "requires that every kind describes itself: fields match the configuration, secrets are marked, terms are known",
    () =>
      Effect.gen(function* () {
        const kinds = yield* Kinds
        for (const kind of yield* kinds.list) {
          const decode = Schema.decodeUnknownResult(kind.config)
          const full = Object.fromEntries(fieldsOf(kind).map((field) => [field.key, exampleOf(field)]))
          assert.isTrue(Result.isSuccess(decode(full, { onExcessProperty: "error" })), kind.id)
          for (const field of fieldsOf(kind).filter((one) => one.required)) {
            const without = Object.fromEntries(Object.entries(full).filter(([key]) => key !== field.key))
            assert.isTrue(Result.isFailure(decode(without)), `${kind.id} without ${field.key}`)
            assert.isTrue(
              Result.isFailure(decode({ ...full, [field.key]: "" })),
              `${kind.id} with an empty ${field.key}`
            )
            if (/key|token|password/i.test(field.key)) assert.strictEqual(field.type, "secret")
          }
          const secrets = fieldsOf(kind)
            .filter(({ type }) => type === "secret")
            .map(({ key }) => key)
          const form = (yield* kinds.descriptions).find(({ id }) => id === kind.id)?.configSchema
          assert.deepStrictEqual(
            Object.entries(form?.["properties"] ?? {}).flatMap(([key, field]) =>
              field.writeOnly === true ? [key] : []
            ),
            secrets
          )
          assert.includeMembers([...capabilities], [...kind.capabilities])
          assert.includeMembers([...itemKinds], [...kind.itemKinds])
          assert.isAbove(kind.syncCost.formula.length, 0)
          assert.isAbove(kind.syncCost.reread?.length ?? 0, 0, kind.id)
        }
      }).pipe(Effect.provide(Kinds.layer))
  )

  it.effect("requires that the capabilities of a kind are those of its connection", () =>
    Effect.gen(function* () {
      const client = yield* UpstreamClient
      for (const kind of yield* (yield* Kinds).list) {
        const config = yield* Schema.decodeUnknownEffect(kind.config)(
          Object.fromEntries(fieldsOf(kind).map((field) => [field.key, exampleOf(field)]))
        )
        const connected = kind.connect(client, { integrationId: "1", name: "x", url: "http://127.0.0.1:9", config })
        for (const name of ["catalog", "disks", "playback", "requests"] as const) {
          assert.strictEqual(kind.capabilities.includes(name), connected.read[name] !== undefined, `${kind.id} ${name}`)
        }
        assert.strictEqual(kind.capabilities.includes("removal"), connected.removal !== undefined, kind.id)
        assert.strictEqual(kind.capabilities.includes("artwork"), connected.artwork !== undefined, kind.id)
        // Only plays may be readable just for all items together.
        for (const name of ["catalog", "serverItems", "requests"] as const) {
          assert.strictEqual(connected.reread?.[name] !== undefined, connected.read[name] !== undefined, kind.id)
        }
        for (const item of connected.removal?.kinds ?? []) assert.include(kind.itemKinds, item)
      }
    }).pipe(Effect.provide([Kinds.layer, KyUpstreamClient.layer]))
  )

  it.effect("accepts an external kind and connects it with its own configuration", () =>
    Effect.gen(function* () {
      const kinds = yield* Kinds
      yield* kinds.register(own)
      const found = yield* kinds.find("own")
      if (found === undefined) return assert.fail("it was registered")
      const config = yield* Schema.decodeUnknownEffect(found.config)({ port: 81 })
      const client = yield* UpstreamClient
      const connected = found.connect(client, { integrationId: "1", name: "x", url: "http://x", config })
      assert.strictEqual((yield* connected.probe).appName, "Own 81")
      assert.throws(() =>
        found.connect(client, { integrationId: "1", name: "x", url: "http://x", config: { port: "81" } })
      )
      assert.deepStrictEqual((yield* kinds.descriptions).at(-1), {
        id: "own",
        title: "Own",
        description: "One's own application.",
        capabilities: ["disks"],
        itemKinds: [],
        fields: [{ key: "port", label: "Port", type: "integer", required: true, description: "Where it listens." }],
        configSchema: {
          type: "object",
          properties: { port: { type: "integer", title: "Port", description: "Where it listens." } },
          required: ["port"],
          additionalProperties: false,
          $defs: {}
        },
        syncCost: "0"
      })
    }).pipe(Effect.provide([Kinds.layer, KyUpstreamClient.layer]))
  )
})
