/** Limits of a disk as people write them: `85` or `85%` of it used, or free bytes such as `200GiB`. */
import type { DiskLimits } from "@tendarr/sdk-client"
import { parseBytes } from "./output/Format.ts"

type Limit = { readonly type: DiskLimits["type"]; readonly value: number }

/** `null` for what is neither. */
export const parseLimit = (text: string): Limit | null => {
  const share = /^(\d{1,2}(?:\.\d{1,3})?)\s*%?$/.exec(text.trim())
  if (share?.[1] !== undefined) return { type: "percent", value: Number(share[1]) }
  const size = /[a-z]/i.test(text) ? parseBytes(text) : null
  return size === null ? null : { type: "free-bytes", value: size }
}

/** The two together, what is not given as it was; a sentence where they do not fit. */
export const limitsFrom = (before: DiskLimits, threshold: Limit | null, target: Limit | null): DiskLimits | string => {
  const type = threshold?.type ?? target?.type ?? before.type
  const same = (limit: Limit | null, kept: number) =>
    limit === null ? (before.type === type ? kept : null) : limit.type === type ? limit.value : null
  const [from, to] = [same(threshold, before.threshold), same(target, before.target)]
  if (from === null || to === null) return "Give threshold and target both as shares in percent, or both as free bytes"
  if (type === "percent") {
    if (from < 1 || to < 1) return "A share is from 1 to 99 %"
    return to < from
      ? { type, threshold: from, target: to }
      : "The target is below the threshold: come down from the one to the other"
  }
  return to > from ? { type, threshold: from, target: to } : "The target leaves more bytes free than the threshold"
}
