/**
 * The operators of conditions, by type of field. Texts are compared by Unicode case folding (`problems/Fold.ts`). For a
 * known "none", comparisons and positive operators are false, negative ones and `isEmpty` are true. For a list, a
 * positive operator holds if one entry satisfies it, a negative one if all do.
 */
import { Schema } from "effect"
import { type FieldType, fieldTypes } from "../library/Facts/Definition.ts"
import type { Field } from "./Field.ts"
import { nameTable, nearestName } from "../problems/Names.ts"

/**
 * The operand of an operator: nothing, one value, a list, `[min, max]`, a pattern, a number of days, a point in time, a
 * number of entries, a person, a person with a number of days, of plays or of minutes.
 */
export const operandShapes = [
  "none",
  "value",
  "list",
  "range",
  "pattern",
  "days",
  "instant",
  "count",
  "viewer",
  "viewer-days",
  "viewer-count",
  "viewer-minutes"
] as const
export type OperandShape = (typeof operandShapes)[number]

export const operators = [
  {
    name: "equals",
    phrase: "is",
    operand: "value",
    types: ["string", "number", "boolean", "date", "strings"],
    aliases: ["==", "=", "eq", "is", "equal"],
    meaning: "The same. For a list: one entry is the same. For a date: on the same calendar day."
  },
  {
    name: "notEquals",
    phrase: "is not",
    operand: "value",
    types: ["string", "number", "boolean", "date", "strings"],
    aliases: ["!=", "<>", "ne", "neq", "notEqual", "isNot"],
    meaning: "Not the same, or none. For a list: no entry is the same. For a date: on another calendar day."
  },
  {
    name: "greaterThan",
    phrase: "is greater than",
    operand: "value",
    types: ["number"],
    aliases: [">", "gt", "moreThan"],
    meaning: "Greater."
  },
  {
    name: "greaterThanOrEqual",
    phrase: "is at least",
    operand: "value",
    types: ["number"],
    aliases: [">=", "gte", "ge", "atLeast", "greaterThanOrEquals"],
    meaning: "Greater or the same."
  },
  {
    name: "lessThan",
    phrase: "is less than",
    operand: "value",
    types: ["number"],
    aliases: ["<", "lt", "fewerThan"],
    meaning: "Less."
  },
  {
    name: "lessThanOrEqual",
    phrase: "is at most",
    operand: "value",
    types: ["number"],
    aliases: ["<=", "lte", "le", "atMost", "lessThanOrEquals"],
    meaning: "Less or the same."
  },
  {
    name: "between",
    phrase: "is between",
    operand: "range",
    types: ["number", "date"],
    aliases: ["range"],
    meaning: "From the first to the second value, both included."
  },
  {
    name: "contains",
    phrase: "contains",
    operand: "value",
    types: ["string", "strings"],
    aliases: ["includes"],
    meaning: "The text occurs in it. For a list: the text occurs in one entry."
  },
  {
    name: "notContains",
    phrase: "does not contain",
    operand: "value",
    types: ["string", "strings"],
    aliases: ["!contains", "doesNotContain", "excludes"],
    meaning: "The text does not occur in it, or there is none. For a list: it occurs in no entry."
  },
  {
    name: "startsWith",
    phrase: "starts with",
    operand: "value",
    types: ["string", "strings"],
    aliases: ["beginsWith"],
    meaning: "Starts with the text."
  },
  {
    name: "endsWith",
    phrase: "ends with",
    operand: "value",
    types: ["string", "strings"],
    aliases: [],
    meaning: "Ends with the text."
  },
  {
    name: "in",
    phrase: "is one of",
    operand: "list",
    types: ["string", "number", "strings"],
    aliases: ["oneOf", "isOneOf"],
    meaning: "The same as one of the values."
  },
  {
    name: "notIn",
    phrase: "is none of",
    operand: "list",
    types: ["string", "number", "strings"],
    aliases: ["!in", "noneOf", "isNoneOf"],
    meaning: "The same as none of the values, or none."
  },
  {
    name: "matches",
    phrase: "matches",
    operand: "pattern",
    types: ["string", "strings"],
    aliases: ["regex", "regexMatch", "matchesRegex", "=~"],
    meaning: "The regular expression (RE2) matches part of it. Case is ignored unless the expression says (?-i)."
  },
  {
    name: "containsAny",
    phrase: "contains any of",
    operand: "list",
    types: ["string", "strings"],
    aliases: ["matchesAny", "hasAny"],
    meaning: "One of the texts occurs in it. For a list: one entry is one of the values."
  },
  {
    name: "containsAll",
    phrase: "contains all of",
    operand: "list",
    types: ["string", "strings"],
    aliases: ["matchesAll", "hasAll"],
    meaning: "All of the texts occur in it. For a list: each of the values is an entry."
  },
  {
    name: "sameAs",
    phrase: "has exactly",
    operand: "list",
    types: ["strings"],
    aliases: ["sameSet", "consistsOf"],
    meaning: "Its entries are exactly the values, in any order."
  },
  {
    name: "countEquals",
    phrase: "has this many entries:",
    operand: "count",
    types: ["strings"],
    aliases: ["count", "count="],
    meaning: "Has that many entries."
  },
  {
    name: "countNotEquals",
    phrase: "has another number of entries than",
    operand: "count",
    types: ["strings"],
    aliases: ["count!="],
    meaning: "Has another number of entries."
  },
  {
    name: "countGreaterThan",
    phrase: "has more entries than",
    operand: "count",
    types: ["strings"],
    aliases: ["countBigger", "count>"],
    meaning: "Has more entries."
  },
  {
    name: "countLessThan",
    phrase: "has fewer entries than",
    operand: "count",
    types: ["strings"],
    aliases: ["countSmaller", "count<"],
    meaning: "Has fewer entries."
  },
  {
    name: "before",
    phrase: "is before",
    operand: "instant",
    types: ["date"],
    aliases: ["earlierThan"],
    meaning: "Earlier than the point in time, or than the beginning of the day."
  },
  {
    name: "after",
    phrase: "is after",
    operand: "instant",
    types: ["date"],
    aliases: ["laterThan"],
    meaning: "Later than the point in time, or than the beginning of the day."
  },
  {
    name: "inLast",
    phrase: "is within the last",
    operand: "days",
    types: ["date"],
    aliases: ["within", "inTheLast"],
    meaning: "At most that many days ago, and not in the future; unknown for a play with a date in the future."
  },
  {
    name: "inNext",
    phrase: "is within the next",
    operand: "days",
    types: ["date"],
    aliases: ["inTheNext"],
    meaning: "At most that many days ahead, and not in the past; unknown for a play with a date in the future."
  },
  {
    name: "overAgo",
    phrase: "is longer ago than",
    operand: "days",
    types: ["date"],
    aliases: ["olderThan", "moreThanAgo"],
    meaning: "More than that many days ago. Holds for what never happened (a play), but not for a missing date."
  },
  {
    name: "isEmpty",
    phrase: "is empty",
    operand: "none",
    types: ["string", "number", "boolean", "date", "strings"],
    aliases: ["isNull", "empty", "never", "notExists"],
    meaning: "There is no value, or it never happened."
  },
  {
    name: "isNotEmpty",
    phrase: "is not empty",
    operand: "none",
    types: ["string", "number", "boolean", "date", "strings"],
    aliases: ["isNotNull", "notEmpty", "notNull", "exists"],
    meaning: "There is a value."
  },
  {
    name: "everWatched",
    phrase: "was ever played by",
    operand: "viewer",
    types: ["viewer"],
    aliases: ["watched"],
    meaning: "The person has played it."
  },
  {
    name: "neverWatched",
    phrase: "was never played by",
    operand: "viewer",
    types: ["viewer"],
    aliases: ["notWatched"],
    meaning: "The person has never played it."
  },
  {
    name: "watchedSince",
    phrase: "was played lately by",
    operand: "viewer-days",
    types: ["viewer"],
    aliases: ["watchedInLast"],
    meaning: "The person has played it at most that many days ago."
  },
  {
    name: "notWatchedSince",
    phrase: "was not played lately by",
    operand: "viewer-days",
    types: ["viewer"],
    aliases: ["notWatchedInLast"],
    meaning: "The person has not played it for that many days, or never."
  },
  {
    name: "playedAtLeast",
    phrase: "was played often by",
    operand: "viewer-count",
    types: ["viewer"],
    aliases: ["viewCountAtLeast"],
    meaning: "The person has played it at least that many times."
  },
  {
    name: "playedFewerThan",
    phrase: "was played seldom by",
    operand: "viewer-count",
    types: ["viewer"],
    aliases: ["viewCountBelow"],
    meaning: "The person has played it fewer times, or never."
  },
  {
    name: "playedMinutesAtLeast",
    phrase: "was played for long by",
    operand: "viewer-minutes",
    types: ["viewer"],
    aliases: ["watchTimeAtLeast"],
    meaning: "The person has played it for at least that many minutes; only for watchTimeByUser."
  },
  {
    name: "playedMinutesBelow",
    phrase: "was played briefly by",
    operand: "viewer-minutes",
    types: ["viewer"],
    aliases: ["watchTimeBelow"],
    meaning: "The person has played it for fewer minutes, or never; only for watchTimeByUser."
  }
] as const satisfies ReadonlyArray<{
  readonly name: string
  /** Text between a field's title and the value, in a sentence. */
  readonly phrase: string
  readonly operand: OperandShape
  readonly types: ReadonlyArray<FieldType>
  readonly aliases: ReadonlyArray<string>
  readonly meaning: string
}>

