/** What the rules say of a download now: which of them strikes it, for which fault, or why none does. */
import { Effect } from "effect"
import type { FactSheet } from "../library/Facts.ts"
import { matchesOf } from "../rules/RuleMatches.ts"
import type { CompiledRuleSet } from "../rules/RuleSet.ts"
import type { StrikeAction } from "../rules/StrikeAction.ts"
import { forEachSheet } from "../rules/SubjectSheets.ts"
import type { DownloadFactName } from "./DownloadFacts.ts"
import {
  type DownloadEffect,
  downloadRules,
  ignoreEffect,
  type StrikeRule,
  strikeRules,
  targetOf
} from "./DownloadRules.ts"
import { type Downloading, entryOf, ownerOf } from "./Downloading.ts"
import { type Fault, type FaultOwner, isImportTrouble } from "./Fault.ts"
import { isComplete } from "./Observation.ts"
import { type DownloadMatch, hitAndRunsOf, owedBecause } from "./seeding/HitAndRun.ts"

export type DownloadVerdict =
  /** Somebody wants it left alone, or may want that. */
  | { readonly _tag: "Ignored"; readonly because: string }
  /** Its client, or what it depends on, is not judged now. */
  | { readonly _tag: "Held"; readonly because: string }
  | { readonly _tag: "Unknown"; readonly because: string }
  /** A rule matches, and its fault is not one that earns strikes by that rule. */
  | { readonly _tag: "NotItsFault"; readonly because: string; readonly rule: StrikeRule }
  | { readonly _tag: "Strikes"; readonly rule: StrikeRule; readonly fault: Fault }
  | { readonly _tag: "NoRule" }

export interface JudgedDownload {
  readonly one: Downloading
  readonly verdict: DownloadVerdict
  /** Why it must stay in its client in any case, with all of its files; `null` = it need not. */
  readonly owed: string | null
}

export interface JudgingContext {
  readonly set: CompiledRuleSet<DownloadFactName, DownloadEffect>
  /** By the id of each client that was read: why its downloads are not judged now; `null` = they are. */
  readonly held: ReadonlyMap<string, string | null>
  /** Lower-case; `null` = none. */
  readonly ignoreTag: string | null
  /** Epoch milliseconds. */
  readonly now: number
}

/** States of an import during which nothing may be taken away. */
export const importing: ReadonlyArray<string | null> = ["importing", "imported"]
/** States in which an application has given up a download. */
export const givenUp: ReadonlyArray<string | null> = ["failedpending", "failed", "ignored"]
/** After an import, an application may still copy extras, link other episodes, or tell others of it. */
export const settledMillis = 900_000

const aboutSpeed: ReadonlyArray<DownloadFactName> = [
  "speed",
  "averageSpeed",
  "etaHours",
  "progressLastDay",
  "movableHours"
]

/** A rule that reads one of these is about whose a download is. */
export const aboutOwner: ReadonlyArray<DownloadFactName> = ["application", "inQueue"]

const judge = (
  one: Downloading,
  sheet: FactSheet<DownloadFactName>,
  { held, ignoreTag, now, set }: JudgingContext,
  strikers: ReadonlyArray<StrikeRule>
): JudgedDownload => {
  const matches = matchesOf(set, targetOf(one), sheet, now)
  const owed = owedBecause(hitAndRunsOf(one, matches))
  return { one, owed, verdict: verdictOf(one, owed, matches, { held, ignoreTag, now }, strikers) }
}

const verdictOf = (
  one: Downloading,
  owed: string | null,
  matches: ReadonlyArray<DownloadMatch>,
  { held, ignoreTag, now }: Omit<JudgingContext, "set">,
  strikers: ReadonlyArray<StrikeRule>
): DownloadVerdict => {
  const ignored = ignoredBecause(one, matches, ignoreTag)
  if (ignored !== null) return { _tag: "Ignored", because: ignored }
  const because = held.get(one.integrationId)
  if (because !== null) return { _tag: "Held", because: because ?? `${one.clientName} has not been read yet` }
  for (const striker of strikers) {
    const match = matches.find(({ rule }) => rule === striker.compiled)
    if (match === undefined) continue
    if (match.truth === "unknown") {
      return {
        _tag: "Unknown",
        because: `it is not known whether the rule "${striker.rule.name}" matches: ${match.unknown.join(", ")}`
      }
    }
    return faultFor(one, striker, owed, now)
  }
  return { _tag: "NoRule" }
}

