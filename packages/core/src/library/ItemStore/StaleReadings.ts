/**
 * Items that were removed after a reading was taken, or while it was taken: the reading still lists them. They stay gone
 * until a later one lists them, or else what was removed would return whenever its application cannot be read.
 */
import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import { itemKey } from "../Item.ts"
import type { PreparedItem } from "../ItemStore.ts"

/** Ids per statement. */
const batchSize = 100

export const makeStaleReadings = (sql: SqlClient.SqlClient, stagedTables: ReadonlyArray<string>) => {
  /** What was removed from an integration later than `readAt`. */
  const removedSince = (integrationId: string, readAt: string) =>
    sql<{ external_id: string; parent_external_id: string | null }>`SELECT external_id, parent_external_id FROM items
      WHERE integration_id = ${Number(integrationId)} AND removed_at > ${readAt}`

  const unstage = Effect.fnUntraced(function* (integrationId: string, externalIds: ReadonlyArray<string>) {
    for (let start = 0; start < externalIds.length; start += batchSize) {
      const some = sql.in("external_id", externalIds.slice(start, start + batchSize))
      for (const table of stagedTables) {
        yield* sql`DELETE FROM ${sql.literal(table)} WHERE integration_id = ${Number(integrationId)} AND ${some}`
      }
    }
  })

  /**
   * The prepared items without those that were removed since their reading, by integration. The wholes of removed parts
   * stay as they are stored: the reading contains their old sizes. Run in the transaction that applies the items, first.
   */
  const dropRemoved = Effect.fn("ItemStore.dropRemoved")(function* (
    prepared: ReadonlyMap<string, PreparedItem>,
    readAt: ReadonlyMap<string, string>
  ) {
    let kept = prepared
    for (const [integrationId, at] of readAt) {
      const removed = yield* removedSince(integrationId, at)
      if (removed.length === 0) continue
      const gone = new Set(removed.map((row) => itemKey(integrationId, row.external_id)))
      const prefix = itemKey(integrationId, "")
      const dropped: Array<string> = []
      const rest = new Map<string, PreparedItem>()
      for (const [key, entry] of kept) {
        if (gone.has(key) || (entry.wholeKey !== null && gone.has(entry.wholeKey)))
          dropped.push(key.slice(prefix.length))
        else rest.set(key, entry)
      }
      kept = rest
      const wholes = [...new Set(removed.flatMap((row) => row.parent_external_id ?? []))]
      // A season that lost an episode is not the parent of it, but its hash was cleared too.
      const seasons = yield* Effect.forEach(
        wholes,
        (whole) =>
          sql<{ external_id: string }>`SELECT external_id FROM items WHERE integration_id = ${Number(integrationId)}
          AND parent_external_id = ${whole} AND data_hash = '' AND gone_at IS NULL`
      )
      yield* unstage(integrationId, [...dropped, ...wholes, ...seasons.flat().map((row) => row.external_id)])
      yield* Effect.yieldNow
    }
    return kept
  }, Effect.orDie)

  return { removedSince, dropRemoved }
}
