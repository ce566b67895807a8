/**
 * Carries out one removal, and finds out after a crash what became of one. The intent is written before the upstream is
 * called; the upstream is asked before and after; nothing destructive is sent twice without having asked in between.
 */
import { Clock, Context, DateTime, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { formatBytes } from "../capacity/Bytes.ts"
import { Engine } from "../capacity/Engine.ts"
import { EventLog } from "../events/EventLog.ts"
import { Integrations } from "../integrations/Integrations.ts"
import type { Presence, RemovalCapability } from "../integrations/Kind.ts"
import { Items } from "../library/Items.ts"
import { goneWith, rememberMissing } from "../library/MissingFiles.ts"
import { Snapshots } from "../library/Snapshots.ts"
import { Settings } from "../settings/Settings.ts"
import { type DiskReading, recheck } from "./Recheck.ts"
import { makeEmptyEntries, requestsStanding } from "./EmptyEntries.ts"
import { RemovalStore, targetOf } from "./RemovalStore.ts"
import type { StoredRemoval } from "./RemovalStore/Rows.ts"

export type Outcome =
  /** `diskGroupId` is the disk on which it stood at that moment. */
  | { readonly _tag: "Removed"; readonly freedBytes: number; readonly diskGroupId: string | null }
  | { readonly _tag: "Spared"; readonly reason: string }
  | { readonly _tag: "Failed"; readonly reason: string }
  /** Nothing was sent and the intent stays. */
  | { readonly _tag: "Waiting"; readonly reason: string }

export class Execution extends Context.Service<
  Execution,
  {
    readonly execute: (removalId: string, reading: DiskReading) => Effect.Effect<Outcome>
    /** Settles removals that were under way when the process ended. Answers how many it settled. */
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
      const rememberAsMissing = rememberMissing(sql)

      const transact = <A, E>(effect: Effect.Effect<A, E>) =>
        sql.withTransaction(effect).pipe(Effect.catchTag("SqlError", Effect.die))

      const entries = makeEmptyEntries({ engine, events, items, settings, snapshots, transact })

      /** Back-off between attempts: a minute, doubling, at most a day. */
      const later = (attempts: number) =>
        Effect.map(Clock.currentTimeMillis, (now) =>
          new Date(now + Math.min(60_000 * 2 ** attempts, 86_400_000)).toISOString()
        )

      const capabilityOf = Effect.fnUntraced(function* (removal: StoredRemoval) {
        const live = removal.integrationId === null ? undefined : yield* integrations.connect(removal.integrationId)
        return live?.connected.removal === undefined
          ? undefined
          : { capability: live.connected.removal, options: live.integration.options }
      })

      const settleRemoved = (removal: StoredRemoval, freedBytes: number, message: string) =>
        Effect.gen(function* () {
          const at = DateTime.formatIso(yield* DateTime.now)
          const snapshot = yield* snapshots.get
          const item = snapshot.byId.get(removal.itemId)
          yield* transact(
            Effect.gen(function* () {
              if (item !== undefined) yield* rememberAsMissing(removal.id, goneWith(snapshot, item))
              yield* store.move(removal, "removed", "removal.removed", message, {
                freedBytes,
                step: null,
                nextAttemptAt: null,
                reason: null
              })
              // A show counts with its seasons; what a sync has missed already counts as one.
              const counted = Math.max(1, yield* items.markGone(removal.itemId, at))
              yield* sql`INSERT INTO counters ${sql.insert([
                { name: "removals.items", value: counted },
                { name: "removals.bytes", value: freedBytes }
              ])} ON CONFLICT (name) DO UPDATE SET value = counters.value + excluded.value`.pipe(Effect.orDie)
            })
          )
        })

      const settleFailed = Effect.fnUntraced(function* (removal: StoredRemoval, reason: string) {
        const { maxAttempts } = yield* settings.get("removals")
        const last = removal.attempts >= maxAttempts
        const nextAttemptAt = last ? null : yield* later(removal.attempts)
        yield* transact(
          store.move(removal, "failed", "removal.failed", `"${removal.title}" could not be removed: ${reason}`, {
            reason: last ? `${reason} (after ${removal.attempts} attempts it waits for a person)` : reason,
            step: null,
            nextAttemptAt
          })
        )
        return { _tag: "Failed", reason } satisfies Outcome
      })

      const spare = Effect.fnUntraced(function* (removal: StoredRemoval, reason: string) {
        yield* transact(
          store.move(removal, "spared", "removal.spared", `"${removal.title}" stays: ${reason}`, {
            reason,
            nextAttemptAt: null,
            step: null
          })
        )
        return { _tag: "Spared", reason } satisfies Outcome
      })

      const wait = Effect.fnUntraced(function* (removal: StoredRemoval, reason: string) {
        yield* transact(store.note(removal, { reason, nextAttemptAt: yield* later(0) }))
        return { _tag: "Waiting", reason } satisfies Outcome
      })

      /** Whether another member of its collection has gone since it was planned. */
      const hasBegun = (removal: StoredRemoval) =>
        removal.collection === null
          ? Effect.succeed(false)
          : Effect.map(
              store.where(
                (q) => q`collection = ${removal.collection} AND integration_id = ${Number(removal.integrationId)}
                  AND state = 'removed' AND ended_at >= ${removal.createdAt}`
              ),
              (gone) => gone.length > 0
            )

      /** Looks at everything again and writes the intent, in one transaction. */
      const claim = (removal: StoredRemoval, presence: Presence & { _tag: "Present" }, reading: DiskReading) =>
        transact(
          Effect.gen(function* () {
            const { deletionsEnabled } = yield* settings.get("removals")
            const { defaultMode } = yield* settings.get("capacity")
            const environment = yield* engine.environment
            const unitBegun = yield* hasBegun(removal)
            const verdict = recheck(environment, removal, { deletionsEnabled, defaultMode, reading, unitBegun })
            if (verdict._tag !== "Go") return verdict
            const claimed = yield* store.move(
              removal,
              "executing",
              "removal.executing",
              `Removing "${removal.title}"`,
              {
                attempts: removal.attempts + 1,
                step: "sending",
                restore: presence.restore,
                nextAttemptAt: null,
                reason: null
              }
            )
            const item = environment.snapshot.byId.get(removal.itemId)
            const standing = { item, requests: item === undefined ? "" : requestsStanding(item, environment.sources) }
            return { _tag: "Claimed" as const, claimed, diskGroupId: item?.diskGroupId ?? null, standing }
          })
        )

      /** Whether the item is gone, said by the upstream; `null` when it could not be asked. */
      const isAbsent = (capability: RemovalCapability, removal: StoredRemoval) =>
        capability.presence(targetOf(removal)).pipe(
          Effect.map((presence) => presence._tag === "Absent"),
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
            return yield* wait(removal, "its integration is switched off or removes nothing")
          const { capability, options } = connection
          const before = yield* Effect.result(capability.presence(targetOf(removal)))
          if (before._tag === "Failure") return yield* wait(removal, before.failure.message)
          const presence = before.success
          if (presence._tag === "Absent") {
            if (wasSent(removal)) {
              yield* settleRemoved(
                removal,
                removal.sizeBytes,
                `"${removal.title}" is gone after an earlier attempt: ${removal.because}`
              )
              // Those bytes were free when the disk was read, or show at the next reading.
              return { _tag: "Removed", freedBytes: 0, diskGroupId: null } satisfies Outcome
            }
            yield* transact(items.markGone(removal.itemId, DateTime.formatIso(yield* DateTime.now)))
            return yield* spare(removal, "the application no longer has it")
          }
          if (!sameTitle(removal, presence)) {
            return yield* spare(removal, `the application now has "${presence.title}" under this id`)
          }
          // Read ahead, so that the transaction need not.
          yield* snapshots.get
          const verdict = yield* claim(removal, presence, reading).pipe(
            Effect.catchTag("RulesUnreadable", (error) =>
              Effect.succeed({ _tag: "Wait" as const, reason: error.detail })
            )
          )
          if (verdict._tag === "Wait") return yield* wait(removal, verdict.reason)
          if (verdict._tag === "Spare") return yield* spare(removal, verdict.reason)
          const { claimed, diskGroupId, standing } = verdict
          const sent = yield* Effect.result(capability.remove(targetOf(claimed), options))
          const absent = yield* isAbsent(capability, claimed)
          if (absent === true) {
            const { item, requests } = standing
            yield* settleRemoved(
              claimed,
              presence.sizeBytes,
              `"${claimed.title}" was removed (${formatBytes(presence.sizeBytes)}): ${claimed.because}${requests}`
            )
            if (item !== undefined) yield* entries.settle(claimed, item, capability, options)
            return { _tag: "Removed", freedBytes: presence.sizeBytes, diskGroupId } satisfies Outcome
          }
          // Neither gone nor there for certain: left as executing, for reconciliation to ask again.
          if (absent === null) {
            yield* transact(store.note(claimed, { reason: unsettled }))
            return { _tag: "Failed", reason: unsettled } satisfies Outcome
          }
          return yield* settleFailed(
            claimed,
            sent._tag === "Failure" ? sent.failure.message : "the application said it was removed, but still has it"
          )
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

      /** One removal that was under way: the upstream is asked, and only its explicit answer moves it. */
      const settle = Effect.fn("Execution.settle")(function* (removal: StoredRemoval) {
        const connection = yield* capabilityOf(removal)
        const absent = connection === undefined ? null : yield* isAbsent(connection.capability, removal)
        if (absent === null) {
          yield* transact(store.note(removal, { reason: unsettled }))
          return false
        }
        const { maxAttempts } = yield* settings.get("removals")
        yield* (
          absent
            ? settleRemoved(
                removal,
                removal.sizeBytes,
                `"${removal.title}" was removed; found out after an interruption`
              )
            : removal.attempts >= maxAttempts
              ? settleFailed(removal, "interrupted before the application removed it")
              : Effect.gen(function* () {
                  const at = DateTime.formatIso(yield* DateTime.now)
                  yield* transact(
                    store.move(
                      removal,
                      "scheduled",
                      "removal.reconciled",
                      `"${removal.title}" was not removed before an interruption; it is scheduled again`,
                      {
                        step: null,
                        scheduledAt: at,
                        reason: "interrupted before the application removed it"
                      }
                    )
                  )
                })
        ).pipe(Effect.catchTag("RemovalStateConflict", () => Effect.void))
        return true
      })

      return Execution.of({
        execute,
        reconcile: Effect.gen(function* () {
          const left = yield* store.where((q) => q`state = 'executing'`)
          const settled = yield* Effect.forEach(left, settle)
          const open = settled.filter((done) => !done).length
          // Said once; it is tried again every minute.
          if (left.some((removal, index) => settled[index] === false && removal.reason !== unsettled)) {
            yield* events.append({
              type: "removals.unsettled",
              category: "audit",
              severity: "warning",
              message: `${open} removals were under way and their applications cannot be asked yet; nothing is sent until they answer`
            })
          }
          return settled.length - open
        })
      })
    })
  )
}

const unsettled = "the application could not be asked whether it is gone"

/** What restores it is kept when an intent is written, right before the call. */
const wasSent = (removal: StoredRemoval): boolean => removal.restore !== null

/** Applications number their items anew; an id that now means another title must not be removed. */
const sameTitle = (removal: StoredRemoval, presence: Presence & { _tag: "Present" }): boolean =>
  removal.ids.length === 0 || presence.ids.length === 0
    ? removal.title === presence.title
    : removal.ids.some((id) => presence.ids.includes(id))
