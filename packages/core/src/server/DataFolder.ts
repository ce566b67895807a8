/**
 * The data directory as one process at a time holds it: readable by its owner alone, with a lock that says who serves it,
 * and the secret by which the command line on this machine is let in.
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

/** What a holder says of itself, for people: whether it holds the directory is for the lock to say. */
const Holder = Schema.Struct({
  pid: Schema.Int,
  /** As that machine, or that container, calls itself. */
  host: Schema.NullOr(Schema.String),
  since: Schema.NullOr(Schema.String),
  /** Where it listens; `null` while it does not serve. */
  url: Schema.NullOr(Schema.String)
})
export type Holder = typeof Holder.Type

/** Another process works on this data directory. */
export class DataDirectoryBusy extends Schema.TaggedError<DataDirectoryBusy>()("DataDirectoryBusy", {
  path: Schema.String,
  /** `null` = it has not said. */
  holder: Schema.NullOr(Holder)
}) {
  override get message() {
    return `${holderWords(this.holder)} works on ${this.path}. Two at once could remove things twice: use that one, stop it first, or name another directory with --data-dir.`
  }
}

/** `Process 17 on host nas, since 2026-01-31T12:00:00.000Z, listening on http://127.0.0.1:8787,` */
export const holderWords = (holder: Holder | null): string => {
  if (holder === null) return "Another process"
  const { host, pid, since, url } = holder
  const asides = [since === null ? [] : [`since ${since}`], url === null ? [] : [`listening on ${url}`]].flat()
  const elsewhere = host === null || host === hostname() ? "" : ` on host ${host} (of a container: its id)`
  return `Process ${pid}${elsewhere}${asides.map((aside) => `, ${aside}`).join("")}${asides.length > 0 ? "," : ""}`
}

/** Whether what listens on an address of its own machine can be asked from this one. */
export const isHere = ({ host }: Holder): boolean => host === null || host === hostname()

/** The directory cannot be made, or cannot be written. */
export class DataDirectoryUnusable extends Schema.TaggedError<DataDirectoryUnusable>()("DataDirectoryUnusable", {
  path: Schema.String,
  detail: Schema.String,
  full: Schema.Boolean
}) {
  override get message() {
    const advice = this.full
      ? "Make room on its disk."
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
    // Of an earlier version.
    host: Schema.NullOr(Schema.String).pipe(Schema.withDecodingDefaultKey(Effect.succeed(null))),
    since: Schema.NullOr(Schema.String).pipe(Schema.withDecodingDefaultKey(Effect.succeed(null)))
  })
)

/** What the holder has said of itself; `null` where it has not. */
const readHolder = Effect.fnUntraced(function* (folder: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  return yield* files.readFileString(path.join(folder, lockName)).pipe(
    Effect.flatMap(Schema.decodeUnknownEffect(LockFile)),
    Effect.orElseSucceed(() => null)
  )
})

/** Whether somebody holds the directory, and who. */
export const holding = Effect.fn("DataFolder.holding")(function* (folder: string) {
  return (yield* isLocked(folder))
    ? { held: true as const, holder: yield* readHolder(folder) }
    : { held: false as const, holder: null }
})

export interface HeldFolder {
  readonly path: string
  readonly database: string
  readonly localSecret: string
  /** Tells others on this machine where we listen. */
  readonly announce: (url: string) => Effect.Effect<void, PlatformError.PlatformError>
}

/** A mount may be somebody else's and let us write all the same; then its owner is told. */
const closeToOthers = Effect.fnUntraced(function* (folder: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  yield* Effect.ignore(files.chmod(folder, 0o700))
  for (const inner of [backupsFolder, artworkFolder]) yield* Effect.ignore(files.chmod(path.join(folder, inner), 0o700))
  const mode = yield* Effect.map(files.stat(folder), (info) => info.mode).pipe(Effect.orElseSucceed(() => 0))
  if ((mode & 0o077) !== 0 && process.platform !== "win32") {
    yield* Effect.logWarning(`${folder} is open to other accounts of this machine, and cannot be closed: chmod 700 it`)
  }
})

/** Creates the directory where it is missing and holds it until the scope closes. */
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
  // Removed before the lock is free, or it could be the next one's.
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
  // One that was there before keeps the permissions it had.
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
