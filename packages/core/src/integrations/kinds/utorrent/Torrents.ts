/** A torrent of µTorrent in the model of downloads: a row is a list whose places have fixed meanings. */
import type { ClientState, Download, DownloadFile, DownloadState, DownloadTracker, Limit } from "../../Downloads.ts"
import { amountIn, type Fields, flagIn, numberIn, textIn, timeIn, wordsIn } from "../downloads/Fields.ts"
import {
  etaOf,
  hashesOf,
  noLimit,
  noSeedLimits,
  pathIn,
  speedLimit,
  speedLimits,
  trackerHost,
  trackerMessage,
  unknownLimit,
  valueLimit
} from "../downloads/Terms.ts"

const places = [
  "hash status name size progress downloaded uploaded ratio upspeed downspeed eta label peers",
  "peersSwarm seeds seedsSwarm availability queue remaining url feed message stream added completed",
  "update path"
].flatMap((names) => names.split(" "))

export const rowOf = (values: unknown): Fields =>
  Array.isArray(values) ? Object.fromEntries(places.map((name, place) => [name, values[place]])) : {}

export interface Surroundings {
  readonly down: Limit
  readonly up: Limit
}

/** Bits of the status. */
const started = 1
const checking = 2
const failed = 16
const paused = 32
const queued = 64

/** Availability is in 65536ths of a copy. */
const wholeCopy = 65_536

export const downloadOf = (row: Fields, around: Surroundings): Download => {
  const id = (textIn(row, "hash") ?? "").toLowerCase()
  const status = numberIn(row, "status")
  const size = amountIn(row, "size")
  const hasMetadata = size !== null && size > 0
  const left = hasMetadata ? amountIn(row, "remaining") : null
  const isComplete = hasMetadata && numberIn(row, "progress") === 1000
  const state = stateOf(row, status, isComplete, hasMetadata)
  const availability = amountIn(row, "availability")
  const queue = amountIn(row, "queue")
  const ratio = amountIn(row, "ratio")
  const progress = amountIn(row, "progress")
  const folder = wordsIn(row, "path")
  const name = textIn(row, "name") ?? id
  return {
    id,
    protocol: "torrent",
    hashes: hashesOf(id),
    nzbId: null,
    name,
    state,
    phase: null,
    rawState: `status ${status ?? "?"}`,
    progress: progress === null ? null : Math.min(1, progress / 1000),
    bytes: {
      wanted: hasMetadata ? size : null,
      total: null,
      left,
      done: hasMetadata && left !== null ? Math.max(0, size - left) : null,
      uploaded: amountIn(row, "uploaded")
    },
    speeds: { down: amountIn(row, "downspeed"), up: amountIn(row, "upspeed") },
    limits: {
      down: speedLimits(unknownLimit, noLimit(null), around.down),
      up: speedLimits(unknownLimit, noLimit(null), around.up)
    },
    etaSeconds: etaOf(numberIn(row, "eta"), (seconds) => seconds === 0 || seconds >= 8_640_000),
    availability: availability === null || isComplete ? null : availability / wholeCopy,
    seenCompleteAt: null,
    ratio: ratio === null || amountIn(row, "downloaded") === 0 ? null : ratio / 1000,
    seedingTime: null,
    addedAt: timeIn(row, "added"),
    completedAt: timeIn(row, "completed"),
    lastActiveAt: null,
    // Its API does not report it.
    private: null,
    tags: null,
    category: textIn(row, "label") ?? "",
    savePath: folder,
    contentPath: isComplete && state !== "checking" ? contentOf(folder, name) : null,
    incompletePath: null,
    automaticManagement: null,
    trackerHosts: null,
    trackers: null,
    files: null,
    swarm: {
      seedsConnected: amountIn(row, "seeds"),
      seedsTotal: amountIn(row, "seedsSwarm"),
      peersConnected: amountIn(row, "peers"),
      peersTotal: amountIn(row, "peersSwarm")
    },
    error: state === "error" || state === "missing-files" ? trackerMessage(textIn(row, "message")) : null,
    seedLimits: noSeedLimits,
    atLimit: "pause",
    limitReached: null,
    forced: status === null ? null : (status & started) !== 0 && (status & queued) === 0,
    queuePosition: queue === null || queue === 0 ? null : queue,
    exportable: false
  }
}

