/**
 * What is to be done about one limit of a download: raw values are compared with raw values, what a person has set is
 * respected, and only what is ours is changed or restored.
 */
import type { Limit } from "../../integrations/Downloads.ts"
import type { LimitSetting } from "../../integrations/DownloadsCapability.ts"
import { isShareField, type LimitField } from "./Habits.ts"

/** What is remembered of a limit that Tendarr has set. */
export interface OwnLimit {
  /** What was there before. */
  readonly before: Limit
  /** As the client reported it after it was set; `null` = a person has changed it since, and decides. */
  readonly ours: Limit | null
}

export type LimitStep =
  | { readonly _tag: "Keep"; readonly because: string }
  | { readonly _tag: "Set"; readonly setting: LimitSetting; readonly before: Limit }
  | { readonly _tag: "Restore"; readonly setting: LimitSetting; readonly before: Limit }
  /** A person has changed what we had set: it is theirs while the rule matches. */
  | { readonly _tag: "Release" }
  /** Nothing is left to remember. */
  | { readonly _tag: "Forget" }

export interface LimitSituation {
  readonly field: LimitField
  readonly current: Limit
  /** The setting of the whole client. */
  readonly ofClient: Limit
  /** Whether each download has a copy of its own instead of following the client. */
  readonly hasOwnCopy: boolean
  readonly wanted: LimitSetting | null
  readonly own: OwnLimit | null
}

/** The same by what the client stores. */
export const isSameLimit = (one: Limit, other: Limit): boolean => {
  if (one.is === "unknown" || other.is === "unknown") return false
  if (one.is !== other.is) return false
  return one.is !== "value" || other.is !== "value" || one.raw === other.raw
}

/** Clients round to minutes and kibibytes. */
const tolerance: Readonly<Record<LimitField, number>> = {
  ratio: 0.005,
  seedingSeconds: 60,
  inactiveSeconds: 60,
  down: 1024,
  up: 1024
}

/** Whether the client has what was asked for, but for its rounding. */
export const isSetTo = (field: LimitField, current: Limit, setting: LimitSetting): boolean =>
  setting.is === "value"
    ? current.is === "value" && Math.abs(current.value - setting.value) <= tolerance[field]
    : current.is === setting.is ||
      // A speed of its own, or none: clients do not tell "none" from "as the client".
      (!isShareField(field) && setting.is === "global" && current.is === "none")

/** The setting that brings a limit back to what it was; `null` = that is not known. */
export const settingOf = (limit: Limit): LimitSetting | null =>
  limit.is === "unknown" ? null : limit.is === "value" ? { is: "value", value: limit.value } : { is: limit.is }

/** Whether nobody has set it for this download. */
const isDefault = ({ current, field, hasOwnCopy, ofClient }: LimitSituation): boolean => {
  if (!isShareField(field)) return current.is === "none" || current.is === "global"
  if (!hasOwnCopy) return current.is === "global"
  // A copy of the client's setting, made when it was added.
  return current.is === "none"
    ? ofClient.is === "none"
    : current.is === "value" && ofClient.is === "value" && current.value === ofClient.value
}

const keep = (because: string): LimitStep => ({ _tag: "Keep", because })

export const limitStep = (situation: LimitSituation): LimitStep => {
  const { current, field, own, wanted } = situation
  if (current.is === "unknown") return keep("its client does not say which limit it has")
  if (own !== null) {
    if (own.ours === null) return wanted === null ? { _tag: "Forget" } : keep("a person has changed it since")
    if (!isSameLimit(current, own.ours)) return wanted === null ? { _tag: "Forget" } : { _tag: "Release" }
    if (wanted === null) {
      const setting = settingOf(own.before)
      return setting === null ? { _tag: "Forget" } : { _tag: "Restore", setting, before: current }
    }
    return isSetTo(field, current, wanted)
      ? keep("it has been set")
      : { _tag: "Set", setting: wanted, before: own.before }
  }
  if (wanted === null) return keep("no rule sets it")
  if (isSetTo(field, current, wanted)) return keep("it is as the rule wants it")
  return isDefault(situation)
    ? { _tag: "Set", setting: wanted, before: current }
    : keep("a person has set it for this download")
}
