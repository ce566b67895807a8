/** µTorrent 3 for Windows and its server for Linux, through the API of its web interface, whose every call is a GET. */
import { Effect, Schema } from "effect"
import { configField } from "../ConfigForm.ts"
import type { Download, DownloadsReading } from "../Downloads.ts"
import type {
  DownloadDetails,
  DownloadPresence,
  DownloadsCapability,
  LimitSetting,
  LimitSettings,
  QueueMove
} from "../DownloadsCapability.ts"
import type { Connected, Kind } from "../Kind.ts"
import type { Upstream, UpstreamSession } from "../Upstream.ts"
import type { UpstreamError } from "../UpstreamErrors.ts"
import { amountIn, type Fields, fieldsIn, listIn, textIn, wordsIn } from "./downloads/Fields.ts"
import { allRefused, forKnown, refusedBy } from "./downloads/Outcomes.ts"
import { makeReadings, type ReadingMaker } from "./downloads/Reading.ts"
import { basicAuth, isRefusedPassword, usernameWithDefault } from "./downloads/SignIn.ts"
import { unknownLimit } from "./downloads/Terms.ts"
import { timedProbe } from "./Probing.ts"
import { clientOf, downloadOf, filesOf, rowOf, settingsOf, trackersOf } from "./utorrent/Torrents.ts"

const Config = Schema.Struct({
  username: usernameWithDefault("As entered in the settings of its web interface.", "admin"),
  password: configField(Schema.String.check(Schema.isNonEmpty()), {
    title: "Password",
    description: "As entered in the settings of its web interface."
  })
})

const path = "gui/"

export const utorrent: Kind<typeof Config.Type> = {
  id: "utorrent",
  title: "uTorrent",
  description: "A client for torrents. Its API does not say which torrents are private.",
  capabilities: ["downloads"],
  itemKinds: [],
  config: Config,
  syncCost: {
    formula: "0; the downloads are read by 2 calls, whatever their number",
    calls: () => 0,
    reread: "1 to 3 for one download"
  },
  connect: (client, connection): Connected => {
    const { password, username } = connection.config
    const upstream = client.open({
      integration: connection.name,
      baseUrl: connection.url,
      ...basicAuth(username, password),
      session: sessionOf(connection.name),
      stopsAfter: isRefusedPassword
    })
    const api = apiOf(upstream, connection.name)
    return {
      probe: timedProbe(
        Effect.map(api.read({ action: "getsettings" }), (answer) => ({
          appName: "uTorrent",
          version: wordsIn(answer, "build")
        }))
      ),
      read: {},
      downloads: downloadsOf(api)
    }
  }
}

/** A token in a web page, which belongs to a cookie, and must be first in every address. */
const sessionOf = (integration: string): UpstreamSession => ({
  inQuery: ["token"],
  hasEnded: ({ status }) => status === 300 || status === 400,
  open: Effect.fnUntraced(function* (upstream) {
    const answer = yield* upstream.ask("GET", `${path}token.html`, { webPage: true })
    const page = new TextDecoder().decode(answer.body)
    const token = /<div[^>]*>\s*([^<\s]+)\s*<\/div>/i.exec(page)?.[1]
    if (token === undefined)
      return yield* refusedBy(integration, `GET ${path}token.html`, "there is no token in its answer")
    const cookies = Object.entries(answer.cookies).map(([name, value]) => `${name}=${value}`)
    return { token, ...(cookies.length === 0 ? {} : { cookie: cookies.join("; ") }) }
  })
})

const Answer = Schema.Record(Schema.String, Schema.Unknown)

type Query = Readonly<Record<string, string | number | ReadonlyArray<string | number>>>

interface Api {
  readonly integration: string
  readonly read: (query: Query) => Effect.Effect<Fields, UpstreamError>
  readonly change: (query: Query, options?: { readonly destroys?: boolean }) => Effect.Effect<Fields, UpstreamError>
}

const apiOf = (upstream: Upstream, integration: string): Api => {
  const checked = (query: Query) => (answer: Fields) =>
    "error" in answer
      ? Effect.fail(
          refusedBy(
            integration,
            `GET ${path} ${String(query["action"] ?? "list")}`,
            textIn(answer, "error") ?? "no reason given"
          )
        )
      : Effect.succeed(answer)
  return {
    integration,
    read: (query) => Effect.flatMap(upstream.get(path, Answer, { query, timeoutMillis: 60_000 }), checked(query)),
    change: (query, options = {}) =>
      Effect.flatMap(upstream.get(path, Answer, { query, acts: true, ...options }), checked(query))
  }
}

