/** `tendarr events types`, and the warning of an unknown type for the other commands. */
import { eventCategories } from "@tendarr/core/events/Event"
import type { EventTypeInfo } from "@tendarr/sdk-client"
import { Console, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { type Ask, withTendarr } from "../connection/Connection.ts"
import { clean } from "../output/Format.ts"
import { currentStyle, type Style } from "../output/Style.ts"
import { table, terminalWidth } from "../output/Table.ts"
import { answer } from "../Root.ts"
import { nearest } from "../UsageErrors.ts"

export const types = Command.make(
  "types",
  {
    category: Flag.Literals("category", eventCategories).pipe(
      Flag.withDescription("Only of this category"),
      Flag.optional
    )
  },
  ({ category }) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const all = yield* ask((client) => client.events.types())
        const items = Option.isNone(category) ? all.items : all.items.filter((one) => one.category === category.value)
        const style = yield* currentStyle
        const width = yield* terminalWidth
        yield* answer({ items }, () => typeTable(items, style, width))
      })
    )
).pipe(
  Command.withDescription(
    "List the types of events, with when each is logged. With --json, also the JSON Schema of its payload"
  ),
  Command.withShortDescription("List the types of events"),
  Command.withExamples([{ command: "tendarr events types --category audit", description: "The events of removals" }])
)

/**
 * Prints a warning if a type is neither known nor in the log. It is not an error, because the log may contain types of an
 * earlier version or of a program. A failing request is ignored here, because the command itself will report it.
 */
export const warnOfUnknownType = (ask: Ask, type: string) =>
  Effect.gen(function* () {
    const { items } = yield* ask((client) => client.events.types())
    if (items.some((known) => known.type === type)) return
    const logged = yield* ask((client) => client.events.list({ query: { type, limit: 1 } }))
    if (logged.items.length > 0) return
    const near = nearest(
      type,
      items.map((known) => known.type)
    )
    yield* Console.error(
      `No type of event is named "${clean(type)}", and none is in the log${near === null ? "" : `. Did you mean "${near}"?`}`
    )
  }).pipe(Effect.ignore)

const typeTable = (types: ReadonlyArray<EventTypeInfo>, style: Style, width: number | null) =>
  table<EventTypeInfo>(
    [
      { header: "TYPE", cell: ({ type }) => type },
      { header: "CATEGORY", cell: ({ category }) => category, paint: (text) => style.dim(text) },
      { header: "WHEN", flexible: true, cell: ({ description }) => description }
    ],
    types,
    { style, width }
  )
