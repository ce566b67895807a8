import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { qbittorrent } from "../../../../src/integrations/kinds/qbittorrent.ts"
import { urgently } from "../../../../src/integrations/Upstream.ts"
import type { Answers } from "../../support/FakeUpstream.ts"
import { assertWhole, formOf, only, open, text } from "./Clients.ts"

const hash = "a".repeat(40)
const other = "b".repeat(40)

const torrent = (changes: Record<string, unknown> = {}) => ({
  name: "Film.2031.1080p",
  state: "downloading",
  category: "radarr",
  tags: "",
  size: 1_000,
  total_size: 1_000,
  amount_left: 500,
  completed: 500,
  progress: 0.5,
  eta: 60,
  dlspeed: 10,
  upspeed: 0,
  dl_limit: 0,
  up_limit: 0,
  ratio: 0,
  ratio_limit: -2,
  seeding_time_limit: -2,
  inactive_seeding_time_limit: -2,
  seeding_time: 0,
  added_on: 1_795_189_038,
  completion_on: -1,
  seen_complete: -1,
  last_activity: 1_795_189_040,
  save_path: "/data",
  download_path: "",
  content_path: "/data/Film.2031.1080p",
  private: false,
  has_metadata: true,
  ...changes
})

const settings = {
  save_path: "/data",
  max_ratio: 2,
  max_ratio_enabled: true,
  max_ratio_act: 1,
  max_seeding_time: 90,
  max_seeding_time_enabled: true,
  max_inactive_seeding_time: -1,
  max_inactive_seeding_time_enabled: false,
  mail_notification_password: "never-kept"
}

interface Server {
  torrents?: Record<string, Record<string, unknown>>
  /** Answers of `sync/maindata`, one after the other; otherwise everything. */
  answers?: Array<Record<string, unknown>>
  api?: string
  password?: string
  state?: Record<string, unknown>
  /** Ends the session before the next call. */
  ends?: boolean
}

const server = (world: Server): Answers => {
  let session = ""
  return (sent) => {
    const path = sent.path.replace("/api/v2/", "")
    if (world.ends === true) session = ""
    world.ends = false
    if (path === "auth/login") {
      if (formOf(sent)["password"] !== (world.password ?? "right")) return text("Fails.")
      session = `QBT_SID_8080=session-${Math.random()}`
      return text("Ok.", 200, { "set-cookie": `${session}; HttpOnly; path=/` })
    }
    if (sent.headers.get("cookie") !== session || session === "") return text("Forbidden", 403)
    const torrents = world.torrents ?? {}
    switch (path) {
      case "app/version":
        return text("v5.1.0")
      case "app/webapiVersion":
        return text(world.api ?? "2.11.4")
      case "app/preferences":
        return settings
      case "sync/maindata":
        return world.answers?.shift() ?? { rid: 1, full_update: true, torrents, server_state: world.state ?? {} }
      case "torrents/tags":
        return ["Keep", "other"]
      case "torrents/info": {
        const wanted = sent.query.get("hashes")?.split("|") ?? []
        return wanted.flatMap((id) => (torrents[id] === undefined ? [] : [{ hash: id, ...torrents[id] }]))
      }
      default:
        return sent.method === "POST" ? text("") : undefined
    }
  }
}

const config = { username: "admin", password: "right" }

const readOne = (changes: Record<string, unknown>, state: Record<string, unknown> = {}) =>
  Effect.gen(function* () {
    const client = yield* open(qbittorrent, config, server({ torrents: { [hash]: torrent(changes) }, state }))
    const reading = yield* client.read
    assertWhole(reading)
    return { reading, download: only(reading) }
  })

