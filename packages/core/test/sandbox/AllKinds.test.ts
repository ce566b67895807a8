/** A stack with every kind, read by all services over real HTTP, within the documented number of calls of each kind. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import type { SyncSize } from "../../src/integrations/Kind.ts"
import { Integrations } from "../../src/integrations/Integrations.ts"
import { Kinds } from "../../src/integrations/Kinds.ts"
import { itemKinds } from "../../src/integrations/Observations.ts"
import { Snapshots } from "../../src/library/Snapshots.ts"
import { Sync } from "../../src/library/Sync.ts"
import { chooseInstances, mediaServersOf, requestsOf } from "../../src/sandbox/Instances.ts"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import type { SandboxWorld } from "../../src/sandbox/SandboxWorld.ts"
import { connectSandbox } from "../../src/server/SandboxServing.ts"
import { Services } from "../../src/Services.ts"
import { SqlTest } from "../support/Sql.ts"
import { ask, withSandbox } from "./SandboxTest.ts"

const WholeServices = Services.pipe(Layer.provideMerge(SqlTest))
const synced = Effect.flatMap(Sync, (sync) => sync.run())

/** The number of entries in one application. */
const sizeOf = (world: SandboxWorld, app: string): SyncSize => {
  const instances = chooseInstances(["all"])
  const instance = instances.find((each) => each.id === app)!
  const mediaServers = mediaServersOf(world, instances)
  const server =
    mediaServers.find((each) => each.id === app) ?? instance.app.keepsPlaysOf?.({ number: 1, mediaServers })
  const movies = [...world.films.onServer.values()]
  const shows = [...world.series.onServer.values()]
  const seasons = shows.flatMap((show) => show.seasons).filter((season) => season.files !== 0)
  const collections = new Set([...movies, ...shows].flatMap((record) => [...record.server.collections]))
  return {
    items: movies.length + shows.length + seasons.length,
    plays: server?.plays().length ?? 0,
    requests: requestsOf(world, instances, instance)().length,
    videos: movies.length + seasons.reduce((sum, season) => sum + season.work.aired, 0),
    lists: 3,
    collections: collections.size,
    labels: new Set([...movies, ...shows].flatMap((record) => [...record.server.labels])).size * 2,
    unmatched: shows.filter((show) => !show.server.matched).length,
    users: world.people.length
  }
}

/** Download clients that are tested against the programs themselves, or of which there is none for Linux any more. */
const notSimulated = ["deluge", "nzbget", "rtorrent", "utorrent"]

describe("A sandbox of all kinds", () => {
  it.effect("has an application for each built-in kind but some download clients", () =>
    Effect.gen(function* () {
      const kinds = yield* (yield* Kinds).list
      const simulated = new Set(chooseInstances(["all"]).map(({ app }) => app.kind))
      assert.sameMembers(
        [...simulated, ...notSimulated],
        kinds.map((kind) => kind.id)
      )
    }).pipe(Effect.provide(Kinds.layer))
  )

  it.effect("does not change the world of the usual stack for a seed", () =>
    Effect.gen(function* () {
      const asked = [
        ["radarr", "/api/v3/movie"],
        ["radarr", "/api/v3/rootfolder"],
        ["sonarr", "/api/v3/series"],
        ["lidarr", "/api/v1/artist"],
        ["lidarr", "/api/v1/album"],
        ["plex", "/library/sections/1/all?includeGuids=1&label=Keep"]
      ] as const
      const worldOf = (kinds?: ReadonlyArray<string>) =>
        withSandbox(
          { items: 200, ...(kinds === undefined ? {} : { kinds }) },
          Effect.gen(function* () {
            const { world } = yield* Sandbox
            const answers = yield* Effect.forEach(asked, ([app, path]) => ask(app, path))
            const plays = world.plays.map((play) => [play.id, play.startedAt, play.person.username])
            const texts = answers.map(({ text }) =>
              text.replace(/127\.0\.0\.1:\d+/g, "").replace(/"(view|lastView)\w+":\d+,?/g, "")
            )
            return { texts, plays, requests: world.requests.length }
          })
        )
      assert.deepStrictEqual(yield* worldOf(["all"]), yield* worldOf())
    })
  )

  for (const items of [400, 2_000]) {
    const title = `of ${items} items syncs whole, within the calls that each kind states`
    const test = () =>
      withSandbox(
        { items, kinds: ["all"] },
        Effect.gen(function* () {
          const { applications, world } = yield* Sandbox
          yield* connectSandbox()
          const before = new Map(world.requestCounts)
          const report = yield* synced
          const kinds = yield* Kinds
          // A sync reads nothing from download clients.
          const clients = (yield* kinds.list).flatMap(({ capabilities, id }) =>
            capabilities.every((capability) => capability === "downloads") ? [id] : []
          )
          const ofClients = applications.filter(({ integration }) => clients.includes(integration.kind))
          assert.lengthOf(report.integrations, applications.length - ofClients.length)
          for (const { app } of ofClients) assert.strictEqual(world.requestCounts.get(app), before.get(app), app)
          for (const { calls, detail, name, outcome } of report.integrations) {
            assert.strictEqual(outcome, "applied", `${name}: ${detail ?? ""}`)
            const { app, integration } = applications.find((each) => each.integration.name === name)!
            const made = (world.requestCounts.get(app) ?? 0) - (before.get(app) ?? 0)
            assert.strictEqual(calls, made, `${name} counts what it sends`)
            const stated = (yield* kinds.find(integration.kind))!.syncCost.calls(sizeOf(world, app))
            assert.isAtMost(made, stated, name)
            assert.isAbove(made, 0, name)
          }
          // Episodes are items only if an integration says so.
          const { integration: shows } = applications.find(({ app }) => app === "sonarr")!
          const { integrationId } = report.integrations.find(({ name }) => name === shows.name)!
          yield* (yield* Integrations).update(integrationId, { options: { episodeItems: "daily" } })
          yield* (yield* Sync).run({ integrationIds: [integrationId] })
          const found = new Set((yield* (yield* Snapshots).get).items.map((item) => item.kind))
          assert.sameMembers([...found], [...itemKinds])
        }).pipe(Effect.provide(WholeServices))
      )
    // Three media servers report what each of six people did with each of ten thousand episodes.
    it.effect(title, test, 120_000)
  }

  it.effect("distinguishes both versions of one application, each with its own items", () =>
    withSandbox(
      { items: 400, kinds: ["whisparr"] },
      Effect.gen(function* () {
        const { world } = yield* Sandbox
        yield* connectSandbox()
        yield* synced
        const { items } = yield* (yield* Snapshots).get
        const count = (kind: string) => items.filter((item) => item.kind === kind).length
        const scenes = [...world.scenesOf(1).movies.values()].filter((movie) => movie.fileId !== 0)
        assert.strictEqual(count("movie"), scenes.length)
        assert.strictEqual(count("show"), world.sitesOf(1).shows.size)
        // The id of a site is not a TVDB id of a show.
        assert.isTrue(items.every((item) => item.ids.every((id) => !id.startsWith("tvdb:"))))
        assert.isAbove(items.filter((item) => item.ids.some((id) => id.startsWith("stashdb:"))).length, 10)
      }).pipe(Effect.provide(WholeServices))
    )
  )
})
