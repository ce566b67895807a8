/** Protection against misuse of the user's browser: headers of every response, cookies, pages of other sites. */
import { createHash } from "node:crypto"
import { assert, describe, it } from "vitest"
import { OpenApiDocument } from "../../src/api/OpenApiDocument.ts"
import { operationsOf } from "../../src/api/Reference/OperationView.ts"
import { account } from "./Access.ts"
import { type Answer, assertNames, assertProblem, call, clientOf, type Sent } from "./Client.ts"
import { adminKey, type RunningServer } from "./ServerProcess.ts"

const operations = operationsOf(OpenApiDocument.value()).map(({ id, method, path, value }) => ({
  id,
  method: method.toUpperCase(),
  path: path.replace(/\{[^}]+\}/g, "1"),
  hasBody: value["requestBody"] !== undefined
}))

const assertGuarded = ({ headers }: Answer, what: string): void => {
  assert.strictEqual(headers.get("x-content-type-options"), "nosniff", what)
  assert.strictEqual(headers.get("x-frame-options"), "DENY", what)
  assert.strictEqual(headers.get("referrer-policy"), "no-referrer", what)
  assert.strictEqual(headers.get("cross-origin-resource-policy"), "same-origin", what)
  assert.match(headers.get("content-security-policy") ?? "", /default-src 'none'.*frame-ancestors 'none'/, what)
  for (const telltale of ["server", "x-powered-by", "strict-transport-security", "access-control-allow-origin"]) {
    assert.isNull(headers.get(telltale), `${telltale} of ${what}`)
  }
}

