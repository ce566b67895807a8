/**
 * What managers knew before the current readings: items of managers that are not read (disabled, or without their
 * catalog), and items that disappear from a manager only now, as they do when it has lost its database. For a day they
 * are not what no manager knows; in that time a media server also notices that the files of a removed item are gone.
 */
import { DateTime, Effect } from "effect"
import type { SqlClient } from "effect/sql"
import { dayMillis } from "../../problems/Instants.ts"
import type { ManagedItem } from "../Join/Managed.ts"
import { itemIdsOf } from "../StoredItem.ts"

/** How long an item that no manager lists any more still counts as managed. */
const graceMillis = dayMillis

interface Row {
  readonly id: number
  readonly integration_id: number
  readonly kind: ManagedItem["kind"]
  readonly title: string
  readonly year: number | null
  readonly ids: string
  readonly path: string | null
}

/** `servers` are the media servers, whose own items nobody manages. */
export const managedElsewhere = Effect.fn("Sync.managedElsewhere")(function* (
  sql: SqlClient.SqlClient,
  { now, servers }: { readonly now: number; readonly servers: ReadonlyArray<string> }
) {
  const since = DateTime.formatIso(DateTime.makeUnsafe(now - graceMillis))
  const items: Array<ManagedItem & { readonly integrationId: string }> = []
  for (let after = 0; ;) {
    const rows = yield* sql<Row>`SELECT id, integration_id, kind, title, year, ids, path FROM items
      WHERE id > ${after} AND ${notIn(sql, "kind", ["season", "album", "book"])}
      AND ${notIn(sql, "integration_id", servers.map(Number))}
      AND (gone_at IS NULL OR gone_at > ${since})
      ORDER BY id LIMIT ${rowsAtOnce}`
    for (const { ids, integration_id, id, ...row } of rows) {
      items.push({ ...row, ids: itemIdsOf(id, ids), integrationId: String(integration_id) })
    }
    const last = rows[rowsAtOnce - 1]
    if (last === undefined) return items
    after = last.id
    yield* Effect.yieldNow
  }
}, Effect.orDie)

const rowsAtOnce = 500

const notIn = (sql: SqlClient.SqlClient, column: string, values: ReadonlyArray<string | number>) =>
  values.length === 0 ? sql`1 = 1` : sql`NOT ${sql.in(column, values)}`
