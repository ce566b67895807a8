/** Rules about items of the library: what they may name, and what they do to the items that they match. */
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
    effect("always-keep", "The item stays, whatever else holds."),
    effect("prefer-keep", "It goes much later than others."),
    effect("lean-keep", "It goes somewhat later than others."),
    effect("lean-remove", "It goes somewhat sooner than others."),
    effect("prefer-remove", "It goes much sooner than others."),
    effect("always-remove", "It goes before all others.")
  ],
  scope: { integrationIds: true, itemKinds: true, collections: "collections", libraries: "library" }
})
