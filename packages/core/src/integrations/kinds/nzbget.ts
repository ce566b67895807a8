/** NZBGet, versions 18 and later. */
import { Clock, Effect, Schema } from "effect"
import { isoOfMillis, passedMillis } from "../../problems/Instants.ts"
import type { Download, DownloadsReading } from "../Downloads.ts"
import type {
  DownloadDetails,
  DownloadOutcome,
  DownloadPresence,
  DownloadsCapability,
  QueueMove
} from "../DownloadsCapability.ts"
import type { Connected, Kind } from "../Kind.ts"
import type { Upstream } from "../Upstream.ts"
import type { UpstreamError } from "../UpstreamErrors.ts"
import { amountIn, fieldsIn, textIn } from "./downloads/Fields.ts"
import { allAccepted, allRefused, asOutcome, mergeOutcomes, nothingDone, refusedBy } from "./downloads/Outcomes.ts"
import { makeReadings, type ReadingMaker } from "./downloads/Reading.ts"
import { basicAuth, isRefusedPassword, passwordField, usernameWithDefault } from "./downloads/SignIn.ts"
import { clientOf, filesOf, ofHistory, ofQueue } from "./nzbget/Groups.ts"
import { timedProbe } from "./Probing.ts"

const Config = Schema.Struct({
  username: usernameWithDefault("`ControlUsername` in its settings.", "nzbget"),
  password: passwordField("`ControlPassword` in its settings.")
})

export const nzbget: Kind<typeof Config.Type> = {
  id: "nzbget",
  title: "NZBGet",
  description: "A client for Usenet.",
  capabilities: ["downloads"],
  itemKinds: [],
  config: Config,
  syncCost: {
    formula: "0; the downloads are read by 5 calls, whatever their number",
    calls: () => 0,
    reread: "1 to 3 for one download"
  },
  connect: (client, connection): Connected => {
    const { password, username } = connection.config
    const upstream = client.open({
      integration: connection.name,
      baseUrl: connection.url,
      ...basicAuth(username, password),
      stopsAfter: isRefusedPassword
    })
    const rpc = rpcOf(upstream, connection.name)
    return {
      probe: timedProbe(
        Effect.map(rpc.read("version"), (version) => ({
          appName: "NZBGet",
          version: typeof version === "string" ? version : null
        }))
      ),
      read: {},
      downloads: downloadsOf(rpc)
    }
  }
}

/** An error comes without a result. */
const Answer = Schema.Struct({
  result: Schema.optionalKey(Schema.Unknown),
  error: Schema.optionalKey(Schema.NullOr(Schema.Struct({ message: Schema.optionalKey(Schema.Unknown) })))
})

interface Rpc {
  readonly read: (method: string, params?: ReadonlyArray<unknown>) => Effect.Effect<unknown, UpstreamError>
  readonly change: (
    method: string,
    params: ReadonlyArray<unknown>,
    options?: { readonly destroys?: boolean }
  ) => Effect.Effect<unknown, UpstreamError>
}

const rpcOf = (upstream: Upstream, integration: string): Rpc => {
  const call = (
    method: string,
    params: ReadonlyArray<unknown>,
    options: { readonly reads?: boolean; readonly destroys?: boolean }
  ) =>
    upstream
      .send("POST", "jsonrpc", { json: { method, params, id: 1 }, timeoutMillis: 60_000, ...options }, Answer)
      .pipe(
        Effect.flatMap((answer) => {
          if (answer.error === null || answer.error === undefined) return Effect.succeed<unknown>(answer.result ?? null)
          const reason = typeof answer.error.message === "string" ? answer.error.message : "no reason given"
          return Effect.fail(refusedBy(integration, `POST jsonrpc ${method}`, reason))
        })
      )
  return {
    read: (method, params = []) => call(method, params, { reads: true }),
    change: (method, params, options = {}) => call(method, params, options)
  }
}

type Ids = ReadonlyArray<string>

interface Own {
  readonly startedMillis: number | null
  readonly epoch: string | null
}

/** The start is computed from a duration in whole seconds. */
const sameStartMillis = 60_000

const rowsIn = (value: unknown) => (Array.isArray(value) ? value.map(fieldsIn) : null)

