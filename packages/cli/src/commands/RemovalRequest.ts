/** `tendarr removals request`: requests the removal of items by hand. */
import { type RemovalAction, removalActions } from "@tendarr/core/integrations/Kind"
import type { Removal, RemovalsRequestData } from "@tendarr/sdk-client"
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { withTendarr } from "../connection/Connection.ts"
import { bytes, clean, count } from "../output/Format.ts"
import { removalTable } from "../output/Removals.ts"
import { currentStyle } from "../output/Style.ts"
import { terminalWidth } from "../output/Table.ts"
import { confirm, yesFlag } from "../Questions.ts"
import { answer, choice, toggle } from "../Root.ts"

type Options = Omit<NonNullable<RemovalsRequestData["body"]>, "itemId">

export const request = Command.make(
  "request",
  {
    items: Argument.String("item").pipe(
      Argument.withDescription("Ids of items; `tendarr explain` finds them"),
      Argument.variadic({ min: 1 })
    ),
    action: Flag.Literals("action", removalActions).pipe(
      Flag.withDescription(
        "What is done to them; the default is remove-entry, and unmonitor-and-delete-files for seasons, albums and books"
      ),
      Flag.optional
    ),
    importExclusion: choice(
      "import-exclusion",
      "Keep import lists from adding them again; the default is the option of the integration"
    ),
    resetRequest: toggle("reset-request", "Reset their requests afterwards, so that they can be requested again"),
    graceDays: Flag.Int("grace-days").pipe(
      Flag.withMetavar("N"),
      Flag.withDescription("Days until they are removed; the default is the delay in the settings"),
      Flag.optional
    ),
    yes: yesFlag
  },
  ({ action, graceDays, importExclusion, items: ids, resetRequest, yes }) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const items = yield* Effect.forEach(ids, (id) => ask((client) => client.library.item({ path: { id } })))
        const size = items.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
        const [first] = items
        const what = items.length === 1 ? `"${clean(first?.title ?? "")}"` : count(items.length, "item")
        yield* confirm(questionOf(action, what, bytes(size)), yes)
        const options: Options = {
          ...(Option.isSome(action) ? { action: action.value } : {}),
          ...(Option.isSome(importExclusion) ? { importExclusion: importExclusion.value } : {}),
          ...(resetRequest ? { resetRequest } : {}),
          ...(Option.isSome(graceDays) ? { graceDays: graceDays.value } : {})
        }
        const requested: Array<Removal> = []
        for (const { id } of items) {
          requested.push(yield* ask((client) => client.removals.request({ body: { itemId: id, ...options } })))
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
    "Request the removal of items. Protections, rules that always keep and the brake apply here too; on a disk in dry-run a request remains a proposal"
  ),
  Command.withShortDescription("Request the removal of items"),
  Command.withExamples([
    { command: "tendarr removals request 42", description: "By the id of the item" },
    {
      command: "tendarr removals request 42 --action unmonitor --grace-days 14",
      description: "Only unmonitor it, in two weeks; it stays in the library"
    }
  ])
)

const questionOf = (action: Option.Option<RemovalAction>, what: string, size: string): string => {
  switch (Option.getOrUndefined(action)) {
    case "unmonitor":
      return `Request that ${what} be unmonitored?`
    case "delete-files":
      return `Request the deletion of the files of ${what}, ${size}?`
    case "unmonitor-and-delete-files":
      return `Request that ${what} be unmonitored and its files deleted, ${size}?`
    default:
      return `Request the removal of ${what}, ${size}?`
  }
}
