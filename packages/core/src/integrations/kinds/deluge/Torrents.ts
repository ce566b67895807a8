/** A torrent of Deluge in the model of downloads, and the state of the client. */
import { isoOfMillis } from "../../../problems/Instants.ts"
import type {
  ClientState,
  Download,
  DownloadFile,
  DownloadState,
  DownloadTracker,
  Limit,
  TrackerStatus
} from "../../Downloads.ts"
import {
  amountIn,
  type Fields,
  fieldsIn,
  flagIn,
  listIn,
  numberIn,
  shareIn,
  textIn,
  timeIn,
  wordsIn
} from "../downloads/Fields.ts"
import {
  etaOf,
  hashesOf,
  noLimit,
  pathIn,
  speedLimits,
  trackerHost,
  trackerMessage,
  unknownLimit,
  valueLimit
} from "../downloads/Terms.ts"

export const listFields: ReadonlyArray<string> = [
  "hash name state progress eta message is_finished save_path download_location total_size total_done",
  "total_wanted total_remaining total_uploaded ratio time_added completed_time seeding_time",
  "last_seen_complete time_since_transfer label private trackers num_seeds num_peers total_seeds",
  "total_peers download_payload_rate upload_payload_rate queue stop_ratio stop_at_ratio remove_at_ratio",
  "distributed_copies max_download_speed max_upload_speed num_files"
].flatMap((names) => names.split(" "))

export interface Surroundings {
  readonly down: Limit
  readonly up: Limit
  /** Whether it has labels at all. */
  readonly hasLabels: boolean
  readonly nowMillis: number
}

const kibibyte = 1024

export const downloadOf = (hash: string, row: Fields, around: Surroundings, before: Download | undefined): Download => {
  const id = hash.toLowerCase()
  const hasMetadata = (numberIn(row, "num_files") ?? 1) > 0 && (numberIn(row, "total_size") ?? 1) > 0
  const isFinished = flagIn(row, "is_finished") === true
  const rawState = textIn(row, "state") ?? ""
  const state = stateOf(row, rawState, isFinished, hasMetadata)
  const savePath = wordsIn(row, "save_path") ?? wordsIn(row, "download_location")
  const target = wordsIn(row, "download_location")
  const name = textIn(row, "name") ?? hash
  const seconds = amountIn(row, "seeding_time")
  const wanted = hasMetadata ? amountIn(row, "total_wanted") : null
  const done = amountIn(row, "total_done")
  const queue = amountIn(row, "queue")
  const ratio = numberIn(row, "ratio")
  return {
    id,
    protocol: "torrent",
    hashes: hashesOf(id),
    nzbId: null,
    name,
    state,
    phase: null,
    rawState,
    progress: shareIn(row, "progress", 100),
    bytes: {
      wanted,
      total: hasMetadata ? amountIn(row, "total_size") : null,
      left: hasMetadata
        ? (amountIn(row, "total_remaining") ?? (wanted === null || done === null ? null : Math.max(0, wanted - done)))
        : null,
      done,
      uploaded: amountIn(row, "total_uploaded")
    },
    speeds: { down: amountIn(row, "download_payload_rate"), up: amountIn(row, "upload_payload_rate") },
    limits: {
      down: speedLimits(kibibytes(numberIn(row, "max_download_speed")), noLimit(null), around.down),
      up: speedLimits(kibibytes(numberIn(row, "max_upload_speed")), noLimit(null), around.up)
    },
    etaSeconds: etaOf(numberIn(row, "eta"), (eta) => eta === 0),
    availability: isFinished ? null : amountIn(row, "distributed_copies"),
    seenCompleteAt: timeIn(row, "last_seen_complete"),
    ratio: ratio === null || ratio < 0 ? null : ratio,
    seedingTime: seconds === null ? null : { seconds, clock: "active" },
    addedAt: timeIn(row, "time_added"),
    completedAt: timeIn(row, "completed_time"),
    lastActiveAt: lastActive(amountIn(row, "time_since_transfer"), around.nowMillis, before?.lastActiveAt ?? null),
    private: hasMetadata ? flagIn(row, "private") : null,
    tags: null,
    category: around.hasLabels ? textIn(row, "label") : null,
    savePath: target ?? savePath,
    contentPath: hasMetadata && state !== "moving" && state !== "checking" ? pathIn(savePath, name) : null,
    incompletePath: savePath === target || isFinished ? null : savePath,
    // A label may have options that move files.
    automaticManagement: around.hasLabels ? null : false,
    trackerHosts: hostsOf(row),
    trackers: null,
    files: null,
    swarm: {
      seedsConnected: amountIn(row, "num_seeds"),
      seedsTotal: amountIn(row, "total_seeds"),
      peersConnected: amountIn(row, "num_peers"),
      peersTotal: amountIn(row, "total_peers")
    },
    error: state === "error" || state === "missing-files" ? trackerMessage(textIn(row, "message")) : null,
    seedLimits: {
      ratio: ownRatio(row),
      seedingSeconds: noLimit(null),
      inactiveSeconds: noLimit(null)
    },
    atLimit: flagIn(row, "remove_at_ratio") === true ? "remove" : "pause",
    limitReached: null,
    forced: null,
    queuePosition: queue === null ? null : queue + 1,
    exportable: false
  }
}

