/** Ends open removals of items that somebody protects, without waiting until they are due. */
import { Effect } from "effect"
import type { Snapshot } from "../library/Snapshots.ts"
import type { Protecting } from "../library/Protections.ts"
import { RemovalEvents } from "./RemovalEvents.ts"
import type { RemovalStateConflict } from "./Removal.ts"
import type { RemovalStore } from "./RemovalStore.ts"
import type { StoredRemoval } from "./RemovalStore/Rows.ts"

/** Open states of removals that are not being carried out; those that are check the protections themselves. */
const waiting = ["proposed", "snoozed", "scheduled", "failed"] as const

/**
 * Ends the removals that wait for protected items, in the caller's transaction; returns their ids. A collection whose
 * members are removed together ends as a whole.
 */
export const endProtected = Effect.fnUntraced(function* (
  store: RemovalStore["Service"],
  snapshot: Snapshot,
  protecting: Protecting
): Effect.fn.Return<ReadonlyArray<string>, RemovalStateConflict> {
  const open = yield* store.eachWhere((q) => q.in("state", waiting))
  const reasons = new Map<StoredRemoval, string>()
  const units = new Map<string, StoredRemoval>()
  for (const removal of open) {
    const item = snapshot.byId.get(removal.itemId)
    const by = item === undefined ? undefined : protecting(item)
    if (by === undefined) continue
    reasons.set(removal, `protected by ${by.actor}${by.reason === "" ? "" : `: ${by.reason}`}`)
    if (removal.collection !== null) units.set(unitOf(removal), removal)
  }
  for (const removal of open) {
    const fellow = removal.collection === null ? undefined : units.get(unitOf(removal))
    if (fellow === undefined || reasons.has(removal)) continue
    reasons.set(removal, `"${fellow.title}" of the same collection is protected`)
  }
  yield* Effect.forEach(reasons, ([removal, reason]) => end(store, removal, reason), { discard: true })
  return [...reasons.keys()].map(({ id }) => id)
})

const unitOf = ({ collection, integrationId, origin }: StoredRemoval): string =>
  JSON.stringify([integrationId, origin, collection])

const end = (store: RemovalStore["Service"], removal: StoredRemoval, reason: string) =>
  removal.state === "scheduled" || removal.state === "failed"
    ? store.move(removal, "spared", RemovalEvents.spared, `"${removal.title}" stays: ${reason}`, {
        reason,
        nextAttemptAt: null
      })
    : store.move(removal, "cancelled", RemovalEvents.withdrawn, `"${removal.title}" is no longer proposed: ${reason}`, {
        reason
      })
