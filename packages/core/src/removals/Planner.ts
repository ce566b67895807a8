/**
 * Turns the engine's plan into removals, according to the mode of each disk, and withdraws removals that are no longer
 * justified.
 */
import { Context, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import type { Decision, Environment } from "../capacity/Decision.ts"
import type { DiskGroup } from "../capacity/DiskGroup.ts"
import { Engine } from "../capacity/Engine.ts"
import { explain } from "../capacity/Explanation.ts"
import { formatBytes } from "../capacity/Bytes.ts"
import { CapacityEvents } from "../capacity/CapacityEvents.ts"
import type { Plan } from "../capacity/Plan.ts"
import { type GroupPlanned, planGroups, PreviewSummary, summarise } from "../capacity/Planning.ts"
import { itemCount } from "../library/Counting.ts"
import { EventLog } from "../events/EventLog.ts"
import { dayMillis, isoOfMillis, nowIso } from "../problems/Instants.ts"
import type { RulesUnreadable } from "../rules/Rules.ts"
import { RemovalMode } from "../capacity/RemovalMode.ts"
import { Settings } from "../settings/Settings.ts"
import { RefusedItems } from "./RefusedItems.ts"
import { Checkpoints } from "../storage/Checkpoints.ts"
import { transacting } from "../storage/Transactions.ts"
import { openStates } from "./Removal.ts"
import { type NewRemoval, RemovalStore } from "./RemovalStore.ts"
import { unchangedSince } from "./OpenRemovals.ts"
import { RemovalEvents } from "./RemovalEvents.ts"
import type { StoredRemoval } from "./RemovalStore/Rows.ts"
import { usualTerms } from "./RemovalTerms.ts"
import { canBeUndone } from "./WhyNotPossible.ts"
import { standingOf } from "./StandingsLive.ts"
import { snoozeEnded, withdrawals } from "./Withdrawals.ts"
import { RemovalsSettings } from "../settings/RemovalsSettings.ts"

export const GroupPlan = Schema.Struct({
  diskGroupId: Schema.String,
  mountPath: Schema.String,
  mode: RemovalMode,
  usedPercent: Schema.Finite,
  breached: Schema.Boolean,
  /** Bytes above the target, and those of them that are scheduled or executing. */
  bytesToFree: Schema.Finite,
  underWayBytes: Schema.Finite,
  /** The difference: bytes that must be freed and have no removal in progress. */
  neededBytes: Schema.Finite,
  plannedItems: Schema.Int,
  plannedBytes: Schema.Finite,
  limitedBy: Schema.NullOr(Schema.Literals(["caps", "candidates"])),
  /** Why nothing is planned here although the disk is too full. */
  skippedBecause: Schema.NullOr(Schema.String),
  items: Schema.Array(
    Schema.Struct({
      itemId: Schema.String,
      title: Schema.String,
      sizeBytes: Schema.Finite,
      rank: Schema.Finite,
      collection: Schema.NullOr(Schema.String)
    })
  )
}).annotate({ identifier: "GroupPlan" })
export type GroupPlan = typeof GroupPlan.Type

/** Its figures equal those of the preview at that time: `summary` with bytes, and the numbers of items separately. */
export const PlanReport = Schema.Struct({
  evaluated: Schema.Int,
  candidates: Schema.Int,
  undecided: Schema.Int,
  /** Kept by rules; protected items are counted separately. */
  kept: Schema.Int,
  protected: Schema.Int,
  irremovable: Schema.Int,
  summary: PreviewSummary,
  groups: Schema.Array(GroupPlan),
  proposed: Schema.Int,
  scheduled: Schema.Int,
  /** Removals that were no longer justified and were withdrawn. */
  takenBack: Schema.Int
}).annotate({ identifier: "PlanReport" })
export type PlanReport = typeof PlanReport.Type

export interface PlanOptions {
  /** Only these disk groups. */
  readonly diskGroupIds?: ReadonlyArray<string> | undefined
  /** Compute everything without writing anything. */
  readonly dryRun?: boolean | undefined
  readonly runId: string | null
  readonly progress?: (done: number, total: number | null, message: string) => Effect.Effect<void>
}

export class Planner extends Context.Service<
  Planner,
  { readonly run: (options: PlanOptions) => Effect.Effect<PlanReport, RulesUnreadable> }
>()("tendarr/removals/Planner") {
  static readonly layer = Layer.effect(
    Planner,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const transact = transacting(sql)
      const engine = yield* Engine
      const store = yield* RemovalStore
      const refusals = yield* RefusedItems
      const settings = yield* Settings
      const events = yield* EventLog
      const { withDeferredCheckpoint } = yield* Checkpoints

      const run = Effect.fn("Planner.run")(function* (options: PlanOptions) {
        const { environment, ranked } = yield* engine.evaluated
        const removals = yield* settings.get(RemovalsSettings)
        const open = yield* store.where((q) => q.in("state", openStates))
        const refusing = yield* refusals.refusing
        const byItem = new Map(open.map((removal) => [removal.itemId, removal]))
        const now = yield* nowIso
        const standing = yield* standingOf(environment, open, refusing, now)
        const planning = { environment, ranked, standing, caps: removals.caps, diskGroupIds: options.diskGroupIds }
        const plans = yield* planGroups(planning)
        const planned = plans.flatMap(({ plan }) => plan.items.map(({ decision }) => decision.item))
        const written =
          options.dryRun === true
            ? { proposed: 0, scheduled: 0, takenBack: 0 }
            : yield* write(yield* engine.loaded(environment, planned), plans, open, byItem, ranked, options, now)
        const summary = yield* summarise(planning, plans)
        yield* Effect.yieldNow
        return {
          evaluated: summary.evaluated,
          candidates: summary.candidate.items,
          undecided: summary.undecided.items,
          kept: summary.kept.items,
          protected: summary.protected.items,
          irremovable: summary.irremovable.items,
          summary,
          groups: plans.map(toGroupPlan),
          ...written
        }
      })

      /** One transaction: all removals of the run, or none. */
      const write = Effect.fnUntraced(function* (
        environment: Environment,
        plans: ReadonlyArray<GroupPlanned>,
        open: ReadonlyArray<StoredRemoval>,
        byItem: ReadonlyMap<string, StoredRemoval>,
        ranked: ReadonlyArray<Decision>,
        options: PlanOptions,
        now: string
      ) {
        const decisions = new Map(ranked.map((decision) => [decision.item.id, decision]))
        const { delaySeconds, sunsetDays } = yield* settings.get(RemovalsSettings)
        const due = (mode: RemovalMode) =>
          isoOfMillis(Date.parse(now) + (mode === "sunset" ? sunsetDays * dayMillis : delaySeconds * 1000))
        const wanted = new Set(plans.flatMap(({ plan }) => plan.items.map((item) => item.decision.item.id)))
        const withdrawn = withdrawals(open, {
          environment,
          decisions,
          groups: new Map(plans.map(({ group }) => [group.id, group])),
          wanted,
          now
        })
        return yield* transact(
          Effect.gen(function* () {
            yield* unchangedSince(store, open)
            let takenBack = 0
            for (const removal of open) {
              if (removal.origin === "person" && snoozeEnded(removal, now)) {
                yield* store.move(
                  removal,
                  "proposed",
                  RemovalEvents.proposed,
                  `The snooze of "${removal.title}" has ended`,
                  {
                    snoozedUntil: null,
                    reason: "its snooze has ended"
                  }
                )
              }
              const reason = withdrawn.get(removal.id)
              if (reason === undefined) continue
              takenBack++
              yield* removal.state === "scheduled"
                ? store.move(removal, "spared", RemovalEvents.spared, `"${removal.title}" stays: ${reason}`, {
                    reason
                  })
                : store.move(
                    removal,
                    "cancelled",
                    RemovalEvents.withdrawn,
                    `"${removal.title}" is not needed: ${reason}`,
                    {
                      reason
                    }
                  )
            }
            let proposed = 0
            let scheduled = 0
            let drafts: Array<NewRemoval> = []
            // In batches: a decision is large, and thousands of them need not be in memory together.
            const flush = Effect.suspend(() => {
              const some = drafts
              drafts = []
              return store.insert(some)
            })
            for (const { group, plan } of plans) {
              const auto = group.mode === "auto" || group.mode === "sunset"
              for (const entry of plan.items) {
                const item = entry.decision.item
                const before = byItem.get(item.id)
                const decision = explain(environment, item)
                const because = reasonOf(decision.summary, group, plan)
                if (auto) scheduled++
                else proposed++
                const state = auto ? ("scheduled" as const) : ("proposed" as const)
                const scheduledAt = auto ? due(group.mode) : null
                if (before === undefined) {
                  drafts.push({
                    item,
                    state,
                    mode: group.mode,
                    origin: "engine",
                    ...usualTerms(item.kind),
                    ruleId: null,
                    runId: options.runId,
                    collection: entry.collection,
                    position: entry.position,
                    decision,
                    scheduledAt,
                    because,
                    canBeUndone: canBeUndone(environment, item)
                  })
                  if (drafts.length >= draftsAtOnce) yield* flush
                  continue
                }
                const current =
                  before.state === state
                    ? before
                    : yield* store.move(before, state, RemovalEvents[state], `"${item.title}": ${because}`, {
                        reason: null,
                        scheduledAt,
                        snoozedUntil: null,
                        approvedBy: null,
                        mode: group.mode
                      })
                yield* store.decideAgain(current, {
                  position: entry.position,
                  decision,
                  runId: options.runId,
                  collection: entry.collection,
                  mode: group.mode,
                  because
                })
                yield* Effect.yieldNow
              }
            }
            yield* flush
            yield* Effect.forEach(plans, ({ group, plan }) => logBreach(group, plan), { discard: true })
            return { proposed, scheduled, takenBack }
          })
        )
      })

      const logBreach = (group: DiskGroup, planned: Plan) =>
        group.breached
          ? events.append(
              CapacityEvents.breached.make({
                subject: group.id,
                message: `${group.mountPath} is ${group.usedPercent} % full; ${formatBytes(group.bytesToFree)} to free, ${itemCount(planned.items.length)} of ${formatBytes(planned.plannedBytes)} planned (${group.mode})`,
                payload: {
                  neededBytes: planned.neededBytes,
                  plannedBytes: planned.plannedBytes,
                  limitedBy: planned.limitedBy
                }
              })
            )
          : Effect.void

      return Planner.of({
        run: (options) =>
          run(options).pipe(
            Effect.retry({ times: 5, while: (error) => error._tag === "RemovalStateConflict" }),
            Effect.catchTag("RemovalStateConflict", Effect.die),
            withDeferredCheckpoint
          )
      })
    })
  )
}

/** Number of decisions that are explained before they are written. */
const draftsAtOnce = 25

const reasonOf = (summary: string, group: DiskGroup, planned: Plan): string =>
  `${group.mountPath} is ${group.usedPercent} % full and ${formatBytes(planned.neededBytes)} must go: ${summary}`

const toGroupPlan = (entry: GroupPlanned): GroupPlan => ({
  diskGroupId: entry.group.id,
  mountPath: entry.group.mountPath,
  mode: entry.group.mode,
  usedPercent: entry.group.usedPercent,
  breached: entry.group.breached,
  bytesToFree: entry.group.bytesToFree,
  underWayBytes: entry.underWayBytes,
  neededBytes: entry.plan.neededBytes,
  plannedItems: entry.plan.items.length,
  plannedBytes: entry.plan.plannedBytes,
  limitedBy: entry.group.breached && entry.skipped === null ? entry.plan.limitedBy : null,
  skippedBecause: entry.group.breached ? entry.skipped : null,
  items: entry.plan.items.map(({ collection, decision }) => ({
    itemId: decision.item.id,
    title: decision.item.title,
    sizeBytes: decision.item.sizeBytes,
    rank: decision.rank,
    collection
  }))
})
