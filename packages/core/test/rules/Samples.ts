/** Fact sheets, conditions and generators for the tests of rules and scores. */
import { Result } from "effect"
import * as fc from "fast-check"
import {
  type Fact,
  type FactName,
  type FactSheet,
  type FactValue,
  inapplicable,
  known
} from "../../src/library/Facts.ts"
import { factNames, itemFacts } from "../../src/library/ItemFacts.ts"
import { compile } from "../../src/rules/Compile.ts"
import type { CompiledCondition } from "../../src/rules/CompiledCondition.ts"
import type { Condition, ConditionGroup, ConditionLeaf, Logic } from "../../src/rules/Condition.ts"
import type { Field } from "../../src/rules/Field.ts"
import { itemRules } from "../../src/rules/ItemRules.ts"
import { type Operator, operatorsOf } from "../../src/rules/Operators.ts"

export const now = Date.parse("2026-06-01T12:00:00.000Z")
export const at = new Date(now).toISOString()
const dayMillis = 86_400_000

/** The date the given number of days before `now`. */
export const daysAgo = (days: number): string => new Date(now - days * dayMillis).toISOString()

export const unknown: Fact = { _tag: "Unknown", reason: "source-down", detail: "Plex is down", source: "Plex" }

export type Facts = { readonly [N in FactName]?: FactValue | Fact }

/** Omitted facts are inapplicable. */
export const sheetOf = (facts: Facts): FactSheet => {
  const entries = new Map<FactName, Fact>()
  for (const name of factNames) {
    const given = facts[name]
    if (given !== undefined) entries.set(name, isFact(given) ? given : known(given, "Radarr", at))
  }
  return { get: (name) => entries.get(name) ?? inapplicable }
}

const isFact = (given: FactValue | Fact): given is Fact =>
  typeof given === "object" && given !== null && "_tag" in given

/** The same sheet without knowledge of some facts. */
export const without = (sheet: FactSheet, lost: ReadonlySet<FactName>): FactSheet => ({
  get: (name) => (lost.has(name) ? unknown : sheet.get(name))
})

export const leaf = (
  field: string,
  operator: string,
  value?: ConditionLeaf["value"],
  params?: ConditionLeaf["params"]
): ConditionLeaf => ({
  kind: "condition",
  field,
  operator,
  ...(value === undefined ? {} : { value }),
  ...(params === undefined ? {} : { params })
})

export const group = (logic: Logic, ...children: ReadonlyArray<Condition>): ConditionGroup => ({
  kind: "group",
  logic,
  children
})

export const compiled = (condition: Condition): CompiledCondition<FactName> => {
  const result = compile(itemRules, condition)
  if (Result.isFailure(result)) throw new Error(JSON.stringify(result.failure))
  return result.success
}

const word = fc.constantFrom("Alien", "alien resurrection", "Drama", "1080p", "4K", "Émile", "Ann", "ended", "x")
const number = fc.constantFrom(-1, 0, 0.5, 1, 2, 7, 10, 90, 365, 2_000, 60 * 2 ** 30)
const date = fc.constantFrom(daysAgo(-3), daysAgo(0), daysAgo(10), daysAgo(90), daysAgo(91), daysAgo(4_000))

const valueOf = {
  string: word,
  number,
  boolean: fc.boolean(),
  date,
  strings: fc.array(word, { maxLength: 3 }),
  plays: fc.array(fc.record({ user: word, plays: fc.nat(3), lastPlayedAt: fc.option(date, { nil: null }) }), {
    maxLength: 3
  })
} as const

const factOf = (name: FactName): fc.Arbitrary<Fact> =>
  fc.oneof(
    { weight: 6, arbitrary: valueOf[itemFacts[name].type].map((value): Fact => known(value, "Radarr", at)) },
    { weight: 1, arbitrary: fc.constant<Fact>(known(null, "Radarr", at)) },
    { weight: 1, arbitrary: fc.constant(unknown) },
    { weight: 1, arbitrary: fc.constant(inapplicable) }
  )

/** Sheets whose facts are known, none, unknown or inapplicable. */
export const anySheet: fc.Arbitrary<FactSheet> = fc
  .tuple(...factNames.map((name) => factOf(name).map((fact) => [name, fact] as const)))
  .map((entries) => {
    const facts = new Map<FactName, Fact>(entries)
    facts.set("kind", known("show", "Sonarr", at))
    return { get: (name) => facts.get(name) ?? inapplicable }
  })

