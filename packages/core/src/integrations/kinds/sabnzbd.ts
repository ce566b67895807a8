/** SABnzbd, versions 3 and 4. */
import { Effect, Schema } from "effect"
import type { Download, DownloadsReading } from "../Downloads.ts"
import type {
  DownloadDetails,
  DownloadOutcome,
  DownloadPresence,
  DownloadsCapability,
  QueueMove
} from "../DownloadsCapability.ts"
import type { Connected, Kind } from "../Kind.ts"
import type { Upstream, UpstreamRequest } from "../Upstream.ts"
import type { UpstreamError } from "../UpstreamErrors.ts"
import { type ApiKeyConfig, apiKeyConfig } from "./ApiKey.ts"
import { amountIn, type Fields, fieldsIn, listIn, numberIn, textIn, wordsIn } from "./downloads/Fields.ts"
import { allRefused, asOutcome, mergeOutcomes, nothingDone, refusedBy } from "./downloads/Outcomes.ts"
import { makeReadings, type ReadingMaker } from "./downloads/Reading.ts"
import { refusedOtherwise } from "./downloads/SignIn.ts"
import { timedProbe } from "./Probing.ts"
import { clientOf, downLimitOf } from "./sabnzbd/Client.ts"
import { filesOf, ofHistory, ofQueue } from "./sabnzbd/Slots.ts"

const pageSize = 5_000

export const sabnzbd: Kind<ApiKeyConfig> = {
  id: "sabnzbd",
  title: "SABnzbd",
  description: "A client for Usenet.",
  capabilities: ["downloads"],
  itemKinds: [],
  config: apiKeyConfig("Shown by SABnzbd under Config, General. The NZB key is not enough."),
  discovery: {
    defaultPort: 8085,
    hostNames: ["sabnzbd", "sab"],
    path: "api?mode=version&output=json",
    answer: String.raw`^\s*\{\s*"version"\s*:\s*"[\w.]+"\s*\}\s*$`
  },
  syncCost: {
    formula: "0; the downloads are read by 5 calls, and 1 more per 5,000 jobs in the queue or the history",
    calls: () => 0,
    reread: "1 to 3 for one download"
  },
  connect: (client, connection): Connected => {
    const upstream = client.open({
      integration: connection.name,
      baseUrl: connection.url,
      query: { output: "json", apikey: connection.config.apiKey },
      // It writes a warning for each wrong key.
      stopsAfter: (error) => error._tag === "UpstreamUnauthorized" && /api key incorrect/i.test(error.detail)
    })
    const api = apiOf(upstream, connection.name)
    return {
      probe: timedProbe(
        Effect.map(api.read({ mode: "version" }), (answer) => ({
          appName: "SABnzbd",
          version: wordsIn(answer, "version")
        })),
        api.read({ mode: "queue", limit: 1 })
      ),
      read: {},
      downloads: downloadsOf(api)
    }
  }
}

const Answer = Schema.Record(Schema.String, Schema.Unknown)

type Parameters = Readonly<Record<string, string | number>>

interface Api {
  readonly read: (query: Parameters) => Effect.Effect<Fields, UpstreamError>
  /** Fails if the application reports an error; the caller looks at `status`. */
  readonly change: (
    form: Parameters,
    options?: Pick<UpstreamRequest, "destroys">
  ) => Effect.Effect<Fields, UpstreamError>
}

const apiOf = (upstream: Upstream, integration: string): Api => {
  const checked = (mode: string | number | undefined) => (answer: Fields) =>
    "error" in answer
      ? Effect.fail(refusedBy(integration, `api ${mode}`, textIn(answer, "error") ?? "no reason given"))
      : Effect.succeed(answer)
  return {
    read: (query) =>
      upstream
        .get("api", Answer, { query, timeoutMillis: 60_000 })
        .pipe(aboutTheName, Effect.flatMap(checked(query["mode"]))),
    change: (form, options = {}) =>
      upstream
        .send("POST", "api", { form, ...options }, Answer)
        .pipe(aboutTheName, Effect.flatMap(checked(form["mode"])))
  }
}

const aboutTheName = refusedOtherwise(({ detail }) =>
  /hostname/i.test(detail)
    ? "it does not accept the name in the address; enter it under Config, Special, host_whitelist, or use the IP address"
    : null
)

type Ids = ReadonlyArray<string>

interface Own {
  /** As the application numbers the states of its history. */
  readonly historyUpdate: number | null
  readonly history: ReadonlyArray<Fields>
}

