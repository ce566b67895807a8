/**
 * What speaks for an item that was not so when its removal was planned: that it was played, asked for, tagged, or wanted
 * again. The engine did not know it, and decides anew with the next plan.
 */
import type { FactName, FactSheet, FactValue } from "../library/Facts.ts"
import type { FactReading } from "../rules/FactReading.ts"

/** Why the decision with these facts no longer stands; `null` = nothing of the kind has come since. */
export const whyChanged = (before: ReadonlyArray<FactReading>, now: FactSheet): string | null => {
  for (const [name, tell] of changes) {
    const reading = before.find(({ fact }) => fact === name)
    if (reading?.state !== "known") continue
    const fact = now.get(name)
    const found = fact._tag === "Known" ? tell(reading.value, fact.value) : null
    if (found !== null) return `${found} since it was planned`
  }
  return null
}

type Tell = (before: FactValue, now: FactValue) => string | null

const later =
  (words: string): Tell =>
  (before, now) =>
    typeof now === "string" && (typeof before !== "string" || now > before) ? `${words} (${now})` : null

const more =
  (words: string): Tell =>
  (before, now) =>
    typeof now === "number" && now > (typeof before === "number" ? before : 0) ? words : null

const added =
  (words: string): Tell =>
  (before, now) => {
    const old = new Set<unknown>(Array.isArray(before) ? before : [])
    const fresh = Array.isArray(now) ? now.filter((each) => typeof each === "string" && !old.has(each)) : []
    return fresh.length === 0 ? null : `it got the ${words} ${fresh.join(", ")}`
  }

const turned =
  (words: string): Tell =>
  (before, now) =>
    now === true && before !== true ? words : null

/** The fact that says most comes first. */
const changes: ReadonlyArray<readonly [FactName, Tell]> = [
  ["lastPlayedAt", later("it was played")],
  ["playCount", more("it was played")],
  ["upNext", turned("somebody came to it in its show")],
  ["lastRequestedAt", later("it was asked for")],
  ["requestCount", more("it was asked for")],
  ["tags", added("tag")],
  ["labels", added("label")],
  ["onWatchlist", turned("it was put on a watchlist")],
  ["monitored", turned("it was wanted again")]
]
