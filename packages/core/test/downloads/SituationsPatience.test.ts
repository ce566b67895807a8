/** Downloads that need patience, and those that earn none although a few bytes come in now and then. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { Downloads } from "../../src/downloads/Downloads.ts"
import { clean, connected, downloadsTest, FakeDownloads, live, stalled, strikeRule } from "./FakeDownloads.ts"

const when = (field: string, operator: string, value: unknown) => ({ kind: "condition", field, operator, value })
const allOf = (...children: ReadonlyArray<object>) => ({ kind: "group", logic: "AND", children })

// S16
describe("A download whose only seeder comes and goes", () => {
  for (const [what, seenCompleteAt, leaves] of [
    ["stays while a complete copy was seen yesterday", "2026-01-14T12:00:00.000Z", false],
    ["leaves if none was seen for weeks", "2025-12-20T12:00:00.000Z", true],
    ["stays if its client does not say when one was seen", null, false]
  ] as const) {
    it.effect(what, () => {
      const fake = new FakeDownloads()
      fake.add("Rare.Movie", 1, { ...stalled, availability: 0.4, seenCompleteAt })
      return Effect.gen(function* () {
        yield* connected
        yield* strikeRule({
          condition: allOf(when("stalledMinutes", ">", 5), when("seenCompleteAt", "overAgo", 7)),
          action: { strikes: 1 }
        })
        yield* live(12)
        yield* clean
        assert.strictEqual(fake.downloads.size, leaves ? 0 : 1)
      }).pipe(Effect.provide(downloadsTest(fake)))
    })
  }
})

// S17
describe("A download that stays at 97 percent while bytes trickle in", () => {
  for (const [what, perReading, leaves] of [
    ["leaves by what it got in a day, if its rule keeps strikes in spite of progress", 100_000, true],
    ["stays if it gets enough in a day", 500_000, false]
  ] as const) {
    it.effect(what, () => {
      const fake = new FakeDownloads()
      const wanted = 50e9
      const from = 0.97 * wanted
      const bytes = (done: number) => ({ wanted, total: wanted, left: wanted - done, done, uploaded: 0 })
      const one = fake.add("Nearly.Movie", 1, { ...stalled, availability: 0.98, progress: 0.97, bytes: bytes(from) })
      return Effect.gen(function* () {
        yield* connected
        yield* strikeRule({
          condition: allOf(when("availability", "<", 1), when("progressLastDay", "<", 0.2)),
          action: { strikes: 3, minutesBetween: 60, resetOnProgress: false }
        })
        const { poll } = yield* Downloads
        for (let reading = 1; reading <= 660; reading++) {
          yield* TestClock.adjust("170 seconds")
          fake.change(one, { bytes: bytes(from + reading * perReading) })
          yield* poll
          if (reading % 22 === 0) yield* clean
        }
        assert.strictEqual(fake.downloads.size, leaves ? 0 : 1)
      }).pipe(Effect.provide(downloadsTest(fake)))
    })
  }
})
