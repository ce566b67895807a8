/**
 * All rules about one subject together: compiled once, evaluated for every thing. The subject decides what follows from
 * the rules that match (RuleOutcome.ts for items).
 */
import { Result } from "effect"
import type { FactSheet } from "../library/Facts.ts"
import type { Issue } from "../problems/Problem.ts"
import { compile, type CompileOptions } from "./Compile.ts"
import { type CompiledCondition, evaluate, type NamesHeld, unknownFacts } from "./CompiledCondition.ts"
import type { Condition } from "./Condition.ts"
import type { Rule, RuleScope } from "./Rule.ts"
import type { EffectDefinition, RuleLanguage } from "./RuleSubject.ts"
import type { Truth } from "./Truth.ts"

/** What a scope can check about a thing without reading a fact. */
export interface RuleTarget {
  readonly integrationId: string
  readonly kind: string
  /** Absent for a thing that is not stored. */
  readonly id?: string
}

export interface CompiledRule<Name extends string = string, Effect extends string = string> {
  readonly rule: Rule
  readonly effect: EffectDefinition<Effect>
  readonly condition: CompiledCondition<Name>
  readonly integrationIds: ReadonlySet<string> | null
  readonly itemKinds: ReadonlySet<string> | null
  /**
   * Collections and libraries are facts from a media server, so this part of the scope has three values too: an outage
   * must not stop a rule that keeps from applying.
   */
  readonly scope: CompiledCondition<Name> | null
  /** Lost names that the rule refers to, by the id of the thing that had them. */
  readonly held?: ReadonlyMap<string, NamesHeld<Name>>
}

export interface CompiledRuleSet<Name extends string = string, Effect extends string = string> {
  readonly subject: RuleLanguage<Name, Effect>
  readonly rules: ReadonlyArray<CompiledRule<Name, Effect>>
  /** Every fact that some rule may read. */
  readonly facts: ReadonlyArray<Name>
}

/** Disabled rules are left out. A single error fails the whole set, because no rule may be dropped silently. */
export const compileRules = <Name extends string, Effect extends string>(
  subject: RuleLanguage<Name, Effect>,
  rules: ReadonlyArray<Rule>,
  options: Pick<CompileOptions, "zone"> = {}
): Result.Result<CompiledRuleSet<Name, Effect>, ReadonlyArray<Issue>> => {
  const compiled: Array<CompiledRule<Name, Effect>> = []
  const issues: Array<Issue> = []
  for (const [index, rule] of rules.entries()) {
    if (!rule.enabled) continue
    const one = compileRule(subject, rule, options)
    if (Result.isFailure(one)) issues.push(...one.failure.map((issue) => ({ ...issue, path: [index, ...issue.path] })))
    else compiled.push(one.success)
  }
  if (issues.length > 0) return Result.fail(issues)
  return Result.succeed({ subject, rules: compiled, facts: [...new Set(compiled.flatMap(factsOfRule))] })
}

/** Compiles one rule. Paths of issues start at the rule: `["condition", "children", 0, "field"]`. */
export const compileRule = <Name extends string, Effect extends string>(
  subject: RuleLanguage<Name, Effect>,
  rule: Rule,
  options: Pick<CompileOptions, "zone"> = {}
): Result.Result<CompiledRule<Name, Effect>, ReadonlyArray<Issue>> => {
  const effect = readEffect(subject, rule.effect)
  // What a rule only reports is kept from the acting rules that come after it.
  const keeps = Result.isSuccess(effect) && (effect.success.keeps || rule.action?.type === "report")
  const misplaced = Result.isSuccess(effect) ? actionIssues(subject, effect.success, rule) : []
  const condition = under("condition", compile(subject, rule.condition, { keeps, ...options }))
  const scope = under("scope", compileScope(subject, rule.scope ?? {}, keeps))
  if (Result.isFailure(effect) || Result.isFailure(condition) || Result.isFailure(scope) || misplaced.length > 0) {
    return Result.fail([
      ...(Result.isFailure(effect) ? effect.failure : []),
      ...misplaced,
      ...(Result.isFailure(condition) ? condition.failure : []),
      ...(Result.isFailure(scope) ? scope.failure : [])
    ])
  }
  return Result.succeed({
    rule,
    effect: effect.success,
    condition: condition.success,
    integrationIds: setOf(rule.scope?.integrationIds),
    itemKinds: setOf(rule.scope?.itemKinds),
    scope: scope.success
  })
}

/** A rule that acts has an action; any other rule has neither an action nor a priority. */
const actionIssues = (
  { effects }: RuleLanguage,
  { acts, name }: EffectDefinition,
  { action, priority }: Rule
): ReadonlyArray<Issue> => {
  if (acts !== undefined) {
    if (action === undefined) return [{ path: ["action"], message: `the effect ${name} needs an action` }]
    return acts.includes(action.type)
      ? []
      : [{ path: ["action", "type"], message: `must be ${acts.join(" or ")} for the effect ${name}` }]
  }
  const acting = effects.find((effect) => effect.acts !== undefined)?.name
  const message =
    acting === undefined
      ? `a rule with the effect ${name} has none`
      : `a rule with the effect ${name} has none; only ${acting} takes it`
  return [
    ...(action === undefined ? [] : [{ path: ["action"], message }]),
    ...(priority === undefined ? [] : [{ path: ["priority"], message }])
  ]
}

