/** User actions on removals: approve, reject, snooze, reschedule, cancel, request, restore. */
import { Clock, Context, Effect, Layer, PubSub } from "effect"
import { SqlClient } from "effect/sql"
import { brake, type DeletionsDisabled } from "../acts/Brake.ts"
import { DiskGroups } from "../capacity/DiskGroups.ts"
import { Actor } from "../events/Actor.ts"
import { EventLog } from "../events/EventLog.ts"
import type { RestoreOptions } from "../integrations/Kind.ts"
import type { ItemNotFound } from "../library/LibraryErrors.ts"
import { comingInstant, isoOfMillis, nowIso } from "../problems/Instants.ts"
import { type InvalidRequest } from "../problems/Problem.ts"
import type { RulesUnreadable } from "../rules/Rules.ts"
import { Settings } from "../settings/Settings.ts"
import type { CountedPage, Page, Window } from "../storage/Pages.ts"
import { transacting } from "../storage/Transactions.ts"
import {
  openStates,
  type RecalledRemoval,
  RemovalBeyondRecall,
  type RemovalDetail,
  type RemovalForbidden,
  type RemovalNotFound,
  RemovalStateConflict,
  type RemovalSummary,
  type RestoreFailed,
  transitions
} from "./Removal.ts"
import { RemovalEvents, type RemovalStepEvent } from "./RemovalEvents.ts"
import { type Changes, RemovalStore } from "./RemovalStore.ts"
import { makeCounted } from "./RemovalStore/Counted.ts"
import type { QueueSummary, RemovalFilters, RemovalQuery } from "./RemovalStore/Lists.ts"
import { type BulkAction, type BulkResult, makeBulk } from "./Removals/Bulk.ts"
import { onlyFrom } from "./Removals/OnlyFrom.ts"
import { makeRequest } from "./Removals/Request.ts"
import { actionTextOf } from "./ActionText.ts"
import { makeRequestMany, type RequestedRemovals, type TogetherOptions } from "./Removals/RequestMany.ts"
import { sentStep } from "./RemovalSteps.ts"
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
      const store = yield* RemovalStore
      const diskGroups = yield* DiskGroups
      const settings = yield* Settings
      const events = yield* EventLog
      const changed = yield* PubSub.sliding<void>(1)

      /**
       * Applies an action to a removal and, if it belongs to a collection, to every member in the same state: to all of
       * them or none. A cancellation or snooze applies to every member that is not executing, whatever its state.
       */
      const unitOf = (removal: StoredRemoval, states: ReadonlyArray<RemovalSummary["state"]>) =>
        removal.collection === null
          ? Effect.succeed([removal])
          : store.where(
              (q) => q`id = ${Number(removal.id)} OR (collection = ${removal.collection} AND origin = ${removal.origin}
                AND integration_id = ${Number(removal.integrationId)} AND ${q.in("state", states)})`
            )

      const step = <E = never>(
        id: string,
        to: RemovalSummary["state"],
        event: RemovalStepEvent,
        messageOf: (removal: StoredRemoval) => string,
        changes: Changes | ((removal: StoredRemoval) => Changes),
        guard: (removal: StoredRemoval) => Effect.Effect<void, E> = () => Effect.void
      ) =>
        transact(
          Effect.gen(function* () {
            const removal = yield* store.find(id)
            let now = removal
            for (const member of yield* unitOf(removal, alike(removal.state, to))) {
              yield* guard(member)
              const changed = typeof changes === "function" ? changes(member) : changes
              const moved = yield* store.move(member, to, event, messageOf(member), changed)
              if (moved.id === id) now = moved
            }
            return summaryOf(now)
          })
        ).pipe(Effect.tap(() => PubSub.publish(changed, undefined)))

      /** Cancels or snoozes, even while it is executing, unless its deletion has been sent. */
      const recall = (
        id: string,
        to: "cancelled" | "snoozed",
        event: RemovalStepEvent,
        messageOf: (removal: StoredRemoval) => string,
        changes: Changes
      ): Recall => {
        // Stored if it comes too late, in case the deletion fails.
        const decision = to === "cancelled" ? "cancel" : (changes.snoozedUntil ?? "cancel")
        return transact(
          Effect.gen(function* () {
            const removal = yield* store.find(id)
            if (isSent(removal)) {
              yield* store.keepDecision(removal, decision)
              return removal.title
            }
            const unit = yield* unitOf(removal, alike(removal.state, to))
            for (const member of unit) {
              yield* isSent(member)
                ? store.keepDecision(member, decision)
                : store.move(member, to, event, messageOf(member), changes)
            }
            const beyond = unit.filter(isSent).map((member) => member.id)
            return { ...summaryOf(yield* store.find(id)), beyondRecall: beyond }
          })
        ).pipe(
          Effect.flatMap((done) => (typeof done === "string" ? Effect.fail(tooLate(id, done)) : Effect.succeed(done))),
          Effect.tap(() => PubSub.publish(changed, undefined))
        )
      }

      const braked = brake(settings)
      const requestOne = yield* makeRequest
      const { restore } = yield* Restores

      /** Approves removals, one after the other, at one moment and under the modes that the disks have then. */
      const approving = Effect.gen(function* () {
        yield* braked
        const removals = yield* settings.get(RemovalsSettings)
        const now = yield* Clock.currentTimeMillis
        const dueAt = (removal: StoredRemoval) => isoOfMillis(now + delayMillisOf(removal, removals))
        const actor = yield* Actor
        const modes = new Map((yield* diskGroups.list).map((group) => [group.id, group.mode]))
        return (id: string) =>
          step(
            id,
            "scheduled",
            RemovalEvents.approved,
            (removal) =>
              `"${removal.title}" was approved and is to be ${actionTextOf(removal).done} at ${dueAt(removal)}`,
            (removal) => ({
              scheduledAt: dueAt(removal),
              snoozedUntil: null,
              approvedBy: actor,
              reason: `approved by ${actor}`
            }),
            (removal) => {
              const conflict = (detail: string) =>
                Effect.fail(new RemovalStateConflict({ removalId: removal.id, state: removal.state, detail }))
              // The outcome of an executing removal depends on the application, not on a person.
              if (removal.state !== "proposed" && removal.state !== "snoozed")
                return conflict("only a proposal can be approved")
              return (modes.get(removal.diskGroupId ?? "") ?? removal.mode) === "dry-run"
                ? conflict("its disk is in dry-run; nothing leaves the proposals there")
                : Effect.void
            }
          )
      })
      const approve = Effect.fn("Removals.approve")((id: string) => Effect.flatMap(approving, (one) => one(id)))

      const reject = Effect.fn("Removals.reject")(function* (id: string, until?: string) {
        const now = yield* Clock.currentTimeMillis
        const { snoozeHours } = yield* settings.get(RemovalsSettings)
        const at =
          until === undefined ? isoOfMillis(now + snoozeHours * 3_600_000) : yield* comingInstant("until", until)
        const actor = yield* Actor
        return yield* recall(
          id,
          "snoozed",
          RemovalEvents.snoozed,
          (removal) => `"${removal.title}" is left alone until ${at}`,
          {
            snoozedUntil: at,
            scheduledAt: null,
            approvedBy: null,
            reason: `put off by ${actor}`
          }
        )
      })

      const unsnooze = Effect.fn("Removals.unsnooze")(function* (id: string) {
        const reason = `proposed again by ${yield* Actor}`
        return yield* step(
          id,
          "proposed",
          RemovalEvents.unsnoozed,
          (removal) => `"${removal.title}" is proposed again`,
          { snoozedUntil: null, reason },
          onlyFrom("snoozed")
        )
      })

      const cancel = Effect.fn("Removals.cancel")(function* (id: string) {
        const actor = yield* Actor
        return yield* recall(
          id,
          "cancelled",
          RemovalEvents.cancelled,
          (removal) => `The removal of "${removal.title}" was cancelled`,
          {
            reason: `cancelled by ${actor}`,
            final: true,
            nextAttemptAt: null
          }
        )
      })

      const retry = Effect.fn("Removals.retry")(function* (id: string) {
        yield* braked
        const at = isoOfMillis(yield* Clock.currentTimeMillis)
        const reason = `tried again by ${yield* Actor}`
        return yield* step(
          id,
          "scheduled",
          RemovalEvents.retried,
          (removal) => `"${removal.title}" is tried again`,
          { scheduledAt: at, nextAttemptAt: null, attempts: 0, reason },
          onlyFrom("failed")
        )
      })

      const release = Effect.fn("Removals.release")(function* (id: string) {
        yield* transact(
          Effect.gen(function* () {
            const removal = yield* store.find(id)
            yield* onlyFrom("cancelled")(removal)
            yield* sql`UPDATE removals SET released_at = ${yield* nowIso}, version = version + 1 WHERE id = ${Number(id)}`.pipe(
              Effect.orDie
            )
            yield* events.append(
              RemovalEvents.released.make({
                subject: id,
                message: `"${removal.title}" may be planned again`,
                payload: { itemId: removal.itemId, title: removal.title, because: removal.because }
              })
            )
          })
        )
        return summaryOf(yield* store.find(id))
      })

      const reschedule = Effect.fn("Removals.reschedule")(function* (id: string, at: string) {
        const when = yield* comingInstant("at", at)
        const reason = `moved to ${when} by ${yield* Actor}`
        const moved = yield* transact(
          Effect.gen(function* () {
            const removal = yield* store.find(id)
            yield* onlyFrom("scheduled")(removal)
            for (const member of yield* unitOf(removal, ["scheduled"])) {
              yield* store.note(member, { scheduledAt: when, nextAttemptAt: null, reason })
              yield* events.append(
                RemovalEvents.rescheduled.make({
                  subject: member.id,
                  message: `The removal of "${member.title}" was moved to ${when}`,
                  payload: { itemId: member.itemId, title: member.title, because: member.because, reason }
                })
              )
            }
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

      const bulk = yield* makeBulk({
        approve: approving,
        reject: Effect.succeed((id: string) => reject(id)),
        cancel: Effect.succeed(cancel),
        unsnooze: Effect.succeed(unsnooze),
        retry: Effect.succeed(retry),
        release: Effect.succeed(release)
      })

      return Removals.of({
        page: store.page,
        get: store.detail,
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

/** States of removals that take a step together. */
const alike = (state: RemovalSummary["state"], to: RemovalSummary["state"]): ReadonlyArray<RemovalSummary["state"]> =>
  to === "cancelled" || to === "snoozed" ? openStates.filter((open) => transitions[open].includes(to)) : [state]

const tooLate = (removalId: string, title: string) =>
  new RemovalBeyondRecall({
    removalId,
    detail: `the deletion of "${title}" has been sent to its application; if that does not remove it, it is not sent again`
  })

/** Its deletion has been sent, and only the application knows the outcome. */
const isSent = ({ state, step }: StoredRemoval): boolean => state === "executing" && step === sentStep
