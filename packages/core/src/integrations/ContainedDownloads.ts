/** The downloads of a kind, so that its bugs affect only its own integration. */
import { Effect } from "effect"
import type { Contain } from "./Contained.ts"
import type { DownloadOutcome, DownloadsCapability } from "./DownloadsCapability.ts"
import type { UpstreamError } from "./UpstreamErrors.ts"

/** A reading without a list of downloads could be taken for an empty client. */
export const containedDownloads = (contain: Contain, downloads: DownloadsCapability): DownloadsCapability => {
  const { add, createCategory, excludedFileNames, exportTorrent, setFileWanted } = downloads
  const act =
    <Args extends ReadonlyArray<unknown>>(
      what: string,
      change: (ids: ReadonlyArray<string>, ...args: Args) => Effect.Effect<DownloadOutcome, UpstreamError>
    ) =>
    (ids: ReadonlyArray<string>, ...args: Args) =>
      contain(what, () => change(ids, ...args))
  const actOrNull = <Args extends ReadonlyArray<unknown>>(
    what: string,
    change: ((ids: ReadonlyArray<string>, ...args: Args) => Effect.Effect<DownloadOutcome, UpstreamError>) | null
  ) => (change === null ? null : act(what, change))
  return {
    protocol: downloads.protocol,
    removesData: downloads.removesData,
    limits: downloads.limits,
    ownLimits: downloads.ownLimits,
    readSome: (ids) => contain("downloads", () => downloads.readSome(ids)),
    read: (previous) =>
      contain("downloads", () =>
        Effect.tap(downloads.read(previous), (value) =>
          isObject(value) && Array.isArray(value.downloads) && value.downloads.every(isObject)
            ? Effect.void
            : Effect.die(new TypeError("No list of downloads"))
        )
      ),
    details: (ids, wanted) => contain("details of downloads", () => downloads.details(ids, wanted)),
    presence: (id) => contain("presence of a download", () => downloads.presence(id)),
    pause: act("pause", downloads.pause),
    resume: act("resume", downloads.resume),
    remove: act("remove", downloads.remove),
    recheck: actOrNull("recheck", downloads.recheck),
    reannounce: actOrNull("reannounce", downloads.reannounce),
    setCategory: actOrNull("setCategory", downloads.setCategory),
    createCategory:
      createCategory === null ? null : (name, path) => contain("createCategory", () => createCategory(name, path)),
    addTags: actOrNull("addTags", downloads.addTags),
    removeTags: actOrNull("removeTags", downloads.removeTags),
    setLimits: actOrNull("setLimits", downloads.setLimits),
    setFileWanted:
      setFileWanted === null
        ? null
        : (id, indexes, wanted) => contain("setFileWanted", () => setFileWanted(id, indexes, wanted)),
    setQueuePosition: actOrNull("setQueuePosition", downloads.setQueuePosition),
    setSavePath: actOrNull("setSavePath", downloads.setSavePath),
    exportTorrent: exportTorrent === null ? null : (id) => contain("exportTorrent", () => exportTorrent(id)),
    add: add === null ? null : (torrent, options) => contain("add", () => add(torrent, options)),
    excludedFileNames:
      excludedFileNames === null
        ? null
        : {
            read: contain("excluded file names", () => excludedFileNames.read),
            write: (names) => contain("excluded file names", () => excludedFileNames.write(names))
          }
  }
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null

/** Downloads of a client to which nothing may be sent: every call fails, so that none of them passes for absent. */
export const failingDownloads = (failure: Effect.Effect<never, UpstreamError>): DownloadsCapability => {
  const fails = () => failure
  return {
    protocol: "torrent",
    read: fails,
    readSome: fails,
    details: fails,
    presence: fails,
    pause: fails,
    resume: fails,
    remove: fails,
    removesData: false,
    recheck: null,
    reannounce: null,
    setCategory: null,
    createCategory: null,
    addTags: null,
    removeTags: null,
    setLimits: null,
    limits: [],
    ownLimits: [],
    setFileWanted: null,
    setQueuePosition: null,
    setSavePath: null,
    exportTorrent: null,
    add: null,
    excludedFileNames: null
  }
}
