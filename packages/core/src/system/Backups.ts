/**
 * Backups of the database: creating, listing, checking, downloading, uploading, and restoring at the next start. A
 * backup contains only the database, not the other files of the data directory.
 */
import { Context, Effect, FileSystem, Layer, Option, Path, type PlatformError, Semaphore, Stream } from "effect"
import { SqlClient, type SqlError } from "effect/sql"
import { Actor } from "../events/Actor.ts"
import { EventLog } from "../events/EventLog.ts"
import { isoOfMillis, nowIso } from "../problems/Instants.ts"
import { Settings } from "../settings/Settings.ts"
import {
  backupFileName,
  backupsIn,
  dropPartials,
  freeBackupId,
  lookInto,
  placeFile,
  readBackupName,
  removeDatabase,
  settleDatabase,
  writeBackup
} from "../storage/BackupFiles.ts"
import { DataDirectory } from "../storage/Database.ts"
import { databaseFault } from "../storage/DatabaseFault.ts"
import { type Inspection, inspectDatabase } from "../storage/Inspection.ts"
import { appliedMigration, latestMigration } from "../storage/Migrations.ts"
import {
  dropStaged,
  forgetOutcome,
  restoreOutcome,
  stagedRestore,
  stageRestore,
  unusable
} from "../storage/Restoring.ts"
import { RoomTables } from "../storage/RoomTables.ts"
import { transacting } from "../storage/Transactions.ts"
import {
  type Backup,
  BackupDamaged,
  type BackupCheck,
  BackupFailed,
  BackupForeign,
  BackupNotFound,
  BackupTooNew,
  NoDataDirectory,
  NoPendingRestore,
  NotTendarrDatabase,
  type PendingRestore,
  UploadTooLarge
} from "./Backup.ts"
import { BackupSettings } from "./BackupSettings.ts"
import { RemovalsSettings } from "../settings/RemovalsSettings.ts"
import { SystemEvents } from "./SystemEvents.ts"

const mebibyte = 1_048_576

type Refused = NotTendarrDatabase | BackupTooNew | BackupForeign | BackupDamaged

export interface Upload {
  readonly bytes: Stream.Stream<Uint8Array, unknown>
  /** The size that the sender declared; `null` = not declared. */
  readonly declaredBytes: number | null
}

export class Backups extends Context.Service<
  Backups,
  {
    /** Newest first. */
    readonly list: Effect.Effect<ReadonlyArray<Backup>>
    readonly get: (id: string) => Effect.Effect<Backup, BackupNotFound>
    /** Creates a backup now, while the server keeps running. */
    readonly create: (reason: "manual" | "scheduled") => Effect.Effect<Backup, NoDataDirectory | BackupFailed>
    /** Stores an upload as a stream; it is kept only if it is a sound Tendarr database. */
    readonly upload: (
      upload: Upload
    ) => Effect.Effect<Backup, NoDataDirectory | UploadTooLarge | BackupFailed | Refused>
    /** The file itself. */
    readonly download: (
      id: string
    ) => Effect.Effect<
      { readonly backup: Backup; readonly bytes: Stream.Stream<Uint8Array, PlatformError.PlatformError> },
      BackupNotFound
    >
    /** Reads every page of the backup. */
    readonly verify: (id: string) => Effect.Effect<BackupCheck, BackupNotFound>
    readonly remove: (id: string) => Effect.Effect<void, BackupNotFound | BackupFailed>
    /** Stages the backup for the next start, which keeps a copy of the database that it replaces. */
    readonly restore: (id: string) => Effect.Effect<PendingRestore, BackupNotFound | BackupFailed | Refused>
    readonly pending: Effect.Effect<PendingRestore, NoPendingRestore>
    readonly cancelRestore: Effect.Effect<void, NoPendingRestore>
    /** Deletes the oldest scheduled backups beyond `keep`; returns how many. */
    readonly prune: (keep: number) => Effect.Effect<number>
  }
