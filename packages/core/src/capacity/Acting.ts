/**
 * Which acting rule acts on an item: the first one, in their precedence, whose condition is true. If an earlier one is
 * unknown, it is not known which rule acts, so that none does.
 */
import { Schema } from "effect"
import type { FactName, FactSheet } from "../library/Facts.ts"
import type { LibraryItem } from "../library/Item.ts"
import { ConditionTrace, reasonOf, trace } from "../rules/ConditionTrace.ts"
import type { ActingRule } from "../rules/ItemRules.ts"
import { RuleAction } from "../rules/RuleAction.ts"
import { factsOfRule, heldOf, inScope, type RuleTarget, truthOfRule, unknownFactsOf } from "../rules/RuleSet.ts"
import { Truth } from "../rules/Truth.ts"
import { decide, type Environment, sheetOf, unsureKeeping, whyEpisodeStays } from "./Decision.ts"
import { whyFolderStays } from "./SamePlace.ts"

/** How one acting rule stands to an item. */
export type ActingMatch =
  | { readonly _tag: "Acts" }
  | { readonly _tag: "NoMatch" }
  /** An earlier rule matches. */
  | { readonly _tag: "Later"; readonly first: ActingRule }
  /** Its condition, or that of an earlier rule, depends on unknown facts. */
  | { readonly _tag: "Unknown"; readonly rule: ActingRule; readonly facts: ReadonlyArray<FactName> }

/** How `rule` stands to an item beside the acting rules in force, which may contain it. `now` is epoch milliseconds. */
export const matchOf = (
  rule: ActingRule,
  acting: ReadonlyArray<ActingRule>,
  item: RuleTarget,
  sheet: FactSheet,
  now: number
): ActingMatch => {
  const truth = truthFor(rule, item, sheet, now)
  if (truth === "false") return { _tag: "NoMatch" }
  if (truth === "unknown") return { _tag: "Unknown", rule, facts: unknownFactsOf(rule, item, sheet, now) }
  for (const other of acting) {
    if (other.rule.id === rule.rule.id) continue
    if (!isBefore(other, rule)) break
    const before = truthFor(other, item, sheet, now)
    if (before === "true") return { _tag: "Later", first: other }
    if (before === "unknown") return { _tag: "Unknown", rule: other, facts: unknownFactsOf(other, item, sheet, now) }
  }
  return { _tag: "Acts" }
}

const truthFor = (rule: ActingRule, item: RuleTarget, sheet: FactSheet, now: number): Truth =>
  inScope(rule, item) ? truthOfRule(rule, item, sheet, now) : "false"

/** Higher priorities come first; of equal ones, the older rule, and one that is not stored yet is the newest. */
const isBefore = (a: ActingRule, b: ActingRule): boolean => {
  if (a.priority !== b.priority) return a.priority > b.priority
  const [one, other] = [Number(a.rule.id), Number(b.rule.id)]
  return Number.isNaN(other) || one < other
}

/** Facts that decide which acting rule acts. */
export const factsOfActing = (rules: Iterable<ActingRule>): ReadonlyArray<FactName> => [
  ...new Set([...rules].flatMap(factsOfRule))
]

/** What an acting rule does with an item that it matches, or why it does nothing. */
export type ActingVerdict =
  | { readonly _tag: "Acts" }
  | { readonly _tag: "NoMatch" }
  | { readonly _tag: "Kept"; readonly because: string }
  | { readonly _tag: "Unknown"; readonly because: string }

/**
 * Keeping rules and protections hold against acting rules as they hold against the engine. What a person has decided
 * about earlier removals is not checked here.
 */
