/**
 * Reasons to keep an item that did not apply when its removal was planned: it was played, requested, tagged, or set to
 * monitored again. The engine did not know this, and decides again with the next plan.
 */
import { dayMillis } from "../problems/Instants.ts"
import type { Fact, FactName, FactSheet, FactValue } from "../library/Facts.ts"
import type { FactReading } from "../rules/FactReading.ts"

/** Why a decision based on the earlier facts is no longer valid; `null` = nothing of this kind has changed. */
export const whyChanged = (before: ReadonlyArray<FactReading>, now: FactSheet): string | null => {
  for (const [name, check] of changes) {
    const reading = before.find(({ fact }) => fact === name)
    if (reading === undefined) continue
    const found = check(reading, valueOf(now.get(name)), now)
    if (found !== null) return `${found} since it was planned`
  }
  return null
}

/** A value that was just read counts, whether or not its source is otherwise trusted. */
const valueOf = (fact: Fact): FactValue | undefined =>
  fact._tag === "Known" ? fact.value : fact._tag === "Unknown" ? fact.lastKnown : undefined

type Check = (before: FactReading, now: FactValue | undefined, sheet: FactSheet) => string | null

/**
 * Clocks of applications differ. Anything older than this already existed when the facts were read, and was only read in
 * another way.
 */
const slackMillis = dayMillis

const later =
  (words: string): Check =>
  ({ at, value }, now) => {
    if (typeof now !== "string" || (typeof value === "string" && now <= value)) return null
    return at !== null && Date.parse(now) < Date.parse(at) - slackMillis ? null : `${words} (${now})`
  }

/** Plays are read in two ways, and are compared by date if they have one. */
const more =
  (words: string, dated?: FactName): Check =>
  ({ value }, now, sheet) => {
    if (dated !== undefined && typeof valueOf(sheet.get(dated)) === "string") return null
    return typeof now === "number" && now > (typeof value === "number" ? value : 0) ? words : null
  }

const added =
  (words: string): Check =>
  ({ value }, now) => {
    const old = new Set<unknown>(Array.isArray(value) ? value : [])
    const fresh = Array.isArray(now) ? now.filter((each) => typeof each === "string" && !old.has(each)) : []
    return fresh.length === 0 ? null : `it got the ${words} ${fresh.join(", ")}`
  }

const turned =
  (words: string): Check =>
  ({ value }, now) =>
    now === true && value !== true ? words : null

/** The most informative fact comes first. */
const changes: ReadonlyArray<readonly [FactName, Check]> = [
  ["lastPlayedAt", later("it was played")],
  ["playCount", more("it was played", "lastPlayedAt")],
  ["upNext", turned("it came up next for somebody")],
  ["lastRequestedAt", later("it was requested")],
  ["requestCount", more("it was requested")],
  ["tags", added("tag")],
  ["labels", added("label")],
  ["onWatchlist", turned("it was put on a watchlist")],
  ["monitored", turned("it was set to monitored")]
]
