/** A torrent of Transmission in the model of downloads, and the state of the client. */
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
  globalLimit,
  hashesOf,
  noLimit,
  pathIn,
  speedLimits,
  tagsOf,
  trackerHost,
  trackerMessage,
  unknownLimit,
  valueLimit
} from "../downloads/Terms.ts"

/** Fields of one call for all torrents. */
export const listFields: ReadonlyArray<string> = [
  "id hashString name status error errorString percentDone leftUntilDone sizeWhenDone totalSize",
  "rateDownload rateUpload uploadRatio uploadedEver haveValid haveUnchecked eta addedDate doneDate",
  "activityDate secondsSeeding downloadDir labels isPrivate isStalled isFinished queuePosition",
  "seedRatioLimit seedRatioMode seedIdleLimit seedIdleMode peersConnected peersSendingToUs",
  "peersGettingFromUs metadataPercentComplete desiredAvailable trackers downloadLimit downloadLimited",
  "uploadLimit uploadLimited honorsSessionLimits group"
].flatMap((names) => names.split(" "))

/** What the client contributes to each of its torrents. */
export interface Surroundings {
  readonly down: Limit
  readonly up: Limit
  readonly incompletePath: string | null
  readonly bytesPerUnit: number
}

const localError = 3

export const downloadOf = (row: Fields, around: Surroundings): Download => {
  const hash = (textIn(row, "hashString") ?? "").toLowerCase()
  const hasMetadata = (numberIn(row, "metadataPercentComplete") ?? 1) >= 1
  const left = hasMetadata ? amountIn(row, "leftUntilDone") : null
  const wanted = hasMetadata ? amountIn(row, "sizeWhenDone") : null
  const isComplete = left === 0 && wanted !== null && wanted > 0
  const status = numberIn(row, "status")
  const error = numberIn(row, "error") ?? 0
  const state = stateOf(row, { status, error, isComplete, hasMetadata })
  const downloadDir = wordsIn(row, "downloadDir")
  const honours = flagIn(row, "honorsSessionLimits") !== false
  const group = wordsIn(row, "group")
  const category = group === null || group === "0" ? noLimit(null) : unknownLimit
  const seconds = amountIn(row, "secondsSeeding")
  const position = amountIn(row, "queuePosition")
  const available = amountIn(row, "desiredAvailable")
  const name = textIn(row, "name") ?? hash
  const speed = (direction: "download" | "upload", global: Limit) =>
    speedLimits(
      ownSpeed(row, direction, around.bytesPerUnit),
      category,
      honours ? global : noLimit("honorsSessionLimits=false")
    )
  return {
    id: hash,
    protocol: "torrent",
    hashes: hashesOf(hash),
    nzbId: null,
    name,
    state,
    phase: null,
    rawState: error === 0 ? `status ${status}` : `status ${status}, error ${error}`,
    progress: hasMetadata ? shareIn(row, "percentDone") : 0,
    bytes: {
      wanted,
      total: hasMetadata ? amountIn(row, "totalSize") : null,
      left,
      done: sum(amountIn(row, "haveValid"), amountIn(row, "haveUnchecked")),
      uploaded: amountIn(row, "uploadedEver")
    },
    speeds: { down: amountIn(row, "rateDownload"), up: amountIn(row, "rateUpload") },
    limits: { down: speed("download", around.down), up: speed("upload", around.up) },
    etaSeconds: etaOf(numberIn(row, "eta"), () => false),
    availability:
      status !== 4 || left === null || left === 0 || wanted === null || wanted === 0 || available === null
        ? null
        : Math.min(1, (wanted - left + available) / wanted),
    seenCompleteAt: null,
    ratio: ratioOf(numberIn(row, "uploadRatio")),
    seedingTime: seconds === null ? null : { seconds, clock: "active" },
    addedAt: timeIn(row, "addedDate"),
    completedAt: timeIn(row, "doneDate"),
    lastActiveAt: timeIn(row, "activityDate"),
    private: hasMetadata ? flagIn(row, "isPrivate") : null,
    tags: labelsOf(row),
    category: null,
    savePath: downloadDir,
    // Partial files have another name, or are in another folder.
    contentPath: isComplete && state !== "checking" ? pathIn(downloadDir, name) : null,
    incompletePath: isComplete ? null : around.incompletePath,
    automaticManagement: null,
    trackerHosts: hostsOf(row),
    trackers: null,
    files: null,
    swarm: {
      seedsConnected: null,
      seedsTotal: null,
      peersConnected: amountIn(row, "peersConnected"),
      peersTotal: null
    },
    error: error === 0 ? null : trackerMessage(textIn(row, "errorString")),
    seedLimits: {
      ratio: modeLimit(numberIn(row, "seedRatioMode"), numberIn(row, "seedRatioLimit"), 1),
      seedingSeconds: noLimit(null),
      inactiveSeconds: modeLimit(numberIn(row, "seedIdleMode"), numberIn(row, "seedIdleLimit"), 60)
    },
    atLimit: "pause",
    limitReached: flagIn(row, "isFinished"),
    forced: null,
    queuePosition: position === null ? null : position + 1,
    exportable: false
  }
}

