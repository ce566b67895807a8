/**
 * Compiles conditions: looks up names, decodes operands, compiles expressions, and reports all errors at once. A
 * compiled condition is evaluated in three values and can be explained (ConditionTrace.ts).
 */
import { Result } from "effect"
import type { Fact, FactSheet, FactValue, ViewerPlays } from "../library/Facts.ts"
import type { Issue } from "../problems/Problem.ts"
import {
  type Condition,
  type ConditionGroup,
  type ConditionLeaf,
  deepestCondition,
  largestCondition,
  type Logic,
  tooDeep
} from "./Condition.ts"
import type { Field } from "./Field.ts"
import { buildMatcher, type Test } from "./Matchers.ts"
import { longestPattern } from "./Operands.ts"
import { nearestOperator, operatorNamed, operatorsOf, type Operator } from "./Operators.ts"
import { costliestCondition, costliestPattern, patternCost } from "./PatternCost.ts"
import type { RuleLanguage } from "./RuleSubject.ts"
import type { Truth } from "./Truth.ts"

/** One error in a condition, and its location: `["children", 1, "value"]`. */
export type ConditionIssue = Issue
export type ConditionPath = Issue["path"]

export interface CompiledLeaf<Name extends string = string> {
  readonly kind: "condition"
  readonly path: ConditionPath
  readonly field: Field<Name>
  readonly operator: Operator
  readonly test: Test
  /** The value that favours keeping a thing: one that supports the condition of a rule that keeps, or opposes another. */
  readonly favours: boolean
  /** Whether it names a library, a tag, a person or the like, and having that name favours keeping a thing. */
  readonly asksForName: boolean
  /** As understood: canonical names, operands with their own types. */
  readonly tree: ConditionLeaf
}
export interface CompiledGroup<Name extends string = string> {
  readonly kind: "group"
  readonly path: ConditionPath
  readonly logic: Logic
  readonly children: ReadonlyArray<CompiledNode<Name>>
  readonly tree: ConditionGroup
}
export type CompiledNode<Name extends string = string> = CompiledLeaf<Name> | CompiledGroup<Name>

/** `Name` is the name of a fact of the subject that the condition is about. */
export interface CompiledCondition<Name extends string = string> {
  readonly root: CompiledNode<Name>
  /** Every fact that it may read. */
  readonly facts: ReadonlyArray<Name>
  /** The condition with canonical names, for storing and showing. */
  readonly tree: Condition
}

/** `keeps` = items that match the condition are kept; if it is false, items that do not match. */
export const compile = <Name extends string>(
  language: RuleLanguage<Name>,
  condition: Condition,
  keeps = true
): Result.Result<CompiledCondition<Name>, ReadonlyArray<ConditionIssue>> => {
  const size = sizeOf(condition)
  if (size > largestCondition) {
    return Result.fail([{ path: [], message: `more than ${largestCondition} conditions and groups` }])
  }
  const costly = costOf(language, condition) > costliestCondition
  if (costly) return Result.fail([{ path: [], message: "the regular expressions together are too large" }])
  const issues: Array<ConditionIssue> = []
  const root = compileNode(language, condition, [], 1, keeps, issues)
  if (root === null || issues.length > 0) return Result.fail(issues)
  const facts = new Set<Name>()
  eachLeaf(root, (leaf) => facts.add(leaf.field.fact))
  return Result.succeed({ root, facts: [...facts], tree: root.tree })
}

/**
 * Lost names that a thing had, by the fact whose values they were: where that favours keeping the thing, it counts as
 * still having them. `integration` is the integration that it belonged to.
 */
export type NamesHeld<Name extends string = string> = ReadonlyMap<Name | "integration", ReadonlyArray<string>>

/** The condition's value for one thing. `now` is epoch milliseconds. */
export const evaluate = <Name extends string>(
  compiled: CompiledCondition<Name>,
  sheet: FactSheet<Name>,
  now: number,
  held?: NamesHeld<Name>
): Truth => evaluateNode(compiled.root, sheet, now, held)

/**
 * The facts that make a condition unknown: those of the unknown leaves that an unknown group actually depends on. Empty
 * if the condition is true or false.
 */
export const unknownFacts = <Name extends string>(
  compiled: CompiledCondition<Name>,
  sheet: FactSheet<Name>,
  now: number,
  held?: NamesHeld<Name>
): ReadonlyArray<Name> => {
  const facts = new Set<Name>()
  collectUnknown(compiled.root, sheet, now, facts, held)
  return [...facts]
}