const stateOf = (row: Fields, raw: string, isFinished: boolean, hasMetadata: boolean): DownloadState => {
  switch (raw) {
    case "Allocating":
      return "allocating"
    case "Checking":
      return "checking"
    case "Downloading":
      return !hasMetadata ? "metadata" : amountIn(row, "download_payload_rate") === 0 ? "stalled" : "downloading"
    case "Seeding":
      return "seeding"
    case "Paused":
      return isFinished ? "completed" : "paused"
    case "Queued":
      return isFinished ? "seeding-queued" : "queued"
    case "Moving":
      return "moving"
    case "Error":
      return /no such file|does not exist|file (too short|not found)/i.test(textIn(row, "message") ?? "")
        ? "missing-files"
        : "error"
    default:
      return "unknown"
  }
}

/** -1 is none. */
const kibibytes = (raw: number | null): Limit =>
  raw === null ? unknownLimit : raw < 0 ? noLimit(raw) : valueLimit(raw * kibibyte, raw)

/** Each torrent has its own copy of the setting. */
const ownRatio = (row: Fields): Limit => {
  const on = flagIn(row, "stop_at_ratio")
  const ratio = numberIn(row, "stop_ratio")
  if (on === null || ratio === null) return unknownLimit
  return on ? valueLimit(ratio, ratio) : noLimit(ratio)
}

/** Reported as the seconds since then, so that it would differ a little in each reading. */
const lastActive = (since: number | null, nowMillis: number, before: string | null): string | null => {
  if (since === null) return null
  const millis = nowMillis - since * 1000
  return before !== null && Math.abs(Date.parse(before) - millis) < 30_000 ? before : isoOfMillis(millis)
}

const hostsOf = (row: Fields): ReadonlyArray<string> | null => {
  const trackers = listIn(row, "trackers")
  if (trackers === null) return null
  return [...new Set(trackers.flatMap((one) => trackerHost(textIn(fieldsIn(one), "url")) ?? []))].sort()
}

/** `tracker_status` is about the tracker that was contacted last, whose host is shortened to its domain. */
export const trackersOf = (row: Fields): ReadonlyArray<DownloadTracker> => {
  const rows = (listIn(row, "trackers") ?? []).map(fieldsIn)
  const last = textIn(row, "tracker_status") ?? ""
  const domain = wordsIn(row, "tracker_host")
  return rows.flatMap((one) => {
    const host = trackerHost(textIn(one, "url"))
    if (host === null) return []
    const isLast = rows.length === 1 || (domain !== null && (host === domain || host.endsWith(`.${domain}`)))
    return {
      host,
      tier: amountIn(one, "tier"),
      status: (isLast ? statusIn(last) : null) ?? entryStatus(one),
      message: trackerMessage(
        isLast && /^(error|warning)/i.test(last) ? last.replace(/^\w+:\s*/, "") : textIn(one, "message")
      )
    }
  })
}

