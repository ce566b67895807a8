/** The queue of an arr: what the download clients of the world do for its titles, and the grabs in its history. */
import type { DownloadYard, YardClient, YardDownload, YardState } from "../../world/DownloadYard.ts"
import type { SandboxWorld } from "../../SandboxWorld.ts"
import { arrTime } from "./ArrReplies.ts"
import type { ArrEvent } from "./ArrRoutes.ts"

type Fields = Readonly<Record<string, unknown>>

/** A download of this arr, with the title that it is for. */
export interface QueuedDownload {
  readonly client: YardClient
  readonly download: YardDownload
  readonly state: YardState
}

export interface ArrQueueRow {
  readonly id: number
  readonly queued: QueuedDownload
  /** Everything but the id. */
  readonly record: () => Readonly<Record<string, unknown>>
}

/** Downloads for titles of this arr. */
export const downloadsFor = (
  yard: DownloadYard,
  isMeant: (download: YardDownload) => boolean
): ReadonlyArray<QueuedDownload> =>
  yard.all().filter(({ client, download }) => client.name !== "Transmission" && isMeant(download))

/** What is not imported yet; one that has lost its title's file is a warning. */
export const isQueued = ({ download, state }: QueuedDownload): boolean =>
  state.importedAt === null && download.category !== ""

/** Imports what a command names by its path and its id. */
export const importNamed = (downloads: ReadonlyArray<QueuedDownload>, body: Fields): void => {
  const id = String(body["downloadClientId"] ?? "").toLowerCase()
  for (const { client, download } of downloads) {
    if (download.id.toLowerCase() === id && body["path"] === pathOf(download)) client.importOnRequest(download)
  }
}

const pathOf = ({ name, savePath }: YardDownload): string => `${savePath}/${name}`

/** The same for a row as long as the download exists. */
export const rowIdOf = ({ id }: YardDownload, part: number): number => Number.parseInt(id.slice(-6), 16) * 40 + part + 1

/** Episodes of a pack. */
export const episodesIn = ({ season }: YardDownload): ReadonlyArray<number> =>
  Array.from({ length: season?.work.aired ?? 0 }, (_, index) => index + 1)

/** Everything of a row but its title and its id. */
export const queueRow = (world: SandboxWorld, { client, download, state }: QueuedDownload): Fields => {
  const left = Math.floor(download.sizeBytes * (1 - state.progress))
  const blocked = state.isComplete && download.fate === "sticks"
  const broken = state.isComplete && download.fate === "breaks"
  const isUsenet = download.protocol === "usenet"
  return {
    customFormats: [],
    customFormatScore: 0,
    size: download.fate === "waits" ? 0 : download.sizeBytes,
    title: download.name,
    sizeleft: download.fate === "waits" ? 0 : left,
    ...(state.etaSeconds === null
      ? {}
      : {
          timeleft: spanOf(state.etaSeconds),
          estimatedCompletionTime: arrTime(world.iso(world.now() + state.etaSeconds * 1000))
        }),
    added: arrTime(world.iso(download.addedAt)),
    status: broken
      ? isUsenet
        ? "failed"
        : "warning"
      : state.isComplete
        ? "completed"
        : state.isPaused
          ? "paused"
          : download.fate === "stalls" && state.downSpeed === 0
            ? "warning"
            : download.fate === "waits"
              ? "queued"
              : "downloading",
    trackedDownloadStatus: blocked || broken ? "warning" : "ok",
    trackedDownloadState:
      broken && isUsenet
        ? "failedPending"
        : blocked
          ? "importBlocked"
          : state.isComplete
            ? "importPending"
            : "downloading",
    statusMessages: blocked
      ? [{ title: download.name, messages: ["No files found are eligible for import in the folder of the download"] }]
      : [],
    ...(broken
      ? { errorMessage: isUsenet ? "Aborted, cannot be completed" : `${client.name} is reporting missing files` }
      : download.fate === "stalls" && state.downSpeed === 0
        ? { errorMessage: "The download is stalled with no connections" }
        : {}),
    downloadId: downloadIdOf(download),
    protocol: download.protocol,
    downloadClient: client.name,
    downloadClientHasPostImportCategory: false,
    indexer: "Sandbox Indexer",
    outputPath: pathOf(download)
  }
}

const spanOf = (seconds: number): string => {
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0")
  return `${two((seconds / 3600) % 24)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}`
}

const downloadIdOf = ({ id, protocol }: YardDownload): string => (protocol === "usenet" ? id : id.toUpperCase())

/**
 * The history with the grabs of these downloads, newest first, and with their ids in the imports of their titles.
 * `partIn` is what identifies the title in a record, and `partOf` in a download; `titleOf` are the fields of the title.
 */
export const withDownloads = (
  events: ReadonlyArray<ArrEvent>,
  downloads: ReadonlyArray<QueuedDownload>,
  about: {
    readonly partIn: (record: Fields) => unknown
    readonly partOf: (download: YardDownload) => unknown
    readonly titleOf: (download: YardDownload) => Fields
  }
): ReadonlyArray<ArrEvent> => {
  if (downloads.length === 0) return events
  const imported = new Map(
    downloads.flatMap(({ download, state }) =>
      state.importedAt === null || download.importedOnRequestAt !== null
        ? []
        : [[about.partOf(download), downloadIdOf(download)] as const]
    )
  )
  const known = events.map((event): ArrEvent => {
    if (event.type !== "downloadFolderImported") return event
    return {
      ...event,
      record: (query) => {
        const record = event.record(query)
        const downloadId = imported.get(about.partIn(record))
        return downloadId === undefined ? record : { ...record, downloadId }
      }
    }
  })
  return [...known, ...grabEvents(downloads, about.titleOf), ...requestedImports(downloads, about.titleOf)].sort(
    (one, other) => other.at - one.at
  )
}

const grabEvents = (
  downloads: ReadonlyArray<QueuedDownload>,
  titleOf: (download: YardDownload) => Fields
): ReadonlyArray<ArrEvent> =>
  downloads.map(({ client, download }) => ({
    at: download.addedAt,
    type: "grabbed",
    record: () => ({
      ...titleOf(download),
      sourceTitle: download.name,
      customFormats: [],
      customFormatScore: 0,
      qualityCutoffNotMet: false,
      downloadId: downloadIdOf(download),
      data: {
        indexer: "Sandbox Indexer",
        downloadClient: client.name,
        downloadClientName: client.name,
        protocol: download.protocol === "usenet" ? "1" : "2",
        size: String(download.sizeBytes)
      }
    })
  }))

/** The imports that somebody asked for. */
const requestedImports = (
  downloads: ReadonlyArray<QueuedDownload>,
  titleOf: (download: YardDownload) => Fields
): ReadonlyArray<ArrEvent> =>
  downloads.flatMap(({ download }) =>
    download.importedOnRequestAt === null
      ? []
      : [
          {
            at: download.importedOnRequestAt,
            type: "downloadFolderImported",
            record: () => ({
              ...titleOf(download),
              sourceTitle: download.name,
              customFormats: [],
              customFormatScore: 0,
              qualityCutoffNotMet: false,
              downloadId: downloadIdOf(download),
              data: { droppedPath: pathOf(download) }
            })
          }
        ]
  )
