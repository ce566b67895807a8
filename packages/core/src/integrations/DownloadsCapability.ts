/** How a kind reads the downloads of a download client, and changes them. The model is in `Downloads.ts`. */
import type { Effect } from "effect"
import type { Download, DownloadFile, DownloadsReading, DownloadTracker } from "./Downloads.ts"
import type { UpstreamError } from "./UpstreamErrors.ts"

export type {
  AtLimit,
  ClientFolder,
  ClientHabit,
  ClientState,
  Download,
  DownloadFile,
  DownloadPhase,
  DownloadProtocol,
  DownloadsReading,
  DownloadState,
  DownloadTracker,
  Limit,
  SeedingTime,
  SeedLimits,
  SpeedLimits,
  TrackerStatus
} from "./Downloads.ts"

/** What is read in addition to the list. */
export interface DownloadDetails {
  readonly id: string
  /** `null` = not asked, or not known before the metadata. */
  readonly files: ReadonlyArray<DownloadFile> | null
  readonly trackers: ReadonlyArray<DownloadTracker> | null
  /** As `Download.private`, for clients whose list does not contain it; `null` = unknown. */
  readonly private: boolean | null
}

/** Whether a client has a download. `absent` only by its own explicit answer, never on a failure. */
export type DownloadPresence =
  | { readonly _tag: "Absent" }
  | {
      readonly _tag: "Present"
      readonly name: string
      readonly savePath: string | null
      readonly contentPath: string | null
      readonly bytesTotal: number | null
    }

/** What a client answered to a change of several downloads. Each id that was given is in exactly one of the lists. */
export interface DownloadOutcome {
  /** The client accepted it. Its list may show it only some seconds later. */
  readonly accepted: ReadonlyArray<string>
  /** The client says that it has no such download. */
  readonly absent: ReadonlyArray<string>
  readonly refused: ReadonlyArray<{ readonly id: string; readonly reason: string }>
}

/** A limit to be set; `value` in the unit of the field. */
export type LimitSetting =
  { readonly is: "global" } | { readonly is: "none" } | { readonly is: "value"; readonly value: number }

/** Limits to be set; omitted ones stay as they are. */
export interface LimitSettings {
  readonly ratio?: LimitSetting
  /** Seconds. */
  readonly seedingSeconds?: LimitSetting
  /** Seconds. */
  readonly inactiveSeconds?: LimitSetting
  /** Bytes per second. */
  readonly down?: LimitSetting
  /** Bytes per second. */
  readonly up?: LimitSetting
}

/** How a torrent is added. */
export interface AddOptions {
  /** Folder of the client; `null` = its default. */
  readonly savePath: string | null
  /** Category or label; `""` = none. Not used by clients that have none. */
  readonly category: string
  readonly tags: ReadonlyArray<string>
  /** Whether it is stopped after it was added. */
  readonly paused: boolean
}

export type QueueMove = "top" | "bottom" | "up" | "down"

/** The list of names of files that a client does not download, and whether it applies it. */
export interface ExcludedFileNames {
  readonly on: boolean
  /** One pattern each, as the client writes them. */
  readonly patterns: ReadonlyArray<string>
}

type Ids = ReadonlyArray<string>
type Act<Args extends ReadonlyArray<unknown> = []> = (
  ids: Ids,
  ...args: Args
) => Effect.Effect<DownloadOutcome, UpstreamError>

/**
 * All calls fail with an `UpstreamError`, and never do half of a change silently: what was not accepted is listed as
 * refused. Every change is sent once and never repeated; whether a failed call took effect is determined with `presence`
 * and `read`. A change that is `null` does not exist in this client.
 */
export interface DownloadsCapability {
  readonly protocol: "torrent" | "usenet"
  /**
   * Reads all downloads, in a number of calls that does not grow with their number. With the previous reading of this
   * connection, it reads only what has changed if the client supports that.
   *
   * A list that has become much shorter, or shorter after a restart, is not believed until it has stayed so for some
   * readings: clients list their downloads one by one while they start.
   */
  readonly read: (previous?: DownloadsReading | null) => Effect.Effect<DownloadsReading, UpstreamError>
  /**
   * These downloads as the client has them now, with the same fields as in `read`; those that it does not have are left
   * out. It neither uses nor moves the position of `read`, and costs up to three calls.
   */
  readonly readSome: (ids: Ids) => Effect.Effect<ReadonlyArray<Download>, UpstreamError>
  /** Files and trackers; a download that the client does not have is left out. Costs up to two calls per download. */
  readonly details: (
    ids: Ids,
    wanted: { readonly files: boolean; readonly trackers: boolean }
  ) => Effect.Effect<ReadonlyArray<DownloadDetails>, UpstreamError>
  /** Asks for one download by its id. */
  readonly presence: (id: string) => Effect.Effect<DownloadPresence, UpstreamError>

  readonly pause: Act
  readonly resume: Act
  /**
   * Removes the entries from the client; `withData` also deletes their files. Sent once, with `destroys`. A client may
   * list a removed download for some seconds: `accepted` is not yet gone. A download that the client did not have is
   * `absent` only if it says so when it is asked.
   */
  readonly remove: Act<[options: { readonly withData: boolean }]>
  /** Whether `remove` can delete the files. A client for which this is false refuses `withData`. */
  readonly removesData: boolean

  readonly recheck: Act | null
  readonly reannounce: Act | null
  /** `""` removes the category. A category that does not exist is refused, not created. May move files: see `Download.automaticManagement`. */
  readonly setCategory: Act<[category: string]> | null
  /** Creates a category; one that exists is left as it is. */
  readonly createCategory: ((name: string, path: string | null) => Effect.Effect<void, UpstreamError>) | null
  /** Existing tags are written in the spelling that the client has. */
  readonly addTags: Act<[tags: ReadonlyArray<string>]> | null
  readonly removeTags: Act<[tags: ReadonlyArray<string>]> | null
  /** Writes raw limits: `global` and `none` are not the same. A field that this client does not have is refused. */
  readonly setLimits: Act<[limits: LimitSettings]> | null
  /** Which fields of `LimitSettings` this client has. */
  readonly limits: ReadonlyArray<keyof LimitSettings>
  /** Those of them of which each download has a copy of its own, so that none follows the client: `global` is refused. */
  readonly ownLimits: ReadonlyArray<keyof LimitSettings>
  /** Indexes as in `DownloadFile.index`. */
  readonly setFileWanted:
    | ((id: string, indexes: ReadonlyArray<number>, wanted: boolean) => Effect.Effect<DownloadOutcome, UpstreamError>)
    | null
  readonly setQueuePosition: Act<[move: QueueMove]> | null
  /** Moves the files to another folder of the client. */
  readonly setSavePath: Act<[path: string]> | null
  /** The torrent file; `null` = the client does not have the download, or not yet its metadata. */
  readonly exportTorrent: ((id: string) => Effect.Effect<Uint8Array | null, UpstreamError>) | null
  /** Adds a torrent, and checks the files that are there. One that the client has already is left as it is. */
  readonly add: ((torrent: Uint8Array, options: AddOptions) => Effect.Effect<void, UpstreamError>) | null
  readonly excludedFileNames: {
    readonly read: Effect.Effect<ExcludedFileNames, UpstreamError>
    /** Replaces the list, and returns what the client has afterwards. */
    readonly write: (names: ExcludedFileNames) => Effect.Effect<ExcludedFileNames, UpstreamError>
  } | null
}
