import { afterAll, beforeAll, describe, it } from "vitest"
import * as sdk from "../src/TendarrClient.ts"
import { cases } from "./Cases.ts"
import { type Stage, startStage } from "./Stage.ts"

describe("The client on Node", () => {
  let stage: Stage

  beforeAll(async () => {
    stage = await startStage()
  }, 60_000)

  afterAll(() => stage.stop())

  for (const { name, run } of cases) it(name, () => run({ url: stage.url, apiKey: stage.apiKey, sdk }))
})
