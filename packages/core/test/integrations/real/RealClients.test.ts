/** The kinds of download clients against the programs themselves. */
import { assert, describe, it } from "@effect/vitest"
import { existsSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import type {
  DownloadOutcome,
  DownloadsCapability,
  DownloadsReading
} from "../../../src/integrations/DownloadsCapability.ts"
import type { Kind } from "../../../src/integrations/Kind.ts"
import { deluge } from "../../../src/integrations/kinds/deluge.ts"
import { nzbget } from "../../../src/integrations/kinds/nzbget.ts"
import { qbittorrent } from "../../../src/integrations/kinds/qbittorrent.ts"
import { rtorrent } from "../../../src/integrations/kinds/rtorrent.ts"
import { transmission } from "../../../src/integrations/kinds/transmission.ts"
import { KyUpstreamClient } from "../../../src/integrations/KyUpstreamClient.ts"
import { UpstreamClient } from "../../../src/integrations/Upstream.ts"
import {
  areClientsRequired,
  isInstalled,
  password,
  type Running,
  startDeluge,
  startNzbget,
  startQBittorrent,
  startRTorrent,
  startTransmission,
  titleOf,
  until
} from "./Programs.ts"
import { makeTorrent, testNzb, type TestTorrent, writeFiles } from "./TestTorrents.ts"

const timeout = 120_000

/** Two complete torrents, the first one private and with two files; and one without any data. */
const torrents = () => ({
  pack: makeTorrent("Pack.of.Two", { "one.mkv": 300_000, "two.nfo": 1_000 }, { isPrivate: true }),
  single: makeTorrent("Single.mkv", { "Single.mkv": 70_000 }, { isPrivate: false }),
  empty: makeTorrent("Empty.mkv", { "Empty.mkv": 140_000 }, { isPrivate: false })
})

interface Client {
  readonly downloads: DownloadsCapability
  readonly running: Running
}

const connectTo = <Config>(kind: Kind<Config>, url: string, config: Config) =>
  UpstreamClient.use((client) =>
    Effect.sync(() => kind.connect(client, { integrationId: "1", name: "Real", url, config }))
  )

const withClient = <Config>(
  kind: Kind<Config>,
  config: Config,
  wrong: Config,
  start: () => Promise<Running>,
  use: (client: Client) => Promise<void>
) =>
  Effect.acquireUseRelease(
    Effect.promise(start),
    (running) =>
      Effect.gen(function* () {
        const connected = yield* connectTo(kind, running.url, config)
        const { downloads } = connected
        if (downloads === undefined) throw new Error("the kind has no downloads")
        yield* Effect.retry(connected.probe, { times: 20 })
        const { discovery } = kind
        if (discovery !== undefined) {
          const answer = yield* Effect.promise(() =>
            fetch(`${running.url}/${discovery.path}`, {
              headers: { authorization: `Basic ${btoa(`admin:${password}`)}` }
            }).then((one) => one.text())
          )
          assert.match(answer, new RegExp(discovery.answer))
        }
        const other = yield* connectTo(kind, running.url, wrong)
        for (let time = 0; time < 6; time++) {
          assert.strictEqual((yield* Effect.flip(other.probe))._tag, "UpstreamUnauthorized")
        }
        yield* connected.probe
        yield* Effect.promise(() => use({ downloads, running }))
      }),
    (running) => Effect.promise(() => running.stop())
  ).pipe(Effect.provide(KyUpstreamClient.layerWith({ retries: 5 })))

const run = <A>(effect: Effect.Effect<A, { readonly message: string }>): Promise<A> => Effect.runPromise(effect)

const accepts = async (ids: ReadonlyArray<string>, act: Effect.Effect<DownloadOutcome, { readonly message: string }>) =>
  assert.deepStrictEqual(await run(act), { accepted: ids, absent: [], refused: [] })

/** Reads until a download is as expected; each reading goes on where the last one ended. */
const reader = ({ downloads }: Client) => {
  let last: DownloadsReading | null = null
  const read = async () => {
    last = await run(downloads.read(last))
    return last
  }
  return {
    read,
    find: async (id: string) => (await read()).downloads.find((download) => download.id === id),
    eventually: async (what: string, condition: (reading: DownloadsReading) => boolean) => {
      let seen: DownloadsReading | null = null
      await until(what, async () => condition((seen = await read()))).catch((error: unknown) => {
        throw new Error(
          `${String(error)}: ${JSON.stringify(seen?.downloads.map(({ id, state, rawState, category, tags }) => ({ id, state, rawState, category, tags })))}`
        )
      })
    }
  }
}

const nobody = "0".repeat(40)

/** What every client for torrents does; `add` uses the client's own API. */
const exercise = async (client: Client, add: (torrent: TestTorrent) => Promise<void>) => {
  const { downloads, running } = client
  const { empty, pack, single } = torrents()
  writeFiles(running.downloads, pack)
  writeFiles(running.downloads, single)
  for (const torrent of [pack, single, empty]) await add(torrent)
  const { eventually, find, read } = reader(client)
  const stateOf = (reading: DownloadsReading, { hash }: TestTorrent) =>
    reading.downloads.find(({ id }) => id === hash)?.state

  await eventually("Seeding", (all) => stateOf(all, pack) === "seeding" && stateOf(all, single) === "seeding")
  await eventually("Waiting for peers", (all) => stateOf(all, empty) === "stalled")
  const first = await read()
  assert.isTrue(first.complete, first.incompleteBecause ?? "")
  assert.deepStrictEqual(first.unknownStates, [])
  assert.isNotNull(first.client.version)
  assert.strictEqual(first.client.savePath, running.downloads)
  const seed = await find(pack.hash)
  assert.strictEqual(seed?.name, "Pack.of.Two")
  assert.strictEqual(seed?.progress, 1)
  assert.strictEqual(seed?.bytes.total, 301_000)
  assert.strictEqual(seed?.bytes.left, 0)
  assert.strictEqual(seed?.contentPath, join(running.downloads, "Pack.of.Two"))
  assert.deepStrictEqual(seed?.trackerHosts, ["127.0.0.1"])
  const waiting = await find(empty.hash)
  assert.strictEqual(waiting?.bytes.left, 140_000)
  assert.isNull(waiting?.etaSeconds ?? null)
  assert.isNull(waiting?.completedAt ?? null)

  const details = await run(downloads.details([pack.hash, single.hash, nobody], { files: true, trackers: true }))
  assert.deepStrictEqual(
    details.map(({ id, private: isPrivate }) => [id, isPrivate]).sort(),
    [
      [pack.hash, true],
      [single.hash, false]
    ].sort()
  )
  const ofPack = details.find(({ id }) => id === pack.hash)
  assert.deepStrictEqual(
    ofPack?.files?.map(({ bytes, path, progress, wanted }) => [
      path.replace("Pack.of.Two/", ""),
      bytes,
      progress,
      wanted
    ]),
    [
      ["one.mkv", 300_000, 1, true],
      ["two.nfo", 1_000, 1, true]
    ]
  )
  assert.deepStrictEqual(
    ofPack?.trackers?.map(({ host }) => host),
    ["127.0.0.1"]
  )
  assert.notInclude(JSON.stringify(await read()), "passkey")
  assert.notInclude(JSON.stringify(details), "passkey")

  // A change of several, of which the client has only some.
  assert.deepStrictEqual(await run(downloads.pause([pack.hash, nobody])), {
    accepted: [pack.hash],
    absent: [nobody],
    refused: []
  })
  await eventually("Pausing", (all) => stateOf(all, pack) === "completed" && stateOf(all, single) === "seeding")
  await accepts([empty.hash], downloads.pause([empty.hash]))
  await eventually("Pausing the incomplete one", (all) => stateOf(all, empty) === "paused")
  await accepts([pack.hash], downloads.resume([pack.hash]))
  await eventually("Resuming", (all) => stateOf(all, pack) === "seeding")

  if (downloads.setCategory !== null) {
    if (downloads.createCategory !== null) {
      const refused = await run(downloads.setCategory([single.hash], "nothere"))
      assert.deepStrictEqual(
        refused.refused.map(({ id }) => id),
        [single.hash]
      )
      await run(downloads.createCategory("films", null))
      await run(downloads.createCategory("films", null))
    }
    await accepts([single.hash], downloads.setCategory([single.hash], "films"))
    await eventually(
      "A category",
      ({ downloads: all }) => all.find(({ id }) => id === single.hash)?.category === "films"
    )
    await accepts([single.hash], downloads.setCategory([single.hash], ""))
    await eventually("No category", ({ downloads: all }) => all.find(({ id }) => id === single.hash)?.category === "")
  }

  if (downloads.addTags !== null && downloads.removeTags !== null) {
    await accepts([pack.hash], downloads.addTags([pack.hash], ["Keep Me", "other"]))
    await accepts([single.hash], downloads.addTags([single.hash], [" keep me"]))
    await eventually("Tags", ({ downloads: all }) =>
      [pack.hash, single.hash].every((hash) => all.find(({ id }) => id === hash)?.tags?.includes("Keep Me"))
    )
    await accepts([pack.hash], downloads.removeTags([pack.hash], ["KEEP ME"]))
    await eventually(
      "One tag less",
      ({ downloads: all }) => JSON.stringify(all.find(({ id }) => id === pack.hash)?.tags) === '["other"]'
    )
  }

  if (downloads.setLimits !== null) {
    await accepts(
      [pack.hash, single.hash],
      downloads.setLimits([pack.hash, single.hash], {
        ratio: { is: "value", value: 2.5 },
        down: { is: "value", value: 2_048_000 }
      })
    )
    await eventually("Limits", ({ downloads: all }) =>
      [pack.hash, single.hash].every((hash) => {
        const { limits, seedLimits } = all.find(({ id }) => id === hash) ?? {}
        return (
          seedLimits?.ratio.is === "value" &&
          seedLimits.ratio.value === 2.5 &&
          limits?.down.own.is === "value" &&
          limits.down.effective === 2_048_000
        )
      })
    )
    await accepts([pack.hash], downloads.setLimits([pack.hash], { ratio: { is: "none" }, down: { is: "none" } }))
    await eventually("No limits", ({ downloads: all }) => {
      const { limits, seedLimits } = all.find(({ id }) => id === pack.hash) ?? {}
      return seedLimits?.ratio.is === "none" && limits?.down.own.is === "none"
    })
    assert.strictEqual((await find(single.hash))?.seedLimits.ratio.is, "value")
  }

  if (downloads.setFileWanted !== null) {
    await accepts([pack.hash], downloads.setFileWanted(pack.hash, [1], false))
    await until("A file that is not wanted", async () => {
      const [one] = await run(downloads.details([pack.hash], { files: true, trackers: false }))
      return JSON.stringify(one?.files?.map(({ wanted }) => wanted)) === "[true,false]"
    })
  }
  if (downloads.recheck !== null) {
    await accepts([single.hash], downloads.recheck([single.hash]))
    await eventually("Seeding after a check", (all) => stateOf(all, single) === "seeding")
  }
  if (downloads.reannounce !== null) await accepts([single.hash], downloads.reannounce([single.hash]))
  if (downloads.exportTorrent !== null) {
    assert.isAbove((await run(downloads.exportTorrent(pack.hash)))?.byteLength ?? 0, 100)
    assert.isNull(await run(downloads.exportTorrent(nobody)))
  }
  if (downloads.excludedFileNames !== null) {
    const { read: names, write } = downloads.excludedFileNames
    assert.deepStrictEqual(await run(names), { on: false, patterns: [] })
    assert.deepStrictEqual(await run(write({ on: true, patterns: ["*.exe", "*.lnk"] })), {
      on: true,
      patterns: ["*.exe", "*.lnk"]
    })
  }

  // Without data, the files stay; with data, they go.
  const before = await read()
  await accepts([single.hash], downloads.remove([single.hash], { withData: false }))
  await until("The entry to be gone", async () => (await run(downloads.presence(single.hash)))._tag === "Absent")
  const after = await run(downloads.read(before))
  assert.isTrue(after.complete)
  assert.deepStrictEqual(after.removed, [single.hash])
  assert.isTrue(existsSync(join(running.downloads, "Single.mkv")))
  assert.deepStrictEqual(
    await run(downloads.remove([single.hash], { withData: true })),
    downloads.removesData
      ? { accepted: [], absent: [single.hash], refused: [] }
      : {
          accepted: [],
          absent: [],
          refused: [{ id: single.hash, reason: "rTorrent removes only the entry, and keeps the files" }]
        }
  )
  assert.strictEqual((await run(downloads.presence(pack.hash)))._tag, "Present")
  if (downloads.removesData) {
    const stranger = join(running.downloads, "somebody-elses.txt")
    writeFileSync(stranger, "stays")
    await accepts([pack.hash], downloads.remove([pack.hash], { withData: true }))
    await until("The files to be gone", () => !existsSync(join(running.downloads, "Pack.of.Two")))
    assert.isTrue(existsSync(stranger))
    assert.strictEqual((await run(downloads.presence(pack.hash)))._tag, "Absent")
  }
}

const base64 = ({ bytes }: TestTorrent) => bytes.toString("base64")

const suite = (name: string, installed: boolean, test: () => Effect.Effect<void, unknown>) =>
  describe.skipIf(!installed && !areClientsRequired)(titleOf(name, installed), () => {
    it.live("lists, changes and removes downloads, and does not send a refused password again", test, { timeout })
  })

suite("qBittorrent", isInstalled("qbittorrent-nox"), () =>
  withClient(
    qbittorrent,
    { username: "admin", password },
    { username: "admin", password: "wrong" },
    startQBittorrent,
    async (client) => {
      const api = `${client.running.url}/api/v2`
      const login = await fetch(`${api}/auth/login`, {
        method: "POST",
        body: new URLSearchParams({ username: "admin", password })
      })
      const cookie = login.headers
        .getSetCookie()
        .map((one) => one.split(";")[0])
        .join("; ")
      await exercise(client, async (torrent) => {
        const form = new FormData()
        form.append("torrents", new Blob([new Uint8Array(torrent.bytes)]), "t.torrent")
        await fetch(`${api}/torrents/add`, { method: "POST", body: form, headers: { cookie } })
      })
    }
  )
)

suite("Transmission", isInstalled("transmission-daemon"), () =>
  withClient(
    transmission,
    { username: "admin", password, rpcPath: "transmission/rpc" },
    { username: "admin", password: "wrong", rpcPath: "transmission/rpc" },
    startTransmission,
    (client) => {
      const headers: Record<string, string> = { authorization: `Basic ${btoa(`admin:${password}`)}` }
      const call = async (method: string, args: object): Promise<void> => {
        const body = JSON.stringify({ method, arguments: args })
        const answer = await fetch(`${client.running.url}/transmission/rpc`, { method: "POST", headers, body })
        if (answer.status !== 409) return
        headers["x-transmission-session-id"] = answer.headers.get("x-transmission-session-id") ?? ""
        await call(method, args)
      }
      return exercise(client, (torrent) => call("torrent-add", { metainfo: base64(torrent) }))
    }
  )
)

suite("Deluge", isInstalled("deluged", "deluge-web"), () =>
  withClient(deluge, { password }, { password: "wrong" }, startDeluge, async (client) => {
    let cookie = ""
    const call = async (method: string, params: ReadonlyArray<unknown>) => {
      const answer = await fetch(`${client.running.url}/json`, {
        method: "POST",
        headers: { "content-type": "application/json", cookie },
        body: JSON.stringify({ method, params, id: 1 })
      })
      cookie = answer.headers.getSetCookie()[0]?.split(";")[0] ?? cookie
    }
    await call("auth.login", [password])
    await exercise(client, (torrent) => call("core.add_torrent_file", ["t.torrent", base64(torrent), {}]))
  })
)

suite("rTorrent", isInstalled("rtorrent", "lighttpd"), () =>
  withClient(
    rtorrent,
    { username: "admin", password, rpcPath: "RPC2" },
    { username: "admin", password: "wrong", rpcPath: "RPC2" },
    startRTorrent,
    (client) =>
      exercise(client, async (torrent) => {
        await fetch(`${client.running.url}/RPC2`, {
          method: "POST",
          headers: { "content-type": "text/xml", authorization: `Basic ${btoa(`admin:${password}`)}` },
          body: `<?xml version="1.0"?><methodCall><methodName>load.raw_start</methodName><params><param><value><string></string></value></param><param><value><base64>${base64(torrent)}</base64></value></param></params></methodCall>`
        })
      })
  )
)

suite("NZBGet", isInstalled("nzbget"), () =>
  withClient(
    nzbget,
    { username: "nzbget", password },
    { username: "nzbget", password: "wrong" },
    startNzbget,
    async (client) => {
      const { downloads, running } = client
      const call = async (method: string, params: ReadonlyArray<unknown>): Promise<unknown> => {
        const answer = await fetch(`${running.url}/jsonrpc`, {
          method: "POST",
          headers: { authorization: `Basic ${btoa(`nzbget:${password}`)}` },
          body: JSON.stringify({ method, params, id: 1 })
        })
        return ((await answer.json()) as { readonly result: unknown }).result
      }
      const append = async (name: string) =>
        String(
          await call("append", [
            `${name}.nzb`,
            Buffer.from(testNzb(name)).toString("base64"),
            "",
            0,
            false,
            false,
            "",
            0,
            "FORCE",
            []
          ])
        )
      await call("pausedownload", [])
      const [one, other] = [await append("First"), await append("Second")]
      const { eventually, find, read } = reader(client)
      await eventually("Two jobs", ({ downloads: all }) => all.length === 2)
      const reading = await read()
      assert.strictEqual(reading.client.paused, true)
      assert.isTrue(reading.complete)
      assert.deepStrictEqual(reading.client.categories, [{ name: "radarr", path: join(running.downloads, "movies") }])
      assert.strictEqual(reading.client.savePath, running.downloads)
      assert.isAbove(reading.client.folders[0]?.freeBytes ?? 0, 0)
      assert.deepInclude(await find(one), { name: "First", state: "queued", protocol: "usenet", progress: 0 })
      assert.strictEqual((await find(one))?.bytes.total, 1_000_000)

      assert.deepStrictEqual(await run(downloads.pause([one, "999"])), {
        accepted: [one],
        absent: ["999"],
        refused: []
      })
      await eventually("Pausing", ({ downloads: all }) => all.find(({ id }) => id === one)?.state === "paused")
      await accepts([one], downloads.resume([one]))
      await eventually("Resuming", ({ downloads: all }) => all.find(({ id }) => id === one)?.state === "queued")
      assert.isNotNull(downloads.setCategory)
      await accepts([one], downloads.setCategory!([one], "Radarr"))
      assert.strictEqual((await find(one))?.category, "radarr")
      assert.strictEqual((await run(downloads.setCategory!([one], "nothere"))).refused.length, 1)
      await accepts([other], downloads.setQueuePosition!([other], "top"))
      await eventually(
        "The second to be first",
        ({ downloads: all }) => all.find(({ id }) => id === other)?.queuePosition === 1
      )
      const files = async () => (await run(downloads.details([one], { files: true, trackers: true })))[0]?.files ?? []
      const [file] = await files()
      assert.strictEqual((await files()).length, 2)
      await accepts([one], downloads.setFileWanted!(one, [file?.index ?? -1], false))
      assert.deepStrictEqual(
        (await files()).map(({ wanted }) => wanted),
        [false, true]
      )

      assert.strictEqual((await run(downloads.remove([one], { withData: false }))).refused.length, 1)
      assert.strictEqual((await run(downloads.presence(one)))._tag, "Present")
      await accepts([one], downloads.remove([one], { withData: true }))
      await until("The job to be gone", async () => (await run(downloads.presence(one)))._tag === "Absent")
      // A deleted job is in the history, until it is removed there too.
      await call("editqueue", ["GroupDelete", "", [Number(other)]])
      await eventually(
        "The history",
        ({ downloads: all }) => all.find(({ id }) => id === other)?.rawState === "DELETED/MANUAL"
      )
      await accepts([other], downloads.remove([other], { withData: false }))
      await until("The history to be empty", async () => (await run(downloads.presence(other)))._tag === "Absent")
    }
  )
)
