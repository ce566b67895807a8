/** `tendarr removals request`: requests the removal of items by hand. */
import type { Removal } from "@tendarr/sdk-client"
import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { withTendarr } from "../connection/Connection.ts"
import { bytes, clean, count } from "../output/Format.ts"
import { removalTable } from "../output/Removals.ts"
import { currentStyle } from "../output/Style.ts"
import { terminalWidth } from "../output/Table.ts"
import { confirm, yesFlag } from "../Questions.ts"
import { answer } from "../Root.ts"

export const request = Command.make(
  "request",
  {
    items: Argument.String("item").pipe(
      Argument.withDescription("Ids of items; `tendarr explain` finds them"),
      Argument.variadic({ min: 1 })
    ),
    yes: yesFlag
  },
  ({ items: ids, yes }) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const items = yield* Effect.forEach(ids, (id) => ask((client) => client.library.item({ path: { id } })))
        const size = items.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
        const [first] = items
        const what = items.length === 1 ? `"${clean(first?.title ?? "")}"` : count(items.length, "item")
        yield* confirm(`Request the removal of ${what}, ${bytes(size)}?`, yes)
        const requested: Array<Removal> = []
        for (const { id } of items) {
          requested.push(yield* ask((client) => client.removals.request({ body: { itemId: id } })))
        }
        const style = yield* currentStyle
        const width = yield* terminalWidth
        yield* answer(requested.length === 1 ? requested[0] : { items: requested }, () =>
          removalTable(requested, style, width)
        )
      })
    )
).pipe(
  Command.withDescription(
    "Request the removal of items. Protections, rules that always keep, dry-run and the brake apply here too"
  ),
  Command.withShortDescription("Request the removal of items"),
  Command.withExamples([{ command: "tendarr removals request 42", description: "By the id of the item" }])
)
