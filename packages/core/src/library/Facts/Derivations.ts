/** How fields are derived from the value of a fact. `undefined` = the value does not have the expected type. */
import { clockSlackMillis, dayMillis, factMillis } from "../../problems/Instants.ts"
import { nameKey } from "../../viewers/NameKey.ts"
import type { FactValue, ViewerPlays } from "../Facts.ts"

export const asString = (value: FactValue): FactValue | undefined =>
  value === null || typeof value === "string" ? value : undefined

export const asNumber = (value: FactValue): FactValue | undefined =>
  value === null || typeof value === "number" ? value : undefined

export const asBoolean = (value: FactValue): FactValue | undefined =>
  value === null || typeof value === "boolean" ? value : undefined

/** A list, either of texts or of viewers; which of the two is checked per entry where it is used. */
export const asList = (value: FactValue): FactValue | undefined =>
  value === null || Array.isArray(value) ? value : undefined

/** Days from a date until now, with fractions. Negative if the date is in the future. */
export const daysSince = (value: FactValue, now: number): FactValue | undefined => {
  if (value === null) return null
  const millis = typeof value === "string" ? factMillis(value) : null
  if (millis === null) return undefined
  const elapsed = now - millis
  return (elapsed < 0 && elapsed >= -clockSlackMillis ? 0 : elapsed) / dayMillis
}

/** Whole days from a date until now. */
export const wholeDaysSince = (value: FactValue, now: number): FactValue | undefined => {
  const days = daysSince(value, now)
  return typeof days === "number" ? Math.floor(days) : days
}

/** Whole days from now until a date. */
export const wholeDaysUntil = (value: FactValue, now: number): FactValue | undefined => {
  const days = daysSince(value, now)
  return typeof days === "number" ? Math.floor(0 - days) : days
}

/**
 * Whole days since the last play. Never played counts as infinitely long ago, so that "more than 90 days" holds for
 * items that were never watched.
 */
export const wholeDaysSincePlayed = (value: FactValue, now: number): FactValue | undefined =>
  value === null ? Number.POSITIVE_INFINITY : wholeDaysSince(value, now)

export const gibibyte = 2 ** 30

export const inGibibytes = (value: FactValue): FactValue | undefined =>
  typeof value === "number" ? value / gibibyte : asNumber(value)

export const isZero = (value: FactValue): FactValue | undefined =>
  value === null ? true : typeof value === "number" ? value === 0 : undefined

/** Number of people in a list of plays; unknown if two of them have a name in common, and may be one person. */
export const countOfViewers = (value: FactValue): FactValue | undefined => {
  const names = new Set<string>()
  for (const entry of Array.isArray(value) ? (value as ReadonlyArray<string | ViewerPlays>) : []) {
    if (typeof entry === "string") return undefined
    const own = new Set(entry.ambiguous?.map(nameKey))
    for (const name of own) {
      if (names.has(name)) return undefined
      names.add(name)
    }
  }
  return countOf(value)
}

/** Number of entries of a list; none counts as 0. */
export const countOf = (value: FactValue): FactValue | undefined =>
  value === null ? 0 : Array.isArray(value) ? value.length : undefined

/** Whether a list has entries. */
export const hasAny = (value: FactValue): FactValue | undefined =>
  value === null ? false : Array.isArray(value) ? value.length > 0 : undefined

/**
 * Lines of the picture in the name of a resolution: `4K` is 2160, `1080p` is 1080, `SD` is 576; `null` if it names
 * none.
 */
export const linesOf = (value: FactValue): FactValue | undefined => {
  if (typeof value !== "string") return asString(value)
  const name = value.toLowerCase()
  if (/\b8k\b/.test(name)) return 4320
  if (/\b(?:4k|uhd)\b/.test(name)) return 2160
  const lines = /\d{3,4}(?=[pi]?\b)/.exec(name)
  if (lines !== null) return Number(lines[0])
  if (/\bsd\b/.test(name)) return 576
  const number = /\d+/.exec(name)
  return number === null ? null : Number(number[0])
}
