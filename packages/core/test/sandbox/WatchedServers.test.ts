/** Statistics applications and media servers of the sandbox, connected by their real kinds to all services. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { HealthMonitor } from "../../src/integrations/HealthMonitor.ts"
import { Integrations } from "../../src/integrations/Integrations.ts"
import { serverOf } from "../../src/library/Sync/ServerOfReading.ts"
import { Sync } from "../../src/library/Sync.ts"
import { Library } from "../../src/library/Library.ts"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import { Services } from "../../src/Services.ts"
import { System } from "../../src/system/System.ts"
import { SqlTest } from "../support/Sql.ts"
import { withSandbox } from "./SandboxTest.ts"

const withStack = <A, E>(
  kinds: ReadonlyArray<string>,
  body: Effect.Effect<A, E, Sandbox | Layer.Success<typeof Services>>
) => withSandbox({ items: 60, kinds }, Effect.provide(body, Services.pipe(Layer.provideMerge(SqlTest))))

/** Connects simulated applications without choosing the watched servers; returns the id of the last one. */
const connect = Effect.fnUntraced(function* (...apps: ReadonlyArray<string>) {
  const { applications } = yield* Sandbox
  const integrations = yield* Integrations
  let id = ""
  for (const app of apps) {
    const found = applications.find((each) => each.app === app)
    if (found === undefined) return yield* Effect.die(new Error(`no ${app}`))
    id = (yield* integrations.create(found.integration)).id
  }
  return id
})

/** The name of the server whose keys an integration uses, or why there is none. */
const watchedBy = Effect.fnUntraced(function* (id: string) {
  const live = yield* (yield* Integrations).live
  const one = live.find(({ integration }) => integration.id === id)
  if (one === undefined) return yield* Effect.die(new Error(`no integration ${id}`))
  const server = serverOf(one, live)
  if (server._tag === "Missing") return server.detail
  return live.find(({ integration }) => integration.id === server.integrationId)?.integration.url
})

const urlOf = (app: string) =>
  Effect.map(Sandbox, ({ applications }) => applications.find((each) => each.app === app)?.integration.url)

const playedItems = Effect.gen(function* () {
  yield* (yield* Sync).run()
  const { items } = yield* (yield* Library).page({ limit: 200 })
  return items.filter(({ playCount }) => (playCount ?? 0) > 0).length
})

