/**
 * Copies of the database in `backups` under the data directory: the meaning of their names, and how they are written. A
 * copy is written under a temporary name and renamed once it is complete, so that a power cut never leaves half a copy
 * under a backup's name.
 */
import { Clock, Effect, FileSystem, Path } from "effect"
import { SqlClient } from "effect/sql"
import { isoOfMillis } from "../problems/Instants.ts"
import { DataDirectory, type OpenDatabase } from "./Database.ts"

/** Why a copy was made. `other` is a file that somebody put there. */
export const backupReasons = ["manual", "scheduled", "migration", "restore", "upload", "other"] as const
export type BackupReason = (typeof backupReasons)[number]

export const backupsFolder = "backups"
const extension = ".db"
const partialExtension = ".partial"

export interface BackupName {
  /** The name of the file without its extension. */
  readonly id: string
  readonly reason: BackupReason
  /** `null` if the name does not contain it. */
  readonly createdAt: string | null
}

/** Parses the name of a file; `null` = not the name of a backup. */
export const readBackupName = (file: string): BackupName | null => {
  const id = file.slice(0, -extension.length)
  if (!file.endsWith(extension) || !plainName.test(id)) return null
  const [, prefix, date, time] = ownName.exec(id) ?? []
  const known = prefixes.find(([pattern]) => prefix !== undefined && pattern.test(prefix))
  return known === undefined || date === undefined || time === undefined
    ? { id, reason: "other", createdAt: null }
    : { id, reason: known[1], createdAt: `${date}T${time.replace("-", ":").replace("-", ":").replace("-", ".")}` }
}

export const backupFileName = (id: string): string => `${id}${extension}`

const plainName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,150}$/
const ownName = /^([a-z]+(?:-[a-z]+)*(?:-\d+)?)-(\d{4}-\d{2}-\d{2})T(\d{2}-\d{2}-\d{2}-\d{3}Z)$/

const prefixes: ReadonlyArray<readonly [RegExp, BackupReason]> = [
  [/^manual$/, "manual"],
  // Older versions named daily backups `daily-...`.
  [/^(scheduled|daily)$/, "scheduled"],
  [/^before-migration-\d+$/, "migration"],
  [/^before-restore$/, "restore"],
  [/^uploaded$/, "upload"]
]

/** The backup folder of a data directory, accessible only to its owner. Created if missing. */
export const backupsIn = Effect.fnUntraced(function* (directory: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const folder = path.join(directory, backupsFolder)
  yield* files.makeDirectory(folder, { recursive: true, mode: 0o700 })
  return folder
})

/** A name that no file in the folder has, complete or still being written. */
export const freeBackupId = Effect.fnUntraced(function* (folder: string, prefix: string, at?: number) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  for (let millis = at ?? (yield* Clock.currentTimeMillis); ; millis++) {
    const id = `${prefix}-${isoOfMillis(millis).replace(/[:.]/g, "-")}`
    const file = path.join(folder, backupFileName(id))
    if (!(yield* files.exists(file)) && !(yield* files.exists(file + partialExtension))) return id
  }
})

/**
 * Syncs the folder, so that its file names survive a power cut. Not every system can open a folder for this; those
 * write the names at a time of their own.
 */
export const syncNames = (folder: string): Effect.Effect<void, never, FileSystem.FileSystem> =>
  Effect.flatMap(FileSystem.FileSystem, (files) =>
    Effect.scoped(Effect.flatMap(files.open(folder, { flag: "r" }), (opened) => opened.sync))
  ).pipe(Effect.ignore)

/** Lets `write` create a file under a temporary name, and renames it once it is complete and synced to disk. */
export const placeFile = Effect.fnUntraced(function* <E, R>(
  file: string,
  write: (partial: string) => Effect.Effect<void, E, R>
) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const partial = file + partialExtension
  yield* Effect.gen(function* () {
    yield* write(partial)
    yield* files.chmod(partial, 0o600)
    yield* Effect.scoped(Effect.flatMap(files.open(partial, { flag: "r+" }), (opened) => opened.sync))
    yield* files.rename(partial, file)
    yield* syncNames(path.dirname(file))
  }).pipe(Effect.onError(() => Effect.ignore(removeDatabase(partial))))
})

/** Copies the live database; returns the id of the copy. */
export const writeBackup = Effect.fn("BackupFiles.writeBackup")(function* (directory: string, prefix: string) {
  const { backupTo, open } = yield* DataDirectory
  const path = yield* Path.Path
  const folder = yield* backupsIn(directory)
  const id = yield* freeBackupId(folder, prefix)
  yield* placeFile(path.join(folder, backupFileName(id)), (partial) =>
    Effect.andThen(backupTo(partial), settleDatabase(open, partial))
  )
  return id
})

/** Makes a database a single file: merges its write-ahead log, and leaves nothing for a reader to create. */
export const settleDatabase = (open: OpenDatabase, file: string) =>
  Effect.scoped(Effect.flatMap(open(file, { readonly: false }), (sql) => sql`PRAGMA journal_mode = DELETE`))

/** Queries a copy. The files that opening it in write-ahead mode leaves behind are deleted afterwards. */
export const lookInto = <A, E, R>(open: OpenDatabase, file: string, look: Effect.Effect<A, E, R>) =>
  Effect.scoped(
    Effect.flatMap(open(file, { readonly: true }), (sql) => Effect.provideService(look, SqlClient.SqlClient, sql))
  ).pipe(
    Effect.ensuring(
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        const log = yield* Effect.option(files.stat(`${file}-wal`))
        if (log._tag === "None" || Number(log.value.size) === 0) yield* removeBeside(file)
      })
    )
  )

/** Deletes a database file and its sidecar files. */
export const removeDatabase = Effect.fnUntraced(function* (file: string) {
  const files = yield* FileSystem.FileSystem
  yield* removeBeside(file)
  yield* files.remove(file, { force: true })
})

/** Suffixes of the sidecar files that SQLite creates for a database file. */
export const sidecarSuffixes = ["-wal", "-shm", "-journal"] as const

const removeBeside = Effect.fnUntraced(function* (file: string) {
  const files = yield* FileSystem.FileSystem
  yield* Effect.ignore(Effect.forEach(sidecarSuffixes, (end) => files.remove(file + end, { force: true })))
})

/** Deletes files that were partially written when the process crashed. */
export const dropPartials = Effect.fnUntraced(function* (folder: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const left = (yield* files.readDirectory(folder)).filter((name) => name.includes(partialExtension))
  yield* Effect.forEach(left, (name) => files.remove(path.join(folder, name), { force: true }))
})