describe("A torrent of qBittorrent", () => {
  it.effect(
    "has the same state under the words of version 4 and version 5, and an unknown word draws no conclusion",
    () =>
      Effect.gen(function* () {
        const states = {
          error: "error",
          missingFiles: "missing-files",
          uploading: "seeding",
          stalledUP: "seeding",
          forcedUP: "seeding",
          pausedUP: "completed",
          stoppedUP: "completed",
          queuedUP: "seeding-queued",
          checkingUP: "checking",
          checkingDL: "checking",
          checkingResumeData: "checking",
          allocating: "allocating",
          downloading: "downloading",
          forcedDL: "downloading",
          metaDL: "metadata",
          forcedMetaDL: "metadata",
          pausedDL: "paused",
          stoppedDL: "paused",
          queuedDL: "queued",
          stalledDL: "stalled",
          moving: "moving",
          dreamingDL: "unknown"
        }
        for (const [word, state] of Object.entries(states)) {
          const { download, reading } = yield* readOne({ state: word })
          assert.strictEqual(download.state, state, word)
          assert.strictEqual(download.rawState, word)
          assert.deepStrictEqual(reading.unknownStates, state === "unknown" ? [word] : [])
        }
      })
  )

  it.effect("without metadata has no size, no files and no known privacy", () =>
    Effect.gen(function* () {
      for (const changes of [
        { state: "metaDL", has_metadata: false, size: 0, total_size: -1, private: null },
        // Older versions say neither.
        { state: "metaDL", has_metadata: undefined, size: 0, total_size: 0, private: undefined }
      ]) {
        const { download } = yield* readOne(changes)
        assert.strictEqual(download.state, "metadata")
        assert.isNull(download.private)
      }
      const { download } = yield* readOne({ state: "metaDL", has_metadata: false, size: 0, private: false })
      assert.isNull(download.private, "a flag from before the metadata says nothing")
      assert.deepInclude(download, { exportable: false, contentPath: null })
      assert.deepInclude(download.bytes, { wanted: null, total: null, left: null })
    })
  )

  it.effect("keeps what is unknown apart from 0: time left, dates, limits", () =>
    Effect.gen(function* () {
      const { download } = yield* readOne({ eta: 8_640_000, completion_on: -1, seen_complete: 0, last_activity: 0 })
      assert.isNull(download.etaSeconds)
      assert.isNull(download.completedAt)
      assert.isNull(download.seenCompleteAt)
      assert.isNull(download.lastActiveAt)
      const seen = yield* readOne({ eta: 0, completion_on: 0, seen_complete: 1_795_189_038, availability: 0.97 })
      assert.strictEqual(seen.download.etaSeconds, 0)
      assert.isNull(seen.download.completedAt, "0 in version 4")
      assert.strictEqual(seen.download.seenCompleteAt, "2026-11-20T15:37:18.000Z")
      assert.strictEqual(seen.download.availability, 0.97)
      const without = yield* readOne({ ratio: undefined, private: undefined, inactive_seeding_time_limit: undefined })
      assert.isNull(without.download.ratio)
      assert.isNull(without.download.private)
      assert.deepStrictEqual(without.download.seedLimits.inactiveSeconds, { is: "unknown" })
      const odd = yield* readOne({ size: "a lot", progress: {}, tags: 7, state: 3 })
      assert.deepInclude(odd.download, { progress: null, state: "unknown", rawState: "3" })
      assert.isNull(odd.download.bytes.wanted)
    })
  )

  it.effect("has raw limits beside the speed that works out, for which the client's limit counts too", () =>
    Effect.gen(function* () {
      const { download, reading } = yield* readOne(
        { dl_limit: 50_000, ratio_limit: -1, max_ratio: -1, seeding_time_limit: 30 },
        { dl_rate_limit: 20_000, up_rate_limit: 0, use_alt_speed_limits: true, dl_info_speed: 19_000 }
      )
      assert.deepStrictEqual(download.limits.down, {
        effective: 20_000,
        own: { is: "value", value: 50_000, raw: 50_000 },
        category: { is: "none", raw: null },
        global: { is: "value", value: 20_000, raw: 20_000 }
      })
      assert.isNull(download.limits.up.effective)
      assert.deepStrictEqual(download.seedLimits, {
        ratio: { is: "none", raw: -1 },
        seedingSeconds: { is: "value", value: 1_800, raw: 30 },
        inactiveSeconds: { is: "global", raw: -2 }
      })
      assert.strictEqual(download.atLimit, "remove")
      assert.deepInclude(reading.client, { alternativeLimits: true })
      assert.strictEqual(reading.client.speeds.down, 19_000)
      assert.deepStrictEqual(reading.client.seedLimits.seedingSeconds, { is: "value", value: 5_400, raw: 90 })
      assert.notInclude(JSON.stringify(reading), "never-kept")
    })
  )

  it.effect("has no path while that is not reliable, and says where its partial files are", () =>
    Effect.gen(function* () {
      for (const state of ["checkingResumeData", "moving"]) {
        assert.isNull((yield* readOne({ state, content_path: "Film.2031.1080p" })).download.contentPath)
      }
      const { download } = yield* readOne({ download_path: "/incomplete", auto_tmm: true })
      assert.deepInclude(download, {
        contentPath: "/data/Film.2031.1080p",
        incompletePath: "/incomplete",
        automaticManagement: true
      })
    })
  )

  it.effect("has its tags one by one, in their spelling", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual((yield* readOne({ tags: "arr,  Keep , arr" })).download.tags, ["arr", "Keep"])
      assert.deepStrictEqual((yield* readOne({ tags: "" })).download.tags, [])
    })
  )

  it.effect("has the hosts of all its trackers, whatever the list names first", () =>
    Effect.gen(function* () {
      const client = yield* open(
        qbittorrent,
        config,
        server({
          answers: [
            {
              rid: 1,
              full_update: true,
              torrents: { [hash]: torrent({ tracker: "" }), [other]: torrent({ tracker: "" }) },
              trackers: {
                "https://Tracker.Example:443/abc123key/announce": [hash],
                "udp://backup.example:1337/announce": [hash],
                "** [DHT] **": [hash, other]
              }
            },
            { rid: 2, trackers: { "udp://backup.example:1337/announce": [hash, other] } }
          ]
        })
      )
      const first = yield* client.read
      assert.deepStrictEqual(
        first.downloads.map(({ trackerHosts }) => trackerHosts),
        [["backup.example", "tracker.example"], []]
      )
      assert.notInclude(JSON.stringify(first.downloads), "abc123key")
      assert.deepStrictEqual((yield* readOne({})).download.trackerHosts, null, "not in this version's list")
      const second = yield* client.downloads.read(first)
      assert.deepStrictEqual(second.changed, [other])
      assert.deepStrictEqual(second.downloads[1]?.trackerHosts, ["backup.example"])
    })
  )
})

