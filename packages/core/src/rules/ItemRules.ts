/** Rules about items of the library: the fields that they can use, and their effects on matching items. */
import type { FactName } from "../library/Facts.ts"
import type { LibraryItem } from "../library/Item.ts"
import { itemDefinitions } from "../library/ItemFacts.ts"
import type { ItemContext } from "../library/ItemFacts/Definition.ts"
import { isItemAction } from "./Rule.ts"
import { actEffect, type ItemEffect, keeps, type RuleEffect } from "./RuleEffect.ts"
import type { RuleAction } from "./RuleAction.ts"
import { type CompiledRule, type CompiledRuleSet, factsOfRule } from "./RuleSet.ts"
import { type EffectDefinition, ruleSubject } from "./RuleSubject.ts"

/** A rule that weighs or keeps. */
export type ItemRule = CompiledRule<FactName, RuleEffect>

/** A rule that acts, whatever the disks. */
export interface ActingRule extends CompiledRule<FactName, typeof actEffect> {
  readonly action: RuleAction
  readonly priority: number
}

export interface ItemRuleSet extends Omit<CompiledRuleSet<FactName, ItemEffect>, "rules"> {
  /** Those that weigh or keep. `facts` are theirs. */
  readonly rules: ReadonlyArray<ItemRule>
  /** In their precedence: of those that match an item, the first one acts. */
  readonly acting: ReadonlyArray<ActingRule>
}

const effect = (name: RuleEffect, description: string): EffectDefinition<RuleEffect> => ({
  name,
  description,
  keeps: keeps(name)
})

export const itemRules = ruleSubject<FactName, ItemEffect, LibraryItem, ItemContext>({
  name: "item",
  title: "items",
  facts: itemDefinitions,
  kind: "kind",
  effects: [
    effect("always-keep", "The item is kept, whatever else applies."),
    effect("prefer-keep", "The item is removed much later than others."),
    effect("lean-keep", "The item is removed somewhat later than others."),
    effect("lean-remove", "The item is removed somewhat sooner than others."),
    effect("prefer-remove", "The item is removed much sooner than others."),
    effect("always-remove", "The item is removed before all others."),
    {
      name: actEffect,
      description: "The rule acts by itself on the item, as its action says, whether or not a disk is too full.",
      keeps: false,
      acts: ["report", "remove", "change"]
    }
  ],
  scope: { integrationIds: true, itemKinds: true, collections: "collections", libraries: "library" }
})

/** Separates the rules that act from the others. */
export const splitRules = (set: CompiledRuleSet<FactName, ItemEffect>): ItemRuleSet => {
  const rules: Array<ItemRule> = []
  const acting: Array<ActingRule> = []
  for (const rule of set.rules) {
    const one = actingRule(rule)
    if (one !== null) acting.push(one)
    else if (isWeighing(rule)) rules.push(rule)
  }
  const { subject } = set
  return { subject, rules, facts: [...new Set(rules.flatMap(factsOfRule))], acting: acting.toSorted(byPrecedence) }
}

/** The rule with its action; `null` if it does not act. */
export const actingRule = (rule: CompiledRule<FactName, ItemEffect>): ActingRule | null => {
  const { effect, rule: stored } = rule
  if (effect.name !== actEffect || !isItemAction(stored.action)) return null
  return { ...rule, effect: { ...effect, name: effect.name }, action: stored.action, priority: stored.priority ?? 0 }
}

/** Higher priorities first; of equal ones, the older rule. */
const byPrecedence = (a: ActingRule, b: ActingRule): number =>
  b.priority - a.priority || Number(a.rule.id) - Number(b.rule.id)

const isWeighing = (rule: CompiledRule<FactName, ItemEffect>): rule is ItemRule => rule.effect.name !== actEffect
