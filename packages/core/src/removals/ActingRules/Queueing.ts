/** Queues the removals of an acting rule, and withdraws those that it no longer justifies, in one transaction. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { becauseOf, traceActing } from "../../capacity/Acting.ts"
import type { ActingPreview, RunItems } from "../../capacity/ActingReport.ts"
import { CapacitySettings } from "../../capacity/CapacitySettings.ts"
import type { Environment } from "../../capacity/Decision.ts"
import { explain } from "../../capacity/Explanation.ts"
import { wholesOf } from "../../library/Families.ts"
import { isoOfMillis, nowIso } from "../../problems/Instants.ts"
import type { RemoveAction } from "../../rules/RuleAction.ts"
import { Rules, type StoredRule } from "../../rules/Rules.ts"
import { RemovalsSettings } from "../../settings/RemovalsSettings.ts"
import { Settings } from "../../settings/Settings.ts"
import { transacting } from "../../storage/Transactions.ts"
import { unchangedSince } from "../OpenRemovals.ts"
import { openStates } from "../Removal.ts"
import { RemovalEvents } from "../RemovalEvents.ts"
import { type NewRemoval, RemovalStore } from "../RemovalStore.ts"
import type { StoredRemoval } from "../RemovalStore/Rows.ts"
import { delayMillisOf } from "../RemovalTerms.ts"
import { canBeUndone } from "../WhyNotPossible.ts"
import type { ActingEvaluation } from "./Evaluation.ts"
import type { Holding } from "./Holding.ts"
import { isWithdrawable, planQueue, type QueuedItem, type QueuePlan } from "./QueuePlan.ts"

/** How a run is carried out. */
export interface RunMode {
  readonly dryRun: boolean
  readonly force: boolean
  readonly runId: string | null
}

