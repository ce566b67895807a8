import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { cases } from "./Cases.ts"
import type { Outcomes } from "./RunCases.ts"
import { type Stage, startStage } from "./Stage.ts"

const bun = fileURLToPath(new URL("../../../node_modules/bun/bin/bun.exe", import.meta.url))
const program = fileURLToPath(new URL("OnBun.main.ts", import.meta.url))

describe("The client on Bun", () => {
  let stage: Stage
  let outcomes: Outcomes = {}

  beforeAll(async () => {
    stage = await startStage()
    const { stdout } = await promisify(execFile)(bun, [program, stage.url, stage.apiKey])
    outcomes = JSON.parse(stdout) as Outcomes
  }, 120_000)

  afterAll(() => stage.stop())

  for (const { name } of cases) it(name, () => assert.isNull(outcomes[name]))
})
