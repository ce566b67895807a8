/** What the engine makes of one item at one moment, and from what it came to that. */
import type { LiveIntegration } from "../integrations/Integrations.ts"
import { wholeKindOf } from "../integrations/Observations.ts"
import type { FactName, FactSheet } from "../library/Facts.ts"
import type { Counting } from "../library/Counting.ts"
import type { LibraryItem } from "../library/Item.ts"
import { factSheet } from "../library/ItemFacts.ts"
import type { Protecting } from "../library/Protections.ts"
import type { Snapshot } from "../library/Snapshots.ts"
import type { SourceContext } from "../library/SourceContext.ts"
import { applyRules, type CompiledRuleSet, inScope, missingFacts, truthOfRule } from "../rules/RuleSet.ts"
import type { TieBreaker } from "../settings/SettingsGroups.ts"
import type { DiskGroup } from "./DiskGroup.ts"
import type { Factor } from "./Factors.ts"
import { rankOf, score } from "./Score.ts"
import type { Weights } from "./ScoreWeights.ts"

/** Everything a decision depends on, taken at one moment. */
export interface Environment {
  readonly now: number
  readonly snapshot: Snapshot
  /** What counts as an item, and how items are summed. */
  readonly counting: Counting
  readonly sources: SourceContext
  readonly rules: CompiledRuleSet
  readonly factors: ReadonlyArray<Factor>
  readonly weights: Weights
  readonly protecting: Protecting
  readonly groups: ReadonlyMap<string, DiskGroup>
  readonly live: ReadonlyMap<string, LiveIntegration>
  readonly tieBreaker: TieBreaker
}

export const decisionStatuses = ["candidate", "undecided", "kept", "protected", "irremovable"] as const
export type DecisionStatus = (typeof decisionStatuses)[number]

export interface Decision {
  readonly item: LibraryItem
  readonly status: DecisionStatus
  /** 0..1, provisional while undecided. */
  readonly score: number
  /** Score times the modifiers of the rules; 0 for what a rule keeps. */
  readonly rank: number
  readonly undecidedBecause: ReadonlyArray<FactName>
  /** Why it is no candidate, in one sentence; `null` for candidates. */
  readonly because: string | null
}

const nothing: ReadonlySet<FactName> = new Set()

export const sheetOf = (environment: Environment, item: LibraryItem): FactSheet =>
  factSheet(item, environment.sources, environment.snapshot)

export const allowedUnknownOf = (environment: Environment, item: LibraryItem): ReadonlySet<FactName> => {
  const allowed = item.diskGroupId === null ? undefined : environment.groups.get(item.diskGroupId)?.allowedUnknown
  return allowed === undefined || allowed.length === 0 ? nothing : new Set(allowed)
}

export const decide = (environment: Environment, item: LibraryItem): Decision => {
  const sheet = sheetOf(environment, item)
  const allowed = allowedUnknownOf(environment, item)
  const rules = applyRules(environment.rules, item, sheet, environment.now, allowed)
  const scored = score(sheet, item.kind, environment.weights, environment.factors, environment.now, allowed)
  const base = { item, score: scored.score, rank: rankOf(scored.score, rules) }
  const protection = environment.protecting(item)
  if (protection !== undefined) {
    return {
      ...base,
      status: "protected",
      undecidedBecause: [],
      because: `Protected by ${protection.actor}: ${protection.reason || protection.title}`
    }
  }
  if (rules.kept) return { ...base, status: "kept", undecidedBecause: [], because: "A rule always keeps it" }
  const irremovable = whyIrremovable(environment, item)
  if (irremovable !== null) return { ...base, status: "irremovable", undecidedBecause: [], because: irremovable }
  const catalog = environment.sources.catalog(item.integrationId)
  const undecided = [
    ...new Set([
      ...scored.undecided,
      ...rules.undecidedBecause,
      ...(catalog._tag === "Fresh" ? [] : (["sizeBytes"] as const))
    ])
  ]
  if (undecided.length > 0) {
    return { ...base, status: "undecided", undecidedBecause: undecided, because: whyUndecided(sheet, undecided) }
  }
  return { ...base, status: "candidate", undecidedBecause: [], because: null }
}

/** Facts for want of which nobody can say whether a rule always keeps the item; those a person allowed are left out. */
export const unsureKeeping = (environment: Environment, item: LibraryItem): ReadonlyArray<FactName> => {
  const sheet = sheetOf(environment, item)
  const allowed = allowedUnknownOf(environment, item)
  const facts = environment.rules.rules
    .filter((rule) => rule.rule.effect === "always-keep" && inScope(rule, item))
    .filter((rule) => truthOfRule(rule, sheet, environment.now) === "unknown")
    .flatMap((rule) => missingFacts(rule, sheet, environment.now, allowed))
  return [...new Set(facts)]
}

/**
 * Removing a whole removes its parts (a show its seasons, an artist the albums, an author the books), so one of the two
 * is the unit, and which one the integration's options say.
 */
const whyIrremovable = (environment: Environment, item: LibraryItem): string | null => {
  const live = environment.live.get(item.integrationId)
  if (live === undefined) return "Its integration is switched off"
  const removal = live.connected.removal
  if (removal === undefined || !live.can("removal")) return `${live.integration.name} removes nothing`
  if (!removal.kinds.includes(item.kind)) return `${live.integration.name} cannot remove a ${item.kind}`
  const { wholeShows } = live.integration.options
  const whole = wholeKindOf(item.kind)
  if (whole !== null && wholeShows) return `Whole ${whole}s are removed, not ${item.kind}s`
  const [part] = wholeShows ? [] : environment.snapshot.childrenOf(item)
  if (part !== undefined) {
    return removal.kinds.includes(part.kind)
      ? `Its ${part.kind}s are removed one by one`
      : `${live.integration.name} removes whole ${item.kind}s, which its option wholeShows has to say`
  }
  return item.sizeBytes > 0 ? null : "It has no files"
}

/** Facts that lack for the same reason are named together. */
const whyUndecided = (sheet: FactSheet, facts: ReadonlyArray<FactName>): string => {
  const byReason = new Map<string, ReadonlyArray<FactName>>()
  for (const name of facts) {
    const fact = sheet.get(name)
    const reason = fact._tag === "Unknown" ? fact.detail : "no source knows it"
    byReason.set(reason, [...(byReason.get(reason) ?? []), name])
  }
  return [...byReason]
    .map(([reason, names]) => `${names.join(", ")} ${names.length === 1 ? "is" : "are"} unknown (${reason})`)
    .join("; ")
}
