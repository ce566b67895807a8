/** Deluge 2, through its web interface. */
import { Clock, Effect, Schema } from "effect"
import { configField } from "../ConfigForm.ts"
import type { Download, DownloadsReading } from "../Downloads.ts"
import type {
  DownloadDetails,
  DownloadOutcome,
  DownloadPresence,
  DownloadsCapability,
  LimitSetting,
  LimitSettings
} from "../DownloadsCapability.ts"
import type { Connected, Kind } from "../Kind.ts"
import type { UpstreamError } from "../UpstreamErrors.ts"
import { type Rpc, rpcOf, sessionOf } from "./deluge/Rpc.ts"
import { clientOf, downloadOf, filesOf, listFields, type Surroundings, trackersOf } from "./deluge/Torrents.ts"
import { amountIn, type Fields, fieldsIn, flagIn, listIn, numberIn, textIn, wordsIn } from "./downloads/Fields.ts"
import { allAccepted, allRefused, asOutcome, forKnown, mergeOutcomes, nothingDone } from "./downloads/Outcomes.ts"
import { forEachWithPauses } from "../Pauses.ts"
import { makeReadings, type ReadingMaker } from "./downloads/Reading.ts"
import { isRefusedPassword } from "./downloads/SignIn.ts"
import { pathIn, unknownLimit } from "./downloads/Terms.ts"
import { timedProbe } from "./Probing.ts"

const Config = Schema.Struct({
  password: configField(Schema.String.check(Schema.isNonEmpty()), {
    title: "Password",
    description: "Of the web interface, which has no user names."
  })
})

export const deluge: Kind<typeof Config.Type> = {
  id: "deluge",
  title: "Deluge",
  description: "A client for torrents. Its web interface must run and be connected to the daemon.",
  capabilities: ["downloads"],
  itemKinds: [],
  config: Config,
  discovery: {
    defaultPort: 8112,
    hostNames: ["deluge", "deluge-web"],
    path: "",
    answer: String.raw`<title>\s*Deluge\b`
  },
  syncCost: {
    formula: "0; the downloads are read by at most 9 calls, whatever their number",
    calls: () => 0,
    reread: "1 to 3 for one download"
  },
  connect: (client, connection): Connected => {
    const upstream = client.open({
      integration: connection.name,
      baseUrl: connection.url,
      secrets: [connection.config.password],
      session: sessionOf(connection.name, connection.config.password),
      stopsAfter: isRefusedPassword
    })
    const rpc = rpcOf(upstream, connection.name)
    return {
      probe: timedProbe(
        Effect.map(Effect.andThen(rpc.connected, rpc.read("daemon.get_version")), (version) => ({
          appName: "Deluge",
          version: typeof version === "string" ? version : null
        }))
      ),
      read: {},
      downloads: downloadsOf(rpc)
    }
  }
}

type Ids = ReadonlyArray<string>

/** Whatever an older version or a missing plugin does not know. */
const orNull = (effect: Effect.Effect<unknown, UpstreamError>): Effect.Effect<unknown, UpstreamError> =>
  Effect.catchTag(effect, "UpstreamRefused", (error) =>
    error.status === 422 ? Effect.succeed(null) : Effect.fail(error)
  )

const textsIn = (value: unknown): ReadonlyArray<string> =>
  Array.isArray(value) ? value.filter((one) => typeof one === "string") : []