type Ids = ReadonlyArray<string>

interface Own {
  /** Number of the state of the list: with it, only changes are listed. */
  readonly cid: string
  readonly surroundings: string
}

const textsIn = (list: ReadonlyArray<unknown> | null): ReadonlyArray<string> =>
  (list ?? []).flatMap((row) => (Array.isArray(row) && typeof row[0] === "string" && row[0] !== "" ? [row[0]] : []))

const downloadsOf = (api: Api): DownloadsCapability => {
  const readings = makeReadings<Own & { readonly rows: ReadonlyMap<string, Fields> }>()

  const read = Effect.fn("UTorrent.readDownloads")(function* (
    previous?: DownloadsReading | null
  ): Effect.fn.Return<DownloadsReading, UpstreamError> {
    const before = readings.ownOf(previous)
    const answer = yield* api.read({ list: 1, ...(before === null ? {} : { cid: before.cid }) })
    const about = yield* api.read({ action: "getsettings" })
    // Without the number of its state, or after a restart, it lists everything.
    const changes = listIn(answer, "torrentp")
    const whole = listIn(answer, "torrents")
    const rows = new Map(whole === null && changes !== null ? before?.rows : [])
    for (const values of whole ?? changes ?? []) {
      const row = rowOf(values)
      const id = (textIn(row, "hash") ?? "").toLowerCase()
      if (id !== "") rows.set(id, row)
    }
    for (const hash of whole === null ? (listIn(answer, "torrentm") ?? []) : []) rows.delete(String(hash).toLowerCase())
    const client = clientOf(
      settingsOf(listIn(about, "settings") ?? []),
      textIn(answer, "build") ?? textIn(about, "build"),
      textsIn(listIn(answer, "label")),
      [...rows.values()]
    )
    const around = { down: client.limits.down, up: client.limits.up }
    const surroundings = JSON.stringify(around)
    const known = new Map((previous?.downloads ?? []).map((download) => [download.id, download]))
    const keep = before !== null && before.surroundings === surroundings
    const downloads = new Map(
      [...rows].map(([id, row]): [string, Download] => {
        const same = keep && before.rows.get(id) === row ? known.get(id) : undefined
        return [id, same ?? downloadOf(row, around)]
      })
    )
    return yield* readings.make(previous, {
      downloads,
      client,
      own: { cid: textIn(answer, "torrentc") ?? "0", surroundings, rows },
      restarted: before !== null && whole !== null,
      partial: whole === null && changes === null ? "it answered without a list" : null
    })
  })

  const details = Effect.fn("UTorrent.details")(function* (
    ids: Ids,
    wanted: { readonly files: boolean; readonly trackers: boolean }
  ): Effect.fn.Return<ReadonlyArray<DownloadDetails>, UpstreamError> {
    const rows = yield* rowsOf(api)
    const known = [...new Set(ids)].filter((id) => rows.has(id))
    return yield* Effect.forEach(known, (id) =>
      Effect.gen(function* () {
        const hash = id.toUpperCase()
        const files = wanted.files ? listIn(yield* api.read({ action: "getfiles", hash }), "files") : null
        const props = wanted.trackers ? listIn(yield* api.read({ action: "getprops", hash }), "props") : null
        // The hash, and the list of its files.
        const list = files?.[1]
        return {
          id,
          files: Array.isArray(list) && list.length > 0 ? filesOf(list) : null,
          trackers: props === null ? null : trackersOf(textIn(fieldsIn(props[0]), "trackers")),
          private: null
        }
      })
    )
  })

  const presence = (id: string) =>
    Effect.map(rowsOf(api), (rows): DownloadPresence => {
      const row = rows.get(id)
      if (row === undefined) return { _tag: "Absent" }
      return {
        _tag: "Present",
        name: textIn(row, "name") ?? id,
        savePath: wordsIn(row, "path"),
        contentPath: null,
        bytesTotal: amountIn(row, "size")
      }
    })

  const readSome = (ids: Ids) =>
    Effect.map(rowsOf(api), (rows) =>
      ids.flatMap((id) => {
        const row = rows.get(id)
        return row === undefined ? [] : [downloadOf(row, { down: unknownLimit, up: unknownLimit })]
      })
    )

  return { protocol: "torrent", read, readSome, details, presence, ...actionsOf(api, readings) }
}