describe("A reading of qBittorrent", () => {
  it.effect("goes on from the last one: only changes are read, and everything is returned", () =>
    Effect.gen(function* () {
      const world: Server = {
        answers: [
          {
            rid: 1,
            full_update: true,
            torrents: { [hash]: torrent(), [other]: torrent({ name: "Other" }) },
            tags: ["a", "b"],
            categories: { films: { name: "films", savePath: "/films" }, old: { name: "old", savePath: "" } },
            server_state: { connection_status: "firewalled", free_space_on_disk: 5 }
          },
          {
            rid: 2,
            torrents: { [hash]: { progress: 0.75 } },
            tags_removed: ["a"],
            categories_removed: ["old"],
            server_state: { connection_status: "disconnected" }
          },
          { rid: 3, torrents_removed: [other] },
          { rid: 4 }
        ]
      }
      const client = yield* open(qbittorrent, config, server(world))
      const first = yield* client.downloads.read()
      assert.deepInclude(first, { complete: true, changed: [hash, other], removed: [] })
      assert.deepInclude(first.client, { version: "5.1.0", online: true, tags: ["a", "b"] })
      assert.deepStrictEqual(first.client.folders, [{ path: "/data", freeBytes: 5 }])
      const second = yield* client.downloads.read(first)
      assert.deepInclude(second, { complete: true, changed: [hash], removed: [] })
      assert.strictEqual(second.downloads.length, 2)
      assert.deepInclude(second.downloads[0], { progress: 0.75, name: "Film.2031.1080p" })
      assert.deepInclude(second.client, {
        online: false,
        tags: ["b"],
        categories: [{ name: "films", path: "/films" }]
      })
      const third = yield* client.downloads.read(second)
      assert.deepInclude(third, { complete: true, changed: [], removed: [other] })
      const before = client.sent.length
      assert.deepStrictEqual((yield* client.downloads.read(third)).changed, [])
      assert.strictEqual(client.sent.length - before, 2)
      assert.deepStrictEqual(
        client.sent.flatMap(({ path, query }) => (path.endsWith("maindata") ? [query.get("rid")] : [])),
        ["0", "1", "2", "3"]
      )
    })
  )

  it.effect("of 10,000 torrents takes as few calls as of one", () =>
    Effect.gen(function* () {
      const many = Object.fromEntries(
        Array.from({ length: 10_000 }, (_, index) => [index.toString(16).padStart(40, "0"), torrent()])
      )
      const client = yield* open(
        qbittorrent,
        config,
        server({ answers: [{ rid: 1, full_update: true, torrents: many }, { rid: 2 }] })
      )
      const first = yield* client.downloads.read()
      assert.strictEqual(first.downloads.length, 10_000)
      assert.isBelow(client.sent.length, 7)
      const sent = client.sent.length
      assert.deepStrictEqual((yield* client.downloads.read(first)).changed, [])
      assert.strictEqual(client.sent.length - sent, 2)
    })
  )

  it.effect("after a restart does not believe a shorter list until it stays so", () =>
    Effect.gen(function* () {
      const all = { [hash]: torrent(), [other]: torrent() }
      const loading = { rid: 1, full_update: true, torrents: { [hash]: torrent({ state: "checkingResumeData" }) } }
      const world: Server = { answers: [{ rid: 1, full_update: true, torrents: all }, loading, { rid: 2 }] }
      const client = yield* open(qbittorrent, config, server(world))
      const first = yield* client.downloads.read()
      const second = yield* client.downloads.read(first)
      assert.deepInclude(second, { complete: false, removed: [] })
      assert.include(second.incompleteBecause ?? "", "restarted")
      const third = yield* client.downloads.read(second)
      assert.deepInclude(third, { complete: false, removed: [] })
      // It is listed again.
      world.answers = [{ rid: 3, torrents: { [other]: torrent() } }]
      assert.deepInclude(yield* client.downloads.read(third), { complete: true, removed: [] })
      // It stays absent.
      world.answers = [{ rid: 3 }, { rid: 4 }]
      yield* TestClock.adjust("2 minutes")
      const fourth = yield* client.downloads.read(third)
      assert.deepInclude(fourth, { complete: true, removed: [other] })
      assert.deepInclude(yield* client.downloads.read(fourth), { complete: true, removed: [] })
    })
  )
})

