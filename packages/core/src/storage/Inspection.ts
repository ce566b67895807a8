/**
 * What can be said of a database without changing it: whose it is, its version, whether it holds what we did not make, and
 * whether its pages hold together.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { OpenDatabase } from "./Database.ts"
import { databaseFault } from "./DatabaseFault.ts"
import { appliedMigration, latestMigration } from "./Migrations.ts"
import { foreignTo, ownSchema, schemaOf } from "./OwnSchema.ts"

export interface Inspection {
  /** Whether it has the tables of Tendarr. */
  readonly ours: boolean
  /** The last migration that was applied; 0 = none. */
  readonly version: number
  /** The newest version that this program knows. */
  readonly supported: number
  /** Triggers, views and whatever else our migrations have not made, or have made otherwise, ten entries at most. */
  readonly foreign: ReadonlyArray<string>
  /** What SQLite finds wrong, ten entries at most; none for a sound database. */
  readonly damage: ReadonlyArray<string>
}

/**
 * Fails when the file is no database. A read-only connection is enough; `open` is for one in memory to compare with. The
 * pages of one that holds something foreign are left unread, since to check them could be to run it.
 */
export const inspectDatabase = Effect.fnUntraced(function* (open: OpenDatabase) {
  const sql = yield* SqlClient.SqlClient
  yield* sql`PRAGMA trusted_schema = OFF`
  const version = yield* appliedMigration
  const schema = yield* schemaOf
  const tables = schema.filter(({ type }) => type === "table")
  const ours = ownTables.every((own) => tables.some(({ name }) => name === own))
  const known = ours && version > 0 && version <= latestMigration
  const foreign = known ? foreignTo(yield* ownSchema(open, version), schema) : []
  const damage: Array<string> = []
  if (foreign.length === 0) {
    // Table by table, so that others get their turn while a large database is read.
    // Of the schema's own table the file as a whole is looked at too: its free pages.
    for (const name of ["sqlite_schema", ...tables.map((table) => table.name)]) {
      if (damage.length >= mostTold) break
      damage.push(...(yield* faultsOf(sql, name)))
      yield* Effect.yieldNow
    }
    // Of a damaged file the rows cannot all be read.
    if (damage.length === 0) damage.push(...(yield* brokenReferences(sql)))
  }
  return {
    ours,
    version,
    supported: latestMigration,
    foreign: foreign.slice(0, mostTold),
    damage: damage.slice(0, mostTold)
  } satisfies Inspection
})

const mostTold = 10

const ownTables = ["effect_sql_migrations", "settings", "integrations", "items", "rules", "removals", "events"]

const faultsOf = (sql: SqlClient.SqlClient, table: string) =>
  sql.unsafe<{ readonly integrity_check: string }>(`PRAGMA integrity_check("${table.replaceAll('"', '""')}")`).pipe(
    Effect.map((rows) => rows.map((row) => row.integrity_check).filter((line) => line !== "ok")),
    Effect.catch((error) => Effect.succeed([`${table}: ${databaseFault(error)}`]))
  )

const brokenReferences = (sql: SqlClient.SqlClient) =>
  sql`PRAGMA foreign_key_check`.pipe(
    Effect.map((rows) => (rows.length === 0 ? [] : [`${rows.length} rows refer to rows that are not there`])),
    Effect.catch((error) => Effect.succeed([databaseFault(error)]))
  )
