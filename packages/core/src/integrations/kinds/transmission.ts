/** Transmission, versions 2.80 to 4, through its RPC. */
import { Clock, Effect, Schema } from "effect"
import { isoOfMillis, passedMillis } from "../../problems/Instants.ts"
import type { Download, DownloadsReading } from "../Downloads.ts"
import type {
  DownloadDetails,
  DownloadPresence,
  DownloadsCapability,
  LimitSetting,
  LimitSettings
} from "../DownloadsCapability.ts"
import type { Connected, Kind } from "../Kind.ts"
import type { UpstreamError } from "../UpstreamErrors.ts"
import { amountIn, type Fields, fieldsIn, listIn, numberIn, textIn, wordsIn } from "./downloads/Fields.ts"
import { allRefused, asOutcome, forKnown, mergeOutcomes, nothingDone } from "./downloads/Outcomes.ts"
import { forEachWithPauses } from "../Pauses.ts"
import { makeReadings, type ReadingMaker } from "./downloads/Reading.ts"
import { basicAuth, isRefusedPassword, passwordField, pathField, usernameField } from "./downloads/SignIn.ts"
import { pathIn, spelledAs, unknownLimit } from "./downloads/Terms.ts"
import { timedProbe } from "./Probing.ts"
import { type Rpc, rpcOf, session } from "./transmission/Rpc.ts"
import {
  bytesPerUnitIn,
  clientOf,
  downloadOf,
  filesOf,
  labelsOf,
  listFields,
  type Surroundings,
  trackersOf
} from "./transmission/Torrents.ts"

const Config = Schema.Struct({
  username: usernameField("Only if Transmission asks for one."),
  password: passwordField("Only if Transmission asks for one."),
  rpcPath: pathField(
    "Path of the RPC",
    "Below the address; `rpc-url` in its settings, followed by `rpc`.",
    "transmission/rpc"
  )
})

export const transmission: Kind<typeof Config.Type> = {
  id: "transmission",
  title: "Transmission",
  description: "A client for torrents.",
  capabilities: ["downloads"],
  itemKinds: [],
  config: Config,
  discovery: {
    defaultPort: 9091,
    hostNames: ["transmission", "transmission-daemon"],
    // Only if it asks for no password.
    path: "transmission/web/",
    answer: String.raw`<title>\s*Transmission\b`
  },
  syncCost: {
    formula: "0; the downloads are read by 3 or 4 calls, whatever their number",
    calls: () => 0,
    reread: "1 to 3 for one download"
  },
  connect: (client, connection): Connected => {
    const { password, rpcPath, username } = connection.config
    const upstream = client.open({
      integration: connection.name,
      baseUrl: connection.url,
      ...basicAuth(username, password),
      session,
      stopsAfter: isRefusedPassword
    })
    const rpc = rpcOf(upstream, connection.name, rpcPath)
    return {
      probe: timedProbe(
        Effect.map(rpc.read("session-get"), (settings) => ({
          appName: "Transmission",
          version: wordsIn(settings, "version")
        }))
      ),
      read: {},
      downloads: downloadsOf(rpc)
    }
  }
}

interface Own {
  readonly surroundings: Surroundings
  readonly startedMillis: number | null
  readonly epoch: string | null
  readonly readMillis: number
  readonly fullMillis: number
  /** Numbers of the torrents, which are valid until the client is restarted, by hash. */
  readonly numbers: ReadonlyMap<string, number>
}

/** `recently-active` covers the last minute. */
const changesCoverMillis = 45_000
const fullAgainMillis = 600_000
/** From version 4 on, every change of a torrent counts as activity. */
const reliableChanges = 17
/** The start is computed from a duration in whole seconds. */
const sameStartMillis = 60_000