const downloadsOf = (api: Api): DownloadsCapability => {
  const readings = makeReadings<Own>()

  const read = Effect.fn("SABnzbd.readDownloads")(function* (
    previous?: DownloadsReading | null
  ): Effect.fn.Return<DownloadsReading, UpstreamError> {
    const before = readings.ownOf(previous)
    // The history first: a job that ends in the meantime is then read twice, and not missed.
    const history = yield* readHistory(api, before)
    const { head: queue, whole, rows } = yield* readList(api, "queue", {})
    const status = fieldsIn((yield* api.read({ mode: "fullstatus", skip_dashboard: 1 }))["status"])
    const settings = fieldsIn(fieldsIn((yield* api.read({ mode: "get_config", section: "misc" }))["config"])["misc"])
    const categories = fieldsIn((yield* api.read({ mode: "get_config", section: "categories" }))["config"])
    const client = clientOf({ queue, status, settings, categories: listIn(categories, "categories") ?? [] })
    const around = { down: downLimitOf(queue), incompletePath: client.incompletePath }
    const downloads = new Map<string, Download>()
    for (const row of history.rows) put(downloads, ofHistory(row, around))
    for (const row of rows) put(downloads, ofQueue(row, around))
    return yield* readings.make(previous, {
      downloads,
      client,
      own: { historyUpdate: history.update, history: history.rows },
      partial: whole && history.whole ? null : "its list was shorter than it said"
    })
  })

  const details = Effect.fn("SABnzbd.details")(function* (
    ids: Ids,
    wanted: { readonly files: boolean; readonly trackers: boolean }
  ): Effect.fn.Return<ReadonlyArray<DownloadDetails>, UpstreamError> {
    const where = yield* locate(api, ids)
    return yield* Effect.forEach([...where.keys()], (id) =>
      Effect.gen(function* () {
        const answer = wanted.files ? yield* api.read({ mode: "get_files", value: id }) : {}
        const files = listIn(answer, "files")
        return {
          id,
          files: files === null || files.length === 0 ? null : filesOf(files),
          trackers: wanted.trackers ? [] : null,
          private: null
        }
      })
    )
  })

  const presence = (id: string) =>
    Effect.map(locate(api, [id]), (where): DownloadPresence => {
      const found = where.get(id)
      if (found === undefined) return { _tag: "Absent" }
      const download = found.download
      return {
        _tag: "Present",
        name: download.name,
        savePath: download.savePath,
        contentPath: download.contentPath ?? download.incompletePath,
        bytesTotal: download.bytes.total
      }
    })

  const readSome = (ids: Ids) =>
    Effect.map(locate(api, ids), (where) => [...where.values()].map(({ download }) => download))

  return { protocol: "usenet", read, readSome, details, presence, ...actionsOf(api, readings) }
}

const put = (downloads: Map<string, Download>, download: Download) => {
  if (download.id !== "") downloads.set(download.id, download)
}

/** All pages of the queue, or of the history. */
const readList = Effect.fnUntraced(function* (api: Api, list: "queue" | "history", query: Parameters) {
  const rows: Array<Fields> = []
  for (;;) {
    const answer = yield* api.read({ mode: list, start: rows.length, limit: pageSize, ...query })
    const head = fieldsIn(answer[list])
    const slots = listIn(head, "slots") ?? []
    rows.push(...slots.map(fieldsIn))
    const total = amountIn(head, "noofslots")
    const whole = listIn(head, "slots") !== null && (total === null || rows.length >= total)
    if (whole || slots.length === 0) return { head, rows, whole }
  }
})

/** The application answers `false` if its history is as it was. */
const readHistory = Effect.fnUntraced(function* (api: Api, before: Own | null) {
  if (before !== null && before.historyUpdate !== null) {
    const answer = yield* api.read({ mode: "history", start: 0, limit: 1, last_history_update: before.historyUpdate })
    if (answer["history"] === false) return { rows: before.history, update: before.historyUpdate, whole: true }
  }
  const { head, rows, whole } = yield* readList(api, "history", {})
  return { rows, update: numberIn(head, "last_history_update"), whole }
})

interface Found {
  readonly list: "queue" | "history"
  readonly download: Download
}

/** Which of the lists a job is in. An unknown filter would be ignored, so the rows are filtered again. */
const locate = Effect.fnUntraced(function* (api: Api, ids: Ids) {
  const found = new Map<string, Found>()
  if (ids.length === 0) return found
  const around = { down: { is: "unknown" } as const, incompletePath: null }
  const wanted = new Set(ids)
  const query = { nzo_ids: ids.join(",") }
  for (const row of (yield* readList(api, "history", query)).rows) {
    const download = ofHistory(row, around)
    if (wanted.has(download.id)) found.set(download.id, { list: "history", download })
  }
  for (const row of (yield* readList(api, "queue", query)).rows) {
    const download = ofQueue(row, around)
    if (wanted.has(download.id)) found.set(download.id, { list: "queue", download })
  }
  return found
})

