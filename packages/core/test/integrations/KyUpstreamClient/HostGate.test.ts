import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { makeHostGate } from "../../../src/integrations/KyUpstreamClient/HostGate.ts"
import { withSettableClock } from "../../support/SettableClock.ts"
import { soon } from "../../support/Soon.ts"
import { json, serve } from "../support/LoopbackServer.ts"
import { expectTag, failureOf, open, Answer } from "../support/TestClient.ts"

/** A host behind a gate, which responds, does not respond, or lets the call hang, as a test requires. */
const behindGate = (circuitFailures: number) => {
  const host = { calls: 0, does: "answer" as "answer" | "fail" | "hang" }
  const gate = makeHostGate({
    concurrency: 4,
    actConcurrency: 2,
    actWaitMillis: 60_000,
    spacingMillis: 0,
    circuitFailures,
    circuitMillis: 30_000
  })
  const attempt: Effect.Effect<number, string> = Effect.suspend(() => {
    host.calls += 1
    if (host.does === "hang") return Effect.never
    return host.does === "fail" ? Effect.fail("no answer") : Effect.succeed(1)
  })
  const options = {
    noAnswer: (error: string) => error,
    whenOpen: (reason: string) => `turned away: ${reason}`
  }
  const act = gate.pass(attempt, { ...options, whenLate: (waited) => `waited ${waited} ms` })
  return { host, gate, options, call: gate.pass(attempt, options), act }
}

describe("The circuit", () => {
  it.effect("opens after consecutive failures, then lets one call probe, and closes on a response", () =>
    Effect.gen(function* () {
      const { call, host } = behindGate(3)
      host.does = "fail"
      for (let turn = 0; turn < 3; turn += 1) yield* Effect.flip(call)
      assert.strictEqual(host.calls, 3)
      assert.include(yield* Effect.flip(call), "turned away: not called again yet")
      assert.strictEqual(host.calls, 3)
      yield* TestClock.adjust("30 seconds")
      yield* Effect.flip(call)
      assert.strictEqual(host.calls, 4, "one probe")
      yield* Effect.flip(call)
      assert.strictEqual(host.calls, 4, "the failed probe opened it again")
      host.does = "answer"
      yield* TestClock.adjust("30 seconds")
      assert.strictEqual(yield* call, 1)
      assert.strictEqual(yield* call, 1)
      const answered = host.calls
      host.does = "fail"
      yield* Effect.flip(call)
      yield* Effect.flip(call)
      assert.strictEqual(host.calls, answered + 2, "failures are counted from the start again")
    })
  )

  it.effect("allows an urgent call while it is open, and closes on its response", () =>
    Effect.gen(function* () {
      const { call, gate, host, options } = behindGate(2)
      host.does = "fail"
      yield* Effect.flip(call)
      yield* Effect.flip(call)
      const urgent = gate.pass(
        Effect.suspend(() => {
          host.calls += 1
          return host.does === "fail" ? Effect.fail("no answer") : Effect.succeed(2)
        }),
        { ...options, urgent: true }
      )
      assert.strictEqual(yield* Effect.flip(urgent), "no answer", "it was asked")
      assert.include(yield* Effect.flip(call), "turned away", "others are not")
      host.does = "answer"
      assert.strictEqual(yield* urgent, 2)
      assert.strictEqual(yield* call, 1)
    })
  )

  it.effect("allows an urgent call while the maximum number of calls hang", () =>
    Effect.gen(function* () {
      const { call, gate, host, options } = behindGate(2)
      host.does = "hang"
      for (let turn = 0; turn < 4; turn += 1) yield* Effect.forkChild(call)
      yield* Effect.yieldNow
      const urgent = gate.pass(Effect.succeed(2), { ...options, urgent: true })
      assert.strictEqual(yield* urgent, 2)
    })
  )

  it.effect("allows a call that changes something while the maximum number of reads hang", () =>
    Effect.gen(function* () {
      const { act, call, host } = behindGate(2)
      host.does = "hang"
      for (let turn = 0; turn < 9; turn += 1) yield* Effect.forkChild(call)
      yield* Effect.yieldNow
      host.does = "answer"
      assert.strictEqual(yield* act, 1)
    })
  )

  it.effect("gives up a change that waits too long for its turn, but never one that has begun", () =>
    Effect.gen(function* () {
      const { act, host } = behindGate(9)
      host.does = "hang"
      const begun = [yield* Effect.forkChild(act), yield* Effect.forkChild(act)]
      yield* Effect.yieldNow
      const waiting = yield* Effect.forkChild(Effect.flip(act))
      yield* TestClock.adjust("61 seconds")
      assert.strictEqual(yield* Fiber.join(waiting), "waited 60000 ms")
      yield* TestClock.adjust("10 minutes")
      assert.deepStrictEqual(
        begun.map((fiber) => fiber.pollUnsafe()),
        [undefined, undefined]
      )
      yield* Fiber.interruptAll(begun)
      host.does = "answer"
      assert.strictEqual(yield* act, 1, "its permit has come back")
    })
  )

  it.effect("lets only one call probe", () =>
    Effect.gen(function* () {
      const { call, host } = behindGate(2)
      host.does = "fail"
      yield* Effect.flip(call)
      yield* Effect.flip(call)
      yield* TestClock.adjust("30 seconds")
      host.does = "hang"
      const probe = yield* Effect.forkChild(call)
      yield* Effect.yieldNow
      assert.include(yield* soon(Effect.flip(call)), "turned away")
      assert.strictEqual(host.calls, 3)
      yield* Fiber.interrupt(probe)
    })
  )

  it.effect("lets another call probe after an interrupted one", () =>
    Effect.gen(function* () {
      const { call, host } = behindGate(2)
      host.does = "fail"
      yield* Effect.flip(call)
      yield* Effect.flip(call)
      yield* TestClock.adjust("30 seconds")
      host.does = "hang"
      const probe = yield* Effect.forkChild(call)
      yield* Effect.yieldNow
      assert.strictEqual(host.calls, 3)
      yield* Fiber.interrupt(probe)
      host.does = "answer"
      assert.strictEqual(yield* call, 1)
    })
  )

  it.effect("does not stay open for longer if the clock is set back", () =>
    withSettableClock((set) =>
      Effect.gen(function* () {
        const { call, host } = behindGate(2)
        host.does = "fail"
        yield* Effect.flip(call)
        yield* Effect.flip(call)
        host.does = "answer"
        set(-3_600_000)
        yield* TestClock.adjust("30 seconds")
        assert.strictEqual(yield* call, 1)
      })
    )
  )

  it.live("is not opened by responses of 500, since the host responds", () =>
    Effect.gen(function* () {
      const server = yield* serve((_, response) => json(response, {}, 500))
      const upstream = yield* open(server.url, { circuitFailures: 2, circuitMillis: 60_000 })
      for (let turn = 0; turn < 4; turn += 1) expectTag(yield* failureOf(upstream.get("x", Answer)), "UpstreamRefused")
    })
  )
})
