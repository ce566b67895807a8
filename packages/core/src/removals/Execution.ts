/**
 * Carries out one removal, and determines after a crash what became of it. The intent is written before the upstream is
 * called; the upstream is asked before and after; a destructive request is not sent twice without asking in between.
 */
import { Context, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { type Act, carryOut, isDoneNow, type ActCheckResults } from "../acts/CarryOut.ts"
import { saysNo } from "../acts/SaysNo.ts"
import { formatBytes } from "../capacity/Bytes.ts"
import { Engine } from "../capacity/Engine.ts"
import { EventLog } from "../events/EventLog.ts"
import { Integrations } from "../integrations/Integrations.ts"
import { type Presence, type RemovalAction, type RemovalCapability, usualActionOf } from "../integrations/Kind.ts"
import { filesLeftStatus } from "../integrations/UpstreamErrors.ts"
import type { IntegrationOptions } from "../integrations/Integration.ts"
import { Contents } from "../library/Contents.ts"
import { ItemStore } from "../library/ItemStore.ts"
import { Snapshots } from "../library/Snapshots.ts"
import { Settings } from "../settings/Settings.ts"
import { deletesFiles, actionTextOf } from "./ActionText.ts"
import { makeEmptyEntries } from "./EmptyEntries.ts"
import { makeDownloadsOfItems } from "./DownloadsOfItems.ts"
import { type FreshFacts, makeFreshFacts } from "./Execution/FreshFacts.ts"
import { type Claim, makeLooking } from "./Execution/Looking.ts"
import { isCarriedOut, type PresentItem, whyNotTouched } from "./Execution/Proof.ts"
import { makeReconciling, unsettled } from "./Execution/Reconciling.ts"
import { makeSettling, type Outcome } from "./Execution/Settling.ts"
import type { DiskReading } from "./Recheck.ts"
import type { RemovalNotFound, RemovalStateConflict } from "./Removal.ts"
import { RefusedItems } from "./RefusedItems.ts"
import { RemovalStore, targetOf } from "./RemovalStore.ts"
import { claimedAgainStep, claimedStep, lateStep } from "./RemovalSteps.ts"
import type { StoredRemoval } from "./RemovalStore/Rows.ts"
import { Restores } from "./Restores.ts"

export class Execution extends Context.Service<
  Execution,
  {
    readonly execute: (removalId: string, reading: DiskReading) => Effect.Effect<Outcome>
    /** Postpones a due removal, for a reason that applies to the whole run. */
    readonly postpone: (removalId: string, reason: string) => Effect.Effect<Outcome>
    /** Resolves removals and restores that were executing when the process ended. Returns how many were resolved. */
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
      const items = yield* ItemStore
      const snapshots = yield* Snapshots
      const settings = yield* Settings
      const events = yield* EventLog
      const restores = yield* Restores

      const settling = makeSettling({ events, items, settings, snapshots, sql, store })
      const { transact } = settling
      const looking = makeLooking({ engine, refusals: yield* RefusedItems, settings, snapshots, store, transact })
      const freshFacts = yield* makeFreshFacts({ contents: yield* Contents, engine, store })
      const itemDownloads = yield* makeDownloadsOfItems
      const entries = makeEmptyEntries({ engine, events, items, settings, snapshots, transact })

      const capabilityOf = Effect.fnUntraced(function* (removal: StoredRemoval) {
        const live = removal.integrationId === null ? undefined : yield* integrations.connect(removal.integrationId)
        return live?.connected.removal === undefined
          ? undefined
          : { capability: live.connected.removal, name: live.integration.name, options: live.integration.options }
      })

      const isForgotten = ({ integrationId }: StoredRemoval) =>
        Effect.map(integrations.list, (all) => !all.some(({ id }) => id === integrationId))

      /** Whether a removal has been carried out, according to the upstream; `null` if it could not be asked. */
      const isDone = (connection: Connection, removal: StoredRemoval) =>
        isDoneNow(
          {
            presence: (row: StoredRemoval) => connection.capability.presence(targetOf(row)),
            isDone: (row, presence: Presence) => isCarriedOut(connection, row, presence)
          },
          removal
        )

      /** The removal as an act, over the open connection to its application. `sentBefore`: by an earlier attempt. */
      const actOf = (connection: Connection, reading: DiskReading, sentBefore: boolean): RemovalAct => {
        const { capability, options } = connection
        return {
          presence: (removal) => capability.presence(targetOf(removal)),
          wasSent,
          isDone: (removal, presence) => isCarriedOut(connection, removal, presence),
          whyAnother: whyNotTouched,
          first: (removal) => looking.first(removal, reading),
          refresh: (removal) =>
            freshFacts(removal).pipe(
              Effect.catchTag("RulesUnreadable", (error) =>
                Effect.succeed({ _tag: "Wait" as const, reason: error.detail })
              ),
              Effect.flatMap((fresh) =>
                fresh._tag === "Wait"
                  ? Effect.succeed(fresh)
                  : Effect.map(itemDownloads.before(removal), (reason) =>
                      reason === null ? fresh : { _tag: "Wait" as const, reason }
                    )
              )
            ),
          claim: (removal, there, facts) =>
            // Read ahead, so that the transaction need not.
            there.busy !== undefined && deletesFiles(removal.action)
              ? Effect.succeed({ _tag: "Wait" as const, reason: there.busy })
              : Effect.andThen(snapshots.get, looking.claim(removal, there, reading, facts)),
          checks: (removal, facts) => looking.checks(removal, reading, facts),
          send: (removal) =>
            capability.remove(targetOf(removal), { action: removal.action, ...exclusionOf(removal, options) }),
          saysNo,
          ends: {
            waits: settling.waits,
            spared: (removal, reason) => settling.spared(removal, reason, removal.step),
            vanished: settling.vanished,
            doneBefore: (removal) =>
              settling
                .removed(
                  removal,
                  removal.sizeBytes,
                  `${actionTextOf(removal).was} ${actionTextOf(removal).done} by an earlier attempt: ${removal.because}`
                )
                // These bytes were already free when the disk was read, or will show at the next reading.
                .pipe(Effect.as<Outcome>({ _tag: "Removed", freedBytes: 0, diskGroupId: null })),
            done: Effect.fnUntraced(function* (removal, there, { diskGroupId, item, requests }, failure) {
              const { done, was } = actionTextOf(removal)
              const frees = deletesFiles(removal.action)
              // An application that has forgotten files that it could not delete has freed nothing.
              const isLeft = frees && failure?._tag === "UpstreamRefused" && failure.status === filesLeftStatus
              const sizeBytes = isLeft ? 0 : there.sizeBytes
              const left = isLeft ? `; ${failure.message}` : ""
              const what = frees ? `${was} ${done} (${formatBytes(sizeBytes)})` : `${was} ${done}`
              yield* settling.removed(removal, sizeBytes, `${what}: ${removal.because}${requests}${left}`)
              // A part whose flags were left alone is expected back.
              if (item !== undefined && removal.action === usualActionOf(removal.kind)) {
                yield* entries.settle(removal, item, capability, { ...options, ...exclusionOf(removal, options) })
              }
              return { _tag: "Removed", freedBytes: frees ? sizeBytes : 0, diskGroupId } satisfies Outcome
            }),
            heldBack: (looked, detail, sentBefore) => heldBack(capability, looked, { detail, sentBefore }),
            // Left as executing, for reconciliation to ask again.
            unsettled: (removal) =>
              transact(store.note(removal, { reason: unsettled })).pipe(
                Effect.as<Outcome>({ _tag: "Failed", reason: unsettled })
              ),
            failed: Effect.fnUntraced(function* (removal, error, refused) {
              const isOver = refused && removal.step !== claimedAgainStep
              const left = isOver ? yield* settling.putBack(capability, removal) : null
              return yield* settling.failed(removal, error.message, {
                step: isOver ? null : lateStep,
                // The next attempt may be days later, and starts from the state that it finds.
                unsent: isOver && left === null && !sentBefore
              })
            }),
            untrue: (removal) =>
              settling.failed(removal, untrueOf(removal.action), {
                step: lateStep,
                untrue: true
              })
          }
        }
      }

      const execute = Effect.fn("Execution.execute")(
        function* (removalId: string, reading: DiskReading) {
          const removal = yield* store.find(removalId)
          if (removal.state !== "scheduled" && removal.state !== "failed") {
            return { _tag: "Waiting", reason: `it is ${removal.state}` } satisfies Outcome
          }
          const connection = yield* capabilityOf(removal)
          return connection === undefined
            ? yield* settling.waits(removal, "its integration is disabled or removes nothing")
            : yield* carryOut(actOf(connection, reading, wasSent(removal)), removal)
        },
        (effect, removalId) =>
          effect.pipe(
            // A person was faster: the stored state applies.
            Effect.catchTag("RemovalStateConflict", (conflict) =>
              Effect.succeed<Outcome>({ _tag: "Waiting", reason: conflict.detail })
            ),
            Effect.catchTag("RemovalNotFound", Effect.die),
            Effect.annotateLogs({ removalId })
          )
      )

      /**
       * Nothing was deleted: the preparations are reverted, and the reason determines the next state of the removal.
       */
      const heldBack = Effect.fnUntraced(function* (
        capability: RemovalCapability,
        { held, prepared, row: removal }: ActCheckResults<StoredRemoval>,
        { detail, sentBefore }: { readonly detail: string; readonly sentBefore: boolean }
      ) {
        // What an earlier attempt sent may take effect yet: then nothing is reverted before its minute is over.
        const step = removal.step === claimedAgainStep ? lateStep : null
        const left = prepared && step === null ? yield* settling.putBack(capability, removal) : null
        // The previous state is stored as long as it has not been restored.
        const keep = sentBefore || left !== null
        if (held?._tag === "Spare") return yield* settling.spared(removal, held.reason, step)
        if (held?._tag !== "Taken") {
          return yield* settling.waitsAgain(removal, held?.reason ?? detail, { sentBefore: keep, step })
        }
        // A person's decision is kept; only the mark that something must be reverted is cleared.
        const row = yield* store.find(removal.id)
        if (row.step === claimedStep || row.step === claimedAgainStep) {
          yield* transact(store.note(row, { step, ...(keep ? {} : { restore: null }) }))
        }
        return { _tag: "Waiting", reason: held.reason } satisfies Outcome
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
        reconcile: makeReconciling({ capabilityOf, events, isDone, isForgotten, restores, settings, settling, store })
      })
    })
  )
}

const exclusionOf = (removal: StoredRemoval, options: IntegrationOptions) => ({
  addImportExclusion: removal.importExclusion ?? options.addImportExclusion
})

const untrueOf = (action: RemovalAction): string => {
  switch (action) {
    case "remove-entry":
      return "the application said it was removed, but still has it"
    case "unmonitor":
      return "the application said it was unmonitored, but still monitors it"
    default:
      return "the application said its files were deleted, but still has them"
  }
}

type RemovalAct = Act<StoredRemoval, PresentItem, FreshFacts, Claim, Outcome, RemovalStateConflict | RemovalNotFound>

interface Connection {
  readonly capability: RemovalCapability
  /** Name of the integration. */
  readonly name: string
  readonly options: IntegrationOptions
}

/** The restore data is stored with the intent, right before the call. */
const wasSent = (removal: StoredRemoval): boolean => removal.restore !== null
