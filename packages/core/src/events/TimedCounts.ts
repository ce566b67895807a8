/**
 * How often something happened in each quarter of an hour, hour and day (UTC), counted in the transaction in which it
 * happens, so that figures about a span of time cost the same however much has happened, and outlast the rows that they
 * count. Quarters of an hour are the largest unit of which the days of every time zone consist.
 */
import { Array as Arr, Effect } from "effect"
import type { SqlClient } from "effect/sql"
import { dayMillis, isoOfMillis } from "../problems/Instants.ts"

/** Days for which counts are kept. */
export const countDays = 400

/** What is counted, each with names of its own: types, faults, jobs. */
export type CountedFigure =
  | "download-event"
  | "strike"
  | "strikes-ended"
  | "download-removed"
  | "files-deselected"
  | "seeding"
  | "search"
  | "job-run"

export interface Count {
  readonly figure: CountedFigure
  readonly name: string
  /** Default: 1. */
  readonly by?: number
}

/** Shortest first. */
const spans = ["quarter", "hour", "day"] as const
type Span = (typeof spans)[number]

const millisOf: Readonly<Record<Span, number>> = { quarter: 15 * 60_000, hour: 3_600_000, day: dayMillis }

const startOf = (span: Span, millis: number): number => Math.floor(millis / millisOf[span]) * millisOf[span]

/** The first start of a span that is not before a time. */
const nextStart = (span: Span, millis: number): number => startOf(span, millis + millisOf[span] - 1)

/** The start of the quarter of an hour that contains a time. */
export const quarterOf = (millis: number): string => isoOfMillis(startOf("quarter", millis))

/** Counts what happened at a time (ISO-8601). Runs in the transaction of what is counted. */
export const countAt = Effect.fnUntraced(function* (
  sql: SqlClient.SqlClient,
  at: string,
  counts: ReadonlyArray<Count>
): Effect.fn.Return<void> {
  const millis = Date.parse(at)
  for (const { by = 1, figure, name } of counts) {
    const rows = Arr.map(spans, (span): Record<string, unknown> => {
      return { figure, span, at: isoOfMillis(startOf(span, millis)), name, count: by }
    })
    yield* sql`INSERT INTO timed_counts ${sql.insert(rows)}
      ON CONFLICT (figure, span, at, name) DO UPDATE SET count = timed_counts.count + excluded.count`.pipe(Effect.orDie)
  }
})

/**
 * The sums by name since the quarter of an hour that contains a time (epoch milliseconds): quarters up to the next hour,
 * hours up to the next day, then days.
 */
export const sumsSince = (read: SqlClient.SqlClient, figure: CountedFigure, since: number) => {
  const from = startOf("quarter", since)
  const firstHour = nextStart("hour", from)
  const firstDay = nextStart("day", firstHour)
  const between = (span: Span, start: number, end: number) =>
    read`SELECT name, count FROM timed_counts WHERE figure = ${figure} AND span = ${span}
      AND at >= ${isoOfMillis(start)} AND at < ${isoOfMillis(end)}`
  return Effect.map(
    Effect.orDie(
      read<{ readonly name: string; readonly count: number }>`SELECT name, sum(count) AS count FROM (
          ${between("quarter", from, firstHour)} UNION ALL ${between("hour", firstHour, firstDay)}
          UNION ALL SELECT name, count FROM timed_counts
            WHERE figure = ${figure} AND span = 'day' AND at >= ${isoOfMillis(firstDay)}
        ) AS counted GROUP BY name ORDER BY name`
    ),
    (rows): ReadonlyMap<string, number> => new Map(rows.map(({ count, name }) => [name, count]))
  )
}

/**
 * The sums between the given times and after the last one (epoch milliseconds, ascending; each the start of a quarter of
 * an hour). They are read from the longest span of which all times are starts.
 */
export const sumsBetween = (
  read: SqlClient.SqlClient,
  figure: CountedFigure,
  starts: ReadonlyArray<number>,
  name?: string
): Effect.Effect<ReadonlyArray<number>> => {
  const [first = 0] = starts
  const span = spans.findLast((one) => starts.every((start) => startOf(one, start) === start)) ?? "quarter"
  return Effect.map(
    Effect.orDie(
      read<{ readonly at: string; readonly count: number }>`SELECT at, sum(count) AS count FROM timed_counts
        WHERE ${read.and([
          read`figure = ${figure}`,
          read`span = ${span}`,
          read`at >= ${isoOfMillis(first)}`,
          ...(name === undefined ? [] : [read`name = ${name}`])
        ])} GROUP BY at ORDER BY at`
    ),
    (rows) => {
      const sums = starts.map(() => 0)
      let place = 0
      for (const { at, count } of rows) {
        const millis = Date.parse(at)
        while ((starts[place + 1] ?? Infinity) <= millis) place++
        sums[place] = (sums[place] ?? 0) + count
      }
      return sums
    }
  )
}

/** Deletes counts that are older than they are kept. */
export const pruneCounts = (sql: SqlClient.SqlClient, now: number) =>
  Effect.asVoid(Effect.orDie(sql`DELETE FROM timed_counts WHERE at < ${isoOfMillis(now - countDays * dayMillis)}`))
