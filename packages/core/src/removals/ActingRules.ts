/**
 * Runs rules that act: evaluates one over the library, queues removals for what it matches, withdraws those that it no
 * longer matches, and changes entries in the applications. A run writes everything or nothing, and never moves the due
 * time of a removal that is already queued.
 */
import { Context, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import type { ActRecord, ActState } from "../acts/ActRecord.ts"
import { type ActReport, Acts } from "../acts/Acts.ts"
import { openActStates } from "../acts/ActStates.ts"
import { isBraked } from "../acts/Brake.ts"
import { becauseOf, traceActing } from "../capacity/Acting.ts"
import { CapacitySettings } from "../capacity/CapacitySettings.ts"
import { type Environment, sheetOf } from "../capacity/Decision.ts"
import { explain } from "../capacity/Explanation.ts"
import { EventLog } from "../events/EventLog.ts"
import { itemCount } from "../library/Counting.ts"
import type { LibraryItem } from "../library/Item.ts"
import { isoOfMillis, nowIso } from "../problems/Instants.ts"
import { type ActingRule, actingRule, itemRules } from "../rules/ItemRules.ts"
import type { ChangeAction, RemoveAction } from "../rules/RuleAction.ts"
import { RuleEvents } from "../rules/RuleEvents.ts"
import { RuleDoesNotAct } from "../rules/RuleErrors.ts"
import { RulesSettings } from "../rules/RulesSettings.ts"
import { type RuleNotFound, Rules, type RulesUnreadable, type StoredRule } from "../rules/Rules.ts"
import { RemovalsSettings } from "../settings/RemovalsSettings.ts"
import { Settings } from "../settings/Settings.ts"
import { Checkpoints } from "../storage/Checkpoints.ts"
import { transacting } from "../storage/Transactions.ts"
import { changeOfItem, isAsWanted, isSameChange, keyOfChange, makeChangeKind } from "./ActingRules/Changes.ts"
import { type ActingEvaluation, makeEvaluation } from "./ActingRules/Evaluation.ts"
import { isWithdrawable, planQueue, type QueuedItem, type QueuePlan } from "./ActingRules/QueuePlan.ts"
import { type RuleRunReport, RunItems } from "./ActingRules/Report.ts"
import { unchangedSince } from "./OpenRemovals.ts"
import { openStates } from "./Removal.ts"
import { RemovalEvents } from "./RemovalEvents.ts"
import { type NewRemoval, RemovalStore } from "./RemovalStore.ts"
import type { StoredRemoval } from "./RemovalStore/Rows.ts"
import { delayMillisOf } from "./RemovalTerms.ts"

export interface ActingRunOptions {
  /** Compute everything without writing anything. */
  readonly dryRun?: boolean | undefined
  /** A person accepts that the run acts on a large share of the library. */
  readonly force?: boolean | undefined
  readonly runId: string | null
  readonly progress?: (done: number, total: number | null, message: string) => Effect.Effect<void>
  readonly log?: (level: "info" | "warning" | "error", message: string) => Effect.Effect<void>
}

export class ActingRules extends Context.Service<
  ActingRules,
  {
    /** Runs a rule. One that is switched off is only evaluated. Changes are carried out only in runs of destructive jobs. */
    readonly run: (
      ruleId: string,
      options: ActingRunOptions
    ) => Effect.Effect<RuleRunReport, RuleNotFound | RuleDoesNotAct | RulesUnreadable>
  }
>()("tendarr/removals/ActingRules") {
  static readonly layer = Layer.effect(
    ActingRules,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const transact = transacting(sql)
      const rules = yield* Rules
      const store = yield* RemovalStore
      const settings = yield* Settings
      const events = yield* EventLog
      const acts = yield* Acts
      const { withDeferredCheckpoint } = yield* Checkpoints
      const { evaluate } = yield* makeEvaluation
      const changes = yield* acts.define(yield* makeChangeKind)

      /** The rule with an id as it is in force, or as it is stored if it is switched off. */
      const ruleOf = Effect.fnUntraced(function* (stored: StoredRule, acting: ReadonlyArray<ActingRule>) {
        const inForce = acting.find(({ rule }) => rule.id === stored.id)
        if (inForce !== undefined) return inForce
        const compiled = yield* Effect.orDie(rules.compile(itemRules, stored))
        const rule = actingRule({ ...compiled, rule: stored })
        return rule ?? (yield* new RuleDoesNotAct({ ruleId: stored.id }))
      })

      const heldBy = Effect.fnUntraced(function* (
        { environment }: ActingEvaluation,
        newly: number,
        force: boolean | undefined
      ): Effect.fn.Return<RuleRunReport["held"]> {
        const { maxActingShare, minActingItems } = yield* settings.get(RulesSettings)
        const share = shareOf(environment, newly)
        if (force === true || newly < minActingItems || share <= maxActingShare) return null
        const percent = (of: number) => `${Math.round(of * 100)} %`
        const detail = `it would newly act on ${itemCount(newly)} (${percent(share)} of the library, at most ${percent(maxActingShare)} are accepted without a person who forces it)`
        return { items: newly, share, accepted: maxActingShare, detail }
      })

      /** While deletions are switched off, no change is planned. */
      const brakedBy = Effect.fnUntraced(function* ({ environment }: ActingEvaluation, newly: number) {
        if (newly === 0 || !(yield* isBraked(settings))) return null
        const share = shareOf(environment, newly)
        return { items: newly, share, accepted: 0, detail: "deletions are switched off in the settings" }
      })

      const logHeld = ({ rule }: ActingRule, held: NonNullable<RuleRunReport["held"]>) =>
        events.append(
          RuleEvents.held.make({
            subject: rule.id,
            message: `The run of the rule "${rule.name}" is held: ${held.detail}`,
            payload: { items: held.items, share: held.share, accepted: held.accepted }
          })
        )

      const withdraw = (removal: StoredRemoval, reason: string) =>
        removal.state === "scheduled"
          ? store.move(removal, "spared", RemovalEvents.spared, `"${removal.title}" stays: ${reason}`, { reason })
          : store.move(
              removal,
              "cancelled",
              RemovalEvents.withdrawn,
              `"${removal.title}" is no longer queued: ${reason}`,
              { reason }
            )

      /** One transaction: all that the run does, or nothing. */
      const write = Effect.fnUntraced(function* (
        evaluation: ActingEvaluation,
        plan: QueuePlan,
        open: ReadonlyArray<StoredRemoval>,
        held: RuleRunReport["held"],
        { runId }: ActingRunOptions,
        now: string
      ) {
        const { rule } = evaluation
        const removals = yield* settings.get(RemovalsSettings)
        const entries = [...plan.renewed, ...(held === null ? plan.queued : [])]
        const environment = yield* evaluation.loaded(entries.map(({ item }) => item))
        const dueAt = ({ dueAt: before, state, terms }: QueuedItem) =>
          state === "proposed" ? null : (before ?? isoOfMillis(Date.parse(now) + delayMillisOf(terms, removals)))
        yield* transact(
          Effect.gen(function* () {
            yield* unchangedSince(store, open)
            for (const { reason, removal } of plan.withdrawn) {
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
              const acting = traceActing(environment, rule, item)
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
                because: becauseOf(acting)
              })
              if (drafts.length >= draftsAtOnce) yield* flush
            }
            yield* flush
            if (held !== null) yield* logHeld(rule, held)
          })
        )
      })

      const remove = Effect.fnUntraced(function* (
        evaluation: ActingEvaluation,
        action: RemoveAction,
        items: RunItems,
        options: ActingRunOptions & { readonly dryRun: boolean }
      ) {
        const now = yield* nowIso
        const { defaultMode } = yield* settings.get(CapacitySettings)
        const open = yield* store.where((q) => q.in("state", openStates))
        const plan = yield* planQueue(evaluation, action, open, defaultMode, now)
        const held = yield* heldBy(evaluation, plan.queued.length, options.force)
        if (!options.dryRun) yield* write(evaluation, plan, open, held, options, now)
        for (const { item } of held === null ? plan.queued : []) items.add("queued", item)
        for (const { queued } of plan.woken) items.add("queued", queued.item, "its snooze has ended")
        for (const { item } of plan.renewed) items.add("already-queued", item, "with what the rule asks for now")
        for (const { because, item } of plan.already) items.add("already-queued", item, because)
        const renewed = new Set(plan.renewed.map(({ item }) => item.id))
        for (const { reason, removal } of plan.withdrawn) {
          if (renewed.has(removal.itemId)) continue
          items.add("left", { ...removal, id: removal.itemId }, reason)
        }
        addUnqueued(items, plan)
        const queued = held === null ? [...plan.queued, ...plan.woken.map((one) => one.queued)] : []
        return { held, proposed: queued.filter(({ state }) => state === "proposed").length }
      })

      const addUnqueued = (items: RunItems, { kept, unknown }: Pick<QueuePlan, "kept" | "unknown">) => {
        for (const { because, item } of kept) items.add("kept", item, because)
        for (const { because, item } of unknown) items.add("unknown", item, because)
      }

      const change = Effect.fnUntraced(function* (
        evaluation: ActingEvaluation,
        action: ChangeAction,
        items: RunItems,
        options: ActingRunOptions & { readonly dryRun: boolean }
      ) {
        const { environment, rule } = evaluation
        const newest = yield* changes.newest
        const wanted: Array<LibraryItem> = []
        for (const { item, verdict } of evaluation.judged) {
          if (verdict._tag !== "Acts") {
            items.add(verdict._tag === "Kept" ? "kept" : "unknown", item, verdict.because)
            continue
          }
          const before = newest.get(keyOfChange(changeOfItem(item, rule.rule.id, action)))
          const same = before?.subject != null && isSameChange(before.subject.change, action) ? before : undefined
          if (same !== undefined && (same.state === "undone" || same.state === "cancelled")) {
            items.add("kept", item, `act ${same.id}, which is the same change, was ${same.state} by a person`)
          } else if (isAsWanted(sheetOf(environment, item), action) || isUnread(environment, item, same)) {
            items.add("as-wanted", item)
          } else if (before !== undefined && isOpen(before.state)) {
            items.add("already-queued", item, `act ${before.id} is ${before.state}`)
          } else wanted.push(item)
        }
        const held =
          (yield* brakedBy(evaluation, wanted.length)) ?? (yield* heldBy(evaluation, wanted.length, options.force))
        const planned = held === null ? wanted : []
        for (const item of planned) items.add("changed", item)
        if (!options.dryRun) {
          yield* transact(
            Effect.gen(function* () {
              for (const item of planned) {
                const because = `the rule "${rule.rule.name}" matches`
                yield* Effect.catchTag(
                  changes.intend(changeOfItem(item, rule.rule.id, action), { because }),
                  // Somebody was faster, and the open act is carried out with the others.
                  "ActConflict",
                  () => Effect.void
                )
                yield* Effect.yieldNow
              }
              if (held !== null) yield* logHeld(rule, held)
            })
          )
        }
        return { held, planned: planned.length }
      })

      const carryOut = ({ log, progress }: ActingRunOptions) =>
        changes.carryOutDue({ log: log ?? (() => Effect.void), progress: progress ?? (() => Effect.void) })

      const run = Effect.fn("ActingRules.run")(function* (ruleId: string, options: ActingRunOptions) {
        const stored = yield* rules.get(ruleId)
        if (stored.action === undefined) return yield* new RuleDoesNotAct({ ruleId })
        const dryRun = options.dryRun === true || !stored.enabled
        yield* options.progress?.(0, null, "evaluating the library") ?? Effect.void
        const evaluation = yield* evaluate(({ rules: { acting } }) => ruleOf(stored, acting))
        const { environment, judged, rule } = evaluation
        const { action } = rule
        const items = new RunItems()
        let held: RuleRunReport["held"] = null
        let [proposed, planned] = [0, 0]
        let report: ActReport = { done: 0, failed: 0, spared: 0, waiting: 0 }
        if (action.type === "remove") {
          ;({ held, proposed } = yield* remove(evaluation, action, items, { ...options, dryRun }))
        } else if (action.type === "change") {
          ;({ held, planned } = yield* change(evaluation, action, items, { ...options, dryRun }))
          if (!dryRun) report = yield* carryOut(options)
        } else {
          for (const { item, verdict } of judged) {
            if (verdict._tag === "Acts") items.add("matched", item)
            else items.add(verdict._tag === "Kept" ? "kept" : "unknown", item, verdict.because)
          }
        }
        yield* Effect.yieldNow
        return {
          ruleId,
          name: stored.name,
          action,
          enabled: stored.enabled,
          dryRun,
          evaluated: environment.counting.tally(environment.snapshot.items),
          matched: sumOf(judged.flatMap(({ item, verdict }) => (verdict._tag === "Unknown" ? [] : [item]))),
          queued: items.tally("queued"),
          proposed,
          alreadyQueued: items.tally("already-queued"),
          kept: items.tally("kept"),
          unknown: items.tally("unknown"),
          left: items.tally("left"),
          changes: {
            planned,
            asWanted: items.tally("as-wanted").items,
            changed: report.done,
            failed: report.failed,
            waiting: report.waiting
          },
          notActedOnAlone: evaluation.notActedOnAlone,
          held,
          keptBecause: items.because("kept"),
          unknownBecause: items.because("unknown"),
          leftBecause: items.because("left"),
          items: items.entries
        } satisfies RuleRunReport
      })

      /** Removals whose rule was deleted, switched off, or no longer removes. Those that are left are spared when due. */
      const withdrawOrphans = Effect.gen(function* () {
        const open = yield* store.eachWhere((q) => q`origin = 'rule' AND ${q.in("state", openStates)}`)
        if (open.length === 0) return
        const now = yield* nowIso
        const alive = new Map((yield* rules.list).map((rule) => [rule.id, rule]))
        for (const removal of open) {
          const rule = removal.ruleId === null ? undefined : alive.get(removal.ruleId)
          const reason = whyOrphaned(rule)
          if (reason === null || removal.approvedBy !== null || !isWithdrawable(removal, now)) continue
          // A person was faster: their decision applies.
          yield* Effect.ignore(transact(withdraw(removal, reason)))
        }
      }).pipe(Effect.withSpan("ActingRules.withdrawOrphans"))
      yield* rules.onChanged(withdrawOrphans)

      return ActingRules.of({
        run: (ruleId, options) =>
          run(ruleId, options).pipe(
            Effect.retry({ times: 5, while: (error) => error._tag === "RemovalStateConflict" }),
            Effect.catchTags({ RemovalStateConflict: Effect.die, DeletionsDisabled: Effect.die }),
            withDeferredCheckpoint
          )
      })
    })
  )
}

/** Number of decisions that are explained before they are written. */
const draftsAtOnce = 25

const whyOrphaned = (rule: StoredRule | undefined): string | null => {
  if (rule === undefined) return "its rule was deleted"
  if (!rule.enabled) return `the rule "${rule.name}" was switched off`
  return rule.action?.type === "remove" ? null : `the rule "${rule.name}" no longer removes`
}

const shareOf = ({ counting, snapshot }: Environment, items: number): number => {
  const all = counting.tally(snapshot.items).items
  return all === 0 ? 0 : items / all
}

const isOpen = (state: ActState): boolean => openActStates.some((open) => open === state)

/** A change that was carried out after its application was last read: the known facts are older. */
const isUnread = (
  { sources }: Environment,
  { integrationId }: LibraryItem,
  act: Pick<ActRecord, "state" | "endedAt"> | undefined
): boolean => {
  const catalog = sources.catalog(integrationId)
  return act?.state === "done" && act.endedAt !== null && catalog._tag === "Fresh" && catalog.at <= act.endedAt
}

const sumOf = (items: ReadonlyArray<LibraryItem>) => ({
  items: items.length,
  bytes: items.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
})
