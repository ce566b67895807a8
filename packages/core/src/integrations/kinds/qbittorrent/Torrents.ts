/** A torrent of qBittorrent in the model of downloads. */
import type {
  AtLimit,
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
  numberIn,
  shareIn,
  textIn,
  timeIn,
  wordsIn
} from "../downloads/Fields.ts"
import {
  etaOf,
  globalLimit,
  noLimit,
  speedLimit,
  speedLimits,
  tagsOf,
  trackerHost,
  trackerMessage,
  unknownLimit,
  valueLimit
} from "../downloads/Terms.ts"

/** What the whole client contributes to each of its torrents. */
export interface Surroundings {
  readonly down: Limit
  readonly up: Limit
  readonly atLimit: AtLimit | null
  /** By hash; `null` = the list does not contain the trackers. */
  readonly trackerHosts: ReadonlyMap<string, ReadonlyArray<string>> | null
  /** Privacy of torrents for which it was asked separately. */
  readonly privacy: ReadonlyMap<string, boolean>
  readonly canExport: boolean
}

const states: Readonly<Record<string, DownloadState>> = {
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
  queuedForChecking: "checking",
  allocating: "allocating",
  downloading: "downloading",
  forcedDL: "downloading",
  metaDL: "metadata",
  forcedMetaDL: "metadata",
  pausedDL: "paused",
  stoppedDL: "paused",
  queuedDL: "queued",
  stalledDL: "stalled",
  moving: "moving"
}

/** The unknown time left: 100 days. */
const endlessSeconds = 8_640_000

export const downloadOf = (hash: string, row: Fields, around: Surroundings): Download => {
  const rawState = textIn(row, "state") ?? ""
  const state = states[rawState] ?? "unknown"
  const hasMetadata =
    flagIn(row, "has_metadata") ?? (state === "metadata" || (numberIn(row, "size") ?? 0) <= 0 ? null : true)
  const savePath = wordsIn(row, "save_path")
  const incomplete = wordsIn(row, "download_path")
  // Just started, it reports only the name of the file; while it moves, either place.
  const unsettled = rawState === "checkingResumeData" || state === "moving" || hasMetadata === false
  const priority = numberIn(row, "priority")
  const size = amountIn(row, "size")
  return {
    id: hash,
    protocol: "torrent",
    hashes: versionsOf(hash, row),
    nzbId: null,
    name: textIn(row, "name") ?? hash,
    state,
    phase: null,
    rawState,
    progress: shareIn(row, "progress"),
    bytes: {
      wanted: hasMetadata === false ? null : size,
      total: hasMetadata === false ? null : amountIn(row, "total_size"),
      left: hasMetadata === false ? null : amountIn(row, "amount_left"),
      done: amountIn(row, "completed"),
      uploaded: amountIn(row, "uploaded")
    },
    speeds: { down: amountIn(row, "dlspeed"), up: amountIn(row, "upspeed") },
    limits: {
      down: speedLimits(speedLimit(numberIn(row, "dl_limit")), noLimit(null), around.down),
      up: speedLimits(speedLimit(numberIn(row, "up_limit")), noLimit(null), around.up)
    },
    etaSeconds: etaOf(numberIn(row, "eta"), (seconds) => seconds >= endlessSeconds),
    availability: amountIn(row, "availability"),
    seenCompleteAt: timeIn(row, "seen_complete"),
    ratio: ratioOf(numberIn(row, "ratio")),
    seedingTime: secondsOf(row),
    addedAt: timeIn(row, "added_on"),
    completedAt: timeIn(row, "completion_on"),
    lastActiveAt: timeIn(row, "last_activity"),
    private: hasMetadata === false ? null : (flagIn(row, "private") ?? around.privacy.get(hash) ?? null),
    tags: tagsOf(textIn(row, "tags")),
    category: textIn(row, "category"),
    savePath,
    contentPath: unsettled ? null : wordsIn(row, "content_path"),
    incompletePath: incomplete === savePath ? null : incomplete,
    automaticManagement: flagIn(row, "auto_tmm"),
    trackerHosts: around.trackerHosts === null ? null : (around.trackerHosts.get(hash) ?? []),
    trackers: null,
    files: null,
    swarm: {
      seedsConnected: amountIn(row, "num_seeds"),
      seedsTotal: amountIn(row, "num_complete"),
      peersConnected: amountIn(row, "num_leechs"),
      peersTotal: amountIn(row, "num_incomplete")
    },
    error: state === "error" ? "the client reports an error without a reason; its log says more" : null,
    seedLimits: {
      ratio: shareLimit(numberIn(row, "ratio_limit")),
      seedingSeconds: shareLimit(numberIn(row, "seeding_time_limit"), 60),
      inactiveSeconds: shareLimit(numberIn(row, "inactive_seeding_time_limit"), 60)
    },
    atLimit: actionOf(row["share_limit_action"]) ?? around.atLimit,
    limitReached: null,
    forced: flagIn(row, "force_start"),
    queuePosition: priority === null || priority <= 0 ? null : priority,
    exportable: around.canExport && hasMetadata !== false
  }
}