const downloadsOf = (rpc: Rpc): DownloadsCapability => {
  const readings = makeReadings<Own>()
  let last: Surroundings | null = null

  const read = Effect.fn("Transmission.readDownloads")(function* (
    previous?: DownloadsReading | null
  ): Effect.fn.Return<DownloadsReading, UpstreamError> {
    const before = readings.ownOf(previous)
    const settings = yield* rpc.read("session-get")
    const stats = yield* rpc.read("session-stats")
    const now = yield* passedMillis
    const clock = yield* Clock.currentTimeMillis
    const active = amountIn(fieldsIn(stats["current-stats"]), "secondsActive")
    const startedMillis = active === null ? null : now - active * 1000
    const isSame =
      before !== null &&
      startedMillis !== null &&
      before.startedMillis !== null &&
      Math.abs(startedMillis - before.startedMillis) < sameStartMillis
    const epoch = isSame ? before.epoch : active === null ? null : isoOfMillis(clock - active * 1000)
    const client = clientOf(settings, stats, epoch)
    const surroundings: Surroundings = {
      down: client.limits.down,
      up: client.limits.up,
      incompletePath: client.incompletePath,
      bytesPerUnit: bytesPerUnitIn(settings)
    }
    last = surroundings
    const onlyChanges =
      isSame &&
      (numberIn(settings, "rpc-version") ?? 0) >= reliableChanges &&
      now - before.readMillis < changesCoverMillis &&
      now - before.fullMillis < fullAgainMillis &&
      JSON.stringify(before.surroundings) === JSON.stringify(surroundings)
    const answer = yield* rpc.read("torrent-get", {
      fields: listFields,
      ...(onlyChanges ? { ids: "recently-active" } : {})
    })
    const downloads = new Map<string, Download>(
      onlyChanges ? (previous?.downloads ?? []).map((download) => [download.id, download]) : []
    )
    const numbers = new Map(onlyChanges ? before.numbers : [])
    const removed = new Set((listIn(answer, "removed") ?? []).filter((id) => typeof id === "number"))
    for (const [hash, number] of numbers) {
      if (!removed.has(number)) continue
      numbers.delete(hash)
      downloads.delete(hash)
    }
    yield* forEachWithPauses(listIn(answer, "torrents") ?? [], (one) => {
      const row = fieldsIn(one)
      const download = downloadOf(row, surroundings)
      downloads.set(download.id, download)
      const number = numberIn(row, "id")
      if (number !== null) numbers.set(download.id, number)
    })
    const incomplete = client.incompletePath
    const free =
      incomplete === null || client.folders.some(({ path }) => path === incomplete)
        ? []
        : [{ path: incomplete, freeBytes: yield* freeIn(rpc, incomplete) }]
    return yield* readings.make(previous, {
      downloads,
      client: { ...client, folders: [...client.folders, ...free] },
      own: {
        surroundings,
        startedMillis: isSame ? before.startedMillis : startedMillis,
        epoch,
        readMillis: now,
        fullMillis: onlyChanges ? before.fullMillis : now,
        numbers
      }
    })
  })

  const details = Effect.fn("Transmission.details")(function* (
    ids: ReadonlyArray<string>,
    wanted: { readonly files: boolean; readonly trackers: boolean }
  ): Effect.fn.Return<ReadonlyArray<DownloadDetails>, UpstreamError> {
    const fields = [
      "hashString",
      "isPrivate",
      "metadataPercentComplete",
      ...(wanted.files ? ["files", "fileStats"] : []),
      ...(wanted.trackers ? ["trackerStats"] : [])
    ]
    const rows = yield* rowsOf(rpc, ids, fields)
    return [...rows].map(([id, row]) => ({
      id,
      files: wanted.files ? filesOf(row) : null,
      trackers: wanted.trackers ? trackersOf(listIn(row, "trackerStats") ?? []) : null,
      private: (numberIn(row, "metadataPercentComplete") ?? 1) < 1 ? null : row["isPrivate"] === true
    }))
  })

  const presence = (id: string) =>
    Effect.map(rowsOf(rpc, [id], ["hashString", "name", "downloadDir", "totalSize"]), (rows): DownloadPresence => {
      const row = rows.get(id)
      if (row === undefined) return { _tag: "Absent" }
      const savePath = wordsIn(row, "downloadDir")
      return {
        _tag: "Present",
        name: textIn(row, "name") ?? id,
        savePath,
        contentPath: pathIn(savePath, textIn(row, "name")),
        bytesTotal: amountIn(row, "totalSize")
      }
    })

  const readSome = Effect.fn("Transmission.readSome")(function* (ids: ReadonlyArray<string>) {
    const rows = yield* rowsOf(rpc, ids, listFields)
    const settings = last === null ? yield* rpc.read("session-get") : {}
    const around = last ?? {
      down: unknownLimit,
      up: unknownLimit,
      incompletePath: null,
      bytesPerUnit: bytesPerUnitIn(settings)
    }
    return [...rows.values()].map((row) => downloadOf(row, around))
  })

  return { protocol: "torrent", read, readSome, details, presence, ...actionsOf(rpc, readings) }
}

const freeIn = (rpc: Rpc, path: string) =>
  rpc.read("free-space", { path }).pipe(
    Effect.map((answer) => amountIn(answer, "size-bytes")),
    Effect.catchTag("UpstreamRefused", () => Effect.succeed(null))
  )

/** Without ids, all torrents are meant; what an empty list means is not left to the version. */
const rowsOf = (rpc: Rpc, ids: ReadonlyArray<string>, fields: ReadonlyArray<string>) =>
  ids.length === 0
    ? Effect.succeed(new Map<string, Fields>())
    : Effect.map(
        rpc.read("torrent-get", { ids: [...ids], fields }),
        (answer) =>
          new Map(
            (listIn(answer, "torrents") ?? []).map((one) => {
              const row = fieldsIn(one)
              return [(textIn(row, "hashString") ?? "").toLowerCase(), row]
            })
          )
      )

type Ids = ReadonlyArray<string>