export const anyFacts: fc.Arbitrary<ReadonlySet<FactName>> = fc.subarray([...factNames]).map((names) => new Set(names))

const textsFor = (field: Field): ConditionLeaf["value"] => (field.type === "number" ? [1, 90] : ["alien", "Drama"])

const goodValues = { string: "alien", strings: "alien", boolean: true, number: 90, date: "2026-01-01" } as const

/** An operand that this operator accepts for this field. */
export const goodOperand = (field: Field, operator: Operator): Pick<ConditionLeaf, "value" | "params"> => {
  switch (operator.operand) {
    case "none":
      return {}
    case "list":
      return { value: textsFor(field) ?? null }
    case "range":
      return { value: field.type === "date" ? ["2025-01-01", daysAgo(1)] : [1, 90] }
    case "pattern":
      return { value: "^a.*n\\b" }
    case "days":
      return { value: 90 }
    case "instant":
      return { value: "2026-01-01" }
    case "viewer":
      return { params: { user: "ann" } }
    case "viewer-days":
      return { params: { user: "ann", days: 30 } }
    case "viewer-count":
      return { params: { user: "ann", count: 2 } }
    case "viewer-minutes":
      return { params: { user: "ann", minutes: 45 } }
    case "count":
      return { value: 2 }
    case "value":
      return { value: goodValues[field.type === "viewer" ? "string" : field.type] }
  }
}

/** Operands that it must refuse for every field. */
export const badOperands = (
  field: Field,
  operator: Operator
): ReadonlyArray<Pick<ConditionLeaf, "value" | "params">> => {
  switch (operator.operand) {
    case "none":
      return []
    case "list":
      return [{}, { value: [] }, { value: "alien" }, { value: field.type === "number" ? ["many"] : [3] }]
    case "range":
      return [
        {},
        { value: 3 },
        { value: [1] },
        { value: field.type === "date" ? ["2026-02-01", "2026-01-01"] : [2, 1] }
      ]
    case "pattern":
      return [{}, { value: "" }, { value: "(" }, { value: "(?=a)" }, { value: 3 }, { value: "a".repeat(1_001) }]
    case "days":
      return [{}, { value: -1 }, { value: "soon" }, { value: true }]
    case "instant":
      return [{}, { value: "soon" }, { value: "2026-02-30" }, { value: "2026-01-01T10:00" }, { value: 3 }]
    case "viewer":
      return [{}, { params: {} }, { params: { user: "" } }, { value: "ann" }]
    case "viewer-days":
      return [{}, { params: { user: "ann" } }, { params: { days: 3 } }, { params: { user: "ann", days: -1 } }]
    case "viewer-count":
      return [{}, { params: { user: "ann" } }, { params: { count: 3 } }, { params: { user: "ann", count: 0 } }]
    case "viewer-minutes":
      return [{}, { params: { user: "ann" } }, { params: { minutes: 3 } }, { params: { user: "ann", minutes: -1 } }]
    case "count":
      return [{}, { value: -1 }, { value: 1.5 }, { value: "many" }, { value: ["a"] }]
    case "value":
      if (field.type === "date") return [{}, { value: "soon" }, { value: "2026-02-30" }, { value: 3 }]
      return field.type === "number"
        ? [{}, { value: "many" }, { value: true }, { value: [1] }]
        : field.type === "boolean"
          ? [{}, { value: "yes" }, { value: 1 }]
          : [{}, { value: "" }, { value: 3 }, { value: ["a"] }]
  }
}

/** Every pair of a field and an operator that it accepts. */
export const pairs: ReadonlyArray<readonly [Field, Operator]> = itemRules.fields.flatMap((field) =>
  operatorsOf(field).map((operator) => [field, operator] as const)
)

export const anyLeaf: fc.Arbitrary<ConditionLeaf> = fc.constantFrom(...pairs).map(([field, operator]) => ({
  kind: "condition",
  field: field.name,
  operator: operator.name,
  ...goodOperand(field, operator)
}))

export const anyCondition: fc.Arbitrary<Condition> = fc.letrec<{ node: Condition }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    anyLeaf,
    fc
      .tuple(fc.constantFrom<Logic>("AND", "OR"), fc.array(tie("node"), { minLength: 1, maxLength: 3 }))
      .map(([logic, children]) => group(logic, ...children)),
    tie("node").map((child) => group("NOT", child))
  )
})).node
