/**
 * The number of bytes that the library counts twice because two applications manage the same files: they are subtracted
 * from the total, which a counter maintains per item. Computed after each sync, from the paths alone if nothing is
 * shared.
 */
import { Array as Arr, Effect } from "effect"
import type { SqlClient } from "effect/sql"
import type { Integrations } from "../integrations/Integrations.ts"
import { dataIn, type ItemRow, selectItems, toItem } from "./ItemStore/Rows.ts"
import { mappingsOf, placesIn, type Placing, placing } from "./Places.ts"
import { bytesOf } from "./Snapshots.ts"

export const sharedBytesCounter = "library.bytes-shared"

/** Number of items processed before yielding to the event loop. */
const itemsAtOnce = 250
const loadedAtOnce = 100

interface PathRow {
  readonly id: number
  readonly integration_id: number
  readonly path: string
}

export const countSharedBytes = (sql: SqlClient.SqlClient, integrations: Integrations["Service"]) => {
  /** Iterates over every path of the library in batches. */
  const eachPath = Effect.fnUntraced(function* (use: (row: PathRow) => void) {
    for (let after = 0; ;) {
      const rows = yield* sql<PathRow>`SELECT id, integration_id, path FROM items
        WHERE id > ${after} AND gone_at IS NULL AND path IS NOT NULL ORDER BY id LIMIT ${itemsAtOnce}`
      for (const row of rows) use(row)
      const last = rows[itemsAtOnce - 1]
      if (last === undefined) return
      after = last.id
      yield* Effect.yieldNow
    }
  })

  /** Ids of the items at paths where several applications have an item. */
  const atSharedPaths = Effect.fnUntraced(function* (place: Placing) {
    const ownerOf = new Map<string, number>()
    const shared = new Set<string>()
    yield* eachPath(({ integration_id, path }) => {
      const key = place(String(integration_id), path)
      const owner = ownerOf.get(key)
      if (owner === undefined) ownerOf.set(key, integration_id)
      else if (owner !== integration_id) shared.add(key)
    })
    ownerOf.clear()
    const ids: Array<number> = []
    if (shared.size === 0) return ids
    yield* eachPath(({ id, integration_id, path }) => {
      if (shared.has(place(String(integration_id), path))) ids.push(id)
    })
    return ids
  })

  return Effect.gen(function* () {
    const all = yield* integrations.list
    const mappings = mappingsOf(all)
    const ids = all.length < 2 ? [] : yield* atSharedPaths(placing(mappings))
    const items = []
    for (const some of Arr.chunksOf(ids, loadedAtOnce)) {
      const rows = yield* sql<ItemRow>`${selectItems(sql)} WHERE ${sql.in("id", some)}
        AND kind NOT IN ('show', 'artist', 'author')`
      for (const row of rows) items.push(toItem(row, dataIn(row)))
      yield* Effect.yieldNow
    }
    const places = placesIn(items, mappings)
    const shared = items.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) - bytesOf(places, items)
    yield* sql`INSERT INTO counters ${sql.insert({ name: sharedBytesCounter, value: shared })}
      ON CONFLICT (name) DO UPDATE SET value = excluded.value`
  }).pipe(Effect.orDie, Effect.withSpan("SharedBytes.count"))
}
