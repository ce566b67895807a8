/** The rows about the longest pause of the event loop. */
import { atMost, type Measure, measure } from "./Measure.ts"
import type { Pauses } from "./Stack.ts"

const longestPause = 20

export const pausesOf = (row: string, during: string, pauses: ReadonlyArray<Pauses>): ReadonlyArray<Measure> => {
  const cpu = pauses.flatMap(({ cpuMillis }) => (cpuMillis === null ? [] : [cpuMillis]))
  return [
    measure(
      row,
      `longest pause of the event loop ${during}`,
      "ms",
      pauses.map(({ wallMillis }) => wallMillis),
      { goal: atMost(longestPause) }
    ),
    ...(cpu.length === 0 ? [] : [measure(row, "… in processor time of its thread", "ms", cpu)])
  ]
}
