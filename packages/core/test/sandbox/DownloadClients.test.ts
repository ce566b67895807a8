/** The simulated download clients, read and changed by their kinds over real HTTP, and the queues of the arrs. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import type { Download, DownloadsReading } from "../../src/integrations/Downloads.ts"
import type { DownloadsCapability } from "../../src/integrations/DownloadsCapability.ts"
import { Kinds } from "../../src/integrations/Kinds.ts"
import { KyUpstreamClient } from "../../src/integrations/KyUpstreamClient.ts"
import { UpstreamClient } from "../../src/integrations/Upstream.ts"
import { Sandbox } from "../../src/sandbox/Sandbox.ts"
import { ask, read, withSandbox } from "./SandboxTest.ts"

const clientOf = (app: string): Effect.Effect<DownloadsCapability, never, Sandbox> =>
  Effect.gen(function* () {
    const { applications } = yield* Sandbox
    const integration = applications.find((each) => each.app === app)?.integration
    const kind = integration === undefined ? undefined : yield* Kinds.use((kinds) => kinds.find(integration.kind))
    if (integration === undefined || kind === undefined) return yield* Effect.die(new Error(`No ${app}`))
    const client = yield* UpstreamClient
    const { config, name, url } = integration
    const { downloads } = kind.connect(client, {
      integrationId: "1",
      name,
      url,
      config: { username: "admin", ...config }
    })
    return downloads ?? (yield* Effect.die(new Error(`${app} has no downloads`)))
  }).pipe(Effect.provide([Kinds.layer, KyUpstreamClient.layer]))

interface Row {
  readonly id: number
  readonly downloadId: string
  readonly movieId?: number
  readonly episodeId?: number
  readonly trackedDownloadState: string
  readonly outputPath: string
  readonly statusMessages: ReadonlyArray<unknown>
}

const queueOf = (arr: string) =>
  Effect.map(
    read<{ readonly records: ReadonlyArray<Row> }>(arr, "/api/v3/queue?pageSize=1000"),
    ({ records }) => records
  )

const historyOf = (arr: string) =>
  Effect.map(
    read<{ readonly records: ReadonlyArray<{ readonly eventType: string; readonly downloadId?: string }> }>(
      arr,
      "/api/v3/history?pageSize=2000"
    ),
    ({ records }) => records
  )

const byState = ({ downloads }: DownloadsReading, state: Download["state"]) =>
  downloads.filter((download) => download.state === state)

const stack = { items: 400, kinds: ["radarr", "sonarr", "qbittorrent", "transmission", "sabnzbd"] }

describe("Simulated download clients", () => {
  it.effect("have downloads in all states, which change with the clock and not by themselves", () =>
    withSandbox(
      stack,
      Effect.gen(function* () {
        for (const app of ["qbittorrent", "transmission"]) {
          const client = yield* clientOf(app)
          const first = yield* client.read()
          assert.isTrue(first.complete)
          assert.deepStrictEqual(first.unknownStates, [])
          for (const state of ["seeding", "downloading", "metadata"] as const) {
            assert.isNotEmpty(byState(first, state), `${app} ${state}`)
          }
          assert.isNotEmpty(first.downloads.filter((download) => download.private === true))
          assert.deepStrictEqual((yield* client.read(first)).changed, [])
          yield* TestClock.adjust("5 hours")
          const second = yield* client.read(first)
          assert.isNotEmpty(second.changed)
          assert.isNotEmpty(byState(second, "stalled"))
          assert.isNotEmpty(byState(second, "missing-files"))
          const done = byState(first, "downloading").filter(({ id }) =>
            byState(second, "seeding").some((one) => one.id === id)
          )
          assert.isNotEmpty(done, "some are complete now")
        }
        const usenet = yield* clientOf("sabnzbd")
        const jobs = yield* usenet.read()
        assert.isNotEmpty(byState(jobs, "completed"))
        assert.isNotEmpty(byState(jobs, "error"))
      })
    )
  )

  it.effect("belong to titles of the arrs: their queues, grabs and imports name the same downloads", () =>
    withSandbox(
      stack,
      Effect.gen(function* () {
        yield* TestClock.adjust("3 hours")
        const torrents = yield* (yield* clientOf("qbittorrent")).read()
        const jobs = yield* (yield* clientOf("sabnzbd")).read()
        const known = new Set([...torrents.downloads, ...jobs.downloads].map(({ id }) => id.toLowerCase()))
        for (const arr of ["radarr", "sonarr"]) {
          const rows = yield* queueOf(arr)
          assert.isNotEmpty(rows)
          assert.strictEqual(new Set(rows.map(({ id }) => id)).size, rows.length)
          assert.isTrue(rows.every(({ downloadId }) => known.has(downloadId.toLowerCase())))
          const history = yield* historyOf(arr)
          const grabbed = new Set(history.flatMap((event) => (event.eventType === "grabbed" ? [event.downloadId] : [])))
          assert.isTrue(rows.every(({ downloadId }) => grabbed.has(downloadId)))
          const imported = history.filter(
            (event) => event.eventType === "downloadFolderImported" && event.downloadId !== undefined
          )
          assert.isNotEmpty(imported)
          assert.isTrue(imported.every(({ downloadId }) => !rows.some((row) => row.downloadId === downloadId)))
        }
        const films = yield* queueOf("radarr")
        const blocked = films.filter(({ trackedDownloadState }) => trackedDownloadState === "importBlocked")
        assert.isNotEmpty(blocked)
        assert.isTrue(blocked.every(({ statusMessages }) => statusMessages.length > 0))
        // A pack has one row for each of its episodes.
        const episodes = yield* queueOf("sonarr")
        assert.isBelow(new Set(episodes.map(({ downloadId }) => downloadId)).size, episodes.length)
      })
    )
  )

  it.effect("obey: pause, resume, category, limits, files and removal", () =>
    withSandbox(
      stack,
      Effect.gen(function* () {
        for (const app of ["qbittorrent", "transmission"]) {
          const client = yield* clientOf(app)
          const first = yield* client.read()
          const one = byState(first, "downloading")[0]
          if (one === undefined) return assert.fail("nothing is downloading")
          const now = () => Effect.map(client.read(), ({ downloads }) => downloads.find(({ id }) => id === one.id))
          yield* client.pause([one.id])
          const paused = yield* now()
          yield* TestClock.adjust("1 hour")
          assert.deepInclude(yield* now(), { state: "paused", progress: paused?.progress ?? null })
          yield* client.resume([one.id])
          assert.strictEqual((yield* now())?.state, "downloading")
          yield* client.addTags!([one.id], ["keep"])
          yield* client.setLimits!([one.id], { ratio: { is: "value", value: 3 }, down: { is: "value", value: 50_000 } })
          const changed = yield* now()
          assert.deepStrictEqual(changed?.tags, ["keep"])
          assert.strictEqual(changed?.limits.down.effective, 50_000)
          assert.deepInclude(changed?.seedLimits.ratio, { is: "value", value: 3 })
          yield* client.setFileWanted!(one.id, [0], false)
          const [details] = yield* client.details([one.id], { files: true, trackers: true })
          assert.isFalse(details?.files?.[0]?.wanted)
          assert.deepStrictEqual((yield* client.remove([one.id], { withData: true })).accepted, [one.id])
          assert.strictEqual((yield* client.presence(one.id))._tag, "Absent")
          const last = yield* client.read(first)
          assert.deepStrictEqual(last.removed, [one.id])
        }
        const torrents = yield* clientOf("qbittorrent")
        const seeds = byState(yield* torrents.read(), "seeding")
        const seed = seeds[0]?.id ?? ""
        assert.strictEqual((yield* torrents.setCategory!([seed], "nothere")).refused.length, 1)
        yield* torrents.createCategory!("done", "/downloads/done")
        assert.deepStrictEqual((yield* torrents.setCategory!([seed], "done")).accepted, [seed])
        const { world } = yield* Sandbox
        assert.isTrue(world.journal.some(({ app, destructive }) => app === "qbittorrent" && destructive))
      })
    )
  )

  it.effect("lose what an arr removes from its queue with the download, and only that", () =>
    withSandbox(
      stack,
      Effect.gen(function* () {
        const client = yield* clientOf("qbittorrent")
        const isThere = (id: string) => Effect.map(client.presence(id.toLowerCase()), ({ _tag }) => _tag === "Present")
        const rows = (yield* queueOf("radarr")).filter(({ downloadId }) => downloadId.length === 40)
        const [first, second] = rows
        if (first === undefined || second === undefined) return assert.fail("too few rows")
        yield* ask("radarr", `/api/v3/queue/${first.id}?removeFromClient=true`, { method: "DELETE" })
        yield* ask("radarr", `/api/v3/queue/${second.id}?removeFromClient=false`, { method: "DELETE" })
        assert.isFalse(yield* isThere(first.downloadId))
        assert.isTrue(yield* isThere(second.downloadId))
        const left = (yield* queueOf("radarr")).map(({ id }) => id)
        assert.notInclude(left, first.id)
        assert.notInclude(left, second.id)
        const gone = yield* ask("radarr", `/api/v3/queue/${first.id}`, { method: "DELETE" })
        assert.strictEqual(gone.status, 404)
      })
    )
  )

  it.effect("are imported by an arr that is asked to, by their path and id, and once", () =>
    withSandbox(
      stack,
      Effect.gen(function* () {
        yield* TestClock.adjust("3 hours")
        const [blocked] = (yield* queueOf("radarr")).filter((row) => row.trackedDownloadState === "importBlocked")
        const { downloadId = "", outputPath: path = "" } = blocked ?? {}
        const isQueued = Effect.map(queueOf("radarr"), (rows) => rows.some((row) => row.downloadId === downloadId))
        const imports = Effect.map(
          historyOf("radarr"),
          (events) =>
            events.filter((event) => event.eventType === "downloadFolderImported" && event.downloadId === downloadId)
              .length
        )
        const command = (body: object) =>
          ask("radarr", "/api/v3/command", {
            method: "POST",
            body: { name: "DownloadedMoviesScan", downloadClientId: downloadId, importMode: "Copy", ...body }
          })
        assert.strictEqual((yield* command({ path: "/downloads" })).status, 201)
        assert.isTrue(yield* isQueued)
        for (let time = 0; time < 2; time++) {
          assert.strictEqual((yield* command({ path })).status, 201)
          assert.isFalse(yield* isQueued)
          assert.strictEqual(yield* imports, 1)
        }
      })
    )
  )
})
