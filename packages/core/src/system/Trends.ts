/**
 * What a dashboard shows over time. It is kept in memory and computed again when the library or the removals have
 * changed, or after a minute, so that a request costs no more than reading the counters.
 */
import { Clock, DateTime, Effect, Schema, Semaphore } from "effect"
import type { SqlClient } from "effect/sql"
import { type DiskGroup, usedAtThreshold } from "../capacity/DiskGroup.ts"
import type { DiskGroups } from "../capacity/DiskGroups.ts"
import { wholeKinds } from "../integrations/Observations.ts"
import { isTrueInDocument, unindexed } from "../storage/Dialect.ts"

export const trendDays = 30

export const DayFigures = Schema.Struct({
  at: Schema.String.annotate({ description: "Start of the day (UTC)." }),
  removedItems: Schema.Int.annotate({ description: "Removals that were carried out on this day." }),
  removedBytes: Schema.Finite.annotate({ description: "Bytes that they freed." }),
  addedItems: Schema.Int.annotate({
    description:
      "Items that an application added on this day, by its own date; those it has no date for, when Tendarr first saw them. Of a show and its seasons, only the unit that is removed is counted."
  }),
  goneItems: Schema.Int.annotate({
    description:
      "Items that disappeared from the library on this day, whether removed or deleted elsewhere, as long as the setting `library.goneRetentionDays` keeps them."
  })
}).annotate({ identifier: "DayFigures" })
export type DayFigures = typeof DayFigures.Type

export const DiskTrend = Schema.Struct({
  diskGroupId: Schema.String,
  mountPath: Schema.String,
  bytesPerDay: Schema.NullOr(Schema.Finite).annotate({
    description:
      "Bytes by which usage grew per day over the last 30 days, as the line that fits the last reading of each day best; negative if it shrank. `null` = there are readings of fewer than two days."
  }),
  daysUntilThreshold: Schema.NullOr(Schema.Finite).annotate({
    description:
      "Days until usage reaches the threshold if it continues to grow like this; 0 = it has. `null` = it does not grow, or the trend is unknown."
  })
}).annotate({ identifier: "DiskTrend" })
export type DiskTrend = typeof DiskTrend.Type

export const StatsTrends = Schema.Struct({
  computedAt: Schema.String.annotate({ description: "At most a minute ago." }),
  days: Schema.Array(DayFigures).annotate({ description: "The last 30 days, oldest first, ending with today (UTC)." }),
  diskGroups: Schema.Array(DiskTrend)
}).annotate({ identifier: "StatsTrends" })
export type StatsTrends = typeof StatsTrends.Type

/** The current trends. Until they are computed again, the result is the same object. */
export const makeTrends = Effect.fnUntraced(function* (sql: SqlClient.SqlClient, diskGroups: DiskGroups["Service"]) {
  const single = yield* Semaphore.make(1)
  let last: { readonly key: string; readonly at: number; readonly trends: StatsTrends } | null = null

  const known = Effect.gen(function* () {
    const rows = yield* Effect.orDie(
      sql<{ name: string; value: number }>`SELECT name, value FROM counters WHERE ${sql.in("name", changing)}`
    )
    const key = JSON.stringify(rows.map(({ name, value }) => [name, value]))
    const at = yield* Clock.currentTimeMillis
    const age = last === null ? Infinity : Math.abs(at - last.at)
    return { key, at, trends: last !== null && last.key === key && age < maxAgeMillis ? last.trends : null }
  })

  const compute = Effect.gen(function* () {
    const now = yield* DateTime.now
    const first = DateTime.subtract(DateTime.startOf(now, "day"), { days: trendDays - 1 })
    const since = DateTime.formatIso(first)
    const days = yield* figuresSince(sql, since)
    const readings = yield* readingsSince(sql, since)
    return {
      computedAt: DateTime.formatIso(now),
      days: Array.from({ length: trendDays }, (_, index) => {
        const at = DateTime.formatIso(DateTime.add(first, { days: index }))
        return { at, ...(days.get(at.slice(0, 10)) ?? nothing) }
      }),
      diskGroups: (yield* diskGroups.list).map((group) => trendOf(group, readings.get(group.id) ?? []))
    }
  }).pipe(Effect.withSpan("Trends.compute"))

  return Effect.gen(function* () {
    const before = yield* known
    if (before.trends !== null) return before.trends
    return yield* single.withPermit(
      Effect.gen(function* () {
        const { at, key, trends: computed } = yield* known
        if (computed !== null) return computed
        const trends = yield* compute
        last = { key, at, trends }
        return trends
      })
    )
  })
})

const maxAgeMillis = 60_000

/** Counters that change with the library and with every removal that is carried out. */
const changing = ["library.revision", "removals.items", "removals.bytes"]

type Figures = Omit<DayFigures, "at">

const nothing: Figures = { removedItems: 0, removedBytes: 0, addedItems: 0, goneItems: 0 }

