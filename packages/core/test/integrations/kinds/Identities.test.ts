/** What the probe of each application reports about its identity and about the server that it watches. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { emby } from "../../../src/integrations/kinds/emby.ts"
import { jellyfin } from "../../../src/integrations/kinds/jellyfin.ts"
import { jellystat } from "../../../src/integrations/kinds/jellystat.ts"
import { plex } from "../../../src/integrations/kinds/plex.ts"
import { radarr } from "../../../src/integrations/kinds/radarr.ts"
import { tautulli } from "../../../src/integrations/kinds/tautulli.ts"
import { tracearr } from "../../../src/integrations/kinds/tracearr.ts"
import { connect } from "../support/FakeUpstream.ts"

const config = { apiKey: "k3y" }

describe("The identity of an application", () => {
  it.effect("is the machine identifier of Plex, and the server id of Jellyfin and Emby", () =>
    Effect.gen(function* () {
      const plexServer = yield* connect(plex, { token: "t" }, ({ path }) => ({
        MediaContainer:
          path === "/identity" ? { size: 0, machineIdentifier: "8d43e9", version: "1.43" } : { size: 0, Directory: [] }
      }))
      assert.strictEqual((yield* plexServer.connected.probe).identity, "8d43e9")
      const jellyfinServer = yield* connect(jellyfin, config, () => ({
        Id: "5f0c",
        Version: "10.11",
        ProductName: "Jellyfin Server"
      }))
      assert.strictEqual((yield* jellyfinServer.connected.probe).identity, "5f0c")
      const embyServer = yield* connect(emby, config, () => ({ Id: "a1b2", Version: "4.9" }))
      assert.strictEqual((yield* embyServer.connected.probe).identity, "a1b2")
      const silent = yield* connect(jellyfin, config, () => ({ Version: "10.11", ProductName: "Jellyfin Server" }))
      assert.isNull((yield* silent.connected.probe).identity)
    })
  )

  it.effect("is unknown for an arr, but when and where it was started is known", () =>
    Effect.gen(function* () {
      const status = { appName: "Radarr", version: "5.2", instanceName: "Radarr 4K", appData: "/config" }
      const fake = yield* connect(radarr, config, () => ({ ...status, startTime: "2026-01-15T10:00:00Z" }))
      const probe = yield* fake.connected.probe
      assert.isUndefined(probe.identity)
      assert.strictEqual(probe.process, "2026-01-15T10:00:00Z Radarr 4K /config")
      const old = yield* connect(radarr, config, () => status)
      assert.isNull((yield* old.connected.probe).process)
    })
  )
})

describe("The media server that statistics are about", () => {
  it.effect("is named by Tautulli with its identifier, without a request to the server", () =>
    Effect.gen(function* () {
      const answers = (server: unknown) =>
        connect(tautulli, config, ({ query }) =>
          query.get("cmd") === "get_server_info"
            ? server
            : { response: { result: "success", data: { tautulli_version: "v2.17.2" } } }
        )
      const success = (data: unknown) => ({ response: { result: "success", message: null, data } })
      const named = yield* answers(success({ pms_identifier: "8d43e9", pms_name: "Attic", pms_is_remote: 0 }))
      const { watches } = yield* named.connected.probe
      assert.deepStrictEqual(watches, { keySpace: "plex", identity: "8d43e9", name: "Attic" })
      assert.deepStrictEqual(
        named.sent.map(({ query }) => query.get("cmd")),
        ["get_tautulli_info", "get_server_info"]
      )
      const nothing = { keySpace: "plex", identity: null, name: null }
      for (const silent of [
        success({}),
        success({ pms_identifier: "", pms_name: "" }),
        success([]),
        { response: { result: "error", message: "Unknown command: get_server_info", data: {} } },
        Response.json({ response: { result: "error", message: "Unknown command" } }, { status: 400 })
      ]) {
        const probe = yield* (yield* answers(silent)).connected.probe
        assert.deepStrictEqual([probe.appName, probe.watches], ["Tautulli", nothing])
      }
    })
  )

  it.effect("is named by Jellystat with the id of its libraries, unless they belong to several", () =>
    Effect.gen(function* () {
      const watching = (...libraries: ReadonlyArray<unknown>) =>
        Effect.flatMap(
          connect(jellystat, config, () => libraries),
          ({ connected }) => Effect.map(connected.probe, ({ watches }) => watches?.identity)
        )
      assert.strictEqual(yield* watching({ Id: "1", ServerId: "5f0c" }, { Id: "2", ServerId: "5f0c" }), "5f0c")
      assert.strictEqual(
        yield* watching({ Id: "1", ServerId: "5f0c" }, { Id: "2", ServerId: "gone", archived: true }),
        "5f0c"
      )
      assert.isNull(yield* watching({ Id: "1", ServerId: "5f0c" }, { Id: "2", ServerId: "a1b2" }))
      assert.isNull(yield* watching())
      assert.isNull(yield* watching({ Id: "1", Name: "Films" }))
    })
  )

  it.effect("is named by Tracearr with its type and name; an unknown type is ignored", () =>
    Effect.gen(function* () {
      const watching = (type: string) =>
        Effect.flatMap(
          connect(tracearr, { token: "trr_pub_x", server: "Attic" }, () => ({
            status: "ok",
            version: "1.4",
            servers: [
              { id: "uuid-1", name: "Cellar", type: "plex", online: true },
              { id: "uuid-2", name: "Attic", type, online: true }
            ]
          })),
          ({ connected }) => connected.probe
        )
      const probe = yield* watching("emby")
      assert.strictEqual(probe.identity, "uuid-2")
      assert.deepStrictEqual(probe.watches, { keySpace: "emby", identity: null, name: "Attic" })
      assert.isNull((yield* watching("kaleidoscope")).watches?.keySpace)
    })
  )
})
