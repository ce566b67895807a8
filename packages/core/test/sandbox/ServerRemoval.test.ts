/** The real kinds remove through the simulated media servers what they list. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { RemovalTarget } from "../../src/integrations/Kind.ts"
import type { CatalogItem } from "../../src/integrations/Observations.ts"
import { OddRecords } from "../../src/integrations/OddRecords.ts"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import { unique } from "./Documents.ts"
import { hasSpecs, openDocument } from "./OpenApi.ts"
import { connect, silent } from "./Reading.ts"
import { ask, read, withSandbox } from "./SandboxTest.ts"

const managing = { manageUnknown: true }

const catalogOf = Effect.fnUntraced(function* (app: string) {
  const { read: reads } = yield* connect(app, managing)
  return yield* reads.catalog?.(silent, new OddRecords()) ?? Effect.die(new Error(`${app} lists nothing`))
})

const targetOf = ({ externalId, ids, kind, title }: CatalogItem): RemovalTarget => ({ externalId, ids, kind, title })

const options = { addImportExclusion: false }

const forbid: Readonly<Record<string, Effect.Effect<unknown, unknown, Sandbox>>> = {
  plex: ask("plex", "/:/prefs?allowMediaDeletion=0", { method: "PUT" }),
  jellyfin: ask("jellyfin", "/Users/x/Policy", { method: "POST", body: { EnableContentDeletion: false } }),
  emby: ask("emby", "/Users/x/Policy", { method: "POST", body: { EnableContentDeletion: false } })
}

describe.each(["plex", "jellyfin", "emby"])("A %s that manages what no manager knows", (app) => {
  const stack = { items: 60, kinds: ["radarr", "sonarr", app] }

  it.effect("lists movies and seasons with the sizes of their files", () =>
    withSandbox(
      stack,
      Effect.gen(function* () {
        const { world } = yield* Sandbox
        const items = yield* catalogOf(app)
        const movies = items.filter(({ kind }) => kind === "movie")
        const onServer = [...world.films.onServer.values()]
        assert.strictEqual(movies.length, onServer.length)
        for (const { folder, rootFolder, work } of onServer) {
          const item = movies.find(({ title, year }) => title === work.title && year === work.year)
          assert.strictEqual(item?.sizeBytes, work.sizeBytes, work.title)
          assert.strictEqual(item?.filePath?.startsWith(`${rootFolder}/${folder}/`), true)
          assert.strictEqual(item?.rootFolder, rootFolder)
        }
        const shows = items.filter(({ kind }) => kind === "show")
        assert.isAbove(shows.length, 0)
        for (const show of shows) {
          const seasons = items.filter(({ parentExternalId }) => parentExternalId === show.externalId)
          assert.isAbove(seasons.length, 0, show.title)
          assert.strictEqual(
            seasons.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
            show.sizeBytes,
            show.title
          )
          assert.isTrue(seasons.every(({ externalId }) => externalId.startsWith(`${show.externalId}:s`)))
        }
      })
    )
  )

  it.effect("removes a movie, a season and a show with its seasons, and cannot undo it", () =>
    withSandbox(
      stack,
      Effect.gen(function* () {
        const { removal, reread } = yield* connect(app, managing)
        if (removal === undefined || reread?.catalog === undefined) return assert.fail("it cannot remove")
        const items = yield* catalogOf(app)
        const several = items.find(
          ({ externalId, kind }) =>
            kind === "show" && items.filter((one) => one.parentExternalId === externalId).length > 1
        )!
        const [season, other] = items.filter((one) => one.parentExternalId === several.externalId)
        const movie = items.find(({ kind }) => kind === "movie")!
        for (const item of [movie, season!, several]) {
          const target = targetOf(item)
          const before = yield* removal.presence(target)
          assert.deepInclude(before, { _tag: "Present", title: item.title, path: item.path, restore: null })
          yield* removal.remove(target, options)
          assert.deepStrictEqual(yield* removal.presence(target), { _tag: "Absent" }, item.title)
          if (item === season) {
            assert.strictEqual((yield* removal.presence(targetOf(other!)))._tag, "Present")
            const family = yield* reread.catalog(target, new OddRecords())
            assert.notInclude(
              family.map(({ externalId }) => externalId),
              season.externalId
            )
          }
        }
        assert.deepStrictEqual(yield* removal.presence(targetOf(other!)), { _tag: "Absent" })
        assert.strictEqual(removal.irreversible, true)
        assert.match((yield* Effect.flip(removal.restore(null))).message, /cannot add again/)
      })
    )
  )

  it.effect("is refused by a server that does not allow it, and the item stays", () =>
    withSandbox(
      stack,
      Effect.gen(function* () {
        const { probe, removal } = yield* connect(app, managing)
        assert.notProperty(yield* probe, "refusesRemoval")
        yield* forbid[app]!
        const movie = (yield* catalogOf(app)).find(({ kind }) => kind === "movie")!
        const refused = yield* Effect.flip(removal!.remove(targetOf(movie), options))
        assert.match(refused.message, /403/)
        assert.strictEqual((yield* removal!.presence(targetOf(movie)))._tag, "Present")
        // Emby has no call for the user of a key.
        if (app !== "emby") assert.match((yield* probe).refusesRemoval ?? "", /allow media deletion|may not delete/)
      })
    )
  )
})

it.effect("A Plex that gives an entry a new key still knows it by its lasting id", () =>
  withSandbox(
    { items: 60, kinds: ["radarr", "plex"] },
    Effect.gen(function* () {
      const { world } = yield* Sandbox
      const { removal } = yield* connect("plex", managing)
      const movie = (yield* catalogOf("plex")).find(({ externalId }) => externalId.startsWith("movie/"))!
      const record = [...world.films.onServer.values()].find(({ work }) => work.title === movie.title)!
      // Removed from the library and scanned again.
      world.films.onServer.delete(record.serverId)
      assert.strictEqual((yield* removal!.presence(targetOf(movie)))._tag, "Absent")
      Object.assign(record, { serverId: record.serverId + 700_000 })
      world.films.onServer.set(record.serverId, record)
      world.revision++
      assert.deepInclude(yield* removal!.presence(targetOf(movie)), { _tag: "Present", title: movie.title })
    })
  )
)

describe.skipIf(!hasSpecs)("Responses match the documents", () => {
  it.effect("of Plex and Jellyfin", () =>
    withSandbox(
      { items: 60, kinds: ["radarr", "plex", "jellyfin"] },
      Effect.gen(function* () {
        const plex = openDocument("plex.openapi.yaml", false)
        assert.deepStrictEqual(
          unique(plex.problems("GET", "/library/all", yield* read("plex", "/library/all?type=1&includeGuids=1"))),
          []
        )
        const jellyfin = openDocument("jellyfin-10.11.11.openapi.json", true)
        assert.deepStrictEqual(unique(jellyfin.problems("GET", "/Users/Me", yield* read("jellyfin", "/Users/Me"))), [])
      })
    )
  )
})
