/** Aggregation of disk readings: all are kept at first, later one per hour, day and week. */
import { DateTime, Effect } from "effect"
import type { SqlClient } from "effect/sql"
import { transacting } from "../../storage/Transactions.ts"
import { startOfSpan } from "../../storage/Dialect.ts"
import type { Settings } from "../../settings/Settings.ts"
import { RetentionSettings } from "../../settings/RetentionSettings.ts"

/** Each coarser series keeps the last reading of its interval; raw readings are kept as long as the settings say. */
export const foldUsage = (sql: SqlClient.SqlClient, settings: Settings["Service"]) =>
  Effect.gen(function* () {
    const now = yield* DateTime.now
    const { usageRawHours } = yield* settings.get(RetentionSettings)
    const before = (hours: number) => DateTime.formatIso(DateTime.subtract(now, { hours }))
    const spans = [
      { from: "raw", to: "hour" },
      { from: "hour", to: "day" },
      { from: "day", to: "week" }
    ] as const
    yield* transacting(sql)(
      Effect.gen(function* () {
        for (const { from, to } of spans) {
          const start = startOfSpan(sql, to, "at")
          yield* sql`INSERT INTO disk_usage (disk_group_id, resolution, at, total_bytes, used_bytes)
            SELECT disk_group_id, ${to}, span, total_bytes, used_bytes FROM (
              SELECT disk_group_id, total_bytes, used_bytes, ${start} AS span, row_number() OVER (
                PARTITION BY disk_group_id, ${start} ORDER BY at DESC) AS place
              FROM disk_usage WHERE resolution = ${from}) AS readings WHERE place = 1
            ON CONFLICT (disk_group_id, resolution, at) DO UPDATE SET total_bytes = excluded.total_bytes, used_bytes = excluded.used_bytes`
        }
        yield* sql`DELETE FROM disk_usage WHERE (resolution = 'raw' AND at < ${before(usageRawHours)})
          OR (resolution = 'hour' AND at < ${before(24 * 30)}) OR (resolution = 'day' AND at < ${before(24 * 365)})
          OR (resolution = 'week' AND at < ${before(24 * 365 * 5)})`
      })
    )
  }).pipe(Effect.orDie)
