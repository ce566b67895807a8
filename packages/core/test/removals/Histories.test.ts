/** The promises in ARCHITECTURE.md, checked in random histories of an installation. */
import * as fc from "fast-check"
import { Effect } from "effect"
import { describe, it } from "vitest"
import { anyHistory } from "./Commands.ts"
import { playHistory } from "./Play.ts"

/** `TENDARR_HISTORIES` sets how many; a failure prints the seed that reproduces it. */
const numRuns = Number(process.env["TENDARR_HISTORIES"] ?? 60)
/** A history takes about a tenth of a second; on a slow machine fewer are run. */
const timeLimit = Math.max(60_000, numRuns * 1000)

describe("Removals in random histories", () => {
  it(
    "keep every promise: protection, final cancels, at most once, no more than needed, and the brake",
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
