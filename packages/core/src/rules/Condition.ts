/**
 * Conditions in the API and in the database: a tree of AND, OR and NOT over comparisons of fields. `compile` in
 * CompiledCondition.ts checks what a schema cannot (names, operands, empty groups).
 */
import { Cause, Effect, Result, Schema, SchemaIssue } from "effect"
import type { Issue } from "../problems/Problem.ts"

/** Maximum nesting depth of groups, including the leaf. */
export const deepestCondition = 20
/** Maximum number of conditions and groups in one tree. */
export const largestCondition = 500

export const logics = ["AND", "OR", "NOT"] as const
export type Logic = (typeof logics)[number]

export const ConditionLeaf = Schema.Struct({
  kind: Schema.Literal("condition"),
  /** Name or alias of a field. */
  field: Schema.String,
  /** Name or alias of an operator. */
  operator: Schema.String,
  value: Schema.optionalKey(
    Schema.NullOr(
      Schema.Union([
        Schema.String,
        Schema.Finite,
        Schema.Boolean,
        Schema.Array(Schema.Union([Schema.String, Schema.Finite]))
      ])
    )
  ),
  /** Instead of `value`: the name or alias of another field of the same type to compare with. */
  otherField: Schema.optionalKey(Schema.String),
  /** For operators about a person. */
  params: Schema.optionalKey(
    Schema.Struct({
      user: Schema.optionalKey(Schema.String),
      username: Schema.optionalKey(Schema.String),
      days: Schema.optionalKey(Schema.Finite),
      count: Schema.optionalKey(Schema.Finite),
      minutes: Schema.optionalKey(Schema.Finite)
    })
  )
}).annotate({ identifier: "ConditionLeaf" })
export type ConditionLeaf = typeof ConditionLeaf.Type

export interface ConditionGroup {
  readonly kind: "group"
  readonly logic: Logic
  readonly children: ReadonlyArray<Condition>
}
export type Condition = ConditionLeaf | ConditionGroup

const ConditionNode: Schema.Codec<Condition> = Schema.Union([
  ConditionLeaf,
  Schema.Struct({
    kind: Schema.Literal("group"),
    logic: Schema.Literals(logics),
    /** AND and OR take one or more, NOT exactly one. */
    children: Schema.Array(Schema.suspend(() => ConditionNode))
  }).annotate({ identifier: "ConditionGroup" })
]).annotate({ identifier: "Condition" })

/** Nesting that is deep enough to exhaust the stack is refused as invalid input, before any limit can be checked. */
export const Condition = ConditionNode.pipe(
  Schema.middlewareDecoding((decoding) =>
    Effect.catchCause(decoding, (cause) =>
      cause.reasons.some((reason) => Cause.isDieReason(reason) && reason.defect instanceof RangeError)
        ? Effect.fail(new SchemaIssue.InvalidValue({ message: tooDeep }))
        : Effect.failCause(cause)
    )
  )
)

export const tooDeep = `groups are nested more than ${deepestCondition} deep`

/** Decodes a condition from an unknown value, for example JSON from the database. */
export const parseCondition = (input: unknown): Result.Result<Condition, ReadonlyArray<Issue>> =>
  Result.mapError(Schema.decodeUnknownResult(Condition, { errors: "all" })(input), (error) =>
    formatIssues(error.issue).issues.map((issue) => ({
      path: (issue.path ?? []).map((step) => {
        const key = typeof step === "object" ? step.key : step
        return typeof key === "number" ? key : String(key)
      }),
      message: issue.message
    }))
  )

const formatIssues = SchemaIssue.makeFormatterStandardSchemaV1()
