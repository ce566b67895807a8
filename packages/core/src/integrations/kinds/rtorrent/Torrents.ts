/** A torrent of rTorrent in the model of downloads, and the state of the client. */
import type { ClientState, Download, DownloadFile, DownloadState, DownloadTracker, Limit } from "../../Downloads.ts"
import { amountIn, type Fields, numberIn, textIn, timeIn, wordsIn } from "../downloads/Fields.ts"
import {
  hashesOf,
  noLimit,
  noSeedLimits,
  speedLimit,
  speedLimits,
  trackerHost,
  trackerMessage,
  unknownLimit
} from "../downloads/Terms.ts"
import type { XmlValue } from "./XmlRpc.ts"

/** Commands of one call for all torrents. They are constant: whatever a person has written never becomes part of one. */
export const listCommands = [
  "d.hash=",
  "d.name=",
  "d.base_path=",
  "d.directory=",
  "d.custom1=",
  "d.size_bytes=",
  "d.completed_bytes=",
  "d.left_bytes=",
  "d.complete=",
  "d.state=",
  "d.is_open=",
  "d.is_active=",
  "d.hashing=",
  "d.message=",
  "d.ratio=",
  "d.up.rate=",
  "d.down.rate=",
  "d.up.total=",
  "d.is_private=",
  "d.timestamp.finished=",
  "d.is_meta=",
  "d.is_multi_file=",
  "d.peers_complete=",
  "d.peers_connected=",
  "d.free_diskspace=",
  "d.priority=",
  "d.throttle_name=",
  "d.bytes_done=",
  "d.custom=addtime",
  'cat="$t.multicall=d.hash=,t.url=,cat={#}"',
  'cat="$d.views="'
] as const

/** Names of the fields: the commands, and two for the composed ones. */
export const listFields = (values: ReadonlyArray<XmlValue>): Fields => ({
  ...Object.fromEntries(listCommands.map((command, place) => [command, values[place]])),
  trackers: values[listCommands.length - 2],
  views: values[listCommands.length - 1]
})

export interface Surroundings {
  readonly down: Limit
  readonly up: Limit
  /** By its own clock. */
  readonly nowSeconds: number | null
}

export const downloadOf = (row: Fields, around: Surroundings): Download => {
  const id = (textIn(row, "d.hash=") ?? "").toLowerCase()
  const isMeta = numberIn(row, "d.is_meta=") === 1
  const isComplete = numberIn(row, "d.complete=") === 1
  const state = stateOf(row, isMeta, isComplete)
  const size = isMeta ? null : amountIn(row, "d.size_bytes=")
  const done = amountIn(row, "d.completed_bytes=")
  const throttle = wordsIn(row, "d.throttle_name=")
  const basePath = wordsIn(row, "d.base_path=")
  return {
    id,
    protocol: "torrent",
    hashes: hashesOf(id),
    nzbId: null,
    name: textIn(row, "d.name=") ?? id,
    state,
    phase: null,
    rawState: rawStateOf(row),
    progress: size === null || size === 0 || done === null ? null : Math.min(1, done / size),
    bytes: {
      // The size of what is wanted is not reported.
      wanted: null,
      total: size,
      left: isMeta ? null : amountIn(row, "d.left_bytes="),
      done,
      uploaded: amountIn(row, "d.up.total=")
    },
    speeds: { down: amountIn(row, "d.down.rate="), up: amountIn(row, "d.up.rate=") },
    limits: {
      down: speedLimits(noLimit(null), throttleOf(throttle), around.down),
      up: speedLimits(noLimit(null), throttleOf(throttle), around.up)
    },
    etaSeconds: null,
    availability: null,
    seenCompleteAt: null,
    ratio: ratioOf(row),
    seedingTime: seedingTimeOf(row, isComplete, around.nowSeconds),
    // The time of loading is that of the last start of rTorrent.
    addedAt: timeIn(row, "d.custom=addtime"),
    completedAt: timeIn(row, "d.timestamp.finished="),
    lastActiveAt: null,
    private: isMeta ? null : numberIn(row, "d.is_private=") === 1,
    tags: null,
    category: labelOf(textIn(row, "d.custom1=")),
    savePath: wordsIn(row, "d.directory="),
    contentPath: isMeta || state === "checking" ? null : basePath,
    incompletePath: null,
    automaticManagement: null,
    trackerHosts: hostsIn(textIn(row, "trackers")),
    trackers: null,
    files: null,
    swarm: {
      seedsConnected: amountIn(row, "d.peers_complete="),
      seedsTotal: null,
      peersConnected: amountIn(row, "d.peers_connected="),
      peersTotal: null
    },
    error: state === "error" || state === "missing-files" ? trackerMessage(textIn(row, "d.message=")) : null,
    seedLimits: noSeedLimits,
    // Ratio groups and schedules are commands of its configuration, which cannot be read.
    atLimit: null,
    limitReached: null,
    forced: null,
    queuePosition: null,
    exportable: false
  }
}

/** Messages of trackers begin with `Tracker:`; they are no faults of the torrent. */
const faultIn = (row: Fields): string | null => {
  const message = wordsIn(row, "d.message=")
  return message === null || /^tracker\s*:/i.test(message) ? null : trackerMessage(message)
}

const stateOf = (row: Fields, isMeta: boolean, isComplete: boolean): DownloadState => {
  if ((numberIn(row, "d.hashing=") ?? 0) > 0) return "checking"
  const started = numberIn(row, "d.state=")
  if (started === null) return "unknown"
  const fault = faultIn(row)
  const isActive = numberIn(row, "d.is_active=") === 1
  if (fault !== null && !isActive) {
    return /no such file|not found|unfinished chunks|could not open/i.test(fault) ? "missing-files" : "error"
  }
  if (started === 0 || !isActive) return isComplete ? "completed" : "paused"
  if (isMeta) return "metadata"
  if (isComplete) return "seeding"
  return numberIn(row, "d.down.rate=") === 0 ? "stalled" : "downloading"
}

