/** Formats and parses sizes, times and percentages. */

export { shortBytes as bytes } from "@tendarr/core/capacity/Bytes"

/** Formats a percentage. */
export const percent = (share: number): string => `${Number(share.toFixed(1))} %`

/** Formats a rank: three decimals, unless they would hide it or make the line too long. */
export const rankText = (rank: number): string =>
  rank === 0 || (rank >= 0.001 && rank < 1e9) ? rank.toFixed(3) : rank.toExponential(2)

/**
 * `50GiB`, `1.5 TB`, `500000000`: bytes; powers of 1024 with an i or a single letter, otherwise of 1000. `null` = not a
 * size.
 */
export const parseBytes = (text: string): number | null => {
  const found = /^(\d{1,15}(?:\.\d{1,6})?)\s*(?:([kmgtp])(i?)(b?)|b)?$/i.exec(text.trim())
  if (found === null) return null
  const [, number, prefix = "", binary = "", byte = ""] = found
  const base = binary === "" && byte !== "" ? 1000 : 1024
  return Math.round(Number(number) * base ** (prefix === "" ? 0 : "kmgtp".indexOf(prefix.toLowerCase()) + 1))
}

const spans = [
  { name: "day", millis: 86_400_000 },
  { name: "hour", millis: 3_600_000 },
  { name: "minute", millis: 60_000 },
  { name: "second", millis: 1000 }
] as const

/** `3 hours`, `2 days`; `a moment` below one second. */
export const duration = (millis: number): string => {
  const span = spans.find((candidate) => millis >= candidate.millis)
  return span === undefined ? "a moment" : count(Math.floor(millis / span.millis), span.name)
}

/** `3 hours ago`, `in 2 days`, `now`. */
export const ago = (at: string, now: number): string => {
  const millis = now - Date.parse(at)
  if (Number.isNaN(millis)) return at
  if (Math.abs(millis) < 1000) return "now"
  return millis > 0 ? `${duration(millis)} ago` : `in ${duration(-millis)}`
}

/** `2026-01-31 14:05 UTC` */
export const moment = (at: string): string => `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`

export const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`

/** `[#######---]`: the filled share, 0..100. */
export const bar = (share: number, width = 20): string => {
  const full = Math.min(width, Math.max(0, Math.round((share / 100) * width)))
  return `[${"#".repeat(full)}${"-".repeat(width - full)}]`
}

/** Puts foreign text on one line and removes control characters, which a terminal would interpret. */
export const clean = (text: string): string =>
  // oxlint-disable-next-line no-control-regex
  text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ")

/** `90s`, `45m`, `12h`, `3d`, `2w` in milliseconds; `null` for anything else. */
export const parseSpan = (text: string): number | null => {
  const found = /^(\d{1,6})\s*([smhdw])$/.exec(text.trim().toLowerCase())
  const factor = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }[found?.[2] ?? ""]
  return found?.[1] === undefined || factor === undefined || Number(found[1]) === 0 ? null : Number(found[1]) * factor
}
