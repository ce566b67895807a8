import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { json, serve } from "../support/LoopbackServer.ts"
import { Answer, expectTag, failureOf, open, until } from "../support/TestClient.ts"

describe("Retries", () => {
  for (const status of [429, 502, 503, 504]) {
    it.live(`a GET is retried after ${status}, and its calls are counted`, () =>
      Effect.gen(function* () {
        const server = yield* serve((_, response, count) =>
          count < 3 ? json(response, {}, status, { "retry-after": "0" }) : json(response, { id: 7 })
        )
        const upstream = yield* open(server.url)
        assert.deepStrictEqual(yield* upstream.get("x", Answer), { id: 7 })
        assert.strictEqual(yield* upstream.calls, 3)
      })
    )
  }

  it.live("a GET is sent at most four times", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => json(response, {}, 503))
      const upstream = yield* open(server.url)
      expectTag(yield* failureOf(upstream.get("x", Answer)), "UpstreamRefused")
      assert.strictEqual(server.received.length, 4)
    })
  )

  it.live("a GET whose connection broke is retried", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response, count) =>
        count === 1 ? void response.destroy() : json(response, { id: 7 })
      )
      const upstream = yield* open(server.url)
      assert.deepStrictEqual(yield* upstream.get("x", Answer), { id: 7 })
    })
  )

  it.effect("the delay that the application requests is respected", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response, count) =>
        count === 1 ? json(response, {}, 429, { "retry-after": "1" }) : json(response, { id: 1 })
      )
      const upstream = yield* open(server.url, { timeoutMillis: 600_000 })
      const call = yield* Effect.forkChild(upstream.get("x", Answer))
      yield* until(() => server.received.length === 1).pipe(TestClock.withLive)
      const asked = yield* Clock.currentTimeMillis
      while (server.received.length === 1) {
        yield* TestClock.adjust("10 millis")
        yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
      }
      assert.isAtLeast((yield* Clock.currentTimeMillis) - asked, 1000)
      assert.deepStrictEqual(yield* Fiber.join(call), { id: 1 })
    })
  )

  for (const status of [400, 404, 500]) {
    it.live(`a GET is not retried after ${status}`, () =>
      Effect.gen(function* () {
        const server = yield* serve((_, response) => json(response, {}, status))
        const upstream = yield* open(server.url)
        expectTag(yield* failureOf(upstream.get("x", Answer)), "UpstreamRefused")
        assert.strictEqual(server.received.length, 1)
      })
    )
  }

  for (const method of ["DELETE", "POST", "PUT"] as const) {
    it.live(`a ${method} is sent exactly once, whatever happens to it`, () =>
      Effect.gen(function* () {
        const server = yield* serve((request, response) => {
          if (request.url === "/cut") response.destroy()
          else if (request.url === "/silent") return
          else json(response, {}, Number(request.url.slice(1)), { "retry-after": "0" })
        })
        const upstream = yield* open(server.url, { circuitFailures: 100 })
        const paths = ["429", "500", "502", "503", "504", "cut", "silent"]
        for (const path of paths) yield* failureOf(upstream.send(method, path, { json: { a: 1 }, timeoutMillis: 60 }))
        assert.deepStrictEqual(
          server.received.map((request) => request.url),
          paths.map((path) => `/${path}`)
        )
      })
    )

    it.live(`a ${method} is sent once if a kept-alive connection breaks`, () =>
      Effect.gen(function* () {
        const server = yield* serve((request, response) =>
          request.method === "GET" ? json(response, { id: 1 }) : void response.destroy()
        )
        const upstream = yield* open(server.url)
        yield* upstream.get("warm", Answer)
        expectTag(yield* failureOf(upstream.send(method, "x", { json: {} })), "UpstreamUnreachable")
        assert.strictEqual(server.received.filter((request) => request.method === method).length, 1)
      })
    )
  }
})
