/** Why a condition is true, false or unknown for one thing, node by node, readable by people and sent as JSON. */
import { Schema } from "effect"
import type { FactSheet, FactValue } from "../library/Facts.ts"
import {
  type CompiledCondition,
  type CompiledLeaf,
  type CompiledNode,
  evaluateNode,
  fieldValue,
  type NamesHeld
} from "./CompiledCondition.ts"
import { ConditionLeaf, type Logic, logics } from "./Condition.ts"
import { FactReading, readFact } from "./FactReading.ts"
import { Truth } from "./Truth.ts"

const Path = Schema.Array(Schema.Union([Schema.String, Schema.Finite]))

export const LeafTrace = Schema.Struct({
  kind: Schema.Literal("condition"),
  /** Its location in the tree: `["children", 1]`. */
  path: Path,
  truth: Truth,
  field: Schema.String,
  operator: Schema.String,
  /** The operand as understood. */
  expected: ConditionLeaf.fields.value,
  params: ConditionLeaf.fields.params,
  /** The field with which it is compared, and its value, if it is no constant. */
  otherField: ConditionLeaf.fields.otherField,
  other: Schema.optionalKey(FactReading),
  /** The field's value; `null` if it is none, never or unknown. */
  actual: FactReading.fields.value,
  /** The fact that the field reads, with its source and time, or the reason why it is unknown. */
  fact: FactReading,
  /** The same in words. */
  sentence: Schema.String
}).annotate({ identifier: "ConditionLeafTrace" })
export type LeafTrace = typeof LeafTrace.Type

export interface GroupTrace {
  readonly kind: "group"
  readonly path: ReadonlyArray<string | number>
  readonly truth: Truth
  readonly logic: Logic
  readonly children: ReadonlyArray<ConditionTrace>
}
export type ConditionTrace = LeafTrace | GroupTrace

export const ConditionTrace: Schema.Codec<ConditionTrace> = Schema.Union([
  LeafTrace,
  Schema.Struct({
    kind: Schema.Literal("group"),
    path: Path,
    truth: Truth,
    logic: Schema.Literals(logics),
    children: Schema.Array(Schema.suspend(() => ConditionTrace))
  }).annotate({ identifier: "ConditionGroupTrace" })
]).annotate({ identifier: "ConditionTrace" })

/**
 * Explains every node, including those that did not affect the result. The truth value of the root equals that of
 * `evaluate`.
 */
export const trace = <Name extends string>(
  compiled: CompiledCondition<Name>,
  sheet: FactSheet<Name>,
  now: number,
  held?: NamesHeld<Name>
): ConditionTrace => traceNode(compiled.root, sheet, now, held)

const traceNode = <Name extends string>(
  node: CompiledNode<Name>,
  sheet: FactSheet<Name>,
  now: number,
  held: NamesHeld<Name> | undefined
): ConditionTrace => {
  if (node.kind === "condition") return traceLeaf(node, sheet, now, held)
  const children = node.children.map((child) => traceNode(child, sheet, now, held))
  return { kind: "group", path: node.path, truth: evaluateNode(node, sheet, now, held), logic: node.logic, children }
}

const traceLeaf = <Name extends string>(
  leaf: CompiledLeaf<Name>,
  sheet: FactSheet<Name>,
  now: number,
  held: NamesHeld<Name> | undefined
): LeafTrace => {
  const { field, tree } = leaf
  const truth = evaluateNode(leaf, sheet, now, held)
  const value = fieldValue(field, sheet.get(field.fact), sheet, now)
  const fact = readFact(sheet, field.fact)
  const other = leaf.other === null ? null : leaf.other.field
  const otherFact = other === null ? null : readFact(sheet, other.fact)
  return {
    kind: "condition",
    path: leaf.path,
    truth,
    field: field.name,
    operator: leaf.operator.name,
    ...(tree.value === undefined ? {} : { expected: tree.value }),
    ...(tree.params === undefined ? {} : { params: tree.params }),
    ...(other === null || otherFact === null ? {} : { otherField: other.name, other: otherFact }),
    actual: value === undefined || value === Number.POSITIVE_INFINITY ? null : value,
    fact,
    sentence:
      truth === evaluateNode(leaf, sheet, now)
        ? sentenceOf(
            leaf,
            truth,
            value,
            value === undefined || otherFact === null ? fact : otherFact,
            otherText(leaf, sheet, now)
          )
        : `${outcomes[truth]}, by a name that is no longer there: ${askedOf(leaf)}. It ${actualOf(leaf, value)}.`
  }
}

