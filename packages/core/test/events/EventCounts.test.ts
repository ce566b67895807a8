import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { EventLog } from "../../src/events/EventLog.ts"
import { EventLogLive } from "../../src/events/EventLogLive.ts"
import type { NewEvent } from "../../src/events/EventType.ts"
import { type LooseEvent, looseEvent } from "../support/LoggedEvents.ts"
import { SqlTest } from "../support/Sql.ts"

const LogTest = EventLogLive.pipe(Layer.provideMerge(SqlTest))

const note = (type: string, more: Partial<LooseEvent> = {}): NewEvent =>
  looseEvent({
    type,
    category: "library",
    message: type,
    ...more
  })

const start = Date.parse("2026-03-01T22:30:00.000Z")

/** Three events in one hour, one in the next, and one on the next day. */
const someDays = Effect.gen(function* () {
  const log = yield* EventLog
  yield* TestClock.setTime(start)
  yield* log.append(note("library.synced"), note("library.synced"), note("sync.failed", { severity: "error" }))
  yield* TestClock.adjust("1 hour")
  yield* log.append(note("library.synced"))
  yield* TestClock.adjust("1 hour")
  yield* log.append(note("library.synced"))
  return log
})

describe("Counts of events", () => {
  it.effect("are available per hour or day, and by type or severity", () =>
    Effect.gen(function* () {
      const log = yield* someDays
      assert.deepStrictEqual(yield* log.counts({}), {
        span: "hour",
        since: "2026-03-01T01:00:00.000Z",
        until: "2026-03-02T00:00:00.000Z",
        items: [
          { at: "2026-03-01T22:00:00.000Z", type: null, severity: null, count: 3 },
          { at: "2026-03-01T23:00:00.000Z", type: null, severity: null, count: 1 },
          { at: "2026-03-02T00:00:00.000Z", type: null, severity: null, count: 1 }
        ]
      })
      assert.deepStrictEqual((yield* log.counts({ span: "day", group: "severity" })).items, [
        { at: "2026-03-01T00:00:00.000Z", type: null, severity: "error", count: 1 },
        { at: "2026-03-01T00:00:00.000Z", type: null, severity: "info", count: 3 },
        { at: "2026-03-02T00:00:00.000Z", type: null, severity: "info", count: 1 }
      ])
      const failed = yield* log.counts({ group: "type", severity: "error" })
      assert.deepStrictEqual(
        failed.items.map(({ count, type }) => [type, count]),
        [["sync.failed", 1]]
      )
      const first = yield* log.counts({ since: "2026-03-01T22:59:00Z", until: "2026-03-01T23:00:00+01:00" })
      assert.deepStrictEqual(
        first.items.map(({ count }) => count),
        [3]
      )
    }).pipe(Effect.provide(LogTest))
  )

  it.effect("are kept when the events are deleted, and count nothing twice", () =>
    Effect.gen(function* () {
      const log = yield* someDays
      const before = yield* log.counts({ span: "day" })
      assert.deepStrictEqual(yield* log.counts({ span: "day" }), before)
      yield* log.append(note("library.synced"))
      assert.strictEqual(yield* log.prune("2026-03-03T00:00:00.000Z", "2026-03-03T00:00:00.000Z"), 6)
      const after = yield* log.counts({ span: "day" })
      assert.deepStrictEqual(
        after.items.map(({ count }) => count),
        [4, 2],
        "also items that were deleted before the first request"
      )
    }).pipe(Effect.provide(LogTest))
  )

  it.effect("per hour are kept for a hundred days, and per day permanently", () =>
    Effect.gen(function* () {
      const log = yield* someDays
      yield* TestClock.adjust("200 days")
      yield* log.prune("2026-03-03T00:00:00.000Z", null)
      const then = { since: "2026-03-01", until: "2026-03-02" }
      assert.deepStrictEqual((yield* log.counts(then)).items, [])
      assert.lengthOf((yield* log.counts({ ...then, span: "day" })).items, 2)
    }).pipe(Effect.provide(LogTest))
  )

  it.effect("include an existing log of any length, in batches", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const sql = yield* SqlClient.SqlClient
      yield* TestClock.setTime(start)
      yield* sql`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 7001)
        INSERT INTO events (at, type, category, severity, actor, message, payload)
        SELECT '2026-03-01T20:00:00.000Z', 'library.synced', 'library', 'info', 'system', 'many', '{}' FROM n`
      assert.deepStrictEqual(
        (yield* log.counts({})).items.map(({ count }) => count),
        [7001]
      )
    }).pipe(Effect.provide(LogTest))
  )

  it.effect("refuse invalid or too many spans, and name the parameter", () =>
    Effect.gen(function* () {
      const log = yield* someDays
      const refused = (query: Parameters<typeof log.counts>[0]) =>
        Effect.map(Effect.flip(log.counts(query)), ({ errors }) => [errors[0]?.path.join("."), errors[0]?.message])
      assert.deepStrictEqual(yield* refused({ since: "yesterday" }), [
        "query.since",
        "must be an ISO-8601 date, or a time with its zone: 2026-01-31T12:00:00Z"
      ])
      assert.deepStrictEqual(yield* refused({ since: "2026-03-03", until: "2026-03-01" }), [
        "query.since",
        "is later than `until`"
      ])
      assert.deepStrictEqual(yield* refused({ since: "2025-03-01" }), [
        "query.since",
        "is more than 744 hours before `until`"
      ])
    }).pipe(Effect.provide(LogTest))
  )
})
