import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect } from "effect"
import { TestClock } from "effect/testing"
import * as fc from "fast-check"
import type { JobSchedule } from "../../src/jobs/Job.ts"
import { previewTimes, scheduleTimes } from "../../src/jobs/ScheduleTimes.ts"

const cron = (expression: string, zone = "UTC"): JobSchedule => ({ type: "cron", expression, zone })

const preview = (schedule: JobSchedule, count: number) => previewTimes(schedule, count, ["payload", "schedule"])

describe("Previews of a schedule", () => {
  it.effect("keep the wall clock of their zone when summer time begins", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(Date.parse("2026-03-27T12:00:00Z"))
      assert.deepStrictEqual(yield* preview(cron("0 4 * * *", "Europe/Berlin"), 4), [
        "2026-03-28T03:00:00.000Z",
        "2026-03-29T02:00:00.000Z",
        "2026-03-30T02:00:00.000Z",
        "2026-03-31T02:00:00.000Z"
      ])
    })
  )

  it.effect("run a time that is skipped by the change right after it, and only once", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(Date.parse("2026-03-27T12:00:00Z"))
      assert.deepStrictEqual(yield* preview(cron("30 2 * * *", "Europe/Berlin"), 4), [
        "2026-03-28T01:30:00.000Z",
        "2026-03-29T01:30:00.000Z",
        "2026-03-30T00:30:00.000Z",
        "2026-03-31T00:30:00.000Z"
      ])
    })
  )

  it.effect("run a time that occurs twice when summer time ends only once", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(Date.parse("2026-10-24T12:00:00Z"))
      assert.deepStrictEqual(yield* preview(cron("30 2 * * *", "Europe/Berlin"), 3), [
        "2026-10-25T00:30:00.000Z",
        "2026-10-26T01:30:00.000Z",
        "2026-10-27T01:30:00.000Z"
      ])
    })
  )

  it.effect("of an interval begin one interval from now", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(Date.parse("2026-01-01T00:00:10.500Z"))
      assert.deepStrictEqual(yield* preview({ type: "interval", seconds: 90 }, 3), [
        "2026-01-01T00:01:40.500Z",
        "2026-01-01T00:03:10.500Z",
        "2026-01-01T00:04:40.500Z"
      ])
    })
  )

  it.effect("accept expressions with seconds", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(Date.parse("2026-01-01T00:00:00Z"))
      assert.deepStrictEqual(yield* preview(cron("*/20 * * * * *"), 2), [
        "2026-01-01T00:00:20.000Z",
        "2026-01-01T00:00:40.000Z"
      ])
    })
  )

  it.effect("name the field that is wrong", () =>
    Effect.gen(function* () {
      const pathOf = (schedule: JobSchedule, count = 1) =>
        preview(schedule, count).pipe(
          Effect.flip,
          Effect.map((error) => error.errors[0]?.path.join("."))
        )
      assert.strictEqual(yield* pathOf(cron("0 4 * * *", "Mars/Olympus")), "payload.schedule.zone")
      assert.strictEqual(yield* pathOf(cron("0 4 * * *", "")), "payload.schedule.zone")
      for (const bad of ["", "nope", "@daily", "61 * * * *", "* * * *", "0 0 31 2 *", "*/0 * * * *"]) {
        assert.strictEqual(yield* pathOf(cron(bad)), "payload.schedule.expression", bad)
      }
      for (const seconds of [0, -5, 1.5, 40_000_000, Number.NaN]) {
        assert.strictEqual(yield* pathOf({ type: "interval", seconds }), "payload.schedule.seconds")
      }
      assert.strictEqual(yield* pathOf(cron("* * * * *"), 0), "payload.count")
      assert.strictEqual(yield* pathOf(cron("* * * * *"), 101), "payload.count")
    })
  )
})

describe("The next time of an interval", () => {
  it("is the first one after now that is a multiple of the interval after the last time", () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 86_400 }),
        fc.integer({ min: 0, max: 10_000_000_000 }),
        fc.integer({ min: 0, max: 10_000_000_000 }),
        (seconds, fired, late) => {
          const times = Effect.runSync(scheduleTimes({ type: "interval", seconds }, []))
          const next = times.next(fired + late, fired) ?? 0
          assert.isAbove(next, fired + late)
          assert.isAtMost(next, fired + late + seconds * 1_000)
          assert.strictEqual((next - fired) % (seconds * 1_000), 0)
        }
      )
    ))

  it("starts again from now if the clock was set back", () => {
    const times = Effect.runSync(scheduleTimes({ type: "interval", seconds: 60 }, []))
    assert.strictEqual(times.next(1_000_000, 9_000_000), 1_060_000)
  })
})

describe("A cron schedule", () => {
  it("always has its next time after now, in any time zone", () =>
    fc.assert(
      fc.property(
        fc.constantFrom("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"),
        fc.constantFrom("*/15 * * * *", "30 2 * * *", "0 0 29 2 *", "0 12 1 * 1", "59 23 * * 0"),
        fc.integer({ min: 0, max: 4_000_000_000 }),
        (zone, expression, second) => {
          const now = second * 1_000 + 1
          const times = Effect.runSync(scheduleTimes(cron(expression, zone), []))
          const next = times.next(now, null) ?? 0
          assert.isAbove(next, now, DateTime.formatIso(DateTime.makeUnsafe(now)))
        }
      ),
      { numRuns: 100 }
    ))
})
