/**
 * Finds the removal by which the files of an item without a removal of its own were removed: that of the same file
 * under another application, of another episode in the same file, or of a whole that the item belonged to.
 */
import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import { isoOfMillis } from "../problems/Instants.ts"
import { isWholeOf } from "../library/WholesInSql.ts"

/** A removal ends shortly before or after its parts are marked. */
const slackMillis = 60_000

interface Row {
  readonly id: number
  readonly title: string
  readonly manager: string | null
  /** Whether it is in the same application. */
  readonly own: number | null
}

/** Returns part of a sentence, or `null`. `goneAt` = since when the item is gone; `null` if it exists. */
export const makeGoneWith = (sql: SqlClient.SqlClient) =>
  Effect.fn("Explain.goneWith")(function* (itemId: string, goneAt: string | null) {
    const id = Number(itemId)
    const [same] = yield* sql<Row>`SELECT r.id, r.title, g.name AS manager, r.integration_id = i.integration_id AS own
      FROM missing_files m
      JOIN items i ON i.id = m.item_id JOIN removals r ON r.id = m.removal_id
      LEFT JOIN integrations g ON g.id = r.integration_id
      WHERE m.item_id = ${id} AND r.state = 'removed' AND i.size_bytes IN (0, m.size_bytes)`
    if (same !== undefined) {
      return same.own === 1
        ? `removal ${same.id} took the same file with "${same.title}"`
        : `removal ${same.id} took the same file through ${same.manager ?? "another application"}`
    }
    if (goneAt === null) return null
    const until = isoOfMillis(Date.parse(goneAt) + slackMillis)
    const [whole] = yield* sql<Row>`SELECT r.id, r.title, NULL AS manager, 0 AS own FROM items i
      JOIN items w ON ${isWholeOf(sql, "i", "w")}
      JOIN removals r ON r.item_id = w.id
      WHERE i.id = ${id} AND r.state = 'removed' AND r.action <> 'unmonitor' AND r.ended_at <= ${until} ORDER BY r.id DESC LIMIT 1`
    return whole === undefined ? null : `removal ${whole.id} took "${whole.title}", to which it belonged`
  }, Effect.orDie)
