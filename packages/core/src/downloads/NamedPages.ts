/** Pages of what is said about downloads, by their names. */
import { Effect } from "effect"
import { decodeCursor, encodeCursor, pageLimit } from "../storage/Pages.ts"

/** `order` names the list in its cursors; `list` is made once it is known that the cursor can be read. */
export const namedPage = Effect.fnUntraced(function* <
  A extends { readonly name: string; readonly downloadId: string },
  E
>(
  order: string,
  { cursor, limit: asked }: { readonly limit?: number; readonly cursor?: string },
  list: Effect.Effect<ReadonlyArray<A>, E>
) {
  const limit = yield* pageLimit(asked)
  const after = cursor === undefined ? null : yield* decodeCursor(order, 2, cursor)
  const found = (yield* list)
    .map((one) => ({ one, name: one.name.toLowerCase(), id: Number(one.downloadId) }))
    .toSorted((a, b) => (a.name === b.name ? a.id - b.id : a.name < b.name ? -1 : 1))
    .filter(({ id, name }) => {
      if (after === null) return true
      const last = String(after[0])
      return name > last || (name === last && id > Number(after[1]))
    })
  const items = found.slice(0, limit)
  const last = items.at(-1)
  return {
    items: items.map(({ one }) => one),
    nextCursor: last === undefined || found.length <= limit ? null : encodeCursor(order, [last.name, last.id])
  }
})
