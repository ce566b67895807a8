/**
 * Examines a database without changing it: whether it belongs to Tendarr, its version, whether it contains objects that
 * we did not create, and whether its pages are intact.
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
  /**
   * Triggers, views and other objects that our migrations have not created, or have created differently; at most ten.
   */
  readonly foreign: ReadonlyArray<string>
  /** Errors that SQLite reports, at most ten; empty for a sound database. */
  readonly damage: ReadonlyArray<string>
}

/**
 * Fails if the file is not a database. A read-only connection is enough; `open` opens an in-memory database for
 * comparison. If the database contains foreign objects its pages are not checked, because checking them could execute
 * these objects.
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
    // Table by table, so that other fibers can run while a large database is read. The schema table is included,
    // because checking it also checks the free pages of the file.
    for (const name of ["sqlite_schema", ...tables.map((table) => table.name)]) {
      if (damage.length >= mostReported) break
      damage.push(...(yield* faultsOf(sql, name)))
      yield* Effect.yieldNow
    }
    // Not all rows of a damaged file can be read.
    if (damage.length === 0) damage.push(...(yield* brokenReferences(sql)))
  }
  return {
    ours,
    version,
    supported: latestMigration,
    foreign: foreign.slice(0, mostReported),
    damage: damage.slice(0, mostReported)
  } satisfies Inspection
})

const mostReported = 10

const ownTables = ["effect_sql_migrations", "settings", "integrations", "items", "rules", "removals", "events"]

const faultsOf = (sql: SqlClient.SqlClient, table: string) =>
  sql.unsafe<{ readonly integrity_check: string }>(`PRAGMA integrity_check("${table.replaceAll('"', '""')}")`).pipe(
    Effect.map((rows) => rows.map((row) => row.integrity_check).filter((line) => line !== "ok")),
    Effect.catch((error) => Effect.succeed([`${table}: ${databaseFault(error)}`]))
  )

const brokenReferences = (sql: SqlClient.SqlClient) =>
  sql`PRAGMA foreign_key_check`.pipe(
    Effect.map((rows) => (rows.length === 0 ? [] : [`${rows.length} rows refer to rows that do not exist`])),
    Effect.catch((error) => Effect.succeed([databaseFault(error)]))
  )
