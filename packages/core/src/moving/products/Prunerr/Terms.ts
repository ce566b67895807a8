/** What a rule of Prunerr does, and to which items, as ours, and back. */
import { Effect, Schema } from "effect"
import type { RemovalAction } from "../../../integrations/Kind.ts"
import type { ItemKind } from "../../../integrations/Observations.ts"
import { decodeRequest } from "../../../problems/Decode.ts"
import type { InvalidRequest } from "../../../problems/Problem.ts"
import { RuleDefinition, type RuleScope } from "../../../rules/Rule.ts"
import { defaultGraceDays, type RuleAction } from "../../../rules/RuleAction.ts"
import { type CollectionTitles, toCondition } from "./Conditions.ts"
import { treeIn } from "./Trees.ts"

/** A season that is removed by itself is shown as its show. */
export const removalKinds: ReadonlyArray<ItemKind> = ["movie", "show", "season"]

const actions = {
  unmonitor_only: { action: "unmonitor", label: "Unmonitor Only (keep files)" },
  delete_files_only: { action: "delete-files", label: "Delete Files Only" },
  unmonitor_and_delete: { action: "unmonitor-and-delete-files", label: "Unmonitor & Delete Files" },
  full_removal: { action: "remove-entry", label: "Full Removal (delete everything)" }
} as const satisfies Record<string, { readonly action: RemovalAction; readonly label: string }>

export type DeletionAction = keyof typeof actions

/** Names of earlier versions of Prunerr. */
const formerActions = {
  unmonitor: "unmonitor_only",
  delete_files: "delete_files_only",
  full_delete: "full_removal",
  remove: "full_removal"
} as const satisfies Record<string, DeletionAction>

const deletionActions = Object.keys(actions) as ReadonlyArray<DeletionAction>

export const DeletionAction = Schema.Literals([
  ...deletionActions,
  ...(Object.keys(formerActions) as ReadonlyArray<keyof typeof formerActions>)
])

export const removalActionOf = (given: typeof DeletionAction.Type): RemovalAction =>
  actions[given in formerActions ? formerActions[given as keyof typeof formerActions] : (given as DeletionAction)]
    .action

export const deletionActionOf = (action: RemovalAction): DeletionAction =>
  deletionActions.find((name) => actions[name].action === action) ?? "unmonitor_and_delete"

export const labelOf = (action: RemovalAction): string => actions[deletionActionOf(action)].label

/** What Prunerr does if a request does not say. */
export const usual = { deletionAction: "unmonitor_and_delete", gracePeriodDays: 7, resetOverseerr: false } as const

export const kindsOf: Readonly<Record<"all" | "movie" | "show" | "tv", ReadonlyArray<ItemKind>>> = {
  all: removalKinds,
  movie: ["movie"],
  show: ["show", "season"],
  tv: ["show", "season"]
}

export const scopeOf = (mediaType: keyof typeof kindsOf, libraries: ReadonlyArray<string>): RuleScope => ({
  itemKinds: kindsOf[mediaType],
  ...(libraries.length === 0 ? {} : { libraries })
})

/** What is done to what a rule matches; terms that are left out are as in Prunerr. */
export interface PrunerrTerms {
  readonly deletionAction?: typeof DeletionAction.Type
  readonly gracePeriodDays?: number
  readonly resetOverseerr?: boolean
}

export interface PrunerrRule extends PrunerrTerms {
  readonly name: string
  /** As `treeIn` reads them. */
  readonly conditions: unknown
  readonly action: "flag" | "delete" | "notify"
  readonly mediaType?: keyof typeof kindsOf
  readonly libraries?: ReadonlyArray<string>
  readonly enabled?: boolean
  readonly priority?: number
}

export const removalOf = ({ deletionAction, gracePeriodDays, resetOverseerr }: PrunerrTerms): RuleAction => ({
  type: "remove",
  action: removalActionOf(deletionAction ?? usual.deletionAction),
  graceDays: gracePeriodDays ?? defaultGraceDays,
  resetRequest: resetOverseerr ?? usual.resetOverseerr
})

/** Refuses what has no equivalent. `titles` are those of Prunerr's collections, by its ids. */
export const toDefinition = (
  rule: PrunerrRule,
  titles: CollectionTitles
): Effect.Effect<RuleDefinition, InvalidRequest> =>
  Effect.gen(function* () {
    const tree = yield* treeIn(rule.conditions, ["payload", "conditions"])
    return yield* decodeDefinition({
      name: rule.name,
      condition: yield* toCondition(tree, titles),
      effect: "act",
      enabled: rule.enabled ?? true,
      action: rule.action === "delete" ? removalOf(rule) : { type: "report" },
      priority: rule.priority ?? 0,
      scope: scopeOf(rule.mediaType ?? "all", rule.libraries ?? [])
    })
  })

const decodeDefinition = decodeRequest(RuleDefinition)
