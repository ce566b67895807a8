/** Prunerr's rules as rules that act, and back. */
import { Effect, Equal, Predicate, Result, Schema } from "effect"
import type { ItemKind } from "../../../integrations/Observations.ts"
import { decodeRequest, invalidRequest, issuesOf } from "../../../problems/Decode.ts"
import { invalidField, type InvalidRequest, type Issue } from "../../../problems/Problem.ts"
import { compile } from "../../../rules/Compile.ts"
import type { Condition } from "../../../rules/Condition.ts"
import { itemRules } from "../../../rules/ItemRules.ts"
import { RuleDefinition, type RuleScope } from "../../../rules/Rule.ts"
import { defaultGraceDays, type RuleAction } from "../../../rules/RuleAction.ts"
import { RulePatch, type StoredRule } from "../../../rules/Rules.ts"
import { numberOf } from "../../frame/Values.ts"
import { deletionActionOf, removalActionOf, removalKinds, usual } from "../Lenses.ts"
import type { RuleBody, RuleChange, RuleDraft } from "./Api.ts"
import { type CollectionTitles, fromCondition, keptParts, type PrunerrNode, toCondition } from "./Conditions.ts"

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

/** Terms that are left out are as in Prunerr. */
const removalOf = ({ deletionAction, gracePeriodDays, resetOverseerr }: typeof RuleChange.Type): RuleAction => ({
  type: "remove",
  action: removalActionOf(deletionAction ?? usual.deletionAction),
  graceDays: gracePeriodDays ?? defaultGraceDays,
  resetRequest: resetOverseerr ?? usual.resetOverseerr
})

/** The libraries of a draft; `null` = all. */
const librariesIn = ({ libraryKeys, library_keys }: typeof RuleChange.Type): ReadonlyArray<string> | undefined => {
  const given = libraryKeys === undefined ? library_keys : libraryKeys
  return given === null ? [] : given
}

const mediaTypeIn = ({ mediaType, media_type }: typeof RuleChange.Type) => mediaType ?? media_type

export const toDefinition = (
  draft: typeof RuleDraft.Type,
  titles: CollectionTitles
): Effect.Effect<RuleDefinition, InvalidRequest> =>
  Effect.gen(function* () {
    const tree = yield* treeIn(draft.conditions, ["payload", "conditions"])
    return yield* decodeDefinition({
      name: draft.name,
      condition: yield* toCondition(tree, titles),
      effect: "act",
      enabled: draft.enabled ?? true,
      action: draft.action === "delete" ? removalOf(draft) : { type: "report" },
      priority: draft.priority ?? 0,
      scope: scopeOf(mediaTypeIn(draft) ?? "all", librariesIn(draft) ?? [])
    })
  })

const decodeDefinition = decodeRequest(RuleDefinition)

/**
 * The change of a rule: only what differs from what is shown of it. Much of a rule of Tendarr has no form in Prunerr
 * (approval, integrations, changes of entries), and stays as it is.
 */
export const toPatch = Effect.fnUntraced(function* (
  draft: typeof RuleChange.Type,
  rule: StoredRule,
  titles: CollectionTitles,
  ids: ReadonlyMap<string, string>
) {
  const before = toBody(rule, ids)
  const condition = yield* conditionIn(draft, rule, titles, ids)
  const action = actionIn(draft, rule, before)
  const mediaType = mediaTypeIn(draft)
  const libraries = librariesIn(draft)
  const scope = {
    ...(mediaType === undefined || shownAs[mediaType] === before.mediaType ? {} : { itemKinds: kindsOf[mediaType] }),
    ...(libraries === undefined || Equal.equals(libraries, before.libraryKeys) ? {} : { libraries })
  }
  return yield* decodePatch({
    ...(draft.name === undefined ? {} : { name: draft.name }),
    ...(draft.enabled === undefined ? {} : { enabled: draft.enabled }),
    ...(draft.priority === undefined ? {} : { priority: draft.priority }),
    ...(condition === undefined ? {} : { condition }),
    ...(action === undefined ? {} : { action }),
    ...(Object.keys(scope).length === 0 ? {} : { scope: { ...rule.scope, ...scope } })
  })
})

/** Clients that send back a whole rule change either of its two forms; the one that is as it was shown is outdated. */
const conditionIn = Effect.fnUntraced(function* (
  { conditions, conditionsV2 }: typeof RuleChange.Type,
  rule: StoredRule,
  titles: CollectionTitles,
  ids: ReadonlyMap<string, string>
) {
  const stored = canonical(rule.condition)
  const kept = keptParts(stored, ids)
  for (const [given, name] of [
    [conditions, "conditions"],
    [conditionsV2, "conditionsV2"]
  ] as const) {
    if (given === undefined) continue
    const tree = yield* treeIn(given, ["payload", name])
    const condition = yield* toCondition(tree, titles, ["payload", name, "root"], kept)
    if (condition !== stored) return condition
  }
  return undefined
})

const actionIn = (
  draft: typeof RuleChange.Type,
  rule: StoredRule,
  before: typeof RuleBody.Type
): RuleAction | undefined => {
  const wanted = draft.action ?? before.action
  if (wanted !== "delete") return before.action === "delete" ? { type: "report" } : undefined
  if (rule.action?.type !== "remove") return removalOf(draft)
  const { deletionAction, gracePeriodDays, resetOverseerr } = draft
  const { importExclusion, ...rest } = rule.action
  const action =
    deletionAction === undefined || removalActionOf(deletionAction) === removalActionOf(before.deletionAction)
      ? rest.action
      : removalActionOf(deletionAction)
  return {
    ...rest,
    ...(action === undefined ? {} : { action }),
    // It has a meaning only where the entry is removed.
    ...(importExclusion === undefined || (action !== undefined && action !== "remove-entry")
      ? {}
      : { importExclusion }),
    ...(gracePeriodDays === undefined ? {} : { graceDays: gracePeriodDays }),
    ...(resetOverseerr === undefined || resetOverseerr === before.resetOverseerr
      ? {}
      : { resetRequest: resetOverseerr })
  }
}

const decodePatch = decodeRequest(RulePatch)

const kindsOf: Readonly<Record<"all" | "movie" | "show" | "tv", ReadonlyArray<ItemKind>>> = {
  all: removalKinds,
  movie: ["movie"],
  show: ["show", "season"],
  tv: ["show", "season"]
}

/** What is shown of a type of media. */
const shownAs = { all: "all", movie: "movie", show: "tv", tv: "tv" } as const

export const scopeOf = (mediaType: keyof typeof kindsOf, libraries: ReadonlyArray<string>): RuleScope => ({
  itemKinds: kindsOf[mediaType],
  ...(libraries.length === 0 ? {} : { libraries })
})

export const mediaTypeOfScope = (scope: RuleScope | undefined): (typeof RuleBody.Type)["mediaType"] => {
  const kinds = scope?.itemKinds ?? removalKinds
  const [movies, shows] = [kinds.includes("movie"), kinds.some((kind) => kind === "show" || kind === "season")]
  return movies === shows ? "all" : movies ? "movie" : "tv"
}

/** Rules are stored with the names that were given; the forms of Prunerr go by those of the catalogue. */
const canonical = (condition: Condition): Condition => {
  const compiled = compile(itemRules, condition)
  return Result.isSuccess(compiled) ? compiled.success.tree : condition
}

export const toBody = (rule: StoredRule, ids: ReadonlyMap<string, string>): typeof RuleBody.Type => {
  const { action } = rule
  const removes = action?.type === "remove" ? action : null
  const conditionsV2 = versionTwo(canonical(rule.condition), ids)
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
