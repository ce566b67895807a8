/**
 * The part of the HTTP tests that depends on the runtime, for every server that a command starts. The other tests run once, in
 * `Api.test.ts`.
 */
import { assert, describe, it } from "vitest"
import { backupTests, restoreTests } from "./Backups.ts"
import { movingInTests } from "./MovingIn.ts"
import { badRequestTests } from "./BadInput.ts"
import { credentialTests } from "./Credentials.ts"
import { edgeTests } from "./Edge.ts"
import { eventTests, restartTests } from "./Events.ts"
import { fileTests } from "./Files.ts"
import { mainJobTests } from "./MainJob.ts"
import { posterTests } from "./Posters.ts"
import { sandboxServed } from "./SandboxServed.ts"
import { adminKey, type ServerCommand, startServer } from "./ServerProcess.ts"
import { setUpTests } from "./SetUp.ts"

export const httpSuite = (runtime: string, command: ServerCommand) => {
  const served = sandboxServed((flags, env) => startServer(command, flags, env))

  describe(`Tendarr on ${runtime}`, () => {
    served("serving the sandbox", (server) => {
      it("prints its address first, and a command to try next", () => {
        const lines = server().output().split("\n")
        assert.match(lines[0] ?? "", /^Tendarr is listening on http:\/\/127\.0\.0\.1:\d+$/)
        assert.strictEqual(lines[1], `API reference: ${server().url}/docs`)
        assert.strictEqual(lines.filter((line) => line.startsWith("  curl ")).length, 3)
        assert.notInclude(server().output(), adminKey)
      })
      edgeTests(server, runtime)
      credentialTests(server)
      backupTests(server)
      movingInTests(server)
      posterTests(server)
      eventTests(server)
      mainJobTests(server)
    })
    served("given bad requests", badRequestTests)
    fileTests(command)
    setUpTests(command)
    restartTests(command)
    restoreTests(command)
  })
}
