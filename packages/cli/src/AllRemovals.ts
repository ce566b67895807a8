/** Every removal that fits a query, page by page. */
import type { RemovalState, RemovalSummary } from "@tendarr/core/removals/Removal"
import { Effect } from "effect"
import type { TendarrClient } from "./connection/Connection.ts"

const pageSize = 200

export const allRemovals = Effect.fnUntraced(function* (
  client: TendarrClient,
  query: { readonly state: RemovalState; readonly order?: "newest" | "due" | "rank" }
) {
  const found: Array<RemovalSummary> = []
  let cursor: string | null = null
  do {
    const page: { readonly items: ReadonlyArray<RemovalSummary>; readonly nextCursor: string | null } =
      yield* client.removals.list({
        query: { ...query, limit: pageSize, ...(cursor === null ? {} : { cursor }) }
      })
    found.push(...page.items)
    cursor = page.nextCursor
  } while (cursor !== null)
  return found
})