export const judge = (environment: Environment, rule: ActingRule, item: LibraryItem): ActingVerdict => {
  const match = matchOf(rule, environment.rules.acting, item, sheetOf(environment, item), environment.now)
  if (match._tag === "NoMatch") return match
  if (match._tag === "Unknown") {
    const own = match.rule.rule.id === rule.rule.id
    const facts = `${match.facts.join(", ")} unknown`
    return {
      _tag: "Unknown",
      because: own ? facts : `the rule "${match.rule.rule.name}" comes first, and may match: ${facts}`
    }
  }
  if (match._tag === "Later") return kept(`the rule "${match.first.rule.name}" comes first`)
  if (rule.action.type === "report") return { _tag: "Acts" }
  const { because, status } = decide(environment, item)
  if (status === "protected" || status === "kept") return kept(because ?? status)
  if (rule.action.type === "remove") {
    // An episode that takes no part in relieving disks is removed by rules all the same.
    const stays = item.kind === "episode" ? whyEpisodeStays(environment, item) : because
    if (status === "irremovable" && stays !== null) return kept(stays)
    const shared = whyFolderStays(environment, item)
    if (shared !== null) return kept(shared)
  }
  const unsure = unsureKeeping(environment, item)
  if (unsure.length > 0) return { _tag: "Unknown", because: `a rule may keep it: ${unsure.join(", ")} unknown` }
  return rule.action.type === "remove" ? besideInFile(environment, rule, item) : { _tag: "Acts" }
}

/** A file with several episodes is one copy: the rule must match each of them. */
const besideInFile = (environment: Environment, rule: ActingRule, item: LibraryItem): ActingVerdict => {
  if (item.kind !== "episode") return { _tag: "Acts" }
  for (const other of environment.snapshot.sameFileAs(item)) {
    if (other.integrationId !== item.integrationId) continue
    const which = `"${other.title}", which is in the same file`
    const match = matchOf(rule, environment.rules.acting, other, sheetOf(environment, other), environment.now)
    if (match._tag === "NoMatch") return kept(`the rule leaves out ${which}`)
    if (match._tag === "Later") return kept(`the rule "${match.first.rule.name}" comes first for ${which}`)
    if (match._tag === "Unknown") return { _tag: "Unknown", because: `of ${which}: ${match.facts.join(", ")} unknown` }
    const { because, status } = decide(environment, other)
    if (status === "protected" || status === "kept") return kept(`${which}, must be kept: ${because ?? status}`)
    const unsure = unsureKeeping(environment, other)
    if (unsure.length > 0) {
      return { _tag: "Unknown", because: `a rule may keep ${which}: ${unsure.join(", ")} unknown` }
    }
  }
  return { _tag: "Acts" }
}

const kept = (because: string): ActingVerdict => ({ _tag: "Kept", because })

export const ActingTrace = Schema.Struct({
  ruleId: Schema.String,
  name: Schema.String,
  priority: Schema.Int,
  action: RuleAction,
  truth: Truth,
  inScope: Schema.Boolean,
  /** `acts`: it is the first rule that matches, and nothing keeps the item from it. */
  outcome: Schema.Literals(["acts", "kept", "unknown", "does-not-match"]),
  sentence: Schema.String,
  /** The part of the scope that depends on facts (collections, libraries); `null` if there is none. */
  scope: Schema.NullOr(ConditionTrace),
  condition: ConditionTrace
}).annotate({ identifier: "ActingTrace" })
export type ActingTrace = typeof ActingTrace.Type

const outcomes = { Acts: "acts", Kept: "kept", Unknown: "unknown", NoMatch: "does-not-match" } as const

/** Explains how an acting rule stands to an item. `verdict` if it is known already. */
export const traceActing = (
  environment: Environment,
  rule: ActingRule,
  item: LibraryItem,
  verdict: ActingVerdict = judge(environment, rule, item)
): ActingTrace => {
  const sheet = sheetOf(environment, item)
  const { now } = environment
  const held = heldOf(rule, item)
  return {
    ruleId: rule.rule.id,
    name: rule.rule.name,
    priority: rule.priority,
    action: rule.action,
    truth: truthFor(rule, item, sheet, now),
    inScope: inScope(rule, item),
    outcome: outcomes[verdict._tag],
    sentence: sentenceOf(verdict),
    scope: rule.scope === null ? null : trace(rule.scope, sheet, now, held),
    condition: trace(rule.condition, sheet, now, held)
  }
}

const sentenceOf = (verdict: ActingVerdict): string => {
  switch (verdict._tag) {
    case "Acts":
      return "The rule acts on it."
    case "NoMatch":
      return "The rule does not match."
    case "Kept":
      return `The rule matches, and does nothing: ${verdict.because}.`
    case "Unknown":
      return `Whether the rule acts is not known: ${verdict.because}.`
  }
}

/** Why a rule acts on an item, as part of a sentence. */
export const becauseOf = ({ condition, name, truth }: ActingTrace): string =>
  `the rule "${name}" matches: ${reasonOf(condition, truth)}`
