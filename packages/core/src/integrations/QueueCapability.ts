/**
 * The queue of an application that has downloads fetched: what it waits for, from which download client, for what, and
 * what it says about each. Downloads themselves are in `Downloads.ts`.
 */
import type { Effect } from "effect"
import type { UpstreamError } from "./UpstreamErrors.ts"

/** What a download is for, by the ids of the application. Absent ids are not known. */
export interface QueueTarget {
  readonly kind: "movie" | "episode" | "album" | "book"
  /** The movie, or the show, artist or author. */
  readonly wholeId: string
  readonly seasonNumber?: number
  /** The episode, album or book. */
  readonly partId?: string
}

/** All rows of the queue with one download id: a season pack has one for each of its episodes. */
export interface QueueEntry {
  /** Ids of its rows, ascending. */
  readonly rowIds: ReadonlyArray<number>
  /**
   * Lower-case. `null` if nothing is downloaded: the release is held back by a delay profile, or no download client could
   * take it.
   */
  readonly downloadId: string | null
  readonly title: string
  readonly protocol: "torrent" | "usenet" | null
  /** Name of the download client as the application calls it. A hint: one client may be configured twice. */
  readonly clientName: string | null
  readonly indexer: string | null
  /** `status`, `trackedDownloadStatus` and `trackedDownloadState` in lower case; `null` = not reported. */
  readonly status: string | null
  readonly trackedStatus: string | null
  readonly trackedState: string | null
  /** All messages of all rows, each once, without the names of files. */
  readonly messages: ReadonlyArray<string>
  readonly sizeBytes: number | null
  readonly leftBytes: number | null
  /** As the application sees it. */
  readonly outputPath: string | null
  /** ISO-8601. */
  readonly addedAt: string | null
  /** What it is for; empty = the application does not know. */
  readonly targets: ReadonlyArray<QueueTarget>
}

/** A release that was sent to a download client, or imported from one. */
export interface QueueHistoryEntry {
  readonly what: "grabbed" | "imported" | "failed" | "ignored"
  /** Lower-case. */
  readonly downloadId: string
  /** ISO-8601. */
  readonly at: string
  readonly title: string
  readonly indexer: string | null
  readonly targets: ReadonlyArray<QueueTarget>
}

export interface QueueRemovalOptions {
  /** Whether the application also removes it from its download client, with its data. */
  readonly removeFromClient: boolean
  /** Whether this release must not be fetched again. */
  readonly blocklist: boolean
}

/** What an application is to import by a command of its own. */
export interface ImportRequest {
  /** The file or folder of the download, as the application sees it. */
  readonly path: string
  /** Of the download, as the application writes it. */
  readonly downloadId: string
  /**
   * `copy`: the files stay where they are, as hard links or copies. `auto`: the application moves them if its download
   * client lets go of them, and otherwise copies them.
   */
  readonly mode: "copy" | "auto"
}

/** The imports that an application carries out when it is asked to. */
export interface ImportCapability {
  /** Sent once. The application only accepts it: whether anything was imported is in its history. */
  readonly from: (request: ImportRequest) => Effect.Effect<void, UpstreamError>
  /** Lower-case ids of the downloads of which an import is queued or being carried out, whoever has asked for it. */
  readonly underWay: Effect.Effect<ReadonlyArray<string>, UpstreamError>
}

/** All calls fail with an `UpstreamError`. */
export interface QueueCapability {
  /** The whole queue. It is complete, or the reading fails. */
  readonly read: Effect.Effect<ReadonlyArray<QueueEntry>, UpstreamError>
  /** What happened since a time (ISO-8601), oldest first. */
  readonly history: (since: string) => Effect.Effect<ReadonlyArray<QueueHistoryEntry>, UpstreamError>
  /**
   * All that it remembers of one download, oldest first. `downloadId`: as the application writes it. `null` = its history
   * cannot be searched: downloads that are older than the history that is read are then nobody's.
   */
  readonly historyOf: ((downloadId: string) => Effect.Effect<ReadonlyArray<QueueHistoryEntry>, UpstreamError>) | null
  /**
   * Removes all rows of an entry, and starts no search for another release. Each request is sent once. A row that is gone
   * already counts as removed.
   */
  readonly remove: (rowIds: ReadonlyArray<number>, options: QueueRemovalOptions) => Effect.Effect<void, UpstreamError>
  /** Of these targets, those that are still monitored and without a file: what a search could be for. */
  readonly stillWanted: (
    targets: ReadonlyArray<QueueTarget>
  ) => Effect.Effect<ReadonlyArray<QueueTarget>, UpstreamError>
  /** Starts a search for the targets, in as few commands as possible. */
  readonly search: (targets: ReadonlyArray<QueueTarget>) => Effect.Effect<void, UpstreamError>
  /** `null` = it imports only by itself. */
  readonly imports: ImportCapability | null
}
