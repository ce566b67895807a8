/** Marks a removed item as gone, with what belongs to it, before the next sync notices. */
import { Effect } from "effect"
import type { SqlClient, Statement } from "effect/sql"
import { larger, readablePart } from "../../storage/Dialect.ts"
import type { LibraryItem } from "../Item.ts"

interface PartRow {
  readonly integration_id: number
  readonly kind: LibraryItem["kind"]
  readonly external_id: string
  readonly parent_external_id: string | null
  readonly size_bytes: number
  readonly season: number | null
}

/** As `ItemStore.markGone`. */
export const makeMarkGone = (sql: SqlClient.SqlClient) => {
  const counted = Effect.map(
    sql<{ value: number }>`SELECT value FROM counters WHERE name = 'library.items'`,
    ([row]) => row?.value ?? 0
  )
  /** The number of the season that an item is, or belongs to. */
  const season = readablePart(sql, "item_documents.data", "catalog", "seasonNumber")

  return Effect.fn("ItemStore.markGone")(function* (itemId: string, at: string) {
    const before = yield* counted
    const id = Number(itemId)
    const [item] = yield* sql<PartRow>`SELECT integration_id, kind, external_id, parent_external_id, size_bytes,
        ${season} AS season
      FROM items LEFT JOIN item_documents ON item_id = id WHERE id = ${id} AND gone_at IS NULL`
    if (item === undefined) return 0
    /** The season of an episode, or the episodes of a season. */
    const ofSeason = (kind: "season" | "episode") => sql`integration_id = ${item.integration_id}
      AND parent_external_id = ${item.parent_external_id} AND kind = ${kind}
      AND (SELECT ${season} FROM item_documents WHERE item_id = items.id) = ${item.season}`
    // Clearing the hash makes the next reading write the whole again, even if its data is unchanged.
    const shrink = (whole: Statement.Fragment) =>
      sql`UPDATE items SET data_hash = '', size_bytes = ${larger(sql, "0", `size_bytes - ${item.size_bytes}`)}
        WHERE gone_at IS NULL AND ${whole}`
    const leave = (gone: Statement.Fragment) =>
      sql`UPDATE items SET gone_at = ${at}, removed_at = ${at}, updated_at = ${at} WHERE gone_at IS NULL AND ${gone}`
    if (item.parent_external_id !== null) {
      yield* shrink(sql`integration_id = ${item.integration_id} AND external_id = ${item.parent_external_id}`)
    }
    if (item.kind === "episode") yield* shrink(ofSeason("season"))
    yield* leave(sql`(id = ${id}
      OR (integration_id = ${item.integration_id} AND parent_external_id = ${item.external_id}))`)
    if (item.kind === "season") yield* leave(ofSeason("episode"))
    return before - (yield* counted)
  }, Effect.orDie)
}
