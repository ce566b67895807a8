import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Exit, Fiber, Schema } from "effect"
import { TestClock } from "effect/testing"
import { KyUpstreamClient } from "../../src/integrations/KyUpstreamClient.ts"
import { makeHostGate } from "../../src/integrations/KyUpstreamClient/HostGate.ts"
import { UpstreamClient } from "../../src/integrations/Upstream.ts"
import { json, redirect, serve } from "./support/LoopbackServer.ts"
import { Answer, expectTag, failureOf, open, quick, until } from "./support/TestClient.ts"

describe("Addresses", () => {
  it.live("are joined from paths and a base with a prefix and a trailing slash", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => json(response, { id: 1 }))
      const upstream = yield* open(`${server.url}/apps/radarr/`)
      yield* upstream.get("/api/v3/movie", Answer, { query: { a: 1, list: [1, 2], text: "x y&z" } })
      assert.strictEqual(server.received[0]?.url, "/apps/radarr/api/v3/movie?a=1&list=1&list=2&text=x+y%26z")
    })
  )

  it.live(
    "are refused before anything is sent if the base has credentials, a query or another scheme, or is invalid",
    () =>
      Effect.gen(function* () {
        const server = yield* serve((_, response) => json(response, { id: 1 }))
        const bases = [
          server.url.replace("://", "://user:hunter2@"),
          `${server.url}?apikey=hunter2`,
          "ftp://127.0.0.1/",
          "file:///etc/passwd",
          "not a url"
        ]
        for (const base of bases) {
          const upstream = yield* open(base)
          const error = expectTag(yield* failureOf(upstream.get("x", Answer)), "UpstreamUnreachable")
          assert.notInclude(JSON.stringify(error), "hunter2")
        }
        assert.strictEqual(server.received.length, 0)
      })
  )
})

describe("Secrets", () => {
  it.live("are sent in headers or the query, and appear in no error", () =>
    Effect.gen(function* () {
      const header = "header-s3cret/+key"
      const query = "query s3cret&key"
      const answers = [200, 400, 401, 429, 500]
      const server = yield* serve((request, response, count) => {
        assert.strictEqual(request.headers["x-api-key"], header)
        assert.strictEqual(new URL(request.url, "http://host").searchParams.get("apikey"), query)
        const echo = `you sent ${header} and ${query} and ${encodeURIComponent(query)} to ${request.url}`
        json(response, { id: echo, message: echo }, answers[count - 1] ?? 200)
      })
      const upstream = yield* open(
        server.url,
        { retries: 0 },
        { headers: { "X-Api-Key": header }, query: { apikey: query }, integration: `name ${header}` }
      )
      for (const _ of answers) {
        const error = yield* failureOf(upstream.get("api", Answer))
        const shown = JSON.stringify(error) + String(error) + error.message + String(error.stack)
        assert.notInclude(shown, header)
        assert.notInclude(shown, query)
        assert.notInclude(shown, encodeURIComponent(query))
        assert.notInclude(shown, "s3cret")
      }
    })
  )

  it.live("are not sent along with a redirect to another host, nor shown in its error", () =>
    Effect.gen(function* () {
      const elsewhere = yield* serve((_, response) => json(response, { id: 1 }))
      const server = yield* serve((_, response) => redirect(response, `${elsewhere.url}/?apikey=hunter2hunter2`))
      const upstream = yield* open(server.url, {}, { query: { apikey: "hunter2hunter2" } })
      const error = expectTag(yield* failureOf(upstream.get("x", Answer)), "UpstreamRefused")
      assert.include(error.detail, `127.0.0.1:${elsewhere.port}`)
      assert.notInclude(JSON.stringify(error), "hunter2")
      assert.strictEqual(elsewhere.received.length, 0)
    })
  )
})

