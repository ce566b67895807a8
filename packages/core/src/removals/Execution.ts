/**
 * Carries out one removal, and finds out after a crash what became of one. The intent is written before the upstream is
 * called; the upstream is asked before and after; nothing destructive is sent twice without having asked in between.
 */
import { Context, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { formatBytes } from "../capacity/Bytes.ts"
import { Engine } from "../capacity/Engine.ts"
import { EventLog } from "../events/EventLog.ts"
import { Integrations } from "../integrations/Integrations.ts"
import type { Presence, RemovalCapability } from "../integrations/Kind.ts"
import { CurrentLastLook } from "../integrations/LastLook.ts"
import type { UpstreamError } from "../integrations/UpstreamErrors.ts"
import { Items } from "../library/Items.ts"
import { Snapshots } from "../library/Snapshots.ts"
import { Settings } from "../settings/Settings.ts"
import { makeEmptyEntries } from "./EmptyEntries.ts"
import { makeFreshFacts } from "./Execution/FreshFacts.ts"
import { type Looked, makeLooking } from "./Execution/Looking.ts"
import { makeReconciling, unsettled } from "./Execution/Reconciling.ts"
import { makeSettling, type Outcome } from "./Execution/Settling.ts"
import type { DiskReading } from "./Recheck.ts"
import { RemovalStore, targetOf } from "./RemovalStore.ts"
import { claimedStep, lateStep } from "./RemovalSteps.ts"
import type { StoredRemoval } from "./RemovalStore/Rows.ts"
import { Restores } from "./Restores.ts"

export class Execution extends Context.Service<
  Execution,
  {
    readonly execute: (removalId: string, reading: DiskReading) => Effect.Effect<Outcome>
    /** Lets one wait that is due, for a reason that lies in the run. */
    readonly postpone: (removalId: string, reason: string) => Effect.Effect<Outcome>
    /** Settles what was under way when the process ended: removals and restores. Answers how many it settled. */
    readonly reconcile: Effect.Effect<number>
  }
>()("tendarr/removals/Execution") {
  static readonly layer = Layer.effect(
    Execution,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const store = yield* RemovalStore
      const engine = yield* Engine
      const integrations = yield* Integrations
      const items = yield* Items
      const snapshots = yield* Snapshots
      const settings = yield* Settings
      const events = yield* EventLog
      const restores = yield* Restores

      const settling = makeSettling({ events, items, settings, snapshots, sql, store })
      const { transact } = settling
      const looking = makeLooking({ engine, settings, snapshots, store, transact })
      const freshFacts = makeFreshFacts({ engine, store })
      const entries = makeEmptyEntries({ engine, events, items, settings, snapshots, transact })

      const capabilityOf = Effect.fnUntraced(function* (removal: StoredRemoval) {
        const live = removal.integrationId === null ? undefined : yield* integrations.connect(removal.integrationId)
        return live?.connected.removal === undefined
          ? undefined
          : { capability: live.connected.removal, options: live.integration.options }
      })

      const isForgotten = ({ integrationId }: StoredRemoval) =>
        Effect.map(integrations.list, (all) => !all.some(({ id }) => id === integrationId))

      /** Whether the item is gone, said by the upstream; `null` when it could not be asked. */
      const isAbsent = (capability: RemovalCapability, removal: StoredRemoval) =>
        capability.presence(targetOf(removal)).pipe(
          Effect.flatMap((presence) => isGone(capability, removal, presence)),
          Effect.catch(() => Effect.succeed(null))
        )

      const execute = Effect.fn("Execution.execute")(
        function* (removalId: string, reading: DiskReading) {
          const removal = yield* store.find(removalId)
          if (removal.state !== "scheduled" && removal.state !== "failed") {
            return { _tag: "Waiting", reason: `it is ${removal.state}` } satisfies Outcome
          }
          const connection = yield* capabilityOf(removal)
          if (connection === undefined)
            return yield* settling.waits(removal, "its integration is switched off or removes nothing")
          const { capability, options } = connection
          const before = yield* Effect.result(capability.presence(targetOf(removal)))
          if (before._tag === "Failure") return yield* settling.waits(removal, before.failure.message)
          const presence = before.success
          if (wasSent(removal)) {
            const gone = yield* Effect.result(isGone(capability, removal, presence))
            if (gone._tag === "Failure") return yield* settling.waits(removal, gone.failure.message)
            if (gone.success) {
              yield* settling.removed(
                removal,
                removal.sizeBytes,
                `"${removal.title}" is gone after an earlier attempt: ${removal.because}`
              )
              // Those bytes were free when the disk was read, or show at the next reading.
              return { _tag: "Removed", freedBytes: 0, diskGroupId: null } satisfies Outcome
            }
          }
          if (presence._tag === "Absent") return yield* settling.vanished(removal)
          if (!sameTitle(removal, presence)) {
            const reason = `the application now has "${presence.title}" under this id`
            return yield* settling.spared(removal, reason, removal.step)
          }
          const known = yield* looking.first(removal, reading)
          if (known._tag === "Wait") return yield* settling.waits(removal, known.reason)
          if (known._tag === "Spare") return yield* settling.spared(removal, known.reason, removal.step)
          const facts = yield* freshFacts(removal).pipe(
            Effect.catchTag("RulesUnreadable", (error) =>
              Effect.succeed({ _tag: "Wait" as const, reason: error.detail })
            )
          )
          if (facts._tag === "Wait") return yield* settling.waits(removal, facts.reason)
          // Read ahead, so that the transaction need not.
          yield* snapshots.get
          const verdict = yield* looking.claim(removal, presence, reading, facts)
          if (verdict._tag === "Wait") return yield* settling.waits(removal, verdict.reason)
          if (verdict._tag === "Spare") return yield* settling.spared(removal, verdict.reason, removal.step)
          const { claimed, diskGroupId, standing } = verdict
          const { found, look } = looking.lastLook(claimed, reading, facts)
          const sent = yield* Effect.result(
            Effect.provideService(capability.remove(targetOf(claimed), options), CurrentLastLook, look)
          )
          if (sent._tag === "Failure" && sent.failure._tag === "UpstreamHeldBack" && !found().sent) {
            return yield* heldBack(capability, found(), { detail: sent.failure.detail, sentBefore: wasSent(removal) })
          }
          const current = found().removal
          const absent = yield* isAbsent(capability, current)
          // Nothing was deleted by us, now or before.
          if (absent === true && sent._tag === "Failure" && !found().sent && !wasSent(removal)) {
            return yield* settling.vanished(current)
          }
          if (absent === true) {
            const { item, requests } = standing
            yield* settling.removed(
              current,
              presence.sizeBytes,
              `"${current.title}" was removed (${formatBytes(presence.sizeBytes)}): ${current.because}${requests}`
            )
            if (item !== undefined) yield* entries.settle(current, item, capability, options)
            return { _tag: "Removed", freedBytes: presence.sizeBytes, diskGroupId } satisfies Outcome
          }
          // Neither gone nor there for certain: left as executing, for reconciliation to ask again.
          if (absent === null) {
            yield* transact(store.note(current, { reason: unsettled }))
            return { _tag: "Failed", reason: unsettled } satisfies Outcome
          }
          const refused = sent._tag === "Failure" && (!found().sent || saysNo(sent.failure))
          if (refused) yield* settling.putBack(capability, current)
          const step = refused ? null : lateStep
          return sent._tag === "Failure"
            ? yield* settling.failed(current, sent.failure.message, { step })
            : yield* settling.failed(current, "the application said it was removed, but still has it", {
                step,
                untrue: true
              })
        },
        (effect, removalId) =>
          effect.pipe(
            // A person was quicker: what stands in the database holds.
            Effect.catchTag("RemovalStateConflict", (conflict) =>
              Effect.succeed<Outcome>({ _tag: "Waiting", reason: conflict.detail })
            ),
            Effect.catchTag("RemovalNotFound", Effect.die),
            Effect.annotateLogs({ removalId })
          )
      )

      /** Nothing was deleted: what was prepared is put back, and the intent goes where the reason leads. */
      const heldBack = Effect.fnUntraced(function* (
        capability: RemovalCapability,
        { prepared, removal, verdict }: Looked,
        { detail, sentBefore }: { readonly detail: string; readonly sentBefore: boolean }
      ) {
        const left = prepared ? yield* settling.putBack(capability, removal) : null
        // What it was like before is kept as long as it is not like that again.
        const keep = sentBefore || left !== null
        if (verdict?._tag === "Spare") return yield* settling.spared(removal, verdict.reason)
        if (verdict?._tag !== "Taken") return yield* settling.waitsAgain(removal, verdict?.reason ?? detail, keep)
        // What a person said stands; only the note that something was to be put back is taken off it.
        const row = yield* store.find(removal.id)
        if (row.step === claimedStep) {
          yield* transact(store.note(row, { step: null, ...(keep ? {} : { restore: null }) }))
        }
        return { _tag: "Waiting", reason: verdict.reason } satisfies Outcome
      })

      return Execution.of({
        execute,
        postpone: (removalId, reason) =>
          store.find(removalId).pipe(
            Effect.flatMap((removal) =>
              removal.state === "scheduled" || removal.state === "failed"
                ? settling.waits(removal, reason)
                : Effect.succeed<Outcome>({ _tag: "Waiting", reason: `it is ${removal.state}` })
            ),
            Effect.catchTag("RemovalNotFound", Effect.die)
          ),
        reconcile: makeReconciling({ capabilityOf, events, isAbsent, isForgotten, restores, settings, settling, store })
      })
    })
  )
}

