/** The two connections of a database in a file, whatever driver opens them. */
import { Context, Effect, Layer, type Scope } from "effect"
import { Reactivity } from "effect/reactivity"
import { SqlClient, type SqlError } from "effect/sql"
import { DataDirectory, ReadSql } from "./Database.ts"

export interface Opening {
  readonly filename: string
  readonly readonly: boolean
}

export interface OpenConnection {
  readonly client: SqlClient.SqlClient
  /** Writes a consistent copy of the database to a file. */
  readonly backup: (file: string) => Effect.Effect<void, SqlError.SqlError>
}

/** `open` is the driver's; `folder` the data directory in which the database stands. */
export const connections = (
  open: (opening: Opening) => Effect.Effect<OpenConnection, never, Scope.Scope | Reactivity.Reactivity>,
  folder: string,
  filename: string
): Layer.Layer<SqlClient.SqlClient | ReadSql | DataDirectory> =>
  Layer.effectContext(
    Effect.gen(function* () {
      const writer = yield* open({ filename, readonly: false })
      yield* writer.client`PRAGMA busy_timeout = 5000`
      yield* writer.client`PRAGMA foreign_keys = ON`
      yield* writer.client`PRAGMA synchronous = NORMAL`
      const reader = yield* open({ filename, readonly: true })
      yield* reader.client`PRAGMA busy_timeout = 5000`
      return Context.make(SqlClient.SqlClient, writer.client).pipe(
        Context.add(ReadSql, reader.client),
        Context.add(DataDirectory, { path: folder, backupTo: writer.backup })
      )
    }).pipe(Effect.orDie)
  ).pipe(Layer.provide(Reactivity.layer))
