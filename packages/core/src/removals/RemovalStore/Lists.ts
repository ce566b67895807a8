/** The filters and orders of the list of removals. */
import type { SqlClient, Statement } from "effect/sql"
import type { ItemKind } from "../../integrations/Observations.ts"
import { titleFilter } from "../../library/TitleSearch.ts"
import { unindexed } from "../../storage/Dialect.ts"
import type { Filter } from "../../storage/FilteredPages.ts"
import { rowId } from "../../storage/RowId.ts"
import type { RemovalAction } from "../../integrations/Kind.ts"
import { openStates, type RemovalOrigin, type RemovalState } from "../Removal.ts"

export interface RemovalFilters {
  readonly state?: RemovalState
  /** Only open removals. */
  readonly open?: boolean
  /**
   * Only removals that somebody decided on and that are still to come: scheduled, executing or failed ones, and requests
   * of people that dry-run keeps as proposals.
   */
  readonly queued?: boolean
  /** Only items of these kinds. */
  readonly kinds?: ReadonlyArray<ItemKind>
  readonly diskGroupId?: string
  readonly integrationId?: string
  readonly itemId?: string
  readonly action?: RemovalAction
  readonly origin?: RemovalOrigin
  /** The acting rule that queued it. */
  readonly ruleId?: string
  /** Words of the item's title; the last word may be incomplete. */
  readonly search?: string
  /** Only removals that ended at this time or later (ISO-8601). */
  readonly endedSince?: string
  readonly order?: "newest" | "due" | "rank"
}

export interface RemovalQuery extends RemovalFilters {
  readonly limit?: number
  readonly cursor?: string
}

export interface QueueSummary {
  readonly items: number
  readonly bytes: number
  /** Due now. */
  readonly due: number
  /** Whose request is reset afterwards. */
  readonly resetRequests: number
}

export const filtersOf = (sql: SqlClient.SqlClient, query: RemovalFilters): ReadonlyArray<Filter> => {
  const column = (name: string) => unindexed(sql, name)
  const matching = (condition: Statement.Fragment) => sql`SELECT id FROM removals WHERE ${condition}`
  const equal = (name: string, value: string | number | null): Filter => ({
    condition: sql`${column(name)} = ${value}`,
    ids: matching(sql`${sql.literal(name)} = ${value}`)
  })
  const filters: Array<Filter> = []
  if (query.state !== undefined) filters.push(equal("state", query.state))
  if (query.open === true) {
    const states = sql.csv(openStates.map((state) => sql`${state}`))
    filters.push({ condition: sql`${column("state")} IN (${states})`, ids: matching(sql`state IN (${states})`) })
  }
  if (query.queued === true) filters.push({ condition: isQueued(sql, column("state")), ids: matching(isQueued(sql)) })
  if (query.kinds !== undefined) filters.push({ condition: sql.in("kind", query.kinds) })
  if (query.endedSince !== undefined) filters.push({ condition: sql`ended_at >= ${query.endedSince}` })
  if (query.diskGroupId !== undefined) filters.push(equal("disk_group_id", rowId(query.diskGroupId)))
  if (query.integrationId !== undefined) filters.push(equal("integration_id", rowId(query.integrationId)))
  if (query.itemId !== undefined) filters.push(equal("item_id", rowId(query.itemId)))
  if (query.action !== undefined) filters.push(equal("action", query.action))
  if (query.origin !== undefined) filters.push(equal("origin", query.origin))
  if (query.ruleId !== undefined) filters.push(equal("rule_id", rowId(query.ruleId)))
  if (query.search !== undefined) {
    const { condition, ids } = titleFilter(sql, "item_id", query.search)
    filters.push({
      condition,
      ...(ids === undefined
        ? {}
        : { ids: sql`SELECT r.id FROM (${ids}) AS found CROSS JOIN removals r WHERE r.item_id = found.id` })
    })
  }
  return filters
}

const isQueued = (sql: SqlClient.SqlClient, state: Statement.Fragment = sql.literal("state")): Statement.Fragment =>
  sql`(${state} IN ('scheduled', 'executing', 'failed') OR (${state} = 'proposed' AND origin = 'person'))`

export const orders = {
  newest: { key: "id", direction: "DESC", beyond: "<" },
  due: { key: "coalesce(scheduled_at, '9999')", direction: "ASC", beyond: ">" },
  rank: { key: "rank", direction: "DESC", beyond: "<" }
} as const
