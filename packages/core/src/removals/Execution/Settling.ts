/** Ends an executing removal, or returns it to the queue. Each change is one transaction. */
import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import { deletesFiles, actionTextOf } from "../ActionText.ts"
import { retryAt } from "../../acts/Backoff.ts"
import type { EventLog } from "../../events/EventLog.ts"
import type { RemovalCapability } from "../../integrations/Kind.ts"
import { isWholeKind } from "../../integrations/Observations.ts"
import type { ItemStore } from "../../library/ItemStore.ts"
import { goneWith, rememberMissing } from "../../library/MissingFiles.ts"
import type { Snapshots } from "../../library/Snapshots.ts"
import { nowIso } from "../../problems/Instants.ts"
import type { Settings } from "../../settings/Settings.ts"
import { RemovalEvents } from "../RemovalEvents.ts"
import { type RemovalStore, targetOf } from "../RemovalStore.ts"
import type { StoredRemoval } from "../RemovalStore/Rows.ts"
import { RemovalsSettings } from "../../settings/RemovalsSettings.ts"
import { transacting } from "../../storage/Transactions.ts"

export type Outcome =
  /** `diskGroupId` is the item's disk at that time. */
  | { readonly _tag: "Removed"; readonly freedBytes: number; readonly diskGroupId: string | null }
  /** `vanished`: it was gone before anything was sent. */
  | { readonly _tag: "Spared"; readonly reason: string; readonly vanished?: boolean }
  /** `untrue`: the application reported success, but still has it. */
  | { readonly _tag: "Failed"; readonly reason: string; readonly untrue?: boolean }
  /** Nothing was deleted and the removal stays open, or a person has withdrawn it. */
  | { readonly _tag: "Waiting"; readonly reason: string }

export type Settling = ReturnType<typeof makeSettling>

/** The note on a removal whose integration was removed before its outcome was known. */
const leftBehind =
  "its integration was removed before it could be asked whether the item is gone; an item that is still there may be left unmonitored"

