/** A figure with its runs and its target. */

export interface Goal {
  readonly comparison: "<" | "<=" | ">="
  readonly value: number
}

export interface Measure {
  /** Name of the row on the command line. */
  readonly row: string
  readonly what: string
  readonly unit: string
  readonly samples: ReadonlyArray<number>
  readonly goal: Goal | null
  /** The figure of the best-known similar product, or of the same work done in another way; for people. */
  readonly comparison: string | null
  /** The figure of the same work by bare node:http and node:sqlite, measured in the same run. */
  readonly bare: number | null
}

export interface Spread {
  readonly median: number
  readonly minimum: number
  readonly maximum: number
}

export const spreadOf = (samples: ReadonlyArray<number>): Spread => {
  const sorted = samples.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  const at = (index: number) => sorted[index] ?? Number.NaN
  return {
    median: Number.isInteger(middle) ? (at(middle - 1) + at(middle)) / 2 : at(Math.floor(middle)),
    minimum: at(0),
    maximum: at(sorted.length - 1)
  }
}

/** Share of the bare figure that the median reaches, in percent; `null` if there is none. */
export const shareOf = ({ bare, samples }: Measure): number | null =>
  bare === null ? null : Math.round((100 * spreadOf(samples).median) / bare)

/** Whether the median reaches the target; `null` if there is none. */
export const reached = ({ goal, samples }: Measure): boolean | null => {
  if (goal === null) return null
  const { median } = spreadOf(samples)
  if (goal.comparison === ">=") return median >= goal.value
  return goal.comparison === "<" ? median < goal.value : median <= goal.value
}

export const measure = (
  row: string,
  what: string,
  unit: string,
  samples: ReadonlyArray<number>,
  more: { readonly goal?: Goal; readonly comparison?: string; readonly bare?: number } = {}
): Measure => ({
  row,
  what,
  unit,
  samples,
  goal: more.goal ?? null,
  comparison: more.comparison ?? null,
  bare: more.bare ?? null
})

export const below = (value: number): Goal => ({ comparison: "<", value })
export const atMost = (value: number): Goal => ({ comparison: "<=", value })
export const atLeast = (value: number): Goal => ({ comparison: ">=", value })
