/** Remembers what the storage failed with last, until it is seen to work again. */
import { Context, Effect } from "effect"
import type { SqlClient } from "effect/sql"
import { type StorageFault, storageFaultOf } from "./StorageFaults.ts"

export interface StorageWatch {
  /** What is wrong now; `null` = all is well. What was wrong before is tried again, but damage does not mend. */
  readonly fault: Effect.Effect<StorageFault | null>
}

/** A database in memory has nothing to watch, hence the default. */
export const StorageWatch = Context.Reference<StorageWatch>("tendarr/storage/StorageWatch", {
  defaultValue: () => ({ fault: Effect.succeed(null) })
})

export const makeStorageWatch = () => {
  let last: StorageFault | null = null
  const over = (sql: SqlClient.SqlClient): StorageWatch => ({
    fault: Effect.suspend(() =>
      last === null || last.reason === "damaged"
        ? Effect.succeed(last)
        : writeSomething(sql).pipe(
            Effect.map(() => (last = null)),
            Effect.catch((error) => Effect.sync(() => (last = storageFaultOf(error) ?? last)))
          )
    )
  })
  return {
    note: (fault: StorageFault) => {
      last = fault
    },
    over
  }
}

/** The header, with what stands in it. */
const writeSomething = (sql: SqlClient.SqlClient) =>
  sql.withTransaction(
    Effect.flatMap(sql<{ application_id: number }>`PRAGMA application_id`, ([row]) =>
      sql.unsafe(`PRAGMA application_id = ${row?.application_id ?? 0}`)
    )
  )
