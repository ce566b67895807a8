/**
 * Maintainerr's conditions as ours. There, a comparison with a missing value never matches; here, negative ones do, so
 * that they become "there is a value, and it is another one". What has no exact equivalent is refused by name.
 */
import { Result } from "effect"
import { type Condition, type ConditionLeaf, largestCondition } from "../../../rules/Condition.ts"
import { isoOfMillis } from "../../../problems/Instants.ts"
import { type Fields, isFields } from "../../Records.ts"
import { type MappedProperty, type Property, propertyAt, propertyNamed } from "./Properties.ts"

export type Level = "movie" | "show" | "season"

/** By their numbers in the database. */
export const comparisons = [
  "BIGGER",
  "SMALLER",
  "EQUALS",
  "NOT_EQUALS",
  "CONTAINS",
  "BEFORE",
  "AFTER",
  "IN_LAST",
  "IN_NEXT",
  "NOT_CONTAINS",
  "CONTAINS_PARTIAL",
  "NOT_CONTAINS_PARTIAL",
  "CONTAINS_ALL",
  "NOT_CONTAINS_ALL",
  "COUNT_EQUALS",
  "COUNT_NOT_EQUALS",
  "COUNT_BIGGER",
  "COUNT_SMALLER",
  "EXISTS",
  "NOT_EXISTS"
] as const
export type Comparison = (typeof comparisons)[number]

export type Logic = "AND" | "OR"

export interface MaintainerrCondition {
  readonly section: number
  /** How it is joined to what is before it in its section, or its section to the sections before; `null` = not given. */
  readonly operator: Logic | null
  readonly first: Property
  readonly comparison: string
  readonly other: Property | null
  readonly value: Operand | null
  /** Why it cannot be read. */
  readonly fault: string | null
  readonly text: string
}

/** `days` counts back from now, or ahead. */
export type Operand =
  | { readonly type: "number"; readonly value: number }
  | { readonly type: "date"; readonly millis: number }
  | { readonly type: "text"; readonly values: ReadonlyArray<string> }
  | { readonly type: "boolean"; readonly value: boolean }

// --- reading ------------------------------------------------------------------------------------------------------------

/** A condition of the database (`ruleJson`). */
export const conditionOf = (json: unknown, section: number): MaintainerrCondition => {
  const fields: Fields = isFields(json) ? json : {}
  const at = (name: string): Property | null => {
    const pair = fields[name]
    return Array.isArray(pair) && pair.length === 2 ? propertyAt(Number(pair[0]), Number(pair[1])) : null
  }
  const first = at("firstVal")
  const comparison = comparisons[Number(fields["action"])]
  const custom = isFields(fields["customVal"]) ? fields["customVal"] : null
  return {
    section,
    operator: operatorIn(fields["operator"]),
    first: first ?? { name: "?", mapped: null },
    comparison: comparison ?? String(fields["action"]),
    other: at("lastVal"),
    value: custom === null ? null : operandOf(typeIds[Number(custom["ruleTypeId"])] ?? "", custom["value"]),
    fault:
      first === null
        ? "it names no property"
        : typeof fields["arrDiskPath"] === "string" && fields["arrDiskPath"] !== ""
          ? "it is about one disk path"
          : null,
    text: JSON.stringify(fields)
  }
}

const typeIds = ["number", "date", "text", "boolean", "text_list"]

const operatorIn = (given: unknown): Logic | null =>
  given === null || given === undefined || given === ""
    ? null
    : String(given) === "0" || String(given).toUpperCase() === "AND"
      ? "AND"
      : "OR"

/** A condition of an export. */
export const namedConditionOf = (entry: unknown, section: number): MaintainerrCondition => {
  const fields: Fields = isFields(entry) ? entry : {}
  const text = (name: string): string | null => (typeof fields[name] === "string" ? fields[name] : null)
  const custom = isFields(fields["customValue"]) ? fields["customValue"] : null
  const first = text("firstValue")
  const other = text("lastValue")
  return {
    section,
    operator: operatorIn(fields["operator"]),
    first: first === null ? { name: "?", mapped: null } : propertyNamed(first),
    comparison: (text("action") ?? "?").toUpperCase(),
    other: other === null ? null : propertyNamed(other),
    value:
      custom === null ? null : operandOf(String(custom["type"]).toLowerCase().replaceAll(" ", "_"), custom["value"]),
    fault: first === null ? "it names no property" : text("arrDiskPath") === null ? null : "it is about one disk path",
    text: JSON.stringify(fields)
  }
}