describe("Signing in to qBittorrent", () => {
  it.effect("uses the cookie that the answer names, and is done again once when the session has ended", () =>
    Effect.gen(function* () {
      const world: Server = { torrents: { [hash]: torrent() } }
      const client = yield* open(qbittorrent, config, server(world))
      const logins = () => client.sent.filter(({ path }) => path.endsWith("login")).length
      yield* client.read
      assert.strictEqual(logins(), 1)
      assert.match(client.sent.at(-1)?.headers.get("cookie") ?? "", /^QBT_SID_8080=/)
      world.ends = true
      assert.strictEqual((yield* client.read).downloads.length, 1)
      assert.strictEqual(logins(), 2)
    })
  )

  it.effect("sends a refused password once, whatever is asked afterwards", () =>
    Effect.gen(function* () {
      const client = yield* open(qbittorrent, config, server({ password: "another" }))
      for (const call of [
        Effect.asVoid(client.read),
        Effect.asVoid(urgently(client.connected.probe)),
        Effect.asVoid(client.downloads.presence(hash))
      ]) {
        const error = yield* Effect.flip(call)
        assert.strictEqual(error._tag, "UpstreamUnauthorized")
        assert.include(error.message, "the user name or the password is wrong")
      }
      yield* TestClock.adjust("1 hour")
      yield* Effect.flip(client.read)
      assert.deepStrictEqual(client.calls(), ["POST /api/v2/auth/login"])
    })
  )

  it.effect("has words of its own for a ban, and for a name in the address that is not accepted", () =>
    Effect.gen(function* () {
      const banned = yield* open(qbittorrent, config, () => text("Your IP address has been banned", 403))
      const ban = yield* Effect.flip(banned.read)
      assert.strictEqual(ban._tag, "UpstreamRefused")
      assert.include(ban.message, "has banned the address")
      const proxied = yield* open(qbittorrent, config, () => text("Unauthorized", 401))
      const host = yield* Effect.flip(proxied.read)
      assert.strictEqual(host._tag, "UpstreamRefused")
      assert.include(host.message, "Host header")
      // From version 5.2 on, a wrong password has the same status; without a session, other calls have another one.
      const newer = yield* open(qbittorrent, config, ({ path }) =>
        path.endsWith("login") ? text("Unauthorized", 401) : text("Forbidden", 403)
      )
      const wrong = yield* Effect.flip(newer.read)
      assert.strictEqual(wrong._tag, "UpstreamUnauthorized")
      assert.include(wrong.message, "the user name or the password is wrong")
      assert.strictEqual(newer.sent.length, 2)
      yield* Effect.flip(newer.read)
      assert.strictEqual(newer.sent.length, 2)
    })
  )

  it.effect("is not needed with a key", () =>
    Effect.gen(function* () {
      const client = yield* open(qbittorrent, { username: "admin", apiKey: "qbt_0123456789" }, ({ headers, path }) =>
        headers.get("authorization") !== "Bearer qbt_0123456789"
          ? text("Forbidden", 403)
          : path.endsWith("webapiVersion")
            ? text("2.14.1")
            : path.endsWith("version")
              ? text("v5.2.0")
              : path.endsWith("preferences")
                ? settings
                : { rid: 1, full_update: true, torrents: {} }
      )
      assert.strictEqual((yield* client.read).client.version, "5.2.0")
      assert.isTrue(client.sent.every(({ path }) => !path.endsWith("login")))
    })
  )
})

