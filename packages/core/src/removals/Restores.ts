/**
 * Undoes a removal, and protects its item. The intent and the protection are written before the application is called,
 * so that a lost response never leaves a restored item unprotected; while the outcome is unknown, the application is
 * asked again.
 */
import { Context, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { deletesFiles } from "./ActionText.ts"
import { EventLog } from "../events/EventLog.ts"
import { Integrations } from "../integrations/Integrations.ts"
import type { CameBack, RemovalCapability, RestoreOptions } from "../integrations/Kind.ts"
import { Protections } from "../library/Protections.ts"
import { transacting } from "../storage/Transactions.ts"
import { type RemovalNotFound, type RemovalStateConflict, type RemovalSummary, RestoreFailed } from "./Removal.ts"
import { restoringStep, restoringSteps, restoringWantedStep } from "./RemovalSteps.ts"
import { RemovalStore } from "./RemovalStore.ts"
import { RemovalEvents } from "./RemovalEvents.ts"
import { type StoredRemoval, summaryOf } from "./RemovalStore/Rows.ts"
import { onlyFrom } from "./Removals/OnlyFrom.ts"

export class Restores extends Context.Service<
  Restores,
  {
    readonly restore: (
      id: string,
      options?: RestoreOptions
    ) => Effect.Effect<RemovalSummary, RemovalNotFound | RemovalStateConflict | RestoreFailed>
    /** Resolves restores that an earlier process left unfinished. Returns how many were resolved. */
    readonly reconcile: Effect.Effect<number>
  }
>()("tendarr/removals/Restores") {
  static readonly layer = Layer.effect(
    Restores,
    Effect.suspend(() => make)
  )
}

const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const events = yield* EventLog
  const integrations = yield* Integrations
  const protections = yield* Protections
  const store = yield* RemovalStore
  const transact = transacting(sql)
  /** Restores in progress in this process: they are not left over, and each is requested only once at a time. */
  const underWay = new Set<string>()

  const connect = Effect.fnUntraced(function* (removal: StoredRemoval) {
    const live = removal.integrationId === null ? undefined : yield* integrations.connect(removal.integrationId)
    const capability = live?.connected.removal
    return live === undefined || capability === undefined ? undefined : { capability, integration: live.integration }
  })

  const log = (
    removal: StoredRemoval,
    of: (typeof RemovalEvents)["restoring" | "restoreFailed"],
    message: string,
    reason: string
  ) =>
    events.append(
      of.make({
        subject: removal.id,
        message,
        payload: { itemId: removal.itemId, title: removal.title, because: removal.because, reason }
      })
    )

  /** Writes the intent and the protection: without the latter, the next run would remove the item again. */
  const begin = Effect.fnUntraced(function* (
    removal: StoredRemoval,
    integrationId: string,
    { monitor }: RestoreOptions
  ) {
    const { decision } = yield* store.detail(removal.id)
    const season = decision.facts.find((fact) => fact.fact === "seasonNumber")?.value
    const episode = decision.facts.find((fact) => fact.fact === "episodeNumber")?.value
    return yield* transact(
      Effect.gen(function* () {
        yield* onlyFrom("removed")(yield* store.find(removal.id))
        yield* protections.keepTitle({
          itemId: removal.itemId,
          integrationId,
          kind: removal.kind,
          ids: removal.ids,
          seasonNumber: typeof season === "number" ? season : null,
          episodeNumber: typeof episode === "number" ? episode : null,
          title: removal.title,
          reason: "restored"
        })
        yield* log(
          removal,
          RemovalEvents.restoring,
          `"${removal.title}" is being brought back`,
          "it is protected from now on"
        )
        const noted = yield* store.note(removal, { step: monitor === true ? restoringWantedStep : restoringStep })
        return noted ?? (yield* Effect.die(new Error("The removal was changed within its transaction")))
      })
    )
  })

  const settleBack = (
    removal: StoredRemoval,
    { externalId, notSearched }: CameBack
  ): Effect.Effect<StoredRemoval, RemovalStateConflict> => {
    const [came, kept] =
      removal.action === "remove-entry"
        ? ["was added again", `added again as ${externalId}`]
        : removal.action === "delete-files"
          ? ["is expected back", "expected back"]
          : ["is as it was before", "as it was before"]
    const protectedAs = `${kept}, and protected`
    const [end, reason] =
      notSearched !== undefined
        ? [`but is not searched for: ${notSearched}`, `${protectedAs}; not searched for: ${notSearched}`]
        : [deletesFiles(removal.action) ? "and is searched for" : "and is protected", protectedAs]
    return transact(
      store.move(
        removal,
        "restored",
        RemovalEvents.restored,
        `"${removal.title}" ${came} ${end}`,
        { reason, step: null },
        notSearched === undefined ? "info" : "warning"
      )
    )
  }

  /**
   * Requests the restore, and if the result is unclear, checks whether the item is back. An item that is back may be
   * incomplete: the restore is requested once more, and if that fails too, no search is started. Fails with the
   * application's error.
   */
  const ask = Effect.fnUntraced(function* (
    capability: RemovalCapability,
    removal: StoredRemoval,
    options: RestoreOptions
  ): Effect.fn.Return<
    | { readonly _tag: "Back"; readonly came: CameBack }
    | { readonly _tag: "Not"; readonly detail: string }
    | { readonly _tag: "Unknown"; readonly detail: string }
  > {
    const { action } = removal
    const asked = yield* Effect.result(capability.restore(removal.restore, { ...options, action }))
    if (asked._tag === "Success") return { _tag: "Back", came: asked.success }
    const detail = asked.failure.message
    const back = yield* Effect.result(capability.isBack(removal.restore, action))
    if (back._tag === "Failure") return { _tag: "Unknown", detail }
    if (back.success === null) return { _tag: "Not", detail }
    const { externalId } = back.success
    const again = yield* Effect.result(capability.restore(removal.restore, { ...options, action }))
    const came = again._tag === "Success" ? again.success : { externalId, notSearched: again.failure.message }
    return { _tag: "Back", came }
  })

  const restore = Effect.fn("Removals.restore")(function* (id: string, options: RestoreOptions = {}) {
    const removal = yield* store.find(id)
    yield* onlyFrom("removed")(removal)
    const fail = (detail: string) => new RestoreFailed({ removalId: id, detail })
    if (!removal.canBeUndone) return yield* fail("its media server cannot add again what it has deleted")
    if (removal.restore === null) return yield* fail("nothing was kept to restore it from")
    const connection = yield* connect(removal)
    if (connection === undefined) return yield* fail("its integration is disabled")
    if (underWay.has(id)) return yield* fail("it is being brought back already")
    underWay.add(id)
    return yield* Effect.gen(function* () {
      const begun = yield* begin(removal, connection.integration.id, options)
      const end = yield* ask(connection.capability, begun, options)
      if (end._tag === "Back") return summaryOf(yield* settleBack(begun, end.came))
      if (end._tag === "Unknown") {
        return yield* fail(`${end.detail}; whether it is back is asked again every minute, and it is protected`)
      }
      yield* giveUp(begun, end.detail)
      return yield* fail(end.detail)
    }).pipe(Effect.ensuring(Effect.sync(() => void underWay.delete(id))))
  })

  /**
   * The item is not back, and the application has refused. The protection is kept: the person still wants to keep the
   * item.
   */
  const giveUp = (removal: StoredRemoval, detail: string): Effect.Effect<unknown, RemovalStateConflict> =>
    transact(
      Effect.andThen(
        log(removal, RemovalEvents.restoreFailed, `"${removal.title}" could not be brought back: ${detail}`, detail),
        store.note(removal, { step: null })
      )
    )

  const giveUpQuietly = (removal: StoredRemoval, detail: string) =>
    Effect.catchTag(giveUp(removal, detail), "RemovalStateConflict", () => Effect.void)

  /** Asked again in a minute, counted from the last change of the row. */
  const later = (removal: StoredRemoval) => Effect.as(transact(store.note(removal, {})), false)

  /** Resolves a restore that a process left unfinished. Returns whether it is resolved. */
  const settle = Effect.fn("Removals.settleRestore")(function* (removal: StoredRemoval) {
    if (underWay.has(removal.id)) return false
    underWay.add(removal.id)
    return yield* Effect.ensuring(
      settleNow(removal),
      Effect.sync(() => void underWay.delete(removal.id))
    )
  })

  const settleNow = Effect.fnUntraced(function* (removal: StoredRemoval) {
    const connection = yield* connect(removal)
    if (connection === undefined) {
      yield* giveUpQuietly(removal, "its integration is disabled")
      return true
    }
    // Requested again even if the item is back: it may not be as before yet, or not searched for, and the person has
    // not withdrawn the restore.
    const end = yield* ask(connection.capability, removal, { monitor: removal.step === restoringWantedStep })
    if (end._tag === "Unknown") return yield* later(removal)
    const settled: Effect.Effect<unknown, RemovalStateConflict> =
      end._tag === "Back" ? settleBack(removal, end.came) : giveUp(removal, end.detail)
    yield* Effect.catchTag(settled, "RemovalStateConflict", () => Effect.void)
    return true
  })

  return Restores.of({
    restore,
    reconcile: Effect.gen(function* () {
      const left = yield* store.eachWhere((q) => q`state = 'removed' AND ${q.in("step", restoringSteps)}`)
      const settled = yield* Effect.forEach(left, settle)
      return settled.filter((done) => done).length
    })
  })
})
