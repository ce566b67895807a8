import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { urgently } from "../../../src/integrations/Upstream.ts"
import { json, serve } from "../support/LoopbackServer.ts"
import { Answer, expectTag, failureOf, open } from "../support/TestClient.ts"

describe("A call that a person waits for", () => {
  it.live("is sent at once while the circuit is open for others, and its response closes the circuit", () =>
    Effect.gen(function* () {
      let breaks = true
      const server = yield* serve((_, response) => (breaks ? response.destroy() : json(response, { id: 1 })))
      const upstream = yield* open(server.url, { retries: 0, circuitFailures: 2 })
      const get = upstream.get("x", Answer)
      yield* failureOf(get)
      yield* failureOf(get)
      breaks = false
      const asked = server.received.length
      assert.include((yield* failureOf(get)).message, "not called again yet")
      assert.strictEqual(server.received.length, asked)
      assert.deepStrictEqual(yield* urgently(get), { id: 1 })
      assert.deepStrictEqual(yield* get, { id: 1 })
    })
  )

  it.live("is not retried: the person can repeat it", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => json(response, {}, 503))
      const upstream = yield* open(server.url, { retries: 3 })
      expectTag(yield* failureOf(urgently(upstream.get("x", Answer))), "UpstreamRefused")
      assert.strictEqual(server.received.length, 1)
    })
  )
})

describe("A key that is not a valid header value", () => {
  it.live("fails before anything is sent, and does not count as a failure of the host", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => json(response, { id: 1 }))
      for (const key of ["line\nbreak", "кey", "zero\u200bwidth", "bell\u0007", "nbsp\u00a0"]) {
        const upstream = yield* open(server.url, { circuitFailures: 1 }, { headers: { "X-Api-Key": key } })
        const error = expectTag(yield* failureOf(upstream.get("x", Answer)), "UpstreamUnreachable")
        assert.match(error.detail, /^the key has .*; copy it again$/)
        assert.notInclude(error.message, key)
        expectTag(yield* failureOf(upstream.send("POST", "x")), "UpstreamUnreachable")
      }
      assert.lengthOf(server.received, 0)
    })
  )
})
