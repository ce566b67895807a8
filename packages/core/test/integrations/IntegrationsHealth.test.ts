import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { HealthMonitor } from "../../src/integrations/HealthMonitor.ts"
import { Integrations } from "../../src/integrations/Integrations.ts"
import { UpstreamUnreachable } from "../../src/integrations/UpstreamErrors.ts"
import { withSettableClock } from "../support/SettableClock.ts"
import { RecordedEvents } from "../settings/RecordedEvents.ts"
import { draft, Probing, probingTest } from "./Probing.ts"

const refused = Effect.fail(new UpstreamUnreachable({ integration: "Shelf", call: "GET /", detail: "refused" }))
const up = new Probing().outcome

const healthOf = Effect.flatMap(Integrations, (integrations) =>
  Effect.map(integrations.get("1"), (integration) => integration.health)
)

const outages = Effect.map(RecordedEvents, (recorded) =>
  recorded.all.map((event) => event.type).filter((type) => type !== "integration.created")
)

const second = (count: number) => new Date(Date.UTC(2026, 0, 15, 12, 0, count)).toISOString()

describe("HealthMonitor", () => {
  it.effect("stores the result of a probe", () =>
    Effect.gen(function* () {
      const integrations = yield* Integrations
      const monitor = yield* HealthMonitor
      yield* integrations.create(draft)
      yield* monitor.checkDue
      assert.deepStrictEqual(yield* healthOf, {
        status: "up",
        problems: [],
        appName: "Probed",
        appVersion: "1.2",
        latencyMillis: 12,
        consecutiveFailures: 0,
        error: null,
        checkedAt: second(0),
        lastOkAt: second(0),
        nextCheckAt: second(120)
      })
      assert.deepStrictEqual(yield* outages, [], "that it answers is no news")
    }).pipe(Effect.provide(probingTest(new Probing())))
  )

  it.effect("probes a healthy integration every two minutes, and a failing one with growing delays", () => {
    const probing = new Probing()
    return Effect.scoped(
      Effect.gen(function* () {
        const integrations = yield* Integrations
        const monitor = yield* HealthMonitor
        yield* integrations.create(draft)
        probing.probes = 0
        yield* Effect.forkScoped(Effect.forever(monitor.turn))
        const askedAt: Array<number> = []
        const pass = (seconds: number) =>
          Effect.gen(function* () {
            for (let passed = 0; passed < seconds; passed += 15) {
              const before = probing.probes
              yield* TestClock.adjust("15 seconds")
              if (probing.probes > before) askedAt.push(passed + 15)
            }
          })
        yield* TestClock.adjust(0)
        assert.strictEqual(probing.probes, 1, "at once")
        yield* pass(120)
        assert.deepStrictEqual(askedAt, [120])
        probing.outcome = refused
        askedAt.length = 0
        yield* pass(120 + 15 + 30 + 45 + 60 + 60)
        assert.deepStrictEqual(askedAt, [120, 135, 165, 210, 270, 330], "15, 30, 45, then every 60 seconds")
        assert.strictEqual((yield* healthOf).consecutiveFailures, 6)
      })
    ).pipe(Effect.provide(probingTest(probing)))
  })

  it.effect("continues to probe after the clock was set back", () => {
    const probing = new Probing()
    return withSettableClock((set) =>
      Effect.scoped(
        Effect.gen(function* () {
          const integrations = yield* Integrations
          const monitor = yield* HealthMonitor
          yield* integrations.create(draft)
          yield* Effect.forkScoped(Effect.forever(monitor.turn))
          yield* TestClock.adjust("1 minute")
          probing.probes = 0
          set(-400 * 86_400_000)
          yield* TestClock.adjust("1 minute")
          assert.isAtLeast(probing.probes, 1)
        })
      ).pipe(Effect.provide(probingTest(probing)))
    )
  })

  it.effect("treats a third consecutive failure as an outage, logs it once, and logs the recovery", () => {
    const probing = new Probing()
    return Effect.gen(function* () {
      const integrations = yield* Integrations
      const monitor = yield* HealthMonitor
      const recorded = yield* RecordedEvents
      yield* integrations.create(draft)
      yield* monitor.checkDue
      probing.outcome = refused
      const statuses: Array<string> = []
      for (let round = 0; round < 5; round++) {
        yield* TestClock.adjust("2 minutes")
        yield* monitor.checkDue
        statuses.push((yield* healthOf).status)
      }
      assert.deepStrictEqual(statuses, ["failing", "failing", "down", "down", "down"])
      assert.deepStrictEqual(yield* outages, ["integration.down"])
      const health = yield* healthOf
      assert.deepInclude(health, { appName: "Probed", appVersion: "1.2", latencyMillis: null, lastOkAt: second(0) })
      assert.deepStrictEqual(health.error, {
        type: "UpstreamUnreachable",
        detail: "Shelf could not be reached (GET /): refused"
      })
      assert.include(recorded.all.at(-1)?.message, "refused")
      probing.outcome = up
      yield* TestClock.adjust("2 minutes")
      yield* monitor.checkDue
      assert.deepInclude(yield* healthOf, { status: "up", consecutiveFailures: 0, error: null })
      assert.deepStrictEqual(yield* outages, ["integration.down", "integration.recovered"])
    }).pipe(Effect.provide(probingTest(probing)))
  })

  it.effect("does not log a single failure", () => {
    const probing = new Probing()
    return Effect.gen(function* () {
      const integrations = yield* Integrations
      const monitor = yield* HealthMonitor
      yield* integrations.create(draft)
      for (const outcome of [refused, refused, up, refused, refused, up]) {
        probing.outcome = outcome
        yield* monitor.checkDue
        yield* TestClock.adjust("2 minutes")
      }
      assert.deepStrictEqual(yield* outages, [])
    }).pipe(Effect.provide(probingTest(probing)))
  })

  it.effect("does not call an integration healthy that was disabled since, and goes on when it is enabled", () => {
    const probing = new Probing()
    return Effect.gen(function* () {
      const integrations = yield* Integrations
      const monitor = yield* HealthMonitor
      yield* integrations.create(draft)
      yield* monitor.checkDue
      assert.strictEqual((yield* healthOf).status, "up")
      yield* integrations.update("1", { enabled: false })
      assert.deepInclude(yield* healthOf, { status: "unknown", checkedAt: null, lastOkAt: null, latencyMillis: null })
      yield* TestClock.adjust("30 days")
      yield* monitor.checkDue
      assert.strictEqual((yield* healthOf).status, "unknown")
      yield* integrations.update("1", { enabled: true })
      yield* monitor.checkDue
      assert.strictEqual((yield* healthOf).status, "up")
    }).pipe(Effect.provide(probingTest(probing)))
  })

  it.effect("does not probe a disabled integration, and continues after a probe that died", () => {
    const probing = new Probing()
    return Effect.scoped(
      Effect.gen(function* () {
        const integrations = yield* Integrations
        const monitor = yield* HealthMonitor
        yield* integrations.create(draft)
        yield* integrations.update("1", { enabled: false })
        probing.probes = 0
        yield* monitor.checkDue
        assert.strictEqual(probing.probes, 0)
        yield* integrations.update("1", { enabled: true })
        probing.probes = 0
        probing.outcome = Effect.die(new Error("broken adapter"))
        yield* Effect.forkScoped(Effect.forever(monitor.turn))
        yield* TestClock.adjust(0)
        assert.strictEqual(probing.probes, 1)
        probing.outcome = up
        yield* TestClock.adjust("15 seconds")
        assert.strictEqual((yield* healthOf).status, "up")
      })
    ).pipe(Effect.provide(probingTest(probing)))
  })
})
