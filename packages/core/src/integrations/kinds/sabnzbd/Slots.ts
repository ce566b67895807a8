/** Jobs of SABnzbd in the model of downloads: those of its queue and those of its history. */
import type { Download, DownloadFile, DownloadPhase, DownloadState, Limit } from "../../Downloads.ts"
import { amountIn, type Fields, fieldsIn, listIn, numberIn, textIn, timeIn, wordsIn } from "../downloads/Fields.ts"
import { noHashes, noLimit, noSeedLimits, pathIn, speedLimits, trackerMessage } from "../downloads/Terms.ts"

export interface Surroundings {
  readonly down: Limit
  readonly incompletePath: string | null
}

const mebibyte = 1024 ** 2

/** States of the queue and of the history; those with a phase are neither faults nor downloads. */
const states: Readonly<Record<string, readonly [DownloadState, DownloadPhase | null]>> = {
  queued: ["queued", null],
  idle: ["queued", null],
  paused: ["paused", null],
  downloading: ["downloading", null],
  propagating: ["post-processing", "propagating"],
  grabbing: ["post-processing", "grabbing"],
  fetching: ["post-processing", "fetching"],
  checking: ["post-processing", "verifying"],
  quickcheck: ["post-processing", "verifying"],
  verifying: ["post-processing", "verifying"],
  repairing: ["post-processing", "repairing"],
  extracting: ["post-processing", "unpacking"],
  moving: ["post-processing", "moving"],
  running: ["post-processing", "script"],
  completed: ["completed", null],
  failed: ["error", null]
}

const stateOf = (raw: string): readonly [DownloadState, DownloadPhase | null] =>
  states[raw.toLowerCase()] ?? ["unknown", null]

/** Sizes are mebibytes as text. */
const bytesIn = (row: Fields, key: string): number | null => {
  const value = amountIn(row, key)
  return value === null ? null : Math.round(value * mebibyte)
}

/** `*` is the category of everything that has none. */
export const categoryOf = (text: string | null): string => (text === null || text === "*" ? "" : text)

export const ofQueue = (row: Fields, around: Surroundings): Download => {
  const rawState = textIn(row, "status") ?? ""
  const [state, phase] = stateOf(rawState)
  const total = bytesIn(row, "mb")
  const left = bytesIn(row, "mbleft")
  const name = textIn(row, "filename") ?? ""
  const position = amountIn(row, "index")
  return {
    ...common(row, around),
    name,
    state,
    phase,
    rawState,
    progress: progressOf(total, left),
    bytes: {
      wanted: total,
      total,
      left,
      done: total === null || left === null ? null : Math.max(0, total - left),
      uploaded: null
    },
    // Of a job that waits, it includes the time of all jobs before it.
    etaSeconds: state === "downloading" ? secondsOf(textIn(row, "timeleft")) : null,
    addedAt: timeIn(row, "time_added"),
    completedAt: null,
    category: categoryOf(wordsIn(row, "cat")),
    savePath: null,
    contentPath: null,
    incompletePath: pathIn(around.incompletePath, name),
    error: labelsOf(row),
    queuePosition: position === null ? null : position + 1,
    forced: textIn(row, "priority") === "Force"
  }
}

export const ofHistory = (row: Fields, around: Surroundings): Download => {
  const rawState = textIn(row, "status") ?? ""
  const [known, knownPhase] = stateOf(rawState)
  // Here it waits for its post-processing.
  const waits = known === "queued"
  const bytes = amountIn(row, "bytes")
  const isDone = known === "completed"
  return {
    ...common(row, around),
    name: textIn(row, "name") ?? textIn(row, "nzb_name") ?? "",
    state: waits ? "post-processing" : known,
    phase: waits ? "waiting" : knownPhase,
    rawState,
    progress: known === "error" ? null : 1,
    bytes: { wanted: bytes, total: bytes, left: known === "error" ? null : 0, done: bytes, uploaded: null },
    etaSeconds: null,
    addedAt: timeIn(row, "time_added"),
    completedAt: isDone || known === "error" ? timeIn(row, "completed") : null,
    category: categoryOf(wordsIn(row, "category")),
    savePath: null,
    contentPath: isDone ? wordsIn(row, "storage") : null,
    incompletePath: isDone ? null : wordsIn(row, "path"),
    error: trackerMessage(wordsIn(row, "fail_message")),
    queuePosition: null,
    forced: null
  }
}

const common = (row: Fields, { down }: Surroundings) => {
  const id = textIn(row, "nzo_id") ?? ""
  return {
    id,
    protocol: "usenet" as const,
    hashes: noHashes,
    nzbId: id,
    speeds: { down: null, up: null },
    limits: {
      down: speedLimits(noLimit(null), noLimit(null), down),
      up: speedLimits(noLimit(null), noLimit(null), noLimit(null))
    },
    availability: null,
    seenCompleteAt: null,
    ratio: null,
    seedingTime: null,
    lastActiveAt: null,
    private: null,
    tags: null,
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

export const progressOf = (total: number | null, left: number | null): number | null =>
  total === null || left === null || total === 0 ? null : Math.min(1, Math.max(0, (total - left) / total))

/** `1:02:03` or `2:01:02:03`; all zeros are unknown. */
const secondsOf = (text: string | null): number | null => {
  const parts = (text ?? "").split(":").map(Number)
  if (parts.length < 3 || parts.length > 4 || parts.some((part) => !Number.isFinite(part))) return null
  const [seconds = 0, minutes = 0, hours = 0, days = 0] = parts.toReversed()
  const all = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
  return all <= 0 ? null : all
}

/** Marks of the client, such as ENCRYPTED or DUPLICATE. */
const labelsOf = (row: Fields): string | null => {
  const labels = (listIn(row, "labels") ?? []).filter((label) => typeof label === "string" && label !== "")
  return labels.length === 0 ? null : labels.join(", ")
}

export const filesOf = (rows: ReadonlyArray<unknown>): ReadonlyArray<DownloadFile> =>
  rows.map(fieldsIn).map((row, index) => {
    const total = bytesIn(row, "mb")
    return {
      index,
      path: textIn(row, "filename") ?? "",
      bytes: Math.round(numberIn(row, "bytes") ?? total ?? 0),
      progress: textIn(row, "status") === "finished" ? 1 : progressOf(total, bytesIn(row, "mbleft")),
      wanted: true
    }
  })
