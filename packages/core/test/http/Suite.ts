/** The HTTP suite: the same promises held against every server that starts by a command. */
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { accessTests, account } from "./Access.ts"
import { auditTests } from "./Audit.ts"
import { backupTests, restoreTests } from "./Backups.ts"
import { badInputTests } from "./BadInput.ts"
import { edgeTests } from "./Edge.ts"
import { eventTests, restartTests } from "./Events.ts"
import { fileTests } from "./Files.ts"
import { guardTests } from "./Guards.ts"
import { listTests } from "./Lists.ts"
import { mainJobTests } from "./MainJob.ts"
import { resourceTests } from "./Resources.ts"
import { adminKey, type RunningServer, type ServerCommand, startServer } from "./ServerProcess.ts"
import { setUpTests } from "./SetUp.ts"

/** Milliseconds within which a server must have stopped, open streams or not. */
const stopWithin = 2000

export const httpSuite = (runtime: string, command: ServerCommand) => {
  const served = (name: string, tests: (server: () => RunningServer) => void) =>
    describe(name, () => {
      let server: RunningServer | undefined
      beforeAll(async () => {
        server = await startServer(command, ["--sandbox"], {
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

  describe(`Tendarr on ${runtime}`, () => {
    served("serving the sandbox", (server) => {
      it("prints its address first, and what to try next", () => {
        const lines = server().output().split("\n")
        assert.match(lines[0] ?? "", /^Tendarr is listening on http:\/\/127\.0\.0\.1:\d+$/)
        assert.strictEqual(lines[1], `API reference: ${server().url}/docs`)
        assert.strictEqual(lines.filter((line) => line.startsWith("  curl ")).length, 3)
        assert.notInclude(server().output(), adminKey)
      })
      edgeTests(server, runtime)
      accessTests(server)
      resourceTests(server)
      backupTests(server)
      listTests(server)
      eventTests(server)
      mainJobTests(server)
    })
    served("given bad input", badInputTests)
    served("keeping its log", auditTests)
    served("opened in a browser", guardTests)
    fileTests(command)
    setUpTests(command)
    restartTests(command)
    restoreTests(command)
  })
}
