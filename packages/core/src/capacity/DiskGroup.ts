/** One mount with its capacity, threshold and target, and the mode in which its limits are enforced. */
import { Schema } from "effect"
import { factNames } from "../library/ItemFacts.ts"
import { IsoTime } from "../problems/Instants.ts"
import { Problem } from "../problems/Problem.ts"
import { DiskLimits } from "./DiskLimits.ts"
import { RemovalMode } from "./RemovalMode.ts"

export const DiskGroup = Schema.Struct({
  id: Schema.String,
  mountPath: Schema.String,
  totalBytes: Schema.Finite,
  usedBytes: Schema.Finite,
  freeBytes: Schema.Finite,
  /** Capacity set by a person, if less may be used than the size of the mount. */
  totalBytesOverride: Schema.NullOr(Schema.Finite),
  /** Used share of the effective capacity, in percent. */
  usedPercent: Schema.Finite,
  limits: DiskLimits,
  breached: Schema.Boolean,
  /** Bytes to free to reach the target; 0 below the threshold. */
  bytesToFree: Schema.Finite,
  mode: RemovalMode,
  /** Facts that a person allows to be unknown here without making items undecided. */
  allowedUnknown: Schema.Array(Schema.Literals(factNames)),
  integrations: Schema.Array(Schema.Struct({ id: Schema.String, reportedPath: Schema.String })),
  readAt: Schema.String,
  /** Since when no integration has reported the mount. */
  staleSince: Schema.NullOr(Schema.String),
  /** Why planning has stopped here until a person resumes it. */
  stoppedBecause: Schema.NullOr(Schema.String),
  /**
   * Ids of disk groups that look like the same disk under another mount; until a person decides, only one of them is
   * planned.
   */
  mayBeSameAs: Schema.optionalKey(Schema.Array(Schema.String)),
  /** Other mounts of this disk, as declared by a person; their items are ranked and planned with its own. */
  merged: Schema.optionalKey(Schema.Array(Schema.Struct({ id: Schema.String, mountPath: Schema.String }))),
  version: Schema.Int
}).annotate({ identifier: "DiskGroup" })
export type DiskGroup = typeof DiskGroup.Type

export const DiskGroupPatch = Schema.Struct({
  limits: Schema.optionalKey(DiskLimits),
  mode: Schema.optionalKey(RemovalMode),
  totalBytesOverride: Schema.optionalKey(Schema.NullOr(Schema.Int.check(Schema.isGreaterThan(0)))),
  allowedUnknown: Schema.optionalKey(Schema.Array(Schema.Literals(factNames)))
}).annotate({ identifier: "DiskGroupPatch" })
export type DiskGroupPatch = typeof DiskGroupPatch.Type

export const UsagePoint = Schema.Struct({
  at: Schema.String,
  totalBytes: Schema.Finite,
  usedBytes: Schema.Finite
}).annotate({ identifier: "UsagePoint" })
export type UsagePoint = typeof UsagePoint.Type

export const usageResolutions = ["raw", "hour", "day", "week"] as const
export type UsageResolution = (typeof usageResolutions)[number]

/** The part of the history to return. */
export const UsageQuery = Schema.Struct({
  resolution: Schema.optionalKey(Schema.Literals(usageResolutions)),
  since: Schema.optionalKey(IsoTime),
  limit: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1000 })))
})
export type UsageQuery = typeof UsageQuery.Type

export class DiskGroupNotFound extends Problem<DiskGroupNotFound>()(
  "DiskGroupNotFound",
  { code: "disk-group-not-found", status: 404, title: "There is no such disk group" },
  { diskGroupId: Schema.String }
) {}

export interface DiskState {
  readonly totalBytes: number
  readonly freeBytes: number
  readonly totalBytesOverride: number | null
  readonly limits: DiskLimits
}

export interface Pressure {
  readonly effectiveTotal: number
  readonly usedBytes: number
  readonly usedPercent: number
  readonly breached: boolean
  readonly bytesToFree: number
  /** Bytes above the target, whether or not the threshold is reached; negative below the target. */
  readonly bytesAboveTarget: number
}

/** Used bytes at which the disk is too full. */
export const usedAtThreshold = ({
  limits,
  totalBytes,
  totalBytesOverride
}: Pick<DiskState, "limits" | "totalBytes" | "totalBytesOverride">): number => {
  const effectiveTotal = totalBytesOverride ?? totalBytes
  return limits.type === "percent" ? (limits.threshold * effectiveTotal) / 100 : effectiveTotal - limits.threshold
}

/**
 * The state of a disk relative to its limits. Percent: breached at `used / effective total >= threshold`, to free `used
 * - target % of the effective total`. Free bytes: breached at `free <= threshold`, to free `target - free`.
 */
export const pressureOf = (disk: DiskState): Pressure => {
  const effectiveTotal = disk.totalBytesOverride ?? disk.totalBytes
  const usedBytes = Math.max(0, disk.totalBytes - disk.freeBytes)
  if (effectiveTotal <= 0) {
    return { effectiveTotal: 0, usedBytes, usedPercent: 0, breached: false, bytesToFree: 0, bytesAboveTarget: 0 }
  }
  const usedPercent = (usedBytes / effectiveTotal) * 100
  const free = effectiveTotal - usedBytes
  const { limits } = disk
  const breached = limits.type === "percent" ? usedPercent >= limits.threshold : free <= limits.threshold
  // The target in whole bytes, so that freeing `bytesToFree` always reaches it.
  const above =
    limits.type === "percent" ? usedBytes - Math.floor((limits.target * effectiveTotal) / 100) : limits.target - free
  return {
    effectiveTotal,
    usedBytes,
    usedPercent,
    breached,
    bytesToFree: breached ? Math.max(0, above) : 0,
    bytesAboveTarget: above
  }
}
