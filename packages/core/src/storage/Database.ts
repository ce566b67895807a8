/**
 * The two doors to the database. `SqlClient` writes, through one connection; `ReadSql` reads beside it (WAL), so that
 * pages are served while a sync or a run is under way. Inside a transaction use `SqlClient` for reads too: `ReadSql` sees
 * what was committed.
 */
import { Context, type Effect, type Scope } from "effect"
import type { SqlClient, SqlError } from "effect/sql"

export class ReadSql extends Context.Service<ReadSql, SqlClient.SqlClient>()("tendarr/storage/ReadSql") {}

/** Opens a database in a file that is not the one at work, as it is. What the file holds shows at the first question. */
export type OpenDatabase = (
  file: string,
  options: { readonly readonly: boolean }
) => Effect.Effect<SqlClient.SqlClient, never, Scope.Scope>

/** Where Tendarr keeps its files, and how this runtime copies a live database. */
export class DataDirectory extends Context.Service<
  DataDirectory,
  {
    /** Absolute path of the data directory, or `null` for a database in memory. */
    readonly path: string | null
    /** Writes a consistent copy of the database to `file`. */
    readonly backupTo: (file: string) => Effect.Effect<void, SqlError.SqlError>
    readonly open: OpenDatabase
  }
>()("tendarr/storage/DataDirectory") {}