const actionsOf = (rpc: Rpc, readings: ReadingMaker<Own>) => {
  const known = (ids: Ids) => Effect.map(rowsOf(rpc, ids, ["hashString"]), (rows) => new Set(rows.keys()))

  const act =
    (method: string, args: Fields = {}, options: { readonly destroys?: boolean } = {}) =>
    (ids: Ids) =>
      forKnown(ids, known, (present) => Effect.asVoid(rpc.change(method, { ...args, ids: [...present] }, options)))

  /** Labels are replaced as a whole: torrents that get the same ones are changed together. */
  const relabel = (change: (labels: Ids, all: Ids) => Ids) => (ids: Ids) =>
    Effect.gen(function* () {
      const all = yield* Effect.map(rpc.read("torrent-get", { fields: ["labels"] }), (answer) => [
        ...new Set((listIn(answer, "torrents") ?? []).flatMap((one) => labelsOf(fieldsIn(one)) ?? []))
      ])
      const rows = yield* rowsOf(rpc, ids, ["hashString", "labels"])
      const groups = new Map<string, Array<string>>()
      for (const [id, row] of rows) {
        const labels = JSON.stringify(change(labelsOf(row) ?? [], all))
        groups.set(labels, [...(groups.get(labels) ?? []), id])
      }
      const outcomes = yield* Effect.forEach(groups, ([labels, group]) =>
        asOutcome(group, Effect.asVoid(rpc.change("torrent-set", { ids: group, labels: JSON.parse(labels) })))
      )
      return mergeOutcomes([{ ...nothingDone, absent: ids.filter((id) => !rows.has(id)) }, ...outcomes])
    })

  const setLimits = (ids: Ids, limits: LimitSettings) =>
    Effect.gen(function* () {
      if (limits.seedingSeconds !== undefined) return allRefused(ids, "Transmission has no limit of the seeding time")
      const unit = bytesPerUnitIn(yield* rpc.read("session-get", { fields: ["units"] }))
      const mode = (limit: LimitSetting) => (limit.is === "global" ? 0 : limit.is === "value" ? 1 : 2)
      const { down, inactiveSeconds, ratio, up } = limits
      const args: Fields = {
        ...(ratio === undefined
          ? {}
          : { seedRatioMode: mode(ratio), ...(ratio.is === "value" ? { seedRatioLimit: ratio.value } : {}) }),
        ...(inactiveSeconds === undefined
          ? {}
          : {
              seedIdleMode: mode(inactiveSeconds),
              ...(inactiveSeconds.is === "value"
                ? { seedIdleLimit: Math.max(1, Math.ceil(inactiveSeconds.value / 60)) }
                : {})
            }),
        ...speedArgs("download", down, unit),
        ...speedArgs("upload", up, unit)
      }
      return yield* act("torrent-set", args)(ids)
    })

  return {
    pause: act("torrent-stop"),
    resume: act("torrent-start"),
    remove: (ids, { withData }) =>
      Effect.tap(act("torrent-remove", { "delete-local-data": withData }, { destroys: true })(ids), ({ accepted }) =>
        Effect.sync(() => readings.expectGone(accepted))
      ),
    removesData: true,
    recheck: act("torrent-verify"),
    reannounce: act("torrent-reannounce"),
    setCategory: null,
    createCategory: null,
    addTags: (ids, tags) => relabel((labels, all) => [...new Set([...labels, ...spelledAs(all, tags)])])(ids),
    removeTags: (ids, tags) => {
      const gone = new Set(tags.map((tag) => tag.trim().toLowerCase()))
      return relabel((labels) => labels.filter((label) => !gone.has(label.toLowerCase())))(ids)
    },
    setLimits,
    limits: ["ratio", "inactiveSeconds", "down", "up"],
    ownLimits: [],
    // An empty list of files would mean all of them.
    setFileWanted: (id, indexes, wanted) =>
      indexes.length === 0
        ? Effect.succeed(allRefused([id], "no file is given"))
        : act("torrent-set", { [wanted ? "files-wanted" : "files-unwanted"]: [...indexes] }, { destroys: true })([id]),
    setQueuePosition: (ids, move) => act(`queue-move-${move}`)(ids),
    setSavePath: (ids, location) =>
      location.trim() === ""
        ? Effect.succeed(allRefused(ids, "the path is empty"))
        : act("torrent-set-location", { location, move: true })(ids),
    exportTorrent: null,
    add: (torrent, { paused, savePath, tags }) =>
      rpc
        .change("torrent-add", {
          metainfo: Buffer.from(torrent).toString("base64"),
          paused,
          ...(savePath === null ? {} : { "download-dir": savePath }),
          // Version 3 ignores them.
          ...(tags.length === 0 ? {} : { labels: tags })
        })
        .pipe(Effect.asVoid),
    excludedFileNames: null
  } satisfies Partial<DownloadsCapability>
}

/** A limit of its own, or none; the client's limit applies to both. */
const speedArgs = (direction: "download" | "upload", limit: LimitSetting | undefined, unit: number): Fields =>
  limit === undefined
    ? {}
    : limit.is === "value"
      ? { [`${direction}Limited`]: true, [`${direction}Limit`]: Math.max(1, Math.round(limit.value / unit)) }
      : { [`${direction}Limited`]: false }