export const evaluateNode = <Name extends string>(
  node: CompiledNode<Name>,
  sheet: FactSheet<Name>,
  now: number,
  held?: NamesHeld<Name>
): Truth => (node.kind === "condition" ? evaluateLeaf(node, sheet, now, held) : evaluateGroup(node, sheet, now, held))

/** Every leaf of a tree. */
export const leavesOf = <Name extends string>(compiled: CompiledCondition<Name>): ReadonlyArray<CompiledLeaf<Name>> => {
  const leaves: Array<CompiledLeaf<Name>> = []
  eachLeaf(compiled.root, (leaf) => leaves.push(leaf))
  return leaves
}

/**
 * The value of a leaf's field, or `undefined` if it is unknown. A fact that no integration can know is unknown too, with
 * one exception: what things of this kind cannot have at all (the show status of a movie) is known to be none.
 */
export const fieldValue = <Name extends string>(
  field: Field<Name>,
  fact: Fact,
  sheet: FactSheet<Name>,
  now: number
): FactValue | undefined => {
  if (fact._tag === "Known") return field.read(fact.value, now)
  const { kinds } = field
  if (fact._tag === "Unknown" || kinds === null) return undefined
  const kind = sheet.get(kinds.fact)
  return kind._tag === "Known" && !kinds.values.some((one) => one === kind.value) ? null : undefined
}

const evaluateLeaf = <Name extends string>(
  leaf: CompiledLeaf<Name>,
  sheet: FactSheet<Name>,
  now: number,
  held: NamesHeld<Name> | undefined
): Truth => {
  const value = fieldValue(leaf.field, sheet.get(leaf.field.fact), sheet, now)
  const holds = value === undefined ? null : leaf.test(value, now)
  const names =
    held === undefined || holds === leaf.favours || !leaf.asksForName ? undefined : held.get(leaf.field.fact)
  return truthOfTest(names === undefined ? holds : testWithNames(leaf, value ?? null, names, now, holds))
}

const truthOfTest = (holds: boolean | null): Truth => (holds === null ? "unknown" : holds ? "true" : "false")

/** As if the thing had the lost names in addition to its own. When a lost person played it is unknown. */
const testWithNames = (
  { favours, field, test }: CompiledLeaf,
  value: FactValue,
  names: ReadonlyArray<string>,
  now: number,
  without: boolean | null
): boolean | null => {
  const results = valuesWith(field, value, names).map((one) => test(one, now))
  return results.includes(favours) ? favours : results.includes(null) ? null : without
}

const valuesWith = ({ type }: Field, value: FactValue, names: ReadonlyArray<string>): ReadonlyArray<FactValue> => {
  if (type === "string") return names
  const entries: ReadonlyArray<string | ViewerPlays> = Array.isArray(value) ? value : []
  return type === "viewer"
    ? [
        [
          ...entries.filter((entry) => typeof entry !== "string"),
          ...names.map((user) => ({ user, plays: 1, lastPlayedAt: null }))
        ]
      ]
    : [[...entries.filter((entry) => typeof entry === "string"), ...names]]
}

const evaluateGroup = <Name extends string>(
  group: CompiledGroup<Name>,
  sheet: FactSheet<Name>,
  now: number,
  held: NamesHeld<Name> | undefined
): Truth => {
  // A NOT with one child equals NOT AND with one child.
  const decisive: Truth = group.logic === "OR" ? "true" : "false"
  let result: Truth = group.logic === "OR" ? "false" : "true"
  for (const child of group.children) {
    const truth = evaluateNode(child, sheet, now, held)
    if (truth === decisive) {
      result = decisive
      break
    }
    if (truth === "unknown") result = "unknown"
  }
  if (group.logic !== "NOT" || result === "unknown") return result
  return result === "true" ? "false" : "true"
}

const collectUnknown = <Name extends string>(
  node: CompiledNode<Name>,
  sheet: FactSheet<Name>,
  now: number,
  facts: Set<Name>,
  held: NamesHeld<Name> | undefined
): void => {
  if (evaluateNode(node, sheet, now, held) !== "unknown") return
  if (node.kind === "condition") facts.add(node.field.fact)
  else for (const child of node.children) collectUnknown(child, sheet, now, facts, held)
}

const compileNode = <Name extends string>(
  language: RuleLanguage<Name>,
  condition: Condition,
  path: ConditionPath,
  depth: number,
  favours: boolean,
  issues: Array<ConditionIssue>
): CompiledNode<Name> | null => {
  if (depth > deepestCondition) {
    issues.push({ path, message: tooDeep })
    return null
  }
  return condition.kind === "condition"
    ? compileLeaf(language, condition, path, favours, issues)
    : compileGroup(language, condition, path, depth, favours, issues)
}

