/**
 * All rules together: compiled once, applied to every item. `always-keep` beats everything, whatever the order; the
 * other rules multiply the score. A rule that keeps and cannot be asked leaves the item undecided.
 */
import { Result } from "effect"
import type { ItemKind } from "../integrations/Observations.ts"
import type { FactName, FactSheet } from "../library/Facts.ts"
import type { Issue } from "../problems/Problem.ts"
import { compile, type CompiledCondition, evaluate, type NamesOfItem, unknownFacts } from "./CompiledCondition.ts"
import type { Condition } from "./Condition.ts"
import type { Rule, RuleScope } from "./Rule.ts"
import { applicationOf, keeps, ModifierProduct, modifiers } from "./RuleEffect.ts"
import type { Truth } from "./Truth.ts"

/** What a scope may ask of an item without asking a fact. */
export interface RuleSubject {
  readonly integrationId: string
  readonly kind: ItemKind
  /** Of an item of the library. */
  readonly id?: string
}

export interface CompiledRule {
  readonly rule: Rule
  readonly condition: CompiledCondition
  readonly integrationIds: ReadonlySet<string> | null
  readonly itemKinds: ReadonlySet<ItemKind> | null
  /**
   * Collections and libraries are facts from a media server, so this part of the scope has three values too: an outage
   * must not take a rule that keeps away from the items it is about.
   */
  readonly scope: CompiledCondition | null
  /** By item, the names that it bore and that the rule goes by, and that are lost. */
  readonly held?: ReadonlyMap<string, NamesOfItem>
}

export interface CompiledRuleSet {
  readonly rules: ReadonlyArray<CompiledRule>
  /** Every fact that some rule may ask for. */
  readonly facts: ReadonlyArray<FactName>
}

export interface RuleOutcome {
  /** Product of the modifiers of the rules that apply; finite and above 0, however many there are. */
  readonly modifier: number
  /** An `always-keep` rule holds. */
  readonly kept: boolean
  /** Unknown facts on which rules that keep depend. While there is one the item must not be removed. Empty when kept. */
  readonly undecidedBecause: ReadonlyArray<FactName>
  /** Ids of the rules whose condition is true, in the order of the set. */
  readonly matched: ReadonlyArray<string>
}

/** Rules that are switched off are left out. One fault fails the whole set, because rules must never be lost in silence. */
export const compileRules = (rules: ReadonlyArray<Rule>): Result.Result<CompiledRuleSet, ReadonlyArray<Issue>> => {
  const compiled: Array<CompiledRule> = []
  const issues: Array<Issue> = []
  const facts = new Set<FactName>()
  for (const [index, rule] of rules.entries()) {
    if (!rule.enabled) continue
    const one = compileRule(rule)
    if (Result.isFailure(one)) {
      issues.push(...one.failure.map((issue) => ({ ...issue, path: [index, ...issue.path] })))
      continue
    }
    compiled.push(one.success)
    for (const part of [one.success.condition, one.success.scope]) for (const fact of part?.facts ?? []) facts.add(fact)
  }
  return issues.length > 0 ? Result.fail(issues) : Result.succeed({ rules: compiled, facts: [...facts] })
}

/** Compiles one rule. Paths of issues start at the rule: `["condition", "children", 0, "field"]`. */
export const compileRule = (rule: Rule): Result.Result<CompiledRule, ReadonlyArray<Issue>> => {
  const condition = under("condition", compile(rule.condition, keeps(rule.effect)))
  const scope = compileScope(rule.scope, keeps(rule.effect))
  if (Result.isFailure(condition) || Result.isFailure(scope)) {
    return Result.fail([
      ...(Result.isFailure(condition) ? condition.failure : []),
      ...(Result.isFailure(scope) ? scope.failure : [])
    ])
  }
  return Result.succeed({
    rule,
    condition: condition.success,
    integrationIds: setOf(rule.scope?.integrationIds),
    itemKinds: setOf(rule.scope?.itemKinds),
    scope: scope.success
  })
}

const none: ReadonlyArray<never> = []

