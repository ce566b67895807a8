/** Explains the effect of the rules on an item, rule by rule. */
import { Schema } from "effect"
import type { FactName, FactSheet } from "../library/Facts.ts"
import { nameInText } from "../library/HeldNames.ts"
import { factNames } from "../library/ItemFacts.ts"
import { ConditionTrace, trace } from "./ConditionTrace.ts"
import type { NamesHeld } from "./CompiledCondition.ts"
import type { ItemRule, ItemRuleSet } from "./ItemRules.ts"
import { keeps, modifiers, RuleEffect } from "./RuleEffect.ts"
import { applyRules, type RuleOutcome } from "./RuleOutcome.ts"
import { heldOf, inScope, missingFacts, type RuleTarget, truthOfRule, unknownFactsOf } from "./RuleSet.ts"
import { applicationOf } from "./RuleSubject.ts"
import { Truth } from "./Truth.ts"

export const RuleTrace = Schema.Struct({
  ruleId: Schema.String,
  name: Schema.String,
  effect: RuleEffect,
  /** Scope and condition together. `false` for an item of another integration or kind. */
  truth: Truth,
  inScope: Schema.Boolean,
  application: Schema.Literals(["applies", "undecided", "does-not-apply"]),
  /** The factor that it multiplied the score by; 1 if it did not apply. */
  modifier: Schema.Finite,
  /** Facts that made it unknown and that nobody has allowed to be unknown. */
  undecidedBecause: Schema.Array(Schema.Literals(factNames)),
  /** Facts that made it unknown and that a person has allowed to be unknown: the rule then counts as not matching. */
  allowed: Schema.Array(Schema.Literals(factNames)),
  /** The part of the scope that depends on facts (collections, libraries); `null` if there is none. */
  scope: Schema.NullOr(ConditionTrace),
  condition: ConditionTrace,
  sentence: Schema.String
}).annotate({ identifier: "RuleTrace" })
export type RuleTrace = typeof RuleTrace.Type

/** The outcome of `applyRules` with every rule explained. */
export interface TracedRuleOutcome extends RuleOutcome {
  readonly rules: ReadonlyArray<RuleTrace>
}

export const traceRules = (
  compiled: ItemRuleSet,
  target: RuleTarget,
  sheet: FactSheet,
  now: number,
  allowedUnknown: ReadonlySet<FactName>
): TracedRuleOutcome => ({
  ...applyRules(compiled, target, sheet, now, allowedUnknown),
  rules: compiled.rules.map((rule) => traceRule(rule, target, sheet, now, allowedUnknown))
})

const traceRule = (
  compiled: ItemRule,
  target: RuleTarget,
  sheet: FactSheet,
  now: number,
  allowedUnknown: ReadonlySet<FactName>
): RuleTrace => {
  const { effect } = compiled
  const { id, name } = compiled.rule
  const within = inScope(compiled, target)
  const truth = within ? truthOfRule(compiled, target, sheet, now) : "false"
  const unknown = truth === "unknown" ? unknownFactsOf(compiled, target, sheet, now) : []
  const missing = truth === "unknown" ? missingFacts(compiled, target, sheet, now, allowedUnknown) : []
  const held = within ? heldOf(compiled, target) : undefined
  const wouldApply = applicationOf(effect, truth)
  const application = wouldApply === "undecided" && missing.length === 0 ? "does-not-apply" : wouldApply
  return {
    ruleId: id,
    name,
    effect: effect.name,
    truth,
    inScope: within,
    application,
    modifier: application === "does-not-apply" ? 1 : modifiers[effect.name],
    undecidedBecause: application === "undecided" ? missing : [],
    allowed: unknown.filter((fact) => allowedUnknown.has(fact)),
    scope: compiled.scope === null ? null : trace(compiled.scope, sheet, now, held),
    condition: trace(compiled.condition, sheet, now, held),
    sentence: sentenceOf(within, truth, application, unknown, missing) + lostNames(held, truth, effect.name)
  }
}

const sentenceOf = (
  within: boolean,
  truth: Truth,
  application: RuleTrace["application"],
  unknown: ReadonlyArray<FactName>,
  missing: ReadonlyArray<FactName>
): string => {
  if (!within) return "The rule is about items of another integration or kind."
  if (application === "applies") return "The rule applies."
  if (truth === "false") return "The rule does not match."
  if (application === "undecided") {
    return `The rule keeps, and whether it matches is not known (${missing.join(", ")}): the item must not be removed.`
  }
  return missing.length > 0
    ? `Whether the rule matches is not known (${missing.join(", ")}); what removes needs a certain match.`
    : `Whether the rule matches is not known, which was allowed (${unknown.join(", ")}): it counts as not matching.`
}

/** Listed if they are why the rule matches, or for a rule that removes, why it does not. */
const lostNames = (held: NamesHeld<FactName> | undefined, truth: Truth, effect: RuleEffect): string => {
  const keeping = keeps(effect)
  if (held === undefined || (truth === "false") === keeping) return ""
  const names = [...held].flatMap(([what, all]) => all.map((name) => nameInText(what, name)))
  const what = keeping ? "keeps what it kept" : "spares what it spared"
  return ` It names ${names.join(", ")}, which no longer exists, and ${what} until a person has reviewed it.`
}
