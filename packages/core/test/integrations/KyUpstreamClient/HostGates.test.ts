import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { gateIdleMillis, makeHostGates, maximumGates } from "../../../src/integrations/KyUpstreamClient/HostGates.ts"

const gatesOfHosts = () => {
  const gates = makeHostGates({
    concurrency: 1,
    actConcurrency: 1,
    actWaitMillis: 60_000,
    spacingMillis: 0,
    circuitFailures: 1,
    circuitMillis: 30_000
  })
  const options = { noAnswer: (error: string) => error, whenOpen: () => "turned away" }
  const call = <A>(host: string, attempt: Effect.Effect<A, string>) => gates.of(host).pass(attempt, options)
  return { gates, call, answered: (host: string) => call(host, Effect.succeed(host)) }
}

describe("The gates of hosts", () => {
  it.effect("share one circuit between all calls to a host, and none between hosts", () =>
    Effect.gen(function* () {
      const { answered, call } = gatesOfHosts()
      yield* Effect.flip(call("a:80", Effect.fail("no answer")))
      assert.strictEqual(yield* Effect.flip(answered("a:80")), "turned away")
      assert.strictEqual(yield* answered("a:81"), "a:81")
    })
  )

  it.effect("are dropped an hour after the last call", () =>
    Effect.gen(function* () {
      const { answered, gates } = gatesOfHosts()
      for (let index = 0; index < 20; index += 1) yield* answered(`host-${index}:80`)
      assert.strictEqual(gates.size(), 20)
      yield* TestClock.adjust(gateIdleMillis - 1)
      yield* answered("host-0:80")
      assert.strictEqual(gates.size(), 20)
      yield* TestClock.adjust(1)
      yield* answered("another:80")
      assert.strictEqual(gates.size(), 2)
    })
  )

  it.effect("are kept during a call, so that no second gate exists for the host", () =>
    Effect.gen(function* () {
      const { answered, call } = gatesOfHosts()
      const long = yield* Effect.forkChild(call("slow:80", Effect.never))
      yield* Effect.yieldNow
      yield* TestClock.adjust(2 * gateIdleMillis)
      yield* answered("another:80")
      const waiting = yield* Effect.forkChild(answered("slow:80"))
      yield* Effect.yieldNow
      assert.isUndefined(waiting.pollUnsafe())
      yield* Fiber.interrupt(long)
      assert.strictEqual(yield* Fiber.join(waiting), "slow:80")
    })
  )

  it.effect("are limited in number, and those of the most recently called hosts are kept", () =>
    Effect.gen(function* () {
      const { answered, call, gates } = gatesOfHosts()
      yield* Effect.flip(call("old:80", Effect.fail("no answer")))
      yield* Effect.flip(call("down:80", Effect.fail("no answer")))
      for (let index = 0; index < maximumGates - 1; index += 1) yield* answered(`host-${index}:80`)
      assert.strictEqual(gates.size(), maximumGates)
      assert.strictEqual(yield* Effect.flip(answered("down:80")), "turned away")
      assert.strictEqual(yield* answered("old:80"), "old:80")
    })
  )
})