describe("Changes of torrents in qBittorrent", () => {
  const posts = (client: { readonly sent: ReadonlyArray<Parameters<typeof formOf>[0]> }) =>
    client.sent.flatMap((sent) =>
      sent.method === "POST" && !sent.path.endsWith("login")
        ? [[sent.path.replace("/api/v2/", ""), formOf(sent)] as const]
        : []
    )

  it.effect("use the names of the version, and the others if those are not known", () =>
    Effect.gen(function* () {
      for (const [api, names] of [
        ["2.8.19", "torrents/pause torrents/resume"],
        ["2.11.4", "torrents/stop torrents/start"]
      ] as const) {
        const client = yield* open(qbittorrent, config, server({ torrents: { [hash]: torrent() }, api }))
        yield* client.downloads.pause([hash])
        yield* client.downloads.resume([hash])
        assert.strictEqual(
          posts(client)
            .map(([path]) => path)
            .join(" "),
          names
        )
      }
      const answers = server({ torrents: { [hash]: torrent() }, api: "2.11.4" })
      const odd = yield* open(qbittorrent, config, (sent) =>
        sent.path.endsWith("/stop") ? text("", 404) : answers(sent)
      )
      assert.deepStrictEqual((yield* odd.downloads.pause([hash])).accepted, [hash])
      assert.deepStrictEqual(
        posts(odd).map(([path]) => path),
        ["torrents/stop", "torrents/pause"]
      )
    })
  )

  it.effect("write only the limits that are given, and repeat the raw values of the others", () =>
    Effect.gen(function* () {
      const torrents = {
        [hash]: torrent({ ratio_limit: -1, max_ratio: 9, seeding_time_limit: -2 }),
        [other]: torrent({ ratio_limit: 1.5, inactive_seeding_time_limit: 10, share_limit_action: "Remove" })
      }
      const client = yield* open(qbittorrent, config, server({ torrents }))
      const limits = { seedingSeconds: { is: "value", value: 7_200 } } as const
      assert.deepStrictEqual((yield* client.downloads.setLimits!([hash, other], limits)).accepted, [hash, other])
      assert.deepStrictEqual(posts(client), [
        [
          "torrents/setShareLimits",
          { hashes: hash, ratioLimit: "-1", seedingTimeLimit: "120", inactiveSeedingTimeLimit: "-2" }
        ],
        [
          "torrents/setShareLimits",
          {
            hashes: other,
            ratioLimit: "1.5",
            seedingTimeLimit: "120",
            inactiveSeedingTimeLimit: "10",
            shareLimitAction: "Remove"
          }
        ]
      ])
    })
  )

  it.effect("write tags in the spelling that the client has", () =>
    Effect.gen(function* () {
      const client = yield* open(qbittorrent, config, server({ torrents: { [hash]: torrent() } }))
      yield* client.downloads.addTags!([hash], [" keep", "New"])
      yield* client.downloads.removeTags!([hash], ["OTHER", "unknown"])
      assert.deepStrictEqual(posts(client), [
        ["torrents/addTags", { hashes: hash, tags: "Keep,New" }],
        ["torrents/removeTags", { hashes: hash, tags: "other" }]
      ])
    })
  )

  it.effect("are refused by the client as an outcome, and fail if it is not the client that refuses", () =>
    Effect.gen(function* () {
      const answers = server({ torrents: { [hash]: torrent() } })
      const refusing = (status: number) =>
        open(qbittorrent, config, (sent) =>
          sent.path.endsWith("setCategory") ? text("Incorrect category name", status) : answers(sent)
        )
      const refused = yield* refusing(409)
      assert.deepStrictEqual(yield* refused.downloads.setCategory!([hash, other], "nothere"), {
        accepted: [],
        absent: [other],
        refused: [{ id: hash, reason: "Incorrect category name" }]
      })
      const broken = yield* refusing(502)
      assert.strictEqual((yield* Effect.flip(broken.downloads.setCategory!([hash], "x")))._tag, "UpstreamRefused")
    })
  )

  it.effect("remove once, with or without data, and only what the client has", () =>
    Effect.gen(function* () {
      const client = yield* open(qbittorrent, config, server({ torrents: { [hash]: torrent() } }))
      assert.deepStrictEqual(yield* client.downloads.remove([hash, other], { withData: true }), {
        accepted: [hash],
        absent: [other],
        refused: []
      })
      yield* client.downloads.remove([hash], { withData: false })
      assert.deepStrictEqual(posts(client), [
        ["torrents/delete", { hashes: hash, deleteFiles: "true" }],
        ["torrents/delete", { hashes: hash, deleteFiles: "false" }]
      ])
      const sent = client.sent.length
      assert.deepStrictEqual((yield* client.downloads.remove([other], { withData: true })).absent, [other])
      assert.deepStrictEqual((yield* client.downloads.remove([], { withData: true })).accepted, [])
      assert.strictEqual(client.sent.length, sent + 1)
      // A deletion that gets no answer is not repeated.
      const answers = server({ torrents: { [hash]: torrent() } })
      const lost = yield* open(qbittorrent, config, (one) =>
        one.path.endsWith("delete") ? text("gateway", 504) : answers(one)
      )
      yield* Effect.flip(lost.downloads.remove([hash], { withData: true }))
      assert.strictEqual(posts(lost).length, 1)
    })
  )

  it.effect("read files and trackers as they are, without the rows that are no trackers", () =>
    Effect.gen(function* () {
      const answers = server({ torrents: { [hash]: torrent({ private: undefined }) } })
      const client = yield* open(qbittorrent, config, (sent) => {
        if (sent.query.get("hash") === other) return text("", 404)
        if (sent.path.endsWith("/files")) {
          return [
            { index: 0, name: "Film/Film.2031.1080p.mkv.lnk", size: 10, progress: 0, priority: 1 },
            { index: 1, name: "Film/Film.mkv.!qB", size: 20, progress: 0.5, priority: 0 },
            { index: 2, name: "Film/Film.MKV .scr", size: 30, progress: 1, priority: 7 }
          ]
        }
        if (sent.path.endsWith("/trackers")) {
          return [
            { url: "** [DHT] **", status: 0, msg: "Dieser Torrent ist privat", tier: -1 },
            { url: "** [PeX] **", status: 2, msg: "", tier: -1 },
            { url: "https://t.example/key/announce", status: 1, tier: 0, msg: "" },
            { url: "http://u.example:80/announce", status: 3, tier: 1, msg: "" },
            { url: "http://v.example/announce", status: 4, tier: 2, msg: "see https://v.example/u/key" }
          ]
        }
        return answers(sent)
      })
      const [one, ...rest] = yield* client.downloads.details([hash, other], { files: true, trackers: true })
      assert.deepStrictEqual(rest, [])
      assert.deepStrictEqual(
        one?.files?.map(({ path, wanted }) => [path, wanted]),
        [
          ["Film/Film.2031.1080p.mkv.lnk", true],
          ["Film/Film.mkv.!qB", false],
          ["Film/Film.MKV .scr", true]
        ]
      )
      assert.deepStrictEqual(one?.trackers, [
        { host: "t.example", tier: 0, status: "not-contacted", message: null },
        { host: "u.example", tier: 1, status: "updating", message: null },
        { host: "v.example", tier: 2, status: "not-working", message: "see (address)" }
      ])
      assert.isTrue(one?.private)
      // What was found out is known from then on.
      const reading = yield* client.read
      assert.isTrue(only(reading).private)
    })
  )
})
