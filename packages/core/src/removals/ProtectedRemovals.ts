/** Ends open removals of items that somebody protects, without waiting until they are due. */
import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import type { Snapshot } from "../library/Snapshots.ts"
import type { Protecting } from "../library/Protections.ts"
import { amongMany } from "../storage/Dialect.ts"
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
  sql: SqlClient.SqlClient,
  store: RemovalStore["Service"],
  snapshot: Snapshot,
  protecting: Protecting
): Effect.fn.Return<ReadonlyArray<string>, RemovalStateConflict> {
  // Thousands may wait, and few of them end: only those are read completely.
  const open = yield* Effect.orDie(
    sql<Waiting>`SELECT id, item_id AS "itemId", title, integration_id AS "integrationId", origin, collection
      FROM removals WHERE ${sql.in("state", waiting)} ORDER BY id`
  )
  const reasons = new Map<number, string>()
  const units = new Map<string, Waiting>()
  for (const removal of open) {
    const item = snapshot.byId.get(String(removal.itemId))
    const by = item === undefined ? undefined : protecting(item)
    if (by === undefined) continue
    reasons.set(removal.id, `protected by ${by.actor}${by.reason === "" ? "" : `: ${by.reason}`}`)
    if (removal.collection !== null) units.set(unitOf(removal), removal)
  }
  for (const removal of open) {
    const fellow = removal.collection === null ? undefined : units.get(unitOf(removal))
    if (fellow === undefined || reasons.has(removal.id)) continue
    reasons.set(removal.id, `"${fellow.title}" of the same collection is protected`)
  }
  if (reasons.size === 0) return []
  const ending = yield* store.eachWhere((q) => amongMany(q, q.literal("id"), reasons.keys()))
  yield* Effect.forEach(ending, (removal) => end(store, removal, reasons.get(Number(removal.id)) ?? ""), {
    discard: true
  })
  return ending.map(({ id }) => id)
})

interface Waiting {
  readonly id: number
  readonly itemId: number
  readonly title: string
  readonly integrationId: number | null
  readonly origin: string
  readonly collection: string | null
}

const unitOf = ({ collection, integrationId, origin }: Waiting): string =>
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
