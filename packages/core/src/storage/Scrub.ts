/**
 * Removes overwritten values from the files of the database: free pages keep them until they are reused, and the log
 * until it is restarted. Only SQLite: other databases manage their own pages.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** Set in the transaction that overwrites, so that the scrub is not lost if the process is killed before it. */
export const markForScrub = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql.onDialectOrElse({ sqlite: () => sql`PRAGMA user_version = 1`, orElse: () => Effect.void })
})

/** Does nothing unless it is marked. */
export const scrub = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const scrubSqlite = Effect.gen(function* () {
    const [row] = yield* sql<{ user_version: number }>`PRAGMA user_version`
    if (row?.user_version !== 1) return
    yield* sql`VACUUM`
    const [checkpoint] = yield* sql<{ busy: number }>`PRAGMA wal_checkpoint(TRUNCATE)`
    // Another connection is reading at the moment; the next start does it.
    if (checkpoint?.busy === 1) return
    yield* sql`PRAGMA user_version = 0`
  })
  yield* sql.onDialectOrElse({ sqlite: () => scrubSqlite, orElse: () => Effect.void })
})
