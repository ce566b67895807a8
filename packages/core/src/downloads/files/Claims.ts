/**
 * What is in the folders of download clients by right: the files of all downloads, what applications have yet to import,
 * and the library. Nothing is orphaned unless all of this is known.
 */
import { Clock, Effect, FileSystem, Option, Path, Result } from "effect"
import type { Download } from "../../integrations/Downloads.ts"
import { Integrations } from "../../integrations/Integrations.ts"
import { Kinds } from "../../integrations/Kinds.ts"
import { isAbove } from "../../integrations/Paths.ts"
import { OddRecords } from "../../integrations/OddRecords.ts"
import { Snapshots } from "../../library/Snapshots.ts"
import { isoOfMillis } from "../../problems/Instants.ts"
import { Settings } from "../../settings/Settings.ts"
import { ReadSql } from "../../storage/Database.ts"
import type { Downloading } from "../Downloading.ts"
import { type DownloadClient, Downloads } from "../Downloads.ts"
import { commonPaths, contentOf, type ToCommon } from "./ClientPaths.ts"
import { isSettled } from "./DownloadLinks.ts"
import { FilesSettings } from "./FilesSettings.ts"
import { goneContents } from "./GoneContents.ts"
import { makeIdentities } from "./Identities.ts"
import { librarySymlinks } from "./LibrarySymlinks.ts"

/** A folder of a download client. */
export interface ScannedFolder {
  readonly path: string
  /** Without symbolic links; `null` if it cannot be seen. */
  readonly real: string | null
  /** Why it is not scanned; `null` = it is. */
  readonly because: string | null
}

export interface Claims {
  readonly folders: ReadonlyArray<ScannedFolder>
  /** Paths of what is known, and of the folders of the clients. */
  readonly paths: ReadonlySet<string>
  /** Device and inode of what is known, of the folders of the clients, and of the folders above all of these. */
  readonly claimed: ReadonlySet<string>
  readonly above: ReadonlySet<string>
  /**
   * Lower-case names of downloads, and of releases that were fetched and have not been imported. Clients add to them while
   * they download or unpack.
   */
  readonly names: ReadonlySet<string>
  /** Where somebody lets something stay, and what is in quarantine. */
  readonly stays: ReadonlySet<string>
}

export type ClaimsNow =
  | { readonly _tag: "Known"; readonly claims: Claims }
  /** Why nothing may be concluded. */
  | { readonly _tag: "Unknown"; readonly because: string }

/** A download that is about to change its place, or its files, in a folder. */
interface Unsettled {
  readonly download: Download
  readonly at: string
}

type Identities = ReturnType<typeof makeIdentities>

/** States in which the place of a download, or its files, may change at any time. */
const inTransit = new Set(["metadata", "checking", "allocating", "moving", "post-processing", "unknown"])
/** How far back releases that were fetched are awaited. */
const awaitedMillis = 30 * 86_400_000

