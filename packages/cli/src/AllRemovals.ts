/** Every removal that fits a query, page by page. */
import type { Removal } from "@tendarr/sdk-client"
import { Effect } from "effect"
import type { Ask } from "./connection/Connection.ts"

const pageSize = 200

export const allRemovals = Effect.fnUntraced(function* (
  ask: Ask,
  query: { readonly state: Removal["state"]; readonly order?: "newest" | "due" | "rank" }
) {
  const found: Array<Removal> = []
  let cursor: string | null = null
  do {
    const page: { readonly items: ReadonlyArray<Removal>; readonly nextCursor: string | null } = yield* ask((client) =>
      client.removals.list({ query: { ...query, limit: pageSize, ...(cursor === null ? {} : { cursor }) } })
    )
    found.push(...page.items)
    cursor = page.nextCursor
  } while (cursor !== null)
  return found
})
