/** Credentials in headers, query and cookies, and the addresses from which they are sent. */
import { assert, describe, it } from "vitest"
import { account } from "./Access.ts"
import { type Answer, assertProblem, call, clientOf } from "./Client.ts"
import { adminKey, type RunningServer } from "./ServerProcess.ts"

export const credentialTests = (server: () => RunningServer) => {
  const admin = () => clientOf(server().url, adminKey)

  const login = (headers: Record<string, string> = {}) =>
    clientOf(server().url)("POST", "/sessions", account, { headers })

  const cookieOf = (answer: Answer) => (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? ""

  describe("keys", () => {
    it("accepts a key as a header, as a bearer token and as a query parameter, and no wrong key", async () => {
      const ways = (key: string) => [
        call(server().url, "GET", "/api/v1/principal", { headers: { "X-Api-Key": key } }),
        call(server().url, "GET", "/api/v1/principal", { headers: { authorization: `Bearer ${key}` } }),
        call(server().url, "GET", `/api/v1/principal?apikey=${key}`)
      ]
      for (const answer of await Promise.all(ways(adminKey))) {
        assert.strictEqual(answer.status, 200)
        assert.strictEqual(answer.at("type"), "key")
        assert.strictEqual(answer.at("scope"), "admin")
      }
      for (const wrong of [`${adminKey}x`, adminKey.slice(1), "", "%00"]) {
        for (const answer of await Promise.all(ways(wrong))) assertProblem(answer, 401, "unauthorized")
      }
    })
  })

  describe("sessions", () => {
    it("sets a cookie that scripts cannot read and other sites do not send", async () => {
      const answer = await login()
      assert.strictEqual(answer.status, 201)
      const cookie = answer.headers.get("set-cookie") ?? ""
      assert.match(cookie, /^tendarr_session=[^;]{20,};/)
      assert.match(cookie, /; HttpOnly/i)
      assert.match(cookie, /; SameSite=Lax/i)
      assert.match(cookie, /; Path=\//i)
      assert.notMatch(cookie, /; Secure/i)
      assert.strictEqual(answer.at("account", "username"), account.username)
      assert.notInclude(answer.text, account.password)
    })

    it("sets a second cookie once, by which a browser is recognised when it signs in again", async () => {
      const device = (answer: Answer) =>
        answer.headers.getSetCookie().find((cookie) => cookie.startsWith("tendarr_device=")) ?? null
      const first = device(await login())
      assert.match(first ?? "", /^tendarr_device=[^;]{40,}; Max-Age=34560000; Path=\/; HttpOnly; SameSite=Lax$/i)
      const cookie = (first ?? "").split(";")[0] ?? ""
      assert.isNull(device(await login({ cookie })))
      const visitor = clientOf(server().url)
      assertProblem(await visitor("GET", "/principal", undefined, { headers: { cookie } }), 401, "unauthorized")
    })

    it("accepts the cookie for reads, and for changes only from its own pages", async () => {
      const { origin } = new URL(server().url)
      const cookie = cookieOf(await login({ origin }))
      const visitor = clientOf(server().url)
      const me = await visitor("GET", "/principal", undefined, { headers: { cookie } })
      assert.strictEqual(me.at("type"), "account")
      const change = (headers: Record<string, string>) =>
        visitor("POST", "/rules/evaluate", {}, { headers: { cookie, ...headers } })
      for (const foreign of [
        {},
        { origin: "http://elsewhere.test" },
        { origin: "null" },
        { origin, "sec-fetch-site": "cross-site" },
        { origin, "sec-fetch-site": "same-site" }
      ]) {
        assertProblem(await change(foreign), 403, "cross-site-refused")
      }
      // The client is authenticated; now the body is refused.
      assertProblem(await change({ origin }), 400, "invalid-request")
      assertProblem(await change({ origin, "sec-fetch-site": "same-origin" }), 400, "invalid-request")
    })

    it("stores the address of a session, and trusts forwarded headers only from configured proxies", async () => {
      const from = async () => (await login({ "x-forwarded-for": "203.0.113.7" })).at("session", "address")
      assert.strictEqual(await from(), "127.0.0.1")
      await admin()("PATCH", "/settings/access", { trustedProxies: ["127.0.0.0/8"] })
      assert.strictEqual(await from(), "203.0.113.7")
      await admin()("DELETE", "/settings/access")
      assert.strictEqual(await from(), "127.0.0.1")
    })

    it("ends a session permanently at sign-out", async () => {
      const { origin } = new URL(server().url)
      const cookie = cookieOf(await login())
      const visitor = clientOf(server().url)
      const gone = await visitor("DELETE", "/sessions/current", undefined, { headers: { cookie, origin } })
      assert.strictEqual(gone.status, 204)
      assert.match(gone.headers.get("set-cookie") ?? "", /^tendarr_session=;.*Max-Age=0/i)
      assertProblem(await visitor("GET", "/principal", undefined, { headers: { cookie } }), 401, "unauthorized")
    })
  })
}
