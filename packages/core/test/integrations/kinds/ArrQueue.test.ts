/** The queues of the Servarr applications, their histories, and what is searched for after a removal. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { lidarr } from "../../../src/integrations/kinds/lidarr.ts"
import { radarr } from "../../../src/integrations/kinds/radarr.ts"
import { readarr } from "../../../src/integrations/kinds/readarr.ts"
import { sonarr } from "../../../src/integrations/kinds/sonarr.ts"
import { type Answers, connect, type Sent } from "../support/FakeUpstream.ts"

const config = { apiKey: "0123456789abcdef0123456789abcdef" }

const row = (id: number, changes: object = {}) => ({
  id,
  title: "Some.Show.S02.1080p",
  size: 1000,
  sizeleft: "250.0",
  status: "Downloading",
  trackedDownloadStatus: "Ok",
  trackedDownloadState: "Downloading",
  statusMessages: [],
  downloadId: "ABCDEF",
  protocol: "torrent",
  downloadClient: "qBittorrent",
  indexer: "Indexer",
  outputPath: "/downloads/Some.Show.S02.1080p",
  ...changes
})

const pages =
  (rows: ReadonlyArray<unknown>, size = 500): ((sent: Sent) => unknown) =>
  ({ query }) => {
    const page = Number(query.get("page"))
    return { page, pageSize: size, totalRecords: rows.length, records: rows.slice((page - 1) * size, page * size) }
  }

const queueOf = (kind: typeof sonarr, answers: Answers) =>
  Effect.map(connect(kind, config, answers), (fake) => ({ ...fake, queue: fake.connected.queue! }))

describe("The queue of an arr", () => {
  it.effect("is read whole, a pack as one entry with all of its episodes, however many pages it spans", () => {
    const rows = Array.from({ length: 1_200 }, (_, n) => row(n + 1, { seriesId: 7, episodeId: n + 1, seasonNumber: 2 }))
    return Effect.gen(function* () {
      const { calls, queue } = yield* queueOf(sonarr, pages(rows))
      const entries = yield* queue.read
      assert.strictEqual(entries.length, 1)
      assert.deepInclude(entries[0], {
        downloadId: "abcdef",
        protocol: "torrent",
        sizeBytes: 1000,
        leftBytes: 250,
        trackedState: "downloading",
        trackedStatus: "ok"
      })
      assert.strictEqual(entries[0]?.rowIds.length, 1_200)
      assert.deepStrictEqual(entries[0]?.targets[3], { kind: "episode", wholeId: "7", seasonNumber: 2, partId: "4" })
      assert.strictEqual(calls().length, 3)
    })
  })

  it.effect("lists what waits without a download, and what it is not for, as such", () =>
    Effect.gen(function* () {
      const { queue } = yield* queueOf(
        radarr,
        pages([
          { id: 1, movieId: 5, title: "Held.Back", status: "delay", protocol: "usenet" },
          { id: 2, title: "By.Hand", downloadId: "SABnzbd_nzo_1", status: "completed", protocol: "usenet" }
        ])
      )
      const [held, byHand] = yield* queue.read
      assert.deepInclude(held, { downloadId: null, status: "delay", sizeBytes: null, trackedState: null })
      assert.deepInclude(byHand, { downloadId: "sabnzbd_nzo_1", targets: [] })
    })
  )

  it.effect("is asked for the whole history of one download, and an answer about others is not believed", () => {
    const event = (id: number, changes: object = {}) => ({
      id,
      movieId: 5,
      eventType: "grabbed",
      date: "2020-01-01T00:00:00Z",
      sourceTitle: "Some.Movie",
      downloadId: "ABCDEF",
      ...changes
    })
    return Effect.gen(function* () {
      const { queue } = yield* queueOf(radarr, ({ query }) => ({
        page: 1,
        pageSize: 500,
        totalRecords: 1,
        records: [event(1)].filter(({ downloadId }) => downloadId === query.get("downloadId"))
      }))
      const found = yield* queue.historyOf?.("ABCDEF") ?? Effect.succeed([])
      assert.deepStrictEqual(
        found.map(({ downloadId, what }) => [downloadId, what]),
        [["abcdef", "grabbed"]]
      )
      const other = yield* queueOf(radarr, pages([event(1), event(2, { downloadId: "OTHER" })]))
      const error = yield* Effect.flip(other.queue.historyOf?.("ABCDEF") ?? Effect.succeed([]))
      assert.strictEqual(error._tag, "UpstreamMalformed")
    })
  })

  it.effect("collects the messages of all rows, each once, and the worst of their states", () =>
    Effect.gen(function* () {
      const { queue } = yield* queueOf(
        sonarr,
        pages([
          row(1, { seriesId: 7, episodeId: 1 }),
          row(2, {
            seriesId: 7,
            episodeId: 2,
            trackedDownloadStatus: "warning",
            statusMessages: [
              { title: "episode.mkv", messages: ["Sample", "Not an upgrade"] },
              { title: "One or more episodes expected in this release were not imported", messages: [] }
            ]
          }),
          row(3, { seriesId: 7, episodeId: 3, statusMessages: [{ title: "other.mkv", messages: ["Sample"] }] })
        ])
      )
      const [entry] = yield* queue.read
      assert.strictEqual(entry?.trackedStatus, "warning")
      assert.deepStrictEqual(entry?.messages, [
        "Sample",
        "Not an upgrade",
        "One or more episodes expected in this release were not imported"
      ])
    })
  )

  it.effect("that became shorter while it was read is read again, and one that cannot be read is no empty one", () => {
    let asked = 0
    const rows = Array.from({ length: 501 }, (_, n) => row(n + 1, { downloadId: `id${n}` }))
    return Effect.gen(function* () {
      const { queue } = yield* queueOf(sonarr, (sent) => {
        asked++
        return asked === 2 ? { totalRecords: 400, records: [] } : pages(rows)(sent)
      })
      assert.strictEqual((yield* queue.read).length, 501)
      const broken = yield* queueOf(sonarr, () => ({ totalRecords: 1, records: [{ id: "x" }] }))
      assert.strictEqual((yield* Effect.flip(broken.queue.read))._tag, "UpstreamMalformed")
    })
  })

  it.effect("gives up an entry with all of its rows, each request once, and takes a row that is gone for removed", () =>
    Effect.gen(function* () {
      const { queue, sent } = yield* queueOf(sonarr, ({ path }) => (path.endsWith("/1") ? {} : undefined))
      yield* queue.remove([1, 2], { removeFromClient: false, blocklist: true })
      assert.deepStrictEqual(
        sent.map(({ method, path, query }) => `${method} ${path} ${query.toString()}`),
        [
          "DELETE /api/v3/queue/1 removeFromClient=false&blocklist=true&skipRedownload=true&changeCategory=false",
          "DELETE /api/v3/queue/2 removeFromClient=false&blocklist=false&skipRedownload=true&changeCategory=false"
        ]
      )
    })
  )

  it.effect("knows what was fetched and imported, oldest first", () =>
    Effect.gen(function* () {
      const { queue, sent } = yield* queueOf(lidarr, () => [
        { eventType: "downloadImported", date: "2026-01-02T00:00:00Z", downloadId: "AA", artistId: 3, albumId: 4 },
        {
          eventType: "grabbed",
          date: "2026-01-01T00:00:00Z",
          downloadId: "AA",
          artistId: 3,
          albumId: 4,
          data: { indexer: "I" }
        },
        { eventType: "trackFileDeleted", date: "2026-01-03T00:00:00Z" }
      ])
      const history = yield* queue.history("2026-01-01T00:00:00.000Z")
      assert.deepStrictEqual(
        history.map(({ downloadId, indexer, targets, what }) => [what, downloadId, indexer, targets]),
        [
          ["grabbed", "aa", "I", [{ kind: "album", wholeId: "3", partId: "4" }]],
          ["imported", "aa", null, [{ kind: "album", wholeId: "3", partId: "4" }]]
        ]
      )
      assert.strictEqual(sent[0]?.path, "/api/v1/history/since")
    })
  )

  it.effect("is followed by a search for what is monitored and missing, and for nothing else", () =>
    Effect.gen(function* () {
      const { queue, sent } = yield* queueOf(sonarr, ({ method, path }) =>
        method === "POST"
          ? { id: 1 }
          : path === "/api/v3/episode"
            ? [
                { id: 1, monitored: true, hasFile: false },
                { id: 2, monitored: true, hasFile: true },
                { id: 3, monitored: false, hasFile: false }
              ]
            : undefined
      )
      const wanted = yield* queue.stillWanted(
        ["1", "2", "3", "4"].map((partId) => ({ kind: "episode", wholeId: "7", seasonNumber: 2, partId }))
      )
      assert.deepStrictEqual(
        wanted.map(({ partId }) => partId),
        ["1"]
      )
      yield* queue.search(wanted)
      assert.deepStrictEqual(sent.at(-1)?.body, { name: "EpisodeSearch", episodeIds: [1] })
      const movies = yield* queueOf(radarr, ({ path }) =>
        path === "/api/v3/movie/5" ? { id: 5, monitored: true, hasFile: false } : undefined
      )
      assert.deepStrictEqual(
        yield* movies.queue.stillWanted([
          { kind: "movie", wholeId: "5" },
          { kind: "movie", wholeId: "6" }
        ]),
        [{ kind: "movie", wholeId: "5" }]
      )
    })
  )

  it.effect("imports a path by the command of its application, once, and says which imports are under way", () =>
    Effect.gen(function* () {
      const commands = [
        { name: "RssSync", status: "started", body: {} },
        { name: "RenameFiles", status: "queued", body: { files: [1, 2] } },
        { name: "DownloadedMoviesScan", status: "started", body: { path: "/d/A", downloadClientId: "ABC" } },
        { name: "DownloadedMoviesScan", status: "completed", body: { path: "/d/B", downloadClientId: "DEF" } },
        { name: "ManualImport", status: "queued", body: { files: [{ path: "/d/C/c.mkv", downloadId: "GHI" }] } }
      ]
      for (const [kind, name] of [
        [radarr, "DownloadedMoviesScan"],
        [sonarr, "DownloadedEpisodesScan"],
        [lidarr, "DownloadedAlbumsScan"],
        [readarr, "DownloadedBooksScan"]
      ] as const) {
        const { queue, sent } = yield* queueOf(kind, ({ method }) => (method === "POST" ? { id: 1 } : commands))
        const { imports } = queue
        if (imports === null) return assert.fail("it imports on request")
        yield* imports.from({ path: "/data/A", downloadId: "ABC", mode: "copy" })
        assert.deepStrictEqual(sent.at(-1)?.body, {
          name,
          path: "/data/A",
          downloadClientId: "ABC",
          importMode: "Copy"
        })
        yield* imports.from({ path: "/data/A", downloadId: "ABC", mode: "auto" })
        assert.deepInclude(sent.at(-1)?.body, { importMode: "Auto" })
        assert.strictEqual(sent.filter(({ method }) => method === "POST").length, 2)
        assert.deepStrictEqual(yield* imports.underWay, ["abc", "ghi"])
      }
    })
  )
})
