/**
 * The copies of the database in `backups` under the data directory: what their names say, and how one gets there. A copy
 * is written under another name and renamed when it is whole, so that a power cut leaves no half of one.
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
  /** `null` where the name does not tell. */
  readonly createdAt: string | null
}

/** What the name of a file says; `null` = it is none of a backup. */
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
  // Copies of before there was a job of its own were made by the day.
  [/^(scheduled|daily)$/, "scheduled"],
  [/^before-migration-\d+$/, "migration"],
  [/^before-restore$/, "restore"],
  [/^uploaded$/, "upload"]
]

/** The folder of a data directory, made where it is missing; for its owner alone. */
export const backupsIn = Effect.fnUntraced(function* (directory: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const folder = path.join(directory, backupsFolder)
  yield* files.makeDirectory(folder, { recursive: true, mode: 0o700 })
  return folder
})

/** A name that no file in the folder has, whole or under way. */
export const freeBackupId = Effect.fnUntraced(function* (folder: string, prefix: string, at?: number) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  for (let millis = at ?? (yield* Clock.currentTimeMillis); ; millis++) {
    const id = `${prefix}-${isoOfMillis(millis).replace(/[:.]/g, "-")}`
    const file = path.join(folder, backupFileName(id))
    if (!(yield* files.exists(file)) && !(yield* files.exists(file + partialExtension))) return id
  }
})

/** Brings to the disk which names a folder has. Not every system lets a folder be opened; it then writes them when it likes. */
export const syncNames = (folder: string): Effect.Effect<void, never, FileSystem.FileSystem> =>
  Effect.flatMap(FileSystem.FileSystem, (files) =>
    Effect.scoped(Effect.flatMap(files.open(folder, { flag: "r" }), (opened) => opened.sync))
  ).pipe(Effect.ignore)

/** Has `write` make a file under a name for the time being, and gives it its own when it is whole and on the disk. */
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

/** Copies the database at work; answers the id of the copy. */
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

/** Makes a database one file: what stands in a log beside it is taken in, and nothing is left for a reader to create. */
export const settleDatabase = (open: OpenDatabase, file: string) =>
  Effect.scoped(Effect.flatMap(open(file, { readonly: false }), (sql) => sql`PRAGMA journal_mode = DELETE`))

/** Asks a copy something. What a look into write-ahead mode leaves beside it goes again. */
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

/** A database with what may stand beside it. */
export const removeDatabase = Effect.fnUntraced(function* (file: string) {
  const files = yield* FileSystem.FileSystem
  yield* removeBeside(file)
  yield* files.remove(file, { force: true })
})

/** Names that SQLite gives to what belongs to a database file. */
export const besides = ["-wal", "-shm", "-journal"] as const

const removeBeside = Effect.fnUntraced(function* (file: string) {
  const files = yield* FileSystem.FileSystem
  yield* Effect.ignore(Effect.forEach(besides, (end) => files.remove(file + end, { force: true })))
})

/** Drops what a crash left half written. */
export const dropPartials = Effect.fnUntraced(function* (folder: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const left = (yield* files.readDirectory(folder)).filter((name) => name.includes(partialExtension))
  yield* Effect.forEach(left, (name) => files.remove(path.join(folder, name), { force: true }))
})
