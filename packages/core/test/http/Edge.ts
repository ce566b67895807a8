/** Behaviour of all responses, and the pages next to the API: health, document, reference, compression, HEAD, headers. */
import { assert, describe, it } from "vitest"
import { OpenApiDocument } from "../../src/api/OpenApiDocument.ts"
import { assertProblem, call, clientOf } from "./Client.ts"
import { adminKey, type RunningServer } from "./ServerProcess.ts"

export const edgeTests = (server: () => RunningServer, runtime: string) => {
  const get = (path: string, headers: Record<string, string> = {}) =>
    call(server().url, "GET", path, { key: adminKey, headers })

  describe("the edge", () => {
    it("reports its health to anyone, and its details only to authenticated clients", async () => {
      const health = await call(server().url, "GET", "/api/v1/health")
      assert.strictEqual(health.status, 200)
      assert.strictEqual(health.at("status"), "ok")
      const status = await get("/api/v1/status")
      assert.match(status.textAt("runtime"), new RegExp(`^${runtime.toLowerCase()} \\d`))
    })

    it("serves its OpenAPI document, and a reference page that is confined by its policy", async () => {
      const document = await call(server().url, "GET", "/openapi.json")
      assert.deepStrictEqual(document.body, OpenApiDocument.value())
      const page = await call(server().url, "GET", "/docs")
      assert.strictEqual(page.status, 200)
      assert.match(page.headers.get("content-type") ?? "", /^text\/html; charset=utf-8/)
      const policy = page.headers.get("content-security-policy") ?? ""
      assert.match(policy, /^default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+'; /)
      const root = await call(server().url, "GET", "/")
      assert.deepStrictEqual([root.status, root.headers.get("location")], [302, "/docs"])
    })

    it("sets the same security headers on every response", async () => {
      const answers = [
        await get("/api/v1/stats"),
        await get("/nowhere"),
        await call(server().url, "GET", "/api/v1/stats"),
        await call(server().url, "PROPFIND", "/api/v1/stats"),
        await get("/docs"),
        await get("/openapi.json")
      ]
      for (const { headers } of answers) {
        assert.strictEqual(headers.get("x-content-type-options"), "nosniff")
        assert.strictEqual(headers.get("x-frame-options"), "DENY")
        assert.strictEqual(headers.get("referrer-policy"), "no-referrer")
        assert.strictEqual(headers.get("cross-origin-resource-policy"), "same-origin")
        assert.match(headers.get("content-security-policy") ?? "", /default-src 'none'.*frame-ancestors 'none'/)
        assert.isNull(headers.get("access-control-allow-origin"))
        assert.isNull(headers.get("x-powered-by"))
      }
      assert.strictEqual(answers[0]?.headers.get("cache-control"), "no-store")
    })

    it("compresses long responses for clients that accept it, but not short ones", async () => {
      const long = await get("/openapi.json", { "accept-encoding": "gzip" })
      assert.strictEqual(long.headers.get("content-encoding"), "gzip")
      assert.deepStrictEqual(long.body, OpenApiDocument.value())
      const plain = await get("/openapi.json", { "accept-encoding": "identity" })
      assert.isNull(plain.headers.get("content-encoding"))
      assert.match(plain.headers.get("vary") ?? "", /accept-encoding/i)
      const short = await get("/api/v1/health", { "accept-encoding": "gzip" })
      assert.isNull(short.headers.get("content-encoding"))
    })

    it("responds to HEAD like GET without the body", async () => {
      for (const path of ["/api/v1/settings/general", "/api/v1/stats", "/docs"]) {
        const headers = { "accept-encoding": "identity" }
        const [whole, head] = [
          await get(path, headers),
          await call(server().url, "HEAD", path, { key: adminKey, headers })
        ]
        assert.strictEqual(head.status, 200)
        assert.strictEqual(head.text, "")
        for (const name of ["content-type", "content-length", "etag"]) {
          assert.strictEqual(head.headers.get(name), whole.headers.get(name), `${name} of ${path}`)
        }
      }
      assert.strictEqual((await call(server().url, "HEAD", "/api/v1/stats")).status, 401)
    })

    it("allows the controls of the sandbox only for admin keys", async () => {
      const made = { name: "Only looks", scope: "read" }
      const reader = (await clientOf(server().url, adminKey)("POST", "/api-keys", made)).textAt("key")
      const state = (key?: string) => call(server().url, "GET", "/sandbox/state", key === undefined ? {} : { key })
      assertProblem(await state(), 401, "unauthorized")
      assertProblem(await state(reader), 403, "insufficient-scope")
      assert.isAbove(Number((await state(adminKey)).at("movies")), 0)
    })

    it("reports which methods a path accepts", async () => {
      const options = await call(server().url, "OPTIONS", "/api/v1/rules")
      assert.deepStrictEqual([options.status, options.headers.get("allow")], [204, "GET, HEAD, POST, OPTIONS"])
      const wrong = await call(server().url, "DELETE", "/api/v1/rules", { key: adminKey })
      assertProblem(wrong, 405, "method-not-allowed")
      assert.strictEqual(wrong.headers.get("allow"), "GET, HEAD, POST, OPTIONS")
      assertProblem(await get("/api/v1/nowhere"), 404, "not-found")
      for (const unreadable of ["%E0%A4%A", "x".repeat(2000)]) {
        assertProblem(await get(`/api/v1/rules/${unreadable}`), 400, "invalid-request")
      }
      // A path of its own in the document is not a parameter of another one.
      const shadow = await call(server().url, "DELETE", "/api/v1/rules/order", { key: adminKey })
      assertProblem(shadow, 405, "method-not-allowed")
      assert.strictEqual(shadow.headers.get("allow"), "PUT, OPTIONS")
      assertProblem(await call(server().url, "PATCH", "/api/v1/settings/schemas", { key: adminKey, json: {} }), 405)
      assert.strictEqual((await clientOf(server().url, adminKey)("GET", "/rules/")).status, 200)
    })
  })
}
