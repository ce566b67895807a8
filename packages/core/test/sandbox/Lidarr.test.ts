/** The simulated Lidarr, tested by its own API and by all services of Tendarr. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { DiskGroups } from "../../src/capacity/DiskGroups.ts"
import { Integrations } from "../../src/integrations/Integrations.ts"
import { Protections } from "../../src/library/Protections.ts"
import { Snapshots } from "../../src/library/Snapshots.ts"
import { Sync } from "../../src/library/Sync.ts"
import { Removals } from "../../src/removals/Removals.ts"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import { musicRoot } from "../../src/sandbox/world/Music.ts"
import { Services } from "../../src/Services.ts"
import { Settings } from "../../src/settings/Settings.ts"
import { passTime, removalOf, runDue } from "../support/Stack.ts"
import { SqlTest } from "../support/Sql.ts"
import { ask, read, withSandbox } from "./SandboxTest.ts"
import { LibrarySettings } from "../../src/library/LibrarySettings.ts"
import { RemovalsSettings } from "../../src/settings/RemovalsSettings.ts"

const api = "/api/v1"

interface Artist {
  readonly id: number
  readonly foreignArtistId: string
  readonly artistName: string
  readonly statistics: { readonly sizeOnDisk: number; readonly trackFileCount: number }
}
interface Album {
  readonly id: number
  readonly artistId: number
  readonly foreignAlbumId: string
  readonly title: string
  readonly monitored: boolean
  readonly statistics: { readonly sizeOnDisk: number; readonly trackFileCount: number }
}

const artists = read<ReadonlyArray<Artist>>("lidarr", `${api}/artist`)
const albums = (query = "") => read<ReadonlyArray<Album>>("lidarr", `${api}/album${query}`)
const albumIn = (id: number) => read<Album>("lidarr", `${api}/album/${id}`)
const put = (path: string, body: object) => ask("lidarr", `${api}/${path}`, { method: "PUT", body })
const remove = (path: string, body?: object) => ask("lidarr", `${api}/${path}`, { method: "DELETE", body })
const command = (body: object) => ask("lidarr", `${api}/command`, { method: "POST", body })
const free = Effect.map(Sandbox, ({ world }) => world.disks.freeBytes(world.disks.mountOf(musicRoot)!))

/** An artist with at least two albums, all with files. */
const someone = Effect.gen(function* () {
  const all = yield* albums()
  for (const artist of yield* artists) {
    const own = all.filter((album) => album.artistId === artist.id)
    if (own.length > 1 && own.every((album) => album.statistics.trackFileCount > 0)) return { artist, own }
  }
  return yield* Effect.die(new Error("Nobody has two albums"))
})

