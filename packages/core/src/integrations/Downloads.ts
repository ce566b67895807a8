/**
 * A download as a download client reports it, in Tendarr's model. A kind translates; it makes no decisions.
 *
 * Everywhere, `null` means that the client does not report the value, or reports one that says nothing; a value is never
 * made up. Times are ISO-8601 UTC with milliseconds by the clock of the client, sizes are bytes, speeds are bytes per
 * second, durations are seconds. Paths are those of the client: `options.pathMappings` of the integration translates them.
 */

export type DownloadProtocol = "torrent" | "usenet"

/**
 * What a download does now. `metadata`: a magnet without its file list. `queued`: waits for its turn before it is complete.
 * `paused`: stopped before it is complete, by a person or a program. `completed`: complete, and stopped or over.
 * `seeding-queued`: complete, and waits for its turn to upload. `missing-files`: its files are not where the client expects
 * them. `unknown`: a state of a version of the client that is not known here; no conclusion may be drawn from it.
 */
export const downloadStates = [
  "metadata",
  "queued",
  "checking",
  "allocating",
  "downloading",
  "stalled",
  "paused",
  "post-processing",
  "moving",
  "completed",
  "seeding",
  "seeding-queued",
  "error",
  "missing-files",
  "unknown"
] as const
export type DownloadState = (typeof downloadStates)[number]

/** What a usenet client does with a download when its articles are there, or before it reads the first one. */
export const downloadPhases = [
  "propagating",
  "grabbing",
  "fetching",
  "waiting",
  "verifying",
  "repairing",
  "unpacking",
  "moving",
  "script",
  "other"
] as const
export type DownloadPhase = (typeof downloadPhases)[number]

/**
 * A limit as it is set, not as it works out: `global` follows the setting of the client, `none` is explicitly unlimited.
 * `unknown` = the client does not report it. `raw` is the client's own value, in its own unit.
 */
export type Limit =
  | { readonly is: "unknown" }
  | { readonly is: "global"; readonly raw: number | string | null }
  | { readonly is: "none"; readonly raw: number | string | null }
  | { readonly is: "value"; readonly value: number; readonly raw: number | string | null }

/** The speed limits of one direction. */
export interface SpeedLimits {
  /** The lowest of those in force now, in bytes per second; `null` = none is in force, or it is not known. */
  readonly effective: number | null
  /** Of the download itself. */
  readonly own: Limit
  /** Of its category, label or group. */
  readonly category: Limit
  /** Of the whole client: the alternative ones while they are switched on. */
  readonly global: Limit
}

/** When a client stops seeding a download. */
export interface SeedLimits {
  readonly ratio: Limit
  readonly seedingSeconds: Limit
  readonly inactiveSeconds: Limit
}

/** What a client does with a download that has reached its limit. */
export type AtLimit = "nothing" | "pause" | "remove" | "remove-with-data" | "super-seeding"

/** `not-contacted` and `updating` say nothing about whether the tracker knows the download. */
export type TrackerStatus = "not-contacted" | "working" | "updating" | "not-working" | "disabled" | "unknown"

/** A tracker of a download. DHT, PeX and LSD are no trackers. */
export interface DownloadTracker {
  /** Host name, without port and path: the path may contain a person's key. */
  readonly host: string
  readonly tier: number | null
  readonly status: TrackerStatus
  /** What the tracker answered, without addresses; `null` = nothing. */
  readonly message: string | null
}

/** A file of a download. */
export interface DownloadFile {
  /** Identifies it within the download, for `setFileWanted`. */
  readonly index: number
  /** As the client reports it, relative to the save path: it may end in the client's own suffix for partial files. */
  readonly path: string
  readonly bytes: number
  /** 0..1 */
  readonly progress: number | null
  readonly wanted: boolean
}

/** Seconds that a client counts as seeding, and what it counts. */
export interface SeedingTime {
  readonly seconds: number
  /**
   * `active`: seconds during which the client seeded it, by its own count. `since-completion`: the time since it was
   * completed, including pauses.
   */
  readonly clock: "active" | "since-completion"
}