const downloadsOf = (rpc: Rpc): DownloadsCapability => {
  const readings = makeReadings<Own>()

  const read = Effect.fn("NZBGet.readDownloads")(function* (
    previous?: DownloadsReading | null
  ): Effect.fn.Return<DownloadsReading, UpstreamError> {
    const before = readings.ownOf(previous)
    const version = yield* rpc.read("version")
    const status = fieldsIn(yield* rpc.read("status"))
    const now = yield* passedMillis
    const up = amountIn(status, "UpTimeSec")
    const startedMillis = up === null ? null : now - up * 1000
    const isSame =
      before !== null &&
      startedMillis !== null &&
      before.startedMillis !== null &&
      Math.abs(startedMillis - before.startedMillis) < sameStartMillis
    const epoch = isSame ? before.epoch : up === null ? null : isoOfMillis((yield* Clock.currentTimeMillis) - up * 1000)
    const client = clientOf({
      version: typeof version === "string" ? version : null,
      status,
      options: yield* readOptions(rpc),
      epoch
    })
    const around = { down: client.limits.down }
    // The queue first: a job that ends in the meantime is then read twice, and the second time counts.
    const queue = rowsIn(yield* rpc.read("listgroups", [0]))
    const history = rowsIn(yield* rpc.read("history", [false]))
    const downloads = new Map<string, Download>()
    for (const [place, row] of (queue ?? []).entries()) put(downloads, ofQueue(row, place, around))
    for (const row of history ?? []) put(downloads, ofHistory(row, around))
    return yield* readings.make(previous, {
      downloads,
      client,
      own: { startedMillis: isSame ? before.startedMillis : startedMillis, epoch },
      partial: queue === null || history === null ? "it answered without a list" : null
    })
  })

  const details = Effect.fn("NZBGet.details")(function* (
    ids: Ids,
    wanted: { readonly files: boolean; readonly trackers: boolean }
  ): Effect.fn.Return<ReadonlyArray<DownloadDetails>, UpstreamError> {
    const where = yield* locate(rpc)
    const known = [...new Set(ids)].filter((id) => where.has(id))
    return yield* Effect.forEach(known, (id) =>
      Effect.gen(function* () {
        const isQueued = where.get(id)?.list === "queue"
        const rows = wanted.files && isQueued ? yield* rpc.read("listfiles", [0, 0, Number(id)]) : null
        return {
          id,
          files: Array.isArray(rows) ? filesOf(rows) : null,
          trackers: wanted.trackers ? [] : null,
          private: null
        }
      })
    )
  })

  const presence = (id: string) =>
    Effect.map(locate(rpc), (where): DownloadPresence => {
      const found = where.get(id)
      if (found === undefined) return { _tag: "Absent" }
      const { bytes, contentPath, incompletePath, name, savePath } = found.download
      return {
        _tag: "Present",
        name,
        savePath,
        contentPath: contentPath ?? incompletePath,
        bytesTotal: bytes.total
      }
    })

  const readSome = (ids: Ids) => Effect.map(locate(rpc), (where) => ids.flatMap((id) => where.get(id)?.download ?? []))

  return { protocol: "usenet", read, readSome, details, presence, ...actionsOf(rpc, readings) }
}

const put = (downloads: Map<string, Download>, download: Download) => {
  if (download.id !== "") downloads.set(download.id, download)
}

/** Contains passwords, of which nothing is kept. */
const readOptions = (rpc: Rpc) =>
  Effect.map(
    rpc.read("config"),
    (value) => new Map((rowsIn(value) ?? []).map((row) => [textIn(row, "Name") ?? "", textIn(row, "Value") ?? ""]))
  )

interface Found {
  readonly list: "queue" | "history"
  readonly download: Download
}

const locate = Effect.fnUntraced(function* (rpc: Rpc) {
  const found = new Map<string, Found>()
  const around = { down: { is: "unknown" } as const }
  const queue = rowsIn(yield* rpc.read("listgroups", [0])) ?? []
  for (const [place, row] of queue.entries()) {
    const download = ofQueue(row, place, around)
    found.set(download.id, { list: "queue", download })
  }
  for (const row of rowsIn(yield* rpc.read("history", [false])) ?? []) {
    const download = ofHistory(row, around)
    found.set(download.id, { list: "history", download })
  }
  return found
})

