/**
 * The two connections of a file database, independent of the driver. The files they create are accessible only to their
 * owner.
 */
import { Clock, Context, Effect, FileSystem, Layer, type Path, type Scope } from "effect"
import { Reactivity } from "effect/reactivity"
import { SqlClient, type SqlError } from "effect/sql"
import { Checkpoints, makeCheckpoints } from "./Checkpoints.ts"
import { DataDirectory, ReadSql } from "./Database.ts"
import { patience, patientClient } from "./PatientClient.ts"
import { DatabaseMissing, requirePresence } from "./Presence.ts"
import { applyRestore } from "./Restoring.ts"
import { markIfNew } from "./SandboxMark.ts"
import { DatabaseUnusable, withStorageFaults } from "./StorageFaults.ts"
import { makeStorageWatch, StorageWatch } from "./StorageWatch.ts"

export interface Opening {
  readonly filename: string
  readonly readonly: boolean
  /** Whether the file is switched to write-ahead mode; copies keep their mode. */
  readonly wal: boolean
}

export interface OpenConnection {
  readonly client: SqlClient.SqlClient
  /** Writes a consistent copy of the database to a file. */
  readonly backup: (file: string) => Effect.Effect<void, SqlError.SqlError>
}

/** Why there are no connections: the database was lost, or its location fails. */
export type ConnectionsError = DatabaseMissing | DatabaseUnusable

/**
 * `open` is the driver's; `folder` is the data directory that contains the database. A staged restore is applied first.
 */
export const connections = (
  open: (opening: Opening) => Effect.Effect<OpenConnection, never, Scope.Scope | Reactivity.Reactivity>,
  folder: string,
  filename: string
): Layer.Layer<SqlClient.SqlClient | ReadSql | DataDirectory, ConnectionsError, FileSystem.FileSystem | Path.Path> =>
  Layer.effectContext(
    Effect.gen(function* () {
      const reactivity = yield* Reactivity.Reactivity
      const openOther = (file: string, { readonly }: { readonly readonly: boolean }) =>
        open({ filename: file, readonly, wal: false }).pipe(
          Effect.map(({ client }) => client),
          Effect.provideService(Reactivity.Reactivity, reactivity)
        )
      yield* requirePresence(openOther, folder, filename)
      yield* applyRestore(openOther, folder, filename)
      const files = yield* FileSystem.FileSystem
      yield* ownersAlone(files, filename)
      const watch = makeStorageWatch()
      const flush = Effect.scoped(
        Effect.flatMap(files.open(`${filename}-wal`, { flag: "r+" }), (log) => log.sync)
      ).pipe(
        // If this fails, the commit that follows reports why.
        Effect.ignore
      )
      const writer = yield* onceFree(
        filename,
        Effect.gen(function* () {
          const opened = yield* open({ filename, readonly: false, wal: true })
          const client = yield* patientClient(opened.client, { writes: true, note: watch.note, flush })
          yield* client`PRAGMA foreign_keys = ON`
          yield* client`PRAGMA synchronous = FULL`
          // Reports now what the first write would report later: read-only, damaged, locked.
          yield* client.withTransaction(Effect.void)
          yield* markIfNew(client)
          return { client, backup: opened.backup }
        })
      )
      const reader = yield* onceFree(
        filename,
        Effect.flatMap(open({ filename, readonly: true, wal: false }), ({ client }) =>
          patientClient(client, { writes: false, note: watch.note, flush: Effect.void })
        )
      )
      return Context.make(SqlClient.SqlClient, writer.client).pipe(
        Context.add(ReadSql, reader),
        Context.add(Checkpoints, yield* makeCheckpoints(writer.client, filename)),
        Context.add(StorageWatch, watch.over(writer.client)),
        Context.add(DataDirectory, {
          path: folder,
          backupTo: (file) => Effect.andThen(ownersAlone(files, file), writer.backup(file)),
          open: openOther
        })
      )
    }).pipe(
      withStorageFaults(filename),
      Effect.catch((error) =>
        error instanceof DatabaseMissing || error instanceof DatabaseUnusable ? Effect.fail(error) : Effect.die(error)
      )
    )
  ).pipe(Layer.provide(Reactivity.layer))

/** Opens the file, retrying while another program has it locked; a driver that cannot open throws. */
const onceFree = <A, E, R>(
  file: string,
  opening: Effect.Effect<A, E, R>
): Effect.Effect<A, E | DatabaseUnusable, R> => {
  const attempt = (since: number): Effect.Effect<A, E | DatabaseUnusable, R> =>
    Effect.catch(withStorageFaults(file)(opening), (error) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) =>
        error instanceof DatabaseUnusable && error.reason === "held" && now - since < patience
          ? Effect.andThen(Effect.sleep("50 millis"), attempt(since))
          : Effect.fail(error)
      )
    )
  return Effect.flatMap(Clock.currentTimeMillis, attempt)
}

/**
 * Creates an empty file if there is none, and restricts it to its owner. SQLite treats an empty file as a new database,
 * and gives its log and index the permissions of the database.
 */
const ownersAlone = (files: FileSystem.FileSystem, file: string): Effect.Effect<void> =>
  Effect.gen(function* () {
    yield* files.open(file, { flag: "a", mode: 0o600 })
    for (const each of [file, `${file}-wal`, `${file}-shm`]) yield* Effect.ignore(files.chmod(each, 0o600))
    // Whether the file can be used at all is reported by the driver.
  }).pipe(Effect.scoped, Effect.ignore)
