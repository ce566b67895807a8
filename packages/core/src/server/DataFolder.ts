/**
 * The data directory, held by one process at a time: readable only by its owner, with a lock, a file that describes the
 * holder, and the secret that authenticates the command line on this machine.
 */
import { randomBytes } from "node:crypto"
import { hostname } from "node:os"
import { Effect, FileSystem, Path, Schema } from "effect"
import type { PlatformError } from "effect"
import { artworkFolder } from "../artwork/PosterCache.ts"
import { backupsFolder } from "../storage/BackupFiles.ts"
import { nowIso } from "../problems/Instants.ts"
import { storageFaultOf } from "../storage/StorageFaults.ts"
import { isLocked, takeLock } from "./FolderLock.ts"

/** What a holder reports about itself, for people: whether it really holds the directory is decided by the lock. */
const Holder = Schema.Struct({
  pid: Schema.Int,
  /** Host name of its machine or container. */
  host: Schema.NullOr(Schema.String),
  since: Schema.NullOr(Schema.String),
  /** Its address; `null` while it is not serving. */
  url: Schema.NullOr(Schema.String)
})
export type Holder = typeof Holder.Type

/** Another process is using this data directory. */
export class DataDirectoryBusy extends Schema.TaggedError<DataDirectoryBusy>()("DataDirectoryBusy", {
  path: Schema.String,
  /** `null` = it has not described itself. */
  holder: Schema.NullOr(Holder)
}) {
  override get message() {
    return `${holderName(this.holder)} is using ${this.path}. Two processes could remove things twice: use that one, stop it first, or name another directory with --data-dir.`
  }
}

/** `Process 17 on host nas, since 2026-01-31T12:00:00.000Z, listening on http://127.0.0.1:8787,` */
export const holderName = (holder: Holder | null): string => {
  if (holder === null) return "Another process"
  const { host, pid, since, url } = holder
  const asides = [since === null ? [] : [`since ${since}`], url === null ? [] : [`listening on ${url}`]].flat()
  const elsewhere = host === null || host === hostname() ? "" : ` on host ${host} (of a container: its id)`
  return `Process ${pid}${elsewhere}${asides.map((aside) => `, ${aside}`).join("")}${asides.length > 0 ? "," : ""}`
}

/** Whether an address on the holder's own machine can be reached from this one. */
export const isHere = ({ host }: Holder): boolean => host === null || host === hostname()

/** The directory cannot be created or written. */
export class DataDirectoryUnusable extends Schema.TaggedError<DataDirectoryUnusable>()("DataDirectoryUnusable", {
  path: Schema.String,
  detail: Schema.String,
  full: Schema.Boolean
}) {
  override get message() {
    const advice = this.full
      ? "Free some space on its disk."
      : "Run as the account that owns it, or name another with --data-dir."
    return `${this.path} cannot be used as the data directory: ${this.detail}. ${advice}`
  }
}

export const lockName = "tendarr.lock"
export const secretName = "local.key"
export const databaseName = "tendarr.db"

const LockFile = Schema.fromJsonString(
  Schema.Struct({
    ...Holder.fields,
    // Missing in files of earlier versions.
    host: Schema.NullOr(Schema.String).pipe(Schema.withDecodingDefaultKey(Effect.succeed(null))),
    since: Schema.NullOr(Schema.String).pipe(Schema.withDecodingDefaultKey(Effect.succeed(null)))
  })
)

/** The holder's description of itself; `null` if there is none. */
const readHolder = Effect.fnUntraced(function* (folder: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  return yield* files.readFileString(path.join(folder, lockName)).pipe(
    Effect.flatMap(Schema.decodeUnknownEffect(LockFile)),
    Effect.orElseSucceed(() => null)
  )
})

/** Whether a process holds the directory, and which. */
export const holding = Effect.fn("DataFolder.holding")(function* (folder: string) {
  return (yield* isLocked(folder))
    ? { held: true as const, holder: yield* readHolder(folder) }
    : { held: false as const, holder: null }
})

export interface HeldFolder {
  readonly path: string
  readonly database: string
  readonly localSecret: string
  /** Publishes our address to other processes on this machine. */
  readonly announce: (url: string) => Effect.Effect<void, PlatformError.PlatformError>
}

/**
 * A mount may be writable but belong to another account, so that its mode cannot be changed; a warning is then logged.
 */
const closeToOthers = Effect.fnUntraced(function* (folder: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  yield* Effect.ignore(files.chmod(folder, 0o700))
  for (const inner of [backupsFolder, artworkFolder]) yield* Effect.ignore(files.chmod(path.join(folder, inner), 0o700))
  const mode = yield* Effect.map(files.stat(folder), (info) => info.mode).pipe(Effect.orElseSucceed(() => 0))
  if ((mode & 0o077) !== 0 && process.platform !== "win32") {
    yield* Effect.logWarning(
      `${folder} is accessible to other accounts of this machine, and its mode cannot be changed: chmod 700 it`
    )
  }
})

/** Creates the directory if it is missing, and holds it until the scope closes. */
export const holdFolder = Effect.fn("DataFolder.holdFolder")(function* (folder: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const absolute = path.resolve(folder)
  const unusable = (error: { readonly message: string }) => {
    const fault = storageFaultOf(error)
    return new DataDirectoryUnusable({
      path: absolute,
      detail: fault?.said ?? error.message,
      full: fault?.reason === "full"
    })
  }
  yield* Effect.mapError(files.makeDirectory(absolute, { recursive: true, mode: 0o700 }), unusable)
  yield* Effect.mapError(files.access(absolute, { readable: true, writable: true }), unusable)
  yield* closeToOthers(absolute)
  const free = yield* Effect.mapError(takeLock(absolute), unusable)
  if (!free) return yield* new DataDirectoryBusy({ path: absolute, holder: yield* readHolder(absolute) })
  const file = path.join(absolute, lockName)
  const since = yield* nowIso
  const announce = (url: string | null) =>
    files.writeFileString(file, JSON.stringify({ pid: process.pid, host: hostname(), since, url } satisfies Holder), {
      mode: 0o600
    })
  // Removed before the lock is released; afterwards, it could belong to the next holder.
  yield* Effect.acquireRelease(Effect.ignore(announce(null)), () => Effect.ignore(files.remove(file)))
  const secretFile = path.join(absolute, secretName)
  const localSecret = yield* files.readFileString(secretFile).pipe(
    Effect.filterOrFail((text) => text.length >= 43),
    Effect.catch(() => {
      const fresh = randomBytes(32).toString("base64url")
      return Effect.as(files.writeFileString(secretFile, fresh, { mode: 0o600 }), fresh)
    }),
    Effect.mapError(unusable)
  )
  // An existing file would keep its former permissions.
  yield* Effect.ignore(files.chmod(secretFile, 0o600))
  return {
    path: absolute,
    database: path.join(absolute, databaseName),
    localSecret,
    announce
  } satisfies HeldFolder
})

/** The secret of a directory that another process holds. */
export const readLocalSecret = Effect.fn("DataFolder.readLocalSecret")(function* (folder: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  return yield* files.readFileString(path.join(path.resolve(folder), secretName))
})