export type OperatorName = (typeof operators)[number]["name"]

export interface Operator {
  readonly name: OperatorName
  readonly phrase: string
  readonly operand: OperandShape
  readonly types: ReadonlyArray<FieldType>
  readonly aliases: ReadonlyArray<string>
  readonly meaning: string
}

const table = nameTable<Operator>(operators, (operator) => [operator.name, ...operator.aliases])

/** What decides about the operators of a field. */
type Accepting = Pick<Field, "type" | "elapsed" | "timed">

/** Operators that a field accepts. */
export const operatorsOf = (field: Accepting): ReadonlyArray<Operator> =>
  operators.filter((operator) => takes(field, operator))

/** The operator with a name or alias, if the field accepts it. */
export const operatorNamed = (field: Accepting, name: string): Operator | undefined => {
  const operator = table.get(name)
  return operator !== undefined && takes(field, operator) ? operator : undefined
}

/** The operator that an unknown name probably refers to. */
export const nearestOperator = (field: Accepting, name: string): string | null =>
  nearestName(
    name,
    operatorsOf(field).flatMap((operator) => [operator.name])
  )

/** An operator as returned by `GET /rules/fields`. */
export const OperatorDescription = Schema.Struct({
  name: Schema.String,
  phrase: Schema.String,
  meaning: Schema.String,
  operand: Schema.Literals(operandShapes),
  types: Schema.Array(Schema.Literals(fieldTypes)),
  aliases: Schema.Array(Schema.String)
}).annotate({ identifier: "RuleOperator" })
export type OperatorDescription = typeof OperatorDescription.Type

export const operatorDescriptions: ReadonlyArray<OperatorDescription> = operators

const takes = (field: Accepting, operator: Operator): boolean =>
  (operator.types.includes(field.type) && (operator.operand !== "viewer-minutes" || field.timed)) ||
  (field.elapsed && (operator.name === "inLast" || operator.name === "overAgo"))
