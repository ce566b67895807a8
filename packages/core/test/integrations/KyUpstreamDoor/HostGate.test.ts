import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { json, serve } from "../support/LoopbackServer.ts"
import { Answer, expectTag, failureOf, open, until } from "../support/TestDoor.ts"

describe("the circuit", () => {
  it.live("opens after failures in a row, then lets one call probe, and closes on an answer", () =>
    Effect.gen(function* () {
      let down = true
      const server = yield* serve((_, response) => (down ? void response.destroy() : json(response, { id: 1 })))
      const upstream = yield* open(server.url, { retries: 0, circuitFailures: 3, circuitMillis: 150 })
      const get = upstream.get("x", Answer)
      for (let turn = 0; turn < 3; turn += 1) yield* failureOf(get)
      assert.strictEqual(server.received.length, 3)
      const turnedAway = expectTag(yield* failureOf(get), "UpstreamUnreachable")
      assert.include(turnedAway.detail, "not asked again yet")
      assert.strictEqual(server.received.length, 3)
      yield* Effect.sleep(180)
      yield* failureOf(get)
      assert.strictEqual(server.received.length, 4, "one probe")
      yield* failureOf(get)
      assert.strictEqual(server.received.length, 4, "the failed probe opened it again")
      down = false
      yield* Effect.sleep(180)
      assert.deepStrictEqual(yield* get, { id: 1 })
      assert.deepStrictEqual(yield* get, { id: 1 })
      const answered = server.received.length
      down = true
      yield* failureOf(get)
      yield* failureOf(get)
      assert.strictEqual(server.received.length, answered + 2, "failures are counted from the start again")
    })
  )

  it.live("lets one call probe and not a crowd", () =>
    Effect.gen(function* () {
      let held: (() => void) | undefined
      const server = yield* serve((_, response, count) => {
        if (count <= 2) response.destroy()
        else held = () => json(response, { id: 1 })
      })
      const upstream = yield* open(server.url, { retries: 0, circuitFailures: 2, circuitMillis: 50 })
      const get = upstream.get("x", Answer)
      yield* failureOf(get)
      yield* failureOf(get)
      yield* Effect.sleep(70)
      const probe = yield* Effect.forkChild(get)
      yield* until(() => held !== undefined)
      expectTag(yield* failureOf(get), "UpstreamUnreachable")
      assert.strictEqual(server.received.length, 3)
      held?.()
      assert.deepStrictEqual(yield* Fiber.join(probe), { id: 1 })
    })
  )

  it.live("a probe that is interrupted leaves room for the next one", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response, count) => {
        if (count <= 2) response.destroy()
        else if (count > 3) json(response, { id: 1 })
      })
      const upstream = yield* open(server.url, { retries: 0, circuitFailures: 2, circuitMillis: 30 })
      const get = upstream.get("x", Answer)
      yield* failureOf(get)
      yield* failureOf(get)
      yield* Effect.sleep(50)
      const probe = yield* Effect.forkChild(get)
      yield* until(() => server.received.length === 3)
      yield* Fiber.interrupt(probe)
      assert.deepStrictEqual(yield* get, { id: 1 })
    })
  )

  it.live("answers of 500 do not open it: somebody is there", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => json(response, {}, 500))
      const upstream = yield* open(server.url, { circuitFailures: 2, circuitMillis: 60_000 })
      for (let turn = 0; turn < 4; turn += 1) expectTag(yield* failureOf(upstream.get("x", Answer)), "UpstreamRefused")
    })
  )
})
