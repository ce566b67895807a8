/** Limits of a disk as written by people: `85` or `85%` of its capacity, or free bytes such as `200GiB`. */
import type { DiskLimits } from "@tendarr/sdk-client"
import { parseBytes } from "./output/Format.ts"

type Limit = { readonly type: DiskLimits["type"]; readonly value: number }

/** `null` if the text is neither. */
export const parseLimit = (text: string): Limit | null => {
  const share = /^(\d{1,2}(?:\.\d{1,3})?)\s*%?$/.exec(text.trim())
  if (share?.[1] !== undefined) return { type: "percent", value: Number(share[1]) }
  const size = /[a-z]/i.test(text) ? parseBytes(text) : null
  return size === null ? null : { type: "free-bytes", value: size }
}

/** Combines both limits, keeping the previous value of one that is not given; a message if they do not fit. */
export const limitsFrom = (before: DiskLimits, threshold: Limit | null, target: Limit | null): DiskLimits | string => {
  const type = threshold?.type ?? target?.type ?? before.type
  const same = (limit: Limit | null, kept: number) =>
    limit === null ? (before.type === type ? kept : null) : limit.type === type ? limit.value : null
  const [from, to] = [same(threshold, before.threshold), same(target, before.target)]
  if (from === null || to === null) return "Give threshold and target both as percentages, or both as free bytes"
  if (type === "percent") {
    if (from < 1 || to < 1) return "A percentage is from 1 to 99 %"
    return to < from
      ? { type, threshold: from, target: to }
      : "The target must be below the threshold: removals bring the usage from the threshold down to the target"
  }
  return to > from ? { type, threshold: from, target: to } : "The target must leave more bytes free than the threshold"
}
