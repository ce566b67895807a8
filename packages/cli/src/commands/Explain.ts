/** `tendarr explain`: why an item is kept, may be removed, or was removed. */
import type { ItemExplanation } from "@tendarr/sdk-client"
import { Clock, Effect } from "effect"
import { Command } from "effect/cli"
import { withTendarr } from "../connection/Connection.ts"
import { itemNamed, itemArgument, titleOf } from "../ItemNames.ts"
import { decisionLines, downloadLines } from "../output/Explanations.ts"
import { bytes, clean, count } from "../output/Format.ts"
import { removalTable } from "../output/Removals.ts"
import { currentStyle, type Style } from "../output/Style.ts"
import { terminalWidth } from "../output/Table.ts"
import { answer } from "../Root.ts"

export const explain = Command.make(
  "explain",
  {
    words: itemArgument(1)
  },
  ({ words }) =>
    withTendarr(
      ({ ask }) =>
        Effect.gen(function* () {
          const item = yield* itemNamed(ask, words)
          const style = yield* currentStyle
          const width = yield* terminalWidth
          const found = yield* ask((client) => client.library.explanation({ path: { id: item.id } }))
          const now = yield* Clock.currentTimeMillis
          yield* answer(found, () => explanationLines(found, style, width, now))
        }),
      { fewItems: true }
    )
).pipe(
  Command.withDescription("Explain an item: score, rules, protection, facts with their sources, and its removals"),
  Command.withShortDescription("Explain why an item stays or goes"),
  Command.withExamples([
    { command: "tendarr explain 42", description: "By id" },
    { command: "tendarr explain the borrowed lock", description: "By words of the title" }
  ])
)

const explanationLines = (
  found: ItemExplanation,
  style: Style,
  width: number | null,
  now: number
): ReadonlyArray<string> => {
  const { basis, decision, downloads, item, removals, summary } = found
  return [
    `${style.bold(clean(titleOf(item)))}, ${item.kind} of ${bytes(item.sizeBytes)}, item ${item.id}`,
    ...(item.path === null ? [] : [clean(item.path)]),
    clean(summary),
    ...(decision === null
      ? []
      : [
          ...(basis === "removal" ? [`As decided on ${decision.at}:`] : []),
          ...decisionLines(decision, style, width, basis === "now" ? now : Date.parse(decision.at))
        ]),
    ...downloadLines(downloads, style, width),
    "",
    style.bold("REMOVALS"),
    ...(removals.length === 0
      ? ["  none"]
      : [...removalTable(removals, style, width), `${count(removals.length, "removal")} of this item, newest first`])
  ]
}