export const guardTests = (server: () => RunningServer) => {
  const api: ReturnType<typeof clientOf> = (...request) => clientOf(server().url, adminKey)(...request)
  const visitor: ReturnType<typeof clientOf> = (...request) => clientOf(server().url)(...request)
  const set = async (settings: object) => {
    const changed = await api("PATCH", "/settings/access", settings)
    assert.strictEqual(changed.status, 200, changed.text)
  }
  const login = (headers: Record<string, string> = {}) => visitor("POST", "/sessions", account, { headers })
  const cookieOf = (answer: Answer) => (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? ""
  const principal = (headers: Record<string, string>) => visitor("GET", "/principal", undefined, { headers })

  describe("headers", () => {
    it("protect every response of every operation, including refusals; private ones are not cached, except pictures by the browser", async () => {
      for (const { hasBody, id, method, path } of operations) {
        const strange = await call(server().url, method, path, hasBody ? { json: {} } : {})
        assertGuarded(strange, `${method} ${path} without a key`)
        assert.strictEqual(strange.headers.get("cache-control"), "no-store", path)
        if (method !== "GET" || id === "events.stream") continue
        const known = await call(server().url, method, path, { key: adminKey })
        assertGuarded(known, `${method} ${path}`)
        const isPicture = (known.headers.get("content-type") ?? "").startsWith("image/")
        if (isPicture) assert.match(known.headers.get("cache-control") ?? "", /^private, max-age=\d+$/, path)
        else assert.strictEqual(known.headers.get("cache-control"), "no-store", path)
      }
      const odd: ReadonlyArray<[string, string, Sent]> = [
        ["GET", "/nowhere", {}],
        ["GET", "/", {}],
        ["GET", "/docs", {}],
        ["GET", "/openapi.json", {}],
        ["DELETE", "/docs", {}],
        ["OPTIONS", "/api/v1/rules", {}],
        ["POST", "/api/v1/rules", { key: adminKey, raw: "{" }],
        ["POST", "/api/v1/rules", { key: adminKey, raw: "a=1", contentType: "text/plain" }],
        ["POST", "/api/v1/rules", { key: adminKey, raw: "x".repeat(2_000_000) }]
      ]
      for (const [method, path, sent] of odd)
        assertGuarded(await call(server().url, method, path, sent), `${method} ${path}`)
    })

    it("allow the reference page only its own style and script", async () => {
      const page = await call(server().url, "GET", "/docs")
      const policy = page.headers.get("content-security-policy") ?? ""
      const parts = [...page.text.matchAll(/<(style|script)>([\s\S]*?)<\/\1>/g)]
      assert.deepStrictEqual(
        parts.map(([, element]) => element),
        ["style", "script"]
      )
      for (const [, element, text = ""] of parts) {
        assert.include(policy, `${element}-src 'sha256-${createHash("sha256").update(text).digest("base64")}'`)
      }
      assert.notMatch(page.text, /\s(style|on[a-z]+)="/, "the policy refuses attributes, which have no hash")
      assert.notMatch(page.text, /<(link|img|iframe|object)\b|<script[^>]+src=/)
    })

    it("enable HSTS if the setting is on, and only over https", async () => {
      const strict = async (headers: Record<string, string> = {}) =>
        (await api("GET", "/stats", undefined, { headers })).headers.get("strict-transport-security")
      const https = { "x-forwarded-for": "203.0.113.7", "x-forwarded-proto": "https" }
      await set({ trustedProxies: ["127.0.0.1"] })
      assert.isNull(await strict(https))
      await set({ strictTransportDays: 30 })
      assert.strictEqual(await strict(https), "max-age=2592000")
      assert.isNull(await strict())
      await set({ trustedProxies: [] })
      assert.isNull(await strict(https), "any client can claim to use https")
      await api("DELETE", "/settings/access")
    })
  })

  describe("the session cookie", () => {
    const https = { "x-forwarded-for": "203.0.113.7", "x-forwarded-proto": "https", "x-forwarded-host": "tendarr.test" }

    it("is bound to this host, and to https if the client uses it", async () => {
      await set({ trustedProxies: ["127.0.0.1"] })
      const answer = await login(https)
      const header = answer.headers.get("set-cookie") ?? ""
      assert.match(header, /^__Host-tendarr_session=[^;]{20,};/)
      for (const attribute of [/; Secure/i, /; HttpOnly/i, /; SameSite=Lax/i, /; Path=\/(;|$)/i]) {
        assert.match(header, attribute)
      }
      assert.notMatch(header, /; Domain/i)
      assert.strictEqual((await principal({ ...https, cookie: cookieOf(answer) })).at("type"), "account")
      // A host on another subdomain, or an attacker on an http connection, can set the other name.
      const other = `tendarr_session=${answer.textAt("token")}`
      assertProblem(await principal({ ...https, cookie: other }), 401, "unauthorized")
      assertProblem(await principal({ cookie: cookieOf(answer) }), 401, "unauthorized")
      const change = (origin: string) =>
        visitor("POST", "/rules/evaluate", {}, { headers: { ...https, cookie: cookieOf(answer), origin } })
      assertProblem(await change("http://tendarr.test"), 403, "cross-site-refused")
      assertProblem(await change("https://tendarr.test"), 400, "invalid-request")
      const { origin } = new URL("https://tendarr.test")
      const gone = await visitor("DELETE", "/sessions/current", undefined, {
        headers: { ...https, cookie: cookieOf(answer), origin }
      })
      assert.match(gone.headers.get("set-cookie") ?? "", /^__Host-tendarr_session=;.*Max-Age=0/i)
      await api("DELETE", "/settings/access")
    })

    it("never accepts a token that the client chose, and is new at each sign-in", async () => {
      const chosen = "tendarr_session=chosen-by-somebody-else-0123456789abcdef012"
      const first = await login({ cookie: chosen })
      const second = await login({ cookie: cookieOf(first) })
      assert.strictEqual(new Set([chosen, cookieOf(first), cookieOf(second)]).size, 3)
      assertProblem(await principal({ cookie: chosen }), 401, "unauthorized")
    })

    it("is not set for a sign-in from another site", async () => {
      for (const headers of [
        { origin: "http://elsewhere.test" },
        { origin: "null" },
        { "sec-fetch-site": "cross-site" },
        { "sec-fetch-site": "same-site" }
      ]) {
        const answer = await login(headers)
        assertProblem(answer, 403, "cross-site-refused")
        assert.isNull(answer.headers.get("set-cookie"))
      }
    })

    it("does not restrict an API key to pages of this origin", async () => {
      const headers = { origin: "http://elsewhere.test", "sec-fetch-site": "cross-site" }
      assertProblem(await api("POST", "/rules/evaluate", {}, { headers }), 400, "invalid-request")
    })
  })

  describe("pages of other origins", () => {
    const panel = "https://panel.test"
    const preflight = (origin: string, path = "/api/v1/rules") =>
      call(server().url, "OPTIONS", path, {
        headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "x-api-key" }
      })
    const assertKeptOut = ({ headers }: Answer) => {
      for (const name of headers.keys()) assert.isFalse(name.startsWith("access-control-"), name)
    }

    it("are refused by default", async () => {
      assertKeptOut(await preflight(panel))
      assertKeptOut(await api("GET", "/stats", undefined, { headers: { origin: panel } }))
    })

    it("may call with a key if their origin is allowed, but never with a cookie", async () => {
      await set({ allowedOrigins: [panel] })
      const asked = await preflight(panel)
      assert.strictEqual(asked.status, 204)
      assert.strictEqual(asked.headers.get("access-control-allow-origin"), panel)
      assert.strictEqual(asked.headers.get("access-control-allow-methods"), "GET, POST")
      assert.match(asked.headers.get("access-control-allow-headers") ?? "", /\bx-api-key\b/)
      const read = await api("GET", "/settings/general", undefined, { headers: { origin: panel } })
      assert.strictEqual(read.headers.get("access-control-allow-origin"), panel)
      assert.match(read.headers.get("access-control-expose-headers") ?? "", /\betag\b/)
      const refused = await visitor("GET", "/stats", undefined, { headers: { origin: panel } })
      assertProblem(refused, 401, "unauthorized")
      for (const answer of [asked, read, refused]) {
        assert.match(answer.headers.get("vary") ?? "", /\borigin\b/i)
        assert.isNull(answer.headers.get("access-control-allow-credentials"))
      }
      const cookie = cookieOf(await login())
      const change = await visitor("POST", "/rules/evaluate", {}, { headers: { origin: panel, cookie } })
      assertProblem(change, 403, "cross-site-refused")
      for (const other of ["https://panel.test.evil.test", "http://panel.test", "null", "https://elsewhere.test"]) {
        assertKeptOut(await preflight(other))
        const answer = await api("GET", "/stats", undefined, { headers: { origin: other } })
        assertKeptOut(answer)
        assert.match(answer.headers.get("vary") ?? "", /\borigin\b/i, "a cache must distinguish origins")
      }
      assertProblem(await preflight(panel, "/api/v1/nowhere"), 404, "not-found")
      await api("DELETE", "/settings/access")
    })

    it("are allowed by their exact origin only", async () => {
      for (const origin of [
        "*",
        "null",
        "panel.test",
        "https://panel.test/",
        "https://Panel.test",
        "ftp://panel.test"
      ]) {
        assertNames(await api("PATCH", "/settings/access", { allowedOrigins: [origin] }), [
          "payload",
          "allowedOrigins",
          0
        ])
      }
    })
  })

  describe("a changed password", () => {
    it("ends every other session, by cookie and by token", async () => {
      const { origin } = new URL(server().url)
      const [mine, other] = [await login(), await login()]
      const change = { currentPassword: account.password, newPassword: "an entirely different password" }
      const headers = { cookie: cookieOf(mine), origin }
      assert.strictEqual((await visitor("PUT", "/account/password", change, { headers })).status, 204)
      assertProblem(await principal({ cookie: cookieOf(other) }), 401, "unauthorized")
      assertProblem(await principal({ authorization: `Bearer ${other.textAt("token")}` }), 401, "unauthorized")
      assert.strictEqual((await principal({ cookie: cookieOf(mine) })).status, 200)
    })
  })
}