const rowsOf = (api: Api): Effect.Effect<ReadonlyMap<string, Fields>, UpstreamError> =>
  Effect.flatMap(api.read({ list: 1 }), (answer) => {
    const torrents = listIn(answer, "torrents")
    // Without its list, nothing is known about any torrent.
    if (torrents === null)
      return Effect.fail(refusedBy(api.integration, `GET ${path} list`, "it answered without a list"))
    return Effect.succeed(
      new Map(torrents.map(rowOf).map((row) => [(textIn(row, "hash") ?? "").toLowerCase(), row] as const))
    )
  })

const actionsOf = (api: Api, readings: ReadingMaker<Own & { readonly rows: ReadonlyMap<string, Fields> }>) => {
  const known = (ids: Ids) => Effect.map(rowsOf(api), (rows) => new Set(ids.filter((id) => rows.has(id))))
  const hashes = (ids: Ids) => ids.map((id) => id.toUpperCase())

  const act =
    (action: string, options: { readonly destroys?: boolean } = {}) =>
    (ids: Ids) =>
      forKnown(ids, known, (present) => Effect.asVoid(api.change({ action, hash: hashes(present) }, options)))

  const setProperties = (ids: Ids, properties: ReadonlyArray<readonly [string, string | number]>) =>
    forKnown(ids, known, (present) =>
      Effect.forEach(
        properties,
        ([name, value]) =>
          Effect.forEach(hashes(present), (hash) => api.change({ action: "setprops", hash, s: name, v: value })),
        { discard: true }
      )
    )

  const setLimits = (ids: Ids, { down, inactiveSeconds, ratio, seedingSeconds, up }: LimitSettings) => {
    if (inactiveSeconds !== undefined) {
      return Effect.succeed(allRefused(ids, "uTorrent has no limit of the time without activity"))
    }
    if (
      (ratio?.is === "global") !== (seedingSeconds?.is === "global") &&
      ratio !== undefined &&
      seedingSeconds !== undefined
    ) {
      return Effect.succeed(
        allRefused(ids, "in uTorrent, the ratio and the seeding time follow the client only together")
      )
    }
    const seeding = [ratio, seedingSeconds].filter((limit) => limit !== undefined)
    const own = seeding.length > 0 && seeding.every(({ is }) => is !== "global")
    return setProperties(ids, [
      ...(seeding.length === 0 ? [] : [["seed_override", own ? 1 : 0] as const]),
      ...(own && ratio !== undefined
        ? [["seed_ratio", ratio.is === "value" ? Math.round(ratio.value * 1000) : -1] as const]
        : []),
      ...(own && seedingSeconds !== undefined
        ? [["seed_time", seedingSeconds.is === "value" ? Math.round(seedingSeconds.value) : -1] as const]
        : []),
      ...(down === undefined ? [] : [["dlrate", speedOf(down)] as const]),
      ...(up === undefined ? [] : [["ulrate", speedOf(up)] as const])
    ])
  }

  return {
    pause: act("stop"),
    resume: act("start"),
    remove: (ids, { withData }) =>
      Effect.tap(act(withData ? "removedata" : "remove", { destroys: true })(ids), ({ accepted }) =>
        Effect.sync(() => readings.expectGone(accepted))
      ),
    removesData: true,
    recheck: act("recheck"),
    reannounce: null,
    setCategory: (ids, category) => setProperties(ids, [["label", category]]),
    createCategory: null,
    addTags: null,
    removeTags: null,
    setLimits,
    limits: ["ratio", "seedingSeconds", "down", "up"],
    ownLimits: [],
    setFileWanted: (id, indexes, wanted) =>
      indexes.length === 0
        ? Effect.succeed(allRefused([id], "no file is given"))
        : forKnown([id], known, () =>
            Effect.asVoid(
              api.change(
                { action: "setprio", hash: id.toUpperCase(), p: wanted ? 2 : 0, f: indexes },
                { destroys: true }
              )
            )
          ),
    setQueuePosition: (ids, move) => act(moves[move])(ids),
    setSavePath: null,
    exportTorrent: null,
    add: null,
    excludedFileNames: null
  } satisfies Partial<DownloadsCapability>
}

const moves: Readonly<Record<QueueMove, string>> = {
  top: "queuetop",
  bottom: "queuebottom",
  up: "queueup",
  down: "queuedown"
}

/** 0 is none: the client's limit applies. */
const speedOf = (limit: LimitSetting): number => (limit.is === "value" ? Math.max(1, Math.round(limit.value)) : 0)