const stateOf = (
  row: Fields,
  torrent: {
    readonly status: number | null
    readonly error: number
    readonly isComplete: boolean
    readonly hasMetadata: boolean
  }
): DownloadState => {
  const { error, hasMetadata, isComplete, status } = torrent
  if (error === localError) {
    return /no data found|ensure your drives are connected/i.test(textIn(row, "errorString") ?? "")
      ? "missing-files"
      : "error"
  }
  switch (status) {
    case 0:
      return isComplete ? "completed" : "paused"
    case 1:
    case 2:
      return "checking"
    case 3:
      return "queued"
    case 4: {
      if (!hasMetadata) return "metadata"
      const idle = numberIn(row, "rateDownload") === 0 && numberIn(row, "peersSendingToUs") === 0
      return flagIn(row, "isStalled") === true || idle ? "stalled" : "downloading"
    }
    case 5:
      return "seeding-queued"
    case 6:
      return "seeding"
    default:
      return "unknown"
  }
}

const sum = (one: number | null, other: number | null): number | null => (one === null ? null : one + (other ?? 0))

const ratioOf = (ratio: number | null): Download["ratio"] =>
  ratio === -2 ? "infinite" : ratio === null || ratio < 0 ? null : ratio

const ownSpeed = (row: Fields, direction: "download" | "upload", unit: number): Limit => {
  const limited = flagIn(row, `${direction}Limited`)
  const value = numberIn(row, `${direction}Limit`)
  if (limited === null || value === null) return unknownLimit
  return limited ? valueLimit(value * unit, value) : noLimit(value)
}

/** 0 follows the client, 1 has a limit of its own, 2 is unlimited. */
const modeLimit = (mode: number | null, value: number | null, unit: number): Limit =>
  mode === 0
    ? globalLimit(mode)
    : mode === 2
      ? noLimit(mode)
      : mode === 1 && value !== null
        ? valueLimit(value * unit, value)
        : unknownLimit

export const labelsOf = (row: Fields): ReadonlyArray<string> | null => {
  const labels = listIn(row, "labels")
  return labels === null ? null : tagsOf(labels.filter((label) => typeof label === "string").join(","))
}

const hostsOf = (row: Fields): ReadonlyArray<string> | null => {
  const trackers = listIn(row, "trackers")
  if (trackers === null) return null
  return [...new Set(trackers.flatMap((one) => trackerHost(textIn(fieldsIn(one), "announce")) ?? []))].sort()
}