export const makeClaims = Effect.gen(function* () {
  const downloads = yield* Downloads
  const fs = yield* FileSystem.FileSystem
  const integrations = yield* Integrations
  const kinds = yield* Kinds
  const path = yield* Path.Path
  const reader = yield* ReadSql
  const settings = yield* Settings
  const snapshots = yield* Snapshots
  const symlinksOfLibrary = yield* librarySymlinks
  const toCommonNow = yield* commonPaths

  /** Why one of the integrations that can do this was not read completely; `null` = all were. */
  const whyNotAll = Effect.fnUntraced(function* (clients: ReadonlyArray<DownloadClient>) {
    const able = new Map((yield* kinds.list).map(({ capabilities, id }) => [id, capabilities] as const))
    const live = new Map((yield* integrations.live).map((one) => [one.integration.id, one]))
    for (const { id, kind, name } of yield* integrations.list) {
      const can = able.get(kind) ?? []
      const one = live.get(id)
      if (can.includes("downloads")) {
        const client = clients.find(({ integrationId }) => integrationId === id)
        if (one?.can("downloads") !== true) return `${name} may not be read, and may use the same folders`
        if (client === undefined) return `${name} has not been read yet`
        if (client.held !== null) return `of ${name}: ${client.held}`
      }
      if (can.includes("queue") && one?.can("queue") !== true) {
        return `${name} may not be read, and may have yet to import something`
      }
    }
    return null
  })

  /** Folders that a client uses, mapped. Categories without a path have a folder of their name. */
  const foldersOf = ({ integrationId, state }: DownloadClient, own: ReadonlyArray<Downloading>, toCommon: ToCommon) => {
    const { categories, incompletePath, savePath } = state
    const inCategories = (categories ?? []).flatMap(({ name, path: at }) => {
      const folder = at === null || at === "" ? name : at
      if (path.isAbsolute(folder)) return [folder]
      return savePath === null ? [] : [`${savePath}/${folder}`]
    })
    const all = [savePath, incompletePath, ...inCategories].concat(
      own.flatMap(({ download }) => [download.savePath, download.incompletePath])
    )
    return new Set(all.flatMap((at) => (at === null || at === "" ? [] : [toCommon(integrationId, at)])))
  }

  /** Whether a folder, or one above it other than `/`, is there. */
  const isPlaced = Effect.fnUntraced(function* (folder: string) {
    for (let at = folder; at !== path.dirname(at); at = path.dirname(at)) {
      if (yield* Effect.orElseSucceed(fs.exists(at), () => false)) return true
    }
    return false
  })

  const isVisible = (at: string | null) =>
    at === null ? Effect.succeed(false) : Effect.orElseSucceed(fs.exists(at), () => false)

  /** Why a folder is not scanned, by the downloads in it. `chain`: identities of the folder and of those above it. */
  const blockedBy = Effect.fnUntraced(function* (
    identities: Identities,
    contents: ReadonlyMap<string, string>,
    unsettled: ReadonlyArray<Unsettled>
  ) {
    const contentOf = new Map<string, string>()
    for (const [at, name] of contents) {
      const identity = yield* identities.of(at)
      if (identity !== null) contentOf.set(identity, name)
    }
    const places: Array<Unsettled & { readonly identity: string | null; readonly chain: ReadonlyArray<string> }> = []
    for (const one of unsettled) {
      places.push({ ...one, identity: yield* identities.of(one.at), chain: yield* identities.upTo(one.at) })
    }
    return (folder: string, chain: ReadonlyArray<string>): string | null => {
      // Its files are among those of others, under names that only a list of its files would tell.
      const [above] = [...contents].filter(([at]) => isAbove(at, folder))
      const name = above?.[1] ?? chain.map((identity) => contentOf.get(identity)).find((found) => found !== undefined)
      if (name !== undefined) return `the files of "${name}" have no folder of their own`
      const moving = places.find(
        ({ at, chain: other, identity }) =>
          isAbove(folder, at) ||
          isAbove(at, folder) ||
          (identity !== null && chain.includes(identity)) ||
          (chain[0] !== undefined && other.includes(chain[0]))
      )?.download
      return moving === undefined ? null : `"${moving.name}" in it is not settled: ${moving.state}`
    }
  })

  /**
   * The folders that are those of their clients for certain: something that a client has can be seen in them, or they are
   * in such a folder, on the same file system.
   */
  const provedAmong = Effect.fnUntraced(function* (folders: ReadonlySet<string>, contents: Iterable<string>) {
    const seen = new Map<string, boolean>()
    const all = [...contents]
    const proved = new Map<string, bigint | number>()
    for (const folder of folders) {
      for (const at of all) {
        if (!isAbove(folder, at) || at === folder) continue
        const isSeen = seen.get(at) ?? (yield* isVisible(at))
        seen.set(at, isSeen)
        const info = isSeen ? yield* Effect.option(fs.stat(folder)) : Option.none()
        if (Option.isNone(info)) continue
        proved.set(folder, info.value.dev)
        break
      }
    }
    const inner = yield* Effect.filter([...folders], (folder) =>
      Effect.map(
        Effect.option(fs.stat(folder)),
        (info) => Option.isSome(info) && [...proved].some(([at, dev]) => isAbove(at, folder) && dev === info.value.dev)
      )
    )
    return new Set([...proved.keys(), ...inner])
  })

  return Effect.gen(function* (): Effect.fn.Return<ClaimsNow> {
    const unknown = (because: string): ClaimsNow => ({ _tag: "Unknown", because })
    yield* downloads.poll
    const clients = yield* downloads.clients
    if (clients.length === 0) return unknown("no download client is connected")
    const why = yield* whyNotAll(clients)
    if (why !== null) return unknown(why)
    const toCommon = yield* toCommonNow
    const all = yield* downloads.current
    const identities = makeIdentities({ fs, path })
    const paths = new Set<string>()
    const names = new Set<string>()
    const roots = new Set<string>()

    const now = yield* Clock.currentTimeMillis
    for (const live of yield* integrations.live) {
      const { connected, integration } = live
      const own = (at: string) => toCommon(integration.id, at)
      if (live.can("queue") && connected.queue !== undefined) {
        const read = yield* Effect.result(
          Effect.all([connected.queue.history(isoOfMillis(now - awaitedMillis)), connected.queue.read])
        )
        if (Result.isFailure(read)) return unknown(`${integration.name} could not be read: ${read.failure.message}`)
        const [history, queue] = read.success
        const passed = new Set(history.flatMap(({ downloadId, what }) => (what === "grabbed" ? [] : [downloadId])))
        for (const { downloadId, title, what } of history) {
          if (what === "grabbed" && !passed.has(downloadId)) names.add(title.toLowerCase())
        }
        for (const { outputPath, title } of queue) {
          names.add(title.toLowerCase())
          if (outputPath !== null) paths.add(own(outputPath))
        }
      }
      if (connected.read.disks !== undefined) {
        const read = yield* Effect.result(connected.read.disks(() => Effect.void, new OddRecords()))
        if (Result.isFailure(read)) return unknown(`${integration.name} could not be read: ${read.failure.message}`)
        for (const folder of read.success.rootFolders) {
          const at = own(folder.path)
          // It may be one of the folders that are scanned.
          if (!(yield* isVisible(at))) {
            return unknown(`${at}, a root folder of ${integration.name}, cannot be seen from here: is it mapped?`)
          }
          roots.add(at)
        }
      }
    }
    const { items } = yield* snapshots.get
    for (const { data, integrationId, path: at } of items) {
      for (const place of [at, data.filePath ?? null]) if (place !== null) paths.add(toCommon(integrationId, place))
    }

    const { orphanHours } = yield* settings.get(FilesSettings)
    for (const at of yield* goneContents(reader, isoOfMillis(now - orphanHours * 3_600_000), toCommon)) paths.add(at)
    const used = new Set<string>()
    const contents = new Map<string, string>()
    const unsettled: Array<Unsettled> = []
    for (const client of clients) {
      const own = all.filter(({ integrationId }) => integrationId === client.integrationId)
      const folders = foldersOf(client, own, toCommon)
      for (const folder of folders) {
        if (!(yield* isPlaced(folder))) {
          return unknown(`${folder}, a folder of ${client.name}, cannot be seen from here: is it mapped?`)
        }
        used.add(folder)
        paths.add(folder)
      }
      let [settled, visible] = [0, 0]
      for (const one of own) {
        const content = contentOf(one, toCommon)
        const { download } = one
        if (content === null) return unknown(`${client.name} does not say where "${download.name}" is`)
        paths.add(content)
        contents.set(content, download.name)
        names.add(download.name.toLowerCase())
        if (!folders.has(content)) names.add(path.basename(content).toLowerCase())
        for (const at of [download.savePath, download.incompletePath]) {
          if (at === null) continue
          paths.add(toCommon(one.integrationId, `${at}/${download.name}`))
          if (inTransit.has(download.state)) unsettled.push({ download, at: toCommon(one.integrationId, at) })
        }
        if (!isSettled(download)) continue
        settled++
        if (visible === 0 && (yield* isVisible(content))) visible++
      }
      // Its files are somewhere, perhaps in the folders of others.
      if (settled > 0 && visible === 0) {
        return unknown(`no complete download of ${client.name} can be seen from here: is its path mapped?`)
      }
    }
    for (const root of roots) paths.add(root)
    const rootIdentities = yield* identities.ofAll(roots)
    const blocked = yield* blockedBy(identities, contents, unsettled)
    const proved = yield* provedAmong(used, contents.keys())
    const folders: Array<ScannedFolder> = []
    for (const folder of used) {
      const chain = yield* identities.upTo(folder)
      const [own] = chain
      const library =
        own !== undefined && rootIdentities.above.has(own)
          ? "it is a root folder of a library, or contains one"
          : chain.some((one) => rootIdentities.claimed.has(one))
            ? "it is in a root folder of a library"
            : chain.length < 2
              ? "it is the root of the file system"
              : null
      const because = library ?? blocked(folder, chain) ?? (proved.has(folder) ? null : "no download can be seen in it")
      const real = yield* Effect.option(fs.realPath(folder))
      folders.push({ path: folder, real: Option.getOrNull(real), because })
    }
    for (const at of yield* symlinksOfLibrary(toCommon)) paths.add(at)
    const known = yield* identities.ofAll(paths)
    return {
      _tag: "Known",
      claims: {
        folders,
        paths,
        claimed: known.claimed,
        above: known.above,
        names,
        stays: new Set<string>()
      }
    }
  }).pipe(Effect.withSpan("Orphans.claims"))
})
