import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Tracer } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import type { StoredEvent } from "../../src/events/Event.ts"
import { EventLog, type EventQuery } from "../../src/events/EventLog.ts"
import { EventLogLive } from "../../src/events/EventLogLive.ts"
import type { NewEvent } from "../../src/events/EventType.ts"
import { type LooseEvent, looseEvent } from "../support/LoggedEvents.ts"
import { SqlTest } from "../support/Sql.ts"

const LogTest = EventLogLive.pipe(Layer.provideMerge(SqlTest))

const note = (message: string, more: Partial<LooseEvent> = {}): NewEvent =>
  looseEvent({
    type: "library.synced",
    category: "library",
    message,
    ...more
  })

/** Writes a number of events, one second apart, without the service. */
const fill = (count: number) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
      INSERT INTO events (at, type, category, severity, actor, subject_type, subject_id, message, payload)
      SELECT strftime('%Y-%m-%dT%H:%M:%S.000Z', 1767225600 + i, 'unixepoch'), 'job-run.started', 'jobs', 'info', 'system',
        'job-run', i, CASE WHEN i = 10 THEN 'the needle' ELSE 'hay' END, '{}' FROM n`
  )

/** The statements that an effect sends. */
const statementsOf = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const spans: Array<Tracer.NativeSpan> = []
    const tracer = Tracer.make({
      span: (options) => {
        const span = new Tracer.NativeSpan(options)
        spans.push(span)
        return span
      }
    })
    yield* effect.pipe(Effect.withTracer(tracer))
    return spans.flatMap(({ attributes }) => {
      const text = attributes.get("db.query.text")
      return typeof text === "string" ? [text] : []
    })
  })

const messages = ({ items }: { readonly items: ReadonlyArray<StoredEvent> }) => items.map(({ message }) => message)

describe("A log of any length", () => {
  it.effect("uses an index for every query, without sorting", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const log = yield* EventLog
      yield* fill(30_000)
      const parts: ReadonlyArray<EventQuery> = [
        { category: "jobs" },
        { type: "job-run.started" },
        { subjectType: "job-run" },
        { subjectType: "job-run", subjectId: "7" },
        { search: "needle" },
        { since: "2026-01-01T01:00:00Z" },
        { until: "2026-01-01T01:00:00Z" }
      ]
      for (const one of parts) {
        for (const other of parts) {
          const query = { ...one, ...other }
          const statements = yield* statementsOf(log.page(query))
          assert.isAtLeast(statements.length, 2)
          for (const statement of statements) {
            const plan = yield* sql.unsafe<{ detail: string }>(`EXPLAIN QUERY PLAN ${statement}`)
            for (const { detail } of plan) assert.notMatch(detail, /SCAN (e|events)\b|TEMP B-TREE/, `${statement}`)
          }
        }
      }
    }).pipe(Effect.provide(LogTest))
  )

  it.effect("ends a page of a search that finds too little for too long, with a cursor to continue", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      yield* fill(110_000)
      const first = yield* log.page({ search: "needle" })
      assert.deepStrictEqual(messages(first), [])
      assert.isNotNull(first.nextCursor)
      const second = yield* log.page({ search: "needle", cursor: first.nextCursor ?? "" })
      assert.deepStrictEqual(messages(second), ["the needle"])
      assert.isNull(second.nextCursor)
      assert.deepStrictEqual(messages(yield* log.page({ search: "needle", until: "2026-01-01T01:00:00Z" })), [
        "the needle"
      ])
    }).pipe(Effect.provide(LogTest))
  )

  it.effect("requires the type of a subject with its id", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const error = yield* Effect.flip(log.page({ subjectId: "7" }))
      assert.deepStrictEqual(error.errors[0]?.path, ["query", "subjectId"])
    }).pipe(Effect.provide(LogTest))
  )
})

const day = (text: string) => `2026-01-0${text.replace(" ", "T")}:00:00.000Z`

describe("A log during which the clock was set", () => {
  const times = ["1 10", "1 11", "9 08", "9 09", "1 12", "1 10", "1 11", "2 00"].map(day)
  const written = Effect.gen(function* () {
    const log = yield* EventLog
    for (const [index, time] of times.entries()) {
      yield* TestClock.setTime(Date.parse(time))
      yield* log.append(note(`event ${index}`), note(`event ${index}, again`))
    }
  })

  it.effect("returns all events of a period, whichever way the clock was set", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      yield* written
      const all = (yield* log.page({ limit: 200 })).items
      for (const since of [undefined, ...times, day("1 09"), day("5 00")]) {
        for (const until of [undefined, ...times, day("1 09"), day("9 23")]) {
          const query = { ...(since === undefined ? {} : { since }), ...(until === undefined ? {} : { until }) }
          const wanted = all.filter(
            ({ at }) => (since === undefined || at >= since) && (until === undefined || at < until)
          )
          for (let seen = 0, cursor: string | null = null; ; seen += 3) {
            const page: { readonly items: ReadonlyArray<StoredEvent>; readonly nextCursor: string | null } =
              yield* log.page({ ...query, limit: 3, ...(cursor === null ? {} : { cursor }) })
            assert.deepStrictEqual(page.items, wanted.slice(seen, seen + 3))
            cursor = page.nextCursor
            if (cursor === null) break
          }
        }
      }
    }).pipe(Effect.provide(LogTest))
  )

  it.effect("deletes old events even behind events with a future time", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const sql = yield* SqlClient.SqlClient
      yield* TestClock.setTime(Date.parse("2030-01-01T00:00:00.000Z"))
      yield* log.append(note("ahead of its time"))
      yield* TestClock.setTime(Date.parse("2026-01-01T00:00:00.000Z"))
      yield* log.append(note("old"), note("old, about a removal", { category: "audit" }))
      yield* TestClock.setTime(Date.parse("2026-03-01T00:00:00.000Z"))
      yield* log.append(note("young"))
      assert.strictEqual(yield* log.prune("2026-02-01T00:00:00.000Z", null), 1)
      assert.deepStrictEqual(messages(yield* log.page({})), ["young", "old, about a removal", "ahead of its time"])
      // Audit events may be kept for less time than other events.
      assert.strictEqual(yield* log.prune("2025-02-01T00:00:00.000Z", "2026-02-01T00:00:00.000Z"), 1)
      assert.deepStrictEqual(messages(yield* log.page({})), ["young", "ahead of its time"])
      assert.strictEqual(yield* log.prune("2031-01-01T00:00:00.000Z", null), 2)
      yield* log.append(note("alone"))
      yield* log.prune("2026-01-01T00:00:00.000Z", null)
      assert.deepStrictEqual(yield* sql`SELECT * FROM event_stretches`, [])
    }).pipe(Effect.provide(LogTest))
  )

  it.effect("keeps the order of times when the clock goes back by less than a minute", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const sql = yield* SqlClient.SqlClient
      yield* TestClock.setTime(Date.parse("2026-01-01T00:00:30.000Z"))
      yield* log.append(note("one"))
      yield* TestClock.setTime(Date.parse("2026-01-01T00:00:29.000Z"))
      yield* log.append(note("two"))
      assert.deepStrictEqual(
        (yield* log.page({})).items.map(({ at }) => at),
        ["2026-01-01T00:00:30.000Z", "2026-01-01T00:00:30.000Z"]
      )
      assert.deepStrictEqual(yield* sql`SELECT * FROM event_stretches`, [])
    }).pipe(Effect.provide(LogTest))
  )
})
