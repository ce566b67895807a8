/**
 * The lock of a data directory: SQLite's own, on an empty file. The kernel holds it, so that it counts in every container and on every
 * host that shares the volume, and goes with the process however that ends. The number of a process would do neither.
 */
import { DatabaseSync } from "node:sqlite"
import { Effect, FileSystem, Path, Schema } from "effect"
import { storageFaultOf } from "../storage/StorageFaults.ts"

/** Empty, and never removed: who removed it could take it from under somebody who has just opened it. */
export const heldName = "tendarr.held"

/** The lock cannot be asked for: no right to write, or a file system that has no locks. */
export class CannotLock extends Schema.TaggedError<CannotLock>()("CannotLock", { detail: Schema.String }) {
  override get message() {
    return this.detail
  }
}

/** Takes the lock until the scope closes; answers whether it was free. */
export const takeLock = Effect.fn("FolderLock.take")(function* (folder: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const file = path.join(folder, heldName)
  const held = yield* Effect.acquireRelease(lock(file, whileSomebodyLooks), (taken) =>
    Effect.sync(() => void taken?.close())
  )
  // By its name: to open and close the file would drop the lock of this process.
  yield* Effect.ignore(files.chmod(file, 0o600))
  return held !== null
})

/** Whether somebody has it, this process included. */
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

/** Milliseconds for which the lock is asked for again: one that only looks has it for an instant. */
const whileSomebodyLooks = 250

/** `null` = somebody has it. A reserved lock, since one process at a time can have that and it is taken in one step. */
const lock = (file: string, timeout: number): Effect.Effect<DatabaseSync | null, CannotLock> =>
  Effect.try({
    try: () => {
      const database = new DatabaseSync(file, { timeout })
      try {
        // A journal in a file would be one more thing to be left behind.
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
