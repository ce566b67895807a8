import { describe, expect, it } from "vitest"
import { ago, bar, bytes, clean, duration, parseBytes, parseSpan, percent, rankText } from "../src/output/Format.ts"
import { graph } from "../src/output/Graph.ts"
import { plain } from "../src/output/Style.ts"
import { cut, table } from "../src/output/Table.ts"

const now = Date.UTC(2026, 0, 15, 12)
const at = (millis: number) => new Date(now + millis).toISOString()

describe("figures for people", () => {
  it("sizes have three significant digits, also if rounding reaches the next unit", () => {
    expect([0, 1023, 1024, 1536, 104_806, 1_048_575, 57_937_393_296, 2 ** 50].map(bytes)).toEqual([
      "0 B",
      "1023 B",
      "1.0 KiB",
      "1.5 KiB",
      "102 KiB",
      "1.0 MiB",
      "54.0 GiB",
      "1.0 PiB"
    ])
    expect(bytes(-2048)).toBe("-2.0 KiB")
  })

  it("ranks keep their digits, however many rules match", () => {
    expect([0, 0.5, 1.23456, 450, 0.000_064, 3e120].map(rankText)).toEqual([
      "0.000",
      "0.500",
      "1.235",
      "450.000",
      "6.40e-5",
      "3.00e+120"
    ])
  })

  it("times are printed relative to now, past and future", () => {
    expect(ago(at(-90_000), now)).toBe("1 minute ago")
    expect(ago(at(3 * 86_400_000), now)).toBe("in 3 days")
    expect(ago(at(-400), now)).toBe("now")
    expect(duration(999)).toBe("a moment")
    expect(duration(7_200_000)).toBe("2 hours")
  })

  it("a bar never exceeds its width", () => {
    expect([bar(0, 4), bar(50, 4), bar(100, 4), bar(130, 4), bar(-5, 4)]).toEqual([
      "[----]",
      "[##--]",
      "[####]",
      "[####]",
      "[----]"
    ])
    expect(percent(91)).toBe("91 %")
    expect(percent(87.2345)).toBe("87.2 %")
  })

  it("sizes are parsed in binary and decimal units", () => {
    expect(["50GiB", "50 GB", "50g", "1.5T", "500", "7 b"].map(parseBytes)).toEqual([
      50 * 2 ** 30,
      50e9,
      50 * 2 ** 30,
      1.5 * 2 ** 40,
      500,
      7
    ])
    expect(["", "GiB", "-1", "5 GiBs", "1,5T"].map(parseBytes)).toEqual(Array(5).fill(null))
  })

  it("a graph fills its rows from below, draws the threshold where it is empty, and keeps the peaks", () => {
    expect(graph([0, 50, 100], { width: 10, height: 4, mark: 70 })).toEqual([
      "100 % │  █",
      " 70 % ┤┄┄█",
      "      │ ██",
      "  0 % │ ██"
    ])
    const peaked = graph([0, 0, 0, 80, 0, 0], { width: 3, height: 2 })
    expect(peaked).toEqual(["100 % │ ▅", "  0 % │ █"])
  })

  it("spans of time are a number and a unit, and nothing else", () => {
    expect(parseSpan("90s")).toBe(90_000)
    expect(parseSpan("2w")).toBe(1_209_600_000)
    expect(parseSpan(" 3D ")).toBe(259_200_000)
    expect(["", "3", "d", "-1d", "0h", "1.5h", "3 months"].map(parseSpan)).toEqual(Array(7).fill(null))
  })

  it("titles cannot send control sequences to the terminal", () => {
    expect(clean("Evil\u001b[2J\r\nMovie\u009b31m")).toBe("Evil [2J Movie 31m")
  })
})

describe("tables", () => {
  const columns = [
    { header: "ID", align: "right" as const, cell: (row: { id: string; title: string }) => row.id },
    { header: "TITLE", flexible: true as const, cell: (row: { id: string; title: string }) => row.title },
    { header: "END", cell: () => "x" }
  ]
  const rows = [
    { id: "7", title: "A rather long title of a movie" },
    { id: "12", title: "千と千尋の神隠し" }
  ]

  it("columns are aligned, with wide characters counted as wide", () => {
    expect(table(columns, rows, { style: plain })).toEqual([
      "ID  TITLE                           END",
      " 7  A rather long title of a movie  x",
      "12  千と千尋の神隠し                x"
    ])
  })

  it("flexible columns shrink on a narrow terminal, and others do not", () => {
    const lines = table(columns, rows, { style: plain, width: 28 })
    expect(lines[1]).toBe(" 7  A rather long titl…  x")
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(28)
  })

  it("without rows no table is printed", () => {
    expect(table(columns, [])).toEqual([])
  })

  it("text is truncated between characters, never within one", () => {
    expect(cut("千と千尋", 5)).toBe("千と…")
    expect(cut("abc", 3)).toBe("abc")
  })
})