const downloadsOf = (rpc: Rpc): DownloadsCapability => {
  const readings = makeReadings<null>()
  let last: Omit<Surroundings, "nowMillis"> | null = null

  const read = Effect.fn("Deluge.readDownloads")(function* (
    previous?: DownloadsReading | null
  ): Effect.fn.Return<DownloadsReading, UpstreamError> {
    yield* rpc.connected
    const plugins = textsIn(yield* rpc.read("core.get_enabled_plugins"))
    const hasLabels = plugins.includes("Label")
    const labels = hasLabels ? textsIn(yield* rpc.read("label.get_labels")) : null
    const version = yield* rpc.read("daemon.get_version")
    const paused = yield* orNull(rpc.read("core.is_session_paused"))
    const free = yield* orNull(rpc.read("core.get_free_space"))
    const client = clientOf({
      version: typeof version === "string" ? version : null,
      config: fieldsIn(yield* rpc.read("core.get_config")),
      session: fieldsIn(yield* rpc.read("core.get_session_status", [["upload_rate", "download_rate"]])),
      paused: typeof paused === "boolean" ? paused : null,
      freeBytes: typeof free === "number" && free >= 0 ? free : null,
      plugins,
      labels
    })
    const listed = fieldsIn(yield* rpc.read("core.get_torrents_status", [{}, listFields]))
    last = { down: client.limits.down, up: client.limits.up, hasLabels }
    const around = { ...last, nowMillis: yield* Clock.currentTimeMillis }
    const before = new Map((previous?.downloads ?? []).map((download) => [download.id, download]))
    const downloads = new Map<string, Download>()
    yield* forEachWithPauses(Object.entries(listed), ([hash, row]) => {
      const id = hash.toLowerCase()
      downloads.set(id, downloadOf(hash, fieldsIn(row), around, before.get(id)))
    })
    return yield* readings.make(previous, { downloads, client, own: null })
  })

  const details = Effect.fn("Deluge.details")(function* (
    ids: Ids,
    wanted: { readonly files: boolean; readonly trackers: boolean }
  ): Effect.fn.Return<ReadonlyArray<DownloadDetails>, UpstreamError> {
    const rows = yield* rowsOf(rpc, ids, [
      "private",
      "num_files",
      ...(wanted.files ? ["files", "file_progress", "file_priorities"] : []),
      ...(wanted.trackers ? ["trackers", "tracker_status", "tracker_host"] : [])
    ])
    return [...rows].map(([id, row]) => ({
      id,
      files: wanted.files ? filesOf(row) : null,
      trackers: wanted.trackers ? trackersOf(row) : null,
      private: numberIn(row, "num_files") === 0 ? null : flagIn(row, "private")
    }))
  })

  const presence = (id: string) =>
    Effect.map(rowsOf(rpc, [id], ["name", "save_path", "total_size"]), (rows): DownloadPresence => {
      const row = rows.get(id)
      if (row === undefined) return { _tag: "Absent" }
      const savePath = wordsIn(row, "save_path")
      return {
        _tag: "Present",
        name: textIn(row, "name") ?? id,
        savePath,
        contentPath: pathIn(savePath, textIn(row, "name")),
        bytesTotal: amountIn(row, "total_size")
      }
    })

  const readSome = Effect.fn("Deluge.readSome")(function* (ids: Ids) {
    const rows = yield* rowsOf(rpc, ids, listFields)
    const around = last ?? {
      down: unknownLimit,
      up: unknownLimit,
      hasLabels: textsIn(yield* rpc.read("core.get_enabled_plugins")).includes("Label")
    }
    const nowMillis = yield* Clock.currentTimeMillis
    return [...rows].map(([hash, row]) => downloadOf(hash, row, { ...around, nowMillis }, undefined))
  })

  return { protocol: "torrent", read, readSome, details, presence, ...actionsOf(rpc, readings) }
}

/** An empty filter would mean all torrents. */
const rowsOf = (rpc: Rpc, ids: Ids, fields: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    if (ids.length === 0) return new Map<string, Fields>()
    yield* rpc.connected
    const rows = fieldsIn(yield* rpc.read("core.get_torrents_status", [{ id: [...ids] }, fields]))
    return new Map(
      // A torrent that is not there may be listed without fields.
      Object.entries(rows).flatMap(([hash, row]): Array<[string, Fields]> => {
        const known = fieldsIn(row)
        return Object.keys(known).length === 0 ? [] : [[hash.toLowerCase(), known]]
      })
    )
  })

