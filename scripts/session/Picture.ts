/**
 * The output of a terminal as an SVG: text that can be read, selected and searched, in colours for light and dark. It
 * loads no external resources.
 */
import headless from "@xterm/headless"

const cell = { width: 8, height: 18 }
const margin = 16

/** The terminal colours that are used, for a light and for a dark background. */
const colours: Readonly<Record<string, readonly [light: string, dark: string]>> = {
  ground: ["#ffffff", "#0d1117"],
  edge: ["#d0d7de", "#30363d"],
  text: ["#1f2328", "#e6edf3"],
  dim: ["#656d76", "#8b949e"],
  c1: ["#b3261e", "#ff7b72"],
  c2: ["#116329", "#56d364"],
  c3: ["#8a5500", "#e3b341"],
  c4: ["#0550ae", "#79c0ff"],
  c5: ["#8250df", "#d2a8ff"],
  c6: ["#0b6b70", "#56d4dd"]
}

interface Run {
  readonly column: number
  readonly cells: number
  readonly text: string
  readonly classes: string
}

export const picture = async (shown: string, columns: number, title: string, description: string): Promise<string> => {
  const lines = await linesOf(shown, columns)
  const width = columns * cell.width + 2 * margin
  const height = lines.length * cell.height + 2 * margin
  const text = lines.flatMap((runs, row) =>
    runs.length === 0 ? [] : [`<text y="${margin + row * cell.height + 13}">${runs.map(spanOf).join("")}</text>`]
  )
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title desc">`,
    `<title id="title">${escaped(title)}</title>`,
    `<desc id="desc">${escaped(description)}</desc>`,
    `<style>${styles()}</style>`,
    `<rect class="ground" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>`,
    ...text,
    "</svg>"
  ].join("\n")}\n`
}

const styles = (): string => {
  const set = (index: 0 | 1) =>
    Object.entries(colours)
      .map(([name, pair]) => `--${name}:${pair[index]}`)
      .join(";")
  return [
    `svg{${set(0)}}`,
    `@media (prefers-color-scheme:dark){svg{${set(1)}}}`,
    "text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:var(--text);white-space:pre}",
    ".ground{fill:var(--ground);stroke:var(--edge)}",
    ".b{font-weight:600}.d{fill:var(--dim)}",
    ...[1, 2, 3, 4, 5, 6].map((number) => `.c${number}{fill:var(--c${number})}`)
  ].join("")
}

/** Each run of characters is placed at its column, whatever the width of the reader's font. */
const spanOf = ({ cells, classes, column, text }: Run): string =>
  `<tspan x="${margin + column * cell.width}" textLength="${cells * cell.width}"${
    classes === "" ? "" : ` class="${classes}"`
  }>${escaped(text)}</tspan>`

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;")

/** The lines of the final screen, including those that have scrolled out of view. */
const linesOf = async (shown: string, columns: number): Promise<ReadonlyArray<ReadonlyArray<Run>>> => {
  const terminal = new headless.Terminal({ cols: columns, rows: 50, scrollback: 10_000, allowProposedApi: true })
  await new Promise<void>((done) => terminal.write(shown, done))
  const buffer = terminal.buffer.active
  const lines: Array<ReadonlyArray<Run>> = []
  for (let row = 0; row < buffer.length; row++) lines.push(runsOf(buffer.getLine(row), columns))
  while (lines.at(-1)?.length === 0) lines.pop()
  return lines
}

const runsOf = (line: ReturnType<headless.IBuffer["getLine"]>, columns: number): ReadonlyArray<Run> => {
  const runs: Array<{ column: number; cells: number; text: string; classes: string }> = []
  for (let column = 0; column < columns; column++) {
    const found = line?.getCell(column)
    if (found === undefined || found.getWidth() === 0) continue
    const text = found.getChars() === "" ? " " : found.getChars()
    const classes = classesOf(found)
    const last = runs.at(-1)
    if (last !== undefined && last.classes === classes) {
      last.text += text
      last.cells += found.getWidth()
    } else {
      runs.push({ column, cells: found.getWidth(), text, classes })
    }
  }
  // White space has no colour, and none is needed at the end.
  return runs
    .map((run, index) => {
      if (index < runs.length - 1) return run
      const text = run.text.trimEnd()
      return { ...run, text, cells: run.cells - (run.text.length - text.length) }
    })
    .filter(({ text }) => text.trim() !== "")
}

const classesOf = (found: headless.IBufferCell): string => {
  const number = found.isFgPalette() ? found.getFgColor() % 8 : 0
  return [
    ...(found.isBold() === 0 ? [] : ["b"]),
    ...(found.isDim() !== 0 || found.getFgColor() === 8 ? ["d"] : number >= 1 && number <= 6 ? [`c${number}`] : [])
  ].join(" ")
}