const operandOf = (type: string, value: unknown): Operand | null => {
  const text = String(value ?? "")
  const number = Number(text)
  switch (type) {
    case "number":
      return text !== "" && Number.isFinite(number) ? { type: "number", value: number } : null
    case "custom_days":
      return text !== "" && Number.isFinite(number) ? { type: "number", value: number * daySeconds } : null
    case "date": {
      const millis = text.includes("-") ? Date.parse(text) : number * 1000
      return text !== "" && Number.isFinite(millis) ? { type: "date", millis } : null
    }
    case "bool":
    case "boolean":
      return { type: "boolean", value: text === "1" || text === "true" }
    case "text":
    case "text_list":
      return { type: "text", values: textsOf(value) }
    default:
      return null
  }
}

const daySeconds = 86_400

const textsOf = (value: unknown): ReadonlyArray<string> => {
  if (Array.isArray(value)) return value.map(String)
  const text = String(value ?? "")
  if (!text.trim().startsWith("[")) return [text]
  try {
    const parsed: unknown = JSON.parse(text)
    return Array.isArray(parsed) ? parsed.map(String) : [text]
  } catch {
    return [text]
  }
}

// --- to ours --------------------------------------------------------------------------------------------------------------

export interface Translated {
  readonly condition: Condition
  readonly notes: ReadonlyArray<string>
}

/**
 * The conditions of a rule group. Within a section they are joined one after the other; so are the sections. A missing
 * operator is read as AND, which matches less.
 */
export const toCondition = (
  given: ReadonlyArray<MaintainerrCondition>,
  level: Level
): Result.Result<Translated, ReadonlyArray<string>> => {
  // Each change between AND and OR nests what is before it: a long chain would exhaust the stack before it is refused.
  if (given.length > largestCondition) {
    return Result.fail([`it has ${given.length} conditions, and a rule here has at most ${largestCondition}`])
  }
  const lost: Array<string> = []
  const notes = new Set<string>()
  let whole: Condition | null = null
  let section: { readonly joined: Logic; readonly number: number; condition: Condition } | null = null
  const close = () => {
    if (section !== null) whole = whole === null ? section.condition : joined(section.joined, whole, section.condition)
  }
  for (const one of given) {
    const leaf = leafOf(one, level)
    if (Result.isFailure(leaf)) {
      lost.push(`${leaf.failure}: ${one.text}`)
      continue
    }
    if (one.first.mapped?.note !== undefined) notes.add(one.first.mapped.note)
    if (section === null || section.number !== one.section) {
      if (section !== null && one.operator === null) {
        notes.add("a section without an operator is joined by AND here; versions of Maintainerr differ")
      }
      close()
      section = { joined: one.operator ?? "AND", number: one.section, condition: leaf.success }
    } else {
      section.condition = joined(one.operator ?? "AND", section.condition, leaf.success)
    }
  }
  close()
  if (lost.length > 0) return Result.fail(lost)
  return whole === null
    ? Result.fail(["it has no conditions, so that it would match everything"])
    : Result.succeed({ condition: whole, notes: [...notes] })
}

const joined = (logic: Logic, before: Condition, next: Condition): Condition =>
  before.kind === "group" && before.logic === logic
    ? { ...before, children: [...before.children, next] }
    : { kind: "group", logic, children: [before, next] }

type Leaf = Result.Result<Condition, string>

