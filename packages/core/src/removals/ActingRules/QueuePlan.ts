/** What a run of an acting rule does with each item: queue it, leave it queued, withdraw its removal, or nothing. */
import { Effect } from "effect"
import type { Environment } from "../../capacity/Decision.ts"
import { makeTurns } from "../../integrations/Pauses.ts"
import { usualActionOf } from "../../integrations/Kind.ts"
import { wholesOf } from "../../library/Families.ts"
import type { LibraryItem } from "../../library/Item.ts"
import type { RemovalMode } from "../../capacity/RemovalMode.ts"
import type { ActingRule } from "../../rules/ItemRules.ts"
import type { RemoveAction } from "../../rules/RuleAction.ts"
import { reasonOf, trace } from "../../rules/ConditionTrace.ts"
import { heldOf } from "../../rules/RuleSet.ts"
import { sheetOf } from "../../capacity/Decision.ts"
import { deletesFiles } from "../ActionText.ts"
import { conflictOf } from "../OpenRemovals.ts"
import type { StoredRemoval } from "../RemovalStore/Rows.ts"
import { type RemovalTerms, usualTerms } from "../RemovalTerms.ts"
import { snoozeEnded } from "../Withdrawals.ts"
import type { ActingEvaluation } from "./Evaluation.ts"

export interface QueuedItem {
  readonly item: LibraryItem
  readonly mode: RemovalMode
  readonly state: "scheduled" | "proposed"
  readonly terms: RemovalTerms
  /** The due time of an earlier removal of the rule, which a change of the rule must not move; `null` = a new one. */
  readonly dueAt: string | null
}

export interface Withdrawal {
  readonly removal: StoredRemoval
  readonly reason: string
}

export interface QueuePlan {
  /** Newly queued. */
  readonly queued: ReadonlyArray<QueuedItem>
  /** Queued again, because the rule now has other terms, or the mode of the disk is another one. */
  readonly renewed: ReadonlyArray<QueuedItem>
  /**
   * Removals that would become worse: files are deleted where it was only unmonitored, or no person is asked any more.
   * They count as new ones, with a due time of their own, and are replaced only unless the run is held.
   */
  readonly escalated: ReadonlyArray<Withdrawal & { readonly queued: QueuedItem }>
  readonly withdrawn: ReadonlyArray<Withdrawal>
  /** The end of a snooze; the removal is proposed or scheduled again. */
  readonly woken: ReadonlyArray<{ readonly removal: StoredRemoval; readonly queued: QueuedItem }>
  /** Items with an open removal, with whose it is. */
  readonly already: ReadonlyArray<{ readonly item: LibraryItem; readonly because: string | null }>
  readonly kept: ReadonlyArray<{ readonly item: LibraryItem; readonly because: string }>
  readonly unknown: ReadonlyArray<{ readonly item: LibraryItem; readonly because: string }>
}

export const planQueue = Effect.fnUntraced(function* (
  { environment, judged, loaded, rule }: ActingEvaluation,
  action: RemoveAction,
  open: ReadonlyArray<StoredRemoval>,
  defaultMode: RemovalMode,
  now: string
): Effect.fn.Return<QueuePlan> {
  const byItem = new Map(open.map((removal) => [removal.itemId, removal]))
  const verdicts = new Map(judged.map(({ item, verdict }) => [item.id, verdict]))
  const going = (one: LibraryItem) => verdicts.get(one.id)?._tag === "Acts"
  const queued: Array<QueuedItem> = []
  const renewed: Array<QueuedItem> = []
  const escalated: Array<QueuePlan["escalated"][number]> = []
  const woken: Array<QueuePlan["woken"][number]> = []
  const withdrawn: Array<Withdrawal> = []
  const already: Array<QueuePlan["already"][number]> = []
  const kept: Array<QueuePlan["kept"][number]> = []
  const unknown: Array<QueuePlan["unknown"][number]> = []
  const turns = makeTurns()
  for (const { item, verdict } of judged) {
    if (turns.isOver()) yield* turns.next
    if (verdict._tag !== "Acts") {
      ;(verdict._tag === "Kept" ? kept : unknown).push({ item, because: verdict.because })
      continue
    }
    const wanted = wantedOf(environment, action, item, defaultMode)
    const before = byItem.get(item.id)
    const other = before === undefined ? conflictOf(environment.snapshot, item, byItem) : null
    const whole = item.kind === "episode" ? wholesOf(environment.snapshot, item).find(going) : undefined
    if (other !== null) kept.push({ item, because: other })
    else if (whole !== undefined) kept.push({ item, because: `the rule removes "${whole.title}", to which it belongs` })
    else if (before === undefined) queued.push({ ...wanted, dueAt: null })
    else if (!isOf(rule, before)) already.push({ item, because: `it has removal ${before.id} ${whose(before)}` })
    else if (snoozeEnded(before, now)) woken.push({ removal: before, queued: { ...wanted, dueAt: null } })
    else {
      const reason = before.approvedBy === null ? whyRenewed(before, wanted) : null
      if (reason === null) already.push({ item, because: null })
      else if (escalates(before, wanted)) {
        escalated.push({ removal: before, reason, queued: { ...wanted, dueAt: null } })
      } else {
        withdrawn.push({ removal: before, reason })
        renewed.push({ ...wanted, dueAt: before.state === "scheduled" ? before.scheduledAt : null })
      }
    }
  }
  for (const removal of open) {
    // What a person has approved stays until it is due, when everything is checked again.
    if (!isOf(rule, removal) || removal.approvedBy !== null || !isWithdrawable(removal, now)) continue
    const verdict = verdicts.get(removal.itemId)
    if (verdict?._tag === "Acts" || verdict?._tag === "Unknown") continue
    const item = environment.snapshot.byId.get(removal.itemId)
    // A deletion was already sent for this one, so it may be gone because of us.
    if (item === undefined && removal.restore !== null) continue
    const reason = verdict?.because ?? (yield* whyNoMatch(rule, item, loaded))
    withdrawn.push({ removal, reason })
  }
  return { queued, renewed, escalated, withdrawn, woken, already, kept, unknown }
})

