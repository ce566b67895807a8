/** Jobs of NZBGet in the model of downloads: those of its queue and those of its history. */
import type { ClientState, Download, DownloadFile, DownloadPhase, DownloadState, Limit } from "../../Downloads.ts"
import { amountIn, type Fields, fieldsIn, flagIn, numberIn, textIn, timeIn, wordsIn } from "../downloads/Fields.ts"
import { noHashes, noLimit, noSeedLimits, speedLimit, speedLimits } from "../downloads/Terms.ts"

const states: Readonly<Record<string, readonly [DownloadState, DownloadPhase | null]>> = {
  QUEUED: ["queued", null],
  PAUSED: ["paused", null],
  DOWNLOADING: ["downloading", null],
  FETCHING: ["post-processing", "grabbing"],
  PP_QUEUED: ["post-processing", "waiting"],
  LOADING_PARS: ["post-processing", "verifying"],
  VERIFYING_SOURCES: ["post-processing", "verifying"],
  VERIFYING_REPAIRED: ["post-processing", "verifying"],
  REPAIRING: ["post-processing", "repairing"],
  RENAMING: ["post-processing", "moving"],
  UNPACKING: ["post-processing", "unpacking"],
  MOVING: ["post-processing", "moving"],
  POST_UNPACK_RENAMING: ["post-processing", "moving"],
  EXECUTING_SCRIPT: ["post-processing", "script"],
  QS_QUEUED: ["post-processing", "waiting"],
  QS_EXECUTING: ["post-processing", "script"],
  PP_FINISHED: ["post-processing", "other"]
}

/** `WARNING` with these means that the files are complete. */
const harmlessWarnings = new Set(["SCRIPT", "SKIPPED", "HEALTH"])

const historyState = (raw: string): DownloadState => {
  const [kind = "", detail = ""] = raw.split("/")
  switch (kind) {
    case "SUCCESS":
      return "completed"
    case "WARNING":
      return harmlessWarnings.has(detail) ? "completed" : "error"
    // One that was deleted as a duplicate or by a person has failed as little as it was completed: the words say which.
    case "DELETED":
    case "FAILURE":
      return "error"
    default:
      return "unknown"
  }
}

/** Two 32-bit halves; the largest number stands for an unknown one. */
export const sizeIn = (row: Fields, key: string): number | null => {
  const low = amountIn(row, `${key}Lo`)
  const high = amountIn(row, `${key}Hi`)
  if (low === null || high === null) return null
  return high >= 2 ** 31 ? null : high * 2 ** 32 + low
}

export interface Surroundings {
  readonly down: Limit
}

export const ofQueue = (row: Fields, place: number, around: Surroundings): Download => {
  const rawState = textIn(row, "Status") ?? ""
  const [state, phase] = states[rawState] ?? (["unknown", null] as const)
  const total = sizeIn(row, "FileSize")
  const remaining = sizeIn(row, "RemainingSize")
  // Paused files of a job that is not paused are spare parts, which are read only if they are needed.
  const spare = state === "paused" ? 0 : (sizeIn(row, "PausedSize") ?? 0)
  const left = remaining === null ? null : Math.max(0, remaining - spare)
  return {
    ...common(row, around),
    state,
    phase,
    rawState,
    progress: total === null || left === null || total === 0 ? null : Math.min(1, Math.max(0, 1 - left / total)),
    bytes: {
      wanted: total === null ? null : Math.max(0, total - spare),
      total,
      left,
      done: sizeIn(row, "DownloadedSize"),
      uploaded: null
    },
    completedAt: null,
    savePath: null,
    contentPath: null,
    incompletePath: wordsIn(row, "DestDir"),
    error: null,
    queuePosition: place + 1,
    forced: (numberIn(row, "MaxPriority") ?? 0) >= 900
  }
}

export const ofHistory = (row: Fields, around: Surroundings): Download => {
  const rawState = textIn(row, "Status") ?? ""
  const state = historyState(rawState)
  const total = sizeIn(row, "FileSize")
  const isDone = state === "completed"
  const folder = wordsIn(row, "FinalDir") ?? wordsIn(row, "DestDir")
  return {
    ...common(row, around),
    state,
    phase: null,
    rawState,
    progress: isDone ? 1 : null,
    bytes: {
      wanted: total,
      total,
      left: isDone ? 0 : null,
      done: sizeIn(row, "DownloadedSize"),
      uploaded: null
    },
    completedAt: timeIn(row, "HistoryTime"),
    savePath: isDone ? folder : null,
    contentPath: isDone ? folder : null,
    incompletePath: isDone ? null : folder,
    error: isDone ? null : rawState,
    queuePosition: null,
    forced: null
  }
}

