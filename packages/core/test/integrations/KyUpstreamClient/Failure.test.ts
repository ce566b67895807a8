import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { json, page, serve } from "../support/LoopbackServer.ts"
import { Answer, expectTag, failureOf, open, until } from "../support/TestClient.ts"

describe("Failures of a call", () => {
  const answering = (status: number, body: unknown, headers: Record<string, string> = {}) =>
    serve((_, response) => json(response, body, status, headers))

  for (const status of [401, 403]) {
    it.live(`${status} means that the key is not accepted, and is not retried`, () =>
      Effect.gen(function* () {
        const server = yield* answering(status, { error: "Unauthorized" })
        const upstream = yield* open(server.url)
        const error = expectTag(yield* failureOf(upstream.get("x", Answer)), "UpstreamUnauthorized")
        assert.strictEqual(error.status, status)
        assert.strictEqual(server.received.length, 1)
      })
    )
  }

  it.live("429 contains the delay that the application requests", () =>
    Effect.gen(function* () {
      const server = yield* answering(429, {}, { "retry-after": "120" })
      const upstream = yield* open(server.url)
      const error = expectTag(yield* failureOf(upstream.get("x", Answer)), "UpstreamRateLimited")
      assert.strictEqual(error.retryAfterMillis, 120_000)
      assert.strictEqual(server.received.length, 1, "a delay longer than the limit is not awaited")
    })
  )

  const refusals: ReadonlyArray<[body: unknown, words: string]> = [
    [
      [{ propertyName: "RootFolderPath", errorMessage: "Folder is not writable" }],
      "RootFolderPath: Folder is not writable"
    ],
    [{ message: "NotFound", description: "at Some.Code()" }, "NotFound"],
    [{ response: { result: "error", message: "Invalid apikey", data: {} } }, "Invalid apikey"],
    [
      { errors: { tmdbId: ["must be greater than 0"] }, title: "One or more validation errors" },
      "tmdbId: must be greater than 0"
    ],
    [{ status: 404, error: "No such thing" }, "No such thing"]
  ]
  for (const [body, words] of refusals) {
    it.live(`a refusal contains the message of the application: ${words}`, () =>
      Effect.gen(function* () {
        const server = yield* answering(400, body)
        const upstream = yield* open(server.url)
        const error = expectTag(yield* failureOf(upstream.send("POST", "x", { json: {} })), "UpstreamRefused")
        assert.strictEqual(error.status, 400)
        assert.strictEqual(error.detail, words)
      })
    )
  }

  it.live("a port on which nothing listens is unreachable", () =>
    Effect.gen(function* () {
      const gone = yield* Effect.scoped(serve((_, response) => json(response, {})))
      const upstream = yield* open(gone.url)
      const error = expectTag(yield* failureOf(upstream.get("x", Answer)), "UpstreamUnreachable")
      assert.include(error.detail, "ECONNREFUSED")
    })
  )

  it.live("an application that never responds is unreachable after the timeout, and its socket is closed", () =>
    Effect.gen(function* () {
      const server = yield* serve(() => undefined)
      const upstream = yield* open(server.url, { retries: 0 })
      const error = expectTag(yield* failureOf(upstream.get("x", Answer, { timeoutMillis: 60 })), "UpstreamUnreachable")
      assert.include(error.detail, "60 ms")
      yield* until(() => server.broken.length === 1)
    })
  )

  it.live("an application that stops within its body is unreachable after the timeout", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => {
        response.writeHead(200, { "content-type": "application/json" })
        response.write('{"id":')
      })
      const upstream = yield* open(server.url, { retries: 0 })
      expectTag(yield* failureOf(upstream.get("x", Answer, { timeoutMillis: 80 })), "UpstreamUnreachable")
      yield* until(() => server.broken.length === 1)
    })
  )

  it.live("a connection that breaks within the body is unreachable, not a short list", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => {
        response.writeHead(200, { "content-type": "application/json", "content-length": "1000" })
        response.write('[{"id":1},', () => response.destroy())
      })
      const upstream = yield* open(server.url, { retries: 0 })
      expectTag(yield* failureOf(upstream.getArray("x", Answer)), "UpstreamUnreachable")
    })
  )

  it.live("a web page with status 200 is malformed, and the message names the probable cause", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => page(response))
      const upstream = yield* open(server.url)
      for (const read of [upstream.get("x", Answer), upstream.getArray("x", Answer), upstream.send("DELETE", "x")]) {
        const error = expectTag(yield* failureOf(Effect.asVoid(read)), "UpstreamMalformed")
        assert.include(error.detail, "a web page, probably a wrong base path")
      }
    })
  )

  it.live("a web page with the content type of JSON is detected", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => {
        response.writeHead(200, { "content-type": "application/json" })
        response.end("  <!doctype html><html></html>")
      })
      const upstream = yield* open(server.url)
      const error = expectTag(yield* failureOf(upstream.get("x", Answer)), "UpstreamMalformed")
      assert.include(error.detail, "a web page")
    })
  )

  it.live("truncated JSON is malformed", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => {
        response.writeHead(200, { "content-type": "application/json" })
        response.end('[{"id":1},{"id":')
      })
      const upstream = yield* open(server.url)
      expectTag(yield* failureOf(upstream.get("x", Schema.Array(Answer))), "UpstreamMalformed")
      const error = expectTag(yield* failureOf(upstream.getArray("x", Answer)), "UpstreamMalformed")
      assert.include(error.detail, "cut off")
    })
  )

  it.live("a wrong type is malformed, and the message names the path of the fault", () =>
    Effect.gen(function* () {
      const server = yield* answering(200, [{ id: 1 }, { id: "two" }])
      const upstream = yield* open(server.url)
      const array = expectTag(yield* failureOf(upstream.getArray("x", Answer)), "UpstreamMalformed")
      assert.match(array.detail, /^\[1\]\.id: /)
      const whole = expectTag(yield* failureOf(upstream.get("x", Schema.Array(Answer))), "UpstreamMalformed")
      assert.match(whole.detail, /^\[1\]\.id: /)
    })
  )

  it.live("unknown keys are not a fault", () =>
    Effect.gen(function* () {
      const server = yield* answering(200, { id: 1, somethingNew: { a: 1 } })
      const upstream = yield* open(server.url)
      assert.deepStrictEqual(yield* upstream.get("x", Answer), { id: 1 })
    })
  )

  it.live("a body above the size limit is malformed and names the limit, with and without a content length", () =>
    Effect.gen(function* () {
      const body = JSON.stringify({ id: 1, padding: "x".repeat(5_000) })
      const server = yield* serve((request, response) => {
        const announced = request.url === "/announced" ? { "content-length": String(body.length) } : {}
        response.writeHead(200, { "content-type": "application/json", ...announced })
        response.write(body.slice(0, 10))
        response.end(body.slice(10))
      })
      const upstream = yield* open(server.url, { maxBodyBytes: 1_000 })
      for (const path of ["announced", "streamed"]) {
        const error = expectTag(yield* failureOf(upstream.get(path, Answer)), "UpstreamMalformed")
        assert.include(error.detail, "1000 bytes")
      }
    })
  )
})
