import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { json, redirect, serve } from "../support/LoopbackServer.ts"
import { Answer, expectTag, failureOf, open } from "../support/TestDoor.ts"

describe("redirects", () => {
  for (const status of [301, 302, 307, 308]) {
    it.live(`a DELETE stays a DELETE with its body through ${status} on the same host`, () =>
      Effect.gen(function* () {
        const server = yield* serve((request, response) =>
          request.url.startsWith("/new") ? json(response, {}) : redirect(response, `/new${request.url}`, status)
        )
        const upstream = yield* open(server.url, {}, { headers: { "X-Api-Key": "k3y" } })
        yield* upstream.send("DELETE", "bulk", { json: { ids: [1, 2] } })
        assert.deepStrictEqual(
          server.received.map(({ body, headers, method, url }) => [method, url, body, headers["x-api-key"]]),
          [
            ["DELETE", "/bulk", '{"ids":[1,2]}', "k3y"],
            ["DELETE", "/new/bulk", '{"ids":[1,2]}', "k3y"]
          ]
        )
      })
    )
  }

  it.live("303 turns no DELETE into a GET", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => redirect(response, "/elsewhere", 303))
      const upstream = yield* open(server.url)
      expectTag(yield* failureOf(upstream.send("DELETE", "x")), "UpstreamRefused")
      assert.deepStrictEqual(
        server.received.map((request) => request.method),
        ["DELETE"]
      )
    })
  )

  it.live("a DELETE never leaves the host, whichever status asks for it", () =>
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

  it.live("a chain of more than five is given up", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response, count) => redirect(response, `/hop${count}`))
      const upstream = yield* open(server.url)
      const error = expectTag(yield* failureOf(upstream.get("x", Answer)), "UpstreamRefused")
      assert.include(error.detail, "circle")
      assert.strictEqual(server.received.length, 6)
    })
  )

  it.live("a redirect without a target is refused", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => {
        response.writeHead(302)
        response.end()
      })
      const upstream = yield* open(server.url)
      expectTag(yield* failureOf(upstream.get("x", Answer)), "UpstreamRefused")
    })
  )

  it.live("http may become https on the same host, and https never http", () =>
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
