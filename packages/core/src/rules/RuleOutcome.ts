/**
 * The combined effect of the rules on an item. `always-keep` takes precedence, whatever the order; the other rules
 * multiply the score. A rule that keeps and cannot be evaluated leaves the item undecided.
 */
import type { FactName, FactSheet } from "../library/Facts.ts"
import type { ItemRuleSet } from "./ItemRules.ts"
import { ModifierProduct, modifiers } from "./RuleEffect.ts"
import { inScope, missingFacts, type RuleTarget, truthOfRule } from "./RuleSet.ts"
import { applicationOf } from "./RuleSubject.ts"

export interface RuleOutcome {
  /** Product of the modifiers of the rules that apply; finite and above 0, however many there are. */
  readonly modifier: number
  /** An `always-keep` rule applies. */
  readonly kept: boolean
  /**
   * Unknown facts that rules which keep depend on. While there is one, the item must not be removed. Empty if the item
   * is kept.
   */
  readonly undecidedBecause: ReadonlyArray<FactName>
  /** Ids of the rules whose condition is true, in the order of the set. */
  readonly matched: ReadonlyArray<string>
}

const none: ReadonlyArray<never> = []

/** The fast path, without a trace. `allowedUnknown` are the facts that a person allowed to be unknown. */
export const applyRules = (
  compiled: ItemRuleSet,
  target: RuleTarget,
  sheet: FactSheet,
  now: number,
  allowedUnknown: ReadonlySet<FactName>
): RuleOutcome => {
  let product: ModifierProduct | null = null
  let kept = false
  let undecided: Set<FactName> | null = null
  let matched: Array<string> | null = null
  for (const rule of compiled.rules) {
    const truth = inScope(rule, target) ? truthOfRule(rule, target, sheet, now) : "false"
    if (truth === "false") continue
    const { effect } = rule
    if (truth === "true") {
      matched ??= []
      matched.push(rule.rule.id)
    }
    const application = applicationOf(effect, truth)
    if (application === "does-not-apply") continue
    if (application === "undecided") {
      const missing = missingFacts(rule, target, sheet, now, allowedUnknown)
      if (missing.length === 0) continue
      undecided ??= new Set()
      for (const fact of missing) undecided.add(fact)
    } else if (effect.name === "always-keep") kept = true
    product ??= new ModifierProduct()
    product.multiply(modifiers[effect.name])
  }
  return {
    modifier: product === null ? 1 : product.value,
    kept,
    undecidedBecause: kept || undecided === null ? none : [...undecided],
    matched: matched ?? none
  }
}