const common = (row: Fields, { down }: Surroundings) => {
  const id = textIn(row, "NZBID") ?? textIn(row, "ID") ?? ""
  return {
    id,
    protocol: "usenet" as const,
    hashes: noHashes,
    nzbId: id,
    name: textIn(row, "NZBName") ?? textIn(row, "Name") ?? "",
    speeds: { down: null, up: null },
    limits: {
      down: speedLimits(noLimit(null), noLimit(null), down),
      up: speedLimits(noLimit(null), noLimit(null), noLimit(null))
    },
    etaSeconds: null,
    availability: null,
    seenCompleteAt: null,
    ratio: null,
    seedingTime: null,
    addedAt: null,
    lastActiveAt: null,
    private: null,
    tags: null,
    category: textIn(row, "Category") ?? "",
    automaticManagement: null,
    trackerHosts: null,
    trackers: null,
    files: null,
    swarm: { seedsConnected: null, seedsTotal: null, peersConnected: null, peersTotal: null },
    seedLimits: noSeedLimits,
    atLimit: null,
    limitReached: null,
    exportable: false
  }
}

/** Files that are not complete yet; their own ids are the indexes. A paused file is not downloaded. */
export const filesOf = (rows: ReadonlyArray<unknown>): ReadonlyArray<DownloadFile> =>
  rows.map(fieldsIn).map((row) => {
    const total = sizeIn(row, "FileSize") ?? 0
    const left = sizeIn(row, "RemainingSize")
    return {
      index: amountIn(row, "ID") ?? 0,
      path: textIn(row, "Filename") ?? "",
      bytes: total,
      progress: left === null || total === 0 ? null : Math.min(1, Math.max(0, 1 - left / total)),
      wanted: flagIn(row, "Paused") !== true
    }
  })

export interface ClientReading {
  readonly version: string | null
  readonly status: Fields
  /** By name. */
  readonly options: ReadonlyMap<string, string>
  readonly epoch: string | null
}

export const clientOf = ({ epoch, options, status, version }: ClientReading): ClientState => {
  const option = (name: string) => {
    const value = options.get(name)?.trim() ?? ""
    return value === "" ? null : value.replaceAll("${MainDir}", options.get("MainDir") ?? "")
  }
  const savePath = option("DestDir")
  const incompletePath = option("InterDir")
  return {
    version,
    apiVersion: null,
    epoch,
    online: null,
    paused: flagIn(status, "DownloadPaused") === true || flagIn(status, "Download2Paused") === true,
    alternativeLimits: null,
    limits: { down: speedLimit(numberIn(status, "DownloadLimit")), up: noLimit(null) },
    speeds: { down: amountIn(status, "DownloadRate"), up: null },
    folders: savePath === null ? [] : [{ path: savePath, freeBytes: sizeIn(status, "FreeDiskSpace") }],
    savePath,
    incompletePath,
    categories: categoriesIn(options, option),
    tags: null,
    seedLimits: noSeedLimits,
    atLimit: null,
    habits: [
      { what: "quota", on: flagIn(status, "QuotaReached") === true, detail: "Its quota is used up" },
      {
        what: "schedule",
        on: [...options].some(([name, value]) => /^Task\d+\.Command$/.test(name) && value !== ""),
        detail: "Tasks change the limits or pause it at fixed times"
      },
      { what: "script", on: option("Extensions") !== null, detail: "Programs run for each job" }
    ],
    clockAt: timeIn(status, "ServerTime")
  }
}

const categoriesIn = (options: ReadonlyMap<string, string>, option: (name: string) => string | null) =>
  [...options].flatMap(([name, value]) => {
    const number = /^Category(\d+)\.Name$/.exec(name)?.[1]
    return number === undefined || value === "" ? [] : [{ name: value, path: option(`Category${number}.DestDir`) }]
  })