describe("The simulated Lidarr", () => {
  it.effect("has a third disk, whose used bytes are those of its albums and a few more", () =>
    withSandbox(
      {},
      Effect.gen(function* () {
        const { controls, integrations, world } = yield* Sandbox
        assert.include(
          integrations.map(({ kind }) => kind),
          "lidarr"
        )
        const { disks, albums: count } = yield* controls.state
        assert.deepStrictEqual(
          disks.map((disk) => disk.path),
          ["/", "/config", "/data/movies", "/data/shows", musicRoot]
        )
        const all = yield* albums()
        assert.lengthOf(all, 60)
        assert.strictEqual(count, 60)
        const bytes = all.reduce((sum, album) => sum + album.statistics.sizeOnDisk, 0)
        const mount = world.disks.mountOf(musicRoot)!
        assert.strictEqual(world.disks.usedBytes(mount), bytes + mount.otherBytes)
        assert.approximately(world.disks.usedBytes(mount) / mount.totalBytes, 0.62, 0.001)
        assert.strictEqual(
          (yield* artists).reduce((sum, artist) => sum + artist.statistics.sizeOnDisk, 0),
          bytes
        )
        const [folder] = yield* read<ReadonlyArray<{ path: string }>>("lidarr", `${api}/rootfolder`)
        assert.strictEqual(folder?.path, musicRoot)
      })
    )
  )

  it.effect("is the same for the same seed, and does not change movies and shows", () =>
    Effect.gen(function* () {
      const worldOf = (options: { readonly seed?: string; readonly albums?: number }) =>
        withSandbox(
          options,
          Effect.all([
            Effect.map(artists, (all) => all.map((artist) => artist.artistName)),
            Effect.map(Sandbox, ({ world }) => [...world.movies.values()].map((movie) => movie.work.title))
          ])
        )
      const [names, movies] = yield* worldOf({ seed: "a" })
      assert.deepStrictEqual(yield* worldOf({ seed: "a" }), [names, movies])
      assert.notDeepEqual((yield* worldOf({ seed: "b" }))[0], names)
      const [fewer, same] = yield* worldOf({ seed: "a", albums: 1 })
      assert.lengthOf(fewer, 1)
      assert.deepStrictEqual(same, movies)
    })
  )

  it.effect("removes an artist with its albums, and frees its bytes", () =>
    withSandbox(
      {},
      Effect.gen(function* () {
        const { artist, own } = yield* someone
        const before = yield* free
        yield* remove(`artist/${artist.id}?deleteFiles=true&addImportListExclusion=true`)
        assert.strictEqual((yield* free) - before, artist.statistics.sizeOnDisk)
        assert.strictEqual((yield* ask("lidarr", `${api}/artist/${artist.id}`)).status, 404)
        assert.strictEqual((yield* ask("lidarr", `${api}/album/${own[0]!.id}`)).status, 404)
        const exclusions = yield* read<ReadonlyArray<{ foreignId: string }>>("lidarr", `${api}/importlistexclusion`)
        assert.deepStrictEqual(
          exclusions.map((one) => one.foreignId),
          [artist.foreignArtistId]
        )
      })
    )
  )

  it.effect("adds a single deleted album again at the next refresh, unless it is excluded", () =>
    withSandbox(
      {},
      Effect.gen(function* () {
        const { artist, own } = yield* someone
        const [first, second] = own
        yield* remove(`album/${first!.id}?deleteFiles=true`)
        yield* remove(`album/${second!.id}?deleteFiles=true&addImportListExclusion=true`)
        yield* command({ name: "RefreshArtist", artistId: artist.id })
        const after = (yield* albums(`?artistId=${artist.id}`)).map((album) => album.foreignAlbumId)
        assert.include(after, first!.foreignAlbumId)
        assert.notInclude(after, second!.foreignAlbumId)
      })
    )
  )

  it.effect("deletes single files, and downloads the album again when it is monitored and searched for", () =>
    withSandbox(
      {},
      Effect.gen(function* () {
        const { own } = yield* someone
        const { id, statistics } = own[0]!
        const files = yield* read<ReadonlyArray<{ id: number; size: number }>>(
          "lidarr",
          `${api}/trackfile?albumId=${id}`
        )
        assert.lengthOf(files, statistics.trackFileCount)
        yield* put("album/monitor", { albumIds: [id], monitored: false })
        yield* remove(`trackfile/${files[0]!.id}`)
        const fewer = yield* albumIn(id)
        assert.strictEqual(fewer.statistics.trackFileCount, statistics.trackFileCount - 1)
        assert.strictEqual(fewer.statistics.sizeOnDisk, statistics.sizeOnDisk - files[0]!.size)
        yield* remove("trackfile/bulk", { trackFileIds: files.map((file) => file.id) })
        assert.strictEqual((yield* albumIn(id)).statistics.sizeOnDisk, 0)
        const search = Effect.andThen(command({ name: "AlbumSearch", albumIds: [id] }), passTime("10 minutes"))
        yield* search
        assert.strictEqual((yield* albumIn(id)).statistics.sizeOnDisk, 0, "nobody wants it")
        yield* put("album/monitor", { albumIds: [id], monitored: true })
        yield* search
        assert.strictEqual((yield* albumIn(id)).statistics.sizeOnDisk, statistics.sizeOnDisk)
        const again = yield* read<ReadonlyArray<{ id: number }>>("lidarr", `${api}/trackfile?albumId=${id}`)
        assert.isEmpty(again.filter((file) => files.some((old) => old.id === file.id)))
      })
    )
  )
})

