/**
 * Comparisons of a field with another field of the same type, instead of a constant. If either is none, only `notEquals`
 * can hold: exactly if the other one is not none.
 */
import { type DateTime } from "effect"
import type { FactValue } from "../library/Facts.ts"
import { fold } from "../problems/Fold.ts"
import { factMillis } from "../problems/Instants.ts"
import type { Field } from "./Field.ts"
import { comparison, listComparisons, textsOf } from "./Matchers.ts"
import { dayOf } from "./Operands.ts"
import type { Operator, OperatorName } from "./Operators.ts"

/** Whether the operator holds between two values; `null` = one of them cannot be read. */
export type FieldComparison = (given: FactValue, other: FactValue) => boolean | null

/** Operators that take another field. */
const comparing: ReadonlySet<OperatorName> = new Set([
  "equals",
  "notEquals",
  "greaterThan",
  "greaterThanOrEqual",
  "lessThan",
  "lessThanOrEqual",
  "before",
  "after",
  "contains",
  "notContains",
  "startsWith",
  "endsWith",
  "containsAny",
  "containsAll",
  "sameAs"
])

/** The comparison, or what is wrong with it: the operator takes no other field, or one of another type. */
export const compareFields = (
  field: Field,
  operator: Operator,
  other: Field,
  zone: DateTime.TimeZone
): FieldComparison | string => {
  if (!comparing.has(operator.name)) return `${operator.name} compares with a value, not with another field`
  if (field.type === "viewer" || other.type !== field.type) {
    return `${field.name} (${field.type}) cannot be compared with ${other.name} (${other.type})`
  }
  if (field.unit !== other.unit) {
    return `${field.name} (${field.unit ?? "no unit"}) and ${other.name} (${other.unit ?? "no unit"}) have different units`
  }
  const compare = comparisonOf[field.type](operator, zone)
  if (compare === undefined) return `${operator.name} does not compare ${field.type} with another field`
  const isUnequal = operator.name === "notEquals"
  return (given, to) => {
    if (isNone(given) || isNone(to)) return isUnequal && isNone(given) !== isNone(to)
    return compare(given, to)
  }
}

const isNone = (value: FactValue): value is null =>
  value === null || value === "" || (Array.isArray(value) && value.length === 0)

type Comparing = (operator: Operator, zone: DateTime.TimeZone) => FieldComparison | undefined

const numbers: Comparing = (operator) => (given, to) =>
  typeof given === "number" && typeof to === "number" ? comparison(operator, to)(given) : null

const booleans: Comparing =
  ({ name }) =>
  (given, to) =>
    typeof given === "boolean" && typeof to === "boolean" ? (given === to) !== (name === "notEquals") : null

const texts: Comparing = ({ name }) => {
  const test = textTests[name]
  return test === undefined
    ? undefined
    : (given, to) => (typeof given === "string" && typeof to === "string" ? test(fold(given), fold(to)) : null)
}

const textTests: Readonly<Partial<Record<OperatorName, (given: string, to: string) => boolean>>> = {
  equals: (given, to) => given === to,
  notEquals: (given, to) => given !== to,
  contains: (given, to) => given.includes(to),
  notContains: (given, to) => !given.includes(to),
  startsWith: (given, to) => given.startsWith(to),
  endsWith: (given, to) => given.endsWith(to)
}

const lists: Comparing = ({ name }) => {
  const test = listComparisons[name]
  if (test === undefined) return undefined
  return (given, to) => {
    const [one, other] = [textsOf(given), textsOf(to)]
    return one === null || other === null ? null : test(new Set(one.map(fold)), new Set(other.map(fold)))
  }
}

const dates: Comparing =
  ({ name }, zone) =>
  (given, to) => {
    const [one, other] = [millisOf(given), millisOf(to)]
    if (one === null || other === null) return null
    if (name === "before") return one < other
    if (name === "after") return one > other
    const [start, end] = dayOf({ text: "", millis: other }, zone)
    return (one >= start && one < end) !== (name === "notEquals")
  }

const millisOf = (value: FactValue): number | null => (typeof value === "string" ? factMillis(value) : null)

const comparisonOf: Readonly<Record<Exclude<Field["type"], "viewer">, Comparing>> = {
  string: texts,
  strings: lists,
  number: numbers,
  boolean: booleans,
  date: dates
}
