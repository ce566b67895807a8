import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { transmission } from "../../../../src/integrations/kinds/transmission.ts"
import type { Sent } from "../../support/FakeUpstream.ts"
import { assertWhole, only, open, text } from "./Clients.ts"

const hash = "a".repeat(40)
const other = "b".repeat(40)

const torrent = (changes: Record<string, unknown> = {}) => ({
  id: 1,
  hashString: hash,
  name: "Film.2031.1080p",
  status: 4,
  error: 0,
  errorString: "",
  percentDone: 0.5,
  leftUntilDone: 500,
  sizeWhenDone: 1_000,
  totalSize: 1_000,
  rateDownload: 10,
  peersSendingToUs: 1,
  uploadRatio: -1,
  eta: 60,
  addedDate: 1_795_189_038,
  doneDate: 0,
  secondsSeeding: 0,
  downloadDir: "/data",
  labels: ["Keep"],
  isPrivate: true,
  isFinished: false,
  metadataPercentComplete: 1,
  seedRatioMode: 0,
  seedRatioLimit: 2,
  seedIdleMode: 1,
  seedIdleLimit: 30,
  downloadLimit: 100,
  downloadLimited: true,
  uploadLimit: 100,
  uploadLimited: false,
  honorsSessionLimits: true,
  desiredAvailable: 250,
  trackers: [{ announce: "https://t.example/key/announce" }],
  ...changes
})

interface Server {
  torrents?: Array<Record<string, unknown>>
  changes?: { torrents: Array<Record<string, unknown>>; removed: Array<number> }
  settings?: Record<string, unknown>
  secondsActive?: number
}

const config = { username: "admin", password: "right", rpcPath: "transmission/rpc" }

const call = ({ body }: Sent) =>
  body as { readonly method: string; readonly arguments: Readonly<Record<string, unknown>> }

const answer = (world: Server, sent: Sent): unknown => {
  const { arguments: args, method } = call(sent)
  const torrents = world.torrents ?? []
  switch (method) {
    case "session-get":
      return {
        version: "4.0.5",
        "rpc-version": 17,
        "download-dir": "/data",
        "download-dir-free-space": 9,
        "speed-limit-down": 50,
        "speed-limit-down-enabled": true,
        seedRatioLimit: 2,
        seedRatioLimited: true,
        units: { "speed-bytes": 1000 },
        ...world.settings
      }
    case "session-stats":
      return { downloadSpeed: 5, uploadSpeed: 6, "current-stats": { secondsActive: world.secondsActive ?? 1_000 } }
    case "torrent-get":
      if (args["ids"] === "recently-active") return world.changes ?? { torrents: [], removed: [] }
      return {
        torrents: torrents.filter(
          ({ hashString }) =>
            !Array.isArray(args["ids"]) || args["ids"].length === 0 || args["ids"].includes(hashString)
        )
      }
    default:
      return {}
  }
}

const connect = (world: Server) => {
  let session = "first"
  const server = (sent: Sent) => {
    if (sent.headers.get("authorization") !== `Basic ${btoa("admin:right")}`) return text("Unauthorized", 401)
    if (sent.headers.get("x-transmission-session-id") !== session) {
      return text("Conflict", 409, { "X-Transmission-Session-Id": session })
    }
    return { result: "success", arguments: answer(world, sent) }
  }
  return Effect.map(open(transmission, config, server), (client) => ({
    ...client,
    restart: () => void (session = "second"),
    methods: () => client.sent.map((sent) => call(sent).method)
  }))
}

const readOne = (changes: Record<string, unknown>, settings: Record<string, unknown> = {}) =>
  Effect.gen(function* () {
    const client = yield* connect({ torrents: [torrent(changes)], settings })
    const reading = yield* client.read
    assertWhole(reading)
    return { reading, download: only(reading) }
  })

