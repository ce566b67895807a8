import { Clock, Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { type DiskGroup, pressureOf, usedAtThreshold } from "../../../capacity/DiskGroup.ts"
import { DiskGroups } from "../../../capacity/DiskGroups.ts"
import type { ItemSummary } from "../../../library/Library.ts"
import { dayMillis } from "../../../problems/Instants.ts"
import { type Dashboard, Dashboards, type LibraryDay } from "../../../system/Dashboard.ts"
import { numberOf, refusing } from "../../frame/Values.ts"
import { ok } from "../Bodies.ts"
import { libraryKinds, mediaTypeOf } from "../Lenses.ts"
import { PrunerrApi } from "../PrunerrApi.ts"

export const StatsHandlers = HttpApiBuilder.group(
  PrunerrApi,
  "stats",
  Effect.fn(function* (handlers) {
    const dashboards = yield* Dashboards
    const disks = yield* DiskGroups
    return handlers.handleAll({
      stats: () =>
        Effect.map(Effect.all([dashboards.figures, disks.list]), ([figures, groups]) => ok(toStats(figures, groups))),
      storageHistory: ({ query }) => Effect.map(dashboards.days(query.days ?? 30), (days) => ok(days.map(toDay))),
      recommendations: ({ query: { limit = 10, unwatchedDays = 90 } }) =>
        refusing(
          Effect.gen(function* () {
            const { items, total } = yield* dashboards.recommend({
              idleDays: unwatchedDays,
              limit,
              kinds: libraryKinds
            })
            const now = yield* Clock.currentTimeMillis
            return ok({
              items: items.map(toRecommendation(now)),
              total,
              totalReclaimableSpace: items.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
              criteria: { unwatchedDays }
            })
          })
        )
    })
  })
)

const severities = ["ok", "soft", "critical"] as const

const usedAtTarget = (group: DiskGroup): number => group.usedBytes - pressureOf(group).bytesAboveTarget

const severityOf = (group: DiskGroup) =>
  group.breached ? ("critical" as const) : group.usedBytes > usedAtTarget(group) ? ("soft" as const) : ("ok" as const)

const toDisk = (group: DiskGroup) => ({
  path: group.mountPath,
  key: group.id,
  totalBytes: group.totalBytes,
  freeBytes: group.totalBytes - group.usedBytes,
  usedBytes: group.usedBytes,
  // Prunerr states limits as free bytes.
  targetBytes: Math.max(0, group.totalBytes - usedAtTarget(group)),
  criticalBytes: Math.max(0, group.totalBytes - usedAtThreshold(group)),
  severity: severityOf(group)
})

const toStats = (figures: Dashboard, groups: ReadonlyArray<DiskGroup>) => {
  const kind = (name: ItemSummary["kind"]) => figures.kinds.find((one) => one.kind === name)
  const disks = groups.map(toDisk)
  const sum = (of: (disk: (typeof disks)[number]) => number) => disks.reduce((total, disk) => total + of(disk), 0)
  const used = (kind("movie")?.bytes ?? 0) + (kind("show")?.bytes ?? 0)
  return {
    totalStorage: used,
    usedStorage: used,
    reclaimableSpace: figures.queue.bytes,
    diskPressureEnabled: groups.length > 0,
    diskObserveOnly: groups.every(({ mode }) => mode === "dry-run"),
    diskFreeBytes: sum(({ freeBytes }) => freeBytes),
    diskTotalBytes: sum(({ totalBytes }) => totalBytes),
    diskUsedBytes: sum(({ usedBytes }) => usedBytes),
    diskTargetBytes: sum(({ targetBytes }) => targetBytes),
    diskCriticalBytes: sum(({ criticalBytes }) => criticalBytes),
    diskPressureSeverity:
      disks.length === 0
        ? null
        : (severities.findLast((severity) => disks.some((disk) => disk.severity === severity)) ?? "ok"),
    disks,
    movieCount: kind("movie")?.items ?? 0,
    tvShowCount: kind("show")?.items ?? 0,
    tvEpisodeCount: kind("show")?.episodes ?? 0,
    unwatchedMovies: kind("movie")?.neverPlayed ?? 0,
    unwatchedShows: kind("show")?.neverPlayed ?? 0,
    itemsMarkedForDeletion: figures.queue.items,
    scannedToday: figures.changedToday,
    scanTrend: 0,
    reclaimedThisWeek: figures.freed.thisWeek.bytes,
    reclaimedTrend: figures.freed.trend ?? 0,
    activeRules: figures.enabledRules,
    collectionCount: figures.collections.total,
    protectedCollections: figures.collections.protected
  }
}

const toDay = ({ day, freedBytes, kinds }: LibraryDay) => {
  const of = (name: ItemSummary["kind"]) => kinds.find(({ kind }) => kind === name) ?? { items: 0, bytes: 0 }
  const [movies, shows] = [of("movie"), of("show")]
  return {
    totalSize: movies.bytes + shows.bytes,
    movieSize: movies.bytes,
    showSize: shows.bytes,
    itemCount: movies.items + shows.items,
    movieCount: movies.items,
    showCount: shows.items,
    spaceReclaimed: freedBytes,
    capturedAt: `${day}T00:00:00.000Z`
  }
}

const toRecommendation = (now: number) => (item: ItemSummary) => {
  const days = item.lastPlayedAt === null ? null : Math.floor((now - Date.parse(item.lastPlayedAt)) / dayMillis)
  return {
    id: numberOf(item.id),
    title: item.title,
    type: mediaTypeOf(item.kind),
    size: item.sizeBytes,
    posterUrl: null,
    lastWatched: item.lastPlayedAt,
    daysSinceWatched: days,
    neverWatched: item.playCount === 0,
    addedAt: item.addedAt,
    playCount: item.playCount,
    reason: days === null ? "Never watched" : `Not watched for ${days} days`
  }
}
