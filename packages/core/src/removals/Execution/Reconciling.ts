/**
 * Determines the outcome of removals and restores that were executing when the process ended, or whose application did
 * not answer. The application is asked, and only its explicit response changes a state.
 */
import { Clock, Effect } from "effect"
import { actionTextOf } from "../ActionText.ts"
import { askedAgainAt } from "../../acts/Backoff.ts"
import type { EventLog } from "../../events/EventLog.ts"
import type { RemovalCapability } from "../../integrations/Kind.ts"
import { nowIso } from "../../problems/Instants.ts"
import type { Settings } from "../../settings/Settings.ts"
import { claimedAgainStep, claimedStep, lateStep, sentStep } from "../RemovalSteps.ts"
import { openStates, type RemovalStateConflict } from "../Removal.ts"
import { RemovalEvents } from "../RemovalEvents.ts"
import type { RemovalStore } from "../RemovalStore.ts"
import type { StoredRemoval } from "../RemovalStore/Rows.ts"
import type { Restores } from "../Restores.ts"
import type { Settling } from "./Settling.ts"
import { RemovalsSettings } from "../../settings/RemovalsSettings.ts"

export const unsettled = "the application could not be asked whether it is gone"

export const makeReconciling = <Connection extends { readonly capability: RemovalCapability }>(services: {
  readonly capabilityOf: (removal: StoredRemoval) => Effect.Effect<Connection | undefined>
  readonly events: EventLog["Service"]
  /** Whether its integration was removed, so that the application can no longer be asked. */
  readonly isForgotten: (removal: StoredRemoval) => Effect.Effect<boolean>
  readonly isDone: (connection: Connection, removal: StoredRemoval) => Effect.Effect<boolean | null>
  readonly restores: Restores["Service"]
  readonly settings: Settings["Service"]
  readonly settling: Settling
  readonly store: RemovalStore["Service"]
}) => {
  const { capabilityOf, events, isDone, isForgotten, restores, settings, settling, store } = services
  const { transact } = settling

  const settle = Effect.fn("Execution.settle")(function* (removal: StoredRemoval) {
    const connection = yield* capabilityOf(removal)
    if (connection === undefined && (yield* isForgotten(removal))) {
      yield* Effect.catchTag(settling.abandoned(removal), "RemovalStateConflict", () => Effect.void)
      return true
    }
    const done = connection === undefined ? null : yield* isDone(connection, removal)
    if (done === null) {
      yield* transact(store.note(removal, { reason: unsettled }))
      return false
    }
    const { maxAttempts } = yield* settings.get(RemovalsSettings)
    const step = removal.step === sentStep || removal.step === claimedAgainStep ? lateStep : null
    if (!done) {
      if (step === null) yield* settling.putBack(connection?.capability, removal)
      const taken = yield* Effect.catchTag(settling.calledBack(removal, step), "RemovalStateConflict", () =>
        Effect.succeed(null)
      )
      if (taken !== null) return true
    }
    // Written before the first request that deletes: nothing was sent until then.
    const neverSent = removal.step === claimedStep && removal.attempts <= 1
    const settled: Effect.Effect<unknown, RemovalStateConflict> =
      done && neverSent
        ? settling.vanished(removal)
        : done
          ? settling.removed(
              removal,
              removal.sizeBytes,
              `${actionTextOf(removal).was} ${actionTextOf(removal).done}; found out after an interruption`
            )
          : removal.attempts >= maxAttempts
            ? settling.failed(removal, "interrupted before the application removed it", { step })
            : Effect.gen(function* () {
                const at = yield* nowIso
                yield* transact(
                  store.move(
                    removal,
                    "scheduled",
                    RemovalEvents.reconciled,
                    `${actionTextOf(removal).was} not ${actionTextOf(removal).done} before an interruption; it is scheduled again`,
                    {
                      step,
                      scheduledAt: at,
                      reason: "interrupted before the application removed it",
                      // Nothing was ever sent: if it disappears later, this removal is not the cause.
                      ...(neverSent ? { restore: null } : {})
                    }
                  )
                )
              })
    yield* Effect.catchTag(settled, "RemovalStateConflict", () => Effect.void)
    return true
  })

  /** A removal that a person has withdrawn after its preparations, before these were reverted. */
  const putBack = Effect.fn("Execution.putBack")(function* (removal: StoredRemoval) {
    const connection = yield* capabilityOf(removal)
    if (connection === undefined) {
      const reason = (yield* isForgotten(removal)) ? "its integration was removed" : "its integration is disabled"
      yield* settling.logHalfDone(removal, reason)
    } else yield* settling.putBack(connection.capability, removal)
    yield* transact(store.note(removal, { step: null }))
  })

  /**
   * A removal whose deletion may have taken effect late. Returns whether it is resolved: the item is gone, it still
   * exists after a minute, or its integration was removed.
   */
  const settleLate = Effect.fn("Execution.settleLate")(function* (removal: StoredRemoval) {
    const now = yield* Clock.currentTimeMillis
    if (Date.parse(askedAgainAt(removal, now)) > now) return false
    const connection = yield* capabilityOf(removal)
    if (connection === undefined && (yield* isForgotten(removal))) {
      yield* settling.abandonedLate(removal)
      return true
    }
    const done = connection === undefined ? null : yield* isDone(connection, removal)
    if (done === null) {
      yield* transact(store.note(removal, {}))
      return false
    }
    if (done && !(yield* hasAnother(removal))) {
      yield* settling.removed(
        removal,
        removal.sizeBytes,
        `${actionTextOf(removal).was} ${actionTextOf(removal).done} after all, late: ${removal.because}`
      )
      return true
    }
    if (!done) yield* settling.putBack(connection?.capability, removal)
    yield* transact(store.note(removal, { step: null }))
    return true
  })

  /** Whether another removal of the same item is open, or has removed it since. */
  const hasAnother = (removal: StoredRemoval) =>
    Effect.map(
      store.where(
        (q) => q`item_id = ${Number(removal.itemId)} AND id > ${Number(removal.id)}
          AND (${q.in("state", openStates)}
            OR (state = 'removed' AND (action <> 'unmonitor' OR action = ${removal.action})))`
      ),
      (others) => others.length > 0
    )

  return Effect.gen(function* () {
    for (const removal of yield* store.eachWhere((q) => q`step = ${claimedStep} AND state <> 'executing'`)) {
      yield* putBack(removal)
    }
    for (const removal of yield* store.eachWhere((q) => q`step = ${claimedAgainStep} AND state <> 'executing'`)) {
      yield* transact(store.note(removal, { step: lateStep }))
    }
    const late = yield* Effect.forEach(
      yield* store.eachWhere((q) => q`step = ${lateStep} AND state <> 'executing'`),
      (removal) => Effect.catchTag(settleLate(removal), "RemovalStateConflict", () => Effect.succeed(false))
    )
    const left = yield* store.eachWhere((q) => q`state = 'executing'`)
    const settled = yield* Effect.forEach(left, settle)
    const open = settled.filter((done) => !done).length
    // Logged once; it is retried every minute.
    if (left.some((removal, index) => settled[index] === false && removal.reason !== unsettled)) {
      yield* events.append(
        RemovalEvents.unsettled.make({
          message: `${open} removals were under way and their applications cannot be asked yet; nothing is sent until they answer`
        })
      )
    }
    return settled.length - open + late.filter((done) => done).length + (yield* restores.reconcile)
  })
}
