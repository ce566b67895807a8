/** Authentication and authorization: keys in every form, scopes, sessions with their cookie, and revocation. */
import { assert, describe, it } from "vitest"
import { OpenApiDocument } from "../../src/api/OpenApiDocument.ts"
import { operationsOf } from "../../src/api/Reference/OperationView.ts"
import { listOf, objectOf } from "../../src/api/Json.ts"
import { assertProblem, call, clientOf } from "./Client.ts"
import { adminKey, type RunningServer } from "./ServerProcess.ts"

export const account = { username: "keeper", password: "a long enough password" }

const operations = operationsOf(OpenApiDocument.value()).map(({ method, path, value }) => ({
  method: method.toUpperCase(),
  path: path.replace(/\{[^}]+\}/g, "1"),
  hasBody: value["requestBody"] !== undefined,
  scope: String(listOf(Object.values(objectOf(listOf(value["security"])[0]))[0])[0] ?? "open")
}))

const scopes = ["read", "operate", "admin"]

export const accessTests = (server: () => RunningServer) => {
  const withKey = (key: string) => clientOf(server().url, key)
  const admin = () => withKey(adminKey)

  const newKey = async (scope: string): Promise<{ readonly key: string; readonly id: string }> => {
    const made = await admin()("POST", "/api-keys", { name: `${scope} ${crypto.randomUUID()}`, scope })
    assert.strictEqual(made.status, 201)
    return { key: made.textAt("key"), id: made.textAt("apiKey", "id") }
  }

  const login = (headers: Record<string, string> = {}) =>
    clientOf(server().url)("POST", "/sessions", account, { headers })

  describe("keys", () => {
    it("responds with 401 without a key for every operation except the public ones", async () => {
      const closed = operations.filter(({ scope }) => scope !== "open")
      assert.isAbove(closed.length, 40)
      for (const { hasBody, method, path } of closed) {
        const answer = await call(server().url, method, path, hasBody ? { json: {} } : {})
        assertProblem(answer, 401, "unauthorized")
        assert.match(answer.headers.get("www-authenticate") ?? "", /^Bearer /, `${method} ${path}`)
      }
    })

    it("shows a new key once, and accepts it until it is revoked", async () => {
      const { id, key } = await newKey("read")
      assert.strictEqual((await withKey(key)("GET", "/stats")).status, 200)
      const listed = await admin()("GET", "/api-keys")
      assert.include(listed.text, `"id":"${id}"`)
      assert.notInclude(listed.text, key)
      assert.strictEqual((await admin()("DELETE", `/api-keys/${id}`)).status, 204)
      assertProblem(await withKey(key)("GET", "/stats"), 401, "unauthorized")
      assertProblem(await admin()("DELETE", `/api-keys/${id}`), 404, "api-key-not-found")
    })
  })

  describe("scopes", () => {
    it("refuses every operation for a key with less than the documented scope", async () => {
      for (const has of ["read", "operate"]) {
        const { key } = await newKey(has)
        const beyond = operations.filter(({ scope }) => scopes.indexOf(scope) > scopes.indexOf(has))
        assert.isAbove(beyond.length, 10)
        for (const { hasBody, method, path, scope } of beyond) {
          const answer = await call(server().url, method, path, hasBody ? { key, json: {} } : { key })
          assertProblem(answer, 403, "insufficient-scope")
          assert.deepStrictEqual([answer.at("needs"), answer.at("has")], [scope, has], `${method} ${path}`)
        }
      }
    })

    it("lets a key do what its scope allows", async () => {
      const { key } = await newKey("read")
      const readable = operations.filter(
        ({ method, path, scope }) =>
          scope === "read" && method === "GET" && !["/api/v1/events", "/api/v1/sessions"].includes(path)
      )
      for (const { method, path } of readable) {
        const { status } = await call(server().url, method, path, { key })
        assert.include([200, 400, 404], status, `${method} ${path}`)
      }
      const operator = withKey((await newKey("operate")).key)
      assertProblem(await operator("POST", "/removals/0/approve"), 404, "removal-not-found")
      assertProblem(await operator("POST", "/acts/0/cancel"), 404, "act-not-found")
    })
  })

  describe("sessions", () => {
    it("accepts the token of a session as a bearer token, regardless of the origin", async () => {
      const token = (await login()).textAt("token")
      const headers = { authorization: `Bearer ${token}`, origin: "http://elsewhere.test" }
      assertProblem(await clientOf(server().url)("POST", "/rules/evaluate", {}, { headers }), 400, "invalid-request")
    })

    it("lets an account end only its own other sessions", async () => {
      const [one, other] = [await login(), await login()]
      const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })
      const visitor = clientOf(server().url)
      const ended = await visitor(
        "DELETE",
        `/sessions/${other.textAt("session", "id")}`,
        undefined,
        bearer(one.textAt("token"))
      )
      assert.strictEqual(ended.status, 204)
      assertProblem(await visitor("GET", "/principal", undefined, bearer(other.textAt("token"))), 401, "unauthorized")
      assert.strictEqual((await visitor("GET", "/principal", undefined, bearer(one.textAt("token")))).status, 200)
      assertProblem(await admin()("DELETE", `/sessions/${one.textAt("session", "id")}`), 403, "account-needed")
    })

    it("lets no key act as an account, not even one with the id of an account", async () => {
      const session = await login()
      const accountId = session.textAt("account", "id")
      // The key and the account of this server are the first ones.
      const keyId = (await admin()("GET", "/principal")).textAt("id")
      assert.strictEqual(keyId, accountId)
      const password = { currentPassword: account.password, newPassword: "the password of a key" }
      for (const [method, path, json] of [
        ["GET", "/sessions"],
        ["DELETE", "/sessions/current"],
        ["DELETE", `/sessions/${session.textAt("session", "id")}`],
        ["PATCH", "/account", { username: "somebody-else" }],
        ["PUT", "/account/password", password]
      ] as const) {
        assertProblem(await admin()(method, path, json), 403, "account-needed")
      }
      const again = await login()
      assert.strictEqual(again.status, 201)
      assert.strictEqual(again.at("account", "username"), account.username)
    })
  })
}
