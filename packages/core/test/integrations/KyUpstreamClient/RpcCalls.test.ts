/** Applications whose calls are not what their HTTP methods say, and whose refusals are successful responses. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { CurrentFinalCheck } from "../../../src/integrations/FinalCheck.ts"
import { type UpstreamSession, urgently } from "../../../src/integrations/Upstream.ts"
import { UpstreamUnauthorized } from "../../../src/integrations/UpstreamErrors.ts"
import { json, page, redirect, serve } from "../support/LoopbackServer.ts"
import { Answer, expectTag, failureOf, open } from "../support/TestClient.ts"

const Any = Schema.Record(Schema.String, Schema.Unknown)

const never = { whyNot: () => Effect.succeed("it is protected") }

describe("A POST that only reads", () => {
  it.live("is retried, and needs no final check", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response, count) => json(response, { id: 1 }, count === 1 ? 503 : 200))
      const upstream = yield* open(server.url)
      const asked = upstream.send("POST", "rpc", { json: { method: "list" }, reads: true }, Answer)
      assert.deepStrictEqual(yield* Effect.provideService(asked, CurrentFinalCheck, never), { id: 1 })
      assert.deepStrictEqual(
        server.received.map(({ body }) => body),
        ['{"method":"list"}', '{"method":"list"}']
      )
    })
  )

  it.live("follows no redirect", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => redirect(response, "/new", 307))
      const upstream = yield* open(server.url)
      expectTag(yield* failureOf(upstream.send("POST", "rpc", { json: {}, reads: true }, Any)), "UpstreamRefused")
      assert.strictEqual(server.received.length, 1)
    })
  )
})

describe("A GET that changes something", () => {
  it.live("is sent once, after the final check", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => json(response, {}, 503))
      const upstream = yield* open(server.url)
      const looks: Array<boolean> = []
      const whyNot = (destroys: boolean) =>
        Effect.as(
          Effect.sync(() => looks.push(destroys)),
          null
        )
      const sent = upstream.get("?action=removedata", Any, { acts: true, destroys: true })
      expectTag(yield* failureOf(Effect.provideService(sent, CurrentFinalCheck, { whyNot })), "UpstreamRefused")
      assert.deepStrictEqual(looks, [true])
      assert.strictEqual(server.received.length, 1)
      expectTag(yield* failureOf(Effect.provideService(sent, CurrentFinalCheck, never)), "UpstreamHeldBack")
      assert.strictEqual(server.received.length, 1)
    })
  )

  it.live("follows no redirect", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => redirect(response, "/new"))
      const upstream = yield* open(server.url)
      expectTag(yield* failureOf(upstream.get("old", Any, { acts: true })), "UpstreamRefused")
      assert.strictEqual(server.received.length, 1)
    })
  )
})

describe("A web page", () => {
  it.live("is an answer only where one is expected", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => page(response))
      const upstream = yield* open(server.url)
      expectTag(yield* failureOf(upstream.ask("GET", "token.html")), "UpstreamMalformed")
      const { body } = yield* upstream.ask("GET", "token.html", { webPage: true })
      assert.include(new TextDecoder().decode(body), "hello")
    })
  )
})

describe("A session", () => {
  it.live("whose end a successful response reports is opened again once", () =>
    Effect.gen(function* () {
      let valid = 0
      const server = yield* serve((request, response) => {
        if (request.url === "/login") return json(response, { result: true }, 200, { "set-cookie": `SID=${++valid}` })
        const isIn = request.headers.cookie === `SID=${valid}`
        json(response, isIn ? { result: 1, error: null } : { result: null, error: { code: 1 } })
      })
      const session: UpstreamSession = {
        open: (upstream) =>
          Effect.map(upstream.ask("POST", "login"), ({ cookies }) => ({ cookie: `SID=${cookies["SID"]}` })),
        hasEnded: ({ status }) => status === 401,
        endedBy: (value) => JSON.stringify(value).includes('"code":1')
      }
      const upstream = yield* open(server.url, {}, { session })
      assert.strictEqual((yield* upstream.send("POST", "json", { json: {} }, Any))["result"], 1)
      valid += 1
      assert.strictEqual((yield* upstream.send("POST", "json", { json: {} }, Any))["result"], 1)
      assert.deepStrictEqual(
        server.received.map(({ url }) => url),
        ["/login", "/json", "/json", "/login", "/json"]
      )
      // An application that always says so is not asked endlessly.
      const broken = yield* open(server.url, {}, { session: { ...session, endedBy: () => true } })
      expectTag(yield* failureOf(broken.send("POST", "json", { json: {} }, Any)), "UpstreamUnauthorized")
    })
  )

  it.live("may have a token that comes first in the query, and is not shown", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response, count) =>
        json(response, { detail: "no token-1234567" }, count === 1 ? 200 : 500)
      )
      const session: UpstreamSession = {
        open: () => Effect.succeed({ token: "token-1234567", cookie: "GUID=abcdefgh" }),
        inQuery: ["token"],
        hasEnded: () => false
      }
      const upstream = yield* open(server.url, {}, { session, query: { key: "k" } })
      yield* upstream.get("gui/", Any, { query: { list: 1 } })
      assert.strictEqual(server.received[0]?.url, "/gui/?token=token-1234567&list=1&key=k")
      assert.strictEqual(server.received[0]?.headers.cookie, "GUID=abcdefgh")
      assert.isUndefined(server.received[0]?.headers["token"])
      const error = yield* failureOf(upstream.get("gui/", Any, { acts: true }))
      assert.notInclude(error.message, "token-1234567")
    })
  )
})

describe("A refused password", () => {
  const stopsAfter = (error: { readonly _tag: string }) => error._tag === "UpstreamUnauthorized"

  it.live("is not sent again by anybody", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => json(response, { message: "wrong" }, 401))
      const upstream = yield* open(server.url, {}, { headers: { authorization: "Basic eA==" }, stopsAfter })
      const first = expectTag(yield* failureOf(upstream.get("x", Any)), "UpstreamUnauthorized")
      assert.deepStrictEqual(yield* failureOf(upstream.get("x", Any)), first)
      assert.deepStrictEqual(yield* failureOf(upstream.send("POST", "y")), first)
      assert.deepStrictEqual(yield* failureOf(urgently(upstream.get("x", Any))), first)
      assert.strictEqual(server.received.length, 1)
      // A changed configuration opens it anew.
      const again = yield* open(server.url, {}, { headers: { authorization: "Basic eQ==" }, stopsAfter })
      yield* failureOf(again.get("x", Any))
      assert.strictEqual(server.received.length, 2)
    })
  )

  it.live("is sent once at a sign-in, also if several calls wait for it", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => json(response, "Fails."))
      const refusal = new UpstreamUnauthorized({ integration: "Test", call: "login", detail: "wrong", status: 401 })
      const session: UpstreamSession = {
        open: (upstream) => Effect.andThen(upstream.ask("POST", "login"), Effect.fail(refusal)),
        hasEnded: () => false
      }
      const upstream = yield* open(server.url, {}, { session, stopsAfter })
      const calls = ["a", "b", "c"].map((path) => urgently(failureOf(upstream.get(path, Any))))
      const failures = yield* Effect.all(calls, { concurrency: "unbounded" })
      assert.deepStrictEqual(
        failures.map(({ _tag }) => _tag),
        ["UpstreamUnauthorized", "UpstreamUnauthorized", "UpstreamUnauthorized"]
      )
      assert.strictEqual(server.received.length, 1)
    })
  )

  it.live("is nothing that other failures are taken for", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response, count) => json(response, { id: 1 }, count === 1 ? 500 : 200))
      const upstream = yield* open(server.url, {}, { stopsAfter })
      expectTag(yield* failureOf(upstream.get("x", Answer)), "UpstreamRefused")
      assert.deepStrictEqual(yield* upstream.get("x", Answer), { id: 1 })
    })
  )
})