/** Figures by day, as `2026-01-31`. Days without any are omitted. */
const figuresSince = Effect.fnUntraced(function* (sql: SqlClient.SqlClient, since: string) {
  const day = (column: string) => sql.literal(`substr(${column}, 1, 10)`)
  const wholes = (yield* sql<{
    id: number
  }>`SELECT id FROM integrations WHERE ${isTrueInDocument(sql, "options", "wholeShows")}`).map(({ id }) => id)
  const byWholes = sql.in("integration_id", wholes)
  // Of a whole and its parts, one or the other counts; single episodes never do.
  const isUnit = sql`(kind <> 'episode' AND ((parent_external_id IS NULL AND NOT (${sql.in("kind", [...wholeKinds])}))
    OR (parent_external_id IS NULL AND ${byWholes}) OR (parent_external_id IS NOT NULL AND NOT (${byWholes}))))`
  const removed = yield* sql<{ day: string; items: number; bytes: number }>`SELECT ${day("ended_at")} AS day,
      count(*) AS items, coalesce(sum(freed_bytes), 0) AS bytes
    FROM removals WHERE ended_at IS NOT NULL AND ended_at >= ${since} AND ${unindexed(sql, "state")} = 'removed'
      AND action <> 'unmonitor'
    GROUP BY 1`
  const gone = yield* sql<{ day: string; items: number }>`SELECT ${day("gone_at")} AS day, count(*) AS items
    FROM items WHERE gone_at IS NOT NULL AND gone_at >= ${since} AND ${isUnit} GROUP BY 1`
  // Each part by its own index.
  const added = yield* sql<{ day: string; items: number }>`SELECT day, count(*) AS items FROM (
      SELECT ${day("added_at")} AS day FROM items
        WHERE gone_at IS NULL AND coalesce(added_at, '') >= ${since} AND ${isUnit}
      UNION ALL SELECT ${day("created_at")} AS day FROM items
        WHERE gone_at IS NULL AND coalesce(added_at, '') = '' AND created_at >= ${since} AND ${isUnit}
      UNION ALL SELECT ${day("coalesce(added_at, created_at)")} AS day FROM items
        WHERE gone_at IS NOT NULL AND gone_at >= ${since} AND coalesce(added_at, created_at) >= ${since} AND ${isUnit}
    ) AS arrivals GROUP BY 1`
  const days = new Map<string, Figures>()
  const put = (at: string, some: Partial<Figures>) => days.set(at, { ...nothing, ...days.get(at), ...some })
  for (const { bytes, day: at, items } of removed) put(at, { removedItems: items, removedBytes: bytes })
  for (const { day: at, items } of gone) put(at, { goneItems: items })
  for (const { day: at, items } of added) put(at, { addedItems: items })
  return days
}, Effect.orDie)

interface Reading {
  readonly at: string
  readonly usedBytes: number
}

/** The last reading of each day, by disk group. Coarser series have the start of their day or week instead. */
const readingsSince = Effect.fnUntraced(function* (sql: SqlClient.SqlClient, since: string) {
  const rows = yield* sql<{
    id: number
    at: string
    used: number
  }>`SELECT disk_group_id AS id, at, used_bytes AS used FROM (
      SELECT disk_group_id, at, used_bytes, row_number() OVER (
        PARTITION BY disk_group_id, ${sql.literal("substr(at, 1, 10)")} ORDER BY at DESC) AS place
      FROM disk_usage WHERE disk_group_id IN (SELECT id FROM disk_groups)
        AND resolution IN ('raw', 'hour') AND at >= ${since}) AS readings
    WHERE place = 1 ORDER BY disk_group_id, at`
  const readings = new Map<string, Array<Reading>>()
  for (const { at, id, used } of rows) {
    const of = readings.get(String(id)) ?? []
    of.push({ at, usedBytes: used })
    readings.set(String(id), of)
  }
  return readings
}, Effect.orDie)

const dayMillis = 86_400_000

export const trendOf = (group: DiskGroup, readings: ReadonlyArray<Reading>): DiskTrend => {
  const bytesPerDay = slopeOf(readings.map(({ at, usedBytes }) => [Date.parse(at) / dayMillis, usedBytes] as const))
  const grows = bytesPerDay !== null && bytesPerDay > 0
  const left = Math.max(0, usedAtThreshold(group) - group.usedBytes)
  const daysUntilThreshold = group.breached ? 0 : grows ? Math.round((left / bytesPerDay) * 10) / 10 : null
  return { diskGroupId: group.id, mountPath: group.mountPath, bytesPerDay, daysUntilThreshold }
}

/** Least squares, in whole units per unit of x; `null` = fewer than two points. */
const slopeOf = (points: ReadonlyArray<readonly [x: number, y: number]>): number | null => {
  if (points.length < 2) return null
  const mean = (pick: (point: readonly [number, number]) => number) =>
    points.reduce((sum, point) => sum + pick(point), 0) / points.length
  const meanX = mean(([x]) => x)
  const meanY = mean(([, y]) => y)
  const spread = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0)
  return spread === 0 ? null : Math.round(points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / spread)
}
