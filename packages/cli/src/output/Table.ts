/** Tables for people: aligned, and on a terminal no wider than the terminal. */
import { Effect, Terminal } from "effect"
import { CliOutput, TerminalCapabilities } from "effect/cli"
import { clean } from "./Format.ts"
import { plain, type Style } from "./Style.ts"

export interface Column<Row> {
  readonly header: string
  readonly cell: (row: Row) => string
  readonly align?: "right"
  /** May be truncated if the terminal is too narrow. */
  readonly flexible?: true
  readonly paint?: (text: string, row: Row) => string
}

const gap = 2
const leastWidth = 12

/** Number of columns of the terminal; `null` if the output goes elsewhere and may have any width. */
export const terminalWidth = Effect.gen(function* () {
  const { canAnimate } = yield* TerminalCapabilities.TerminalCapabilities
  if (!canAnimate) return null
  const terminal = yield* Terminal.Terminal
  const columns = yield* terminal.columns
  return columns > 0 ? columns : null
})

/** The lines of a table, header first; none for no rows. */
export const table = <Row>(
  columns: ReadonlyArray<Column<Row>>,
  rows: ReadonlyArray<Row>,
  options: { readonly style?: Style; readonly width?: number | null; readonly indent?: number } = {}
): ReadonlyArray<string> => {
  if (rows.length === 0) return []
  const { indent = 0, style = plain, width = null } = options
  const cells = rows.map((row) => columns.map((column) => clean(column.cell(row))))
  const widths = columns.map(({ header }, index) =>
    Math.max(CliOutput.displayWidth(header), ...cells.map((line) => CliOutput.displayWidth(line[index] ?? "")))
  )
  if (width !== null) shrink(columns, widths, width - indent)
  const line = (texts: ReadonlyArray<string>, painted: (text: string, index: number) => string): string =>
    (
      " ".repeat(indent) +
      columns
        .map(({ align }, index) => {
          const text = cut(texts[index] ?? "", widths[index] ?? 0)
          const padding = " ".repeat(Math.max(0, (widths[index] ?? 0) - CliOutput.displayWidth(text)))
          return align === "right" ? padding + painted(text, index) : painted(text, index) + padding
        })
        .join(" ".repeat(gap))
    ).trimEnd()
  return [
    line(
      columns.map(({ header }) => header),
      (text) => style.dim(text)
    ),
    ...rows.map((row, at) => line(cells[at] ?? [], (text, index) => columns[index]?.paint?.(text, row) ?? text))
  ]
}

/** Takes what is too much from the widest flexible column, again and again. */
const shrink = <Row>(columns: ReadonlyArray<Column<Row>>, widths: Array<number>, width: number): void => {
  for (;;) {
    const total = widths.reduce((sum, each) => sum + each, 0) + gap * (widths.length - 1)
    const flexible = columns.flatMap((column, index) =>
      column.flexible === true && (widths[index] ?? 0) > leastWidth ? [index] : []
    )
    const widest = flexible.toSorted((a, b) => (widths[b] ?? 0) - (widths[a] ?? 0))[0]
    if (total <= width || widest === undefined) return
    widths[widest] = Math.max(leastWidth, (widths[widest] ?? 0) - 1)
  }
}

const segments = new Intl.Segmenter(undefined, { granularity: "grapheme" })

/** Text of at most `width` terminal cells. */
export const cut = (text: string, width: number): string => {
  if (CliOutput.displayWidth(text) <= width) return text
  let taken = ""
  let used = 0
  for (const { segment } of segments.segment(text)) {
    used += CliOutput.displayWidth(segment)
    if (used > width - 1) break
    taken += segment
  }
  return `${taken}…`
}
