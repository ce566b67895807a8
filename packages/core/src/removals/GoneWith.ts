/**
 * By which removal an item went that had none of its own: that of its whole, or of the same file under another
 * application, which then finds it missing.
 */
import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import type { Integrations } from "../integrations/Integrations.ts"
import { type ItemRow, toItem } from "../library/Items.ts"
import { mappingsOf, placing, samePlace } from "../library/Places.ts"

/** A removal is settled a moment before or after its items are marked. */
const slackMillis = 60_000

interface Candidate extends ItemRow {
  readonly removal_id: number
  readonly manager: string
}

export interface GoneWith {
  readonly removalId: string
  readonly title: string
  /** Name of the application through which it was removed. */
  readonly manager: string
  readonly samePlace: boolean
}

export const makeGoneWith = (sql: SqlClient.SqlClient, integrations: Integrations["Service"]) =>
  Effect.fn("Explain.goneWith")(function* (itemId: string, goneAt: string) {
    const own = (yield* sql<ItemRow>`SELECT w.* FROM items i JOIN items w ON w.id = i.id
      OR (w.integration_id = i.integration_id AND w.external_id = i.parent_external_id) WHERE i.id = ${Number(itemId)}`).map(
      toItem
    )
    const until = new Date(Date.parse(goneAt) + slackMillis).toISOString()
    const place = placing(mappingsOf(yield* integrations.list))
    for (const item of own) {
      const candidates = yield* sql<Candidate>`SELECT o.*, r.id AS removal_id, coalesce(g.name, '') AS manager
        FROM removals r JOIN items o ON o.id = r.item_id LEFT JOIN integrations g ON g.id = r.integration_id
        WHERE r.state = 'removed' AND r.kind = ${item.kind} AND r.ended_at <= ${until}
          AND (o.id = ${Number(item.id)} OR o.path = ${item.path}
            OR EXISTS (SELECT 1 FROM json_each(o.ids) e WHERE ${sql.in("e.value", item.ids.length === 0 ? [""] : item.ids)}))
        ORDER BY r.id DESC`
      const found = candidates.find((row) => String(row.id) === item.id || samePlace(place, item, toItem(row)))
      if (found !== undefined) {
        return {
          removalId: String(found.removal_id),
          title: found.title,
          manager: found.manager,
          samePlace: String(found.id) !== item.id
        } satisfies GoneWith
      }
    }
    return null
  }, Effect.orDie)
