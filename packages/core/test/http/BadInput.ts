/** Bad input on every operation is refused with a problem that names the fault; nothing breaks or hangs. */
import { assert, describe, it } from "vitest"
import { account } from "./Access.ts"
import { badRequests, isForAccounts, operations } from "./BadRequests.ts"
import { type Answer, assertNames, assertProblem, call, clientOf } from "./Client.ts"
import { adminKey, type RunningServer } from "./ServerProcess.ts"

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "PROPFIND"]

/** One operation for each form of request: body, path and precondition, query, a file, a longer body. */
const oneOfEach = ["rules.create", "rules.update", "events.list", "backups.upload", "settings.import"]

/** Requests that the runtime affects; they are handled equally for all operations of one form. */
export const badRequestTests = (server: () => RunningServer) => {
  const named = (id: string) => {
    const found = operations.find((operation) => operation.id === id)
    if (found === undefined) throw new Error(`There is no operation ${id}`)
    return found
  }
  badInputTests(server, oneOfEach.map(named))
}

export const badInputTests = (server: () => RunningServer, tried = operations) => {
  const key = adminKey

  const signedIn = async () => {
    const session = await clientOf(server().url)("POST", "/sessions", account)
    return { authorization: `Bearer ${session.textAt("token")}` }
  }

  describe("every operation", () => {
    for (const operation of tried) {
      const method = operation.method.toUpperCase()
      it(`${method} ${operation.path} refuses bad requests`, async () => {
        const known = isForAccounts(operation) ? { headers: await signedIn() } : { key }
        for (const { names, path, sent, status, what } of badRequests(operation)) {
          // A stream of events that is not refused does not end.
          if (operation.id === "events.stream" && status === undefined) continue
          const answer = await call(server().url, method, path, { ...known, ...sent }).catch((error: unknown) =>
            assert.fail(`${what}: ${String(error)} ${String(Object(error).cause)}`)
          )
          check(`${what}: ${answer.text.slice(0, 500)}`, answer, status, names)
        }
      })
    }

    it("responds with 405 and the allowed methods to other methods", async () => {
      const patterns = operations.map(({ method, path }) => ({
        method: method.toUpperCase(),
        pattern: new RegExp(`^${path.replace(/\{[^}]+\}/g, "[^/]+")}$`)
      }))
      for (const template of new Set(tried.map(({ path }) => path))) {
        const path = template.replace(/\{[^}]+\}/g, "1")
        // A path of its own in the document is not a parameter of another one.
        const own = operations.filter((operation) => operation.path === template && template === path)
        const taken =
          own.length > 0
            ? own.map(({ method }) => method.toUpperCase())
            : patterns.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method)
        for (const method of methods.filter((each) => !taken.includes(each))) {
          const answer = await call(server().url, method, path, { key })
          assertProblem(answer, 405, "method-not-allowed")
          const allowed = (answer.headers.get("allow") ?? "").split(", ")
          for (const each of taken) assert.include(allowed, each, `${method} ${path}`)
        }
      }
    })

    it("leaves the server healthy, with nothing in its log", async () => {
      assert.strictEqual((await call(server().url, "GET", "/api/v1/status", { key })).status, 200)
      assert.notMatch(server().output(), /ERROR|failed|Error:/)
    })
  })
}

const check = (what: string, answer: Answer, status: number | undefined, names?: ReadonlyArray<string>) => {
  assert.isBelow(answer.status, 500, what)
  if (status !== undefined) assert.strictEqual(answer.status, status, what)
  if (answer.status >= 400) assertProblem(answer, answer.status)
  if (names !== undefined) assertNames(answer, names)
}
