/** The two connections of a database in a file, whatever driver opens them. What they write is for its owner alone. */
import { Context, Effect, FileSystem, Layer, type Path, type Scope } from "effect"
import { Reactivity } from "effect/reactivity"
import { SqlClient, type SqlError } from "effect/sql"
import { Checkpoints, makeCheckpoints } from "./Checkpoints.ts"
import { DataDirectory, ReadSql } from "./Database.ts"
import { applyRestore } from "./Restoring.ts"

export interface Opening {
  readonly filename: string
  readonly readonly: boolean
  /** Whether the file is put into write-ahead mode; a copy is left as it is. */
  readonly wal: boolean
}

export interface OpenConnection {
  readonly client: SqlClient.SqlClient
  /** Writes a consistent copy of the database to a file. */
  readonly backup: (file: string) => Effect.Effect<void, SqlError.SqlError>
}

/** `open` is the driver's; `folder` the data directory in which the database stands. A staged restore is applied first. */
export const connections = (
  open: (opening: Opening) => Effect.Effect<OpenConnection, never, Scope.Scope | Reactivity.Reactivity>,
  folder: string,
  filename: string
): Layer.Layer<SqlClient.SqlClient | ReadSql | DataDirectory, never, FileSystem.FileSystem | Path.Path> =>
  Layer.effectContext(
    Effect.gen(function* () {
      const reactivity = yield* Reactivity.Reactivity
      const openOther = (file: string, { readonly }: { readonly readonly: boolean }) =>
        open({ filename: file, readonly, wal: false }).pipe(
          Effect.map(({ client }) => client),
          Effect.provideService(Reactivity.Reactivity, reactivity)
        )
      yield* applyRestore(openOther, folder, filename)
      const files = yield* FileSystem.FileSystem
      yield* ownersAlone(files, filename)
      const writer = yield* open({ filename, readonly: false, wal: true })
      yield* writer.client`PRAGMA busy_timeout = 5000`
      yield* writer.client`PRAGMA foreign_keys = ON`
      yield* writer.client`PRAGMA synchronous = NORMAL`
      const reader = yield* open({ filename, readonly: true, wal: false })
      yield* reader.client`PRAGMA busy_timeout = 5000`
      return Context.make(SqlClient.SqlClient, writer.client).pipe(
        Context.add(ReadSql, reader.client),
        Context.add(Checkpoints, yield* makeCheckpoints(writer.client, filename)),
        Context.add(DataDirectory, {
          path: folder,
          backupTo: (file) => Effect.andThen(ownersAlone(files, file), writer.backup(file)),
          open: openOther
        })
      )
    }).pipe(Effect.orDie)
  ).pipe(Layer.provide(Reactivity.layer))

/**
 * Makes the file, empty, where there is none, and closes it to others. SQLite takes an empty file for a new database, and
 * gives its log and index the permissions of the database.
 */
const ownersAlone = (files: FileSystem.FileSystem, file: string): Effect.Effect<void> =>
  Effect.gen(function* () {
    yield* files.open(file, { flag: "a", mode: 0o600 })
    for (const each of [file, `${file}-wal`, `${file}-shm`]) yield* Effect.ignore(files.chmod(each, 0o600))
    // Whether it can be used at all is for the driver to say.
  }).pipe(Effect.scoped, Effect.ignore)
