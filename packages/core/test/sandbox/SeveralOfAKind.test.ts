/** Two arrs, two media servers and two request managers at once: a film that several of them have is reported correctly. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { DiskGroups } from "../../src/capacity/DiskGroups.ts"
import { Integrations } from "../../src/integrations/Integrations.ts"
import type { LibraryItem } from "../../src/library/Item.ts"
import { Protections } from "../../src/library/Protections.ts"
import { Snapshots } from "../../src/library/Snapshots.ts"
import { Sync } from "../../src/library/Sync.ts"
import { Explain } from "../../src/removals/Explain.ts"
import { Removals } from "../../src/removals/Removals.ts"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import type { SandboxWorld } from "../../src/sandbox/SandboxWorld.ts"
import { connectSandbox } from "../../src/server/SandboxServing.ts"
import { Services } from "../../src/Services.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { SqlTest } from "../support/Sql.ts"
import { passTime, removals, runDue } from "../support/Stack.ts"
import { read, withSandbox } from "./SandboxTest.ts"
import { LibrarySettings } from "../../src/library/LibrarySettings.ts"
import { RemovalsSettings } from "../../src/settings/RemovalsSettings.ts"

const WholeServices = Services.pipe(Layer.provideMerge(SqlTest))
const kinds = ["radarr", "radarr", "sonarr", "sonarr", "plex", "plex", "tautulli", "tautulli", "seerr", "ombi"]

const synced = Effect.flatMap(Sync, (sync) => sync.run())
const items = Effect.flatMap(Snapshots, (snapshots) => Effect.map(snapshots.get, (snapshot) => snapshot.items))

/** Connects all applications, like the start of a server, and reads them. */
const connected = Effect.gen(function* () {
  const settings = yield* Settings
  yield* connectSandbox()
  yield* settings.patch(LibrarySettings, { maxDisappearance: 1 })
  yield* settings.patch(RemovalsSettings, { deletionsEnabled: true })
  const report = yield* synced
  for (const { detail, name, outcome } of report.integrations)
    assert.strictEqual(outcome, "applied", `${name} ${detail}`)
  const { list } = yield* Integrations
  const ids = new Map((yield* list).map(({ id, name }) => [name, id]))
  return (name: string) => ids.get(name) ?? assert.fail(`no ${name}`)
})

/** A film that both arrs and the media servers have, and that somebody requested. */
const sharedFilm = (world: SandboxWorld) => {
  for (const copy of world.moviesOf(2).onServer.values()) {
    const first = world.films.of(copy.work)
    const isOnServer = first !== undefined && world.films.onServer.has(first.serverId)
    if (!isOnServer || !first.server.matched || !copy.server.matched) continue
    if (world.requests.some(({ movie, status }) => movie?.tmdbId === copy.work.tmdbId && status === "completed"))
      return { first, copy }
  }
  return assert.fail("no film is shared")
}

const pairOf = Effect.fnUntraced(function* (imdbId: string, idOf: (name: string) => string) {
  const both = (yield* items).filter((item) => item.ids.includes(`imdb:${imdbId}`))
  const of = (name: string): LibraryItem =>
    both.find((item) => item.integrationId === idOf(name)) ?? assert.fail(`not in ${name}`)
  assert.lengthOf(both, 2)
  return { hd: of("Radarr"), uhd: of("Radarr (2)") }
})

