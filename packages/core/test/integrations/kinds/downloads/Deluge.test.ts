import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { deluge } from "../../../../src/integrations/kinds/deluge.ts"
import type { Sent } from "../../support/FakeUpstream.ts"
import { assertWhole, only, open } from "./Clients.ts"

const hash = "a".repeat(40)
const other = "b".repeat(40)

const torrent = (changes: Record<string, unknown> = {}) => ({
  name: "Film.2031.1080p",
  state: "Downloading",
  progress: 50,
  eta: 0,
  message: "OK",
  is_finished: false,
  save_path: "/data",
  download_location: "/data",
  total_size: 1_000,
  total_done: 500,
  total_wanted: 1_000,
  ratio: -1,
  time_added: 1_795_189_038,
  completed_time: 0,
  last_seen_complete: 0,
  label: "radarr",
  private: true,
  num_files: 2,
  trackers: [{ url: "https://t.example/key/announce" }],
  download_payload_rate: 5,
  queue: 0,
  stop_at_ratio: false,
  stop_ratio: 2,
  remove_at_ratio: false,
  max_download_speed: -1,
  max_upload_speed: 10,
  ...changes
})

interface Server {
  torrents?: Record<string, Record<string, unknown>>
  connected?: boolean
  hosts?: ReadonlyArray<ReadonlyArray<unknown>>
  connects?: boolean
  plugins?: ReadonlyArray<string>
  password?: string
  session?: string
}

const call = ({ body }: Sent) => body as { readonly method: string; readonly params: ReadonlyArray<unknown> }

const connect = (world: Server) => {
  const state = { connected: true, session: "s1", hosts: [["host1", "127.0.0.1", 58846, "localclient"]], ...world }
  const server = (sent: Sent): unknown => {
    const { method, params } = call(sent)
    const answer = (result: unknown, error: unknown = null, headers: Record<string, string> = {}) =>
      Response.json({ result, error, id: 1 }, { headers })
    if (method === "auth.login") {
      const isRight = params[0] === (world.password ?? "right")
      return answer(isRight, null, isRight ? { "set-cookie": `_session_id=${state.session}; Path=/json` } : {})
    }
    if (sent.headers.get("cookie") !== `_session_id=${state.session}`) {
      return answer(null, { message: "Not authenticated", code: 1 })
    }
    switch (method) {
      case "web.connected":
        return answer(state.connected)
      case "web.get_hosts":
        return answer(state.hosts)
      case "web.connect":
        state.connected = world.connects !== false
        return answer([])
      case "core.get_enabled_plugins":
        return answer(world.plugins ?? ["Label"])
      case "label.get_labels":
        return answer(["radarr"])
      case "daemon.get_version":
        return answer("2.1.1")
      case "core.get_config":
        return answer({
          download_location: "/data",
          max_download_speed: 4,
          max_upload_speed: -1,
          stop_seed_ratio: 2,
          stop_seed_at_ratio: true,
          remove_seed_at_ratio: true,
          proxy: { password: "never-kept" }
        })
      case "core.get_session_status":
        return answer({ upload_rate: 1, download_rate: 2 })
      case "core.get_torrents_status": {
        const filter = params[0] as { readonly id?: ReadonlyArray<string> }
        const all = Object.entries(world.torrents ?? {})
        return answer(Object.fromEntries(all.filter(([id]) => filter.id === undefined || filter.id.includes(id))))
      }
      case "core.remove_torrents":
        return answer([[other, "it is stuck"]])
      case "label.set_torrent":
        return params[1] === "radarr"
          ? answer(null)
          : answer(null, {
              code: 4,
              message:
                "Failure: [Failure instance: Traceback: <class 'deluge.error.WrappedException'>: Unknown Label\n]"
            })
      default:
        return method.startsWith("core.set") || method.startsWith("core.pause")
          ? answer(null)
          : answer(null, { message: "Unknown method", code: 2 })
    }
  }
  return Effect.map(open(deluge, { password: "right" }, server), (client) => ({
    ...client,
    state,
    methods: () => client.sent.map((sent) => call(sent).method)
  }))
}

const readOne = (changes: Record<string, unknown>) =>
  Effect.gen(function* () {
    const client = yield* connect({ torrents: { [hash]: torrent(changes) } })
    const reading = yield* client.read
    assertWhole(reading)
    return { reading, download: only(reading) }
  })