/** The folder of a torrent with several files already ends in its name. */
const contentOf = (folder: string | null, name: string): string | null => {
  const last = folder
    ?.replace(/[/\\]+$/, "")
    .split(/[/\\]/)
    .at(-1)
  return last === name ? folder : pathIn(folder, name)
}

const stateOf = (row: Fields, status: number | null, isComplete: boolean, hasMetadata: boolean): DownloadState => {
  if (status === null) return "unknown"
  const has = (bit: number) => (status & bit) !== 0
  if (has(failed)) {
    return /files? missing|cannot find|not exist/i.test(textIn(row, "message") ?? "") ? "missing-files" : "error"
  }
  if (has(checking)) return "checking"
  if (has(paused)) return isComplete ? "completed" : "paused"
  if (has(started)) {
    if (isComplete) return "seeding"
    if (!hasMetadata) return "metadata"
    return numberIn(row, "downspeed") === 0 ? "stalled" : "downloading"
  }
  if (has(queued)) return isComplete ? "seeding-queued" : "queued"
  return isComplete ? "completed" : "paused"
}

export const filesOf = (rows: ReadonlyArray<unknown>): ReadonlyArray<DownloadFile> =>
  rows.map((values, index) => {
    const [path, size, done, priority] = Array.isArray(values) ? values : []
    const bytes = typeof size === "number" ? size : 0
    return {
      index,
      path: typeof path === "string" ? path : "",
      bytes,
      progress: typeof done === "number" && bytes > 0 ? Math.min(1, done / bytes) : null,
      wanted: priority !== 0
    }
  })

/** A text with one address per line; empty lines separate the tiers. */
export const trackersOf = (text: string | null): ReadonlyArray<DownloadTracker> =>
  (text ?? "")
    .replaceAll("\r\n", "\n")
    .split(/\n{2,}/)
    .flatMap((tier, place) =>
      tier.split("\n").flatMap((url) => {
        const host = trackerHost(url)
        return host === null ? [] : { host, tier: place, status: "unknown" as const, message: null }
      })
    )

/** Settings are listed as name, type and value. */
export const settingsOf = (rows: ReadonlyArray<unknown>): Fields =>
  Object.fromEntries(
    rows.flatMap((row): Array<[string, unknown]> => (Array.isArray(row) ? [[String(row[0]), row[2]]] : []))
  )

const kilobyte = 1024

export const clientOf = (
  settings: Fields,
  build: string | null,
  labels: ReadonlyArray<string>,
  torrents: ReadonlyArray<Fields>
): ClientState => {
  const is = (key: string) => flagIn(settings, key) === true
  const total = (key: string) => torrents.reduce((sum, row) => sum + (amountIn(row, key) ?? 0), 0)
  const target = is("dir_completed_download_flag") ? wordsIn(settings, "dir_completed_download") : null
  const active = is("dir_active_download_flag") ? wordsIn(settings, "dir_active_download") : null
  const ratio = numberIn(settings, "seed_ratio")
  return {
    version: build,
    apiVersion: null,
    epoch: null,
    online: null,
    paused: null,
    alternativeLimits: null,
    limits: {
      down: speedLimit(numberIn(settings, "max_dl_rate"), kilobyte),
      up: speedLimit(numberIn(settings, "max_ul_rate"), kilobyte)
    },
    speeds: { down: total("downspeed"), up: total("upspeed") },
    folders: [target, active].flatMap((path) => (path === null ? [] : [{ path, freeBytes: null }])),
    savePath: target ?? active,
    incompletePath: target === null ? null : active,
    categories: labels.map((name) => ({ name, path: null })),
    tags: null,
    seedLimits: {
      ratio: ratio === null || ratio <= 0 ? unknownLimit : valueLimit(ratio / 1000, ratio),
      seedingSeconds: unknownLimit,
      inactiveSeconds: noLimit(null)
    },
    atLimit: "pause",
    habits: [
      { what: "schedule", on: is("sched_enable"), detail: "A schedule changes its limits, or pauses it" },
      { what: "move-completed", on: target !== null, detail: "Completed torrents are moved to another folder" }
    ],
    clockAt: null
  }
}