>()("tendarr/system/Backups") {
  static readonly layer = Layer.effect(
    Backups,
    Effect.gen(function* () {
      const directory = yield* DataDirectory
      const files = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      const events = yield* EventLog
      const settings = yield* Settings
      const sql = yield* SqlClient.SqlClient
      const oneAtATime = yield* Semaphore.make(1)
      const host = Context.make(FileSystem.FileSystem, files).pipe(
        Context.add(Path.Path, path),
        Context.add(DataDirectory, directory),
        Context.add(RoomTables, yield* RoomTables)
      )
      const hosted = Effect.provideContext(host)

      const here: Effect.Effect<string, NoDataDirectory> = Effect.suspend(() =>
        directory.path === null ? Effect.fail(new NoDataDirectory()) : Effect.succeed(directory.path)
      )
      const folder = Effect.flatMap(here, (root) => Effect.orDie(backupsIn(root))).pipe(hosted)

      const viewOf = Effect.fnUntraced(function* (inFolder: string, name: string) {
        const read = readBackupName(name)
        if (read === null) return null
        const file = path.join(inFolder, name)
        const info = yield* Effect.option(files.stat(file))
        if (Option.isNone(info) || info.value.type !== "File") return null
        const version = yield* lookInto(directory.open, file, appliedMigration).pipe(
          Effect.catchCause(() => Effect.succeed(0))
        )
        const backup: Backup = {
          id: read.id,
          reason: read.reason,
          createdAt: read.createdAt ?? isoOf(info.value.mtime),
          bytes: Number(info.value.size),
          version: version === 0 ? null : version
        }
        return backup
      }, hosted)

      const list = Effect.gen(function* () {
        const inFolder = yield* folder
        const names = yield* Effect.orDie(files.readDirectory(inFolder))
        const found = yield* Effect.forEach(names, (name) => viewOf(inFolder, name))
        return found
          .filter((one) => one !== null)
          .toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : a.createdAt > b.createdAt ? -1 : a.id < b.id ? 1 : -1))
      }).pipe(Effect.orElseSucceed(() => []))

      /** The name is validated before it becomes part of a path. */
      const find = Effect.fnUntraced(function* (id: string) {
        const missing = new BackupNotFound({ backupId: id })
        const name = backupFileName(id)
        const inFolder = yield* Effect.mapError(folder, () => missing)
        const backup = readBackupName(name) === null ? null : yield* viewOf(inFolder, name)
        return backup === null ? yield* missing : { backup, file: path.join(inFolder, name) }
      })

      const unwritten = (error: PlatformError.PlatformError | SqlError.SqlError) =>
        Effect.fail(new BackupFailed({ detail: error._tag === "SqlError" ? databaseFault(error) : error.message }))
      const failures = { PlatformError: unwritten, SqlError: unwritten }

      const inspect = (file: string) =>
        lookInto(directory.open, file, inspectDatabase(directory.open)).pipe(
          Effect.catchCause((cause) => Effect.fail(new NotTendarrDatabase({ detail: databaseFault(cause) }))),
          hosted
        )

      const refuseUnusable = (inspection: Inspection): Effect.Effect<void, Refused> => {
        const because = unusable(inspection)
        if (because === null) return Effect.void
        const { damage, foreign, ours, supported, version } = inspection
        const detail = sentence(because)
        return version === 0 || !ours
          ? Effect.fail(new NotTendarrDatabase({ detail }))
          : version > supported
            ? Effect.fail(new BackupTooNew({ detail, found: version, supported }))
            : foreign.length > 0
              ? Effect.fail(new BackupForeign({ detail, foreign }))
              : Effect.fail(new BackupDamaged({ detail, damage }))
      }

      const create = Effect.fn("Backups.create")(
        function* (reason: "manual" | "scheduled") {
          const id = yield* writeBackup(yield* here, reason).pipe(Effect.catchTags(failures))
          const { backup } = yield* Effect.orDie(find(id))
          yield* events.append(
            SystemEvents.created.make({
              subject: id,
              message: `Backed up the database as ${id}`,
              payload: { reason, bytes: backup.bytes }
            })
          )
          return backup
        },
        hosted,
        oneAtATime.withPermits(1)
      )

      const upload = Effect.fn("Backups.upload")(function* ({ bytes, declaredBytes }: Upload) {
        const inFolder = yield* folder
        const maximumBytes = (yield* settings.get(BackupSettings)).maxUploadMebibytes * mebibyte
        const tooLarge = new UploadTooLarge({
          detail: `At most ${maximumBytes} bytes, as set by backup.maxUploadMebibytes`,
          maximumBytes
        })
        if (declaredBytes !== null && declaredBytes > maximumBytes) return yield* tooLarge
        const id = yield* oneAtATime.withPermits(1)(Effect.orDie(freeBackupId(inFolder, "uploaded")))
        let received = 0
        const bounded = bytes.pipe(
          Stream.mapError((error) => new BackupFailed({ detail: `The upload was interrupted: ${messageOf(error)}` })),
          Stream.mapEffect((chunk) => {
            received += chunk.length
            return received > maximumBytes ? Effect.fail(tooLarge) : Effect.succeed(chunk)
          })
        )
        yield* placeFile(path.join(inFolder, backupFileName(id)), (partial) =>
          Effect.gen(function* () {
            yield* Stream.run(bounded, files.sink(partial, { mode: 0o600 }))
            yield* settleDatabase(directory.open, partial).pipe(
              Effect.catchCause((cause) => Effect.fail(new NotTendarrDatabase({ detail: databaseFault(cause) })))
            )
            yield* Effect.flatMap(inspect(partial), refuseUnusable)
          })
        ).pipe(Effect.catchTag("PlatformError", unwritten))
        const { backup } = yield* Effect.orDie(find(id))
        yield* events.append(
          SystemEvents.uploaded.make({
            subject: id,
            message: `Uploaded the backup ${id}`,
            payload: { bytes: received }
          })
        )
        return backup
      }, hosted)

      const restore = Effect.fn("Backups.restore")(
        function* (id: string) {
          const { file } = yield* find(id)
          yield* Effect.flatMap(inspect(file), refuseUnusable)
          const request: PendingRestore = {
            backupId: id,
            requestedBy: yield* Actor,
            requestedAt: yield* nowIso
          }
          yield* stageRestore(yield* Effect.orDie(here), file, request).pipe(
            Effect.catchTags({ PlatformError: unwritten, SchemaError: Effect.die })
          )
          yield* events.append(
            SystemEvents.restoreStaged.make({
              subject: id,
              message: `The next start replaces the database with the backup ${id}`
            })
          )
          return request
        },
        hosted,
        oneAtATime.withPermits(1)
      )

      const pending = Effect.gen(function* () {
        const request = yield* Effect.flatMap(here, (root) => Effect.orDie(stagedRestore(root))).pipe(
          Effect.mapError(() => new NoPendingRestore())
        )
        return request ?? (yield* new NoPendingRestore())
      }).pipe(hosted)

      const remove = Effect.fn("Backups.remove")(function* (id: string) {
        const { file } = yield* find(id)
        yield* Effect.catchTag(removeDatabase(file), "PlatformError", unwritten)
        yield* events.append(SystemEvents.removed.make({ subject: id, message: `Deleted the backup ${id}` }))
      }, hosted)

      yield* reportRestore(events, settings, sql).pipe(hosted)
      if (directory.path !== null) {
        yield* Effect.flatMap(folder, dropPartials).pipe(Effect.ignore, hosted)
      }

      return Backups.of({
        list,
        get: Effect.fn("Backups.get")((id) => Effect.map(find(id), ({ backup }) => backup)),
        create,
        upload,
        download: Effect.fn("Backups.download")((id) =>
          Effect.map(find(id), ({ backup, file }) => ({ backup, bytes: files.stream(file) }))
        ),
        verify: Effect.fn("Backups.verify")(function* (id) {
          const { backup, file } = yield* find(id)
          return yield* inspect(file).pipe(
            Effect.map((inspection): BackupCheck => {
              const because = unusable(inspection)
              const { damage, foreign, supported } = inspection
              return { id, restorable: because === null, because, version: backup.version, supported, foreign, damage }
            }),
            Effect.catch(({ detail }) =>
              Effect.succeed<BackupCheck>({
                id,
                restorable: false,
                because: `it cannot be read: ${detail}`,
                version: null,
                supported: latestMigration,
                foreign: [],
                damage: []
              })
            )
          )
        }),
        remove,
        restore,
        pending,
        cancelRestore: Effect.gen(function* () {
          const { backupId } = yield* pending
          yield* Effect.orDie(Effect.flatMap(here, dropStaged))
          yield* events.append(
            SystemEvents.restoreCancelled.make({
              subject: backupId,
              message: `The scheduled restore of the backup ${backupId} was cancelled`
            })
          )
        }).pipe(hosted, oneAtATime.withPermits(1)),
        prune: Effect.fn("Backups.prune")(function* (keep) {
          const old = (yield* list).filter(({ reason }) => reason === "scheduled").slice(keep)
          yield* Effect.forEach(old, ({ id }) => Effect.ignore(remove(id)))
          return old.length
        })
      })
    })
  )
}

