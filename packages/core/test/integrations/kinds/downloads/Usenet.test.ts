/** SABnzbd and NZBGet. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { nzbget } from "../../../../src/integrations/kinds/nzbget.ts"
import { sabnzbd } from "../../../../src/integrations/kinds/sabnzbd.ts"
import type { Sent } from "../../support/FakeUpstream.ts"
import { assertHas, assertWhole, formOf, only, open, text } from "./Clients.ts"

const slot = (changes: Record<string, unknown> = {}) => ({
  index: 0,
  nzo_id: "SABnzbd_nzo_1",
  filename: "Film.2031.1080p",
  cat: "radarr",
  status: "Downloading",
  mb: "1000.00",
  mbleft: "250.00",
  timeleft: "0:10:00",
  priority: "Normal",
  labels: [],
  ...changes
})

const done = (changes: Record<string, unknown> = {}) => ({
  nzo_id: "SABnzbd_nzo_2",
  name: "Show.S01E01",
  category: "tv",
  status: "Completed",
  bytes: 5_000,
  storage: "/complete/tv/Show.S01E01",
  path: "/incomplete/Show.S01E01",
  completed: 1_795_189_038,
  fail_message: "",
  ...changes
})

interface Sab {
  queue?: ReadonlyArray<Record<string, unknown>>
  history?: ReadonlyArray<Record<string, unknown>>
  head?: Record<string, unknown>
  key?: string
  /** As `noofslots`, if it differs from the rows. */
  total?: number
}

const sab = (world: Sab) => (sent: Sent) => {
  if (sent.query.get("apikey") !== (world.key ?? "right")) return text("API Key Incorrect", 403)
  const parameters = { ...Object.fromEntries(sent.query), ...formOf(sent) }
  const rowsOf = (rows: ReadonlyArray<Record<string, unknown>> = []) => {
    const ids = parameters["nzo_ids"]?.split(",")
    const wanted = rows.filter(({ nzo_id }) => ids === undefined || ids.includes(String(nzo_id)))
    const from = Number(parameters["start"] ?? 0)
    return {
      noofslots: world.total ?? wanted.length,
      slots: wanted.slice(from, from + Number(parameters["limit"] ?? 10))
    }
  }
  if (sent.method === "POST") {
    if (parameters["mode"] === "queue" && parameters["name"] === "delete")
      return { status: true, nzo_ids: parameters["value"]?.split(",") }
    return { status: true }
  }
  switch (parameters["mode"]) {
    case "version":
      return { version: "4.5.0" }
    case "queue":
      return {
        queue: {
          version: "4.5.0",
          paused: false,
          speedlimit_abs: "5000",
          kbpersec: "100.5",
          diskspace1: "10.5",
          diskspace2: "20",
          ...world.head,
          ...rowsOf(world.queue)
        }
      }
    case "history":
      return parameters["last_history_update"] === "7"
        ? { history: false }
        : { history: { last_history_update: 7, ...rowsOf(world.history) } }
    case "fullstatus":
      return { status: { pid: 4, downloaddir: "/incomplete", completedir: "/complete" } }
    case "get_config":
      return {
        config:
          parameters["section"] === "misc"
            ? { misc: { password: "never-kept", schedlines: [] } }
            : {
                categories: [
                  { name: "*", dir: "" },
                  { name: "tv", dir: "shows" },
                  { name: "radarr", dir: "/films" }
                ]
              }
      }
    case "get_cats":
      return { categories: ["*", "radarr", "tv"] }
    default:
      return { status: false, error: "not implemented" }
  }
}

const readSab = (world: Sab) =>
  Effect.gen(function* () {
    const client = yield* open(sabnzbd, { apiKey: "right" }, sab(world))
    const reading = yield* client.read
    assertWhole(reading)
    return reading
  })

