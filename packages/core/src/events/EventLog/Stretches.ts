/**
 * Converts times to id bounds. Within a stretch, times increase with ids, so that a bound is found by binary search
 * with about twenty look-ups; when the clock was set back, a new stretch begins.
 */
import { Effect } from "effect"
import type { SqlClient } from "effect/sql"

/** Ids from `from` (inclusive) to `to` (exclusive). */
export interface Stretch {
  readonly from: number
  readonly to: number
}

/** Oldest first. */
export const stretches = Effect.fn("Stretches.all")(function* (sql: SqlClient.SqlClient) {
  const [ends] = yield* sql<{ first: number | null; last: number | null }>`SELECT
    (SELECT min(id) FROM events) AS first, (SELECT max(id) FROM events) AS last`
  if (ends?.first == null || ends.last == null) return []
  const { first, last } = ends
  const begun = yield* sql<{ id: number }>`SELECT first_id AS id FROM event_stretches
    WHERE first_id > ${first} AND first_id <= ${last} ORDER BY first_id`
  const starts = [first, ...begun.map(({ id }) => id), last + 1]
  return starts.slice(0, -1).map((from, index): Stretch => ({ from, to: starts[index + 1] ?? from }))
}, Effect.orDie)

/** Id of the first event of a stretch at or after a time; if there is none, the end of the stretch. */
export const firstSince = Effect.fn("Stretches.firstSince")(function* (
  sql: SqlClient.SqlClient,
  { from, to }: Stretch,
  time: string
) {
  const before = sql`(SELECT at FROM events WHERE id >= (low + high) / 2 AND id < ${to} ORDER BY id LIMIT 1) < ${time}`
  const [found] = yield* sql<{ id: number }>`WITH RECURSIVE search (low, high) AS (
    SELECT ${from}, ${to}
    UNION ALL
    SELECT CASE WHEN ${before} THEN (low + high) / 2 + 1 ELSE low END,
      CASE WHEN ${before} THEN high ELSE (low + high) / 2 END
    FROM search WHERE low < high
  ) SELECT low AS id FROM search WHERE low >= high`
  return found?.id ?? to
}, Effect.orDie)

/** The parts of the stretches between two times. */
export const between = Effect.fn("Stretches.between")(function* (
  sql: SqlClient.SqlClient,
  since: string | undefined,
  until: string | undefined
) {
  const found: Array<Stretch> = []
  for (const stretch of yield* stretches(sql)) {
    const from = since === undefined ? stretch.from : yield* firstSince(sql, stretch, since)
    const to = until === undefined ? stretch.to : yield* firstSince(sql, stretch, until)
    if (from < to) found.push({ from, to })
  }
  return found
})