/** What restores it is kept when an intent is written, right before the call. */
const wasSent = (removal: StoredRemoval): boolean => removal.restore !== null

/** An answer by which nothing was done and nothing will be. Any other may come from a deletion that is still at work. */
const saysNo = (error: UpstreamError): boolean =>
  error._tag === "UpstreamUnauthorized" ||
  error._tag === "UpstreamRateLimited" ||
  (error._tag === "UpstreamRefused" && error.status >= 400 && error.status < 500 && error.status !== 408)

/** After a deletion was sent. Where its number was given to another title, the application is asked for the title itself. */
const isGone = (
  capability: RemovalCapability,
  removal: StoredRemoval,
  presence: Presence
): Effect.Effect<boolean, UpstreamError> => {
  if (presence._tag === "Absent") return Effect.succeed(true)
  return isAnother(removal, presence)
    ? Effect.map(capability.isBack(removal.restore), (back) => back === null)
    : Effect.succeed(false)
}

/** Its number was given to another title. Without ids on both sides nobody knows. */
const isAnother = (removal: StoredRemoval, presence: Presence): boolean =>
  presence._tag === "Present" &&
  removal.ids.length > 0 &&
  presence.ids.length > 0 &&
  !removal.ids.some((id) => presence.ids.includes(id))

/** Applications number their items anew; an id that now means another title must not be removed. */
const sameTitle = (removal: StoredRemoval, presence: Presence & { _tag: "Present" }): boolean =>
  removal.ids.length === 0 || presence.ids.length === 0
    ? removal.title === presence.title
    : !isAnother(removal, presence)
