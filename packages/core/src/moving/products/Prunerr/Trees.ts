/** Prunerr's conditions as it stores and accepts them: version 2, a list, or either as a JSON text. */
import { Effect, Predicate, Schema } from "effect"
import { invalidRequest, issuesOf } from "../../../problems/Decode.ts"
import { invalidField, type InvalidRequest, type Issue } from "../../../problems/Problem.ts"
import type { PrunerrNode } from "./Conditions.ts"

const Leaf = Schema.Struct({
  kind: Schema.optionalKey(Schema.Literal("condition")),
  field: Schema.NonEmptyString,
  operator: Schema.NonEmptyString,
  value: Schema.optionalKey(Schema.Unknown),
  otherField: Schema.optionalKey(Schema.String),
  params: Schema.optionalKey(
    Schema.Struct({
      username: Schema.optionalKey(Schema.String),
      user: Schema.optionalKey(Schema.String),
      days: Schema.optionalKey(Schema.Finite)
    })
  )
})
const decodeLeaf = Schema.decodeUnknownResult(Leaf, { errors: "all" })

/** Deeper conditions are refused, as in rules of Tendarr. */
const deepest = 20

/** A condition tree from a request: version 2, a list, or either as a JSON text. */
export const treeIn = (
  given: unknown,
  path: Issue["path"],
  logic: "AND" | "OR" = "AND"
): Effect.Effect<PrunerrNode, InvalidRequest> =>
  Effect.gen(function* () {
    const value = typeof given === "string" ? yield* parsed(given, path) : given
    if (Array.isArray(value)) return yield* nodeIn({ kind: "group", logic, children: value }, path, 1)
    if (Predicate.isObject(value) && "root" in value) return yield* nodeIn(value.root, [...path, "root"], 1)
    return yield* nodeIn(value, path, 1)
  })

const parsed = (text: string, path: Issue["path"]): Effect.Effect<unknown, InvalidRequest> =>
  Effect.try({ try: (): unknown => JSON.parse(text), catch: () => invalidField(path, "is not JSON") })

const nodeIn = (value: unknown, path: Issue["path"], depth: number): Effect.Effect<PrunerrNode, InvalidRequest> =>
  Effect.gen(function* () {
    if (depth > deepest) return yield* invalidField(path, `is nested more than ${deepest} deep`)
    if (!Predicate.isObject(value)) return yield* invalidField(path, "must be a condition or a group")
    if ("children" in value || ("kind" in value && value.kind === "group")) {
      const logic = "logic" in value ? value.logic : undefined
      const children = "children" in value ? value.children : undefined
      if (logic !== "AND" && logic !== "OR" && logic !== "NOT") {
        return yield* invalidField([...path, "logic"], "must be AND, OR or NOT")
      }
      if (!Array.isArray(children)) return yield* invalidField([...path, "children"], "must be a list")
      const nodes = yield* Effect.forEach(children, (child: unknown, index) =>
        nodeIn(child, [...path, "children", index], depth + 1)
      )
      return { kind: "group", logic, children: nodes }
    }
    const leaf = decodeLeaf(value)
    if (leaf._tag === "Failure") {
      return yield* invalidRequest(
        issuesOf(leaf.failure.issue).map(({ message, path: within }) => ({ path: [...path, ...within], message }))
      )
    }
    return { ...leaf.success, kind: "condition" as const }
  })