const statusIn = (text: string): TrackerStatus | null =>
  /^error/i.test(text)
    ? "not-working"
    : /announce ok|^warning/i.test(text)
      ? "working"
      : /announce sent/i.test(text)
        ? "updating"
        : null

const entryStatus = (row: Fields): TrackerStatus =>
  flagIn(row, "updating") === true
    ? "updating"
    : (numberIn(row, "fails") ?? 0) > 0
      ? "not-working"
      : flagIn(row, "verified") === true
        ? "working"
        : "not-contacted"

export const filesOf = (row: Fields): ReadonlyArray<DownloadFile> | null => {
  const files = listIn(row, "files")
  if (files === null || files.length === 0) return null
  const progress = listIn(row, "file_progress") ?? []
  const priorities = listIn(row, "file_priorities") ?? []
  return files.map(fieldsIn).map((file, place) => {
    const index = amountIn(file, "index") ?? place
    const done = progress[index]
    return {
      index,
      path: textIn(file, "path") ?? "",
      bytes: amountIn(file, "size") ?? 0,
      progress: typeof done === "number" ? Math.min(1, Math.max(0, done)) : null,
      wanted: priorities[index] !== 0
    }
  })
}

export interface ClientReading {
  readonly version: string | null
  readonly config: Fields
  readonly session: Fields
  readonly paused: boolean | null
  readonly freeBytes: number | null
  readonly plugins: ReadonlyArray<string>
  /** `null` = the plugin is off. */
  readonly labels: ReadonlyArray<string> | null
}

export const clientOf = (reading: ClientReading): ClientState => {
  const { config, freeBytes, labels, paused, plugins, session, version } = reading
  const is = (key: string) => flagIn(config, key) === true
  const savePath = wordsIn(config, "download_location")
  const ratio = numberIn(config, "stop_seed_ratio")
  const stops = flagIn(config, "stop_seed_at_ratio")
  return {
    version,
    apiVersion: null,
    epoch: null,
    online: null,
    paused,
    alternativeLimits: null,
    limits: {
      down: kibibytes(numberIn(config, "max_download_speed")),
      up: kibibytes(numberIn(config, "max_upload_speed"))
    },
    speeds: { down: amountIn(session, "download_rate"), up: amountIn(session, "upload_rate") },
    folders: savePath === null ? [] : [{ path: savePath, freeBytes }],
    savePath: is("move_completed") ? (wordsIn(config, "move_completed_path") ?? savePath) : savePath,
    incompletePath: is("move_completed") ? savePath : null,
    categories: labels === null ? null : labels.map((name) => ({ name, path: null })),
    tags: null,
    seedLimits: {
      ratio: stops === null || ratio === null ? unknownLimit : stops ? valueLimit(ratio, ratio) : noLimit(ratio),
      seedingSeconds: noLimit(null),
      inactiveSeconds: noLimit(null)
    },
    atLimit: is("remove_seed_at_ratio") ? "remove" : "pause",
    habits: [
      {
        what: "share-limit",
        on: is("stop_seed_at_ratio"),
        detail: is("remove_seed_at_ratio")
          ? "New torrents are removed at their ratio"
          : "New torrents are paused at their ratio"
      },
      {
        what: "move-completed",
        on: is("move_completed"),
        detail: "Completed torrents are moved to another folder"
      },
      { what: "schedule", on: plugins.includes("Scheduler"), detail: "The plugin Scheduler changes the limits" },
      {
        what: "automatic-management",
        on: plugins.includes("Label"),
        detail: "A label may have options of its own, which move files or remove torrents"
      },
      { what: "script", on: plugins.includes("Execute"), detail: "The plugin Execute runs programs" }
    ],
    clockAt: null
  }
}