/**
 * Appends events about a restore. Removals that were cancelled after the backup was made may be scheduled in it, so the
 * brake is applied until a person has reviewed them.
 */
const reportRestore = Effect.fnUntraced(function* (
  events: EventLog["Service"],
  settings: Settings["Service"],
  sql: SqlClient.SqlClient
) {
  const { path } = yield* DataDirectory
  if (path === null) return
  const outcome = yield* restoreOutcome(path)
  if (outcome === null) return
  const { backupId, previous, refusedBecause, requestedBy } = outcome
  const event = (of: (typeof SystemEvents)["restored" | "restoreRefused"], message: string) =>
    events.append(of.make({ subject: backupId, message, payload: { previous, refusedBecause } }))
  const report =
    refusedBecause === null
      ? Effect.andThen(
          settings.patch(RemovalsSettings, { deletionsEnabled: false }),
          event(
            SystemEvents.restored,
            `The database was replaced with the backup ${backupId}. Deletions are switched off until you have reviewed what is scheduled in it and switch them on again`
          )
        )
      : event(SystemEvents.restoreRefused, `The backup ${backupId} was not restored: ${refusedBecause}`)
  yield* transacting(sql)(report).pipe(Effect.provideService(Actor, requestedBy), Effect.orDie)
  yield* forgetOutcome(path)
}, Effect.orDie)

const isoOf = (at: Option.Option<Date>): string =>
  Option.match(at, { onNone: () => isoOfMillis(0), onSome: (date) => date.toISOString() })

const sentence = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
