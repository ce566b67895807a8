/** The search of the log by parts of messages, with its index and before it is filled. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import type { StoredEvent } from "../../src/events/Event.ts"
import { EventLog, type EventQuery } from "../../src/events/EventLog.ts"
import { EventLogLive } from "../../src/events/EventLogLive.ts"
import { looseEvent } from "../support/LoggedEvents.ts"
import { SqlTest } from "../support/Sql.ts"

const LogTest = EventLogLive.pipe(Layer.provideMerge(SqlTest))

/** Writes a number of events, one second apart, without the service: each has a common word and its number. */
const fill = (count: number) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
      INSERT INTO events (at, type, category, severity, actor, subject_type, subject_id, message, payload)
      SELECT strftime('%Y-%m-%dT%H:%M:%S.000Z', 1767225600 + i, 'unixepoch'),
        CASE WHEN i = 50 THEN 'library.synced' WHEN i % 3 = 0 THEN 'removal.proposed' ELSE 'job-run.started' END,
        CASE WHEN i % 3 = 0 THEN 'audit' ELSE 'jobs' END, 'info', 'system', 'job-run', i % 7,
        CASE i WHEN 10 THEN 'The "Nádel" is 100%_off\\' WHEN 2500 THEN 'the haystack of ÄRGER' ELSE 'hay number ' || i END,
        '{}' FROM n`
  )

const indexed = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const log = yield* EventLog
  yield* log.page({ search: "anything" })
  yield* TestClock.adjust("1 minute")
  const [row] = yield* sql<{ value: number; newest: number }>`SELECT value, (SELECT max(id) FROM events) AS newest
    FROM counters WHERE name = 'events.indexed'`
  assert.strictEqual(row?.value, row?.newest, "the index is filled")
})

const all = (query: EventQuery) =>
  Effect.gen(function* () {
    const log = yield* EventLog
    const found: Array<StoredEvent> = []
    for (let cursor: string | null = null; ;) {
      const page: { readonly items: ReadonlyArray<StoredEvent>; readonly nextCursor: string | null } = yield* log.page({
        limit: 200,
        ...query,
        ...(cursor === null ? {} : { cursor })
      })
      found.push(...page.items)
      cursor = page.nextCursor
      if (cursor === null) return found
    }
  })

/** `LIKE` folds only the letters of ASCII. */
const folded = (text: string) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())

describe("The search of a long log", () => {
  it.effect("finds the same with its index as a comparison of every message", () =>
    Effect.gen(function* () {
      yield* fill(9_000)
      const everything = yield* all({})
      yield* indexed
      // Two of them are newer than the index.
      const log = yield* EventLog
      yield* log.append(
        looseEvent({ type: "library.synced", category: "library", message: "newer hay number 77" }),
        looseEvent({ type: "library.synced", category: "library", message: "the 100%_off newest" })
      )
      const newest = (yield* log.page({ limit: 2 })).items
      const searches = [
        "hay",
        "NUMBER 77",
        "100%_OFF",
        '"nád',
        "off\\",
        "ärger",
        "ÄRGER",
        "of",
        "y",
        "er 8999",
        "absent",
        "hay OR number"
      ]
      const filters: ReadonlyArray<EventQuery> = [
        {},
        { category: "audit" },
        { type: "library.synced" },
        { subjectType: "job-run" },
        { subjectType: "job-run", subjectId: "3" },
        { since: everything[6_000]!.at, until: everything[1_000]!.at }
      ]
      for (const search of searches) {
        for (const filter of filters) {
          const wanted = [...newest, ...everything].filter(
            ({ at, category, message, subject, type }) =>
              folded(message).includes(folded(search)) &&
              (filter.category === undefined || filter.category === category) &&
              (filter.type === undefined || filter.type === type) &&
              (filter.subjectType === undefined || filter.subjectType === subject?.type) &&
              (filter.subjectId === undefined || filter.subjectId === subject?.id) &&
              (filter.since === undefined || (at >= filter.since && at < (filter.until ?? "")))
          )
          const found = yield* all({ search, ...filter })
          assert.deepStrictEqual(
            found.map(({ id }) => id),
            wanted.map(({ id }) => id),
            JSON.stringify({ search, ...filter })
          )
        }
      }
    }).pipe(Effect.provide(LogTest))
  )

  it.effect("reaches the oldest event in one page, and forgets what is deleted", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const log = yield* EventLog
      yield* fill(110_000)
      assert.deepStrictEqual((yield* log.page({ search: "nádel" })).items, [], "without the index, it is too far away")
      yield* indexed
      const { items, nextCursor } = yield* log.page({ search: "nádel" })
      assert.deepStrictEqual([items.map(({ id }) => id), nextCursor], [["10"], null])
      yield* log.prune("2026-01-01T00:02:00.000Z", "2026-01-01T00:02:00.000Z")
      assert.deepStrictEqual((yield* log.page({ search: "nádel" })).items, [])
      const left = yield* sql`SELECT rowid FROM events_search WHERE events_search MATCH '"hay"' AND rowid < 100`
      assert.deepStrictEqual(left, [])
    }).pipe(Effect.provide(LogTest))
  )

  it.effect("leaves a log alone that nobody searches, or that is short", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const log = yield* EventLog
      yield* fill(1_000)
      yield* log.page({ search: "number" })
      yield* fill(2_000)
      yield* log.page({ category: "audit" })
      yield* log.page({ search: "of" })
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* sql`SELECT value FROM counters WHERE name = 'events.indexed'`, [{ value: 0 }])
    }).pipe(Effect.provide(LogTest))
  )
})
