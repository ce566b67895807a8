/** A server over the simulated stack with the dialects, in this process. */
import { afterAll, assert, beforeAll } from "vitest"
import { dialects } from "../../src/dialects/Dialects.ts"
import { type Answer, call, clientOf, type Sent } from "../http/Client.ts"
import { startInMemory } from "../http/ServerInMemory.ts"
import { adminKey, type RunningServer } from "../http/ServerProcess.ts"

export type Calling = (method: string, path: string, sent?: Sent) => Promise<Answer>

/** The server of a group of tests, its native API, and requests to dialects with the admin key. */
export const dialectServed = (flags: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}) => {
  let running: RunningServer | undefined
  beforeAll(async () => {
    running = await startInMemory(
      ["--sandbox", "--sandbox-items", "60", ...flags],
      { TENDARR_API_KEY: adminKey, ...env },
      { dialects }
    )
    await running.printed("Why one of them:")
  })
  afterAll(async () => {
    if (running !== undefined) assert.strictEqual((await running.stop()).code, 0)
  })
  const server = () => running ?? assert.fail("The server did not start")
  const native: ReturnType<typeof clientOf> = (...request) => clientOf(server().url, adminKey)(...request)
  const prunerr: Calling = (method, path, sent = {}) =>
    call(server().url, method, `/prunerr/api${path}`, { key: adminKey, ...sent })
  const cleanuparr: Calling = (method, path, sent = {}) =>
    call(server().url, method, `/cleanuparr${path}`, { key: adminKey, ...sent })
  return { server, native, prunerr, cleanuparr }
}

/** Without credentials. */
export const nobody: Sent = { key: "" }

/** Repeats a request until its answer is as wanted. */
export const until = async (ask: () => Promise<Answer>, wanted: (answer: Answer) => boolean): Promise<Answer> => {
  for (let turn = 0; ; turn++) {
    const answer = await ask()
    if (wanted(answer)) return answer
    if (turn === 200) assert.fail(answer.text)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
