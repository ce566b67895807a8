/**
 * How a page of a filtered list is read. Walking the index of its order until the page is full is fast if many rows
 * match, and reads the whole list if few do. Sorting the rows that the most selective filter leaves is the reverse.
 */
import { Effect } from "effect"
import type { SqlClient, Statement } from "effect/sql"

/** A filter of a list, in two forms. */
export interface Filter {
  /** A condition on each row, for which no index is used; see `unindexed`. */
  readonly condition: Statement.Fragment
  /** A query for the ids of the rows that match, as `id`, which an index answers. Omitted if there is none. */
  readonly ids?: Statement.Fragment
}

/** A matching row is read and sorted; a row that is walked over is mostly read from an index alone. */
const rowsWalkedPerRowSorted = 4

/**
 * The ids that the most selective filter leaves, if it is faster to sort them than to walk the rows of `table` until a
 * page of `limit` is full; otherwise `null`. Of `n` rows with `h` matches, walking reads about `limit * n / h` and sorting
 * `h`, so that the faster one never reads many more than `sqrt(limit * n)`; no more than that are counted.
 */
export const fewestIds = Effect.fnUntraced(function* (
  sql: SqlClient.SqlClient,
  filters: ReadonlyArray<Filter>,
  { limit, table }: { readonly limit: number; readonly table: string }
) {
  if (filters.every(({ ids }) => ids === undefined)) return null
  const [last] = yield* sql<{ readonly id: number }>`SELECT coalesce(max(id), 0) AS id FROM ${sql.literal(table)}`
  const rows = last?.id ?? 0
  let most = Math.ceil(Math.sqrt((limit * rows) / rowsWalkedPerRowSorted))
  let fewest: Statement.Fragment | null = null
  for (const { ids } of filters) {
    if (ids === undefined) continue
    const [row] = yield* sql<{ readonly hits: number }>`SELECT count(*) AS hits FROM
      (SELECT 1 FROM (${ids}) AS matching LIMIT ${most + 1}) AS counted`
    const hits = row?.hits ?? 0
    if (hits > most) continue
    fewest = ids
    // Fewer than a page: no other filter saves anything.
    if (hits <= limit) break
    most = hits
  }
  return fewest
})
