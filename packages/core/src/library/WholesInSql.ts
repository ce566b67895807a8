/** Wholes and parts in the database. The row of an episode names its show; its season has the same show and number. */
import type { SqlClient, Statement } from "effect/sql"
import { readablePart } from "../storage/Dialect.ts"

/** Whether the row of `items` named `whole` is what the one named `part` belongs to, on any level. */
export const isWholeOf = (sql: SqlClient.SqlClient, part: string, whole: string): Statement.Fragment => {
  const season = (of: string) => sql`(SELECT ${readablePart(sql, "season_of.data", "catalog", "seasonNumber")}
    FROM item_documents season_of WHERE season_of.item_id = ${sql.literal(of)}.id)`
  const [one, other] = [sql.literal(part), sql.literal(whole)]
  return sql`${other}.integration_id = ${one}.integration_id AND (${other}.external_id = ${one}.parent_external_id
    OR (${one}.kind = 'episode' AND ${other}.kind = 'season'
      AND ${other}.parent_external_id = ${one}.parent_external_id AND ${season(whole)} = ${season(part)}))`
}
