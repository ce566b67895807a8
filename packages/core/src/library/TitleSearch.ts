/** The search of lists by words of an item's title. */
import type { SqlClient } from "effect/sql"
import { itemsWithWords, unindexed } from "../storage/Dialect.ts"
import type { Filter } from "../storage/FilteredPages.ts"

/**
 * Items whose title has every word of a text, whose last word may be incomplete. `idColumn` contains the item's id. A
 * text of spaces matches every item, and one of other characters without a letter or digit matches none.
 */
export const titleFilter = (sql: SqlClient.SqlClient, idColumn: string, search: string): Filter => {
  const words = textOf(search)
  if (words.length === 0) return { condition: search.trim() === "" ? sql`1 = 1` : sql`1 = 0` }
  const ids = itemsWithWords(sql, words)
  return { condition: sql`${unindexed(sql, idColumn)} IN (${ids})`, ids }
}

/** Combining marks stay with their letters: the index removes them on both sides. */
const textOf = (search: string): ReadonlyArray<string> => search.match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu) ?? []
