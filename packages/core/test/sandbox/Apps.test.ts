import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import { type Container, type Disk, first, type Movie, type PlexItem, type Series } from "./Answers.ts"
import { ask, read, withSandbox } from "./SandboxTest.ts"

const api = "/api/v3"
const freeOn = (kind: string, path: string) =>
  Effect.map(read<ReadonlyArray<Disk>>(kind, `${api}/diskspace`), (disks) => {
    const disk = disks.find((each) => each.path === path)
    assert.isDefined(disk)
    return disk.freeSpace
  })

describe("Radarr", () => {
  it.effect("removes a movie with its bytes and its entry on Plex, and adds an import exclusion on request", () =>
    withSandbox(
      {},
      Effect.gen(function* () {
        const movies = yield* read<ReadonlyArray<Movie>>("radarr", `${api}/movie`)
        const movie = first(movies, (each) => each.hasFile)
        const before = yield* freeOn("radarr", "/data/movies")
        const gone = yield* ask("radarr", `${api}/movie/${movie.id}?deleteFiles=true&addImportExclusion=true`, {
          method: "DELETE"
        })
        assert.strictEqual(gone.status, 200)
        assert.deepStrictEqual(gone.json, {})
        assert.strictEqual((yield* freeOn("radarr", "/data/movies")) - before, movie.sizeOnDisk)
        // One disk that two applications report.
        assert.strictEqual(yield* freeOn("sonarr", "/data/movies"), before + movie.sizeOnDisk)
        const absent = yield* ask("radarr", `${api}/movie/${movie.id}`)
        assert.strictEqual(absent.status, 404)
        assert.hasAllKeys(absent.json, ["message"])
        assert.strictEqual((yield* ask("radarr", `${api}/movie/${movie.id}`, { method: "DELETE" })).status, 404)
        const exclusions = yield* read<ReadonlyArray<{ tmdbId: number }>>("radarr", `${api}/exclusions`)
        assert.deepStrictEqual(
          exclusions.map((each) => each.tmdbId),
          [movie.tmdbId]
        )
        const plex = yield* read<Container<PlexItem>>("plex", "/library/sections/1/all?includeGuids=1")
        const guids = plex.MediaContainer.Metadata?.flatMap((item) => item.Guid?.map((guid) => guid.id) ?? []) ?? []
        assert.notInclude(guids, `tmdb://${movie.tmdbId}`)
        const { controls } = yield* Sandbox
        const journal = yield* controls.journal
        assert.deepStrictEqual(
          journal.map((entry) => [entry.app, entry.method, entry.path, entry.status, entry.destructive, entry.at]),
          [
            ["radarr", "DELETE", `${api}/movie/${movie.id}`, 200, true, "2026-01-15T12:00:00.000Z"],
            ["radarr", "DELETE", `${api}/movie/${movie.id}`, 404, true, "2026-01-15T12:00:00.000Z"]
          ]
        )
      })
    )
  )

  it.effect("adds a removed movie again without a file, and has the file when its download has ended", () =>
    withSandbox(
      { items: 40 },
      Effect.gen(function* () {
        const movie = first(yield* read<ReadonlyArray<Movie>>("radarr", `${api}/movie`), (each) => each.hasFile)
        yield* ask("radarr", `${api}/movie/${movie.id}?deleteFiles=true`, { method: "DELETE" })
        const body = {
          tmdbId: movie.tmdbId,
          qualityProfileId: 4,
          rootFolderPath: "/data/movies/",
          monitored: true,
          tags: [1]
        }
        const added = yield* read<Movie>("radarr", `${api}/movie`, { method: "POST", body })
        assert.notStrictEqual(added.id, movie.id)
        assert.deepInclude(added, { title: movie.title, hasFile: false, sizeOnDisk: 0, tags: [1] })
        const twice = yield* ask("radarr", `${api}/movie`, { method: "POST", body })
        assert.strictEqual(twice.status, 400)
        assert.deepInclude((twice.json as ReadonlyArray<object>)[0], { propertyName: "TmdbId" })
        yield* ask("radarr", `${api}/command`, { method: "POST", body: { name: "MoviesSearch", movieIds: [added.id] } })
        assert.isFalse((yield* read<Movie>("radarr", `${api}/movie/${added.id}`)).hasFile)
        yield* TestClock.adjust("10 minutes")
        const found = yield* read<Movie>("radarr", `${api}/movie/${added.id}`)
        assert.deepInclude(found, { hasFile: true, sizeOnDisk: movie.sizeOnDisk })
      })
    )
  )

  it.effect("names the invalid property of a movie", () =>
    withSandbox(
      { items: 40 },
      Effect.gen(function* () {
        const wrong = (body: object) =>
          Effect.map(ask("radarr", `${api}/movie`, { method: "POST", body }), (each) => each.json)
        assert.deepInclude(((yield* wrong({ tmdbId: 1, qualityProfileId: 4 })) as ReadonlyArray<object>)[0], {
          propertyName: "TmdbId"
        })
        const movie = first(yield* read<ReadonlyArray<Movie>>("radarr", `${api}/movie`))
        const put = yield* ask("radarr", `${api}/movie/${movie.id}`, {
          method: "PUT",
          body: { ...movie, qualityProfileId: 77 }
        })
        assert.strictEqual(put.status, 400)
        assert.deepInclude((put.json as ReadonlyArray<object>)[0], {
          propertyName: "QualityProfileId",
          severity: "error"
        })
      })
    )
  )

  it.effect("stores the complete resource: unknown keys are returned, and omitted ones are lost", () =>
    withSandbox(
      { items: 40 },
      Effect.gen(function* () {
        const movie = first(yield* read<ReadonlyArray<Movie>>("radarr", `${api}/movie`))
        const path = `${api}/movie/${movie.id}`
        const put = (body: object) => read<Movie>("radarr", path, { method: "PUT", body })
        yield* put({ ...movie, tags: [1, 2], monitored: !movie.monitored, somethingNew: { deep: [1] } })
        const kept = yield* read<Movie & { somethingNew: unknown }>("radarr", path)
        assert.deepInclude(kept, { tags: [1, 2], monitored: !movie.monitored, somethingNew: { deep: [1] } })
        yield* put({ id: movie.id, path: movie.path, qualityProfileId: movie.qualityProfileId })
        assert.deepInclude(yield* read<Movie>("radarr", path), { tags: [], monitored: false })
      })
    )
  )

  it.effect("removes many at once, or none if one of them is gone", () =>
    withSandbox(
      { items: 40 },
      Effect.gen(function* () {
        const before = yield* read<ReadonlyArray<Movie>>("radarr", `${api}/movie`)
        const bulk = (movieIds: ReadonlyArray<number>) =>
          ask("radarr", `${api}/movie/editor`, { method: "DELETE", body: { movieIds, deleteFiles: true } })
        assert.strictEqual((yield* bulk([1, 2, 9999])).status, 500)
        assert.strictEqual((yield* bulk([1, 2])).status, 200)
        const after = yield* read<ReadonlyArray<Movie>>("radarr", `${api}/movie`)
        assert.deepStrictEqual(
          after.map((movie) => movie.id),
          before.map((movie) => movie.id).slice(2)
        )
      })
    )
  )

  it.effect("keeps the files, and the movie on Plex, if only the entry is removed", () =>
    withSandbox(
      { items: 40 },
      Effect.gen(function* () {
        const movie = first(yield* read<ReadonlyArray<Movie>>("radarr", `${api}/movie`), (each) => each.hasFile)
        const before = yield* freeOn("radarr", "/data/movies")
        const onPlex = () =>
          Effect.map(read<Container<PlexItem>>("plex", "/library/sections/1/all"), (each) => each.MediaContainer.size)
        const shown = yield* onPlex()
        yield* ask("radarr", `${api}/movie/${movie.id}`, { method: "DELETE" })
        assert.strictEqual(yield* freeOn("radarr", "/data/movies"), before)
        assert.strictEqual(yield* onPlex(), shown)
      })
    )
  )

  it.effect("pages history by ten, newest first", () =>
    withSandbox(
      {},
      Effect.gen(function* () {
        interface Page {
          readonly totalRecords: number
          readonly pageSize: number
          readonly records: ReadonlyArray<{ readonly id: number; readonly date: string }>
        }
        const one = yield* read<Page>("radarr", `${api}/history`)
        const two = yield* read<Page>("radarr", `${api}/history?page=2`)
        assert.strictEqual(one.pageSize, 10)
        assert.lengthOf(one.records, 10)
        assert.isTrue((one.records[9]?.date ?? "") >= (two.records[0]?.date ?? "z"))
        const all = yield* read<Page>("radarr", `${api}/history?pageSize=10000`)
        assert.lengthOf(all.records, one.totalRecords)
      })
    )
  )

  it.effect(
    "accepts the key as header, query or bearer token and nothing else, but responds to a ping without a key",
    () =>
      withSandbox(
        { items: 10, urlBases: { radarr: "/radarr" } },
        Effect.gen(function* () {
          const { integrations } = yield* Sandbox
          const apiKey = integrations.find((each) => each.kind === "radarr")?.config["apiKey"] ?? ""
          const path = `${api}/system/status`
          assert.strictEqual((yield* ask("radarr", path)).status, 200)
          assert.strictEqual((yield* ask("radarr", `${path}/`)).status, 200)
          assert.strictEqual((yield* ask("radarr", `${path}?apikey=${apiKey}`, { key: null })).status, 200)
          const bearer = { authorization: `Bearer ${apiKey}` }
          assert.strictEqual((yield* ask("radarr", path, { key: null, headers: bearer })).status, 200)
          const refused = yield* ask("radarr", path, { key: "wrong" })
          assert.strictEqual(refused.status, 401)
          assert.deepStrictEqual(refused.json, {})
          assert.strictEqual((yield* ask("radarr", path, { key: null })).status, 401)
          assert.deepStrictEqual((yield* ask("radarr", "/ping", { key: null })).json, { status: "OK" })
          const outside = yield* ask("radarr", `/..${path}`)
          assert.strictEqual(outside.status, 404)
          assert.include(outside.headers.get("content-type") ?? "", "text/html")
        })
      )
  )
})

