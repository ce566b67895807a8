/**
 * The lock of a data directory: an SQLite lock on an empty file. The kernel holds it, so that it works across
 * containers and hosts that share the volume, and is released when the process ends, however it ends. A PID file would
 * provide neither.
 */
import { DatabaseSync } from "node:sqlite"
import { Effect, FileSystem, Path, Schema } from "effect"
import { storageFaultOf } from "../storage/StorageFaults.ts"

/** Empty, and never deleted: deleting it could remove it while another process has just opened it. */
export const heldName = "tendarr.held"

/** The lock cannot be taken: no write permission, or a file system without locks. */
export class CannotLock extends Schema.TaggedError<CannotLock>()("CannotLock", { detail: Schema.String }) {
  override get message() {
    return this.detail
  }
}

/** Takes the lock until the scope closes; returns whether it was free. */
export const takeLock = Effect.fn("FolderLock.take")(function* (folder: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const file = path.join(folder, heldName)
  const held = yield* Effect.acquireRelease(lock(file, whileSomebodyLooks), (taken) =>
    Effect.sync(() => void taken?.close())
  )
  // By path: opening and closing the file would release the lock of this process.
  yield* Effect.ignore(files.chmod(file, 0o600))
  return held !== null
})

/** Whether any process holds it, including this one. */
export const isLocked = Effect.fn("FolderLock.isLocked")(function* (folder: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const file = path.join(folder, heldName)
  if (!(yield* Effect.orElseSucceed(files.exists(file), () => false))) return false
  return yield* lock(file, 0).pipe(
    Effect.map((taken) => {
      taken?.close()
      return taken === null
    }),
    Effect.orElseSucceed(() => false)
  )
})

/** Milliseconds for which taking the lock is retried: a process that only checks it holds it for an instant. */
const whileSomebodyLooks = 250

/**
 * `null` = another process holds it. A reserved lock is used, since only one process can hold it and it is taken
 * atomically.
 */
const lock = (file: string, timeout: number): Effect.Effect<DatabaseSync | null, CannotLock> =>
  Effect.try({
    try: () => {
      const database = new DatabaseSync(file, { timeout })
      try {
        // A journal file would be one more file to be left behind.
        database.exec("PRAGMA journal_mode = MEMORY")
        database.exec("BEGIN IMMEDIATE")
        return database
      } catch (error) {
        database.close()
        if (storageFaultOf(error)?.reason === "held") return null
        throw error
      }
    },
    catch: (error) => new CannotLock({ detail: error instanceof Error ? error.message : String(error) })
  })