const compileGroup = <Name extends string>(
  language: RuleLanguage<Name>,
  group: ConditionGroup,
  path: ConditionPath,
  depth: number,
  favours: boolean,
  issues: Array<ConditionIssue>
): CompiledNode<Name> | null => {
  const count = group.children.length
  if (group.logic === "NOT" && count !== 1) {
    issues.push({ path: [...path, "children"], message: `NOT takes exactly one condition, not ${count}` })
  } else if (count === 0) {
    issues.push({ path: [...path, "children"], message: `${group.logic} needs at least one condition` })
  }
  const children: Array<CompiledNode<Name>> = []
  const inner = group.logic === "NOT" ? !favours : favours
  for (const [index, child] of group.children.entries()) {
    const compiled = compileNode(language, child, [...path, "children", index], depth + 1, inner, issues)
    if (compiled !== null) children.push(compiled)
  }
  const tree = { kind: "group", logic: group.logic, children: children.map((child) => child.tree) } as const
  return { kind: "group", path, logic: group.logic, children, tree }
}

const compileLeaf = <Name extends string>(
  language: RuleLanguage<Name>,
  leaf: ConditionLeaf,
  path: ConditionPath,
  favours: boolean,
  issues: Array<ConditionIssue>
): CompiledNode<Name> | null => {
  const field = language.fieldNamed(leaf.field)
  if (field === undefined) {
    const nearest = language.nearestField(leaf.field)
    const guess = nearest === null ? "" : `; did you mean ${nearest}?`
    issues.push({ path: [...path, "field"], message: `there is no field "${leaf.field.slice(0, 60)}"${guess}` })
    return null
  }
  const operator = operatorNamed(field, leaf.operator)
  if (operator === undefined) {
    const nearest = nearestOperator(field, leaf.operator)
    const guess = nearest === null ? "" : ` (did you mean ${nearest}?)`
    const good = operatorsOf(field).map((one) => one.name)
    issues.push({
      path: [...path, "operator"],
      message: `${field.name} does not take "${leaf.operator.slice(0, 60)}"${guess}; it takes ${good.join(", ")}`
    })
    return null
  }
  const matcher = buildMatcher(field, operator, leaf.value, leaf.params ?? {})
  if (Result.isFailure(matcher)) {
    issues.push(...matcher.failure.map((issue) => ({ ...issue, path: [...path, ...issue.path] })))
    return null
  }
  const { params, test, value } = matcher.success
  const tree: ConditionLeaf = {
    kind: "condition",
    field: field.name,
    operator: operator.name,
    ...(value === undefined ? {} : { value }),
    ...(params === undefined ? {} : { params })
  }
  const asksForName = field.named !== null && namesWhen(field, operator) === favours
  return { kind: "condition", path, field, operator, test, favours, asksForName, tree }
}

/** The value of the operator for items with the given name; `null` = it is given no name. */
const namesWhen = (field: Field, operator: Operator): boolean | null => {
  if (field.type !== "string" && field.type !== "strings" && field.type !== "viewer") return null
  if (operator.operand === "none") return null
  return !negative.has(operator.name)
}

const negative: ReadonlySet<Operator["name"]> = new Set([
  "notEquals",
  "notContains",
  "notIn",
  "neverWatched",
  "notWatchedSince"
])

/** The total cost of the patterns in a condition; only operands of operators that take a pattern count. */
const costOf = (language: RuleLanguage, condition: Condition, depth = 1): number => {
  if (depth > deepestCondition) return 0
  if (condition.kind === "group") {
    return condition.children.reduce((sum, child) => sum + costOf(language, child, depth + 1), 0)
  }
  const field = language.fieldNamed(condition.field)
  const operator = field === undefined ? undefined : operatorNamed(field, condition.operator)
  if (operator?.operand !== "pattern" || typeof condition.value !== "string") return 0
  // A pattern that is too long is refused separately, without being parsed.
  return condition.value.length > longestPattern ? 0 : Math.min(patternCost(condition.value), costliestPattern)
}

/** Counts without recursion and stops at the limit, so that no tree can exhaust the stack. */
const sizeOf = (condition: Condition): number => {
  const pending: Array<Condition> = [condition]
  let size = 0
  for (let node = pending.pop(); node !== undefined && size <= largestCondition; node = pending.pop()) {
    size++
    if (node.kind === "group") for (const child of node.children.slice(0, largestCondition + 1)) pending.push(child)
  }
  return size
}

const eachLeaf = <Name extends string>(node: CompiledNode<Name>, visit: (leaf: CompiledLeaf<Name>) => void): void => {
  if (node.kind === "condition") visit(node)
  else for (const child of node.children) eachLeaf(child, visit)
}
