/** The list of removals by position and with a total, and the sums of the queue. */
import { Effect } from "effect"
import { nowIso } from "../../problems/Instants.ts"
import { ReadSql } from "../../storage/Database.ts"
import { countedPage, type Window } from "../../storage/Pages.ts"
import { filtersOf, orders, type QueueSummary, type RemovalFilters } from "./Lists.ts"
import { columns, type RemovalRow, toSummary } from "./Rows.ts"

export const makeCounted = Effect.gen(function* () {
  const sql = yield* ReadSql

  const where = (query: RemovalFilters) => {
    const conditions = filtersOf(sql, query).map(({ condition }) => condition)
    return conditions.length === 0 ? sql`1 = 1` : sql.and(conditions)
  }

  const counted = Effect.fn("Removals.counted")((query: RemovalFilters, window: Window) => {
    const { direction, key } = orders[query.order ?? "newest"]
    const page = {
      columns: sql.literal(columns),
      from: sql`removals WHERE ${where(query)}`,
      orderBy: sql.literal(`${key} ${direction}, id ${direction}`)
    }
    return countedPage(sql, window, page, (row: RemovalRow) => toSummary(row))
  })

  const queue = Effect.fn("Removals.queue")(function* (query: Pick<RemovalFilters, "kinds"> = {}) {
    const [row] = yield* sql<QueueSummary>`SELECT count(*) AS items, coalesce(sum(size_bytes), 0) AS bytes,
        coalesce(sum(CASE WHEN attempt_at <= ${yield* nowIso} THEN 1 ELSE 0 END), 0) AS due,
        coalesce(sum(reset_request), 0) AS "resetRequests"
      FROM removals WHERE ${where({ ...query, queued: true })}`
    return { items: row!.items, bytes: row!.bytes, due: row!.due, resetRequests: row!.resetRequests }
  }, Effect.orDie)

  return { counted, queue }
})
