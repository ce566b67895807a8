import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import { ask, read, withSandbox } from "./SandboxTest.ts"

interface Movie {
  readonly id: number
  readonly title: string
  readonly tmdbId: number
  readonly sizeOnDisk: number
  readonly hasFile: boolean
  readonly monitored: boolean
  readonly qualityProfileId: number
  readonly tags: ReadonlyArray<number>
  readonly path: string
}
interface Season {
  readonly seasonNumber: number
  readonly monitored: boolean
  readonly statistics: { readonly sizeOnDisk: number; readonly episodeFileCount: number }
}
interface Series {
  readonly id: number
  readonly tvdbId: number
  readonly monitored: boolean
  readonly seasons: ReadonlyArray<Season>
  readonly statistics: { readonly sizeOnDisk: number }
}
interface Disk {
  readonly path: string
  readonly freeSpace: number
  readonly totalSpace: number
}
interface Container<Row> {
  readonly MediaContainer: {
    readonly size: number
    readonly totalSize?: number
    readonly offset?: number
    readonly Metadata?: ReadonlyArray<Row>
    readonly Directory?: ReadonlyArray<Row>
  }
}
interface PlexItem {
  readonly ratingKey?: string
  readonly title: string
  readonly Guid?: ReadonlyArray<{ readonly id: string }>
  readonly Label?: ReadonlyArray<{ readonly tag: string }>
  readonly leafCount?: number
  readonly viewedAt?: number
}
interface History {
  readonly response: {
    readonly data: {
      readonly recordsFiltered: number
      readonly recordsTotal: number
      readonly data: ReadonlyArray<{
        readonly row_id: number
        readonly date: number
        readonly user: string
        readonly rating_key: number
        readonly title: string
      }>
    }
  }
}
interface Results<Row> {
  readonly pageInfo: {
    readonly pages: number
    readonly pageSize: number
    readonly results: number
    readonly page: number
  }
  readonly results: ReadonlyArray<Row>
}
interface SeerrRequest {
  readonly id: number
  readonly status: number
  readonly type: string
  readonly media: {
    readonly id: number
    readonly tmdbId: number
    readonly status: number
    readonly externalServiceId: number | null
  }
}

const api = "/api/v3"
const freeOn = (kind: string, path: string) =>
  Effect.map(read<ReadonlyArray<Disk>>(kind, `${api}/diskspace`), (disks) => {
    const disk = disks.find((each) => each.path === path)
    assert.isDefined(disk)
    return disk.freeSpace
  })
const first = <A>(rows: ReadonlyArray<A>, test: (row: A) => boolean = () => true): A => {
  const found = rows.find(test)
  assert.isDefined(found)
  return found
}

