/** The figures as a table for people, and as JSON. */
import { readFileSync, writeFileSync } from "node:fs"
import { type Goal, type Measure, reached, shareOf, spreadOf } from "./Measure.ts"

export interface Machine {
  readonly processors: number
  readonly system: string
  readonly runtime: string
}

export interface Report {
  readonly at: string
  readonly machine: Machine
  readonly items: number
  readonly runs: number
  readonly measures: ReadonlyArray<Measure>
}

export const toJson = (report: Report): string =>
  JSON.stringify(
    {
      ...report,
      measures: report.measures.map((one) => ({ ...one, ...spreadOf(one.samples), reached: reached(one) }))
    },
    null,
    2
  )

const headings = ["work", "median", "range", "target", "met", "for comparison"]

const cellsOf = (one: Measure): ReadonlyArray<string> => {
  const { maximum, median, minimum } = spreadOf(one.samples)
  const met = reached(one)
  return [
    one.what,
    `${figure(median)} ${one.unit}`,
    one.samples.length < 2 ? "" : `${figure(minimum)}–${figure(maximum)}`,
    one.goal === null ? "" : goalOf(one.goal),
    met === null ? "" : met ? "yes" : "**no**",
    comparisonOf(one)
  ]
}

const comparisonOf = (one: Measure): string =>
  [
    ...(one.comparison === null ? [] : [one.comparison]),
    ...(one.bare === null ? [] : [`bare node:http and node:sqlite ${figure(one.bare)} (${shareOf(one)} %)`])
  ].join("; ")

/** The share of the bare figure in a cell that `comparisonOf` has made. */
const shareIn = (cell: string): number | null => {
  const found = /node:sqlite [\d,.]+ \((\d+) %\)/.exec(cell)
  return found === null ? null : Number(found[1])
}

export const toMarkdown = (measures: ReadonlyArray<Measure>): string => {
  const lines = [
    headings,
    headings.map((_, index) => (index === 1 || index === 2 ? "---:" : "---")),
    ...measures.map(cellsOf)
  ]
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n")
}

/** The same, aligned for a terminal. */
export const toText = (measures: ReadonlyArray<Measure>): string => {
  const lines = [headings, ...measures.map(cellsOf)].map((cells) => cells.map((cell) => cell.replaceAll(/[*`]/g, "")))
  const widths = headings.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)))
  return lines
    .map((cells) =>
      cells
        .map((cell, column) =>
          column === 1 || column === 2 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)
        )
        .join("  ")
        .trimEnd()
    )
    .join("\n")
}

/** By how many percent the share of the bare figure may be below that in the table: what two runs on one machine differ by. */
const tolerance = 10

/**
 * Rows that reached their target when the table was written, and no longer do. On a slower machine the bare server is
 * slower too, so a row that has one is lost only if its share of it is smaller as well.
 */
export const lostIn = (file: string, name: string, { items, measures }: Report): ReadonlyArray<string> => {
  const { table } = betweenMarkers(readFileSync(file, "utf8"), file, name)
  // Another size is other work.
  if (!table.includes(` ${items.toLocaleString("en-US")} items,`)) return []
  const before = new Map<string, { readonly target: string; readonly share: number | null }>()
  const headed = makeHeaded()
  for (const line of table.split("\n")) {
    const [, what = "", , , target = "", met, comparison = ""] = line.split("|").map((cell) => cell.trim())
    const key = headed(what)
    if (met === "yes") before.set(key, { target, share: shareIn(comparison) })
  }
  const headedNow = makeHeaded()
  return measures.flatMap((one) => {
    const key = headedNow(one.what)
    const then = before.get(key)
    if (one.goal === null || then?.target !== goalOf(one.goal) || reached(one) === true) return []
    const share = shareOf(one)
    const isSlower = then.share === null || share === null || share < then.share * (1 - tolerance / 100)
    return isSlower ? [`${one.row}: ${key}`] : []
  })
}

/** Rows that begin with "…" continue the last one before them that does not, and have no meaning without it. */
const makeHeaded = () => {
  let head = ""
  return (what: string): string => {
    if (what.startsWith("…")) return `${head} ${what}`
    head = what
    return what
  }
}

const betweenMarkers = (text: string, file: string, name: string) => {
  const [open, close] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`]
  const from = text.indexOf(open)
  const to = text.indexOf(close)
  if (from === -1 || to === -1) throw new Error(`${file} has no place for the figures of ${name}`)
  return { before: text.slice(0, from + open.length), table: text.slice(from + open.length, to), after: text.slice(to) }
}

/** Writes the table of one runtime between its markers in a document. */
export const writeInto = (file: string, name: string, report: Report): void => {
  const { at, items, machine, runs } = report
  const { after, before } = betweenMarkers(readFileSync(file, "utf8"), file, name)
  const head = `Measured on ${at.slice(0, 10)}: ${machine.runtime} on ${machine.system}, ${machine.processors} processors, ${items.toLocaleString("en-US")} items, medians of ${runs} runs or more.`
  writeFileSync(file, `${before}\n\n${head}\n\n${toMarkdown(report.measures)}\n\n${after}`)
}

const goalOf = ({ comparison, value }: Goal): string => {
  const sign = { "<": "<", "<=": "≤", ">=": "≥" }[comparison]
  return `${sign} ${figure(value)}`
}

const figure = (value: number): string =>
  value >= 100
    ? Math.round(value).toLocaleString("en-US")
    : value.toFixed(Number.isInteger(value) ? 0 : value >= 10 ? 1 : 2)
