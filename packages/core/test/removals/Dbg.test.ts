import * as fc from "fast-check"
import { Effect } from "effect"
import { it } from "vitest"
import { anyHistory } from "./Commands.ts"
import { playHistory } from "./Play.ts"
it("x", async () => {
  let played = 0
  for (const history of fc.sample(anyHistory, { seed: 4711, numRuns: 60 })) {
    const broken = await Effect.runPromise(playHistory(history))
    if (broken.length > 0) console.log("BROKEN", JSON.stringify(history), broken)
    played++
    if (played % 10 === 0) console.log("PLAYED", played)
  }
}, 1_000_000)
