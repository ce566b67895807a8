/** rTorrent and uTorrent. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { CurrentFinalCheck } from "../../../../src/integrations/FinalCheck.ts"
import { rtorrent } from "../../../../src/integrations/kinds/rtorrent.ts"
import { listCommands } from "../../../../src/integrations/kinds/rtorrent/Torrents.ts"
import { callText, Fault, responseValue } from "../../../../src/integrations/kinds/rtorrent/XmlRpc.ts"
import { utorrent } from "../../../../src/integrations/kinds/utorrent.ts"
import type { Sent } from "../../support/FakeUpstream.ts"
import { assertWhole, only, open, text } from "./Clients.ts"

const hash = "a".repeat(40)
const other = "b".repeat(40)

type Value = string | number | ReadonlyArray<Value> | { readonly fault: readonly [number, string] }

const xml = (value: Value): string => {
  if (typeof value === "string") return `<value><string>${value}</string></value>`
  if (typeof value === "number") return `<value><i8>${value}</i8></value>`
  if ("fault" in value) {
    const [code, words] = value.fault
    return `<value><struct><member><name>faultCode</name><value><i4>${code}</i4></value></member><member><name>faultString</name><value><string>${words}</string></value></member></struct></value>`
  }
  return `<value><array><data>${value.map(xml).join("")}</data></array></value>`
}

const response = (value: Value) =>
  text(`<?xml version="1.0"?>\n<methodResponse><params><param>${xml(value)}</param></params></methodResponse>`)

const row = (changes: Record<string, Value> = {}): Value => {
  const fields: Record<string, Value> = {
    "d.hash=": hash.toUpperCase(),
    "d.name=": "Film.2031.1080p",
    "d.base_path=": "/data/Film.2031.1080p",
    "d.directory=": "/data",
    "d.custom1=": "radarr",
    "d.size_bytes=": 1_000,
    "d.completed_bytes=": 500,
    "d.left_bytes=": 500,
    "d.complete=": 0,
    "d.state=": 1,
    "d.is_open=": 1,
    "d.is_active=": 1,
    "d.hashing=": 0,
    "d.message=": "",
    "d.ratio=": 1_500,
    "d.down.rate=": 5,
    "d.is_private=": 1,
    "d.timestamp.finished=": 0,
    "d.bytes_done=": 500,
    "d.free_diskspace=": 77,
    "d.throttle_name=": "",
    ...changes
  }
  return listCommands.map((command) => fields[command] ?? "")
}

const rpc =
  (rows: ReadonlyArray<Value>, results: (sent: Sent) => Value | null = () => null) =>
  (sent: Sent) => {
    const body = String(sent.body)
    const other = results(sent)
    if (other !== null) return response(other)
    if (body.includes("d.multicall2")) return response(rows)
    return response([
      ["0.9.8"],
      ["10"],
      [77],
      [1_795_189_638],
      ["/data"],
      [4_096],
      [0],
      [1],
      { fault: [-506, "Method 'x' not defined"] }
    ])
  }

const account = { username: "admin", password: "right", rpcPath: "RPC2" }

const readOne = (changes: Record<string, Value>) =>
  Effect.gen(function* () {
    const client = yield* open(rtorrent, account, rpc([row(changes)]))
    const reading = yield* client.read
    assertWhole(reading)
    return { reading, download: only(reading) }
  })

describe("rTorrent", () => {
  it.effect("has a state by what it does and by its message, in which a tracker's is no fault", () =>
    Effect.gen(function* () {
      const complete = { "d.complete=": 1, "d.left_bytes=": 0 }
      const closed = { "d.is_active=": 0, "d.is_open=": 0 }
      const cases: ReadonlyArray<readonly [Record<string, Value>, string]> = [
        [{}, "downloading"],
        [{ "d.down.rate=": 0 }, "stalled"],
        [{ "d.hashing=": 1 }, "checking"],
        [{ "d.is_meta=": 1 }, "metadata"],
        [complete, "seeding"],
        [{ ...closed, "d.state=": 0 }, "paused"],
        [{ ...closed, ...complete, "d.state=": 0 }, "completed"],
        [{ "d.is_active=": 0 }, "paused"],
        [{ ...complete, "d.message=": "Tracker: [Could not connect]" }, "seeding"],
        [{ ...closed, "d.message=": "Storage error: No space left on device" }, "error"],
        [{ ...closed, "d.message=": "Storage error: [No such file or directory]" }, "missing-files"],
        [{ "d.state=": "" }, "unknown"]
      ]
      for (const [changes, state] of cases) {
        assert.strictEqual((yield* readOne(changes)).download.state, state, JSON.stringify(changes))
      }
    })
  )

  it.effect("counts by its own clock, and says that it has rules of its own", () =>
    Effect.gen(function* () {
      const { download, reading } = yield* readOne({
        "d.complete=": 1,
        "d.timestamp.finished=": 1_795_189_038,
        [listCommands[listCommands.length - 2] ?? ""]:
          "https://t.example/key/announce#udp://u.example:1/announce#dht://#",
        [listCommands[listCommands.length - 1] ?? ""]: "main,rat_2"
      })
      assert.deepStrictEqual(download.seedingTime, { seconds: 600, clock: "since-completion" })
      assert.deepStrictEqual(download.trackerHosts, ["t.example", "u.example"])
      assert.deepInclude(download, { ratio: 1.5, atLimit: null, private: true })
      assert.strictEqual(reading.client.clockAt, "2026-11-20T15:47:18.000Z")
      assert.isTrue(reading.client.habits.find(({ what }) => what === "ratio-groups")?.on)
      assert.strictEqual(download.limits.down.effective, 4_096)
      assert.deepStrictEqual(reading.client.folders, [{ path: "/data", freeBytes: 77 }])
      assert.isNull((yield* readOne({ "d.bytes_done=": 0, "d.ratio=": 0 })).download.ratio)
      assert.strictEqual((yield* readOne({ "d.custom1=": "my%20films" })).download.category, "my films")
    })
  )

  it.effect("keeps the files, so a removal with data is refused before anything is sent", () =>
    Effect.gen(function* () {
      const client = yield* open(rtorrent, account, rpc([row()]))
      assert.isFalse(client.downloads.removesData)
      assert.strictEqual((yield* client.downloads.remove([hash], { withData: true })).refused.length, 1)
      assert.strictEqual(client.sent.length, 0)
    })
  )

  it.effect("says for each torrent of a change what became of it", () =>
    Effect.gen(function* () {
      const client = yield* open(
        rtorrent,
        account,
        rpc([], () => [[0], { fault: [-501, "Could not find info-hash."] }])
      )
      assert.deepStrictEqual(yield* client.downloads.remove([hash, other, "rubbish"], { withData: false }), {
        accepted: [hash],
        absent: ["rubbish", other],
        refused: []
      })
      assert.strictEqual(client.sent.length, 1)
      assert.include(String(client.sent[0]?.body), hash.toUpperCase())
      // A label is data, whatever is in it.
      const labels = yield* open(
        rtorrent,
        account,
        rpc([], () => [[0]])
      )
      yield* labels.downloads.setCategory!([hash], '</string>$execute={"rm"}&')
      assert.include(String(labels.sent[0]?.body), '&lt;/string&gt;$execute={"rm"}&amp;')
    })
  )

  it.effect("with an answer that leaves out results fails", () =>
    Effect.gen(function* () {
      const client = yield* open(
        rtorrent,
        account,
        rpc([], () => [])
      )
      assert.strictEqual((yield* Effect.flip(client.downloads.pause([hash])))._tag, "UpstreamRefused")
      const broken = yield* open(rtorrent, account, () => text("<methodResponse><params><param><value><arr"))
      assert.strictEqual((yield* Effect.flip(broken.read))._tag, "UpstreamMalformed")
    })
  )
})

describe("XML-RPC", () => {
  it("is read with all its types, entities and faults, and refused if it is cut off", () => {
    const read = (value: string) =>
      responseValue(
        `<?xml version="1.0"?>\r\n<methodResponse>\n<params><param>${value}</param></params></methodResponse>`
      )
    assert.strictEqual(read("<value>plain &amp; simple</value>"), "plain & simple")
    assert.strictEqual(read("<value><string> a &lt;b&gt; &#233;&#x1F600; </string></value>"), " a <b> é😀 ")
    assert.strictEqual(read("<value><string/></value>"), "")
    assert.strictEqual(read("<value/>"), "")
    assert.strictEqual(read("<value><i8>9007199254740991</i8></value>"), 9_007_199_254_740_991)
    assert.deepStrictEqual(read("<value><array><data/></array></value>"), [])
    assert.deepStrictEqual(
      read(
        "<value><array>\n<data>\n<value><i4>-1</i4></value>\n<value><boolean>1</boolean></value></data></array></value>"
      ),
      [-1, 1]
    )
    assert.deepStrictEqual(
      read("<value><struct><member><name>a</name><value><double>1.5</double></value></member></struct></value>"),
      { a: 1.5 }
    )
    const fault = responseValue(`<methodResponse><fault>${xml({ fault: [-501, "no"] })}</fault></methodResponse>`)
    assert.isTrue(fault instanceof Fault && fault.code === -501 && fault.reason === "no")
    for (const bad of ["<value><i4>x</i4></value>", "<value><string>a", "<values>"]) assert.throws(() => read(bad))
    assert.throws(() => responseValue("<html>"))
    assert.include(callText("a.b", [2 ** 40, ["x"], { m: "<" }]), "<i8>1099511627776</i8>")
  })
})

const place = (
  changes: Partial<Record<"status" | "size" | "progress" | "down" | "eta" | "message" | "path", unknown>> = {}
) => {
  const values: Array<unknown> = [
    hash.toUpperCase(),
    201,
    "Film",
    1_000,
    500,
    500,
    250,
    500,
    1,
    5,
    60,
    "radarr",
    1,
    2,
    3,
    4,
    131_072,
    1,
    500,
    "",
    "",
    "Downloading",
    "",
    1_795_189_038,
    0,
    "",
    "C:\\dl"
  ]
  const places = { status: 1, size: 3, progress: 4, down: 9, eta: 10, message: 21, path: 26 }
  for (const [name, value] of Object.entries(changes)) values[places[name as keyof typeof places]] = value
  return values
}

interface World {
  list?: (cid: string | null) => Record<string, unknown>
  token?: string
}

const gui = (world: World) => (sent: Sent) => {
  const token = world.token ?? "TOKEN123"
  if (sent.headers.get("authorization") !== `Basic ${btoa("admin:right")}`) return text("", 401)
  if (sent.path.endsWith("token.html")) {
    return new Response(`<html><div id='token' style='display:none;'>${token}</div></html>`, {
      headers: { "content-type": "text/html", "set-cookie": "GUID=guid1234; path=/" }
    })
  }
  if (sent.query.get("token") !== token || sent.headers.get("cookie") !== "GUID=guid1234") {
    return text("invalid request", 400)
  }
  if (sent.query.get("list") === "1") {
    return {
      build: 46_000,
      label: [["radarr", 1]],
      ...(world.list?.(sent.query.get("cid")) ?? { torrents: [place()], torrentc: "9" })
    }
  }
  return {
    build: 46_000,
    settings: [
      ["max_dl_rate", 0, "4"],
      ["seed_ratio", 0, "1500"]
    ]
  }
}

const admin = { username: "admin", password: "right" }

describe("uTorrent", () => {
  it.effect("has a state by the bits of its status", () =>
    Effect.gen(function* () {
      const done = { progress: 1000 }
      const cases: ReadonlyArray<readonly [Parameters<typeof place>[0], string]> = [
        [{}, "downloading"],
        [{ down: 0 }, "stalled"],
        [{ size: 0 }, "metadata"],
        [{ ...done }, "seeding"],
        [{ status: 200 }, "queued"],
        [{ status: 200, ...done }, "seeding-queued"],
        [{ status: 136 }, "paused"],
        [{ status: 136, ...done }, "completed"],
        [{ status: 233 }, "paused"],
        [{ status: 130 }, "checking"],
        [{ status: 152, message: "Error: disk full" }, "error"],
        [{ status: 152, message: "Error: Files missing from job. Please recheck." }, "missing-files"],
        [{ status: "?" }, "unknown"]
      ]
      for (const [changes, state] of cases) {
        const client = yield* open(
          utorrent,
          admin,
          gui({ list: () => ({ torrents: [place(changes)], torrentc: "1" }) })
        )
        const reading = yield* client.read
        assertWhole(reading)
        assert.strictEqual(only(reading).state, state, JSON.stringify(changes))
      }
    })
  )

  it.effect("keeps what is unknown apart, and has paths of its system", () =>
    Effect.gen(function* () {
      const client = yield* open(
        utorrent,
        admin,
        gui({ list: () => ({ torrents: [place({ eta: -1, progress: 1000, status: 137 })] }) })
      )
      const download = only(yield* client.read)
      assert.deepInclude(download, {
        etaSeconds: null,
        private: null,
        forced: true,
        ratio: 0.5,
        contentPath: "C:\\dl\\Film"
      })
      assert.strictEqual(download.limits.down.effective, 4_096)
    })
  )

  it.effect("reads only what has changed, and sends its token first in the query", () =>
    Effect.gen(function* () {
      const list = (cid: string | null) =>
        cid === null
          ? { torrents: [place(), [other.toUpperCase(), ...place().slice(1)]], torrentc: "9" }
          : { torrentp: [place({ progress: 750 })], torrentm: [other.toUpperCase()], torrentc: "10" }
      const client = yield* open(utorrent, admin, gui({ list }))
      const first = yield* client.read
      const second = yield* client.downloads.read(first)
      assert.deepInclude(second, { complete: true, changed: [hash], removed: [other] })
      assert.strictEqual(second.downloads.length, 1)
      assert.deepStrictEqual([...(client.sent[1]?.query.keys() ?? [])][0], "token")
      assert.strictEqual(client.sent.at(-2)?.query.get("cid"), "9")
    })
  )

  it.effect("gets a new token when the old one has ended", () =>
    Effect.gen(function* () {
      const world: World = {}
      const client = yield* open(utorrent, admin, gui(world))
      yield* client.read
      world.token = "TOKEN456"
      assert.strictEqual((yield* client.read).downloads.length, 1)
      assert.strictEqual(client.sent.filter(({ path }) => path.endsWith("token.html")).length, 2)
      const wrong = yield* open(utorrent, { ...admin, password: "wrong" }, gui({}))
      for (let time = 0; time < 3; time++) yield* Effect.flip(wrong.read)
      assert.strictEqual(wrong.sent.length, 1)
    })
  )

  it.effect("removes once and after the final check, although its calls are GETs", () =>
    Effect.gen(function* () {
      const answers = gui({})
      const client = yield* open(utorrent, admin, (sent) =>
        sent.query.get("action") === "removedata" ? text("", 503) : answers(sent)
      )
      const looks: Array<boolean> = []
      const whyNot = (destroys: boolean) =>
        Effect.as(
          Effect.sync(() => looks.push(destroys)),
          null
        )
      yield* Effect.flip(client.downloads.remove([hash], { withData: true })).pipe(
        Effect.provideService(CurrentFinalCheck, { whyNot })
      )
      assert.deepStrictEqual(looks, [true])
      assert.strictEqual(client.sent.filter(({ query }) => query.get("action") === "removedata").length, 1)
      assert.deepStrictEqual(client.sent.at(-1)?.query.getAll("hash"), [hash.toUpperCase()])
    })
  )

  it.effect("without its list knows nothing about any torrent", () =>
    Effect.gen(function* () {
      const client = yield* open(utorrent, admin, gui({ list: () => ({}) }))
      assert.isFalse((yield* client.read).complete)
      assert.strictEqual((yield* Effect.flip(client.downloads.presence(hash)))._tag, "UpstreamRefused")
    })
  )
})
