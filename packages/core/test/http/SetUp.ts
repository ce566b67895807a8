/** The first start: only a one-time key or presets of the environment give access. */
import { assert, describe, it } from "vitest"
import { account } from "./Access.ts"
import { assertNames, assertProblem, clientOf } from "./Client.ts"
import { adminKey, type ServerCommand, startServer, withDirectory } from "./ServerProcess.ts"

export const setUpTests = (command: ServerCommand) => {
  describe("set-up", () => {
    it("lets the one-time key create the first account, once, and requires none after a restart", () =>
      withDirectory(async (directory) => {
        const server = await startServer(command, ["--data-dir", directory])
        const visitor = clientOf(server.url)
        const line = await server.printed("Set-up key: ")
        const setupKey = line.replace("Set-up key: ", "").split(" ")[0] ?? ""
        assert.include(line, `POST ${server.url}/api/v1/setup`)

        assert.deepStrictEqual((await visitor("GET", "/setup")).body, { initialized: false })
        assertProblem(await visitor("GET", "/items"), 401, "unauthorized")
        const wrong = await visitor("POST", "/setup", { setupKey: `${setupKey}X`, ...account })
        assertProblem(wrong, 403, "setup-key-invalid")
        const weak = await visitor("POST", "/setup", { setupKey, username: account.username, password: "short" })
        assertNames(weak, ["payload", "password"])

        const created = await visitor("POST", "/setup", { setupKey, ...account })
        assert.strictEqual(created.status, 201, created.text)
        assert.deepStrictEqual((await visitor("GET", "/setup")).body, { initialized: true })
        assertProblem(await visitor("POST", "/setup", { setupKey, ...account }), 409, "already-initialized")
        const token = (await visitor("POST", "/sessions", account)).textAt("token")
        const headers = { authorization: `Bearer ${token}` }
        assert.strictEqual((await visitor("GET", "/items", undefined, { headers })).status, 200)
        await server.stop()

        const again = await startServer(command, ["--data-dir", directory])
        await again.printed("API reference: ")
        assert.notInclude(again.output(), "Set-up key")
        const kept = await clientOf(again.url)("GET", "/principal", undefined, { headers })
        assert.strictEqual(kept.at("name"), account.username)
        await again.stop()
      }))

    it("reads a key and an account from the environment", () =>
      withDirectory(async (directory) => {
        const server = await startServer(command, ["--data-dir", directory], {
          TENDARR_API_KEY: adminKey,
          TENDARR_ADMIN_USERNAME: account.username,
          TENDARR_ADMIN_PASSWORD: account.password
        })
        await server.printed("API reference: ")
        assert.notInclude(server.output(), "Set-up key")
        assert.notInclude(server.output(), adminKey)
        assert.strictEqual((await clientOf(server.url, adminKey)("GET", "/api-keys")).status, 200)
        assert.strictEqual((await clientOf(server.url)("POST", "/sessions", account)).status, 201)
        await server.stop()
      }))

    it("refuses further attempts to sign in after too many, with the time to wait", () =>
      withDirectory(async (directory) => {
        const server = await startServer(command, ["--data-dir", directory], {
          TENDARR_ADMIN_USERNAME: account.username,
          TENDARR_ADMIN_PASSWORD: account.password
        })
        const visitor = clientOf(server.url)
        const attempt = () => visitor("POST", "/sessions", { ...account, password: "a wrong password" })
        for (let count = 0; count < 10; count += 1) {
          const refused = await attempt()
          assertProblem(refused, 401, "invalid-credentials")
        }
        const limited = await attempt()
        assertProblem(limited, 429)
        const seconds = Number(limited.headers.get("retry-after"))
        assert.strictEqual(seconds, limited.at("retryAfterSeconds"))
        assert.isAbove(seconds, 0)
        await server.stop()
      }))

    it("ends with a one-line message if it cannot start", async () => {
      const failed = (flags: ReadonlyArray<string>, env: Record<string, string> = {}) =>
        startServer(command, flags, env).then(
          () => assert.fail("It started"),
          (error: Error) => error.message
        )
      const [badKey, badFlag] = await Promise.all([
        failed(["--sandbox"], { TENDARR_API_KEY: "short" }),
        failed(["--nonsense"])
      ])
      assert.match(badKey, /ended with 1 .*\n.*TENDARR_API_KEY/)
      assert.match(badFlag, /ended with 2 .*\n.*nonsense/)
      await withDirectory(async (directory) => {
        const server = await startServer(command, ["--data-dir", directory])
        const [busy, taken] = await Promise.all([
          failed(["--data-dir", directory]),
          failed(["--sandbox", "--port", new URL(server.url).port])
        ])
        assert.match(busy, /ended with 1 /)
        assert.include(busy, server.url)
        assert.match(taken, /ended with 1 .*\ntendarr: Cannot listen on 127\.0\.0\.1:\d+: [^\n]+\n$/)
        await server.stop()
      })
    })
  })
}
