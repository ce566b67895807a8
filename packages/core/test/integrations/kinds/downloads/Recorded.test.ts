/** How responses that were recorded from real download clients are interpreted. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Download } from "../../../../src/integrations/Downloads.ts"
import { deluge } from "../../../../src/integrations/kinds/deluge.ts"
import { nzbget } from "../../../../src/integrations/kinds/nzbget.ts"
import { qbittorrent } from "../../../../src/integrations/kinds/qbittorrent.ts"
import { privacyIn } from "../../../../src/integrations/kinds/qbittorrent/Torrents.ts"
import { Fault, responseValue } from "../../../../src/integrations/kinds/rtorrent/XmlRpc.ts"
import { sabnzbd } from "../../../../src/integrations/kinds/sabnzbd.ts"
import { transmission } from "../../../../src/integrations/kinds/transmission.ts"
import type { Sent } from "../../support/FakeUpstream.ts"
import { fixture, fixtureNames, fixtureText, hasShared } from "../../support/Shared.ts"
import { assertWhole, open, text } from "./Clients.ts"

const pack = "3687bc912a20d68451dcca66e132cc1e43bae49d"
const single = "7547cbf7b53083cade80f870e2264c368e9e43f2"

const methodOf = ({ body }: Sent) => (body as { readonly method: string }).method

/** What every client reported about the same two torrents. */
const expectPair = (downloads: ReadonlyArray<Download>, category: string | null) => {
  const [one, other] = [pack, single].map((id) => downloads.find((download) => download.id === id))
  assert.deepInclude(one, {
    name: "My.Test.Movie.2020.1080p",
    state: "seeding",
    progress: 1,
    category,
    etaSeconds: null,
    trackerHosts: ["127.0.0.1"]
  })
  assert.deepInclude(one?.bytes, { total: 524_292, left: 0 })
  assert.deepInclude(one?.hashes, { v1: pack, v2: null })
  assert.deepInclude(other, { name: "single.bin", state: "paused", progress: 0, completedAt: null, etaSeconds: null })
  assert.deepInclude(other?.bytes, { total: 65_536, left: 65_536 })
}

