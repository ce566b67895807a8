import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Schema } from "effect"
import { CurrentFinalCheck } from "../../../src/integrations/FinalCheck.ts"
import { json, serve } from "../support/LoopbackServer.ts"
import { expectTag, failureOf, open, until } from "../support/TestClient.ts"

describe("The final check", () => {
  it.live("precedes every request that changes something, knows which of them delete, and precedes no read", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => json(response, {}))
      const upstream = yield* open(server.url)
      const looks: Array<{ destroys: boolean; sent: number }> = []
      yield* Effect.gen(function* () {
        yield* upstream.get("x", Schema.Struct({}))
        yield* upstream.send("PUT", "x", { json: {} })
        yield* upstream.send("DELETE", "x")
        yield* upstream.send("POST", "x", { destroys: true })
      }).pipe(
        Effect.provideService(CurrentFinalCheck, {
          whyNot: (destroys) =>
            Effect.sync(() => {
              looks.push({ destroys, sent: server.received.length })
              return null
            })
        })
      )
      assert.deepStrictEqual(looks, [
        { destroys: false, sent: 1 },
        { destroys: true, sent: 2 },
        { destroys: true, sent: 3 }
      ])
    })
  )

  it.live("can stop the request, which does not count as a failure of the host", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => json(response, {}))
      const upstream = yield* open(server.url, { circuitFailures: 1 })
      const held = upstream
        .send("DELETE", "x")
        .pipe(Effect.provideService(CurrentFinalCheck, { whyNot: () => Effect.succeed("it is protected") }))
      const error = expectTag(yield* failureOf(held), "UpstreamHeldBack")
      assert.strictEqual(error.detail, "it is protected")
      assert.strictEqual(server.received.length, 0)
      yield* upstream.send("DELETE", "x")
    })
  )

  it.live("happens when the permit was acquired, not when the wait for it began", () =>
    Effect.gen(function* () {
      const open1 = yield* Deferred.make<void>()
      const server = yield* serve((_, response, count) => {
        if (count === 1)
          Effect.runFork(
            Effect.andThen(
              Deferred.await(open1),
              Effect.sync(() => json(response, {}))
            )
          )
        else json(response, {})
      })
      const upstream = yield* open(server.url, { actConcurrency: 1 })
      const first = yield* Effect.forkChild(upstream.send("DELETE", "first"))
      yield* until(() => server.received.length === 1)
      let isProtected = false
      const second = yield* upstream.send("DELETE", "second").pipe(
        Effect.provideService(CurrentFinalCheck, {
          whyNot: () => Effect.sync(() => (isProtected ? "it is protected" : null))
        }),
        Effect.flip,
        Effect.forkChild
      )
      yield* Effect.yieldNow
      isProtected = true
      yield* Deferred.succeed(open1, undefined)
      yield* Fiber.join(first)
      assert.strictEqual((yield* Fiber.join(second))._tag, "UpstreamHeldBack")
      assert.strictEqual(server.received.length, 1)
    })
  )
})
