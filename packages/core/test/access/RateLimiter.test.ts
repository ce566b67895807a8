import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { maximumRateKeys, RateLimiter } from "../../src/access/RateLimiter.ts"

const admitted = Effect.fnUntraced(function* (times: number, ...keys: ReadonlyArray<string>) {
  const limiter = yield* RateLimiter
  for (let index = 0; index < times; index++) yield* limiter.check("login", ...keys)
})

describe("RateLimiter", () => {
  it.effect("refuses the attempt above the limit, with the time to wait", () =>
    Effect.gen(function* () {
      const limiter = yield* RateLimiter
      yield* admitted(4, "a")
      yield* TestClock.adjust("5 minutes")
      yield* admitted(6, "a")
      const refused = yield* Effect.flip(limiter.check("login", "a"))
      assert.strictEqual(refused.status, 429)
      assert.strictEqual(refused.retryAfterSeconds, 600)
      yield* TestClock.adjust("599 seconds")
      assert.strictEqual((yield* Effect.flip(limiter.check("login", "a"))).retryAfterSeconds, 1)
      yield* TestClock.adjust("1 second")
      yield* admitted(4, "a")
      assert.strictEqual((yield* Effect.flip(limiter.check("login", "a"))).retryAfterSeconds, 300)
    }).pipe(Effect.provide(RateLimiter.layer))
  )

  it.effect("counts each key and each bucket separately", () =>
    Effect.gen(function* () {
      const limiter = yield* RateLimiter
      yield* admitted(10, "a")
      yield* limiter.check("login", "b")
      yield* limiter.check("setup", "a")
      yield* Effect.flip(limiter.check("login", "a"))
    }).pipe(Effect.provide(RateLimiter.layer))
  )

  it.effect("admits an attempt only if every key allows it, and counts a refused one for none", () =>
    Effect.gen(function* () {
      const limiter = yield* RateLimiter
      yield* admitted(10, "full")
      for (let index = 0; index < 20; index++) yield* Effect.flip(limiter.check("login", "free", "full"))
      yield* admitted(10, "free")
    }).pipe(Effect.provide(RateLimiter.layer))
  )

  it.effect("has the limits of each bucket", () =>
    Effect.gen(function* () {
      const limiter = yield* RateLimiter
      const expected = [
        ["login", 10, 900],
        ["login-by-strangers", 30, 900],
        ["setup", 5, 900],
        ["integration-test", 30, 300]
      ] as const
      for (const [bucket, attempts, seconds] of expected) {
        for (let index = 0; index < attempts; index++) yield* limiter.check(bucket, "a")
        assert.strictEqual((yield* Effect.flip(limiter.check(bucket, "a"))).retryAfterSeconds, seconds)
      }
    }).pipe(Effect.provide(RateLimiter.layer))
  )

  it.effect("resets attempts", () =>
    Effect.gen(function* () {
      const limiter = yield* RateLimiter
      yield* admitted(10, "a", "b")
      yield* limiter.forget("login", "a")
      yield* limiter.check("login", "a")
      yield* Effect.flip(limiter.check("login", "b"))
    }).pipe(Effect.provide(RateLimiter.layer))
  )

  it.effect("keeps a limited number of keys, the most recently used ones", () =>
    Effect.gen(function* () {
      const limiter = yield* RateLimiter
      yield* admitted(10, "old")
      yield* admitted(9, "busy")
      for (let index = 0; index < maximumRateKeys - 1; index++) yield* limiter.check("login", `key ${index}`)
      yield* limiter.check("login", "busy")
      yield* limiter.check("login", "old")
      yield* Effect.flip(limiter.check("login", "busy"))
    }).pipe(Effect.provide(RateLimiter.layer))
  )

  it.effect("drops the keys of a bucket after its window, whichever bucket is checked next", () =>
    Effect.gen(function* () {
      const limiter = yield* RateLimiter
      for (let index = 0; index < 100; index++) yield* limiter.check("login", `key ${index}`)
      yield* TestClock.adjust("10 minutes")
      yield* admitted(1, "key 0")
      assert.strictEqual(yield* limiter.size, 100)
      yield* TestClock.adjust("5 minutes")
      yield* limiter.check("integration-test", "somebody")
      assert.strictEqual(yield* limiter.size, 2)
      yield* admitted(9, "key 0")
      yield* Effect.flip(limiter.check("login", "key 0"))
    }).pipe(Effect.provide(RateLimiter.layer))
  )
})