describe("A torrent of Transmission", () => {
  it.effect("has a state by its number, its completeness and its error", () =>
    Effect.gen(function* () {
      const done = { leftUntilDone: 0, percentDone: 1 }
      const cases: ReadonlyArray<readonly [Record<string, unknown>, string]> = [
        [{ status: 0 }, "paused"],
        [{ status: 0, ...done }, "completed"],
        [{ status: 1 }, "checking"],
        [{ status: 2 }, "checking"],
        [{ status: 3 }, "queued"],
        [{ status: 4 }, "downloading"],
        [{ status: 4, rateDownload: 0, peersSendingToUs: 0 }, "stalled"],
        [{ status: 4, isStalled: true }, "stalled"],
        [{ status: 4, metadataPercentComplete: 0.2, sizeWhenDone: 0, leftUntilDone: 0 }, "metadata"],
        [{ status: 5, ...done }, "seeding-queued"],
        [{ status: 6, ...done }, "seeding"],
        [{ status: 6, ...done, error: 2, errorString: "Tracker: not registered" }, "seeding"],
        [{ status: 0, error: 3, errorString: "No space left on device" }, "error"],
        [{ status: 0, error: 3, errorString: "No data found! Ensure your drives are connected" }, "missing-files"],
        [{ status: 9 }, "unknown"]
      ]
      for (const [changes, state] of cases) {
        assert.strictEqual((yield* readOne(changes)).download.state, state, JSON.stringify(changes))
      }
    })
  )

  it.effect("that was stopped by its idle limit has reached a limit, which is not its ratio", () =>
    Effect.gen(function* () {
      const { download } = yield* readOne({ status: 0, leftUntilDone: 0, isFinished: true, uploadRatio: 0.1 })
      assert.deepInclude(download, { state: "completed", limitReached: true, ratio: 0.1 })
      assert.deepStrictEqual(download.seedLimits, {
        ratio: { is: "global", raw: 0 },
        seedingSeconds: { is: "none", raw: null },
        inactiveSeconds: { is: "value", value: 1_800, raw: 30 }
      })
    })
  )

  it.effect("keeps what is unknown apart: time left, ratio, privacy before the metadata", () =>
    Effect.gen(function* () {
      for (const eta of [-1, -2]) assert.isNull((yield* readOne({ eta })).download.etaSeconds)
      assert.isNull((yield* readOne({ uploadRatio: -1 })).download.ratio)
      assert.strictEqual((yield* readOne({ uploadRatio: -2 })).download.ratio, "infinite")
      const magnet = yield* readOne({ metadataPercentComplete: 0, isPrivate: false, sizeWhenDone: 0, leftUntilDone: 0 })
      assert.deepInclude(magnet.download, { private: null, state: "metadata", contentPath: null })
      assert.isNull(magnet.download.bytes.left)
      assert.strictEqual((yield* readOne({})).download.availability, 0.75)
      assert.isNull((yield* readOne({ labels: undefined })).download.tags)
    })
  )

  it.effect("has the limit in force in bytes: its own, or the client's if it honours that", () =>
    Effect.gen(function* () {
      const { download } = yield* readOne({})
      assert.deepInclude(download.limits.down, { effective: 50_000, own: { is: "value", value: 100_000, raw: 100 } })
      assert.strictEqual((yield* readOne({ honorsSessionLimits: false })).download.limits.down.effective, 100_000)
      const alternative = yield* readOne({}, { "alt-speed-enabled": true, "alt-speed-down": 7, "alt-speed-up": 8 })
      assert.strictEqual(alternative.download.limits.down.effective, 7_000)
      assert.strictEqual(alternative.download.limits.up.effective, 8_000)
    })
  )

  it.effect("has no category, and a path only once it is complete", () =>
    Effect.gen(function* () {
      const { download, reading } = yield* readOne({}, { "incomplete-dir": "/part", "incomplete-dir-enabled": true })
      assert.deepInclude(download, { category: null, contentPath: null, incompletePath: "/part", savePath: "/data" })
      assert.isNull(reading.client.categories)
      assert.deepStrictEqual(reading.client.folders, [
        { path: "/data", freeBytes: 9 },
        { path: "/part", freeBytes: null }
      ])
      assert.strictEqual((yield* readOne({ leftUntilDone: 0 })).download.contentPath, "/data/Film.2031.1080p")
    })
  )
})