const isOf = ({ rule }: ActingRule, { origin, ruleId }: StoredRemoval): boolean =>
  origin === "rule" && ruleId === rule.id

const whose = ({ origin, state }: StoredRemoval): string =>
  origin === "person"
    ? `of a person (${state})`
    : origin === "rule"
      ? `of another rule (${state})`
      : `of the engine (${state})`

export const isWithdrawable = (removal: StoredRemoval, now: string): boolean =>
  removal.state === "proposed" || removal.state === "scheduled" || snoozeEnded(removal, now)

/** Due times follow from the mode of the disk only as far as dry-run and approval ask for a person. */
const wantedOf = (
  { groups }: Environment,
  action: RemoveAction,
  item: LibraryItem,
  defaultMode: RemovalMode
): Omit<QueuedItem, "dueAt"> => {
  const mode = (item.diskGroupId === null ? undefined : groups.get(item.diskGroupId))?.mode ?? defaultMode
  const asks = action.approval === true || mode === "dry-run" || mode === "approval"
  return { item, mode, state: asks ? "proposed" : "scheduled", terms: termsOf(action, item) }
}

/** The terms of the removals that a rule queues. */
export const termsOf = (action: RemoveAction, { kind }: Pick<LibraryItem, "kind">): RemovalTerms => {
  const chosen = action.action ?? usualActionOf(kind)
  return {
    ...usualTerms(kind),
    action: chosen,
    importExclusion: chosen === "remove-entry" ? (action.importExclusion ?? null) : null,
    resetRequest: action.resetRequest ?? false,
    graceDays: action.graceDays
  }
}

/** Why a removal does not do what the rule says now; `null` = it does. Another number of grace days changes nothing. */
export const whyOtherTerms = (removal: StoredRemoval, action: RemoveAction): string | null => {
  const terms = termsOf(action, removal)
  return removal.action === terms.action &&
    removal.importExclusion === terms.importExclusion &&
    removal.resetRequest === terms.resetRequest
    ? null
    : "its rule now asks for another action"
}

const escalates = (before: StoredRemoval, wanted: Omit<QueuedItem, "dueAt">): boolean =>
  (deletesFiles(wanted.terms.action) && !deletesFiles(before.action)) ||
  (before.state === "proposed" && wanted.state === "scheduled")

const whyRenewed = (before: StoredRemoval, wanted: Omit<QueuedItem, "dueAt">): string | null => {
  if (before.state !== "proposed" && before.state !== "scheduled") return null
  const { action, importExclusion, resetRequest } = wanted.terms
  if (before.action !== action || before.importExclusion !== importExclusion || before.resetRequest !== resetRequest) {
    return "its rule now asks for another action"
  }
  if (before.state === wanted.state) return null
  return wanted.state === "proposed" ? "a person must approve it now" : "it needs no approval any more"
}

const whyNoMatch = Effect.fnUntraced(function* (
  rule: ActingRule,
  item: LibraryItem | undefined,
  loaded: ActingEvaluation["loaded"]
) {
  if (item === undefined) return "it is no longer in the library"
  return whyNotMatching(yield* loaded([item]), rule, item)
})

/** Why a rule does not match an item, as part of a sentence. */
export const whyNotMatching = (environment: Environment, rule: ActingRule, item: LibraryItem): string => {
  const traced = trace(rule.condition, sheetOf(environment, item), environment.now, heldOf(rule, item))
  const why = traced.truth === "false" ? reasonOf(traced, "false") : "it is out of its scope"
  return `the rule "${rule.rule.name}" no longer matches: ${why}`
}