describe("SABnzbd", () => {
  it.effect("has phases for what is done before and after the download, which are neither stalls nor faults", () =>
    Effect.gen(function* () {
      const inQueue = {
        Queued: ["queued", null],
        Paused: ["paused", null],
        Downloading: ["downloading", null],
        Propagating: ["post-processing", "propagating"],
        Grabbing: ["post-processing", "grabbing"],
        Fetching: ["post-processing", "fetching"],
        Checking: ["post-processing", "verifying"],
        Dreaming: ["unknown", null]
      }
      for (const [status, [state, phase]] of Object.entries(inQueue)) {
        assertHas(only(yield* readSab({ queue: [slot({ status })] })), { state, phase, rawState: status })
      }
      const inHistory = {
        Queued: ["post-processing", "waiting"],
        QuickCheck: ["post-processing", "verifying"],
        Verifying: ["post-processing", "verifying"],
        Repairing: ["post-processing", "repairing"],
        Extracting: ["post-processing", "unpacking"],
        Moving: ["post-processing", "moving"],
        Running: ["post-processing", "script"],
        Completed: ["completed", null],
        Failed: ["error", null]
      }
      for (const [status, [state, phase]] of Object.entries(inHistory)) {
        const download = only(yield* readSab({ history: [done({ status })] }))
        assertHas(download, { state, phase })
        assert.strictEqual(download.contentPath, status === "Completed" ? "/complete/tv/Show.S01E01" : null)
      }
    })
  )

  it.effect("has numbers for its texts, and no time left for a job that waits for others", () =>
    Effect.gen(function* () {
      const reading = yield* readSab({
        queue: [
          slot(),
          slot({
            nzo_id: "SABnzbd_nzo_9",
            index: 8,
            status: "Queued",
            timeleft: "3:00:00",
            mbleft: "1000.00",
            cat: "*"
          })
        ],
        head: { paused: true }
      })
      const [first, waiting] = reading.downloads
      assert.deepInclude(first, { etaSeconds: 600, progress: 0.75, category: "radarr", queuePosition: 1 })
      assert.strictEqual(first?.bytes.left, 250 * 1024 ** 2)
      assert.deepInclude(waiting, { etaSeconds: null, category: "", queuePosition: 9 })
      assert.deepInclude(reading.client, { paused: true, version: "4.5.0", epoch: "4" })
      assert.strictEqual(reading.client.speeds.down, 102_912)
      assert.deepStrictEqual(first?.limits.down.effective, 5_000)
      assert.deepStrictEqual(reading.client.folders, [
        { path: "/incomplete", freeBytes: 10.5 * 1024 ** 3 },
        { path: "/complete", freeBytes: 20 * 1024 ** 3 }
      ])
      assert.deepStrictEqual(reading.client.categories, [
        { name: "tv", path: "/complete/shows" },
        { name: "radarr", path: "/films" }
      ])
      assert.notInclude(JSON.stringify(reading), "never-kept")
      assert.isNull(only(yield* readSab({ queue: [slot({ timeleft: "0:00:00" })] })).etaSeconds)
    })
  )

  it.effect("of SABnzbd shows no address, which may contain a key, in what failed", () =>
    Effect.gen(function* () {
      const message = "URL Fetching failed; https://indexer.example/api?t=get&apikey=secret"
      const { error } = only(yield* readSab({ history: [done({ status: "Failed", fail_message: message })] }))
      assert.strictEqual(error, "URL Fetching failed; (address)")
    })
  )

  it.effect("says why a job has failed, so that a full disk is not taken for a bad release", () =>
    Effect.gen(function* () {
      const message = "Unpacking failed, write error or disk is full?"
      const download = only(yield* readSab({ history: [done({ status: "Failed", fail_message: message })] }))
      assert.deepInclude(download, { state: "error", error: message })
    })
  )

  it.effect("is read in pages, and a list that is shorter than it says is not whole", () =>
    Effect.gen(function* () {
      const many = Array.from({ length: 10_000 }, (_, index) => slot({ nzo_id: `SABnzbd_nzo_${index}`, index }))
      const client = yield* open(sabnzbd, { apiKey: "right" }, sab({ queue: many, history: [done({ nzo_id: "h" })] }))
      const reading = yield* client.read
      assert.strictEqual(reading.downloads.length, 10_001)
      assert.isBelow(client.sent.length, 10)
      // A history that has not changed is not read again.
      const again = yield* client.downloads.read(reading)
      assert.deepInclude(again, { complete: true, changed: [], removed: [] })
      assert.strictEqual(again.downloads.length, 10_001)
      const short = yield* readSab({ queue: [slot()], total: 3 })
      assert.isFalse(short.complete)
    })
  )

  it.effect("gets a wrong key once, and the error has its words", () =>
    Effect.gen(function* () {
      const client = yield* open(sabnzbd, { apiKey: "wrong" }, sab({}))
      for (let time = 0; time < 3; time++)
        assert.include((yield* Effect.flip(client.read)).message, "API Key Incorrect")
      assert.strictEqual(client.sent.length, 1)
    })
  )

  it.effect("has words of its own for a name in the address that is not accepted", () =>
    Effect.gen(function* () {
      const refusal = "Access denied - Hostname verification failed: https://sabnzbd.org/hostname-check"
      const client = yield* open(sabnzbd, { apiKey: "right" }, () => text(refusal, 403))
      const error = yield* Effect.flip(client.read)
      assert.strictEqual(error._tag, "UpstreamRefused")
      assert.include(error.message, "host_whitelist")
    })
  )

  it.effect("removes from the list where the job is, and refuses what it would not do", () =>
    Effect.gen(function* () {
      const world = {
        queue: [slot()],
        history: [done(), done({ nzo_id: "failed", status: "Failed" }), done({ nzo_id: "busy", status: "Repairing" })]
      }
      const client = yield* open(sabnzbd, { apiKey: "right" }, sab(world))
      const ids = ["SABnzbd_nzo_1", "SABnzbd_nzo_2", "failed", "busy", "absent"]
      const outcome = yield* client.downloads.remove(ids, { withData: true })
      assert.deepStrictEqual(outcome.accepted, ["SABnzbd_nzo_1", "failed"])
      assert.deepStrictEqual(outcome.absent, ["absent"])
      assert.deepStrictEqual(outcome.refused.map(({ id }) => id).toSorted(), ["SABnzbd_nzo_2", "busy"])
      assert.deepStrictEqual(
        client.sent.flatMap((sent) => (sent.method === "POST" ? [formOf(sent)] : [])),
        [
          { mode: "queue", name: "delete", value: "SABnzbd_nzo_1", del_files: "1" },
          { mode: "history", name: "delete", value: "failed", del_files: "1" }
        ]
      )
      const kept = yield* client.downloads.remove(["SABnzbd_nzo_2"], { withData: false })
      assert.deepStrictEqual(kept.accepted, ["SABnzbd_nzo_2"])
      assert.strictEqual(formOf(client.sent.at(-1) as Sent)["del_files"], "0")
    })
  )

  it.effect("refuses a category that does not exist, which the application would accept", () =>
    Effect.gen(function* () {
      const client = yield* open(sabnzbd, { apiKey: "right" }, sab({ queue: [slot()] }))
      assert.strictEqual((yield* client.downloads.setCategory!(["SABnzbd_nzo_1"], "nothere")).refused.length, 1)
      assert.deepStrictEqual((yield* client.downloads.setCategory!(["SABnzbd_nzo_1"], "TV")).accepted, [
        "SABnzbd_nzo_1"
      ])
      assert.deepInclude(formOf(client.sent.at(-1) as Sent), { mode: "change_cat", value2: "tv" })
      assert.deepStrictEqual((yield* client.downloads.pause(["gone"])).absent, ["gone"])
    })
  )
})

