import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { RateLimiter, rateLimits } from "../../src/access/RateLimiter.ts"
import { makeHostGate } from "../../src/integrations/KyUpstreamClient/HostGate.ts"
import { Jobs } from "../../src/jobs/Jobs.ts"
import { withSettableClock } from "../support/SettableClock.ts"
import { job, JobsTest } from "./JobsTest.ts"

const day = 86_400_000

const minutes = (count: number) =>
  Effect.forEach(Array.from({ length: count }), () => TestClock.adjust("1 minute"), { discard: true })

describe("After the clock was set back", () => {
  it.effect("schedules continue within a minute", () =>
    withSettableClock((set) =>
      Effect.gen(function* () {
        yield* TestClock.setTime(Date.parse("2026-03-01T00:00:30Z"))
        const jobs = yield* Jobs
        const started = { interval: 0, cron: 0 }
        const noting = (name: keyof typeof started) => () => Effect.sync(() => void started[name]++)
        yield* jobs.register(
          job("interval", noting("interval"), { defaultSchedule: { type: "interval", seconds: 600 } })
        )
        yield* jobs.register(
          job("cron", noting("cron"), { defaultSchedule: { type: "cron", expression: "*/15 * * * *", zone: "UTC" } })
        )
        yield* jobs.startSchedules
        yield* minutes(45)
        assert.deepStrictEqual(started, { interval: 4, cron: 3 })
        set(-400 * day)
        yield* minutes(60)
        assert.deepStrictEqual(started, { interval: 10, cron: 7 })
      }).pipe(Effect.scoped, Effect.provide(JobsTest))
    )
  )

  it.effect("a rate limit ends after its window", () =>
    withSettableClock((set) =>
      Effect.gen(function* () {
        const limiter = yield* RateLimiter
        const { attempts, window } = rateLimits.login
        for (let attempt = 0; attempt < attempts; attempt++) yield* limiter.check("login", "ann")
        yield* Effect.flip(limiter.check("login", "ann"))
        set(-400 * day)
        yield* TestClock.adjust(window + 1000)
        yield* limiter.check("login", "ann")
      }).pipe(Effect.provide(RateLimiter.layer))
    )
  )

  it.effect("a host that did not respond is called again after the usual delay", () =>
    withSettableClock((set) =>
      Effect.gen(function* () {
        const gate = makeHostGate({
          concurrency: 1,
          actConcurrency: 1,
          actWaitMillis: 60_000,
          spacingMillis: 1000,
          circuitFailures: 1,
          circuitMillis: 30_000
        })
        const ask = (attempt: Effect.Effect<string, string>) =>
          gate.pass(attempt, { noAnswer: () => "no answer", whenOpen: () => "not asked" })
        yield* Effect.flip(ask(Effect.fail("silent")))
        assert.strictEqual(yield* Effect.flip(ask(Effect.succeed("there"))), "not asked")
        set(-400 * day)
        yield* TestClock.adjust("31 seconds")
        assert.strictEqual(yield* ask(Effect.succeed("there")), "there")
      })
    )
  )
})
