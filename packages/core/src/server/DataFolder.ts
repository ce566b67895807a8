/**
 * The data directory as one process at a time holds it: readable by its owner alone, with a lock that says who serves it,
 * and the secret by which the command line on this machine is let in.
 */
import { randomBytes } from "node:crypto"
import { Effect, FileSystem, Path, Schema } from "effect"
import type { PlatformError } from "effect"

export interface Lock {
  readonly pid: number
  /** Where the holder listens; `null` while it does not serve. */
  readonly url: string | null
}

/** Another process works on this data directory. */
export class DataDirectoryBusy extends Schema.TaggedError<DataDirectoryBusy>()("DataDirectoryBusy", {
  path: Schema.String,
  pid: Schema.Int,
  url: Schema.NullOr(Schema.String)
}) {
  override get message() {
    const where = this.url === null ? "" : ` and listens on ${this.url}`
    return `Process ${this.pid} works on ${this.path}${where}. Two at once could remove things twice.`
  }
}

/** The directory cannot be made, or cannot be written. */
export class DataDirectoryUnusable extends Schema.TaggedError<DataDirectoryUnusable>()("DataDirectoryUnusable", {
  path: Schema.String,
  detail: Schema.String
}) {
  override get message() {
    return `${this.path} cannot be used as the data directory: ${this.detail}. Run as the account that owns it, or name another with --data-dir.`
  }
}

export const lockName = "tendarr.lock"
export const secretName = "local.key"
export const databaseName = "tendarr.db"

const LockFile = Schema.fromJsonString(Schema.Struct({ pid: Schema.Int, url: Schema.NullOr(Schema.String) }))

/** Whether a process of this number is alive. */
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM"
  }
}

/** Who holds the directory; `null` = nobody that is alive. */
export const holderOf = Effect.fn("DataFolder.holderOf")(function* (folder: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  return yield* files.readFileString(path.join(folder, lockName)).pipe(
    Effect.flatMap(Schema.decodeUnknownEffect(LockFile)),
    Effect.map((lock): Lock | null => (lock.pid !== process.pid && isAlive(lock.pid) ? lock : null)),
    Effect.orElseSucceed(() => null)
  )
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
  yield* Effect.ignore(files.chmod(path.join(folder, "backups"), 0o700))
  const mode = yield* Effect.map(files.stat(folder), (info) => info.mode).pipe(Effect.orElseSucceed(() => 0))
  if ((mode & 0o077) !== 0 && process.platform !== "win32") {
    yield* Effect.logWarning(`${folder} is open to other accounts of this machine, and cannot be closed: chmod 700 it`)
  }
})

/** Directories that this process holds. The number of a process alone does not tell: after a crash another one gets it. */
const heldHere = new Set<string>()

/** Creates the directory where it is missing and holds it until the scope closes. */
export const holdFolder = Effect.fn("DataFolder.holdFolder")(function* (folder: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const absolute = path.resolve(folder)
  const unusable = (error: PlatformError.PlatformError) =>
    new DataDirectoryUnusable({ path: absolute, detail: error.message })
  yield* Effect.mapError(files.makeDirectory(absolute, { recursive: true, mode: 0o700 }), unusable)
  yield* Effect.mapError(files.access(absolute, { readable: true, writable: true }), unusable)
  yield* closeToOthers(absolute)
  const lock = path.join(absolute, lockName)
  const write = (url: string | null) =>
    files.writeFileString(lock, JSON.stringify({ pid: process.pid, url }), { mode: 0o600 })
  const create = files.writeFileString(lock, JSON.stringify({ pid: process.pid, url: null }), {
    mode: 0o600,
    flag: "wx"
  })
  if (heldHere.has(absolute)) return yield* new DataDirectoryBusy({ path: absolute, pid: process.pid, url: null })
  yield* Effect.acquireRelease(
    create.pipe(
      // A lock that was left behind by a killed process is nobody's.
      Effect.catch(() =>
        Effect.gen(function* () {
          const holder = yield* holderOf(absolute)
          if (holder !== null) return yield* new DataDirectoryBusy({ path: absolute, pid: holder.pid, url: holder.url })
          yield* Effect.mapError(write(null), unusable)
        })
      ),
      Effect.tap(() => Effect.sync(() => heldHere.add(absolute)))
    ),
    () => Effect.andThen(Effect.ignore(files.remove(lock)), () => Effect.sync(() => heldHere.delete(absolute)))
  )
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
    announce: write
  } satisfies HeldFolder
})

/** The secret of a directory that another process holds. */
export const readLocalSecret = Effect.fn("DataFolder.readLocalSecret")(function* (folder: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  return yield* files.readFileString(path.join(path.resolve(folder), secretName))
})