const group = (changes: Record<string, unknown> = {}) => ({
  NZBID: 1,
  NZBName: "Film.2031.1080p",
  Status: "DOWNLOADING",
  Category: "radarr",
  FileSizeLo: 705_032_704,
  FileSizeHi: 1,
  RemainingSizeLo: 1_000,
  RemainingSizeHi: 0,
  PausedSizeLo: 400,
  PausedSizeHi: 0,
  DestDir: "/inter/Film",
  MaxPriority: 0,
  ...changes
})

interface Get {
  groups?: ReadonlyArray<Record<string, unknown>> | null
  history?: ReadonlyArray<Record<string, unknown>>
  status?: Record<string, unknown>
}

const get = (world: Get) => (sent: Sent) => {
  const { method, params } = sent.body as { readonly method: string; readonly params: ReadonlyArray<unknown> }
  if (sent.headers.get("authorization") !== `Basic ${btoa("nzbget:right")}`) return text("", 401)
  const results: Record<string, unknown> = {
    version: "21.0",
    status: {
      DownloadLimit: 0,
      DownloadRate: 7,
      UpTimeSec: 100,
      ServerTime: 1_795_189_038,
      DownloadPaused: false,
      FreeDiskSpaceLo: 4_294_967_295,
      FreeDiskSpaceHi: 4_294_967_295,
      ...world.status
    },
    config: [
      { Name: "MainDir", Value: "/main" },
      { Name: "DestDir", Value: "${MainDir}/done" },
      { Name: "ControlPassword", Value: "never-kept" },
      { Name: "Category1.Name", Value: "radarr" }
    ],
    listgroups: world.groups === undefined ? [] : world.groups,
    history: world.history ?? [],
    editqueue: params[0] !== "GroupMoveTop"
  }
  return method in results
    ? { version: "1.1", id: 1, result: results[method] }
    : { version: "1.1", id: 1, error: { name: "JSONRPCError", code: 1, message: "Invalid procedure" } }
}

