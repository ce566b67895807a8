/**
 * The names that a rule refers to: of libraries, collections, tags, people and the like, in its scope and its
 * condition. `bearingsOf` finds the items with these names, if the names keep them: when a name is lost, a rule that
 * keeps must stay in effect, and a rule that removes must not remove items that it exempted by the name.
 */
import { Effect, Result } from "effect"
import { type Bearing, bearings, isNamedFact, type NamedFact, namesOf, placesOf } from "../library/HeldNames.ts"
import type { FactSheet } from "../library/Facts.ts"
import type { LibraryItem } from "../library/Item.ts"
import { fold } from "../problems/Fold.ts"
import { type CompiledCondition, type CompiledLeaf, leavesOf } from "./CompiledCondition.ts"
import type { ItemRule } from "./ItemRules.ts"
import { buildMatcher } from "./Matchers.ts"
import { type Operator, operatorNamed } from "./Operators.ts"
import { type CompiledRule, inScope } from "./RuleSet.ts"

/** Every leaf of the rule's scope and of its condition. */
export const leavesOfRule = <Name extends string>({
  condition,
  scope
}: CompiledRule<Name>): ReadonlyArray<CompiledLeaf<Name>> =>
  [scope, condition].flatMap((part: CompiledCondition<Name> | null) => (part === null ? [] : leavesOf(part)))

/** Which items have which name in which integration, for the facts by whose names some rule keeps items. */
export type Bearers = ReadonlyMap<NamedFact, ReadonlyMap<string, ReadonlyArray<Bearer>>>

interface Bearer {
  readonly item: LibraryItem
  readonly place: string
}

/** Iterates over the library once for all rules. */
export const bearersIn = Effect.fnUntraced(function* (
  rules: ReadonlyArray<ItemRule>,
  items: ReadonlyArray<LibraryItem>,
  sheetOf: (item: LibraryItem) => FactSheet
) {
  const all = new Map<NamedFact, Map<string, Array<Bearer>>>()
  for (const rule of rules) for (const { fact } of askedNames(rule)) all.set(fact, new Map())
  let seen = 0
  for (const item of all.size === 0 ? [] : items) {
    if (++seen % itemsAtOnce === 0) yield* Effect.yieldNow
    const sheet = sheetOf(item)
    for (const [fact, byName] of all) {
      for (const name of namesOf(sheet, fact)) {
        const bearers = byName.get(name) ?? []
        for (const place of placesOf(item, fact, name)) bearers.push({ item, place })
        byName.set(name, bearers)
      }
    }
  }
  const bearers: Bearers = all
  return bearers
})

/** Number of items processed before yielding to the event loop. */
const itemsAtOnce = 500

/** The items with the names by which a rule keeps items, in existing integrations. */
export const bearingsOf = (
  rule: ItemRule,
  all: Bearers,
  integrationIds: ReadonlySet<string>
): ReadonlyArray<Bearing> => {
  const found = bearings()
  // All items of an integration are still known when it is removed, so they need not be listed.
  for (const id of integrationsKept(rule)) if (integrationIds.has(id)) found.add("integration", id, id, null)
  for (const { fact, leaf } of askedNames(rule)) {
    const isMeant = nameTest(leaf, leaf.tree.value)
    for (const [name, bearers] of all.get(fact) ?? []) {
      if (!isMeant(name)) continue
      for (const { item, place } of bearers) if (inScope(rule, item)) found.add(fact, name, place, item.id)
    }
  }
  return found.all()
}

/** Whether a rule keeps items by names, so that the library must be searched for them. */
export const goesByNames = (rule: ItemRule): boolean => integrationsKept(rule).length > 0 || askedNames(rule).length > 0

/** A rule that removes items of an integration removes nothing more when that integration is gone. */
const integrationsKept = ({ effect, integrationIds }: ItemRule): ReadonlyArray<string> =>
  effect.keeps ? [...(integrationIds ?? [])] : []

const askedNames = (rule: ItemRule) =>
  leavesOfRule(rule).flatMap((leaf) => {
    const { fact } = leaf.field
    return leaf.asksForName && isNamedFact(fact) ? [{ fact, leaf }] : []
  })

/** The positive form of each operator on one name. */
const nameTest = ({ field, operator, tree }: CompiledLeaf, value: unknown): ((name: string) => boolean) => {
  if (field.type === "viewer") {
    const user = fold(tree.params?.user ?? "")
    return (name) => fold(name) === user
  }
  const positive = operatorNamed(field, positives[operator.name] ?? operator.name) ?? operator
  const matcher = buildMatcher(field, positive, value, {})
  if (Result.isFailure(matcher)) return () => false
  const { test } = matcher.success
  return (name) => test(field.type === "strings" ? [name] : name, 0) === true
}

const positives: Partial<Record<Operator["name"], Operator["name"]>> = {
  notEquals: "equals",
  notContains: "contains",
  notIn: "in",
  containsAll: "containsAny"
}

/** A name in a condition, and whether it matches a name of the library. */
export interface GivenName {
  readonly fact: NamedFact
  readonly text: string
  readonly means: (name: string) => boolean
}

/** The names in a rule, whatever their effect. */
export const namesGiven = (rule: ItemRule): ReadonlyArray<GivenName> =>
  leavesOfRule(rule).flatMap((leaf): ReadonlyArray<GivenName> => {
    const { field, operator, tree } = leaf
    const { fact } = field
    if (!isNamedFact(fact) || operator.operand === "none") return []
    if (field.type === "viewer") return [{ fact, text: tree.params?.user ?? "", means: nameTest(leaf, undefined) }]
    if (field.type !== "string" && field.type !== "strings") return []
    const { value } = tree
    const listed = Array.isArray(value)
    const entries: ReadonlyArray<unknown> = listed ? value : [value]
    return entries.map((entry) => ({
      fact,
      text: String(entry),
      means: nameTest(leaf, listed ? [entry] : entry)
    }))
  })
