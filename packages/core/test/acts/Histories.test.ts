/** The promises about acts, checked in random histories. */
import * as fc from "fast-check"
import { Effect } from "effect"
import { describe, it } from "vitest"
import { anyHistory } from "./histories/Commands.ts"
import { playHistory } from "./histories/Play.ts"

/** `TENDARR_HISTORIES` sets how many; a failure prints the seed that reproduces it. */
const numRuns = Number(process.env["TENDARR_HISTORIES"] ?? 150)
const timeLimit = Math.max(60_000, numRuns * 200)

describe("Acts in random histories", () => {
  it(
    "keep every promise: final cancels, the brake, at most once, a reason for every state, nothing stuck, one event per end",
    async () => {
      await fc.assert(
        fc.asyncProperty(anyHistory, async (history) => {
          const broken = await Effect.runPromise(playHistory(history))
          if (broken.length > 0) throw new Error(broken.join("\n"))
        }),
        // A history that deadlocks fails by its own timeout.
        { numRuns, timeout: 15_000, interruptAfterTimeLimit: timeLimit }
      )
    },
    timeLimit + 60_000
  )
})