describe("Radarr", () => {
  it.effect("removes a movie with its bytes, its place on Plex, and keeps it off import lists when asked to", () =>
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
        // One disk, seen by two applications.
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

  it.effect("adds a removed movie again without a file, and has one when its download ended", () =>
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

  it.effect("says which property of a movie is wrong", () =>
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

  it.effect("takes the whole resource: unknown keys come back, and what is left out is lost", () =>
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

  it.effect("removes many at once, or none when one of them is gone", () =>
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

  it.effect("leaves the files, and the movie on Plex, when only the entry is removed", () =>
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

  it.effect("takes the key from header, query or bearer and refuses all else, but answers a ping to anybody", () =>
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
  it.effect("removes one season by its files and its monitoring, and finds it again", () =>
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
        // The same files again are not there to be found.
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

  it.effect("removes a whole show, and adds it again with the seasons that are wanted", () =>
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

describe("Plex", () => {
  it.effect("pages by header or query, tells the total, and leaves the key out of an empty page", () =>
    withSandbox(
      {},
      Effect.gen(function* () {
        const path = "/library/sections/1/all?type=1"
        const all = yield* read<Container<PlexItem>>("plex", path)
        assert.isUndefined(all.MediaContainer.totalSize)
        const total = all.MediaContainer.size
        const keys = (page: Container<PlexItem>) => page.MediaContainer.Metadata?.map((item) => item.ratingKey)
        const byQuery = yield* read<Container<PlexItem>>(
          "plex",
          `${path}&X-Plex-Container-Start=50&X-Plex-Container-Size=50`
        )
        const headers = { "X-Plex-Container-Start": "50", "X-Plex-Container-Size": "50" }
        const byHeader = yield* read<Container<PlexItem>>("plex", path, { headers })
        assert.deepStrictEqual(byHeader, byQuery)
        assert.deepInclude(byQuery.MediaContainer, { size: 50, totalSize: total, offset: 50 })
        assert.deepStrictEqual(keys(byQuery), keys(all)?.slice(50, 100))
        const past = yield* read<Container<PlexItem>>(
          "plex",
          `${path}&X-Plex-Container-Start=100000&X-Plex-Container-Size=50`
        )
        assert.notProperty(past.MediaContainer, "Metadata")
        assert.strictEqual(past.MediaContainer.totalSize, total)
      })
    )
  )

  it.effect("gives shared ids only when asked, and none for what it could not match", () =>
    withSandbox(
      { items: 2000 },
      Effect.gen(function* () {
        const items = (guids: number) =>
          Effect.map(
            read<Container<PlexItem>>("plex", `/library/sections/1/all?includeGuids=${guids}`),
            (each) => each.MediaContainer.Metadata ?? []
          )
        assert.isTrue((yield* items(0)).every((item) => item.Guid === undefined))
        const withIds = yield* items(1)
        const unmatched = withIds.filter((item) => item.Guid === undefined).length
        assert.isTrue(unmatched > 3 && unmatched < 40, `${unmatched} are not matched`)
        const movies = yield* read<ReadonlyArray<Movie>>("radarr", `${api}/movie`)
        const missing = movies.filter((movie) => movie.hasFile).length - withIds.length
        assert.isTrue(missing > 3 && missing < 40, `${missing} are not on Plex`)
      })
    )
  )

  it.effect("replaces the list of labels, takes one away, and finds by label", () =>
    withSandbox(
      { items: 40 },
      Effect.gen(function* () {
        const list = yield* read<Container<PlexItem>>("plex", "/library/sections/1/all")
        const key = first(list.MediaContainer.Metadata ?? []).ratingKey
        const labels = Effect.map(read<Container<PlexItem>>("plex", `/library/metadata/${key}`), (each) =>
          each.MediaContainer.Metadata?.[0]?.Label?.map((label) => label.tag)
        )
        const edit = (query: string) =>
          ask("plex", `/library/sections/1/all?type=1&id=${key}&${query}`, { method: "PUT" })
        yield* edit("label%5B0%5D.tag.tag=Leaving%20soon&label%5B1%5D.tag.tag=Keep&label.locked=1")
        assert.deepStrictEqual(yield* labels, ["Leaving soon", "Keep"])
        const found = yield* read<Container<PlexItem>>("plex", "/library/sections/1/all?label=Leaving%20soon")
        assert.deepStrictEqual(
          found.MediaContainer.Metadata?.map((item) => item.ratingKey),
          [key]
        )
        yield* edit("label%5B%5D.tag.tag-=Leaving%20soon")
        assert.deepStrictEqual(yield* labels, ["Keep"])
        yield* edit("label%5B0%5D.tag.tag=Only")
        assert.deepStrictEqual(yield* labels, ["Only"])
      })
    )
  )

  it.effect("drops a season whose files are gone, and the show with its last season", () =>
    withSandbox(
      { items: 100 },
      Effect.gen(function* () {
        const shows = yield* read<Container<PlexItem>>("plex", "/library/sections/2/all?type=2")
        const show = first(shows.MediaContainer.Metadata ?? [])
        const children = yield* read<Container<PlexItem>>("plex", `/library/metadata/${show.ratingKey}/children`)
        const seasons = children.MediaContainer.Metadata ?? []
        for (const [index, season] of seasons.entries()) {
          const leaves = yield* read<Container<PlexItem>>("plex", `/library/metadata/${season.ratingKey}/children`)
          assert.strictEqual(leaves.MediaContainer.size, season.leafCount)
          yield* ask("plex", `/library/metadata/${season.ratingKey}`, { method: "DELETE" })
          const left = yield* ask("plex", `/library/metadata/${show.ratingKey}/children`)
          if (index === seasons.length - 1) assert.strictEqual(left.status, 404)
          else assert.strictEqual((left.json as Container<PlexItem>).MediaContainer.size, seasons.length - 1 - index)
        }
      })
    )
  )

  it.effect("tells what everybody watched, newest first, also for what is gone", () =>
    withSandbox(
      {},
      Effect.gen(function* () {
        const path = "/status/sessions/history/all?sort=viewedAt:desc"
        const all = yield* read<Container<PlexItem>>("plex", path)
        const rows = all.MediaContainer.Metadata ?? []
        const { world } = yield* Sandbox
        assert.strictEqual(rows.length, world.plays.length)
        assert.isTrue(
          rows.every((row, index) => index === 0 || (row.viewedAt ?? 0) <= (rows[index - 1]?.viewedAt ?? 0) + 7200)
        )
        const played = first(rows, (row) => Number(row.ratingKey) < 2_000_000)
        yield* ask("plex", `/library/metadata/${played.ratingKey}`, { method: "DELETE" })
        const after = (yield* read<Container<PlexItem>>("plex", path)).MediaContainer.Metadata ?? []
        assert.lengthOf(after, rows.length)
        assert.isUndefined(first(after, (row) => row.title === played.title).ratingKey)
      })
    )
  )

  it.effect("wants a token, speaks XML unless JSON is asked for, and shows its identity to anybody", () =>
    withSandbox(
      { items: 20 },
      Effect.gen(function* () {
        assert.strictEqual((yield* ask("plex", "/library/sections", { key: null })).status, 401)
        assert.strictEqual((yield* ask("plex", "/library/sections", { key: "wrong" })).status, 401)
        assert.strictEqual((yield* ask("plex", "/identity", { key: null })).status, 200)
        const xml = yield* ask("plex", "/library/sections", { headers: { accept: "*/*" } })
        assert.include(xml.headers.get("content-type") ?? "", "xml")
        assert.match(xml.text, /^<\?xml version="1.0" encoding="UTF-8"\?>\n<MediaContainer size="2"/)
        assert.strictEqual((yield* ask("plex", "/library/metadata/999999999")).status, 404)
      })
    )
  )
})

describe("Tautulli", () => {
  const history = (query: string) =>
    Effect.map(read<History>("tautulli", `/api/v2?cmd=get_history${query}`), (each) => each.response.data)

  it.effect("pages by 25 and can be read whole, in both orders", () =>
    withSandbox(
      {},
      Effect.gen(function* () {
        const { world } = yield* Sandbox
        const page = yield* history("")
        assert.lengthOf(page.data, 25)
        assert.strictEqual(page.recordsTotal, world.plays.length)
        const seen: Array<number> = []
        for (let start = 0; start < page.recordsFiltered; start += 500) {
          seen.push(
            ...(yield* history(`&start=${start}&length=500&order_column=date&order_dir=asc`)).data.map(
              (row) => row.row_id
            )
          )
        }
        assert.deepStrictEqual(
          seen,
          world.plays.map((play) => play.id)
        )
      })
    )
  )

  it.effect("filters by person and by item, and remembers what was removed", () =>
    withSandbox(
      {},
      Effect.gen(function* () {
        const [row] = (yield* history("&media_type=movie")).data
        assert.isDefined(row)
        const plays = yield* history(`&rating_key=${row.rating_key}&length=1000`)
        assert.isTrue(plays.data.length > 0 && plays.data.every((each) => each.title === row.title))
        const own = yield* history(`&user=${row.user}&length=5000`)
        assert.isTrue(own.data.length > 1 && own.data.every((each) => each.user === row.user))
        yield* ask("plex", `/library/metadata/${row.rating_key}`, { method: "DELETE" })
        assert.deepStrictEqual(yield* history(`&rating_key=${row.rating_key}&length=1000`), plays)
      })
    )
  )

  it.effect("answers 400 with an error to a wrong key and to an unknown command", () =>
    withSandbox(
      { items: 10 },
      Effect.gen(function* () {
        const error = (message: string) => ({ response: { result: "error", message, data: {} } })
        const wrong = yield* ask("tautulli", "/api/v2?cmd=get_history", { key: "wrong" })
        assert.deepStrictEqual([wrong.status, wrong.json], [400, error("Invalid apikey")])
        const none = yield* ask("tautulli", "/api/v2?cmd=get_history", { key: null })
        assert.deepStrictEqual([none.status, none.json], [400, error("Parameter apikey is required")])
        assert.strictEqual((yield* ask("tautulli", "/api/v2?cmd=toString")).status, 400)
      })
    )
  )

  it.effect("still says success while Plex is down, with nothing in it", () =>
    withSandbox(
      { items: 10 },
      Effect.gen(function* () {
        const { faults } = yield* Sandbox
        const data = (cmd: string) =>
          Effect.map(
            read<{ response: { data: unknown } }>("tautulli", `/api/v2?cmd=${cmd}`),
            (each) => each.response.data
          )
        assert.deepStrictEqual(yield* data("server_status"), { connected: true })
        yield* faults.add({ kind: "down", app: "plex" })
        assert.deepStrictEqual(yield* data("server_status"), { connected: false })
        assert.deepStrictEqual(yield* data("get_libraries"), [])
        assert.deepStrictEqual(yield* data("get_activity"), {})
      })
    )
  )
})

describe("Seerr", () => {
  it.effect("pages requests by ten and filters them", () =>
    withSandbox(
      {},
      Effect.gen(function* () {
        const { world } = yield* Sandbox
        const one = yield* read<Results<SeerrRequest>>("seerr", "/api/v1/request")
        assert.lengthOf(one.results, 10)
        assert.strictEqual(one.pageInfo.results, world.requests.length)
        const all = yield* read<Results<SeerrRequest>>("seerr", "/api/v1/request?take=1000&skip=0&filter=all")
        assert.lengthOf(all.results, world.requests.length)
        assert.isTrue(
          all.results.every((request, index) => index === 0 || request.id < (all.results[index - 1]?.id ?? 0))
        )
        const second = yield* read<Results<SeerrRequest>>("seerr", "/api/v1/request?take=10&skip=10")
        assert.deepStrictEqual(second.results, all.results.slice(10, 20))
        assert.strictEqual(second.pageInfo.page, 2)
        const pending = yield* read<Results<SeerrRequest>>("seerr", "/api/v1/request?filter=pending&take=100")
        assert.isTrue(pending.results.length > 0 && pending.results.every((request) => request.status === 1))
        const count = yield* read<{ total: number; pending: number }>("seerr", "/api/v1/request/count")
        assert.deepInclude(count, { total: world.requests.length, pending: pending.results.length })
      })
    )
  )

  it.effect("sees that a requested movie was removed, and forgets it when its media is deleted", () =>
    withSandbox(
      {},
      Effect.gen(function* () {
        const all = Effect.map(
          read<Results<SeerrRequest>>("seerr", "/api/v1/request?take=1000"),
          (each) => each.results
        )
        const request = first(yield* all, (each) => each.type === "movie" && each.media.status === 5)
        yield* ask("radarr", `${api}/movie/${request.media.externalServiceId}?deleteFiles=true`, { method: "DELETE" })
        const again = yield* read<SeerrRequest>("seerr", `/api/v1/request/${request.id}`)
        assert.strictEqual(again.media.status, 7)
        assert.strictEqual((yield* ask("seerr", `/api/v1/media/${request.media.id}`, { method: "DELETE" })).status, 204)
        assert.strictEqual((yield* ask("seerr", `/api/v1/request/${request.id}`)).status, 404)
        assert.strictEqual((yield* ask("seerr", `/api/v1/media/${request.media.id}`, { method: "DELETE" })).status, 404)
      })
    )
  )

  it.effect("tells its version to anybody and the rest to who has the key", () =>
    withSandbox(
      { items: 10 },
      Effect.gen(function* () {
        assert.strictEqual((yield* ask("seerr", "/api/v1/status", { key: null })).status, 200)
        assert.strictEqual((yield* ask("seerr", "/api/v1/settings/main", { key: "wrong" })).status, 403)
        assert.strictEqual((yield* ask("seerr", "/api/v1/settings/main")).status, 200)
      })
    )
  )
})