const leafOf = ({ comparison, fault, first, other, value }: MaintainerrCondition, level: Level): Leaf => {
  if (fault !== null) return Result.fail(fault)
  const { mapped } = first
  if (mapped === null) return Result.fail(`${first.name} has no equivalent`)
  if (mapped.levels !== undefined && !mapped.levels.includes(level)) {
    return Result.fail(`${first.name} has no equivalent for a ${level}`)
  }
  if (mapped.only !== undefined && !mapped.only.includes(comparison)) {
    return Result.fail(`${comparison} of ${first.name} has no equivalent`)
  }
  if (comparison === "EXISTS" || comparison === "NOT_EXISTS") return Result.succeed(existence(mapped, comparison))
  if (other !== null) return comparedWith(mapped, comparison, first, other)
  const unknown = Result.fail(`${comparison} of ${first.name} has no equivalent for this value`)
  if (value === null) return unknown
  const found =
    mapped.type === "number"
      ? ofNumber(mapped, comparison, value)
      : mapped.type === "date"
        ? ofDate(mapped, comparison, value)
        : mapped.type === "boolean"
          ? ofBoolean(mapped, comparison, value)
          : mapped.type === "text"
            ? ofText(mapped, comparison, value)
            : ofList(mapped, comparison, value)
  return found === null ? unknown : Result.succeed(found)
}

const leaf = (field: string, operator: string, value?: ConditionLeaf["value"]): ConditionLeaf => ({
  kind: "condition",
  field,
  operator,
  ...(value === undefined ? {} : { value })
})
const group = (logic: "AND" | "OR" | "NOT", ...children: ReadonlyArray<Condition>): Condition =>
  children.length === 1 && logic !== "NOT" ? children[0]! : { kind: "group", logic, children }

/** The negative comparison of a value that must be there. */
const present = (field: string, condition: Condition): Condition => group("AND", leaf(field, "isNotEmpty"), condition)

const existence = ({ countField, field }: MappedProperty, comparison: "EXISTS" | "NOT_EXISTS"): Condition =>
  countField === undefined
    ? leaf(field, comparison === "EXISTS" ? "isNotEmpty" : "isEmpty")
    : leaf(countField, comparison === "EXISTS" ? "greaterThan" : "equals", 0)

const numeric: Readonly<Record<string, string>> = {
  BIGGER: "greaterThan",
  SMALLER: "lessThan",
  EQUALS: "equals",
  NOT_EQUALS: "notEquals"
}

const ofNumber = ({ factor = 1, field }: MappedProperty, comparison: string, operand: Operand): Condition | null => {
  const operator = numeric[comparison]
  if (operator === undefined || operand.type !== "number") return null
  const condition = leaf(field, operator, operand.value * factor)
  return comparison === "NOT_EQUALS" ? present(field, condition) : condition
}

const ofDate = (mapped: MappedProperty, comparison: string, operand: Operand): Condition | null => {
  const { field, neverIsBefore = false } = mapped
  if (operand.type === "number") {
    const days = operand.value / daySeconds
    if (days < 0) return null
    if (comparison === "IN_LAST") return leaf(field, "inLast", days)
    if (comparison === "IN_NEXT") return leaf(field, "inNext", days)
    // What never happened is longer ago here than any number of days.
    if (comparison === "BEFORE") {
      return neverIsBefore ? leaf(field, "overAgo", days) : present(field, leaf(field, "overAgo", days))
    }
    return null
  }
  if (operand.type !== "date") return null
  const at = (millis: number) => isoOfMillis(millis)
  switch (comparison) {
    case "BEFORE": {
      const before = leaf(field, "before", at(operand.millis + 1))
      return neverIsBefore ? group("OR", leaf(field, "isEmpty"), before) : before
    }
    case "AFTER":
      return leaf(field, "after", at(operand.millis - 1))
    case "EQUALS":
      return leaf(field, "equals", at(operand.millis))
    case "NOT_EQUALS":
      return present(field, leaf(field, "notEquals", at(operand.millis)))
    default:
      return null
  }
}

const ofBoolean = ({ field }: MappedProperty, comparison: string, operand: Operand): Condition | null => {
  const value = operand.type === "boolean" ? operand.value : operand.type === "number" ? operand.value === 1 : undefined
  if (value === undefined) return null
  if (comparison === "EQUALS") return leaf(field, "equals", value)
  return comparison === "NOT_EQUALS" ? leaf(field, "equals", !value) : null
}