/** The quick way: what the rules make of an item. `allowedUnknown` are the facts a person allowed to be unknown. */
export const applyRules = (
  compiled: CompiledRuleSet,
  subject: RuleSubject,
  sheet: FactSheet,
  now: number,
  allowedUnknown: ReadonlySet<FactName>
): RuleOutcome => {
  let product: ModifierProduct | null = null
  let kept = false
  let undecided: Set<FactName> | null = null
  let matched: Array<string> | null = null
  for (const rule of compiled.rules) {
    const truth = inScope(rule, subject) ? truthOfRule(rule, subject, sheet, now) : "false"
    if (truth === "false") continue
    const { effect, id } = rule.rule
    if (truth === "true") {
      matched ??= []
      matched.push(id)
    }
    const application = applicationOf(effect, truth)
    if (application === "does-not-apply") continue
    if (application === "undecided") {
      const missing = missingFacts(rule, subject, sheet, now, allowedUnknown)
      if (missing.length === 0) continue
      undecided ??= new Set()
      for (const fact of missing) undecided.add(fact)
    } else if (effect === "always-keep") kept = true
    product ??= new ModifierProduct()
    product.multiply(modifiers[effect])
  }
  return {
    modifier: product === null ? 1 : product.value,
    kept,
    undecidedBecause: kept || undecided === null ? none : [...undecided],
    matched: matched ?? none
  }
}

/** Whether an item is one that the rule can be about, as far as that needs no fact. */
export const inScope = (rule: CompiledRule, subject: RuleSubject): boolean =>
  (rule.integrationIds === null ||
    rule.integrationIds.has(subject.integrationId) ||
    heldOf(rule, subject)?.has("integration") === true) &&
  (rule.itemKinds === null || rule.itemKinds.has(subject.kind))

/** The names that the rule goes by, that the item bore, and that are lost. */
export const heldOf = (rule: CompiledRule, subject: RuleSubject): NamesOfItem | undefined =>
  rule.held === undefined || subject.id === undefined ? undefined : rule.held.get(subject.id)

/** The rule's value for an item in its scope: the item is where it should be, and the condition holds. */
export const truthOfRule = (rule: CompiledRule, subject: RuleSubject, sheet: FactSheet, now: number): Truth => {
  const held = heldOf(rule, subject)
  const scope = rule.scope === null ? "true" : evaluate(rule.scope, sheet, now, held)
  if (scope === "false") return "false"
  const truth = evaluate(rule.condition, sheet, now, held)
  return scope === "unknown" && truth === "true" ? "unknown" : truth
}

/** All facts because of which a rule is unknown. */
export const unknownFactsOf = (
  rule: CompiledRule,
  subject: RuleSubject,
  sheet: FactSheet,
  now: number
): ReadonlyArray<FactName> => {
  const held = heldOf(rule, subject)
  return [
    ...new Set([
      ...(rule.scope === null ? none : unknownFacts(rule.scope, sheet, now, held)),
      ...unknownFacts(rule.condition, sheet, now, held)
    ])
  ]
}

/** Those of them that nobody allowed. A rule that lacks only allowed facts counts as not matching. */
export const missingFacts = (
  rule: CompiledRule,
  subject: RuleSubject,
  sheet: FactSheet,
  now: number,
  allowedUnknown: ReadonlySet<FactName>
): ReadonlyArray<FactName> => unknownFactsOf(rule, subject, sheet, now).filter((fact) => !allowedUnknown.has(fact))

const compileScope = (
  scope: RuleScope | undefined,
  keeping: boolean
): Result.Result<CompiledCondition | null, ReadonlyArray<Issue>> => {
  const children: Array<Condition> = []
  const lists = { collections: scope?.collections, library: scope?.libraries }
  for (const [field, value] of Object.entries(lists)) {
    if (value !== undefined && value.length > 0) {
      children.push({ kind: "condition", field, operator: "in", value })
    }
  }
  return children.length === 0
    ? Result.succeed(null)
    : under("scope", compile({ kind: "group", logic: "AND", children }, keeping))
}

const under = <A>(key: string, result: Result.Result<A, ReadonlyArray<Issue>>) =>
  Result.mapError(result, (issues) => issues.map((issue) => ({ ...issue, path: [key, ...issue.path] })))

const setOf = <A>(list: ReadonlyArray<A> | undefined): ReadonlySet<A> | null =>
  list === undefined || list.length === 0 ? null : new Set(list)
