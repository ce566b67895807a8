import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { json, redirect, serve } from "../support/LoopbackServer.ts"
import { Answer, expectTag, failureOf, open } from "../support/TestClient.ts"

describe("Redirects", () => {
  for (const method of ["DELETE", "PUT", "POST"] as const) {
    it.live(`are not followed by a ${method}, not even on the same host`, () =>
      Effect.gen(function* () {
        const server = yield* serve((request, response) =>
          request.url.startsWith("/new")
            ? json(response, {})
            : redirect(response, `/new${request.url}`, Number(request.url.slice(1)))
        )
        const upstream = yield* open(server.url)
        for (const status of [301, 302, 303, 307, 308]) {
          const error = expectTag(yield* failureOf(upstream.send(method, `${status}`, { json: {} })), "UpstreamRefused")
          assert.strictEqual(error.status, status)
          assert.include(error.detail, "enter that address for the integration")
        }
        assert.isTrue(server.received.every(({ url }) => !url.startsWith("/new")))
        yield* upstream.get("301", Schema.Struct({}))
      })
    )
  }

  it.live("never lead a DELETE to another host, whatever their status", () =>
    Effect.gen(function* () {
      const other = yield* serve((_, response) => json(response, {}))
      for (const status of [301, 302, 303, 307, 308]) {
        const server = yield* serve((_, response) => redirect(response, `${other.url}/x`, status))
        const upstream = yield* open(server.url)
        const error = expectTag(yield* failureOf(upstream.send("DELETE", "x")), "UpstreamRefused")
        assert.strictEqual(error.status, status)
        assert.include(error.detail, `127.0.0.1:${other.port}`)
      }
      assert.strictEqual(other.received.length, 0)
    })
  )

  it.live("are given up after five", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response, count) => redirect(response, `/hop${count}`))
      const upstream = yield* open(server.url)
      const error = expectTag(yield* failureOf(upstream.get("x", Answer)), "UpstreamRefused")
      assert.include(error.detail, "in a loop")
      assert.strictEqual(server.received.length, 6)
    })
  )

  it.live("are refused without a target", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => {
        response.writeHead(302)
        response.end()
      })
      const upstream = yield* open(server.url)
      expectTag(yield* failureOf(upstream.get("x", Answer)), "UpstreamRefused")
    })
  )

  it.live("may lead from http to https on the same host, never from https to http", () =>
    Effect.gen(function* () {
      const seen: Array<string> = []
      const answering =
        (location: string): typeof fetch =>
        (input) => {
          const url = input instanceof Request ? input.url : String(input)
          seen.push(url)
          return Promise.resolve(
            seen.length === 1 ? new Response(null, { status: 301, headers: { location } }) : Response.json({ id: 1 })
          )
        }
      const plain = yield* open("http://127.0.0.1:7878", { fetch: answering("https://127.0.0.1:9898/x") })
      assert.deepStrictEqual(yield* plain.get("x", Answer), { id: 1 })
      assert.deepStrictEqual(seen, ["http://127.0.0.1:7878/x", "https://127.0.0.1:9898/x"])
      seen.length = 0
      const secure = yield* open("https://127.0.0.1", { fetch: answering("http://127.0.0.1/x") })
      expectTag(yield* failureOf(secure.get("x", Answer)), "UpstreamRefused")
      assert.strictEqual(seen.length, 1)
    })
  )
})