describe("The server that a statistics application watches", () => {
  it.effect("stays what it was when another media server is connected beside it", () =>
    withStack(
      ["radarr", "plex", "tautulli", "jellyfin", "emby"],
      Effect.gen(function* () {
        const tautulli = yield* connect("radarr", "plex", "tautulli")
        const played = yield* playedItems
        assert.isAbove(played, 0)
        yield* connect("jellyfin", "emby")
        assert.strictEqual(yield* watchedBy(tautulli), yield* urlOf("plex"))
        assert.isAtLeast(yield* playedItems, played)
        const status = yield* (yield* System).status
        assert.deepStrictEqual(
          status.integrations.filter(({ detail }) => detail !== null),
          []
        )
      })
    )
  )

  it.effect("is identified by its machine identifier, among two of one kind", () =>
    withStack(
      ["plex", "plex", "tautulli", "tautulli", "jellyfin", "jellyfin", "jellystat", "jellystat"],
      Effect.gen(function* () {
        yield* connect("plex", "plex-2", "jellyfin", "jellyfin-2")
        for (const [app, server] of [
          ["tautulli-2", "plex-2"],
          ["tautulli", "plex"],
          ["jellystat-2", "jellyfin-2"],
          ["jellystat", "jellyfin"]
        ] as const) {
          assert.strictEqual(yield* watchedBy(yield* connect(app)), yield* urlOf(server), app)
        }
      })
    )
  )

  it.effect("must be chosen by a person if an application names none and two would fit, and is shown everywhere", () =>
    withStack(
      ["plex", "plex", "jellyfin", "tracearr"],
      Effect.gen(function* () {
        const integrations = yield* Integrations
        const tracearr = yield* connect("plex", "jellyfin", "tracearr")
        // It reports the kind of the server whose plays it records, and not its id.
        assert.strictEqual(yield* watchedBy(tracearr), yield* urlOf("jellyfin"))
        const { applications } = yield* Sandbox
        const name = applications.find(({ app }) => app === "plex-2")?.integration.name
        yield* integrations.update(tracearr, { config: { server: name } })
        const second = yield* connect("plex-2")
        const unclear = `Tracearr could be recording plays of several media servers; choose one in its options`
        assert.strictEqual(yield* watchedBy(tracearr), unclear)
        yield* (yield* HealthMonitor).checkDue
        const { health } = yield* integrations.get(tracearr)
        assert.deepStrictEqual([health.status, health.problems[0]?.detail], ["troubled", unclear])
        yield* integrations.update(tracearr, { options: { mediaServerId: second } })
        assert.strictEqual(yield* watchedBy(tracearr), yield* urlOf("plex-2"))
        assert.strictEqual((yield* integrations.get(tracearr)).health.status, "up")
      })
    )
  )

  it.effect("is missing when none of those that are connected is the one that it names", () =>
    withStack(
      ["plex", "plex", "tautulli", "jellyfin"],
      Effect.gen(function* () {
        const tautulli = yield* connect("plex-2", "jellyfin", "tautulli")
        assert.match(
          (yield* watchedBy(tautulli)) ?? "",
          /^Tautulli records plays of the media server "Sandbox" \([\da-f]{40}\), which is not connected$/
        )
        yield* connect("plex")
        assert.strictEqual(yield* watchedBy(tautulli), yield* urlOf("plex"))
      })
    )
  )

  it.effect("cannot be chosen if it is not a media server, or its keys cannot be those of the source", () =>
    withStack(
      ["radarr", "plex", "plex", "tautulli", "jellyfin"],
      Effect.gen(function* () {
        const integrations = yield* Integrations
        const radarr = yield* connect("radarr")
        const plex = yield* connect("plex")
        const other = yield* connect("plex-2")
        const jellyfin = yield* connect("jellyfin")
        const tautulli = yield* connect("tautulli")
        const refusal = (mediaServerId: string) =>
          Effect.map(Effect.flip(integrations.update(tautulli, { options: { mediaServerId } })), (error) => {
            if (error._tag !== "InvalidRequest") return assert.fail(error._tag)
            assert.deepStrictEqual(error.errors[0]?.path, ["payload", "options", "mediaServerId"])
            return error.errors[0]?.message ?? ""
          })
        assert.strictEqual(yield* refusal("99"), "there is no integration 99")
        assert.strictEqual(yield* refusal(radarr), "Radarr is no media server")
        assert.strictEqual(yield* refusal(tautulli), "Tautulli is no media server")
        assert.strictEqual(yield* refusal(jellyfin), "Tautulli does not record plays of a server such as Jellyfin")
        assert.match(yield* refusal(other), /^Tautulli reports that it records plays of .*, which is not Plex \(2\)$/)
        const draft = (yield* Sandbox).applications.find(({ app }) => app === "tautulli")?.integration
        if (draft === undefined) return assert.fail("no tautulli")
        yield* integrations.remove(tautulli)
        const created = yield* Effect.flip(integrations.create({ ...draft, options: { mediaServerId: jellyfin } }))
        assert.strictEqual(created._tag, "InvalidRequest")
        yield* integrations.create({ ...draft, options: { mediaServerId: plex } })
      })
    )
  )

  it.effect("and every other application of a stack is recognised when it is connected a second time", () =>
    withStack(
      ["all", "radarr"],
      Effect.gen(function* () {
        const { applications } = yield* Sandbox
        const integrations = yield* Integrations
        yield* Effect.forEach(applications, ({ app }) => connect(app))
        for (const { integration } of applications) {
          const draft = {
            ...integration,
            name: `${integration.name} again`,
            url: integration.url.replace("127.0.0.1", "localhost")
          }
          const refused = yield* Effect.flip(integrations.create(draft))
          if (refused._tag !== "AlreadyConnected") return assert.fail(`${integration.name}: ${refused._tag}`)
          assert.strictEqual(refused.name, integration.name)
        }
      })
    )
  )
})