const account = { username: "nzbget", password: "right" }

const readGet = (world: Get) =>
  Effect.gen(function* () {
    const client = yield* open(nzbget, account, get(world))
    const reading = yield* client.read
    assertWhole(reading)
    return reading
  })

describe("NZBGet", () => {
  it.effect("has phases for its post-processing", () =>
    Effect.gen(function* () {
      const states = {
        QUEUED: ["queued", null],
        PAUSED: ["paused", null],
        DOWNLOADING: ["downloading", null],
        FETCHING: ["post-processing", "grabbing"],
        PP_QUEUED: ["post-processing", "waiting"],
        VERIFYING_SOURCES: ["post-processing", "verifying"],
        REPAIRING: ["post-processing", "repairing"],
        UNPACKING: ["post-processing", "unpacking"],
        MOVING: ["post-processing", "moving"],
        EXECUTING_SCRIPT: ["post-processing", "script"],
        DREAMING: ["unknown", null]
      }
      for (const [Status, [state, phase]] of Object.entries(states)) {
        assertHas(only(yield* readGet({ groups: [group({ Status })] })), { state, phase, rawState: Status })
      }
    })
  )

  it.effect("keeps the words of its history, by which a duplicate differs from a failure", () =>
    Effect.gen(function* () {
      for (const [Status, state] of [
        ["SUCCESS/ALL", "completed"],
        ["WARNING/SCRIPT", "completed"],
        ["WARNING/SPACE", "error"],
        ["FAILURE/PAR", "error"],
        ["DELETED/COPY", "error"],
        ["DELETED/DUPE", "error"],
        ["DREAMING", "unknown"]
      ] as const) {
        const download = only(
          yield* readGet({ history: [group({ Status, HistoryTime: 1_795_189_038, FinalDir: "" })] })
        )
        assert.deepInclude(download, { state, rawState: Status })
        assert.strictEqual(download.error, state === "completed" ? null : Status)
        assert.strictEqual(download.contentPath, state === "completed" ? "/inter/Film" : null)
      }
    })
  )

  it.effect(
    "has sizes of more than 4 GB, and counts files that are read only if needed neither as wanted nor as left",
    () =>
      Effect.gen(function* () {
        const reading = yield* readGet({ groups: [group()] })
        assert.deepInclude(only(reading).bytes, { total: 5_000_000_000, wanted: 4_999_999_600, left: 600 })
        assert.isNull(reading.client.folders[0]?.freeBytes)
        assert.deepInclude(reading.client, {
          savePath: "/main/done",
          paused: false,
          clockAt: "2026-11-20T15:37:18.000Z"
        })
        assert.notInclude(JSON.stringify(reading), "never-kept")
        assert.isTrue((yield* readGet({ status: { DownloadPaused: true, QuotaReached: true } })).client.paused)
        assert.isFalse((yield* readGet({ groups: null })).complete)
      })
  )

  it.effect("gets a refused password once", () =>
    Effect.gen(function* () {
      const client = yield* open(nzbget, { ...account, password: "wrong" }, get({}))
      for (let time = 0; time < 3; time++)
        assert.strictEqual((yield* Effect.flip(client.read))._tag, "UpstreamUnauthorized")
      assert.strictEqual(client.sent.length, 1)
    })
  )

  it.effect("refuses to remove what it would remove differently, and what it does not confirm", () =>
    Effect.gen(function* () {
      const world = { groups: [group()], history: [group({ NZBID: 2, Status: "SUCCESS/ALL" })] }
      const client = yield* open(nzbget, account, get(world))
      const withData = yield* client.downloads.remove(["1", "2", "3"], { withData: true })
      assert.deepStrictEqual(
        [withData.accepted, withData.absent, withData.refused.map(({ id }) => id)],
        [["1"], ["3"], ["2"]]
      )
      const without = yield* client.downloads.remove(["1", "2"], { withData: false })
      assert.deepStrictEqual([without.accepted, without.refused.map(({ id }) => id)], [["2"], ["1"]])
      const edits = client.sent.flatMap(({ body }) => {
        const { method, params } = body as { readonly method: string; readonly params: unknown }
        return method === "editqueue" ? [params] : []
      })
      assert.deepStrictEqual(edits, [
        ["GroupFinalDelete", "", [1]],
        ["HistoryFinalDelete", "", [2]]
      ])
      const moved = yield* client.downloads.setQueuePosition!(["1"], "top")
      assert.deepStrictEqual(moved.refused, [{ id: "1", reason: "it did not confirm the change" }])
    })
  )
})