const rawStateOf = (row: Fields): string =>
  ["state", "is_open", "is_active", "hashing", "complete"]
    .map((name) => `${name}=${numberIn(row, `d.${name}=`) ?? "?"}`)
    .join(" ")

/** Per mille; without downloaded bytes it says nothing. */
const ratioOf = (row: Fields): Download["ratio"] => {
  const ratio = amountIn(row, "d.ratio=")
  return ratio === null || (numberIn(row, "d.bytes_done=") ?? 0) <= 0 ? null : ratio / 1000
}

/** In whole minutes, so that a torrent does not differ in each reading. */
const seedingTimeOf = (row: Fields, isComplete: boolean, now: number | null): Download["seedingTime"] => {
  const finished = amountIn(row, "d.timestamp.finished=")
  if (!isComplete || finished === null || finished === 0 || now === null || now < finished) return null
  return { seconds: Math.floor((now - finished) / 60) * 60, clock: "since-completion" }
}

/** A throttle group is defined in its configuration. */
const throttleOf = (name: string | null): Limit => (name === null || name === "NULL" ? noLimit(name) : unknownLimit)

/** Web interfaces store it encoded like a part of an address. */
const labelOf = (text: string | null): string => {
  try {
    return decodeURIComponent(text ?? "")
  } catch {
    return text ?? ""
  }
}

const hostsIn = (text: string | null): ReadonlyArray<string> | null =>
  text === null ? null : [...new Set(text.split("#").flatMap((url) => trackerHost(url) ?? []))].sort()

export const fileCommands = ["f.path=", "f.size_bytes=", "f.priority=", "f.size_chunks=", "f.completed_chunks="]

const rowsIn = (value: XmlValue): ReadonlyArray<ReadonlyArray<XmlValue>> =>
  Array.isArray(value) ? value.filter((row) => Array.isArray(row)) : []

export const filesOf = (value: XmlValue): ReadonlyArray<DownloadFile> =>
  rowsIn(value).map(([path, size, priority, chunks, completed], index) => ({
    index,
    path: typeof path === "string" ? path : "",
    bytes: typeof size === "number" ? size : 0,
    progress:
      typeof chunks === "number" && typeof completed === "number" && chunks > 0
        ? Math.min(1, completed / chunks)
        : null,
    wanted: priority !== 0
  }))

export const trackerCommands = [
  "t.url=",
  "t.type=",
  "t.is_enabled=",
  "t.group=",
  "t.success_counter=",
  "t.failed_counter="
]

export const trackersOf = (value: XmlValue): ReadonlyArray<DownloadTracker> =>
  rowsIn(value).flatMap(([url, , enabled, group, succeeded, failed]) => {
    const host = typeof url === "string" ? trackerHost(url) : null
    if (host === null) return []
    return {
      host,
      tier: typeof group === "number" ? group : null,
      status:
        enabled === 0
          ? ("disabled" as const)
          : typeof failed === "number" && failed > 0
            ? ("not-working" as const)
            : typeof succeeded === "number" && succeeded > 0
              ? ("working" as const)
              : ("not-contacted" as const),
      message: null
    }
  })

/** Commands for the state of the client, in one call; one that a version does not know is a fault of its own. */
export const clientCommands = [
  "system.client_version",
  "system.api_version",
  "system.pid",
  "system.time_seconds",
  "directory.default",
  "throttle.global_down.max_rate",
  "throttle.global_up.max_rate",
  "throttle.global_down.rate",
  "throttle.global_up.rate"
] as const

export const clientOf = (fields: Fields, rows: ReadonlyArray<Fields>): ClientState => {
  const savePath = wordsIn(fields, "directory.default")
  const folders = new Map<string, number | null>()
  if (savePath !== null) folders.set(savePath, null)
  for (const row of rows) {
    const folder = wordsIn(row, "d.directory=")
    // 0 is reported for a torrent that is not open.
    const free = amountIn(row, "d.free_diskspace=")
    if (folder !== null && numberIn(row, "d.is_open=") === 1 && free !== null && free > 0) folders.set(folder, free)
  }
  const labels = [...new Set(rows.flatMap((row) => labelOf(textIn(row, "d.custom1=")) || []))].sort()
  return {
    version: wordsIn(fields, "system.client_version"),
    apiVersion: textIn(fields, "system.api_version"),
    epoch: textIn(fields, "system.pid"),
    online: null,
    paused: null,
    alternativeLimits: null,
    limits: {
      down: speedLimit(numberIn(fields, "throttle.global_down.max_rate")),
      up: speedLimit(numberIn(fields, "throttle.global_up.max_rate"))
    },
    speeds: {
      down: amountIn(fields, "throttle.global_down.rate"),
      up: amountIn(fields, "throttle.global_up.rate")
    },
    folders: [...folders].map(([path, freeBytes]) => ({ path, freeBytes })),
    savePath,
    incompletePath: null,
    categories: labels.map((name) => ({ name, path: null })),
    tags: null,
    seedLimits: noSeedLimits,
    atLimit: null,
    habits: [
      {
        what: "ratio-groups",
        on: rows.some((row) => /\brat_\d+\b/.test(textIn(row, "views") ?? "")),
        detail:
          "Its ratio groups and schedules stop or delete torrents by themselves, and cannot be read; a change of the label may put a torrent into such a group"
      }
    ],
    clockAt: timeIn(fields, "system.time_seconds")
  }
}