describe("A reading of Transmission", () => {
  it.effect("takes a new token when the old one has ended, without signing in again", () =>
    Effect.gen(function* () {
      const client = yield* connect({ torrents: [torrent()] })
      yield* client.read
      assert.deepStrictEqual(client.methods(), ["session-get", "session-get", "session-stats", "torrent-get"])
      client.restart()
      yield* client.read
      assert.strictEqual(client.sent.length, 8)
    })
  )

  it.effect("sends a refused password once", () =>
    Effect.gen(function* () {
      const client = yield* open(transmission, { ...config, password: "wrong" }, () => text("Unauthorized User", 401))
      for (let time = 0; time < 3; time++)
        assert.strictEqual((yield* Effect.flip(client.read))._tag, "UpstreamUnauthorized")
      assert.strictEqual(client.sent.length, 1)
    })
  )

  it.effect("has words of its own for an address that is refused or banned", () =>
    Effect.gen(function* () {
      const client = yield* open(transmission, config, () => text("Unauthorized IP Address.", 403))
      const error = yield* Effect.flip(client.read)
      assert.strictEqual(error._tag, "UpstreamRefused")
      assert.include(error.message, "whitelist")
    })
  )

  it.effect("reads only what was active since the last one, and forgets what was removed", () =>
    Effect.gen(function* () {
      const world: Server = { torrents: [torrent(), torrent({ id: 2, hashString: other })] }
      const client = yield* connect(world)
      const first = yield* client.read
      world.changes = { torrents: [torrent({ percentDone: 0.6 })], removed: [2] }
      yield* TestClock.adjust("30 seconds")
      world.secondsActive = 1_030
      const second = yield* client.downloads.read(first)
      assert.deepInclude(second, { complete: true, changed: [hash], removed: [other] })
      assert.deepStrictEqual(call(client.sent.at(-1) as Sent).arguments["ids"], "recently-active")
      assert.deepStrictEqual(second.client.epoch, first.client.epoch)
      // After a longer pause, or a restart, everything is read.
      yield* TestClock.adjust("2 minutes")
      yield* client.downloads.read(second)
      assert.isUndefined(call(client.sent.at(-1) as Sent).arguments["ids"])
    })
  )

  it.effect("after a restart does not believe a shorter list", () =>
    Effect.gen(function* () {
      const world: Server = { torrents: [torrent(), torrent({ id: 2, hashString: other })] }
      const client = yield* connect(world)
      const first = yield* client.read
      world.torrents = [torrent()]
      world.secondsActive = 3
      const second = yield* client.downloads.read(first)
      assert.deepInclude(second, { complete: false, removed: [] })
      assert.notStrictEqual(second.client.epoch, first.client.epoch)
    })
  )

  it.effect("fails with the application's words if it does not succeed", () =>
    Effect.gen(function* () {
      const client = yield* open(transmission, config, () => ({ result: "method name not recognized", arguments: 0 }))
      const error = yield* Effect.flip(client.read)
      assert.strictEqual(error._tag, "UpstreamRefused")
      assert.include(error.message, "method name not recognized")
    })
  )
})

describe("Changes of torrents in Transmission", () => {
  const changes = (client: { readonly sent: ReadonlyArray<Sent> }) =>
    client.sent.map(call).filter(({ method }) => !method.endsWith("-get") && method !== "session-stats")

  it.effect("never use an empty list, which would mean everything", () =>
    Effect.gen(function* () {
      const client = yield* connect({ torrents: [torrent()] })
      assert.deepStrictEqual(yield* client.downloads.remove([], { withData: true }), {
        accepted: [],
        absent: [],
        refused: []
      })
      assert.deepStrictEqual((yield* client.downloads.remove([other], { withData: true })).absent, [other])
      assert.strictEqual((yield* client.downloads.setFileWanted!(hash, [], false)).refused.length, 1)
      assert.deepStrictEqual(yield* client.downloads.details([], { files: true, trackers: true }), [])
      assert.deepStrictEqual((yield* client.downloads.addTags!([], ["x"])).accepted, [])
      assert.deepStrictEqual(changes(client), [])
    })
  )

  it.effect("keep other labels, use the spelling that exists, and refuse a limit that it does not have", () =>
    Effect.gen(function* () {
      const client = yield* connect({ torrents: [torrent(), torrent({ id: 2, hashString: other, labels: ["arr"] })] })
      assert.deepStrictEqual((yield* client.downloads.addTags!([hash, other], ["keep"])).accepted.toSorted(), [
        hash,
        other
      ])
      yield* client.downloads.removeTags!([other], ["ARR"])
      assert.deepStrictEqual(
        changes(client).map(({ arguments: args }) => args),
        [
          { ids: [hash], labels: ["Keep"] },
          { ids: [other], labels: ["arr", "Keep"] },
          { ids: [other], labels: [] }
        ]
      )
      const refused = yield* client.downloads.setLimits!([hash], { seedingSeconds: { is: "none" } })
      assert.strictEqual(refused.refused[0]?.id, hash)
      yield* client.downloads.setLimits!([hash], { ratio: { is: "global" }, up: { is: "value", value: 5_000 } })
      assert.deepStrictEqual(changes(client).at(-1)?.arguments, {
        seedRatioMode: 0,
        uploadLimited: true,
        uploadLimit: 5,
        ids: [hash]
      })
    })
  )

  it.effect("remove with the data only if that is wanted", () =>
    Effect.gen(function* () {
      const client = yield* connect({ torrents: [torrent()] })
      yield* client.downloads.remove([hash], { withData: false })
      yield* client.downloads.remove([hash], { withData: true })
      assert.deepStrictEqual(changes(client), [
        { method: "torrent-remove", arguments: { "delete-local-data": false, ids: [hash] } },
        { method: "torrent-remove", arguments: { "delete-local-data": true, ids: [hash] } }
      ])
    })
  )
})
