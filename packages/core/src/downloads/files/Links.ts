/**
 * Reads the hard links of complete downloads: a bounded number of files in each run, those first that were read longest
 * ago, and those of one download directly before it is removed.
 */
import { Clock, Context, Effect, FileSystem, Layer, Path, Result, Semaphore } from "effect"
import { SqlClient } from "effect/sql"
import type { DownloadFile } from "../../integrations/Downloads.ts"
import { Integrations } from "../../integrations/Integrations.ts"
import { Snapshots } from "../../library/Snapshots.ts"
import { isoOfMillis } from "../../problems/Instants.ts"
import { Settings } from "../../settings/Settings.ts"
import { ReadSql } from "../../storage/Database.ts"
import { type Downloading, ownerOf } from "../Downloading.ts"
import { Downloads } from "../Downloads.ts"
import { commonPaths, type ToCommon } from "./ClientPaths.ts"
import { filesSignOf, isSettled, type KnownNames, type LinkReading, linksOf, namesOf } from "./DownloadLinks.ts"
import { FilesSettings } from "./FilesSettings.ts"
import { librarySymlinks } from "./LibrarySymlinks.ts"
import { type StoredLinks, LinkStore } from "./LinkStore.ts"
import { fileKey, makeRealFiles, type RealFile } from "./RealFiles.ts"
import { filesBelow } from "./Walking.ts"

/** Downloads whose list of files is requested in one run. */
const listsAtOnce = 100
/** Files of ignored folders that are read. Links that are not found keep a download. */
const mostIgnored = 50_000

export interface LinksReport {
  /** Downloads whose links were read, and those of them of which they are not known. */
  readonly read: number
  readonly unknown: number
  /** Complete downloads that have to wait for another run. */
  readonly left: number
}

export class Links extends Context.Service<
  Links,
  {
    /** One run over the downloads of all clients. */
    readonly run: Effect.Effect<LinksReport>
    /** Reads a download and all that share files with it again, now. */
    readonly readNow: (downloadId: string) => Effect.Effect<void>
    /** Another download that uses the same names of the same files, by the file system; `null` = none is known. */
    readonly sharingFiles: (downloadId: string) => Effect.Effect<string | null>
  }
