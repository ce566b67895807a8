/**
 * A database that is staged to replace the live one. It is stored next to it while the server runs, and replaces it at
 * the next start, before anything is opened. A power cut at any step leaves either the complete old database or the
 * complete new one: renaming the staged file is the step that decides.
 */
import { Effect, FileSystem, Path, Schema } from "effect"
import { nowIso } from "../problems/Instants.ts"
import {
  backupFileName,
  backupsIn,
  sidecarSuffixes,
  lookInto,
  placeFile,
  removeDatabase,
  settleDatabase
} from "./BackupFiles.ts"
import type { OpenDatabase } from "./Database.ts"
import { appliedMigration } from "./Migrations.ts"
import { databaseFault } from "./DatabaseFault.ts"
import { type Inspection, inspectDatabase } from "./Inspection.ts"

const folderName = "restore"
const stagedName = "database.db"
const requestName = "request.json"
const outcomeName = "outcome.json"

export const RestoreRequest = Schema.Struct({
  backupId: Schema.String,
  requestedBy: Schema.String,
  requestedAt: Schema.String
})
export type RestoreRequest = typeof RestoreRequest.Type

export const RestoreOutcome = Schema.Struct({
  ...RestoreRequest.fields,
  /** Why the current database was kept; `null` = it was replaced. */
  refusedBecause: Schema.NullOr(Schema.String),
  /** The backup of the replaced database; `null` = there was none, or nothing was replaced. */
  previous: Schema.NullOr(Schema.String)
})
export type RestoreOutcome = typeof RestoreOutcome.Type

const RequestFile = Schema.fromJsonString(RestoreRequest)
const OutcomeFile = Schema.fromJsonString(RestoreOutcome)

/** Why this program cannot use a database; `null` = it can. */
export const unusable = ({ damage, foreign, ours, supported, version }: Inspection): string | null => {
  if (version === 0 || !ours) return "it is not a Tendarr database"
  if (version > supported) return `it is at version ${version}, and this Tendarr knows versions up to ${supported}`
  if (foreign.length > 0) return `it contains objects that Tendarr has not created: ${foreign.join("; ")}`
  return damage.length > 0 ? `it is damaged: ${damage.join("; ")}` : null
}

/** The staged database. */
export const stagedFile = (path: Path.Path, directory: string): string => path.join(directory, folderName, stagedName)

/** Copies `file` to where the next start finds it, replacing a restore that was staged before. */
export const stageRestore = Effect.fn("Restoring.stage")(function* (
  directory: string,
  file: string,
  request: RestoreRequest
) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  yield* dropStaged(directory)
  const folder = path.join(directory, folderName)
  yield* files.makeDirectory(folder, { recursive: true, mode: 0o700 })
  yield* writeText(path.join(folder, requestName), yield* Schema.encodeEffect(RequestFile)(request))
  yield* placeFile(path.join(folder, stagedName), (partial) =>
    Effect.gen(function* () {
      yield* files.copyFile(file, partial)
      // A copy that was set aside damaged, or that was put there by hand, may have a write-ahead log next to it.
      if (yield* files.exists(`${file}-wal`)) yield* files.copyFile(`${file}-wal`, `${partial}-wal`)
    })
  )
})

/** The staged restore, if any. */
export const stagedRestore = Effect.fnUntraced(function* (directory: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const folder = path.join(directory, folderName)
  if (!(yield* files.exists(path.join(folder, stagedName)))) return null
  return yield* files.readFileString(path.join(folder, requestName)).pipe(
    Effect.flatMap(Schema.decodeEffect(RequestFile)),
    // No readable request file: treat a manually placed database as a local request.
    Effect.orElseSucceed((): RestoreRequest => ({ backupId: folderName, requestedBy: "local", requestedAt: "" }))
  )
})

/** Cancels the staged restore. */
export const dropStaged = Effect.fnUntraced(function* (directory: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  // The database first: the other files have no effect without it.
  yield* removeDatabase(path.join(directory, folderName, stagedName))
  yield* files.remove(path.join(directory, folderName), { recursive: true, force: true })
})

/** Result of the restore that this start found; reported until `forgetOutcome`. */
export const restoreOutcome = Effect.fnUntraced(function* (directory: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  return yield* files.readFileString(path.join(directory, folderName, outcomeName)).pipe(
    Effect.flatMap(Schema.decodeEffect(OutcomeFile)),
    Effect.orElseSucceed(() => null)
  )
})

export const forgetOutcome = dropStaged

/**
 * Replaces `filename`, which must not be open anywhere, with the staged database, and moves the old one to the backups.
 */
export const applyRestore = Effect.fn("Restoring.apply")(function* (
  open: OpenDatabase,
  directory: string,
  filename: string
) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const request = yield* stagedRestore(directory)
  if (request === null) return
  const staged = path.join(directory, folderName, stagedName)
  const outcome = (refusedBecause: string | null, previous: string | null) =>
    Effect.flatMap(Schema.encodeEffect(OutcomeFile)({ ...request, refusedBecause, previous }), (text) =>
      writeText(path.join(directory, folderName, outcomeName), text)
    )

  const refusal = yield* Effect.andThen(
    settleDatabase(open, staged),
    lookInto(open, staged, inspectDatabase(open))
  ).pipe(
    Effect.map(unusable),
    Effect.catchCause((cause) => Effect.succeed(`it cannot be read: ${databaseFault(cause)}`))
  )
  if (refusal !== null) {
    yield* Effect.logWarning(`The database is not replaced by the backup ${request.backupId}: ${refusal}`)
    yield* outcome(refusal, null)
    return yield* removeDatabase(staged)
  }
  const previous = yield* setAside(open, directory, filename, request.requestedAt)
  yield* outcome(null, previous)
  yield* files.rename(staged, filename)
})

/** Moves the live database to the backups. After a power cut, calling it again continues where it stopped. */
const setAside = Effect.fnUntraced(function* (
  open: OpenDatabase,
  directory: string,
  filename: string,
  requestedAt: string
) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const folder = yield* backupsIn(directory)
  // The name is derived from the request, so that files separated by a power cut get the same name.
  const at = Number.isNaN(Date.parse(requestedAt)) ? yield* nowIso : requestedAt
  const id = `before-restore-${at.replace(/[:.]/g, "-")}`
  const target = path.join(folder, backupFileName(id))
  if (yield* files.exists(filename)) {
    // A damaged database is kept as it is, with its log next to it; opening it for writing could lose the log.
    yield* Effect.andThen(lookInto(open, filename, appliedMigration), settleDatabase(open, filename)).pipe(
      Effect.catchCause((cause) => Effect.logWarning(`The replaced database is damaged: ${databaseFault(cause)}`))
    )
    yield* files.rename(filename, target)
    yield* files.chmod(target, 0o600)
  }
  for (const end of sidecarSuffixes) {
    if (!(yield* files.exists(filename + end))) continue
    // If it stayed next to the new database, SQLite would replay the old log into it.
    yield* end === "-shm" ? files.remove(filename + end) : files.rename(filename + end, target + end)
  }
  return (yield* files.exists(target)) ? id : null
})

const writeText = (file: string, text: string) =>
  Effect.flatMap(FileSystem.FileSystem, (files) =>
    placeFile(file, (partial) => files.writeFileString(partial, text, { mode: 0o600 }))
  )