/** What the other field of a comparison is: ` (which is 5 days)`. */
const otherText = <Name extends string>({ other }: CompiledLeaf<Name>, sheet: FactSheet<Name>, now: number): string => {
  if (other === null) return ""
  const value = fieldValue(other.field, sheet.get(other.field.fact), sheet, now)
  return value === undefined ? "" : ` (which ${actualOf(other, value)})`
}

const sentenceOf = (
  leaf: CompiledLeaf,
  truth: Truth,
  value: FactValue | undefined,
  fact: FactReading,
  other: string
): string => {
  const asked = `${askedOf(leaf)}${other}`
  if (truth === "unknown") {
    const why = fact.detail ?? (value === undefined ? "its value cannot be read" : "a play has no date")
    return `${outcomes.unknown}: ${asked}. ${why}`
  }
  return `${outcomes[truth]}: ${asked}. It ${actualOf(leaf, value)}.`
}

/** Not in the words of the operators: "is false: false" is hard to read. */
const outcomes: { readonly [T in Truth]: string } = { true: "Met", false: "Not met", unknown: "Unknown" }

const askedOf = ({ field, operator, other, tree }: CompiledLeaf): string => {
  if (other !== null) return `${field.title} ${operator.phrase} ${other.field.title}`
  const person = tree.params?.user === undefined ? "" : ` ${tree.params.user}`
  const figure = figureOf(tree.params ?? {})
  const unit = operator.operand === "days" ? " days" : field.unit === null ? "" : ` ${field.unit}`
  const expected = tree.value === undefined || tree.value === null ? "" : ` ${shown(tree.value)}${unit}`
  return `${field.title} ${operator.phrase}${expected}${person}${figure}`
}

const figureOf = ({ count, days, minutes }: NonNullable<ConditionLeaf["params"]>): string => {
  if (days !== undefined) return ` (${days} days)`
  if (count !== undefined) return ` (${count} plays)`
  return minutes === undefined ? "" : ` (${minutes} minutes)`
}

const actualOf = ({ field }: { readonly field: CompiledLeaf["field"] }, value: FactValue | undefined): string => {
  if (value === undefined || value === null) return field.never ? "never was" : "is none"
  if (value === Number.POSITIVE_INFINITY) return "never was"
  return `is ${shown(value)}${field.unit === null ? "" : ` ${field.unit}`}`
}

const shown = (value: Exclude<FactValue, null> | ReadonlyArray<string | number>): string => {
  if (typeof value === "number") return String(Math.round(value * 100) / 100)
  if (typeof value !== "object") return String(value)
  if (value.length === 0) return "none"
  const entries = value
    .slice(0, 10)
    .map((entry) => (typeof entry === "object" ? `${entry.user} (${entry.plays})` : String(entry)))
  return entries.join(", ") + (value.length > entries.length ? `, and ${value.length - entries.length} more` : "")
}

/** The sentences of the leaves whose truth value equals that of the whole. */
export const reasonOf = (traced: ConditionTrace, truth: Truth): string =>
  leavesOfTrace(traced)
    .filter((leaf) => leaf.truth === truth)
    .map(({ sentence }) => (truth === "true" ? sentence.replace(/^Met: /, "") : sentence))
    .map((sentence, index, all) => (index === all.length - 1 ? sentence : sentence.replace(/\.$/, "")))
    .join("; ")

const leavesOfTrace = (traced: ConditionTrace): ReadonlyArray<Extract<ConditionTrace, { kind: "condition" }>> =>
  traced.kind === "condition" ? [traced] : traced.children.flatMap(leavesOfTrace)
