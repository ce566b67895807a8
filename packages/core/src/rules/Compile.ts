/** Compiles conditions: looks up names, decodes operands, compiles expressions, and reports all errors at once. */
import { type DateTime, Result } from "effect"
import type { Issue } from "../problems/Problem.ts"
import {
  type CompiledCondition,
  type CompiledLeaf,
  type CompiledNode,
  type ConditionPath,
  fieldsOfLeaf,
  eachLeaf
} from "./CompiledCondition.ts"
import {
  type Condition,
  type ConditionGroup,
  type ConditionLeaf,
  deepestCondition,
  largestCondition,
  tooDeep
} from "./Condition.ts"
import type { Field } from "./Field.ts"
import { compareFields } from "./FieldComparison.ts"
import { buildMatcher, negativeOfViewers } from "./Matchers.ts"
import { longestPattern, utc } from "./Operands.ts"
import { nearestOperator, operatorNamed, operatorsOf, type Operator } from "./Operators.ts"
import { costliestCondition, costliestPattern, patternCost } from "./PatternCost.ts"
import type { RuleLanguage } from "./RuleSubject.ts"

export interface CompileOptions {
  /** Items that match the condition are kept (default); if it is false, items that do not match. */
  readonly keeps?: boolean
  /** The zone of days; UTC by default. */
  readonly zone?: DateTime.TimeZone
}

export const compile = <Name extends string>(
  language: RuleLanguage<Name>,
  condition: Condition,
  { keeps = true, zone = utc }: CompileOptions = {}
): Result.Result<CompiledCondition<Name>, ReadonlyArray<Issue>> => {
  const size = sizeOf(condition)
  if (size > largestCondition) {
    return Result.fail([{ path: [], message: `more than ${largestCondition} conditions and groups` }])
  }
  const costly = costOf(language, condition) > costliestCondition
  if (costly) return Result.fail([{ path: [], message: "the regular expressions together are too large" }])
  const issues: Array<Issue> = []
  const root = compileNode({ language, zone, issues }, condition, [], 1, keeps)
  if (root === null || issues.length > 0) return Result.fail(issues)
  const facts = new Set<Name>()
  eachLeaf(root, (leaf) => {
    for (const field of fieldsOfLeaf(leaf)) facts.add(field.fact)
  })
  return Result.succeed({ root, facts: [...facts], tree: root.tree })
}

interface Compiling<Name extends string> {
  readonly language: RuleLanguage<Name>
  readonly zone: DateTime.TimeZone
  readonly issues: Array<Issue>
}

const compileNode = <Name extends string>(
  compiling: Compiling<Name>,
  condition: Condition,
  path: ConditionPath,
  depth: number,
  favours: boolean
): CompiledNode<Name> | null => {
  if (depth > deepestCondition) {
    compiling.issues.push({ path, message: tooDeep })
    return null
  }
  return condition.kind === "condition"
    ? compileLeaf(compiling, condition, path, favours)
    : compileGroup(compiling, condition, path, depth, favours)
}

const compileGroup = <Name extends string>(
  compiling: Compiling<Name>,
  group: ConditionGroup,
  path: ConditionPath,
  depth: number,
  favours: boolean
): CompiledNode<Name> | null => {
  const { issues } = compiling
  const count = group.children.length
  if (group.logic === "NOT" && count !== 1) {
    issues.push({ path: [...path, "children"], message: `NOT takes exactly one condition, not ${count}` })
  } else if (count === 0) {
    issues.push({ path: [...path, "children"], message: `${group.logic} needs at least one condition` })
  }
  const children: Array<CompiledNode<Name>> = []
  const inner = group.logic === "NOT" ? !favours : favours
  for (const [index, child] of group.children.entries()) {
    const compiled = compileNode(compiling, child, [...path, "children", index], depth + 1, inner)
    if (compiled !== null) children.push(compiled)
  }
  const tree = { kind: "group", logic: group.logic, children: children.map((child) => child.tree) } as const
  return { kind: "group", path, logic: group.logic, children, tree }
}

/** The field with a name, or an issue. */
const fieldIn = <Name extends string>(
  { issues, language }: Compiling<Name>,
  name: string,
  path: ConditionPath
): Field<Name> | null => {
  const field = language.fieldNamed(name)
  if (field !== undefined) return field
  const nearest = language.nearestField(name)
  const guess = nearest === null ? "" : `; did you mean ${nearest}?`
  issues.push({ path, message: `there is no field "${name.slice(0, 60)}"${guess}` })
  return null
}

const compileLeaf = <Name extends string>(
  compiling: Compiling<Name>,
  leaf: ConditionLeaf,
  path: ConditionPath,
  favours: boolean
): CompiledNode<Name> | null => {
  const { issues, zone } = compiling
  const field = fieldIn(compiling, leaf.field, [...path, "field"])
  if (field === null) return null
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
  if (leaf.otherField !== undefined) return compileOther(compiling, leaf, { field, operator, path, favours })
  const matcher = buildMatcher(field, operator, leaf.value, leaf.params ?? {}, zone)
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
  return { kind: "condition", path, field, operator, test, other: null, favours, asksForName, tree }
}

/** A comparison of two fields. It is given no name, so no lost name keeps anything by it. */
const compileOther = <Name extends string>(
  compiling: Compiling<Name>,
  { otherField = "", value }: ConditionLeaf,
  leaf: Pick<CompiledLeaf<Name>, "field" | "operator" | "path" | "favours">
): CompiledNode<Name> | null => {
  const { field, operator, path } = leaf
  const at = [...path, "otherField"]
  const other = fieldIn(compiling, otherField, at)
  if (other === null) return null
  const compare = compareFields(field, operator, other, compiling.zone)
  if (typeof compare === "string" || (value !== undefined && value !== null)) {
    compiling.issues.push({ path: at, message: typeof compare === "string" ? compare : "give either this or a value" })
    return null
  }
  const tree: ConditionLeaf = {
    kind: "condition",
    field: field.name,
    operator: operator.name,
    otherField: other.name
  }
  return { ...leaf, kind: "condition", test: () => null, other: { field: other, compare }, asksForName: false, tree }
}

/** The value of the operator for items with the given name; `null` = it is given no name. */
const namesWhen = (field: Field, operator: Operator): boolean | null => {
  if (field.type !== "string" && field.type !== "strings" && field.type !== "viewer") return null
  if (operator.operand === "none" || operator.operand === "count") return null
  return !negative.has(operator.name)
}

const negative: ReadonlySet<Operator["name"]> = new Set(["notEquals", "notContains", "notIn", ...negativeOfViewers])

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
