/** Remembers the last storage fault, until the storage is seen to work again. */
import { Context, Effect } from "effect"
import type { SqlClient } from "effect/sql"
import { type StorageFault, storageFaultOf } from "./StorageFaults.ts"

export interface StorageWatch {
  /**
   * The current fault; `null` = none. After a fault the storage is tried again, except for damage, which does not go
   * away.
   */
  readonly fault: Effect.Effect<StorageFault | null>
}

/** The default reports nothing: an in-memory database has no storage to watch. */
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

/** Rewrites the header with its current contents. */
const writeSomething = (sql: SqlClient.SqlClient) =>
  sql.withTransaction(
    Effect.flatMap(sql<{ application_id: number }>`PRAGMA application_id`, ([row]) =>
      sql.unsafe(`PRAGMA application_id = ${row?.application_id ?? 0}`)
    )
  )