describe("Two applications of one kind", () => {
  it.effect("have their own names, and overlapping libraries on their own disks", () =>
    withSandbox(
      { items: 200, kinds },
      Effect.gen(function* () {
        const { applications, integrations, world } = yield* Sandbox
        assert.deepStrictEqual(
          applications
            .filter(({ integration }) => integration.kind === "radarr")
            .map(({ app, integration }) => [app, integration.name]),
          [
            ["radarr", "Radarr"],
            ["radarr-2", "Radarr (2)"]
          ]
        )
        assert.lengthOf(new Set(integrations.map(({ url }) => url)), kinds.length)
        const keyOf = ({ tmdbId }: { readonly tmdbId: number }) => tmdbId
        const tmdbIds = Effect.map(read<ReadonlyArray<{ tmdbId: number }>>("radarr", "/api/v3/movie"), (all) =>
          all.map(keyOf)
        )
        const others = yield* read<ReadonlyArray<{ tmdbId: number; path: string }>>("radarr-2", "/api/v3/movie")
        const shared = others.filter(({ tmdbId }) => world.films.known(String(tmdbId)) !== undefined)
        const first = new Set(yield* tmdbIds)
        assert.isAbove(shared.filter(({ tmdbId }) => first.has(tmdbId)).length, 20)
        assert.isBelow(shared.length, others.length, "and it has its own films")
        assert.isTrue(others.every(({ path }) => path.startsWith("/data/movies-2/")))
      })
    )
  )

  it.effect("have two items of one film, each with its bytes and its disk, both with all plays and requests", () =>
    withSandbox(
      { items: 200, kinds },
      Effect.gen(function* () {
        const { world } = yield* Sandbox
        const { copy, first } = sharedFilm(world)
        const [marit, tobias] = world.people
        for (const person of [marit!, tobias!, tobias!]) world.watch(person, first, null, 0)
        for (const person of [tobias!, tobias!]) world.watch(person, copy, null, 0)
        const idOf = yield* connected
        const { hd, uhd } = yield* pairOf(first.work.imdbId, idOf)
        assert.notStrictEqual(hd.id, uhd.id)
        assert.deepStrictEqual([hd.sizeBytes, uhd.sizeBytes], [first.work.sizeBytes, copy.work.sizeBytes])
        const groups = new Map((yield* (yield* DiskGroups).list).map((group) => [group.id, group.mountPath]))
        assert.deepStrictEqual(
          [hd, uhd].map((item) => groups.get(item.diskGroupId ?? "")),
          ["/data/movies", "/data/movies-2"]
        )
        // On two servers, in two libraries, with two sources of statistics: each play is counted once.
        const plays = world.plays.filter(({ movie }) => movie === first || movie === copy)
        const asked = world.requests.filter(({ movie }) => movie?.tmdbId === first.work.tmdbId)
        for (const { data } of [hd, uhd]) {
          assert.strictEqual(data.playback?.plays, plays.length)
          for (const person of [marit!, tobias!]) {
            const own = plays.filter((play) => play.person === person).length
            assert.strictEqual(data.playback?.users.find(({ user }) => user === person.username)?.plays, own)
          }
          assert.strictEqual(data.requests?.length, asked.length)
          assert.lengthOf(data.onServers, 4, "two libraries on each of two servers")
          assert.lengthOf(new Set(data.onServers.map(({ integrationId }) => integrationId)), 2)
        }
      }).pipe(Effect.provide(WholeServices))
    )
  )

  it.effect("can remove one copy and keep the other, which may be protected, and show the other copy for each", () =>
    withSandbox(
      { items: 200, kinds },
      Effect.gen(function* () {
        const { controls, world } = yield* Sandbox
        const { copy, first } = sharedFilm(world)
        const idOf = yield* connected
        const { hd, uhd } = yield* pairOf(first.work.imdbId, idOf)
        const explain = yield* Explain
        for (const [one, other] of [
          [hd, uhd],
          [uhd, hd]
        ] as const) {
          const { decision, summary } = yield* explain.item(one.id)
          assert.deepStrictEqual(decision?.copies, [
            { itemId: other.id, integrationId: other.integrationId, path: other.path, sizeBytes: other.sizeBytes }
          ])
          assert.include(summary, `another copy is at ${other.path}`)
        }
        const protections = yield* Protections
        yield* protections.add({ itemId: hd.id, reason: "the one we watch" })
        const protecting = yield* protections.protecting
        assert.strictEqual(protecting(hd)?.reason, "the one we watch")
        assert.isUndefined(protecting(uhd), "one copy is protected, not the title")

        const groups = yield* DiskGroups
        for (const { id } of yield* groups.list) yield* groups.update(id, { mode: "auto" })
        const free = (root: string) => world.disks.freeBytes(world.disks.mountOf(root)!)
        const before = [free("/data/movies"), free("/data/movies-2")]
        yield* (yield* Removals).request(uhd.id)
        yield* passTime("40 days")
        yield* synced
        yield* runDue
        const removal = (yield* removals).find(({ itemId }) => itemId === uhd.id)
        assert.strictEqual(removal?.state, "removed", removal?.reason ?? "")
        assert.include(removal?.because, `another copy is at ${hd.path}`)
        assert.deepStrictEqual([free("/data/movies"), free("/data/movies-2") - copy.work.sizeBytes], before)
        const deleted = (yield* controls.journal).filter(({ destructive }) => destructive)
        assert.deepStrictEqual(
          deleted.map(({ app, path }) => [app, path]),
          [["radarr-2", `/api/v3/movie/${copy.id}`]]
        )
        assert.isTrue(world.films.movies.has(first.id))
        yield* synced
        const left = (yield* items).filter((item) => item.ids.includes(`imdb:${first.work.imdbId}`))
        assert.deepStrictEqual(
          left.map(({ id }) => id),
          [hd.id]
        )
        assert.isEmpty((yield* explain.item(hd.id)).decision?.copies)
      }).pipe(Effect.provide(WholeServices))
    )
  )

  it.effect("have both copies protected by their collection, and show the other copy of each season", () =>
    withSandbox(
      { items: 400, kinds },
      Effect.gen(function* () {
        yield* connected
        const all = yield* items
        const { copiesOf } = yield* (yield* Snapshots).get
        const twice = all.find(
          (item) => item.kind === "movie" && item.collections.length > 0 && copiesOf(item).length > 0
        )
        const [collection] = twice?.collections ?? []
        assert.isDefined(collection)
        const protections = yield* Protections
        yield* protections.add({ collection, reason: "ours" })
        const protecting = yield* protections.protecting
        for (const item of [twice!, ...copiesOf(twice!)]) assert.strictEqual(protecting(item)?.reason, "ours")
        const seasons = all.filter((item) => item.kind === "season")
        const copied = seasons.filter((season) => copiesOf(season).length > 0)
        assert.isAbove(copied.length, 10)
        for (const season of copied) {
          const [other, ...more] = copiesOf(season)
          assert.isEmpty(more)
          assert.notStrictEqual(other!.integrationId, season.integrationId)
          assert.strictEqual(other!.data.catalog.seasonNumber, season.data.catalog.seasonNumber)
        }
      }).pipe(Effect.provide(WholeServices))
    )
  )
})
