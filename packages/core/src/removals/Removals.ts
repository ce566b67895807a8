/** User actions on removals: approve, reject, snooze, reschedule, cancel, request, restore. */
import { Clock, Context, Effect, Layer, PubSub, Result } from "effect"
import { SqlClient } from "effect/sql"
import { brake, type DeletionsDisabled } from "../acts/Brake.ts"
import { DiskGroups } from "../capacity/DiskGroups.ts"
import { Actor } from "../events/Actor.ts"
import { EventLog } from "../events/EventLog.ts"
import type { RestoreOptions } from "../integrations/Kind.ts"
import type { ItemNotFound } from "../library/LibraryErrors.ts"
import { comingInstant, isoOfMillis } from "../problems/Instants.ts"
import { type InvalidRequest } from "../problems/Problem.ts"
import type { RulesUnreadable } from "../rules/Rules.ts"
import { Settings } from "../settings/Settings.ts"
import type { CountedPage, Page, Window } from "../storage/Pages.ts"
import { transacting } from "../storage/Transactions.ts"
import {
  type RecalledRemoval,
  type RemovalBeyondRecall,
  type RemovalDetail,
  type RemovalForbidden,
  RemovalNotFound,
  type RemovalStateConflict,
  type RemovalSummary,
  type RestoreFailed
} from "./Removal.ts"
import { makeDownloadsOfItems } from "./DownloadsOfItems.ts"
import { RemovalEvents } from "./RemovalEvents.ts"
import { conflictsOfApproval } from "./OpenRemovals.ts"
import { RemovalStore } from "./RemovalStore.ts"
import { makeCounted } from "./RemovalStore/Counted.ts"
import type { QueueSummary, RemovalFilters, RemovalQuery } from "./RemovalStore/Lists.ts"
import { type BulkAction, type BulkResult, makeBulk } from "./Removals/Bulk.ts"
import { makeRelease } from "./Removals/Release.ts"
import { conflict, makeSteps, membersOf, type Step as PersonStep } from "./Removals/Steps.ts"
import { notFrom, onlyFrom } from "./Removals/OnlyFrom.ts"
import { makeRequest } from "./Removals/Request.ts"
import { actionTextOf } from "./ActionText.ts"
import { makeRequestMany, type RequestedRemovals, type TogetherOptions } from "./Removals/RequestMany.ts"
import { delayMillisOf, type RequestOptions } from "./RemovalTerms.ts"
import { type StoredRemoval, summaryOf } from "./RemovalStore/Rows.ts"
import { Restores } from "./Restores.ts"
import { RemovalsSettings } from "../settings/RemovalsSettings.ts"

type Step = Effect.Effect<RemovalSummary, RemovalNotFound | RemovalStateConflict | DeletionsDisabled>
type Recall = Effect.Effect<RecalledRemoval, RemovalNotFound | RemovalStateConflict | RemovalBeyondRecall>

export { type BulkAction, bulkActions, BulkResult } from "./Removals/Bulk.ts"
export type { QueueSummary, RemovalFilters, RemovalQuery } from "./RemovalStore/Lists.ts"
export { RequestedRemovals, type TogetherOptions } from "./Removals/RequestMany.ts"

export class Removals extends Context.Service<
  Removals,
  {
    readonly page: (query: RemovalQuery) => Effect.Effect<Page<RemovalSummary>, InvalidRequest>
    readonly get: (id: string) => Effect.Effect<RemovalDetail, RemovalNotFound>
    /**
     * A person's request to remove an item. Protections, rules that always keep and the brake apply here too; on a disk in
     * dry-run it remains a proposal. It replaces a proposal that nobody has decided about.
     */
    readonly request: (
      itemId: string,
      options?: RequestOptions
    ) => Effect.Effect<
      RemovalSummary,
      ItemNotFound | RemovalForbidden | RemovalStateConflict | DeletionsDisabled | RulesUnreadable | InvalidRequest
    >
    /** The same for many items, each by itself; with a collection, its members become one unit. */
    readonly requestMany: (
      itemIds: ReadonlyArray<string>,
      options?: RequestOptions,
      together?: TogetherOptions
    ) => Effect.Effect<RequestedRemovals>
    /** By position and with a total, for APIs with numbered pages. */
    readonly counted: (query: RemovalFilters, window: Window) => Effect.Effect<CountedPage<RemovalSummary>>
    /** The removals that somebody decided on, and that are still to come. */
    readonly queue: (query?: Pick<RemovalFilters, "kinds">) => Effect.Effect<QueueSummary>
    readonly approve: (id: string) => Step
    /** Snoozes it, even while it is executing; the default for `until` is the snooze in the settings. */
    readonly reject: (
      id: string,
      until?: string
    ) => Effect.Effect<RecalledRemoval, RemovalNotFound | RemovalStateConflict | RemovalBeyondRecall | InvalidRequest>
    readonly unsnooze: (id: string) => Step
    readonly reschedule: (
      id: string,
      at: string
    ) => Effect.Effect<RemovalSummary, RemovalNotFound | RemovalStateConflict | InvalidRequest>
    /**
     * Final: the engine does not plan the item again until a person releases it. Works even while it is executing,
     * until the deletion has been sent.
     */
    readonly cancel: (id: string) => Recall
    /** Allows the engine to plan an item whose removal was cancelled. */
    readonly release: (id: string) => Step
    /** Retries a failed removal immediately. */
    readonly retry: (id: string) => Step
    /** Adds the item again as it was, and protects it. If a response is lost, the result is determined by asking. */
    readonly restore: (
      id: string,
      options?: RestoreOptions
    ) => Effect.Effect<RemovalSummary, RemovalNotFound | RemovalStateConflict | RestoreFailed>
    readonly bulk: (action: BulkAction, ids: ReadonlyArray<string>) => Effect.Effect<BulkResult>
    /** Notified after every change that may make a removal due. */
    readonly changed: PubSub.PubSub<void>
  }
