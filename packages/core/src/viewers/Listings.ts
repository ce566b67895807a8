/** What people have on lists of their own, as it is stored: favourites and watchlists. */
import { Effect } from "effect"
import type { SqlClient, Statement } from "effect/sql"
import { documentPart, eachMember } from "../storage/Dialect.ts"
import { toJson } from "../storage/Rows.ts"

export const listNames = ["favourites", "watchlist"] as const
export type ListName = (typeof listNames)[number]

/** An item on a list of one account. */
export interface AccountListing {
  readonly integrationId: string
  /** The key of the account there. */
  readonly key: string
  readonly list: ListName
}

/** As members of a JSON list, in the form that `writeStagedListings` reads. */
export const listingsDocument = (listings: ReadonlyArray<AccountListing>): string =>
  toJson(listings.map(({ integrationId, key, list }) => ({ of: Number(integrationId), key, list })))

/** As `writeStagedPlays`, for the column `listings`; without a document, the rows stay as they are. */
export const writeStagedListings = Effect.fnUntraced(function* (
  sql: SqlClient.SqlClient,
  staged: string,
  batch: Statement.Fragment
) {
  const part = (key: string) => documentPart(sql, "member.value", key)
  const table = sql.literal(staged)
  const rows = sql`${table} AS staged, ${eachMember(sql, "staged.listings")}
    JOIN viewer_identities ON viewer_identities.integration_id = ${part("of")}
      AND viewer_identities.key = ${part("key")}`
  yield* sql`DELETE FROM listings
    WHERE item_id IN (SELECT staged.item_id FROM ${table} AS staged
      WHERE ${batch} AND staged.known = 1 AND staged.listings IS NOT NULL)
    AND (item_id, identity_id, list) NOT IN (SELECT staged.item_id, viewer_identities.id, ${part("list")} FROM ${rows}
      WHERE ${batch} AND staged.known = 1)`
  yield* sql`INSERT INTO listings (item_id, identity_id, list)
    SELECT staged.item_id, viewer_identities.id, ${part("list")} FROM ${rows}
    WHERE ${batch} ON CONFLICT (item_id, identity_id, list) DO NOTHING`
})