const actionsOf = (api: Api, readings: ReadingMaker<Own>) => {
  /** Splits the jobs by their list; `reasonAgainst` says why a job cannot be changed so. */
  const split = (ids: Ids, reasonAgainst: (found: Found) => string | null) =>
    Effect.map(locate(api, [...new Set(ids)]), (where) => {
      const absent = [...new Set(ids)].filter((id) => !where.has(id))
      const refused = [...where].flatMap(([id, found]) => {
        const reason = reasonAgainst(found)
        return reason === null ? [] : [{ id, reason }]
      })
      const no = new Set(refused.map(({ id }) => id))
      const idsIn = (list: Found["list"]) =>
        [...where].flatMap(([id, found]) => (found.list === list && !no.has(id) ? [id] : []))
      return { outcome: { ...nothingDone, absent, refused }, queue: idsIn("queue"), history: idsIn("history"), where }
    })

  const inQueue = (found: Found) => (found.list === "queue" ? null : "it is not in the queue any more")

  /** What the answer names was changed; of the rest, the application says nothing. */
  const confirmed = (ids: Ids, answer: Fields): DownloadOutcome => {
    const named = listIn(answer, "nzo_ids")
    if (answer["status"] !== true) return allRefused(ids, "it did not confirm the change")
    const done = named === null ? ids : ids.filter((id) => named.includes(id))
    const rest = ids.filter((id) => !done.includes(id))
    return { accepted: done, absent: [], refused: rest.map((id) => ({ id, reason: "it did not confirm the change" })) }
  }

  const inTurn = (name: "pause" | "resume") => (ids: Ids) =>
    Effect.gen(function* () {
      const { outcome, queue } = yield* split(ids, inQueue)
      if (queue.length === 0) return outcome
      const form = { mode: "queue", name, value: queue.join(",") }
      const done = yield* asOutcome(
        queue,
        Effect.map(api.change(form), (answer) => confirmed(queue, answer))
      )
      return mergeOutcomes([outcome, done])
    })

  const remove = (ids: Ids, { withData }: { readonly withData: boolean }) =>
    Effect.gen(function* () {
      const { history, outcome, queue } = yield* split(ids, ({ download, list }) =>
        list === "queue"
          ? null
          : download.state === "post-processing"
            ? "it is being unpacked or repaired"
            : withData && download.state !== "error"
              ? "SABnzbd deletes only the files of failed jobs from its history"
              : null
      )
      const del_files = withData ? 1 : 0
      const outcomes: Array<DownloadOutcome> = [outcome]
      for (const [mode, jobs] of [["queue", queue] as const, ["history", history] as const]) {
        if (jobs.length === 0) continue
        const sent = api.change({ mode, name: "delete", value: jobs.join(","), del_files }, { destroys: true })
        outcomes.push(
          yield* asOutcome(
            jobs,
            Effect.map(sent, (answer) => confirmed(jobs, answer))
          )
        )
      }
      const all = mergeOutcomes(outcomes)
      readings.expectGone(all.accepted)
      return all
    })

  /** It accepts a category that does not exist, and then treats the job as one without. */
  const setCategory = (ids: Ids, category: string) =>
    Effect.gen(function* () {
      const wanted = category === "" ? "*" : category
      const known = (listIn(yield* api.read({ mode: "get_cats" }), "categories") ?? []).filter(
        (name) => typeof name === "string"
      )
      const spelled = known.find((name) => name.toLowerCase() === wanted.toLowerCase())
      if (spelled === undefined) return allRefused(ids, `there is no category "${category}"`)
      const { outcome, queue } = yield* split(ids, inQueue)
      const done = yield* Effect.forEach(queue, (id) =>
        asOutcome(
          [id],
          Effect.map(api.change({ mode: "change_cat", value: id, value2: spelled }), (answer) =>
            confirmed([id], answer)
          )
        )
      )
      return mergeOutcomes([outcome, ...done])
    })

  const setQueuePosition = (ids: Ids, move: QueueMove) =>
    Effect.gen(function* () {
      const { outcome, queue, where } = yield* split(ids, inQueue)
      const total = amountIn((yield* readList(api, "queue", {})).head, "noofslots") ?? 1
      const done = yield* Effect.forEach(queue, (id) => {
        const now = (where.get(id)?.download.queuePosition ?? 1) - 1
        const place = { top: 0, bottom: total - 1, up: Math.max(0, now - 1), down: Math.min(total - 1, now + 1) }[move]
        return asOutcome([id], Effect.asVoid(api.change({ mode: "switch", value: id, value2: place })))
      })
      return mergeOutcomes([outcome, ...done])
    })

  return {
    pause: inTurn("pause"),
    resume: inTurn("resume"),
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
    setFileWanted: null,
    setQueuePosition,
    setSavePath: null,
    exportTorrent: null,
    add: null,
    excludedFileNames: null
  } satisfies Partial<DownloadsCapability>
}
