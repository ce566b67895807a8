/**
 * The names that a rule refers to: of libraries, collections, tags, people and the like, in its scope and its
 * condition. `bearingsOf` finds the things with these names, if the names keep them: when a name is lost, a rule that
 * keeps must stay in effect, and a rule that removes must not remove things that it exempted by the name.
 */
import { Effect, Result } from "effect"
import { type Bearing, bearings, isNamedFact, namesOf, placesOf, sheetOfNames } from "../library/HeldNames.ts"
import type { FactName, FactSheet } from "../library/Facts.ts"
import type { LibraryItem } from "../library/Item.ts"
import { fold } from "../problems/Fold.ts"
import { type CompiledCondition, type CompiledLeaf, leavesOf } from "./CompiledCondition.ts"
import { buildMatcher } from "./Matchers.ts"
import { type Operator, operatorNamed } from "./Operators.ts"
import { type CompiledRule, inScope, type RuleTarget } from "./RuleSet.ts"
import type { RuleLanguage } from "./RuleSubject.ts"

/** Every leaf of the rule's scope and of its condition. */
export const leavesOfRule = <Name extends string>({
  condition,
  scope
}: CompiledRule<Name>): ReadonlyArray<CompiledLeaf<Name>> =>
  [scope, condition].flatMap((part: CompiledCondition<Name> | null) => (part === null ? [] : leavesOf(part)))

/** Which things have which name in which integration, for the facts by whose names some rule keeps things. */
export type Bearers<Name extends string> = ReadonlyMap<Name, ReadonlyMap<string, ReadonlyArray<Bearer>>>

interface Bearer {
  readonly thing: RuleTarget & { readonly id: string }
  readonly place: string
}

/** Collects the names of things, one thing after the other, for all rules about their subject. */
export const collectBearers = <Name extends string>(rules: ReadonlyArray<CompiledRule<Name>>) => {
  const all = new Map<Name, Map<string, Array<Bearer>>>()
  for (const rule of rules) for (const { fact } of askedNames(rule)) all.set(fact, new Map())
  return {
    bearers: all as Bearers<Name>,
    /** `placesOf` = the integrations in which the thing has the name. */
    add: (
      thing: Bearer["thing"],
      sheet: FactSheet<Name>,
      placesOf: (fact: Name, name: string) => ReadonlyArray<string>
    ): void => {
      for (const [fact, byName] of all) {
        for (const name of namesOf(sheet, fact)) {
          const bearers = byName.get(name) ?? []
          for (const place of placesOf(fact, name)) bearers.push({ thing, place })
          byName.set(name, bearers)
        }
      }
    }
  }
}

/** The names of items; iterates over the library once for all rules. */
export const bearersIn = Effect.fnUntraced(function* (
  rules: ReadonlyArray<CompiledRule<FactName>>,
  items: ReadonlyArray<LibraryItem>,
  sheetOf: (item: LibraryItem) => FactSheet
) {
  const { add, bearers } = collectBearers(rules)
  let seen = 0
  for (const item of bearers.size === 0 ? [] : items) {
    if (++seen % itemsAtOnce === 0) yield* Effect.yieldNow
    add(item, sheetOfNames(sheetOf(item)), (fact, name) => (isNamedFact(fact) ? placesOf(item, fact, name) : []))
  }
  return bearers
})

/** Number of items processed before yielding to the event loop. */
const itemsAtOnce = 500

/** The things with the names by which a rule keeps things, in existing integrations. */
export const bearingsOf = <Name extends string>(
  rule: CompiledRule<Name>,
  all: Bearers<Name>,
  integrationIds: ReadonlySet<string>
): ReadonlyArray<Bearing> => {
  const found = bearings()
  // All items of an integration are still known when it is removed, so they need not be listed.
  for (const id of integrationsKept(rule)) if (integrationIds.has(id)) found.add("integration", id, id, null)
  for (const { fact, leaf } of askedNames(rule)) {
    const isMeant = nameTest(leaf, leaf.tree.value)
    for (const [name, bearers] of all.get(fact) ?? []) {
      if (!isMeant(name)) continue
      for (const { place, thing } of bearers) if (inScope(rule, thing)) found.add(fact, name, place, thing.id)
    }
  }
  return found.all()
}

/** Whether a rule keeps things by names, so that all things must be searched for them. */
export const goesByNames = (rule: CompiledRule): boolean =>
  integrationsKept(rule).length > 0 || askedNames(rule).length > 0

/** A rule that removes items of an integration removes nothing more when that integration is gone. */
const integrationsKept = ({
  effect,
  integrationIds
}: Pick<CompiledRule, "effect" | "integrationIds">): ReadonlyArray<string> =>
  effect.keeps ? [...(integrationIds ?? [])] : []

/** The conditions that ask for a name. */
const askedNames = <Name extends string>(rule: CompiledRule<Name>) =>
  leavesOfRule(rule).flatMap((leaf) => (leaf.asksForName ? [{ fact: leaf.field.fact, leaf }] : []))

/** How people call the names of a fact of a subject: "tag". */
export const calledIn =
  ({ fields }: Pick<RuleLanguage, "fields">) =>
  (fact: string): string =>
    fields.find((field) => field.fact === fact)?.named ?? fact

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

/** A name in a condition, and whether it matches a name that exists. */
export interface GivenName {
  readonly fact: string
  readonly text: string
  readonly means: (name: string) => boolean
}

/** The names in a rule, whatever their effect. */
export const namesGiven = (rule: CompiledRule): ReadonlyArray<GivenName> =>
  leavesOfRule(rule).flatMap((leaf): ReadonlyArray<GivenName> => {
    const { field, operator, tree } = leaf
    const { fact } = field
    if (field.named === null || operator.operand === "none") return []
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