/** Of `trackerStats`; whether an announcement is running is in `announceState` (3). */
export const trackersOf = (rows: ReadonlyArray<unknown>): ReadonlyArray<DownloadTracker> =>
  rows.map(fieldsIn).flatMap((row) => {
    const host = trackerHost(textIn(row, "announce"))
    if (host === null) return []
    const status: TrackerStatus =
      flagIn(row, "hasAnnounced") !== true
        ? numberIn(row, "announceState") === 3
          ? "updating"
          : "not-contacted"
        : flagIn(row, "lastAnnounceSucceeded") === true
          ? "working"
          : numberIn(row, "announceState") === 3
            ? "updating"
            : "not-working"
    return {
      host,
      tier: amountIn(row, "tier"),
      status,
      message: status === "not-contacted" ? null : trackerMessage(textIn(row, "lastAnnounceResult"))
    }
  })

export const filesOf = (row: Fields): ReadonlyArray<DownloadFile> | null => {
  const files = listIn(row, "files")
  const stats = listIn(row, "fileStats") ?? []
  if (files === null || files.length === 0) return null
  return files.map(fieldsIn).map((file, index) => {
    const bytes = amountIn(file, "length") ?? 0
    const done = amountIn(file, "bytesCompleted")
    return {
      index,
      path: textIn(file, "name") ?? "",
      bytes,
      progress: done === null ? null : bytes === 0 ? 1 : Math.min(1, done / bytes),
      wanted: flagIn(fieldsIn(stats[index]), "wanted") !== false
    }
  })
}

/** Bytes of a unit of the speeds in the settings. */
export const bytesPerUnitIn = (settings: Fields): number => numberIn(fieldsIn(settings["units"]), "speed-bytes") ?? 1000

export const clientOf = (settings: Fields, stats: Fields, epoch: string | null): ClientState => {
  const unit = bytesPerUnitIn(settings)
  const is = (key: string) => flagIn(settings, key) === true
  const alternative = flagIn(settings, "alt-speed-enabled")
  const speed = (direction: "down" | "up"): Limit => {
    const value = numberIn(settings, alternative === true ? `alt-speed-${direction}` : `speed-limit-${direction}`)
    if (value === null) return unknownLimit
    return alternative === true || is(`speed-limit-${direction}-enabled`)
      ? valueLimit(value * unit, value)
      : noLimit(value)
  }
  const limit = (value: number | null, on: boolean | null, factor: number): Limit =>
    value === null || on === null ? unknownLimit : on ? valueLimit(value * factor, value) : noLimit(value)
  const savePath = wordsIn(settings, "download-dir")
  return {
    version: wordsIn(settings, "version"),
    apiVersion: textIn(settings, "rpc-version"),
    epoch,
    online: null,
    paused: null,
    alternativeLimits: alternative,
    limits: { down: speed("down"), up: speed("up") },
    speeds: { down: amountIn(stats, "downloadSpeed"), up: amountIn(stats, "uploadSpeed") },
    folders: savePath === null ? [] : [{ path: savePath, freeBytes: amountIn(settings, "download-dir-free-space") }],
    savePath,
    incompletePath: is("incomplete-dir-enabled") ? wordsIn(settings, "incomplete-dir") : null,
    categories: null,
    tags: null,
    seedLimits: {
      ratio: limit(numberIn(settings, "seedRatioLimit"), flagIn(settings, "seedRatioLimited"), 1),
      seedingSeconds: noLimit(null),
      inactiveSeconds: limit(
        numberIn(settings, "idle-seeding-limit"),
        flagIn(settings, "idle-seeding-limit-enabled"),
        60
      )
    },
    atLimit: "pause",
    habits: [
      {
        what: "share-limit",
        on: is("seedRatioLimited") || is("idle-seeding-limit-enabled"),
        detail: "A torrent is stopped at its ratio, or when nobody has asked for it for some time"
      },
      { what: "schedule", on: is("alt-speed-time-enabled"), detail: "The alternative speed limits follow a schedule" },
      {
        what: "queue",
        on: is("download-queue-enabled"),
        detail: `At most ${numberIn(settings, "download-queue-size") ?? "?"} torrents download at a time`
      },
      { what: "script", on: is("script-torrent-done-enabled"), detail: "A program is run when a torrent is complete" }
    ],
    clockAt: null
  }
}