describe("Deluge", () => {
  it.effect("whose web interface is not connected to a daemon is not taken for empty", () =>
    Effect.gen(function* () {
      for (const [world, words] of [
        [{ connected: false, hosts: [] }, "knows 0 of them"],
        [{ connected: false, hosts: [["a"], ["b"]] }, "knows 2 of them"],
        [{ connected: false, connects: false }, "cannot connect to its daemon"]
      ] as const) {
        const client = yield* connect(world)
        for (const asked of [
          Effect.asVoid(client.read),
          Effect.asVoid(client.downloads.presence(hash)),
          Effect.asVoid(client.downloads.remove([hash], { withData: true }))
        ]) {
          assert.include((yield* Effect.flip(asked)).message, words)
        }
        assert.isTrue(
          client.methods().every((method) => !method.startsWith("core.")),
          "it would never answer"
        )
      }
    })
  )

  it.effect("is connected to its only daemon", () =>
    Effect.gen(function* () {
      const client = yield* connect({ connected: false, torrents: { [hash]: torrent() } })
      assert.strictEqual((yield* client.read).downloads.length, 1)
      assert.include(client.methods(), "web.connect")
    })
  )

  it.effect("without its plugin for labels has no categories, which is not an empty one", () =>
    Effect.gen(function* () {
      const client = yield* connect({ plugins: [], torrents: { [hash]: torrent({ label: undefined }) } })
      const reading = yield* client.read
      assert.isNull(only(reading).category)
      assert.isNull(reading.client.categories)
      assert.strictEqual((yield* readOne({ label: "" })).download.category, "")
    })
  )

  it.effect("is signed in again once when a successful answer says that the session has ended", () =>
    Effect.gen(function* () {
      const client = yield* connect({ torrents: { [hash]: torrent() } })
      yield* client.read
      client.state.session = "s2"
      yield* client.read
      assert.strictEqual(client.methods().filter((method) => method === "auth.login").length, 2)
    })
  )

  it.effect("gets a refused password once", () =>
    Effect.gen(function* () {
      const client = yield* connect({ password: "another" })
      for (let time = 0; time < 3; time++) {
        assert.include((yield* Effect.flip(client.read)).message, "the password is wrong")
      }
      assert.deepStrictEqual(client.methods(), ["auth.login"])
    })
  )

  it.effect("has states by its words, of which an unknown one draws no conclusion", () =>
    Effect.gen(function* () {
      const cases: ReadonlyArray<readonly [Record<string, unknown>, string]> = [
        [{ state: "Allocating" }, "allocating"],
        [{ state: "Checking" }, "checking"],
        [{ state: "Moving" }, "moving"],
        [{ state: "Downloading" }, "downloading"],
        [{ state: "Downloading", download_payload_rate: 0 }, "stalled"],
        [{ state: "Downloading", num_files: 0, total_size: 0 }, "metadata"],
        [{ state: "Seeding", is_finished: true }, "seeding"],
        [{ state: "Paused" }, "paused"],
        [{ state: "Paused", is_finished: true }, "completed"],
        [{ state: "Queued" }, "queued"],
        [{ state: "Queued", is_finished: true }, "seeding-queued"],
        [{ state: "Error", message: "Disk full" }, "error"],
        [{ state: "Error", message: "file.mkv: No such file or directory" }, "missing-files"],
        [{ state: "Dreaming" }, "unknown"]
      ]
      for (const [changes, state] of cases) {
        assert.strictEqual((yield* readOne(changes)).download.state, state, JSON.stringify(changes))
      }
    })
  )

  it.effect("keeps what is unknown apart, and says what it does by itself", () =>
    Effect.gen(function* () {
      const { download, reading } = yield* readOne({})
      assert.deepInclude(download, {
        etaSeconds: null,
        ratio: null,
        completedAt: null,
        seenCompleteAt: null,
        trackerHosts: ["t.example"],
        atLimit: "pause"
      })
      assert.strictEqual(download.limits.down.effective, 4_096)
      assert.deepStrictEqual(download.limits.up.own, { is: "value", value: 10_240, raw: 10 })
      assert.isNull((yield* readOne({ num_files: 0, total_size: 0, private: false })).download.private)
      assert.strictEqual((yield* readOne({ remove_at_ratio: true })).download.atLimit, "remove")
      const habit = reading.client.habits.find(({ what }) => what === "share-limit")
      assert.deepInclude(habit, { on: true, detail: "New torrents are removed at their ratio" })
      assert.notInclude(JSON.stringify(reading), "never-kept")
      assert.notInclude(JSON.stringify(reading), "key")
    })
  )

  it.effect("says for each torrent of a change what became of it", () =>
    Effect.gen(function* () {
      const client = yield* connect({ torrents: { [hash]: torrent(), [other]: torrent() } })
      const absent = "c".repeat(40)
      assert.deepStrictEqual(yield* client.downloads.remove([hash, other, absent], { withData: false }), {
        accepted: [hash],
        absent: [absent],
        refused: [{ id: other, reason: "it is stuck" }]
      })
      assert.deepStrictEqual(yield* client.downloads.setCategory!([hash], "Nothere"), {
        accepted: [],
        absent: [],
        refused: [{ id: hash, reason: "Unknown Label" }]
      })
      assert.strictEqual(
        (yield* client.downloads.setLimits!([hash], { inactiveSeconds: { is: "none" } })).refused.length,
        1
      )
      assert.strictEqual((yield* client.downloads.setFileWanted!(hash, [9], false)).refused.length, 1)
    })
  )
})
