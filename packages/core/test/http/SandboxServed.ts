/** A server over the simulated stack, with its first plan, for as long as the tests of one group run. */
import { afterAll, assert, beforeAll, describe } from "vitest"
import { account } from "./Access.ts"
import { adminKey, type RunningServer } from "./ServerProcess.ts"

/** Milliseconds within which a server must have stopped, open streams or not. */
const stopWithin = 2000

type Start = (flags: ReadonlyArray<string>, env: Readonly<Record<string, string>>) => Promise<RunningServer>

export const sandboxServed = (start: Start) => (name: string, tests: (server: () => RunningServer) => void) =>
  describe(name, () => {
    let server: RunningServer | undefined
    beforeAll(async () => {
      server = await start(["--sandbox"], {
        TENDARR_API_KEY: adminKey,
        TENDARR_ADMIN_USERNAME: account.username,
        TENDARR_ADMIN_PASSWORD: account.password
      })
      await server.printed("Why one of them:")
    })
    afterAll(async () => {
      if (server === undefined) return
      const { code, millis } = await server.stop()
      assert.strictEqual(code, 0, server.output())
      assert.isBelow(millis, stopWithin)
    })
    tests(() => server ?? assert.fail("The server did not start"))
  })