const actionsOf = (rpc: Rpc, readings: ReadingMaker<Own>) => {
  const edit = (command: string, parameter: string, ids: Ids, options: { readonly destroys?: boolean } = {}) =>
    asOutcome(
      ids,
      Effect.map(rpc.change("editqueue", [command, parameter, ids.map(Number)], options), (done) =>
        done === true ? allAccepted(ids) : allRefused(ids, "it did not confirm the change")
      )
    )

  const split = (ids: Ids, reasonAgainst: (found: Found) => string | null) =>
    Effect.map(locate(rpc), (where) => {
      const distinct = [...new Set(ids)]
      const refused = distinct.flatMap((id) => {
        const found = where.get(id)
        const reason = found === undefined ? null : reasonAgainst(found)
        return reason === null ? [] : [{ id, reason }]
      })
      const idsIn = (list: Found["list"]) =>
        distinct.filter((id) => where.get(id)?.list === list && !refused.some((one) => one.id === id))
      const absent = distinct.filter((id) => !where.has(id))
      return { outcome: { ...nothingDone, absent, refused }, queue: idsIn("queue"), history: idsIn("history") }
    })

  const inQueue = (found: Found) => (found.list === "queue" ? null : "it is not in the queue any more")

  const ofGroups =
    (command: string, parameter = "") =>
    (ids: Ids) =>
      Effect.gen(function* () {
        const { outcome, queue } = yield* split(ids, inQueue)
        return queue.length === 0 ? outcome : mergeOutcomes([outcome, yield* edit(command, parameter, queue)])
      })

  const remove = (ids: Ids, { withData }: { readonly withData: boolean }) =>
    Effect.gen(function* () {
      const { history, outcome, queue } = yield* split(ids, ({ list }) =>
        list === "queue"
          ? withData
            ? null
            : "NZBGet deletes the partial files of a job with it"
          : withData
            ? "NZBGet keeps the files of jobs in its history"
            : null
      )
      const outcomes: Array<DownloadOutcome> = [outcome]
      if (queue.length > 0) outcomes.push(yield* edit("GroupFinalDelete", "", queue, { destroys: true }))
      if (history.length > 0) outcomes.push(yield* edit("HistoryFinalDelete", "", history, { destroys: true }))
      const all = mergeOutcomes(outcomes)
      readings.expectGone(all.accepted)
      return all
    })

  /** It accepts a category that does not exist. */
  const setCategory = (ids: Ids, category: string) =>
    Effect.gen(function* () {
      const names = [...(yield* readOptions(rpc))].flatMap(([name, value]) =>
        /^Category\d+\.Name$/.test(name) ? [value] : []
      )
      const spelled = category === "" ? "" : names.find((name) => name.toLowerCase() === category.toLowerCase())
      if (spelled === undefined) return allRefused(ids, `there is no category "${category}"`)
      return yield* ofGroups("GroupSetCategory", spelled)(ids)
    })

  const setFileWanted = (id: string, indexes: ReadonlyArray<number>, wanted: boolean) =>
    Effect.gen(function* () {
      const { outcome, queue } = yield* split([id], inQueue)
      if (queue.length === 0) return outcome
      const files = rowsIn(yield* rpc.read("listfiles", [0, 0, Number(id)])) ?? []
      const known = new Set(filesOf(files).map(({ index }) => index))
      if (indexes.length === 0 || indexes.some((index) => !known.has(index))) {
        return allRefused([id], "it does not have such a file, or the file is complete")
      }
      const done = yield* edit(wanted ? "FileResume" : "FilePause", "", indexes.map(String))
      return done.refused.length === 0 ? allAccepted([id]) : allRefused([id], done.refused[0]?.reason ?? "")
    })

  return {
    pause: ofGroups("GroupPause"),
    resume: ofGroups("GroupResume"),
    remove,
    removesData: true,
    recheck: null,
    reannounce: null,
    setCategory,
    createCategory: null,
    addTags: null,
    removeTags: null,
    setLimits: null,
    limits: [],
    ownLimits: [],
    setFileWanted,
    setQueuePosition: (ids, move) => ofGroups(...moves[move])(ids),
    setSavePath: null,
    exportTorrent: null,
    add: null,
    excludedFileNames: null
  } satisfies Partial<DownloadsCapability>
}

const moves: Readonly<Record<QueueMove, readonly [string, string]>> = {
  top: ["GroupMoveTop", ""],
  bottom: ["GroupMoveBottom", ""],
  up: ["GroupMoveOffset", "-1"],
  down: ["GroupMoveOffset", "1"]
}