/** Whether its application is importing it now. */
export const isImporting = ({ ownership }: Pick<Downloading, "ownership">): boolean => {
  const entry = entryOf(ownership)
  return entry !== null && importing.includes(entry.trackedState)
}

/** Why somebody wants it left alone, or may want that; `null` = nobody does. */
export const ignoredBecause = (
  { download: { category, tags } }: Downloading,
  matches: ReadonlyArray<DownloadMatch>,
  ignoreTag: string | null
): string | null => {
  if (ignoreTag !== null && [category, ...(tags ?? [])].some((name) => name?.trim().toLowerCase() === ignoreTag)) {
    return `it is marked "${ignoreTag}"`
  }
  const ignored = matches.find(({ rule }) => rule.effect.name === ignoreEffect)
  if (ignored === undefined) return null
  const { application, rule } = ignored
  return `the rule "${rule.rule.name}" ${application === "applies" ? "ignores it" : "may ignore it"}`
}

const faultFor = (one: Downloading, rule: StrikeRule, owed: string | null, now: number): DownloadVerdict => {
  const entry = entryOf(one.ownership)
  if (isImporting(one)) return { _tag: "NotItsFault", because: "its application is importing it", rule }
  if (entry !== null && isComplete(one.download) && !isImportTrouble(entry) && !givenUp.includes(entry.trackedState)) {
    return { _tag: "NotItsFault", because: "its application has not imported it yet", rule }
  }
  if (rule.action.action === "remove" && entry === null && keepsInClient(one, rule.action, owed)) {
    return { _tag: "NotItsFault", because: owed ?? "it is in no queue, and stays in its client", rule }
  }
  const importedAt = ownerOf(one)?.importedAt ?? null
  if (importedAt !== null && Math.abs(now - Date.parse(importedAt)) < settledMillis) {
    return { _tag: "NotItsFault", because: "its application has imported it only just now", rule }
  }
  const reads = rule.compiled.condition.facts
  if (one.ownership._tag === "Unknown") return { _tag: "Unknown", because: one.ownership.because }
  if (one.ownership._tag === "Nobody" && !reads.some((fact) => aboutOwner.includes(fact))) {
    return { _tag: "NotItsFault", because: "no application knows it, and the rule does not name that case", rule }
  }
  const owners: ReadonlyArray<FaultOwner> = ["release", ...(rule.action.alsoFaultOf ?? [])]
  // What the environment does to it says nothing about the release, whatever else is wrong with it.
  const outer = one.faults.find(({ owner }) => owner === "environment" || owner === "wait")
  if (outer !== undefined) return { _tag: "NotItsFault", because: outer.because, rule }
  const fault = one.faults.find(
    // Every download has some speed: only a rule about speed can find it too low.
    ({ kind, owner }) => owners.includes(owner) && (kind !== "slow" || reads.some((fact) => aboutSpeed.includes(fact)))
  )
  if (fault !== undefined) return { _tag: "Strikes", rule, fault }
  return { _tag: "NotItsFault", because: one.faults[0]?.because ?? "nothing is wrong with it", rule }
}

/**
 * A private torrent, or one of which that is not known, stays in its client unless the rule says otherwise; one that still
 * owes something to its tracker (`owed`) stays in any case.
 */
export const keepsInClient = ({ download }: Downloading, { keepPrivate }: StrikeAction, owed: string | null): boolean =>
  owed !== null || (keepPrivate && download.protocol === "torrent" && download.private !== false)

/** The verdicts about all downloads, in their order. */
export const judgeAll = Effect.fn("Downloads.judge")(function* (
  downloads: ReadonlyArray<Downloading>,
  context: JudgingContext
) {
  const strikers = strikeRules(context.set)
  const judged: Array<JudgedDownload> = []
  yield* forEachSheet(
    downloadRules,
    { things: downloads, idOf: ({ id }) => id, context: null, facts: context.set.facts },
    (one, sheet) => judged.push(judge(one, sheet, context, strikers))
  )
  return judged
})
