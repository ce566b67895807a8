/**
 * The two clients of the database. `SqlClient` writes, through one connection; `ReadSql` reads on another one (WAL), so
 * that pages are served while a sync or a run is in progress. Inside a transaction, use `SqlClient` for reads too:
 * `ReadSql` sees only committed rows.
 */
import { Context, type Effect, type Scope } from "effect"
import type { SqlClient, SqlError } from "effect/sql"

export class ReadSql extends Context.Service<ReadSql, SqlClient.SqlClient>()("tendarr/storage/ReadSql") {}

/**
 * Opens another database file than the live one, without migrating it. Errors in the file surface on the first query.
 */
export type OpenDatabase = (
  file: string,
  options: { readonly readonly: boolean }
) => Effect.Effect<SqlClient.SqlClient, never, Scope.Scope>

/** Where Tendarr keeps its files, and how this runtime copies a live database. */
export class DataDirectory extends Context.Service<
  DataDirectory,
  {
    /** Absolute path of the data directory, or `null` for an in-memory database. */
    readonly path: string | null
    /** Writes a consistent copy of the database to `file`. */
    readonly backupTo: (file: string) => Effect.Effect<void, SqlError.SqlError>
    readonly open: OpenDatabase
  }
>()("tendarr/storage/DataDirectory") {}