describe.skipIf(!hasShared)("Recorded responses of", () => {
  for (const [version, app, api] of [
    ["4.5.2", "v4.5.2", "2.8.19"],
    ["5.1.0", "v5.1.0", "2.11.4"]
  ] as const) {
    it.effect(`qBittorrent ${version}`, () =>
      Effect.gen(function* () {
        const folder = `qbittorrent/recorded-${version}`
        const client = yield* open(qbittorrent, { username: "admin" }, ({ path, query }) => {
          if (path.endsWith("webapiVersion")) return text(api)
          if (path.endsWith("version")) return text(app)
          if (path.endsWith("preferences")) return fixture(`${folder}/preferences.json`)
          if (path.endsWith("/files")) return fixture(`${folder}/files.json`)
          if (path.endsWith("/trackers")) return fixture(`${folder}/trackers.json`)
          return fixture(`${folder}/maindata-${query.get("rid") === "0" ? 0 : 1}.json`)
        })
        const first = yield* client.read
        assertWhole(first)
        expectPair(first.downloads, "radarr")
        assert.deepStrictEqual(first.unknownStates, [])
        assert.strictEqual(first.client.online, true)
        assert.strictEqual(first.client.categories?.[0]?.name, "radarr")
        const one = first.downloads.find(({ id }) => id === pack)
        assert.deepStrictEqual(one?.tags, ["arr", "keep"])
        assert.strictEqual(one?.private, version === "5.1.0" ? true : null, "version 4 does not list it")
        assert.deepStrictEqual(one?.seedLimits.ratio, { is: "global", raw: -2 })
        const second = yield* client.downloads.read(first)
        assert.strictEqual(second.downloads.length, 2)
        assert.isTrue(second.complete)
        const [details] = yield* client.downloads.details([pack], { files: true, trackers: true })
        assert.deepStrictEqual(
          details?.files?.map(({ bytes }) => bytes),
          [524_288, 4]
        )
        assert.deepStrictEqual(
          details?.trackers?.map(({ host, status }) => [host, status]),
          [["127.0.0.1", "not-working"]]
        )
        assert.isTrue(details?.private)
      })
    )
  }

  it("qBittorrent, whose rows of DHT, PeX and LSD tell whether a torrent is private", () => {
    for (const version of ["4.5.2", "5.1.0"]) {
      const rows = fixture(`qbittorrent/recorded-${version}/trackers.json`) as ReadonlyArray<unknown>
      assert.isTrue(privacyIn(rows))
      assert.isNull(privacyIn(rows.slice(3)))
    }
  })

  for (const version of ["3.00", "4.1.0-beta2"]) {
    it.effect(`Transmission ${version}`, () =>
      Effect.gen(function* () {
        const folder = `transmission/recorded-${version}`
        const config = { rpcPath: "transmission/rpc" }
        const client = yield* open(transmission, config, (sent) => {
          const method = methodOf(sent)
          return method === "session-stats"
            ? fixture("transmission/recorded-3.00/session-stats.response.json")
            : fixture(`${folder}/${method}.response.json`)
        })
        const reading = yield* client.read
        assertWhole(reading)
        assert.deepStrictEqual(reading.unknownStates, [])
        assert.match(reading.client.version ?? "", new RegExp(`^${version.slice(0, 3)}`))
        if (version === "3.00") expectPair(reading.downloads, null)
        const [details] = yield* client.downloads.details([pack], { files: true, trackers: true })
        assert.strictEqual(details?.id, pack)
        assert.isTrue(details?.private)
      })
    )
  }

  for (const version of ["2.0.3", "2.2.0"]) {
    it.effect(`Deluge ${version}`, () =>
      Effect.gen(function* () {
        const folder = `deluge/recorded-${version}`
        const names = fixtureNames(folder)
        const client = yield* open(deluge, { password: "x" }, (sent) => {
          const method = methodOf(sent)
          if (method === "auth.login") {
            return Response.json(fixture(`${folder}/auth.login.response.json`), {
              headers: { "set-cookie": "_session_id=1" }
            })
          }
          const file = `${method}.response.json`
          return names.includes(file) ? fixture(`${folder}/${file}`) : fixture(`${folder}/unknown-method.response.json`)
        })
        // Its settings were not recorded as a whole.
        const error = yield* Effect.flip(client.read)
        assert.include(error.message, "core.get_config")
        const [one] = yield* client.downloads.details([pack], { files: true, trackers: true })
        assert.strictEqual(one?.id, pack)
        assert.isTrue(one?.private)
        assert.deepStrictEqual(
          one?.files?.map(({ bytes, progress }) => [bytes, progress]),
          [
            [524_288, 1],
            [4, 1]
          ]
        )
        assert.deepStrictEqual(
          one?.trackers?.map(({ host, status }) => [host, status]),
          [["127.0.0.1", "not-working"]]
        )
        const missing = yield* client.downloads.presence("0".repeat(40))
        assert.strictEqual(missing._tag, "Absent")
      })
    )
  }

  it.effect("SABnzbd 4.5.0", () =>
    Effect.gen(function* () {
      const folder = "sabnzbd/recorded-4.5.0"
      const client = yield* open(sabnzbd, { apiKey: "x" }, ({ query }) => {
        const mode = query.get("mode")
        return mode === "get_config"
          ? fixture(`${folder}/get_config-${query.get("section")}.json`)
          : fixture(`${folder}/${mode}.json`)
      })
      const reading = yield* client.read
      assertWhole(reading)
      assert.deepInclude(reading.downloads[0], {
        name: "My.Test.Movie.2020.1080p",
        state: "paused",
        category: "radarr"
      })
      assert.strictEqual(reading.downloads[0]?.bytes.total, 524_288)
      assert.deepInclude(reading.client, { version: "4.5.0", paused: true, savePath: "/srv/sab/Downloads/complete" })
      const [details] = yield* client.downloads.details([reading.downloads[0]?.id ?? ""], {
        files: true,
        trackers: true
      })
      assert.deepStrictEqual(
        details?.files?.map(({ bytes, path }) => [path, bytes]),
        [["My.Test.Movie.2020.1080p.rar", 524_288]]
      )
      const refused = yield* open(sabnzbd, { apiKey: "x" }, () => text(fixtureText(`${folder}/badkey.txt`), 403))
      assert.include((yield* Effect.flip(refused.read)).message, "API Key Incorrect")
    })
  )

  it.effect("NZBGet 21.0", () =>
    Effect.gen(function* () {
      const folder = "nzbget/recorded-21.0"
      const client = yield* open(nzbget, { username: "nzbget" }, (sent) =>
        fixture(`${folder}/${methodOf(sent)}.response.json`)
      )
      const reading = yield* client.read
      assertWhole(reading)
      assert.deepStrictEqual(
        reading.downloads.map(({ rawState, state }) => [rawState, state]),
        [
          ["DELETED/MANUAL", "error"],
          ["FAILURE/SCAN", "error"],
          ["DELETED/COPY", "error"]
        ]
      )
      assert.strictEqual(reading.client.version, "21.0")
    })
  )

  it("rTorrent 0.9.8: every recorded response is read, and the faults are faults", () => {
    const folder = "rtorrent/recorded-0.9.8"
    const files = fixtureNames(folder).filter((file) => file.endsWith(".response.xml"))
    assert.isAbove(files.length, 30)
    for (const file of files) {
      const isFault = responseValue(fixtureText(`${folder}/${file}`)) instanceof Fault
      assert.strictEqual(isFault, fixtureText(`${folder}/${file}`).includes("<fault>"), file)
    }
    const results = responseValue(fixtureText(`${folder}/system.multicall.response.xml`))
    assert.isTrue(Array.isArray(results) && results[3] instanceof Fault && results[3].code === -506)
  })
})