describe("Concurrent calls", () => {
  it.live("are limited per host, across all of its integrations", () =>
    Effect.gen(function* () {
      const held: Array<() => void> = []
      const server = yield* serve((request, response) => {
        if (request.url === "/probe") json(response, {})
        else held.push(() => json(response, { id: 1 }))
      })
      const [one, two] = yield* UpstreamClient.use((client) =>
        Effect.sync(() => [
          client.open({ integration: "One", baseUrl: server.url }),
          client.open({ integration: "Two", baseUrl: `${server.url}/two` })
        ])
      ).pipe(Effect.provide(KyUpstreamClient.layerWith({ ...quick, concurrency: 3 })))
      assert.isDefined(one)
      assert.isDefined(two)
      const calls = Array.from({ length: 12 }, (_, index) => (index % 2 === 0 ? one! : two!).get("x", Answer))
      const fiber = yield* Effect.forkChild(Effect.all(calls, { concurrency: "unbounded" }))
      for (let batch = 0; batch < 4; batch += 1) {
        yield* until(() => held.length >= 3)
        // Further calls that the client had sent next to these three would arrive before the response to a later call.
        yield* Effect.promise(() => fetch(`${server.url}/probe`))
        assert.strictEqual(held.length, 3)
        for (const answer of held.splice(0)) answer()
      }
      yield* Fiber.join(fiber)
    })
  )

  it.effect("start with the configured spacing per host", () =>
    Effect.gen(function* () {
      const starts: Array<number> = []
      const gate = makeHostGate({
        concurrency: 3,
        actConcurrency: 2,
        actWaitMillis: 1000,
        spacingMillis: 30,
        circuitFailures: 5,
        circuitMillis: 1000
      })
      const call = gate.pass(
        Effect.map(Clock.currentTimeMillis, (now) => void starts.push(now)),
        { noAnswer: () => null, whenOpen: (reason) => reason }
      )
      const calls = yield* Effect.forkChild(Effect.all([call, call, call], { concurrency: "unbounded" }))
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(calls)
      assert.deepStrictEqual(starts, [0, 30, 60])
    })
  )

  it.live("close their socket at once when interrupted", () =>
    Effect.gen(function* () {
      const server = yield* serve(() => undefined)
      const upstream = yield* open(server.url)
      const fiber = yield* Effect.forkChild(upstream.get("x", Answer))
      yield* until(() => server.received.length === 1)
      yield* Fiber.interrupt(fiber)
      yield* until(() => server.broken.length === 1)
      assert.isTrue(Exit.isFailure(yield* Fiber.await(fiber)))
    })
  )
})

describe("Long lists", () => {
  it.live("of 20,000 rows are read without blocking the event loop", () =>
    Effect.gen(function* () {
      const row = (id: number) => ({
        id,
        title: `Movie "${id}" \\ é漢`,
        nested: { list: [1, 2, { a: "]}" }], text: "x".repeat(400) }
      })
      const body = JSON.stringify(Array.from({ length: 20_000 }, (_, id) => row(id)))
      const server = yield* serve((_, response) => {
        response.writeHead(200, { "content-type": "application/json" })
        response.end(body)
      })
      const Row = Schema.Struct({
        id: Schema.Int,
        title: Schema.String,
        nested: Schema.Struct({ list: Schema.Array(Schema.Unknown), text: Schema.String })
      })
      const upstream = yield* open(server.url, { timeoutMillis: 20_000 })
      let turns = 0
      let reading = true
      const turn = () => {
        turns += 1
        if (reading) setImmediate(turn)
      }
      setImmediate(turn)
      const rows = yield* upstream.getArray("x", Row).pipe(Effect.ensuring(Effect.sync(() => void (reading = false))))
      assert.strictEqual(rows.length, 20_000)
      assert.deepStrictEqual(rows[19_999], row(19_999))
      assert.isAtLeast(turns, 60, "turns of the event loop while 20,000 rows were read")
    })
  )

  it.live("are decoded separately from the head of their page", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => json(response, { total: 2, rows: [{ id: 1 }, { id: 2 }] }))
      const upstream = yield* open(server.url)
      const read = yield* upstream.getPage("x", {
        head: Schema.Struct({ total: Schema.Int, rows: Schema.Array(Schema.Unknown) }),
        rowsOf: (head) => head.rows,
        row: Answer
      })
      assert.strictEqual(read.head.total, 2)
      assert.deepStrictEqual(read.rows, [{ id: 1 }, { id: 2 }])
    })
  )
})
