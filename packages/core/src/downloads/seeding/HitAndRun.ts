/**
 * What a download still owes to its trackers by the rules with the effect `hit-and-run`. Whatever removes a download from
 * its client, or ends its seeding, asks here first. Unknown counts as owed: a tracker that cannot be matched may be one
 * that asks for more.
 */
import type { Rule } from "../../rules/Rule.ts"
import type { RuleMatch } from "../../rules/RuleMatches.ts"
import type { DownloadFactName } from "../DownloadFacts.ts"
import { type DownloadEffect, hitAndRunEffect } from "../DownloadRules.ts"
import type { Downloading } from "../Downloading.ts"
import { countedOf, hitAndRunOf } from "./Goals.ts"

export type DownloadMatch = RuleMatch<DownloadFactName, DownloadEffect>

export interface HitAndRun {
  readonly rule: Rule
  /** Whether the rule applies to the download, or only may apply. */
  readonly truth: "true" | "unknown"
  readonly state: "met" | "owed" | "unknown"
  readonly because: string
}

/** What each rule that applies to it, or may apply, asks for. */
export const hitAndRunsOf = (one: Downloading, matches: ReadonlyArray<DownloadMatch>): ReadonlyArray<HitAndRun> => {
  if (one.download.protocol === "usenet") return []
  const counted = countedOf(one)
  return matches.flatMap(({ rule: { effect, rule }, truth, unknown }): ReadonlyArray<HitAndRun> => {
    const { action } = rule
    if (effect.name !== hitAndRunEffect || action?.type !== "hit-and-run") return []
    const { because, met } = hitAndRunOf(action, counted)
    if (met === "met") return [{ rule, truth, state: "met", because }]
    const mayApply = truth === "unknown" ? `, and it is not known whether that rule applies: ${unknown.join(", ")}` : ""
    return [{ rule, truth, state: met === "unknown" ? "unknown" : "owed", because: `${because}${mayApply}` }]
  })
}

/** Why nothing may end its seeding; `null` = nothing is owed any more. */
export const owedBecause = (hitAndRuns: ReadonlyArray<HitAndRun>): string | null => {
  const open = hitAndRuns.find(({ state }) => state !== "met")
  return open === undefined ? null : `the rule "${open.rule.name}" keeps it: ${open.because}`
}
