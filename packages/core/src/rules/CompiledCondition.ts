/** A compiled condition (Compile.ts). It is evaluated in three values and can be explained (ConditionTrace.ts). */
import type { Fact, FactSheet, FactValue, ViewerPlays } from "../library/Facts.ts"
import type { Issue } from "../problems/Problem.ts"
import type { Condition, ConditionGroup, ConditionLeaf, Logic } from "./Condition.ts"
import type { Field } from "./Field.ts"
import type { FieldComparison } from "./FieldComparison.ts"
import type { Test } from "./Matchers.ts"
import type { Operator } from "./Operators.ts"
import type { Truth } from "./Truth.ts"

/** The location of a part of a condition: `["children", 1, "value"]`. */
export type ConditionPath = Issue["path"]

export interface CompiledLeaf<Name extends string = string> {
  readonly kind: "condition"
  readonly path: ConditionPath
  readonly field: Field<Name>
  readonly operator: Operator
  readonly test: Test
  /** The field with which it is compared, instead of a constant. */
  readonly other: { readonly field: Field<Name>; readonly compare: FieldComparison } | null
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
  if (leaf.other !== null) {
    const to = fieldValue(leaf.other.field, sheet.get(leaf.other.field.fact), sheet, now)
    return truthOfTest(value === undefined || to === undefined ? null : leaf.other.compare(value, to))
  }
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
  if (node.kind === "condition") for (const fact of unknownIn(node, sheet, now)) facts.add(fact)
  else for (const child of node.children) collectUnknown(child, sheet, now, facts, held)
}

/** Of a comparison of two fields, only the fact that is unknown. */
const unknownIn = <Name extends string>(
  leaf: CompiledLeaf<Name>,
  sheet: FactSheet<Name>,
  now: number
): ReadonlyArray<Name> => {
  const facts = fieldsOfLeaf(leaf)
    .filter((field) => fieldValue(field, sheet.get(field.fact), sheet, now) === undefined)
    .map(({ fact }) => fact)
  return facts.length === 0 ? [leaf.field.fact] : facts
}

/** The fields that a leaf reads. */
export const fieldsOfLeaf = <Name extends string>({
  field,
  other
}: Pick<CompiledLeaf<Name>, "field" | "other">): ReadonlyArray<Field<Name>> =>
  other === null ? [field] : [field, other.field]

/** Calls `visit` with every leaf of a tree. */
export const eachLeaf = <Name extends string>(
  node: CompiledNode<Name>,
  visit: (leaf: CompiledLeaf<Name>) => void
): void => {
  if (node.kind === "condition") visit(node)
  else for (const child of node.children) eachLeaf(child, visit)
}
