/** `tendarr preview`: the ranked candidates, with the reason for each. Writes nothing. */
import type { CapacityPreviewResponse, PreviewedItem as Item } from "@tendarr/sdk-client"
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { withTendarr } from "../connection/Connection.ts"
import { planText, standingLines } from "../output/Counts.ts"
import { bytes, rankText } from "../output/Format.ts"
import { currentStyle, type Style } from "../output/Style.ts"
import { type Column, table, terminalWidth } from "../output/Table.ts"
import { previewed, previewStatuses } from "../Previewed.ts"
import { answer, textFlag, toggle } from "../Root.ts"
import { diskGroupIds } from "../Selection.ts"

export const preview = Command.make(
  "preview",
  {
    disk: textFlag("disk", "ID", "Only this disk group, by id or mount path"),
    status: Flag.Literals("status", previewStatuses).pipe(
      Flag.withDescription("Only items with this status; planned = what a run would remove now"),
      Flag.optional
    ),
    limit: Flag.Int("limit").pipe(
      Flag.withMetavar("N"),
      Flag.withDescription("Rows to show (default 20)"),
      Flag.filter(
        (value) => value >= 1,
        (value) => `Expected a number of at least 1, got ${value}`
      ),
      Flag.withDefault(20)
    ),
    all: toggle("all", "Show all rows")
  },
  ({ all, disk, limit, status }) =>
    withTendarr(({ ask }) =>
      Effect.gen(function* () {
        const [diskGroupId] = (yield* diskGroupIds(ask, Option.toArray(disk))) ?? []
        const found = yield* previewed(ask, all ? Number.POSITIVE_INFINITY : limit, {
          ...(diskGroupId === undefined ? {} : { diskGroupId }),
          ...(Option.isNone(status) ? {} : { status: status.value })
        })
        const style = yield* currentStyle
        const width = yield* terminalWidth
        yield* answer(found, () => previewLines(found, Option.isNone(status), style, width))
      })
    )
).pipe(
  Command.withDescription("Rank what could be removed, with reasons; writes nothing"),
  Command.withExamples([
    { command: "tendarr preview --status planned", description: "What a run would remove now" },
    { command: "tendarr preview --status undecided --all", description: "Items with unknown facts" }
  ])
)

const previewLines = (
  page: CapacityPreviewResponse,
  withStatus: boolean,
  style: Style,
  width: number | null
): ReadonlyArray<string> => {
  const { items, summary } = page
  const modified = items.some(({ rank, score }) => rankText(rank) !== score.toFixed(3))
  const columns: ReadonlyArray<Column<Item>> = [
    { header: "ID", align: "right", cell: ({ itemId }) => itemId },
    {
      header: "TITLE",
      flexible: true,
      cell: ({ title, year }) => (year === null ? title : `${title} (${year})`),
      paint: (text, { planned }) => (planned ? style.bold(text) : text)
    },
    { header: "SIZE", align: "right", cell: ({ sizeBytes }) => bytes(sizeBytes) },
    { header: "SCORE", align: "right", cell: ({ score }) => score.toFixed(3) },
    ...(modified
      ? [{ header: "RANK", align: "right", cell: ({ rank }: Item) => rankText(rank) } satisfies Column<Item>]
      : []),
    ...(withStatus
      ? [
          {
            header: "STATUS",
            cell: ({ planned, status }: Item) => (planned ? "planned" : status),
            paint: (text, { planned, status }) => paintStatus(style, planned ? "planned" : status)(text)
          } satisfies Column<Item>
        ]
      : []),
    { header: "REASON", flexible: true, cell: ({ reason }) => reason }
  ]
  return [
    ...(items.length === 0 ? ["Nothing to show"] : table(columns, items, { style, width })),
    "",
    ...(page.nextCursor === null ? [] : [`The first ${items.length}; --all shows all`]),
    ...standingLines(summary),
    planText(summary)
  ]
}

const paintStatus = (style: Style, status: Item["status"] | "planned"): ((text: string) => string) => {
  switch (status) {
    case "planned":
      return style.bad
    case "undecided":
      return style.warn
    case "kept":
    case "protected":
      return style.good
    default:
      return style.dim
  }
}