const ofText = (mapped: MappedProperty, comparison: string, operand: Operand): Condition | null => {
  const { field, values } = mapped
  if (operand.type !== "text" || operand.values.some((text) => text === "")) return null
  const translated = operand.values.map((text) => values?.[text.toLowerCase()] ?? text)
  // Another name of a value that is only a part of it would match something else.
  const isKnown = values === undefined || operand.values.every((text) => Object.hasOwn(values, text.toLowerCase()))
  const any = (operator: string) => group("OR", ...translated.map((text) => leaf(field, operator, text)))
  const none = (operator: string) =>
    present(field, group("AND", ...translated.map((text) => leaf(field, operator, text))))
  switch (comparison) {
    case "EQUALS":
      return isKnown && translated.length === 1 ? any("equals") : null
    case "NOT_EQUALS":
      return isKnown && translated.length === 1 ? none("notEquals") : null
    case "CONTAINS":
    case "CONTAINS_PARTIAL":
      return values === undefined ? any("contains") : null
    case "NOT_CONTAINS":
    case "NOT_CONTAINS_PARTIAL":
      return values === undefined ? none("notContains") : null
    default:
      return null
  }
}

const counts: Readonly<Record<string, readonly [count: string, number: string]>> = {
  COUNT_EQUALS: ["countEquals", "equals"],
  COUNT_NOT_EQUALS: ["countNotEquals", "notEquals"],
  COUNT_BIGGER: ["countGreaterThan", "greaterThan"],
  COUNT_SMALLER: ["countLessThan", "lessThan"]
}

const ofList = ({ countField, field }: MappedProperty, comparison: string, operand: Operand): Condition | null => {
  const counting = counts[comparison]
  if (counting !== undefined) {
    const count = operand.type === "number" ? operand.value : operand.type === "text" ? operand.values.length : null
    if (count === null) return null
    return countField === undefined ? leaf(field, counting[0], count) : leaf(countField, counting[1], count)
  }
  if (operand.type !== "text" || operand.values.some((text) => text === "")) return null
  const { values } = operand
  const partly = group("OR", ...values.map((text) => leaf(field, "contains", text)))
  switch (comparison) {
    case "CONTAINS":
      return leaf(field, "containsAny", values)
    case "NOT_CONTAINS":
      return group("NOT", leaf(field, "containsAny", values))
    case "CONTAINS_PARTIAL":
      return partly
    case "NOT_CONTAINS_PARTIAL":
      return group("NOT", partly)
    case "CONTAINS_ALL":
      return leaf(field, "containsAll", values)
    case "NOT_CONTAINS_ALL":
      return group("NOT", leaf(field, "containsAll", values))
    // One person may have several names here.
    case "EQUALS":
      return countField === undefined ? leaf(field, "sameAs", values) : null
    case "NOT_EQUALS":
      return countField === undefined ? group("NOT", leaf(field, "sameAs", values)) : null
    default:
      return null
  }
}

const between: Readonly<Record<string, string>> = { ...numeric, BEFORE: "before", AFTER: "after" }

/** A comparison of two properties. */
const comparedWith = (mapped: MappedProperty, comparison: string, first: Property, other: Property): Leaf => {
  const operator = between[comparison]
  const to = other.mapped
  const isSame = to !== null && to.type === mapped.type && (to.factor ?? 1) === (mapped.factor ?? 1)
  const isComparable = mapped.type === "number" || mapped.type === "date"
  if (operator === undefined || to === null || !isSame || !isComparable || mapped.only !== undefined) {
    return Result.fail(`${comparison} of ${first.name} and ${other.name} has no equivalent`)
  }
  const condition: Condition = { kind: "condition", field: mapped.field, operator, otherField: to.field }
  const known = group("AND", leaf(mapped.field, "isNotEmpty"), leaf(to.field, "isNotEmpty"), condition)
  return Result.succeed(known)
}