/** Older versions report only one hash, which is truncated for version 2. */
const versionsOf = (hash: string, row: Fields): Download["hashes"] => {
  const v1 = wordsIn(row, "infohash_v1")?.toLowerCase() ?? null
  const v2 = wordsIn(row, "infohash_v2")?.toLowerCase() ?? null
  return v1 === null && v2 === null ? { v1: hash, v2: null } : { v1, v2 }
}

/** A very large ratio stands for one without downloaded bytes. */
const ratioOf = (ratio: number | null): Download["ratio"] =>
  ratio === null || ratio < 0 ? (ratio === -1 ? "infinite" : null) : ratio >= 9_999 ? "infinite" : ratio

const secondsOf = (row: Fields): Download["seedingTime"] => {
  const seconds = amountIn(row, "seeding_time")
  return seconds === null ? null : { seconds, clock: "active" }
}

/** -2 follows the client, -1 is unlimited; times are minutes. */
export const shareLimit = (raw: number | null, seconds = 1): Limit =>
  raw === null ? unknownLimit : raw === -2 ? globalLimit(raw) : raw < 0 ? noLimit(raw) : valueLimit(raw * seconds, raw)

/** As a number in the settings, as a number or a word of a torrent. */
export const actionOf = (value: unknown): AtLimit | null => {
  switch (value) {
    case 0:
    case "Stop":
      return "pause"
    case 1:
    case "Remove":
      return "remove"
    case 2:
    case "EnableSuperSeeding":
      return "super-seeding"
    case 3:
    case "RemoveWithContent":
      return "remove-with-data"
    default:
      return null
  }
}

const trackerStates: Readonly<Record<number, TrackerStatus>> = {
  0: "disabled",
  1: "not-contacted",
  2: "working",
  3: "updating",
  4: "not-working",
  5: "not-working",
  6: "not-working"
}

/** DHT, PeX and LSD are listed like trackers, and have no address. */
export const trackersOf = (rows: ReadonlyArray<unknown>): ReadonlyArray<DownloadTracker> =>
  rows.map(fieldsIn).flatMap((row) => {
    const host = trackerHost(textIn(row, "url"))
    if (host === null) return []
    return {
      host,
      tier: amountIn(row, "tier"),
      status: trackerStates[numberIn(row, "status") ?? -1] ?? "unknown",
      message: trackerMessage(textIn(row, "msg"))
    }
  })

/**
 * The rows of DHT, PeX and LSD have a message only if the torrent is private; it may be in any language. `null` = there
 * are no such rows.
 */
export const privacyIn = (rows: ReadonlyArray<unknown>): boolean | null => {
  const pseudo = rows.map(fieldsIn).filter((row) => (textIn(row, "url") ?? "").startsWith("** ["))
  return pseudo.length === 0 ? null : pseudo.some((row) => wordsIn(row, "msg") !== null)
}

export const filesOf = (rows: ReadonlyArray<unknown>): ReadonlyArray<DownloadFile> =>
  rows.map(fieldsIn).map((row, place) => ({
    index: amountIn(row, "index") ?? place,
    path: textIn(row, "name") ?? "",
    bytes: amountIn(row, "size") ?? 0,
    progress: shareIn(row, "progress"),
    wanted: numberIn(row, "priority") !== 0
  }))