describe("Sonarr", () => {
  it.effect("removes one season by its files and its monitoring, and downloads it again", () =>
    withSandbox(
      {},
      Effect.gen(function* () {
        const before = yield* freeOn("sonarr", "/data/shows")
        const show = first(
          yield* read<ReadonlyArray<Series>>("sonarr", `${api}/series`),
          (each) => each.seasons.length > 1 && each.monitored
        )
        const season = first(show.seasons)
        interface File {
          readonly id: number
          readonly seasonNumber: number
          readonly size: number
        }
        const files = (yield* read<ReadonlyArray<File>>("sonarr", `${api}/episodefile?seriesId=${show.id}`)).filter(
          (file) => file.seasonNumber === season.seasonNumber
        )
        assert.lengthOf(files, season.statistics.episodeFileCount)
        assert.strictEqual(
          files.reduce((sum, file) => sum + file.size, 0),
          season.statistics.sizeOnDisk
        )
        const episodeFileIds = files.map((file) => file.id)
        const remove = { method: "DELETE", body: { episodeFileIds } }
        assert.strictEqual((yield* ask("sonarr", `${api}/episodefile/bulk`, remove)).status, 200)
        assert.strictEqual((yield* freeOn("sonarr", "/data/shows")) - before, season.statistics.sizeOnDisk)
        // The same files cannot be downloaded again.
        assert.strictEqual((yield* ask("sonarr", `${api}/episodefile/bulk`, remove)).status, 500)

        const path = `${api}/series/${show.id}`
        const whole = yield* read<Series & Record<string, unknown>>("sonarr", path)
        const monitor = (monitored: boolean) =>
          read<Series>("sonarr", path, {
            method: "PUT",
            body: {
              ...whole,
              fromTheFuture: "kept",
              seasons: whole.seasons.map((each) =>
                each.seasonNumber === season.seasonNumber ? { ...each, monitored } : each
              )
            }
          })
        yield* monitor(false)
        const after = yield* read<Series & { fromTheFuture: string }>("sonarr", path)
        assert.strictEqual(after.fromTheFuture, "kept")
        assert.strictEqual(after.seasons[0]?.monitored, false)
        assert.strictEqual(after.seasons[1]?.monitored, show.seasons[1]?.monitored)
        assert.strictEqual(after.seasons[0]?.statistics.sizeOnDisk, 0)
        const search = {
          method: "POST",
          body: { name: "SeasonSearch", seriesId: show.id, seasonNumber: season.seasonNumber }
        }
        yield* ask("sonarr", `${api}/command`, search)
        yield* TestClock.adjust("1 hour")
        assert.strictEqual(
          (yield* read<Series>("sonarr", path)).seasons[0]?.statistics.sizeOnDisk,
          0,
          "nobody wants it"
        )

        yield* monitor(true)
        yield* ask("sonarr", `${api}/command`, search)
        yield* TestClock.adjust("1 hour")
        const restored = yield* read<Series>("sonarr", path)
        assert.deepStrictEqual(restored.seasons[0]?.statistics.sizeOnDisk, season.statistics.sizeOnDisk)
        assert.strictEqual(yield* freeOn("sonarr", "/data/shows"), before)
      })
    )
  )

  it.effect("removes a whole show, and adds it again with the requested seasons", () =>
    withSandbox(
      {},
      Effect.gen(function* () {
        const before = yield* freeOn("sonarr", "/data/shows")
        const show = first(
          yield* read<ReadonlyArray<Series>>("sonarr", `${api}/series`),
          (each) => each.seasons.length > 1
        )
        yield* ask("sonarr", `${api}/series/${show.id}?deleteFiles=true&addImportListExclusion=true`, {
          method: "DELETE"
        })
        assert.strictEqual((yield* freeOn("sonarr", "/data/shows")) - before, show.statistics.sizeOnDisk)
        assert.strictEqual((yield* ask("sonarr", `${api}/series/${show.id}`)).status, 404)
        const exclusions = yield* read<ReadonlyArray<{ tvdbId: number }>>("sonarr", `${api}/importlistexclusion`)
        assert.deepStrictEqual(
          exclusions.map((each) => each.tvdbId),
          [show.tvdbId]
        )
        const added = yield* read<Series>("sonarr", `${api}/series`, {
          method: "POST",
          body: {
            tvdbId: show.tvdbId,
            qualityProfileId: 4,
            rootFolderPath: "/data/shows",
            monitored: true,
            seasons: [{ seasonNumber: 1, monitored: true }],
            addOptions: { searchForMissingEpisodes: true }
          }
        })
        yield* TestClock.adjust("1 hour")
        const found = yield* read<Series>("sonarr", `${api}/series/${added.id}`)
        assert.strictEqual(found.statistics.sizeOnDisk, show.seasons[0]?.statistics.sizeOnDisk)
      })
    )
  )
})
