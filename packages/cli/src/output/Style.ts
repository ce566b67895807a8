/** Colours, if a terminal shows them: on a TTY and without NO_COLOR. Otherwise every style leaves text unchanged. */
import { Effect } from "effect"
import { TerminalCapabilities } from "effect/cli"

export interface Style {
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  readonly good: (text: string) => string
  readonly warn: (text: string) => string
  readonly bad: (text: string) => string
}

const paint = (code: number, end: number) => (text: string) =>
  text === "" ? "" : `\u001b[${code}m${text}\u001b[${end}m`
const as = (text: string) => text

const coloured: Style = {
  bold: paint(1, 22),
  dim: paint(2, 22),
  good: paint(32, 39),
  warn: paint(33, 39),
  bad: paint(31, 39)
}

export const plain: Style = { bold: as, dim: as, good: as, warn: as, bad: as }

export const currentStyle: Effect.Effect<Style> = Effect.map(
  TerminalCapabilities.TerminalCapabilities,
  ({ canColor }) => (canColor ? coloured : plain)
)
