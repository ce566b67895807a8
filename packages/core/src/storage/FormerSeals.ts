/**
 * Whether values are accepted that an earlier version sealed without binding them to an address. Only the database that
 * an installation has when it first starts with this version may contain them. A marker file next to the database
 * records that this start has happened; backups do not contain it, so a database that is put in place later cannot use
 * the former format.
 */
import { Effect, FileSystem, Path } from "effect"
import { placeFile } from "./BackupFiles.ts"
import { DataDirectory } from "./Database.ts"
import { restoreOutcome } from "./Restoring.ts"

export const boundMarkName = "tendarr.bound"

const text = `The keys of the applications in tendarr.db are bound to their addresses. Keep this file: without it, keys that an
earlier version of Tendarr sealed would be taken from whatever database stands here.
`

export const takesFormerSeals = Effect.fn("FormerSeals.taken")(function* () {
  const directory = yield* DataDirectory
  if (directory.path === null) return false
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  if (yield* files.exists(path.join(directory.path, boundMarkName))) return false
  const restored = yield* restoreOutcome(directory.path)
  return restored === null || restored.refusedBecause !== null
}, Effect.orDie)

/** From now on no such value is accepted. Called after the transaction that has resealed them. */
export const endFormerSeals = Effect.fn("FormerSeals.end")(function* () {
  const directory = yield* DataDirectory
  if (directory.path === null) return
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const file = path.join(directory.path, boundMarkName)
  if (yield* files.exists(file)) return yield* Effect.ignore(files.chmod(file, 0o600))
  yield* placeFile(file, (partial) => files.writeFileString(partial, text, { mode: 0o600 }))
}, Effect.orDie)
