/** What can be said of a database without changing it: its version, and whether its pages hold together. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { appliedMigration, latestMigration } from "./Migrations.ts"

export interface Inspection {
  /** The last migration that was applied; 0 = none. */
  readonly version: number
  /** The newest version that this program knows. */
  readonly supported: number
  /** What SQLite finds wrong, ten entries at most; none for a sound database. */
  readonly damage: ReadonlyArray<string>
}

/** Fails when the file is no database. A read-only connection is enough. */
export const inspectDatabase = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const version = yield* appliedMigration
  const rows = yield* sql<{ readonly quick_check: string }>`PRAGMA quick_check(10)`
  const damage = rows.map(({ quick_check }) => quick_check).filter((line) => line !== "ok")
  // Of a damaged file the rows cannot all be read.
  const broken = damage.length > 0 ? [] : yield* sql`PRAGMA foreign_key_check`
  return {
    version,
    supported: latestMigration,
    damage: [...damage, ...(broken.length === 0 ? [] : [`${broken.length} rows refer to rows that are not there`])]
  } satisfies Inspection
})
