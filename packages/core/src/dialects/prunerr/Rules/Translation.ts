/** Prunerr's rules as rules that act, and back. */
import { Effect, Predicate, Schema } from "effect"
import type { ItemKind } from "../../../integrations/Observations.ts"
import { decodeRequest, invalidRequest, issuesOf } from "../../../problems/Decode.ts"
import { invalidField, type InvalidRequest, type Issue } from "../../../problems/Problem.ts"
import type { Condition } from "../../../rules/Condition.ts"
import { RuleDefinition, type RuleScope } from "../../../rules/Rule.ts"
import { defaultGraceDays, type RuleAction } from "../../../rules/RuleAction.ts"
import { RulePatch, type StoredRule } from "../../../rules/Rules.ts"
import { numberOf } from "../../frame/Values.ts"
import { deletionActionOf, removalActionOf, removalKinds, usual } from "../Lenses.ts"
import type { RuleBody, RuleChange, RuleDraft } from "./Api.ts"
import { type CollectionTitles, fromCondition, type PrunerrNode, toCondition } from "./Conditions.ts"

const Leaf = Schema.Struct({
  kind: Schema.optionalKey(Schema.Literal("condition")),
  field: Schema.NonEmptyString,
  operator: Schema.NonEmptyString,
  value: Schema.optionalKey(Schema.Unknown),
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

/** Everything but the name and the condition; what is left out is as `before`, or as in Prunerr. */
export const termsOf = ({
  before,
  draft
}: {
  readonly draft: typeof RuleChange.Type
  readonly before?: typeof RuleBody.Type
}) => {
  const action = draft.action ?? before?.action ?? "flag"
  const deletionAction = draft.deletionAction ?? before?.deletionAction ?? usual.deletionAction
  const acting: RuleAction =
    action === "delete"
      ? {
          type: "remove",
          action: removalActionOf(deletionAction),
          graceDays: draft.gracePeriodDays ?? before?.gracePeriodDays ?? defaultGraceDays,
          resetRequest: draft.resetOverseerr ?? before?.resetOverseerr ?? usual.resetOverseerr
        }
      : { type: "report" }
  const mediaType = draft.mediaType ?? draft.media_type ?? before?.mediaType ?? "all"
  const libraries = draft.libraryKeys ?? draft.library_keys ?? before?.libraryKeys ?? []
  return {
    effect: "act",
    enabled: draft.enabled ?? before?.enabled ?? true,
    action: acting,
    priority: draft.priority ?? before?.priority ?? 0,
    scope: scopeOf(mediaType, libraries)
  } satisfies Partial<RuleDefinition>
}

export const conditionOf = (draft: typeof RuleChange.Type, titles: CollectionTitles) =>
  Effect.flatMap(treeIn(draft.conditionsV2 ?? draft.conditions, ["payload", "conditions"]), (tree) =>
    toCondition(tree, titles)
  )

export const toDefinition = (
  draft: typeof RuleDraft.Type,
  titles: CollectionTitles
): Effect.Effect<RuleDefinition, InvalidRequest> =>
  Effect.flatMap(conditionOf(draft, titles), (condition) =>
    decodeDefinition({ name: draft.name, condition, ...termsOf({ draft }) })
  )

const decodeDefinition = decodeRequest(RuleDefinition)

/** The change of a rule: the condition and the name only if they are given. */
export const toPatch = Effect.fnUntraced(function* (
  draft: typeof RuleChange.Type,
  before: typeof RuleBody.Type,
  titles: CollectionTitles
) {
  const given = draft.conditionsV2 ?? draft.conditions
  return yield* decodePatch({
    ...(draft.name === undefined ? {} : { name: draft.name }),
    ...(given === undefined ? {} : { condition: yield* conditionOf(draft, titles) }),
    ...termsOf({ draft, before })
  })
})

const decodePatch = decodeRequest(RulePatch)

const kindsOf: Readonly<Record<"all" | "movie" | "show" | "tv", ReadonlyArray<ItemKind>>> = {
  all: removalKinds,
  movie: ["movie"],
  show: ["show", "season"],
  tv: ["show", "season"]
}

export const scopeOf = (mediaType: keyof typeof kindsOf, libraries: ReadonlyArray<string>): RuleScope => ({
  itemKinds: kindsOf[mediaType],
  ...(libraries.length === 0 ? {} : { libraries })
})

export const mediaTypeOfScope = (scope: RuleScope | undefined): (typeof RuleBody.Type)["mediaType"] => {
  const kinds = scope?.itemKinds ?? removalKinds
  const [movies, shows] = [kinds.includes("movie"), kinds.some((kind) => kind === "show" || kind === "season")]
  return movies === shows ? "all" : movies ? "movie" : "tv"
}

export const toBody = (rule: StoredRule, ids: ReadonlyMap<string, string>): typeof RuleBody.Type => {
  const { action } = rule
  const removes = action?.type === "remove" ? action : null
  const conditionsV2 = versionTwo(rule.condition, ids)
  return {
    id: numberOf(rule.id),
    name: rule.name,
    profileId: null,
    type: "custom",
    mediaType: mediaTypeOfScope(rule.scope),
    libraryKeys: rule.scope?.libraries ?? [],
    conditions: JSON.stringify(conditionsV2),
    conditionsV2,
    action: removes === null ? "flag" : "delete",
    enabled: rule.enabled,
    gracePeriodDays: removes?.graceDays ?? usual.gracePeriodDays,
    deletionAction: removes?.action === undefined ? usual.deletionAction : deletionActionOf(removes.action),
    resetOverseerr: removes?.resetRequest ?? false,
    priority: rule.priority ?? 0,
    createdAt: rule.createdAt,
    updatedAt: rule.updatedAt
  }
}

export const versionTwo = (condition: Condition, ids: ReadonlyMap<string, string>) => ({
  version: 2 as const,
  root: fromCondition(condition, ids)
})

/** The leaves of a condition that is one, or an AND of some; others are not a list. */
export const versionOne = (node: PrunerrNode): ReadonlyArray<PrunerrNode> => {
  if (node.kind === "condition") return [node]
  return node.logic === "AND" && node.children.every(({ kind }) => kind === "condition") ? node.children : []
}
