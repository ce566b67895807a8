/** What every dialect has: switches, a key of its own, a port of its own, its own errors, a document, and its name in the log. */
import { assert, describe, it } from "vitest"
import type * as Declared from "../../dialects.d.ts"
import { dialects } from "../../src/dialects/Dialects.ts"
import { at, call, textAt } from "../http/Client.ts"
import { adminKey } from "../http/ServerProcess.ts"
import { dialectServed, nobody, until } from "./DialectServed.ts"

// The type that the main TypeScript project has for them.
const declared: typeof Declared.dialects = dialects

const stateOf = (native: ReturnType<typeof dialectServed>["native"]) =>
  native("GET", "/dialects").then((answer) =>
    answer.listAt("items").find((dialect) => at(dialect, "name") === "prunerr")
  )

describe("A dialect", () => {
  describe("that is switched off", () => {
    const { native, prunerr, server } = dialectServed([])

    it("is not there, and is listed as off", async () => {
      assert.strictEqual(declared.length, 2)
      assert.strictEqual((await prunerr("GET", "/stats")).status, 404)
      const state = await stateOf(native)
      assert.deepInclude(state, { name: "prunerr", enabled: false, url: null, ownUrl: null, usualPort: 3000 })
    })

    it("is switched on, moved to a port of its own, and off by the settings, while the server runs", async () => {
      const on = await native("PATCH", "/settings/dialects", { prunerr: { enabled: true } })
      assert.strictEqual(on.status, 200, on.text)
      await until(
        () => prunerr("GET", "/stats"),
        ({ status }) => status === 200
      )
      assert.strictEqual(at(await stateOf(native), "url"), `${server().url}/prunerr`)

      await native("PATCH", "/settings/dialects", { prunerr: { port: 3000 } })
      const ownUrl = async () => at(await stateOf(native), "ownUrl")
      await until(
        () => native("GET", "/dialects"),
        ({ text }) => /"ownUrl":"/.test(text)
      )
      const own = String(await ownUrl())
      assert.notStrictEqual(own, server().url)
      // An unchanged client knows only the port of the product.
      assert.strictEqual((await call(own, "GET", "/api/stats", { key: adminKey })).status, 200)
      assert.strictEqual((await call(own, "GET", "/api/v1/stats", { key: adminKey })).status, 404)
      assert.strictEqual((await prunerr("GET", "/stats")).status, 200)

      await native("PATCH", "/settings/dialects", { prunerr: { enabled: false } })
      await until(
        () => prunerr("GET", "/stats"),
        ({ status }) => status === 404
      )
      assert.deepInclude(await stateOf(native), { enabled: false, url: null, ownUrl: null, port: 3000 })
    })

    it("refuses a port that is none", async () => {
      const refused = await native("PATCH", "/settings/dialects", { prunerr: { port: 70_000 } })
      assert.strictEqual(refused.status, 400)
      assert.deepStrictEqual(refused.at("errors", 0, "path"), ["payload", "prunerr", "port"])
    })
  })

  describe("that a flag switches on", () => {
    const { native, prunerr, server } = dialectServed(["--dialects", "prunerr=3000"])
    const ownKey = async () => (await native("GET", "/dialects/prunerr/key")).textAt("key")

    it("is announced, and served on both ports", async () => {
      const state = await stateOf(native)
      assert.deepInclude(state, { enabled: true, byFlag: true, problem: null })
      const line = server()
        .output()
        .split("\n")
        .find((one) => one.startsWith("API of Prunerr: "))
      assert.strictEqual(line, `API of Prunerr: ${server().url}/prunerr and ${textAt(state, "ownUrl")}`)
    })

    it("lets in nobody without a key, whatever headers a page sends", async () => {
      const forged = {
        origin: server().url,
        referer: `${server().url}/`,
        "sec-fetch-site": "same-origin",
        "sec-fetch-mode": "cors",
        accept: "application/json"
      }
      for (const headers of [{}, forged, { "x-api-key": "wrong" }, { authorization: `Bearer ${adminKey}` }]) {
        for (const [method, path] of [
          ["GET", "/settings"],
          ["DELETE", "/library/1/protect"],
          ["GET", "/nothing"]
        ] as const) {
          const answer = await call(server().url, method, `/prunerr/api${path}`, { headers })
          assert.strictEqual(answer.status, 401, `${method} ${path} ${JSON.stringify(headers)}`)
          assert.deepStrictEqual(answer.body, { success: false, error: "Sign in, or send a valid API key" })
          assert.isNull(answer.headers.get("access-control-allow-origin"))
        }
      }
      assert.strictEqual((await prunerr("GET", `/stats?apikey=${adminKey}`, nobody)).status, 401)
    })

    it("accepts its own key, which the native API refuses, and shows it again only to administrators", async () => {
      const key = await ownKey()
      assert.match(key, /^[0-9a-f]{64}$/)
      assert.strictEqual((await prunerr("GET", "/stats", { key })).status, 200)
      assert.strictEqual((await prunerr("GET", "/settings/api-key", { key })).at("data", "apiKey"), key)
      assert.strictEqual((await call(server().url, "GET", "/api/v1/stats", { key })).status, 401)
      const keys = (await native("GET", "/api-keys")).text
      assert.notInclude(keys, "prunerr")
      const reader = (await native("POST", "/api-keys", { name: "reader", scope: "read" })).textAt("key")
      const operator = (await native("POST", "/api-keys", { name: "operator", scope: "operate" })).textAt("key")
      assert.strictEqual((await prunerr("GET", "/settings/api-key", { key: operator })).status, 403)
      assert.strictEqual(
        (await call(server().url, "GET", "/api/v1/dialects/prunerr/key", { key: operator })).status,
        403
      )
      // The scopes of API keys hold.
      assert.strictEqual((await prunerr("GET", "/library", { key: reader })).status, 200)
      const refused = await prunerr("POST", "/library/sync", { key: reader })
      assert.strictEqual(refused.status, 403)
      assert.deepStrictEqual(refused.body, { success: false, error: "This needs a wider scope" })
      assert.strictEqual((await prunerr("POST", "/rules", { key: operator, json: {} })).status, 403)
      assert.strictEqual((await prunerr("POST", "/rules/preview", { key: reader, json: {} })).status, 400)
    })

    it("refuses the former key as soon as there is a new one", async () => {
      const before = await ownKey()
      const renewed = (await prunerr("POST", "/settings/api-key/regenerate", { key: before })).textAt("data", "apiKey")
      assert.notStrictEqual(renewed, before)
      assert.strictEqual((await prunerr("GET", "/stats", { key: before })).status, 401)
      assert.strictEqual((await prunerr("GET", "/stats", { key: renewed })).status, 200)
      const again = (await native("POST", "/dialects/prunerr/key")).textAt("key")
      assert.strictEqual((await prunerr("GET", "/stats", { key: renewed })).status, 401)
      assert.strictEqual((await prunerr("GET", "/stats", { key: again })).status, 200)
      const log = await native("GET", "/event-log?type=dialect-key.created")
      assert.notInclude(log.text, again)
      assert.deepStrictEqual(
        log.listAt("items").map((event) => textAt(event, "actor")),
        ["key:env:TENDARR_API_KEY", "dialect:prunerr", "system"]
      )
    })

    it("records its name as the actor, whatever the credentials", async () => {
      const key = await ownKey()
      const [first, second] = (await prunerr("GET", "/library?limit=2")).listAt("data", "items")
      const path = (item: unknown) => `/library/${String(at(item, "id"))}/protect`
      assert.strictEqual((await prunerr("POST", path(first), { key })).status, 200)
      assert.strictEqual((await prunerr("POST", path(second))).status, 200)
      const log = await native("GET", "/event-log?type=protection.added&limit=2")
      assert.deepStrictEqual(
        log.listAt("items").map((event) => textAt(event, "actor")),
        ["dialect:prunerr/key:env:TENDARR_API_KEY", "dialect:prunerr"]
      )
    })

    it("answers unknown paths and methods, bad bodies and large ones in the form of the product", async () => {
      const cases = [
        [await prunerr("GET", "/nothing"), 404],
        [await prunerr("PATCH", "/library"), 405],
        [await prunerr("POST", "/library/bulk/mark-deletion", { raw: "{", contentType: "application/json" }), 400],
        [await prunerr("POST", "/library/bulk/mark-deletion", { raw: "x", contentType: "text/plain" }), 415],
        [await prunerr("POST", "/library/bulk/mark-deletion", { raw: "x".repeat(2_000_000) }), 413]
      ] as const
      for (const [answer, status] of cases) {
        assert.strictEqual(answer.status, status, answer.text)
        assert.strictEqual(answer.at("success"), false)
        assert.isString(answer.at("error"))
      }
      assert.match(cases[1][0].headers.get("allow") ?? "", /^GET, HEAD, OPTIONS$/)
      const badly = await prunerr("GET", "/library?page=abc&limit=x")
      assert.strictEqual(badly.status, 400)
      assert.deepStrictEqual(
        badly.listAt("details").map((detail) => at(detail, "path")),
        [
          ["query", "page"],
          ["query", "limit"]
        ]
      )
    })

    it("has a document of its own, which says where it is", async () => {
      const document = await call(server().url, "GET", "/prunerr/openapi.json")
      assert.strictEqual(document.status, 200)
      assert.deepStrictEqual(document.at("servers"), [{ url: "/prunerr" }])
      assert.deepStrictEqual(document.at("components", "securitySchemes"), {
        headerKey: { type: "apiKey", in: "header", name: "X-Api-Key" }
      })
      assert.isDefined(document.at("paths", "/api/library/{id}/mark-deletion", "post"))
      const own = await call(textAt(await stateOf(native), "ownUrl"), "GET", "/openapi.json")
      assert.notInclude(JSON.stringify(own.at("servers") ?? []), "prunerr")
    })
  })

  describe("behind a proxy that forwards a path", () => {
    const { server } = dialectServed(["--dialects", "prunerr=3000", "--base-path", "/tendarr"])

    it("is below that path, and at the root of its own port", async () => {
      const origin = new URL(server().url).origin
      const get = (path: string, from = origin) => call(from, "GET", path, { key: adminKey })
      assert.strictEqual((await get("/tendarr/prunerr/api/stats")).status, 200)
      assert.strictEqual((await get("/prunerr/api/stats")).status, 404)
      const document = await get("/tendarr/prunerr/openapi.json")
      assert.deepStrictEqual(document.at("servers"), [{ url: "/tendarr/prunerr" }])
      const states = (await get("/tendarr/api/v1/dialects")).listAt("items")
      const state = states.find((dialect) => at(dialect, "name") === "prunerr")
      assert.strictEqual(at(state, "url"), `${origin}/tendarr/prunerr`)
      const own = textAt(state, "ownUrl")
      assert.strictEqual((await get("/api/stats", own)).status, 200)
      assert.strictEqual((await get("/tendarr/api/stats", own)).status, 404)
    })
  })

  describe("whose key the environment sets", () => {
    const key = "key-of-the-environment"
    const { native, prunerr } = dialectServed(["--dialects", "all"], { PRUNERR_API_KEY: key })

    it("accepts it, shows it, and creates no other one", async () => {
      assert.strictEqual((await prunerr("GET", "/stats", { key })).status, 200)
      assert.strictEqual((await prunerr("GET", "/settings/api-key", { key })).at("data", "apiKey"), key)
      const refused = await prunerr("POST", "/settings/api-key/regenerate", { key })
      assert.strictEqual(refused.status, 409)
      assert.match(refused.textAt("error"), /PRUNERR_API_KEY sets it/)
      assert.strictEqual((await native("POST", "/dialects/prunerr/key")).at("code"), "dialect-key-preset")
      assert.strictEqual((await prunerr("GET", "/stats", { key })).status, 200)
    })
  })
})
