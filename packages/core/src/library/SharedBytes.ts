/**
 * How many bytes of the library are counted twice because two applications manage the same files: taken off the total,
 * which a counter keeps item by item. Found after each sync, from the paths alone where nothing is shared.
 */
import { Array as Arr, Effect } from "effect"
import type { SqlClient } from "effect/sql"
import type { Integrations } from "../integrations/Integrations.ts"
import { type ItemRow, toItem } from "./Items.ts"
import { mappingsOf, placesIn, placing } from "./Places.ts"
import { bytesOf } from "./Snapshots.ts"

export const sharedBytesCounter = "library.bytes-shared"

/** Items looked at between two turns of the event loop. */
const itemsAtOnce = 500
const loadedAtOnce = 100

interface PathRow {
  readonly id: number
  readonly integration_id: number
  readonly path: string
}

interface Seen {
  readonly integrationId: number
  readonly ids: Array<number>
  shared: boolean
}

export const countSharedBytes = (sql: SqlClient.SqlClient, integrations: Integrations["Service"]) => {
  /** Ids of the items at paths at which several applications have something. */
  const atSharedPaths = Effect.fnUntraced(function* (place: ReturnType<typeof placing>) {
    const seen = new Map<string, Seen>()
    for (let after = 0; ;) {
      const rows = yield* sql<PathRow>`SELECT id, integration_id, path FROM items
        WHERE id > ${after} AND gone_at IS NULL AND path IS NOT NULL ORDER BY id LIMIT ${itemsAtOnce}`
      for (const { id, integration_id, path } of rows) {
        const key = place(String(integration_id), path)
        const before = seen.get(key)
        if (before === undefined) {
          seen.set(key, { integrationId: integration_id, ids: [id], shared: false })
          continue
        }
        before.ids.push(id)
        if (before.integrationId !== integration_id) before.shared = true
      }
      const last = rows[itemsAtOnce - 1]
      if (last === undefined) return [...seen.values()].flatMap(({ ids, shared }) => (shared ? ids : []))
      after = last.id
      yield* Effect.yieldNow
    }
  })

  return Effect.gen(function* () {
    const all = yield* integrations.list
    const mappings = mappingsOf(all)
    const ids = all.length < 2 ? [] : yield* atSharedPaths(placing(mappings))
    const items = []
    for (const some of Arr.chunksOf(ids, loadedAtOnce)) {
      const rows = yield* sql<ItemRow>`SELECT * FROM items WHERE ${sql.in("id", some)}
        AND kind NOT IN ('show', 'artist', 'author')`
      for (const row of rows) items.push(toItem(row))
      yield* Effect.yieldNow
    }
    const places = placesIn(items, mappings)
    const shared = items.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) - bytesOf(places, items)
    yield* sql`INSERT INTO counters ${sql.insert({ name: sharedBytesCounter, value: shared })}
      ON CONFLICT (name) DO UPDATE SET value = excluded.value`
  }).pipe(Effect.orDie, Effect.withSpan("SharedBytes.count"))
}
