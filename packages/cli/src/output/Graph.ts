/** Usage over time as a text graph: a column per interval, with full blocks up to the value. */

const eighths = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] as const

export interface GraphOptions {
  readonly width: number
  readonly height: number
  /** A percentage at which a line is drawn through the empty area. */
  readonly mark?: number | null
}

/** Percentages, oldest first. The lines are labelled from 100 % down to 0. */
export const graph = (
  shares: ReadonlyArray<number>,
  { height, mark = null, width }: GraphOptions
): ReadonlyArray<string> => {
  const columns = fitted(shares, width)
  const markedRow = mark === null ? -1 : Math.min(height - 1, Math.floor((mark / 100) * height))
  return Array.from({ length: height }, (_, index) => {
    const row = height - 1 - index
    const label = row === markedRow ? `${Math.round(mark ?? 0)} %` : index === 0 ? "100 %" : row === 0 ? "0 %" : ""
    const cells = columns.map((share) => {
      const filled = Math.round((Math.min(100, Math.max(0, share)) / 100) * height * 8) - row * 8
      const cell = eighths[Math.min(8, Math.max(0, filled))] ?? " "
      return cell === " " && row === markedRow ? "┄" : cell
    })
    return `${label.padStart(5)} ${row === markedRow ? "┤" : "│"}${cells.join("")}`.trimEnd()
  })
}

/** At most `width` values: neighbours share a column, which shows the highest one. */
const fitted = (shares: ReadonlyArray<number>, width: number): ReadonlyArray<number> => {
  if (shares.length <= width) return shares
  return Array.from({ length: width }, (_, column) => {
    const from = Math.floor((column * shares.length) / width)
    const to = Math.max(from + 1, Math.floor(((column + 1) * shares.length) / width))
    return Math.max(...shares.slice(from, to))
  })
}
