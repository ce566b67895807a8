/**
 * Decisions of people that stop removals, with the removals for which they came too late. The decision and the check of
 * what has been sent are one transaction: whatever had not been sent by then will not be sent.
 */
import { Context, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { Acts } from "../acts/Acts.ts"
import type { CollectionNotFound, ItemNotFound } from "../library/LibraryErrors.ts"
import { type NewProtection, Protection, Protections } from "../library/Protections.ts"
import { Snapshots } from "../library/Snapshots.ts"
import type { InvalidRequest } from "../problems/Problem.ts"
import { Settings, type SettingsState } from "../settings/Settings.ts"
import type { ChangeOptions, SettingsChanged } from "../settings/StoredSettings.ts"
import type { JsonObject } from "../settings/MergePatch.ts"
import type { SettingsGroup } from "../settings/SettingsGroup.ts"
import { transacting } from "../storage/Transactions.ts"
import { beyondRecall } from "./Removal.ts"
import { endProtected } from "./ProtectedRemovals.ts"
import { sentStep } from "./RemovalSteps.ts"
import { RemovalStore } from "./RemovalStore.ts"

export const GivenProtection = Schema.Struct({
  ...Protection.fields,
  ...beyondRecall,
  ended: Schema.Array(Schema.String).annotate({ description: "Ids of open removals that this protection ended." })
}).annotate({
  identifier: "GivenProtection"
})
export type GivenProtection = typeof GivenProtection.Type

/** A settings group after a change. */
export type GivenSettings<A> = SettingsState<A> & {
  readonly beyondRecall: ReadonlyArray<string>
  readonly actsBeyondRecall: ReadonlyArray<string>
}

export const actsBeyondRecall = {
  actsBeyondRecall: Schema.Array(Schema.String).annotate({
    description: "Ids of acts that this would have stopped, but whose request has already been sent to the application."
  })
}

export class StoppingDecisions extends Context.Service<
  StoppingDecisions,
  {
    /** Like `Protections.add`; removals that wait for what is protected now end at once. */
    readonly protect: (
      draft: NewProtection
    ) => Effect.Effect<GivenProtection, InvalidRequest | ItemNotFound | CollectionNotFound>
    /** Like `Settings.patch`; switching deletions off may be too late for some removals and acts. */
    readonly set: <A extends JsonObject>(
      group: SettingsGroup<string, A>,
      partial: unknown,
      options?: ChangeOptions
    ) => Effect.Effect<GivenSettings<A>, InvalidRequest | SettingsChanged>
  }
>()("tendarr/removals/StoppingDecisions") {
  static readonly layer = Layer.effect(
    StoppingDecisions,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const acts = yield* Acts
      const protections = yield* Protections
      const settings = yield* Settings
      const snapshots = yield* Snapshots
      const store = yield* RemovalStore

      const transact = transacting(sql)
      const sent = store.eachWhere((q) => q`state = 'executing' AND step = ${sentStep}`)
      // The id of a damaged row is known too, and such a row must not prevent setting the brake.
      const sentIds = Effect.map(
        Effect.orDie(sql<{ id: number }>`SELECT id FROM removals WHERE state = 'executing' AND step = ${sentStep}`),
        (rows) => rows.map(({ id }) => String(id))
      )

      return StoppingDecisions.of({
        protect: Effect.fn("StoppingDecisions.protect")(function* (draft) {
          const snapshot = yield* snapshots.get
          return yield* transact(
            Effect.gen(function* () {
              const protection = yield* protections.add(draft)
              // A damaged protection must not keep anybody from protecting something else.
              const protecting = yield* protections.readableProtectingIn(snapshot)
              const late = (yield* sent).filter(({ collection, integrationId, itemId }) => {
                const item = snapshot.byId.get(itemId)
                // A protected member of a collection would have kept all of its members.
                const fellows = collection === null ? [] : snapshot.inCollection(collection)
                const unit = [...(item === undefined ? [] : [item]), ...fellows]
                return unit.some((one) => one.integrationId === integrationId && protecting(one) !== undefined)
              })
              const ended = yield* endProtected(sql, store, snapshot, protecting).pipe(
                // Nobody else writes during this transaction.
                Effect.orDie
              )
              return { ...protection, beyondRecall: late.map(({ id }) => id), ended }
            })
          )
        }),
        set: <A extends JsonObject>(group: SettingsGroup<string, A>, partial: unknown, options?: ChangeOptions) =>
          transact(
            Effect.gen(function* () {
              const state = yield* settings.patch(group, partial, options)
              const isBraked = "deletionsEnabled" in state.value && state.value.deletionsEnabled === false
              const late = isBraked ? yield* sentIds : []
              const actsBeyondRecall = isBraked ? yield* acts.beyondBrake : []
              return { ...state, beyondRecall: late, actsBeyondRecall }
            })
          ).pipe(Effect.withSpan("StoppingDecisions.set"))
      })
    })
  )
}