>()("tendarr/downloads/Links") {
  static readonly layer = Layer.effect(
    Links,
    Effect.gen(function* () {
      const downloads = yield* Downloads
      const fs = yield* FileSystem.FileSystem
      const integrations = yield* Integrations
      const path = yield* Path.Path
      const reader = yield* ReadSql
      const settings = yield* Settings
      const snapshots = yield* Snapshots
      const store = yield* LinkStore
      const sql = yield* SqlClient.SqlClient
      const { reflinksAt, see } = yield* makeRealFiles
      const symlinksOfLibrary = yield* librarySymlinks
      const toCommonNow = yield* commonPaths
      const single = yield* Semaphore.make(1)

      /** The wanted files of these downloads, as their clients list them now. */
      const filesOf = Effect.fnUntraced(function* (some: ReadonlyArray<Downloading>) {
        const lists = new Map<string, ReadonlyArray<DownloadFile> | string>()
        for (const integrationId of new Set(some.map((one) => one.integrationId))) {
          const own = some.filter((one) => one.integrationId === integrationId)
          const live = yield* integrations.connect(integrationId)
          const client = live?.can("downloads") === true ? live.connected.downloads : undefined
          const asked =
            client === undefined
              ? null
              : yield* Effect.result(
                  client.details(
                    own.map(({ download }) => download.id),
                    { files: true, trackers: false }
                  )
                )
          for (const { download, id } of own) {
            if (asked === null || Result.isFailure(asked)) {
              lists.set(id, "its client could not be asked for its files")
              continue
            }
            const files = asked.success.find((one) => one.id === download.id)?.files ?? null
            lists.set(id, files === null ? "its client does not list its files" : files.filter(({ wanted }) => wanted))
          }
        }
        return lists
      })

      const readFiles = Effect.fnUntraced(function* (
        one: Downloading,
        files: ReadonlyArray<DownloadFile> | string | undefined,
        toCommon: ToCommon
      ): Effect.fn.Return<LinkReading> {
        const unread = (because: string): LinkReading => ({ _tag: "Unread", because })
        if (files === undefined || typeof files === "string")
          return unread(files ?? "its client does not list its files")
        const { savePath } = one.download
        if (savePath === null) return unread("its client does not say where its files are")
        const found: Array<RealFile> = []
        for (const file of files) {
          const at = toCommon(one.integrationId, `${savePath}/${file.path}`)
          const seen = yield* see(at)
          if (seen._tag === "Unseen") return unread(`${at} cannot be seen from here: ${seen.because}`)
          // Another file at this path would say nothing about this download.
          if (seen.file.bytes !== file.bytes) return unread(`${at} has another size than its client says`)
          found.push(seen.file)
        }
        return { _tag: "Read", files: found }
      })

      /** Files of the library of the application that has imported it, as far as they are known. */
      const libraryFiles = Effect.fnUntraced(function* (one: Downloading, toCommon: ToCommon) {
        const owner = ownerOf(one)
        if (owner === null || owner.targets.length === 0) return []
        const wholes = new Set(owner.targets.map(({ wholeId }) => wholeId))
        const { items } = yield* snapshots.get
        const own = items.filter(
          ({ externalId, integrationId }) =>
            integrationId === owner.integrationId && wholes.has(externalId.split(":")[0] ?? externalId)
        )
        const ids = own.map(({ id }) => Number(id))
        const rows =
          ids.length === 0
            ? []
            : yield* Effect.orDie(
                reader<{ readonly path: string }>`SELECT path FROM item_files
                  WHERE path IS NOT NULL AND ${sql.in("item_id", ids)}`
              )
        return [...own.flatMap(({ data }) => data.filePath ?? []), ...rows.map((row) => row.path)].map((file) =>
          toCommon(owner.integrationId, file)
        )
      })

      /** Whether the application that has imported it refers to one of these files by a symbolic link. */
      const isSymlinked = Effect.fnUntraced(function* (one: Downloading, reading: LinkReading, toCommon: ToCommon) {
        if (reading._tag === "Unread") return false
        const names = new Set(reading.files.map((file) => file.path))
        for (const file of yield* libraryFiles(one, toCommon)) {
          const real = yield* Effect.option(fs.realPath(file))
          if (real._tag === "Some" && real.value !== file && names.has(real.value)) return true
        }
        return false
      })

      const ignoredFiles = Effect.gen(function* () {
        const { ignoredLinkFolders } = yield* settings.get(FilesSettings)
        const found: Array<RealFile> = []
        for (const folder of ignoredLinkFolders) {
          for (const file of yield* filesBelow({ fs, path }, folder, mostIgnored - found.length)) {
            const seen = yield* see(file)
            if (seen._tag === "File" && seen.file.links > 1) found.push(seen.file)
          }
        }
        return found
      })

      /** Removes names that are not there any more, or are another file by now. */
      const verified = Effect.fnUntraced(function* (names: KnownNames, reading: LinkReading) {
        if (reading._tag === "Unread") return names
        const checked = new Map(names)
        for (const file of reading.files) {
          const own = new Map(names.get(fileKey(file)))
          for (const [entry, at] of own) {
            const seen = yield* see(at)
            if (seen._tag === "Unseen" || fileKey(seen.file) !== fileKey(file)) own.delete(entry)
          }
          checked.set(fileKey(file), own)
        }
        return checked
      })

      const readSome = Effect.fnUntraced(function* (
        some: ReadonlyArray<Downloading>,
        all: ReadonlyArray<Downloading>,
        mostFiles: number,
        fresh: boolean
      ) {
        const toCommon = yield* toCommonNow
        const shares = yield* reflinksAt
        const known = yield* store.all
        const lists = yield* filesOf(some)
        const readings = new Map<string, { readonly one: Downloading; readonly reading: LinkReading }>()
        let files = 0
        for (const one of some) {
          if (files >= mostFiles) break
          const reading = yield* readFiles(one, lists.get(one.id), toCommon)
          files += reading._tag === "Read" ? reading.files.length : 1
          readings.set(one.id, { one, reading })
        }
        const ids = new Set(all.map(({ id }) => id))
        const others = [...known].flatMap(([id, { reading }]) => (ids.has(id) && !readings.has(id) ? [reading] : []))
        const names = namesOf([...others, ...[...readings.values()].map(({ reading }) => reading)], yield* ignoredFiles)
        const at = isoOfMillis(yield* Clock.currentTimeMillis)
        const written = new Map<string, StoredLinks>()
        let symlinks: ReadonlySet<string> | undefined
        for (const [id, { one, reading }] of readings) {
          const owner = ownerOf(one)
          const before = known.get(id)
          const sign = filesSignOf(one.download)
          const context = {
            names: fresh ? yield* verified(names, reading) : names,
            reflinksAt: shares,
            imported: one.ownership._tag === "Unknown" ? null : owner?.importedAt != null,
            symlinked: yield* isSymlinked(one, reading, toCommon),
            // What was seen of other files says nothing about these.
            before: before?.sign === sign ? before.links : null,
            at
          }
          let links = linksOf(reading, context)
          // Another application may use it. Reading all of the library is worth it only if nothing else is known to.
          if (reading._tag === "Read" && (links.outside === 0 || (fresh && links.outside === null))) {
            symlinks ??= new Set(yield* symlinksOfLibrary(toCommon))
            const used = symlinks
            if (reading.files.some((file) => used.has(file.path)))
              links = linksOf(reading, { ...context, symlinked: true })
          }
          written.set(id, { sign, reading, links })
        }
        yield* store.write(written)
        return written
      })

      const run = Effect.gen(function* () {
        const { linkFilesPerRun } = yield* settings.get(FilesSettings)
        const all = yield* downloads.current
        yield* store.keepOnly(new Set(all.map(({ id }) => id)))
        if (linkFilesPerRun === 0) return { read: 0, unknown: 0, left: 0 }
        const known = yield* store.all
        const due = all
          .filter(({ download }) => isSettled(download))
          .toSorted((one, other) => {
            const [a, b] = [one, other].map(({ id }) => known.get(id)?.links.readAt ?? "") as [string, string]
            return a < b ? -1 : a > b ? 1 : 0
          })
        const written = yield* readSome(due.slice(0, listsAtOnce), all, linkFilesPerRun, false)
        return {
          read: written.size,
          unknown: [...written.values()].filter(({ links }) => links.outside === null).length,
          left: due.length - written.size
        }
      }).pipe(single.withPermits(1), Effect.withSpan("Links.run"))

      const readNow = Effect.fn("Links.readNow")(function* (downloadId: string) {
        const all = yield* downloads.current
        const one = all.find(({ id }) => id === downloadId)
        if (one === undefined || !isSettled(one.download)) return
        yield* readSome([one], all, Number.POSITIVE_INFINITY, true)
      }, single.withPermits(1))

      const sharingFiles = Effect.fn("Links.sharingFiles")(function* (downloadId: string) {
        const known = yield* store.all
        const own = known.get(downloadId)?.reading
        if (own?._tag !== "Read") return null
        const entries = new Set(own.files.map(({ entry }) => entry))
        // What is known of downloads that have left their clients is forgotten only by the next run.
        const present = new Set((yield* downloads.current).map(({ id }) => id))
        for (const [id, { reading }] of known) {
          if (id === downloadId || reading._tag === "Unread" || !present.has(id)) continue
          if (reading.files.some(({ entry }) => entries.has(entry))) return id
        }
        return null
      })

      return Links.of({ run, readNow, sharingFiles })
    })
  )
}
