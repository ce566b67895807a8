/** `tendarr explain`: why an item is where it is, or why it went. */
import type { Item, ItemExplanation } from "@tendarr/sdk-client"
import { Clock, Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { type Ask, withTendarr } from "../connection/Connection.ts"
import { failed } from "../Failure.ts"
import { decisionLines } from "../output/Explanations.ts"
import { bytes, clean, count } from "../output/Format.ts"
import { removalTable } from "../output/Removals.ts"
import { currentStyle, type Style } from "../output/Style.ts"
import { table, terminalWidth } from "../output/Table.ts"
import { answer } from "../Root.ts"

const mostHits = 20

export const explain = Command.make(
  "explain",
  {
    words: Argument.String("item").pipe(
      Argument.withDescription("Id of the item, or words of its title; the last one may be cut short"),
      Argument.variadic({ min: 1 })
    )
  },
  ({ words }) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const named = words.join(" ").trim()
        const style = yield* currentStyle
        const width = yield* terminalWidth
        const hits = yield* itemsNamed(ask, named)
        const [item] = hits.items
        if (item === undefined) return yield* failed(`No item fits "${named}"`, "item-not-found")
        if (hits.items.length > 1) {
          yield* answer(hits, () => hitLines(hits.items, style, width))
          return yield* failed(
            `"${named}" fits ${hits.nextCursor === null ? hits.items.length : `more than ${hits.items.length}`} items`,
            "ambiguous-item",
            "Name one by its id, or with more words."
          )
        }
        const found = yield* ask((client) => client.library.explanation({ path: { id: item.id } }))
        const now = yield* Clock.currentTimeMillis
        yield* answer(found, () => explanationLines(found, style, width, now))
      })
    )
).pipe(
  Command.withDescription("Explain an item: score, rules, protection, facts with their sources, and its removals"),
  Command.withShortDescription("Explain why an item stays or goes"),
  Command.withExamples([
    { command: "tendarr explain 42", description: "By id" },
    { command: "tendarr explain the borrowed lock", description: "By words of the title" }
  ])
)

type Hits = { readonly items: ReadonlyArray<Item>; readonly nextCursor: string | null }

/** By id; else by title among what is there; else among what is gone. A title that fits exactly is enough. */
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

const titleOf = ({ title, year }: { readonly title: string; readonly year: number | null }): string =>
  year === null ? title : `${title} (${year})`

const explanationLines = (
  found: ItemExplanation,
  style: Style,
  width: number | null,
  now: number
): ReadonlyArray<string> => {
  const { basis, decision, item, removals, summary } = found
  return [
    `${style.bold(clean(titleOf(item)))}, ${item.kind} of ${bytes(item.sizeBytes)}, item ${item.id}`,
    ...(item.path === null ? [] : [clean(item.path)]),
    clean(summary),
    ...(decision === null
      ? []
      : [
          ...(basis === "removal" ? [`As it was decided on ${decision.at}:`] : []),
          ...decisionLines(decision, style, width, basis === "now" ? now : Date.parse(decision.at))
        ]),
    "",
    style.bold("REMOVALS"),
    ...(removals.length === 0
      ? ["  none"]
      : [...removalTable(removals, style, width), `${count(removals.length, "removal")} of this item, newest first`])
  ]
}