const actionsOf = (rpc: Rpc, readings: ReadingMaker<null>) => {
  const known = (ids: Ids) => Effect.map(rowsOf(rpc, ids, ["name"]), (rows) => new Set(rows.keys()))

  const act =
    (method: string, ...params: ReadonlyArray<unknown>) =>
    (ids: Ids) =>
      forKnown(ids, known, (present) => Effect.asVoid(rpc.change(method, [[...present], ...params])))

  const options = (ids: Ids, changes: Fields) => act("core.set_torrent_options", changes)(ids)

  /** The plugin takes one torrent at a time. */
  const setCategory = (ids: Ids, category: string) =>
    forKnown(ids, known, (present) =>
      Effect.map(
        Effect.forEach(present, (id) =>
          asOutcome([id], Effect.asVoid(rpc.change("label.set_torrent", [id, category.toLowerCase()])))
        ),
        mergeOutcomes
      )
    )

  const remove = (ids: Ids, { withData }: { readonly withData: boolean }) =>
    forKnown(ids, known, (present) =>
      Effect.map(
        rpc.change("core.remove_torrents", [[...present], withData], { destroys: true }),
        (failed): DownloadOutcome => {
          const refused = (Array.isArray(failed) ? failed : []).flatMap((one: unknown) =>
            Array.isArray(one)
              ? [{ id: String(one[0]).toLowerCase(), reason: String(one[1] ?? "no reason given") }]
              : []
          )
          const accepted = present.filter((id) => !refused.some((one) => one.id === id))
          readings.expectGone(accepted)
          return { ...nothingDone, accepted, refused }
        }
      )
    )

  const setLimits = (ids: Ids, { down, inactiveSeconds, ratio, seedingSeconds, up }: LimitSettings) => {
    if (seedingSeconds !== undefined || inactiveSeconds !== undefined) {
      return Effect.succeed(allRefused(ids, "Deluge has no limit of the seeding time of a torrent"))
    }
    if (ratio?.is === "global") {
      return Effect.succeed(allRefused(ids, "each torrent of Deluge has a ratio of its own; none follows the client"))
    }
    return options(ids, {
      ...(ratio === undefined
        ? {}
        : ratio.is === "value"
          ? { stop_at_ratio: true, stop_ratio: ratio.value }
          : { stop_at_ratio: false }),
      ...(down === undefined ? {} : { max_download_speed: kibibytesOf(down) }),
      ...(up === undefined ? {} : { max_upload_speed: kibibytesOf(up) })
    })
  }

  const setFileWanted = (id: string, indexes: ReadonlyArray<number>, wanted: boolean) =>
    Effect.gen(function* () {
      const rows = yield* rowsOf(rpc, [id], ["file_priorities"])
      const row = rows.get(id)
      if (row === undefined) return { ...nothingDone, absent: [id] }
      const priorities = listIn(row, "file_priorities") ?? []
      if (indexes.length === 0 || indexes.some((index) => !(index in priorities))) {
        return allRefused([id], "it does not have such a file")
      }
      const chosen = new Set(indexes)
      // A file that is wanted already keeps its priority.
      const changed = priorities.map((priority, index) =>
        !chosen.has(index) ? priority : wanted ? (priority === 0 ? 4 : priority) : 0
      )
      yield* rpc.change("core.set_torrent_options", [[id], { file_priorities: changed }], { destroys: true })
      return allAccepted([id])
    })

  const createCategory = (name: string) =>
    Effect.gen(function* () {
      yield* rpc.connected
      const label = name.toLowerCase()
      if (textsIn(yield* rpc.read("label.get_labels")).includes(label)) return
      yield* rpc.change("label.add", [label])
    })

  return {
    pause: act("core.pause_torrent"),
    resume: act("core.resume_torrent"),
    remove,
    removesData: true,
    recheck: act("core.force_recheck"),
    reannounce: act("core.force_reannounce"),
    setCategory,
    createCategory,
    addTags: null,
    removeTags: null,
    setLimits,
    limits: ["ratio", "down", "up"],
    ownLimits: ["ratio"],
    setFileWanted,
    setQueuePosition: (ids, move) => act(`core.queue_${move}`)(ids),
    setSavePath: (ids, location) =>
      location.trim() === ""
        ? Effect.succeed(allRefused(ids, "the path is empty"))
        : act("core.move_storage", location)(ids),
    exportTorrent: null,
    add: (torrent, { category, paused, savePath }) =>
      Effect.gen(function* () {
        yield* rpc.connected
        const id = yield* rpc.change("core.add_torrent_file", [
          "a.torrent",
          Buffer.from(torrent).toString("base64"),
          { add_paused: paused, ...(savePath === null ? {} : { download_location: savePath }) }
        ])
        if (category !== "" && typeof id === "string") yield* setCategory([id.toLowerCase()], category)
      }),
    excludedFileNames: null
  } satisfies Partial<DownloadsCapability>
}

/** -1 is none: the client's limit applies. */
const kibibytesOf = (limit: LimitSetting): number =>
  limit.is === "value" ? Math.max(1, Math.round(limit.value / 1024)) : -1
