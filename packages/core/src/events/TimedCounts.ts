/**
 * How often something happened in each quarter of an hour, counted in the transaction in which it happens, so that figures
 * about a span of time cost the same however much has happened, and outlast the rows that they count.
 */
import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import { dayMillis, isoOfMillis } from "../problems/Instants.ts"

/** Days for which counts are kept. */
export const countDays = 400

const quarterMillis = 15 * 60_000

/** What is counted, each with names of its own: types, faults, jobs. */
export type CountedFigure =
  "download-event" | "strike" | "strikes-ended" | "download-removed" | "files-deselected" | "search" | "job-run"

export interface Count {
  readonly figure: CountedFigure
  readonly name: string
  /** Default: 1. */
  readonly by?: number
}

/** The start of the quarter of an hour that contains a time. */
export const quarterOf = (millis: number): string => isoOfMillis(Math.floor(millis / quarterMillis) * quarterMillis)

/** Counts what happened at a time (ISO-8601). Runs in the transaction of what is counted. */
export const countAt = Effect.fnUntraced(function* (
  sql: SqlClient.SqlClient,
  at: string,
  counts: ReadonlyArray<Count>
): Effect.fn.Return<void> {
  for (const { by = 1, figure, name } of counts) {
    yield* sql`INSERT INTO timed_counts ${sql.insert({ figure, at: quarterOf(Date.parse(at)), name, count: by })}
      ON CONFLICT (figure, at, name) DO UPDATE SET count = timed_counts.count + excluded.count`.pipe(Effect.orDie)
  }
})

/** The sums by name since the quarter of an hour that contains a time (epoch milliseconds). */
export const sumsSince = (read: SqlClient.SqlClient, figure: CountedFigure, since: number) =>
  Effect.map(
    Effect.orDie(
      read<{ readonly name: string; readonly count: number }>`SELECT name, sum(count) AS count FROM timed_counts
        WHERE figure = ${figure} AND at >= ${quarterOf(since)} GROUP BY name ORDER BY name`
    ),
    (rows): ReadonlyMap<string, number> => new Map(rows.map(({ count, name }) => [name, count]))
  )

/** The sums by quarter of an hour since the one that contains a time, oldest first; quarters without any are left out. */
export const quartersSince = (read: SqlClient.SqlClient, figure: CountedFigure, since: number, name?: string) =>
  Effect.orDie(
    read<{ readonly at: string; readonly count: number }>`SELECT at, sum(count) AS count FROM timed_counts
      WHERE ${read.and([
        read`figure = ${figure}`,
        read`at >= ${quarterOf(since)}`,
        ...(name === undefined ? [] : [read`name = ${name}`])
      ])} GROUP BY at ORDER BY at`
  )

/** Deletes counts that are older than they are kept. */
export const pruneCounts = (sql: SqlClient.SqlClient, now: number) =>
  Effect.asVoid(Effect.orDie(sql`DELETE FROM timed_counts WHERE at < ${isoOfMillis(now - countDays * dayMillis)}`))