export const makeSettling = (services: {
  readonly sql: SqlClient.SqlClient
  readonly store: RemovalStore["Service"]
  readonly items: ItemStore["Service"]
  readonly snapshots: Snapshots["Service"]
  readonly settings: Settings["Service"]
  readonly events: EventLog["Service"]
}) => {
  const { events, items, settings, snapshots, sql, store } = services
  const rememberAsMissing = rememberMissing(sql)

  const transact = transacting(sql)

  /** `sizeBytes`: what it occupied, which is free now unless nothing was deleted. */
  const removed = Effect.fnUntraced(function* (removal: StoredRemoval, sizeBytes: number, message: string) {
    const at = yield* nowIso
    const frees = deletesFiles(removal.action)
    const freedBytes = frees ? sizeBytes : 0
    const snapshot = yield* snapshots.get
    const item = snapshot.byId.get(removal.itemId)
    yield* transact(
      Effect.gen(function* () {
        if (item !== undefined && frees) yield* rememberAsMissing(removal.id, goneWith(snapshot, item))
        yield* store.move(removal, "removed", RemovalEvents.removed, message, {
          freedBytes,
          step: null,
          nextAttemptAt: null,
          reason: null
        })
        // It stays in the library.
        if (!frees) return
        // The entry of a show without seasons is listed all the same.
        const isStripped = removal.action !== "remove-entry" && isWholeKind(removal.kind)
        const gone = isStripped && item !== undefined ? snapshot.childrenOf(item).map(({ id }) => id) : [removal.itemId]
        // A show counts with its seasons; a removal that a sync has already noticed counts as one.
        const marked = yield* Effect.forEach(gone, (id) => items.markGone(id, at))
        const counted = Math.max(
          1,
          marked.reduce((sum, some) => sum + some, 0)
        )
        yield* sql`INSERT INTO counters ${sql.insert([
          { name: "removals.items", value: counted },
          { name: "removals.bytes", value: freedBytes }
        ])} ON CONFLICT (name) DO UPDATE SET value = counters.value + excluded.value`.pipe(Effect.orDie)
      })
    )
  })

  /** A decision that came too late for the request takes effect once the deletion turns out to have failed. */
  const calledBack = Effect.fnUntraced(function* (removal: StoredRemoval, step: string | null) {
    const { recalled } = yield* Effect.orDie(store.find(removal.id))
    if (recalled === null) return null
    const isFinal = recalled === "cancel"
    const reason = "the application did not remove it, and a person has decided against it in the meantime"
    yield* transact(
      store.move(
        removal,
        isFinal ? "cancelled" : "snoozed",
        isFinal ? RemovalEvents.cancelled : RemovalEvents.snoozed,
        `"${removal.title}" stays: ${reason}`,
        {
          reason,
          step,
          nextAttemptAt: null,
          recalled: null,
          ...(isFinal ? { final: true } : { snoozedUntil: recalled, scheduledAt: null, approvedBy: null })
        }
      )
    )
    return { _tag: "Waiting", reason } satisfies Outcome
  })

  /** `step`: whether the deletion may take effect late. `unsent`: nothing was changed, so nothing is to be restored. */
  const failed = Effect.fnUntraced(function* (
    removal: StoredRemoval,
    reason: string,
    {
      step,
      unsent = false,
      untrue = false
    }: { readonly step: string | null; readonly unsent?: boolean; readonly untrue?: boolean }
  ) {
    const taken = yield* calledBack(removal, step)
    if (taken !== null) return taken
    const { maxAttempts } = yield* settings.get(RemovalsSettings)
    const last = removal.attempts >= maxAttempts
    const nextAttemptAt = last ? null : yield* retryAt(removal.attempts)
    yield* transact(
      store.move(
        removal,
        "failed",
        RemovalEvents.failed,
        `${actionTextOf(removal).was} not ${actionTextOf(removal).done}: ${reason}`,
        {
          reason: last ? `${reason} (after ${removal.attempts} attempts it waits for a person)` : reason,
          step,
          untrue,
          nextAttemptAt,
          ...(unsent ? { restore: null } : {})
        }
      )
    )
    return { _tag: "Failed", reason, ...(untrue ? { untrue } : {}) } satisfies Outcome
  })

  /** The application can no longer be asked whether the item is gone, nor can anything be reverted there. */
  const abandoned = (removal: StoredRemoval) =>
    transact(
      Effect.andThen(
        logLeftBehind(removal),
        store.move(removal, "failed", RemovalEvents.failed, unknownOutcome(removal), {
          reason: leftBehind,
          step: null,
          nextAttemptAt: null
        })
      )
    )

  /** The same for a removal that has already ended, or is to be tried again: its state stays. */
  const abandonedLate = (removal: StoredRemoval) =>
    transact(
      Effect.andThen(
        logLeftBehind(removal),
        store.note(removal, {
          step: null,
          reason: removal.reason === null ? leftBehind : `${removal.reason}; ${leftBehind}`
        })
      )
    )

  const logLeftBehind = (removal: StoredRemoval) =>
    logHalfDone(removal, leftBehind, `${unknownOutcome(removal)}; what was prepared for it cannot be reverted`)

  const unknownOutcome = (removal: StoredRemoval) => {
    const { done, object } = actionTextOf(removal)
    return `It is not known whether ${object} ${removal.action === "delete-files" ? "were" : "was"} ${done}: ${leftBehind}`
  }

  /** `step`: what an earlier attempt left to be reverted. */
  const spared = Effect.fnUntraced(function* (removal: StoredRemoval, reason: string, step: string | null = null) {
    yield* transact(
      store.move(removal, "spared", RemovalEvents.spared, `"${removal.title}" stays: ${reason}`, {
        reason,
        nextAttemptAt: null,
        step
      })
    )
    return { _tag: "Spared", reason } satisfies Outcome
  })

  /** It is gone, but not because of this removal: no request that deletes was ever sent. */
  const vanished = Effect.fnUntraced(function* (removal: StoredRemoval) {
    // It may be there, and unmonitored by somebody else.
    if (!deletesFiles(removal.action)) {
      return yield* spared(removal, "the application no longer has it, or does not monitor it any more")
    }
    const at = yield* nowIso
    const outcome = yield* transact(
      Effect.andThen(items.markGone(removal.itemId, at), spared(removal, "the application no longer has it"))
    )
    return { ...outcome, vanished: true } satisfies Outcome
  })

  /** Before its intent was claimed. */
  const waits = Effect.fnUntraced(function* (removal: StoredRemoval, reason: string) {
    yield* transact(store.note(removal, { reason, nextAttemptAt: yield* retryAt(0) }))
    return { _tag: "Waiting", reason } satisfies Outcome
  })

  /** After it was claimed, but before anything was deleted: the attempt does not count. */
  const waitsAgain = Effect.fnUntraced(function* (
    removal: StoredRemoval,
    reason: string,
    { sentBefore, step }: { readonly sentBefore: boolean; readonly step: string | null }
  ) {
    yield* transact(
      Effect.andThen(retryAt(0), (nextAttemptAt) =>
        store.move(removal, "scheduled", RemovalEvents.waiting, `"${removal.title}" waits: ${reason}`, {
          reason,
          nextAttemptAt,
          attempts: Math.max(0, removal.attempts - 1),
          step,
          ...(sentBefore ? {} : { restore: null })
        })
      )
    )
    return { _tag: "Waiting", reason } satisfies Outcome
  })

  /**
   * Reverts the preparations of a deletion that is not carried out. Never fails: a failure is reported, since the item
   * itself still exists. `null` if everything is as before.
   */
  const putBack = Effect.fnUntraced(function* (capability: RemovalCapability | undefined, removal: StoredRemoval) {
    // The other actions consist of one kind of request.
    const prepares = removal.action === "remove-entry" || removal.action === "unmonitor-and-delete-files"
    if (!prepares || capability?.putBack === undefined || removal.restore === null) return null
    const done = yield* Effect.result(capability.putBack(targetOf(removal), removal.restore, removal.action))
    if (done._tag === "Success") return null
    const detail = done.failure.message
    yield* logHalfDone(removal, detail)
    return detail
  })

  const logHalfDone = (
    removal: StoredRemoval,
    detail: string,
    message = `"${removal.title}" was not removed, and the preparations of its removal could not be reverted (${detail}); check whether it is still monitored`
  ) =>
    events.append(
      RemovalEvents.halfDone.make({
        subject: removal.id,
        message,
        payload: { itemId: removal.itemId, title: removal.title, because: removal.because, reason: detail }
      })
    )

  return {
    transact,
    removed,
    failed,
    calledBack,
    abandoned,
    abandonedLate,
    spared,
    vanished,
    waits,
    waitsAgain,
    putBack,
    logHalfDone
  }
}