export const makeQueueing = Effect.fnUntraced(function* (holding: Holding) {
  const sql = yield* SqlClient.SqlClient
  const transact = transacting(sql)
  const rules = yield* Rules
  const store = yield* RemovalStore
  const settings = yield* Settings

  const withdraw = (removal: StoredRemoval, reason: string) =>
    removal.state === "scheduled"
      ? store.move(removal, "spared", RemovalEvents.spared, `"${removal.title}" stays: ${reason}`, { reason })
      : store.move(removal, "cancelled", RemovalEvents.withdrawn, `"${removal.title}" is no longer queued: ${reason}`, {
          reason
        })

  /** One transaction: all that the run does, or nothing. */
  const write = Effect.fnUntraced(function* (
    evaluation: ActingEvaluation,
    plan: QueuePlan,
    open: ReadonlyArray<StoredRemoval>,
    held: ActingPreview["held"],
    { runId }: RunMode,
    now: string
  ) {
    const { rule } = evaluation
    const removals = yield* settings.get(RemovalsSettings)
    const escalated = held === null ? plan.escalated : []
    const fresh = held === null ? plan.queued : []
    const entries = [...plan.renewed, ...escalated.map(({ queued }) => queued), ...fresh]
    const touched = touchedBy(plan, evaluation.environment)
    const environment = yield* evaluation.loaded(entries.map(({ item }) => item))
    const dueAt = ({ dueAt: before, state, terms }: QueuedItem) =>
      state === "proposed" ? null : (before ?? isoOfMillis(Date.parse(now) + delayMillisOf(terms, removals)))
    yield* transact(
      Effect.gen(function* () {
        // Other rules, and the job that carries out removals, change others at the same time.
        yield* unchangedSince(store, open, ({ itemId }) => touched.has(itemId))
        for (const { reason, removal } of [...plan.withdrawn, ...escalated]) {
          yield* withdraw(removal, reason)
          yield* Effect.yieldNow
        }
        for (const { queued, removal } of plan.woken) {
          yield* store.move(
            removal,
            queued.state,
            RemovalEvents[queued.state],
            `The snooze of "${removal.title}" has ended`,
            {
              snoozedUntil: null,
              scheduledAt: dueAt(queued),
              approvedBy: null,
              mode: queued.mode,
              reason: "its snooze has ended"
            }
          )
          yield* Effect.yieldNow
        }
        let drafts: Array<NewRemoval> = []
        // In batches: a decision is large, and thousands of them need not be in memory together.
        const flush = Effect.suspend(() => {
          const some = drafts
          drafts = []
          return store.insert(some)
        })
        for (const entry of entries) {
          const { item, mode, state, terms } = entry
          const acting = traceActing(environment, rule, item, { _tag: "Acts" })
          drafts.push({
            item,
            state,
            mode,
            origin: "rule",
            ...terms,
            ruleId: rule.rule.id,
            runId,
            collection: null,
            position: 1,
            decision: { ...explain(environment, item), acting: [acting] },
            scheduledAt: dueAt(entry),
            because: becauseOf(acting),
            canBeUndone: canBeUndone(environment, item)
          })
          if (drafts.length >= draftsAtOnce) yield* flush
        }
        yield* flush
        if (held !== null) yield* holding.log(rule, held)
      })
    )
  })

  const remove = Effect.fnUntraced(function* (
    evaluation: ActingEvaluation,
    action: RemoveAction,
    items: RunItems,
    mode: RunMode
  ) {
    const now = yield* nowIso
    const { defaultMode } = yield* settings.get(CapacitySettings)
    const open = yield* store.where((q) => q.in("state", openStates))
    const plan = yield* planQueue(evaluation, action, open, defaultMode, now)
    const held = yield* holding.why(evaluation, plan.queued.length + plan.escalated.length, mode.force)
    if (!mode.dryRun) yield* write(evaluation, plan, open, held, mode, now)
    for (const { item } of plan.queued) items.add(held === null ? "queued" : "held", item)
    for (const { queued } of plan.woken) items.add("queued", queued.item, "its snooze has ended")
    for (const { queued } of plan.escalated) {
      if (held === null) items.add("already-queued", queued.item, "with what the rule asks for now")
      else items.add("held", queued.item)
    }
    for (const { item } of plan.renewed) items.add("already-queued", item, "with what the rule asks for now")
    for (const { because, item } of plan.already) items.add("already-queued", item, because)
    const renewed = new Set(plan.renewed.map(({ item }) => item.id))
    for (const { reason, removal } of plan.withdrawn) {
      if (renewed.has(removal.itemId)) continue
      items.add("left", { ...removal, id: removal.itemId }, reason)
    }
    for (const { because, item } of plan.kept) items.add("kept", item, because)
    for (const { because, item } of plan.unknown) items.add("unknown", item, because)
    const queued = held === null ? [...plan.queued, ...plan.woken.map((one) => one.queued)] : []
    return { held, proposed: queued.filter(({ state }) => state === "proposed").length }
  })

  /** Removals whose rule was deleted, switched off, or no longer removes. Those that are left are spared when due. */
  const withdrawOrphans = Effect.gen(function* () {
    const open = yield* store.eachWhere((q) => q`origin = 'rule' AND ${q.in("state", openStates)}`)
    if (open.length === 0) return
    const now = yield* nowIso
    const alive = new Map((yield* rules.list).map((rule) => [rule.id, rule]))
    for (const removal of open) {
      const rule = removal.ruleId === null ? null : alive.get(removal.ruleId)
      // A rule that cannot be read is neither deleted nor switched off: its removals wait.
      const reason = rule === undefined ? null : whyOrphaned(rule)
      if (reason === null || removal.approvedBy !== null || !isWithdrawable(removal, now)) continue
      // A person was faster: their decision applies.
      yield* Effect.ignore(transact(withdraw(removal, reason)))
    }
  }).pipe(Effect.withSpan("ActingRules.withdrawOrphans"))
  return { remove, withdrawOrphans }
})

/** Items whose removals a run writes, with those whose refusal would have kept them. */
const touchedBy = (plan: QueuePlan, { snapshot }: Environment): ReadonlySet<string> => {
  const ids = new Set([...plan.withdrawn, ...plan.woken, ...plan.escalated].map(({ removal }) => removal.itemId))
  for (const { item } of [...plan.queued, ...plan.renewed, ...plan.escalated.map(({ queued }) => queued)]) {
    for (const { id } of [item, ...snapshot.sameFileAs(item), ...wholesOf(snapshot, item)]) ids.add(id)
  }
  return ids
}

/** `null` = the rule was deleted. */
const whyOrphaned = (rule: StoredRule | null): string | null => {
  if (rule === null) return "its rule was deleted"
  if (!rule.enabled) return `the rule "${rule.name}" was switched off`
  return rule.action?.type === "remove" ? null : `the rule "${rule.name}" no longer removes`
}

/** Number of decisions that are explained before they are written. */
const draftsAtOnce = 25
