/** Rules about items of the library: the fields that they can use, and their effects on matching items. */
import type { FactName } from "../library/Facts.ts"
import type { LibraryItem } from "../library/Item.ts"
import { itemDefinitions } from "../library/ItemFacts.ts"
import type { ItemContext } from "../library/ItemFacts/Definition.ts"
import { keeps, type RuleEffect } from "./RuleEffect.ts"
import type { CompiledRule, CompiledRuleSet } from "./RuleSet.ts"
import { type EffectDefinition, ruleSubject } from "./RuleSubject.ts"

export type ItemRule = CompiledRule<FactName, RuleEffect>
export type ItemRuleSet = CompiledRuleSet<FactName, RuleEffect>

const effect = (name: RuleEffect, description: string): EffectDefinition<RuleEffect> => ({
  name,
  description,
  keeps: keeps(name)
})

export const itemRules = ruleSubject<FactName, RuleEffect, LibraryItem, ItemContext>({
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
    effect("always-remove", "The item is removed before all others.")
  ],
  scope: { integrationIds: true, itemKinds: true, collections: "collections", libraries: "library" }
})
