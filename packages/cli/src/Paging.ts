/** How much of a list is shown: a number of rows, or all of them, from the start or after a previous page. */
import { Effect, Option } from "effect"
import { Flag } from "effect/cli"
import { textFlag, toggle } from "./Root.ts"

/** The maximum page size of the API. */
const pageSize = 200

export interface Page<A> {
  readonly items: ReadonlyArray<A>
  readonly nextCursor: string | null
}

export interface PageFlags {
  readonly limit: number
  readonly all: boolean
  readonly cursor: Option.Option<string>
}

export const pageFlags = {
  limit: Flag.Int("limit").pipe(
    Flag.withMetavar("N"),
    Flag.withDescription("Rows to show (default 50)"),
    Flag.filter(
      (value) => value >= 1,
      (value) => `Expected a number of at least 1, got ${value}`
    ),
    Flag.withDefault(50)
  ),
  all: toggle("all", "Show all rows"),
  cursor: textFlag("cursor", "TEXT", "`nextCursor` of the previous page")
}

/** Reads pages until there are enough rows; `nextCursor` is that of the last page. */
export const pagesOf = Effect.fnUntraced(function* <A, E, R>(
  { all, cursor: first, limit: wanted }: PageFlags,
  read: (page: { readonly limit: number; readonly cursor?: string }) => Effect.Effect<Page<A>, E, R>
) {
  const items: Array<A> = []
  let cursor = Option.getOrNull(first)
  for (;;) {
    const limit = all ? pageSize : Math.min(pageSize, wanted - items.length)
    const page: Page<A> = yield* read({ limit, ...(cursor === null ? {} : { cursor }) })
    items.push(...page.items)
    cursor = page.nextCursor
    if (cursor === null || (!all && items.length >= wanted)) return { items, nextCursor: cursor } satisfies Page<A>
  }
})

/** The note below a list that has more rows. */
export const moreLines = ({ nextCursor }: Page<unknown>): ReadonlyArray<string> =>
  nextCursor === null ? [] : ["", `There are more: --all, or --cursor ${nextCursor}`]
