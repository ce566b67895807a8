/** Figures of the dashboard. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup } from "effect/http-api"
import { about } from "../../../api/Common.ts"
import { enveloped } from "../Bodies.ts"

const Bytes = Schema.Finite

const Disk = Schema.Struct({
  path: Schema.String,
  key: Schema.String,
  totalBytes: Bytes,
  freeBytes: Bytes,
  usedBytes: Bytes,
  targetBytes: Bytes,
  criticalBytes: Bytes,
  severity: Schema.Literals(["ok", "soft", "critical"])
})

export class Stats extends Schema.Opaque<Stats>()(
  Schema.Struct({
    totalStorage: Bytes,
    usedStorage: Bytes,
    reclaimableSpace: Bytes,
    diskPressureEnabled: Schema.Boolean,
    diskObserveOnly: Schema.Boolean,
    diskFreeBytes: Bytes,
    diskTotalBytes: Bytes,
    diskUsedBytes: Bytes,
    diskTargetBytes: Bytes,
    diskCriticalBytes: Bytes,
    diskPressureSeverity: Schema.NullOr(Schema.Literals(["ok", "soft", "critical"])),
    disks: Schema.Array(Disk),
    movieCount: Schema.Int,
    tvShowCount: Schema.Int,
    tvEpisodeCount: Schema.Int,
    unwatchedMovies: Schema.Int,
    unwatchedShows: Schema.Int,
    itemsMarkedForDeletion: Schema.Int,
    scannedToday: Schema.Int,
    scanTrend: Schema.Finite,
    reclaimedThisWeek: Bytes,
    reclaimedTrend: Schema.Finite,
    activeRules: Schema.Int,
    collectionCount: Schema.Int,
    protectedCollections: Schema.Int
  })
) {}

export class StorageDay extends Schema.Opaque<StorageDay>()(
  Schema.Struct({
    totalSize: Bytes,
    movieSize: Bytes,
    showSize: Bytes,
    itemCount: Schema.Int,
    movieCount: Schema.Int,
    showCount: Schema.Int,
    spaceReclaimed: Bytes,
    capturedAt: Schema.String
  })
) {}

export class Recommendations extends Schema.Opaque<Recommendations>()(
  Schema.Struct({
    items: Schema.Array(
      Schema.Struct({
        id: Schema.Int,
        title: Schema.String,
        type: Schema.String,
        size: Bytes,
        posterUrl: Schema.NullOr(Schema.String),
        lastWatched: Schema.NullOr(Schema.String),
        daysSinceWatched: Schema.NullOr(Schema.Int),
        neverWatched: Schema.Boolean,
        addedAt: Schema.NullOr(Schema.String),
        playCount: Schema.NullOr(Schema.Int),
        reason: Schema.String
      })
    ),
    total: Schema.Int,
    totalReclaimableSpace: Bytes,
    criteria: Schema.Struct({ unwatchedDays: Schema.Int })
  })
) {}

const between = (minimum: number, maximum: number) =>
  Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum, maximum })))

export class StatsApi extends HttpApiGroup.make("stats").add(
  HttpApiEndpoint.get("stats", "/api/stats", { success: enveloped(Stats) }).annotateMerge(
    about("Dashboard statistics", "Library counts, storage, and the deletion queue.")
  ),
  HttpApiEndpoint.get("storageHistory", "/api/stats/storage-history", {
    query: { days: between(1, 800) },
    success: enveloped(Schema.Array(StorageDay))
  }).annotateMerge(about("Size of the library per day")),
  HttpApiEndpoint.get("recommendations", "/api/stats/recommendations", {
    query: { limit: between(1, 200), unwatchedDays: between(0, 3650) },
    success: enveloped(Recommendations)
  }).annotateMerge(about("What was not watched for long"))
) {}
