/**
 * What speaks for an item that was not so when its removal was planned: that it was played, asked for, tagged, or wanted
 * again. The engine did not know it, and decides anew with the next plan.
 */
import { dayMillis } from "../problems/Instants.ts"
import type { Fact, FactName, FactSheet, FactValue } from "../library/Facts.ts"
import type { FactReading } from "../rules/FactReading.ts"

/** Why the decision with these facts no longer stands; `null` = nothing of the kind has come since. */
export const whyChanged = (before: ReadonlyArray<FactReading>, now: FactSheet): string | null => {
  for (const [name, tell] of changes) {
    const reading = before.find(({ fact }) => fact === name)
    if (reading === undefined) continue
    const found = tell(reading, valueOf(now.get(name)), now)
    if (found !== null) return `${found} since it was planned`
  }
  return null
}

/** What was read just now counts, whatever its source may be believed otherwise. */
const valueOf = (fact: Fact): FactValue | undefined =>
  fact._tag === "Known" ? fact.value : fact._tag === "Unknown" ? fact.lastKnown : undefined

type Tell = (before: FactReading, now: FactValue | undefined, sheet: FactSheet) => string | null

/** Clocks of applications differ; what is older than this was there when the facts were read, and read in another way. */
const slackMillis = dayMillis

const later =
  (words: string): Tell =>
  ({ at, value }, now) => {
    if (typeof now !== "string" || (typeof value === "string" && now <= value)) return null
    return at !== null && Date.parse(now) < Date.parse(at) - slackMillis ? null : `${words} (${now})`
  }

/** Plays are read in two ways, and count by their dates where they have one. */
const more =
  (words: string, dated?: FactName): Tell =>
  ({ value }, now, sheet) => {
    if (dated !== undefined && typeof valueOf(sheet.get(dated)) === "string") return null
    return typeof now === "number" && now > (typeof value === "number" ? value : 0) ? words : null
  }

const added =
  (words: string): Tell =>
  ({ value }, now) => {
    const old = new Set<unknown>(Array.isArray(value) ? value : [])
    const fresh = Array.isArray(now) ? now.filter((each) => typeof each === "string" && !old.has(each)) : []
    return fresh.length === 0 ? null : `it got the ${words} ${fresh.join(", ")}`
  }

const turned =
  (words: string): Tell =>
  ({ value }, now) =>
    now === true && value !== true ? words : null

/** The fact that says most comes first. */
const changes: ReadonlyArray<readonly [FactName, Tell]> = [
  ["lastPlayedAt", later("it was played")],
  ["playCount", more("it was played", "lastPlayedAt")],
  ["upNext", turned("somebody came to it in its show")],
  ["lastRequestedAt", later("it was asked for")],
  ["requestCount", more("it was asked for")],
  ["tags", added("tag")],
  ["labels", added("label")],
  ["onWatchlist", turned("it was put on a watchlist")],
  ["monitored", turned("it was wanted again")]
]
