/** Finds items by id, or by words of the title. */
import type { Item } from "@tendarr/sdk-client"
import { Effect } from "effect"
import { Argument } from "effect/cli"
import type { Ask } from "./connection/Connection.ts"
import { failed } from "./Failure.ts"
import { bytes } from "./output/Format.ts"
import { currentStyle, type Style } from "./output/Style.ts"
import { table, terminalWidth } from "./output/Table.ts"
import { answer } from "./Root.ts"

const mostHits = 20

/** The words that name an item. */
export const itemArgument = (min: 0 | 1) =>
  Argument.String("item").pipe(
    Argument.withDescription("Id of the item, or words of its title; the last word may be incomplete"),
    Argument.variadic({ min })
  )

/** The one matching item. If there are several, they are listed, and the command fails. */
export const itemNamed = Effect.fnUntraced(function* (ask: Ask, words: ReadonlyArray<string>) {
  const named = words.join(" ").trim()
  const hits = yield* itemsNamed(ask, named)
  const [item] = hits.items
  if (item === undefined) return yield* failed(`No item matches "${named}"`, "item-not-found")
  if (hits.items.length > 1) {
    const style = yield* currentStyle
    const width = yield* terminalWidth
    yield* answer(hits, () => hitLines(hits.items, style, width))
    return yield* failed(
      `"${named}" matches ${hits.nextCursor === null ? hits.items.length : `more than ${hits.items.length}`} items`,
      "ambiguous-item",
      "Give the id of one of them, or more words."
    )
  }
  return item
})

export const titleOf = ({ title, year }: { readonly title: string; readonly year: number | null }): string =>
  year === null ? title : `${title} (${year})`

type Hits = { readonly items: ReadonlyArray<Item>; readonly nextCursor: string | null }

/**
 * By id; else by title among items in the library; else among items that are gone. An exact match of the title takes
 * precedence.
 */
const itemsNamed = Effect.fnUntraced(function* (ask: Ask, named: string) {
  if (/^\d{1,15}$/.test(named)) {
    const byId = yield* ask((client) => client.library.item({ path: { id: named } })).pipe(
      Effect.map((item): Hits | null => ({ items: [item], nextCursor: null })),
      Effect.catchIf(
        ({ code }) => code === "item-not-found",
        () => Effect.succeed(null)
      )
    )
    if (byId !== null) return byId
  }
  for (const gone of [false, true]) {
    const hits: Hits = yield* ask((client) =>
      client.library.items({ query: { search: named.slice(0, 200), gone, limit: mostHits } })
    )
    const exact = hits.items.filter(({ title }) => title.toLowerCase() === named.toLowerCase())
    if (exact.length === 1) return { items: exact, nextCursor: null }
    if (hits.items.length > 0) return hits
  }
  return { items: [], nextCursor: null } satisfies Hits
})

const hitLines = (items: ReadonlyArray<Item>, style: Style, width: number | null) =>
  table<Item>(
    [
      { header: "ID", align: "right", cell: ({ id }) => id },
      { header: "TITLE", flexible: true, cell: titleOf },
      { header: "KIND", cell: ({ kind }) => kind },
      { header: "SIZE", align: "right", cell: ({ sizeBytes }) => bytes(sizeBytes) }
    ],
    items,
    { style, width }
  )
