/** Which items of the library are protected, by their own protection or by that of a relative or a collection. For lists. */
import { Context, Effect, Layer, Ref } from "effect"
import { ReadSql } from "../storage/Database.ts"
import { forEachWithPauses } from "../integrations/Pauses.ts"
import { nowIso } from "../problems/Instants.ts"
import { type Protection, Protections } from "./Protections.ts"
import { type Snapshot, Snapshots } from "./Snapshots.ts"

export class ProtectedItems extends Context.Service<
  ProtectedItems,
  {
    /** Ids of all protected items. Computed again only if the library or the protections have changed. */
    readonly ids: Effect.Effect<ReadonlySet<string>>
    /** The protections of the given items; those without are omitted. */
    readonly of: (itemIds: ReadonlyArray<string>) => Effect.Effect<ReadonlyMap<string, Protection>>
  }
>()("tendarr/library/ProtectedItems") {
  static readonly layer = Layer.effect(
    ProtectedItems,
    Effect.gen(function* () {
      const sql = yield* ReadSql
      const snapshots = yield* Snapshots
      const protections = yield* Protections
      const last = yield* Ref.make<Computed | null>(null)

      /** Changes with every protection, and when one ends. */
      const stateOf = Effect.gen(function* () {
        const rows = yield* Effect.orDie(
          sql<{ id: number; lost: number }>`SELECT p.id,
              (SELECT count(*) FROM held_names h WHERE h.owner = 'protection' AND h.owner_id = p.id
                AND h.lost_at IS NOT NULL) AS lost
            FROM protections p WHERE p.expires_at IS NULL OR p.expires_at > ${yield* nowIso} ORDER BY p.id`
        )
        return rows.map(({ id, lost }) => `${id}/${lost}`).join()
      })

      const ids = Effect.gen(function* () {
        const snapshot = yield* snapshots.get
        const state = yield* stateOf
        const before = yield* Ref.get(last)
        if (before?.snapshot.deref() === snapshot && before.state === state) return before.ids
        const found = new Set<string>()
        if (state !== "") {
          const protecting = yield* protections.readableProtectingIn(snapshot)
          yield* forEachWithPauses(snapshot.items, (item) => {
            if (protecting(item) !== undefined) found.add(item.id)
          })
        }
        yield* Ref.set(last, { snapshot: new WeakRef(snapshot), state, ids: found })
        return found as ReadonlySet<string>
      }).pipe(Effect.withSpan("ProtectedItems.ids"))

      return ProtectedItems.of({
        ids,
        of: Effect.fn("ProtectedItems.of")(function* (itemIds) {
          // A page needs the library only if something is protected.
          if (itemIds.length === 0 || (yield* stateOf) === "") return new Map()
          const snapshot = yield* snapshots.get
          const protecting = yield* protections.readableProtectingIn(snapshot)
          return new Map(
            itemIds.flatMap((id) => {
              const item = snapshot.byId.get(id)
              const protection = item === undefined ? undefined : protecting(item)
              return protection === undefined ? [] : [[id, protection] as const]
            })
          )
        })
      })
    })
  )
}

interface Computed {
  /** Weak: an outdated library must not be kept until the next request. */
  readonly snapshot: WeakRef<Snapshot>
  readonly state: string
  readonly ids: ReadonlySet<string>
}
