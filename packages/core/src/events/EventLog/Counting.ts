/**
 * Counts events by hour and day, type and severity. Events are counted some thousand at a time, up to an id that is
 * stored: when the counts are requested, and before old events are deleted, so that appending has no extra cost and no
 * event is missed.
 */
import { DateTime, Effect } from "effect"
import type { SqlClient } from "effect/sql"
import { instantOf } from "../../problems/Instants.ts"
import { invalidField, type InvalidRequest } from "../../problems/Problem.ts"
import type { EventSeverity } from "../Event.ts"
import type { EventCountQuery, EventCounts, EventSpan } from "../EventCounts.ts"
import { transacting } from "../../storage/Transactions.ts"

/** Number of events counted per transaction: some milliseconds of work. */
const atOnce = 2_000

/** Older events are counted only per day. */
const hourDays = 100
/** Maximum number of intervals per response. */
const maxSpans = { hour: 31 * 24, day: 3_660 } as const
const defaultSpans = { hour: 24, day: 30 } as const

export const makeCounting = (sql: SqlClient.SqlClient, read: SqlClient.SqlClient) => {
  const countSome = transacting(sql)(
    Effect.gen(function* () {
      const [mark] = yield* sql<{ value: number }>`SELECT value FROM counters WHERE name = 'events.counted'`
      const from = mark?.value ?? 0
      const [last] = yield* sql<{ id: number | null }>`SELECT max(id) AS id FROM (
          SELECT id FROM events WHERE id > ${from} ORDER BY id LIMIT ${atOnce}) AS next`
      if (last?.id == null) return false
      for (const [span, start] of Object.entries(startOf)) {
        yield* sql`INSERT INTO event_counts (span, at, type, severity, count)
            SELECT ${span}, ${sql.literal(start)}, type, severity, count(*) FROM events
            WHERE id > ${from} AND id <= ${last.id} GROUP BY 2, 3, 4
            ON CONFLICT (span, at, type, severity) DO UPDATE SET count = event_counts.count + excluded.count`
      }
      yield* sql`UPDATE counters SET value = ${last.id} WHERE name = 'events.counted'`
      return true
    })
  )

  const countAll = Effect.gen(function* () {
    while (yield* countSome) yield* Effect.yieldNow
  }).pipe(Effect.withSpan("EventLog.countAll"))

  /** Deletes hourly counts that are only kept per day. */
  const forgetHours = Effect.gen(function* () {
    const before = DateTime.formatIso(DateTime.subtract(yield* DateTime.now, { days: hourDays }))
    yield* sql`DELETE FROM event_counts WHERE span = 'hour' AND at < ${before}`
  }).pipe(Effect.orDie)

  const counts = Effect.fn("EventLog.counts")(function* (
    query: EventCountQuery
  ): Effect.fn.Return<EventCounts, InvalidRequest> {
    const span = query.span ?? "hour"
    const until = startOfSpan(span, yield* moment("until", query.until, yield* DateTime.now))
    const first = DateTime.subtract(until, back(span, defaultSpans[span] - 1))
    const since = startOfSpan(span, yield* moment("since", query.since, first))
    if (DateTime.isGreaterThan(since, until)) return yield* invalidField(["query", "since"], "is later than `until`")
    if (DateTime.isLessThan(since, DateTime.subtract(until, back(span, maxSpans[span] - 1)))) {
      return yield* invalidField(["query", "since"], `is more than ${maxSpans[span]} ${span}s before \`until\``)
    }
    yield* countAll
    const bounds = { since: DateTime.formatIso(since), until: DateTime.formatIso(until) }
    const of = (column: "type" | "severity") => read.literal(query.group === column ? column : "NULL")
    const items = yield* read<{ at: string; type: string | null; severity: EventSeverity | null; count: number }>`
      SELECT at, ${of("type")} AS type, ${of("severity")} AS severity, sum(count) AS count FROM event_counts
      WHERE ${read.and([
        read`span = ${span}`,
        read`at >= ${bounds.since}`,
        read`at <= ${bounds.until}`,
        ...(query.type === undefined ? [] : [read`type = ${query.type}`]),
        ...(query.severity === undefined ? [] : [read`severity = ${query.severity}`])
      ])} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`.pipe(Effect.orDie)
    return { span, ...bounds, items }
  })

  return { counts, countAll, forgetHours }
}

/** SQL for the start of an event's interval, from its stored time. */
const startOf: Readonly<Record<EventSpan, string>> = {
  hour: "substr(at, 1, 13) || ':00:00.000Z'",
  day: "substr(at, 1, 10) || 'T00:00:00.000Z'"
}

const startOfSpan = (span: EventSpan, at: DateTime.Utc): DateTime.Utc => DateTime.startOf(at, span)

const back = (span: EventSpan, count: number) => (span === "hour" ? { hours: count } : { days: count })

const moment = (name: string, text: string | undefined, fallback: DateTime.Utc) =>
  text === undefined ? Effect.succeed(fallback) : Effect.map(instantOf(name, text), DateTime.makeUnsafe)
