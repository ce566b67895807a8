/** Prunerr's rules as rules that act, and back. */
import { Effect, Equal, Result } from "effect"
import {
  type CollectionTitles,
  fromCondition,
  keptParts,
  type PrunerrNode,
  toCondition
} from "../../../moving/products/Prunerr/Conditions.ts"
import {
  deletionActionOf,
  kindsOf,
  removalActionOf,
  removalKinds,
  removalOf,
  toDefinition,
  usual
} from "../../../moving/products/Prunerr/Terms.ts"
import { treeIn } from "../../../moving/products/Prunerr/Trees.ts"
import { decodeRequest } from "../../../problems/Decode.ts"
import { compile } from "../../../rules/Compile.ts"
import type { Condition } from "../../../rules/Condition.ts"
import { itemRules } from "../../../rules/ItemRules.ts"
import type { RuleScope } from "../../../rules/Rule.ts"
import type { RuleAction } from "../../../rules/RuleAction.ts"
import { RulePatch, type StoredRule } from "../../../rules/Rules.ts"
import { numberOf } from "../../frame/Values.ts"
import type { RuleBody, RuleChange, RuleDraft } from "./Api.ts"

/** The libraries of a draft; `null` = all. */
const librariesIn = ({ libraryKeys, library_keys }: typeof RuleChange.Type): ReadonlyArray<string> | undefined => {
  const given = libraryKeys === undefined ? library_keys : libraryKeys
  return given === null ? [] : given
}

export const definitionOf = (draft: typeof RuleDraft.Type, titles: CollectionTitles) => {
  const [mediaType, libraries] = [mediaTypeIn(draft), librariesIn(draft)]
  return toDefinition(
    { ...draft, ...(mediaType === undefined ? {} : { mediaType }), ...(libraries === undefined ? {} : { libraries }) },
    titles
  )
}

const mediaTypeIn = ({ mediaType, media_type }: typeof RuleChange.Type) => mediaType ?? media_type

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

/** What is shown of a type of media. */
const shownAs = { all: "all", movie: "movie", show: "tv", tv: "tv" } as const

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
