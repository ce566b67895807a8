/** What somebody has to do with an item, as a condition of lists of items and of events about them. */
import type { SqlClient, Statement } from "effect/sql"
import { rowId } from "../storage/RowId.ts"

/** `any`: any of the others except `not-played`. */
export const viewerRelations = ["any", "played", "not-played", "requested", "watchlist", "favourites"] as const
export type ViewerRelation = (typeof viewerRelations)[number]

type OneRelation = Exclude<ViewerRelation, "any" | "not-played">
const each: ReadonlyArray<OneRelation> = ["played", "requested", "watchlist", "favourites"]

/** The rows by which a viewer has a relation to items. A declined request is none. */
const rowsOf = (sql: SqlClient.SqlClient, viewerId: string, relation: OneRelation) => {
  const accounts = sql`(SELECT id FROM viewer_identities WHERE viewer_id = ${rowId(viewerId)})`
  switch (relation) {
    case "played":
      return { from: sql`plays d`, where: sql`d.identity_id IN ${accounts}` }
    case "requested":
      return {
        from: sql`requests r JOIN item_requests d ON d.request_id = r.id`,
        where: sql`r.identity_id IN ${accounts} AND r.status <> 'declined'`
      }
    case "watchlist":
    case "favourites":
      return { from: sql`listings d`, where: sql`d.identity_id IN ${accounts} AND d.list = ${relation}` }
  }
}

/** A query for the ids of the items, as `id`, which finds the first ones without reading the others. */
export const relatedIds = (
  sql: SqlClient.SqlClient,
  viewerId: string,
  relation: Exclude<ViewerRelation, "not-played">
): Statement.Fragment => {
  const [first, ...others] = (relation === "any" ? each : [relation]).map((one) => {
    const { from, where } = rowsOf(sql, viewerId, one)
    return sql`SELECT d.item_id AS id FROM ${from} WHERE ${where}`
  })
  return sql`SELECT DISTINCT id FROM (${others.reduce((all, query) => sql`${all} UNION ALL ${query}`, first!)})`
}

/** Whether the viewer has that relation to the item whose id is in a column. */
export const isRelated = (
  sql: SqlClient.SqlClient,
  item: Statement.Fragment,
  viewerId: string,
  relation: ViewerRelation
): Statement.Fragment => {
  const has = (one: OneRelation) => {
    const { from, where } = rowsOf(sql, viewerId, one)
    return sql`EXISTS (SELECT 1 FROM ${from} WHERE d.item_id = ${item} AND ${where})`
  }
  if (relation === "not-played") return sql`NOT ${has("played")}`
  return relation === "any" ? sql.or(each.map(has)) : has(relation)
}