>()("tendarr/removals/Removals") {
  static readonly layer = Layer.effect(
    Removals,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const transact = transacting(sql)
      const itemDownloads = yield* makeDownloadsOfItems
      const store = yield* RemovalStore
      const diskGroups = yield* DiskGroups
      const settings = yield* Settings
      const events = yield* EventLog
      const changed = yield* PubSub.sliding<void>(1)

      const { recall, step } = makeSteps(store)

      /** One removal, as it is after the step. */
      const one = Effect.fnUntraced(function* <E, P>(id: string, prepared: Effect.Effect<PersonStep<E>, P>) {
        const done = yield* transact(
          Effect.gen(function* (): Effect.fn.Return<
            Result.Result<RecalledRemoval, E | RemovalNotFound>,
            P | RemovalNotFound | RemovalStateConflict
          > {
            const outcomes = yield* (yield* prepared)([id], new Set())
            const outcome = outcomes.get(id)
            if (outcome === undefined) return Result.fail(new RemovalNotFound({ removalId: id }))
            if (Result.isFailure(outcome)) return Result.fail(outcome.failure)
            return Result.succeed({ ...summaryOf(yield* store.find(id)), beyondRecall: outcome.success.beyondRecall })
          })
        )
        yield* PubSub.publish(changed, undefined)
        return yield* Effect.fromResult(done)
      })
      const only = ({ beyondRecall: _, ...removal }: RecalledRemoval) => removal

      const braked = brake(settings)
      const requestOne = yield* makeRequest
      const { restore } = yield* Restores

      /** Approves removals at one moment and under the modes that the disks have then. */
      const approving = Effect.gen(function* () {
        yield* braked
        const removals = yield* settings.get(RemovalsSettings)
        const now = yield* Clock.currentTimeMillis
        const dueAt = (removal: StoredRemoval) => isoOfMillis(now + delayMillisOf(removal, removals))
        const actor = yield* Actor
        const modes = new Map((yield* diskGroups.list).map((group) => [group.id, group.mode]))
        const conflictWith = yield* conflictsOfApproval(sql)
        return step(
          {
            to: "scheduled",
            event: RemovalEvents.approved,
            messageOf: (removal) =>
              `"${removal.title}" was approved and is to be ${actionTextOf(removal).done} at ${dueAt(removal)}`,
            changesOf: (removal) => ({
              scheduledAt: dueAt(removal),
              snoozedUntil: null,
              approvedBy: actor,
              reason: `approved by ${actor}`
            })
          },
          (removal) => {
            // The outcome of an executing removal depends on the application, not on a person.
            if (removal.state !== "proposed" && removal.state !== "snoozed")
              return conflict(removal, "only a proposal can be approved")
            if ((modes.get(removal.diskGroupId ?? "") ?? removal.mode) === "dry-run")
              return conflict(removal, "its disk is in dry-run; nothing leaves the proposals there")
            const other = conflictWith(removal)
            return other === null ? null : conflict(removal, other)
          }
        )
      })
      const approve = Effect.fn("Removals.approve")((id: string) => Effect.map(one(id, approving), only))

      const snoozing = (at: string) =>
        Effect.map(Actor, (actor) =>
          recall({
            to: "snoozed",
            event: RemovalEvents.snoozed,
            messageOf: (removal) => `"${removal.title}" is left alone until ${at}`,
            changesOf: () => ({
              snoozedUntil: at,
              scheduledAt: null,
              approvedBy: null,
              reason: `put off by ${actor}`
            })
          })
        )
      const usualSnooze = Effect.gen(function* () {
        const { snoozeHours } = yield* settings.get(RemovalsSettings)
        return isoOfMillis((yield* Clock.currentTimeMillis) + snoozeHours * 3_600_000)
      })
      const reject = Effect.fn("Removals.reject")(function* (id: string, until?: string) {
        const at = until === undefined ? yield* usualSnooze : yield* comingInstant("until", until)
        return yield* one(id, snoozing(at))
      })

      const unsnoozing = Effect.map(Actor, (actor) =>
        step(
          {
            to: "proposed",
            event: RemovalEvents.unsnoozed,
            messageOf: (removal) => `"${removal.title}" is proposed again`,
            changesOf: () => ({ snoozedUntil: null, reason: `proposed again by ${actor}` })
          },
          notFrom("snoozed")
        )
      )
      const unsnooze = Effect.fn("Removals.unsnooze")((id: string) => Effect.map(one(id, unsnoozing), only))

      const cancelling = Effect.map(Actor, (actor) =>
        recall({
          to: "cancelled",
          event: RemovalEvents.cancelled,
          messageOf: (removal) => `The removal of "${removal.title}" was cancelled`,
          changesOf: () => ({ reason: `cancelled by ${actor}`, final: true, nextAttemptAt: null })
        })
      )
      const cancel = Effect.fn("Removals.cancel")((id: string) => one(id, cancelling))

      const retrying = Effect.gen(function* () {
        yield* braked
        const at = isoOfMillis(yield* Clock.currentTimeMillis)
        const reason = `tried again by ${yield* Actor}`
        return step(
          {
            to: "scheduled",
            event: RemovalEvents.retried,
            messageOf: (removal) => `"${removal.title}" is tried again`,
            changesOf: () => ({ scheduledAt: at, nextAttemptAt: null, attempts: 0, reason })
          },
          notFrom("failed")
        )
      })
      const retry = Effect.fn("Removals.retry")((id: string) => Effect.map(one(id, retrying), only))

      const releasing = makeRelease(store, events)
      const release = Effect.fn("Removals.release")((id: string) =>
        Effect.map(one(id, Effect.succeed(releasing)), only)
      )

      const reschedule = Effect.fn("Removals.reschedule")(function* (id: string, at: string) {
        const when = yield* comingInstant("at", at)
        const reason = `moved to ${when} by ${yield* Actor}`
        const moved = yield* transact(
          Effect.gen(function* () {
            const removal = yield* store.find(id)
            yield* onlyFrom("scheduled")(removal)
            const unit = yield* membersOf(store, removal, ["scheduled"])
            yield* store.noteAll(unit, { scheduledAt: when, nextAttemptAt: null, reason })
            yield* events.append(
              ...unit.map((member) =>
                RemovalEvents.rescheduled.make({
                  subject: member.id,
                  message: `The removal of "${member.title}" was moved to ${when}`,
                  payload: { itemId: member.itemId, title: member.title, because: member.because, reason }
                })
              )
            )
            return summaryOf(yield* store.find(id))
          })
        )
        yield* PubSub.publish(changed, undefined)
        return moved
      })

      const request = (itemId: string, options?: RequestOptions) =>
        Effect.tap(requestOne(itemId, options), () => PubSub.publish(changed, undefined))

      const { counted, queue } = yield* makeCounted
      const requestAll = yield* makeRequestMany(requestOne)
      const requestMany: typeof requestAll = (...given) =>
        Effect.tap(requestAll(...given), () => PubSub.publish(changed, undefined))

      const bulkAll = yield* makeBulk({
        approve: approving,
        reject: Effect.flatMap(usualSnooze, snoozing),
        cancel: cancelling,
        unsnooze: unsnoozing,
        retry: retrying,
        release: Effect.succeed(releasing)
      })
      const bulk: typeof bulkAll = (...given) => Effect.tap(bulkAll(...given), () => PubSub.publish(changed, undefined))

      return Removals.of({
        page: store.page,
        get: Effect.fn("Removals.get")(function* (id) {
          const detail = yield* store.detail(id)
          const downloads =
            detail.endedAt === null ? yield* itemDownloads.of(detail.itemId) : yield* itemDownloads.noted(id)
          return { ...detail, downloads }
        }),
        request,
        requestMany,
        counted,
        queue,
        approve,
        reject,
        unsnooze,
        reschedule,
        cancel,
        release,
        retry,
        restore,
        bulk,
        changed
      })
    })
  )
}