/** Every fact that a rule may read. */
export const factsOfRule = <Name extends string>({ condition, scope }: CompiledRule<Name>): ReadonlyArray<Name> => [
  ...new Set([...condition.facts, ...(scope?.facts ?? [])])
]

/** Whether the scope names single episodes: without that, a rule acts on their seasons or shows. */
export const namesEpisodes = ({ itemKinds }: Pick<CompiledRule, "itemKinds">): boolean =>
  itemKinds?.has("episode") === true

/** Whether a thing is in the scope of the rule, as far as that needs no fact. */
export const inScope = (
  rule: Pick<CompiledRule, "integrationIds" | "itemKinds" | "held">,
  target: RuleTarget
): boolean =>
  (rule.integrationIds === null ||
    rule.integrationIds.has(target.integrationId) ||
    heldOf(rule, target)?.has("integration") === true) &&
  (rule.itemKinds === null || rule.itemKinds.has(target.kind))

/** The lost names that the rule refers to and that the thing had. */
export const heldOf = <Name extends string>(
  rule: Pick<CompiledRule<Name>, "held">,
  target: RuleTarget
): NamesHeld<Name> | undefined =>
  rule.held === undefined || target.id === undefined ? undefined : rule.held.get(target.id)

/** The rule's value for a thing: scope and condition together. */
export const truthOfRule = <Name extends string>(
  rule: CompiledRule<Name>,
  target: RuleTarget,
  sheet: FactSheet<Name>,
  now: number
): Truth => {
  const held = heldOf(rule, target)
  const scope = rule.scope === null ? "true" : evaluate(rule.scope, sheet, now, held)
  if (scope === "false") return "false"
  const truth = evaluate(rule.condition, sheet, now, held)
  return scope === "unknown" && truth === "true" ? "unknown" : truth
}

/** All facts that make a rule unknown. */
export const unknownFactsOf = <Name extends string>(
  rule: CompiledRule<Name>,
  target: RuleTarget,
  sheet: FactSheet<Name>,
  now: number
): ReadonlyArray<Name> => {
  const held = heldOf(rule, target)
  return [
    ...new Set([
      ...(rule.scope === null ? [] : unknownFacts(rule.scope, sheet, now, held)),
      ...unknownFacts(rule.condition, sheet, now, held)
    ])
  ]
}

/** The unknown facts that are not allowed to be unknown. A rule that lacks only allowed facts counts as not matching. */
export const missingFacts = <Name extends string>(
  rule: CompiledRule<Name>,
  target: RuleTarget,
  sheet: FactSheet<Name>,
  now: number,
  allowedUnknown: ReadonlySet<string>
): ReadonlyArray<Name> => unknownFactsOf(rule, target, sheet, now).filter((fact) => !allowedUnknown.has(fact))

/** The effect with the name that a rule specifies. */
export const readEffect = <Effect extends string>(
  subject: RuleLanguage<string, Effect>,
  name: string
): Result.Result<EffectDefinition<Effect>, ReadonlyArray<Issue>> => {
  const effect = subject.effectNamed(name)
  if (effect !== undefined) return Result.succeed(effect)
  const nearest = subject.nearestEffect(name)
  const guess = nearest === null ? "" : `; did you mean ${nearest}?`
  const all = subject.effects.map((one) => one.name).join(", ")
  const message = `rules about ${subject.title} have no effect "${name.slice(0, 60)}"${guess}${nearest === null ? "; " : " "}there are ${all}`
  return Result.fail([{ path: ["effect"], message }])
}

const compileScope = <Name extends string>(
  subject: RuleLanguage<Name>,
  scope: RuleScope,
  keeping: boolean
): Result.Result<CompiledCondition<Name> | null, ReadonlyArray<Issue>> => {
  const children: Array<Condition> = []
  const issues: Array<Issue> = []
  for (const key of scopeKeys) {
    const value = scope[key]
    if (value === undefined || value.length === 0) continue
    const by = subject.scope[key]
    if (by === undefined)
      issues.push({ path: [key], message: `rules about ${subject.title} cannot be narrowed by this` })
    else if (by !== true) children.push({ kind: "condition", field: by, operator: "in", value })
  }
  if (issues.length > 0) return Result.fail(issues)
  return children.length === 0
    ? Result.succeed(null)
    : compile(subject, { kind: "group", logic: "AND", children }, { keeps: keeping })
}

const scopeKeys = ["integrationIds", "itemKinds", "collections", "libraries"] as const satisfies ReadonlyArray<
  keyof RuleScope
>

const under = <A>(key: string, result: Result.Result<A, ReadonlyArray<Issue>>) =>
  Result.mapError(result, (issues) => issues.map((issue) => ({ ...issue, path: [key, ...issue.path] })))

const setOf = (list: ReadonlyArray<string> | undefined): ReadonlySet<string> | null =>
  list === undefined || list.length === 0 ? null : new Set(list)