describe("Tendarr over the simulated Lidarr", () => {
  const WholeServices = Services.pipe(Layer.provideMerge(SqlTest))

  const connect = Effect.fnUntraced(function* (wholeShows: boolean) {
    const integrations = yield* Integrations
    const settings = yield* Settings
    const { integrations: offered } = yield* Sandbox
    const lidarr = offered.find(({ kind }) => kind === "lidarr")!
    yield* settings.patch(LibrarySettings, { maxDisappearance: 1 })
    yield* settings.patch(RemovalsSettings, { deletionsEnabled: true })
    yield* integrations.create({ ...lidarr, options: { wholeShows } })
    yield* synced
    const groups = yield* DiskGroups
    const [music] = yield* groups.list
    assert.strictEqual(music!.mountPath, musicRoot)
    yield* groups.update(music!.id, { mode: "auto" })
  })
  const synced = Effect.flatMap(Sync, (sync) => sync.run())
  const items = Effect.flatMap(Snapshots, (snapshots) => Effect.map(snapshots.get, (snapshot) => snapshot.items))
  const itemOf = (externalId: string) => Effect.map(items, (all) => all.find((item) => item.externalId === externalId)!)
  /** Requests a removal as a person, and carries it out. */
  const removed = Effect.fnUntraced(function* (externalId: string) {
    const removals = yield* Removals
    const item = yield* itemOf(externalId)
    yield* removals.request(item.id)
    yield* passTime("40 days")
    yield* synced
    yield* runDue
    return yield* removalOf(item.title)
  })

  it.effect("removes an album without its artist, and restores it", () =>
    withSandbox(
      {},
      Effect.gen(function* () {
        const removals = yield* Removals
        yield* connect(false)
        const { artist, own } = yield* someone
        const [gone, stays] = own
        const before = yield* free
        const removal = yield* removed(`${artist.id}:a${gone!.id}`)
        assert.strictEqual(removal.state, "removed", removal.reason ?? "")
        assert.strictEqual((yield* free) - before, gone!.statistics.sizeOnDisk)
        assert.isFalse((yield* albumIn(gone!.id)).monitored)
        assert.deepStrictEqual((yield* albumIn(stays!.id)).statistics, stays!.statistics)
        yield* synced
        const there = (yield* items).map((item) => item.externalId)
        assert.notInclude(there, `${artist.id}:a${gone!.id}`)
        assert.includeMembers(there, [String(artist.id), `${artist.id}:a${stays!.id}`])
        yield* removals.restore(removal.id)
        yield* TestClock.adjust("10 minutes")
        yield* synced
        const again = yield* itemOf(`${artist.id}:a${gone!.id}`)
        assert.strictEqual(again.sizeBytes, gone!.statistics.sizeOnDisk)
        const protecting = yield* (yield* Protections).protecting
        assert.strictEqual(protecting(again)?.reason, "restored")
      }).pipe(Effect.provide(WholeServices))
    )
  )

  it.effect("removes an artist with all albums, and restores those that were monitored", () =>
    withSandbox(
      {},
      Effect.gen(function* () {
        const removals = yield* Removals
        yield* connect(true)
        const { artist, own } = yield* someone
        const [unwanted, ...wanted] = own
        yield* put("album/monitor", { albumIds: [unwanted!.id], monitored: false })
        yield* put("album/monitor", { albumIds: wanted.map((album) => album.id), monitored: true })
        yield* ask("lidarr", `${api}/artist/editor`, {
          method: "PUT",
          body: { artistIds: [artist.id], monitored: true }
        })
        const removal = yield* removed(String(artist.id))
        assert.strictEqual(removal.state, "removed", removal.reason ?? "")
        assert.isFalse((yield* items).some((item) => item.externalId.split(":")[0] === String(artist.id)))
        yield* removals.restore(removal.id)
        yield* TestClock.adjust("10 minutes")
        yield* synced
        const all = yield* items
        const again = all.find((item) => item.kind === "artist" && item.title === artist.artistName)!
        assert.notStrictEqual(again.externalId, String(artist.id))
        const parts = all.filter((item) => item.parentExternalId === again.externalId)
        assert.sameMembers(
          parts.flatMap((item) => item.ids),
          wanted.map((album) => `musicbrainz:${album.foreignAlbumId}`)
        )
        const protecting = yield* (yield* Protections).protecting
        for (const item of [again, ...parts]) assert.strictEqual(protecting(item)?.reason, "restored", item.title)
      }).pipe(Effect.provide(WholeServices))
    )
  )
})