export interface Download {
  /** The client's own id: the lower-case info hash of a torrent, the id of an NZB. Unique within one client. */
  readonly id: string
  readonly protocol: DownloadProtocol
  /** Lower-case info hashes of the versions of BitTorrent; both are `null` for usenet. */
  readonly hashes: { readonly v1: string | null; readonly v2: string | null }
  /** `null` for a torrent. */
  readonly nzbId: string | null
  readonly name: string
  readonly state: DownloadState
  readonly phase: DownloadPhase | null
  /** The client's own word, or words, for its state. */
  readonly rawState: string
  /** Of the wanted bytes, 0..1. */
  readonly progress: number | null
  readonly bytes: {
    readonly wanted: number | null
    readonly total: number | null
    readonly left: number | null
    readonly done: number | null
    readonly uploaded: number | null
  }
  readonly speeds: { readonly down: number | null; readonly up: number | null }
  readonly limits: { readonly down: SpeedLimits; readonly up: SpeedLimits }
  readonly etaSeconds: number | null
  /** Complete copies among the connected peers and here; below 1, it cannot be completed now. */
  readonly availability: number | null
  /** When a complete copy was last seen. */
  readonly seenCompleteAt: string | null
  readonly ratio: number | "infinite" | null
  readonly seedingTime: SeedingTime | null
  readonly addedAt: string | null
  readonly completedAt: string | null
  readonly lastActiveAt: string | null
  /** `null` = unknown, as for a magnet without metadata. */
  readonly private: boolean | null
  /** In their original spelling, without white space around them; `null` = the client has no tags. */
  readonly tags: ReadonlyArray<string> | null
  /** Category or label; `""` = none, `null` = the client has none, or does not say. */
  readonly category: string | null
  readonly savePath: string | null
  /** The file, or the folder of several; `null` while the client's answer is not reliable. */
  readonly contentPath: string | null
  /** Where its partial files are, if that is another folder. */
  readonly incompletePath: string | null
  /** Whether the client moves it when its category changes. */
  readonly automaticManagement: boolean | null
  /** Hosts of its trackers as the list of downloads reports them; `null` = the list does not contain all of them. */
  readonly trackerHosts: ReadonlyArray<string> | null
  /** `null` = not asked: see `DownloadsCapability.details`. */
  readonly trackers: ReadonlyArray<DownloadTracker> | null
  /** `null` = not asked, or not known before the metadata. */
  readonly files: ReadonlyArray<DownloadFile> | null
  readonly swarm: {
    readonly seedsConnected: number | null
    readonly seedsTotal: number | null
    readonly peersConnected: number | null
    readonly peersTotal: number | null
  }
  /** The client's message about a fault. */
  readonly error: string | null
  readonly seedLimits: SeedLimits
  /** What the client does when it reaches its limit. */
  readonly atLimit: AtLimit | null
  /** Whether the client says that a limit of its own was reached. This is not its obligation to a tracker. */
  readonly limitReached: boolean | null
  /** Started regardless of the client's queue. */
  readonly forced: boolean | null
  /** From 1; `null` = not in a queue. */
  readonly queuePosition: number | null
  /** Whether `exportTorrent` can return its torrent file. */
  readonly exportable: boolean
}

/** Something that a client does to downloads by itself, for people. */
export interface ClientHabit {
  readonly what:
    | "share-limit"
    | "automatic-management"
    | "excluded-file-names"
    | "schedule"
    | "queue"
    | "ratio-groups"
    | "quota"
    | "move-completed"
    | "script"
    | "trash"
  readonly on: boolean
  readonly detail: string
}

/** Space of a folder, as the client reports it. */
export interface ClientFolder {
  readonly path: string
  readonly freeBytes: number | null
}

/** The state of a whole client. */
export interface ClientState {
  readonly version: string | null
  readonly apiVersion: string | null
  /** Differs after the client was restarted; `null` = the client reports nothing that would show it. */
  readonly epoch: string | null
  /** Whether it has a connection to the internet. */
  readonly online: boolean | null
  /** Whether everything is paused. */
  readonly paused: boolean | null
  readonly alternativeLimits: boolean | null
  readonly limits: { readonly down: Limit; readonly up: Limit }
  /** Current totals. */
  readonly speeds: { readonly down: number | null; readonly up: number | null }
  readonly folders: ReadonlyArray<ClientFolder>
  readonly savePath: string | null
  /** `null` = partial files are in the same folder, or it is not known. */
  readonly incompletePath: string | null
  /** `null` = the client has none, or they could not be read: a missing list is not an empty one. */
  readonly categories: ReadonlyArray<{ readonly name: string; readonly path: string | null }> | null
  readonly tags: ReadonlyArray<string> | null
  readonly seedLimits: SeedLimits
  readonly atLimit: AtLimit | null
  readonly habits: ReadonlyArray<ClientHabit>
  /** The time by its own clock when it was asked. */
  readonly clockAt: string | null
}

/** One reading of a client. */
export interface DownloadsReading {
  /**
   * Whether the list is believed to be whole. If it is not, no conclusion may be drawn from what is absent, and `removed`
   * is empty.
   */
  readonly complete: boolean
  /** For people; `null` if it is complete. */
  readonly incompleteBecause: string | null
  /** Every download that the client lists, with all fields, also after an incremental reading. */
  readonly downloads: ReadonlyArray<Download>
  /** Ids of those that are new or differ in any field since `previous`; all of them without one. */
  readonly changed: ReadonlyArray<string>
  /** Ids that `previous` had and that are gone. */
  readonly removed: ReadonlyArray<string>
  readonly client: ClientState
  /** States that this version of Tendarr does not know, each once. */
  readonly unknownStates: ReadonlyArray<string>
  /** Where the next reading goes on. Opaque, and of use only to the connection that returned it. */
  readonly cursor: unknown
}
