/**
 * When a disk group is too full, and down to which level items are removed: by used share, or by free bytes. Used for
 * the default in the settings and for every disk group.
 */
import { Schema } from "effect"

const UsedPercent = Schema.Finite.check(Schema.isBetween({ minimum: 1, maximum: 99 }))

export const PercentLimits = Schema.Struct({
  type: Schema.Literal("percent"),
  threshold: UsedPercent.annotate({ description: "Used percent at or above which the disk group is too full" }),
  target: UsedPercent.annotate({ description: "Used percent to reach by removals; below the threshold" })
}).check(
  Schema.makeFilter(({ target, threshold }) =>
    target < threshold ? undefined : { path: ["target"], issue: "must be below the threshold" }
  )
)

export const FreeBytesLimits = Schema.Struct({
  type: Schema.Literal("free-bytes"),
  threshold: Schema.Natural.annotate({ description: "Free bytes below which the disk group is too full" }),
  target: Schema.Natural.annotate({ description: "Free bytes to reach; above the threshold" })
}).check(
  Schema.makeFilter(({ target, threshold }) =>
    target > threshold ? undefined : { path: ["target"], issue: "must be above the threshold" }
  )
)

export const DiskLimits = Schema.Union([PercentLimits, FreeBytesLimits]).annotate({
  identifier: "DiskLimits",
  description: "Threshold and target of a disk group, as used percent or as free bytes",
  message: 'must have the type "percent" or "free-bytes", with its threshold and target'
})
export type DiskLimits = typeof DiskLimits.Type
