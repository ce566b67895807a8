/** Open removals: those that a new one would conflict with, and whether they have changed during a long evaluation. */
import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import { partsOf, wholesOf } from "../library/Families.ts"
import type { LibraryItem } from "../library/Item.ts"
import type { Snapshot } from "../library/Snapshots.ts"
import { isWholeOf } from "../library/WholesInSql.ts"
import { openStates, type RemovalState, RemovalStateConflict } from "./Removal.ts"
import type { RemovalStore } from "./RemovalStore.ts"
import type { StoredRemoval } from "./RemovalStore/Rows.ts"

/** Items whose removals exclude the removal of an item: the season and the show of an episode, and the episodes of either. */
export const excludedBy = (snapshot: Snapshot, item: LibraryItem): ReadonlyArray<LibraryItem> =>
  item.kind === "episode"
    ? wholesOf(snapshot, item)
    : item.kind === "season" || item.kind === "show"
      ? partsOf(snapshot, item).filter(({ kind }) => kind === "episode")
      : []

type Open = Pick<StoredRemoval, "id" | "state">

/**
 * Why the removal of an item conflicts with an open one, as part of a sentence; `null` = it does not. A proposal, which
 * nobody has decided about, is no conflict: what is decided first takes its place.
 */
export const conflictOf = (snapshot: Snapshot, item: LibraryItem, byItem: ReadonlyMap<string, Open>): string | null => {
  for (const other of excludedBy(snapshot, item)) {
    const open = byItem.get(other.id)
    if (open !== undefined && open.state !== "proposed") {
      return `"${other.title}" has the open removal ${open.id} (${open.state})`
    }
  }
  return null
}

interface Pair {
  readonly episode_id: number
  readonly episode_title: string
  readonly episode_state: RemovalState
  readonly whole_id: number
  readonly whole_title: string
  readonly whole_state: RemovalState
}

/**
 * Returns why a proposal cannot be approved beside other open removals, as part of a sentence; `null` = it can. What it
 * was asked about before counts as approved. Run it in the transaction that approves.
 */
export const conflictsOfApproval = Effect.fnUntraced(function* (sql: SqlClient.SqlClient) {
  const pairs = yield* sql<Pair>`SELECT e.id AS episode_id, e.title AS episode_title, e.state AS episode_state,
      o.id AS whole_id, o.title AS whole_title, o.state AS whole_state
    FROM removals e JOIN items i ON i.id = e.item_id JOIN items w ON ${isWholeOf(sql, "i", "w")}
    JOIN removals o ON o.item_id = w.id
    WHERE e.kind = 'episode' AND ${sql.in("e.state", openStates)} AND ${sql.in("o.state", openStates)}`.pipe(
    Effect.orDie
  )
  const approved = new Set<string>()
  return ({ id }: Open): string | null => {
    for (const pair of pairs) {
      const episode = { id: String(pair.episode_id), title: pair.episode_title, state: pair.episode_state }
      const whole = { id: String(pair.whole_id), title: pair.whole_title, state: pair.whole_state }
      const other = episode.id === id ? whole : whole.id === id ? episode : undefined
      if (other === undefined || (other.state === "proposed" && !approved.has(other.id))) continue
      return `"${other.title}" has the open removal ${other.id} (${other.state})`
    }
    approved.add(id)
    return null
  }
})

/**
 * Fails if an open removal was changed, added or ended since `open` was read: a person may have acted in the meantime,
 * and their decisions are then respected. Run it in the transaction that writes what was decided. `isMeant`: only those
 * matter to what was decided; all of them by default.
 */
export const unchangedSince = Effect.fnUntraced(function* (
  store: Pick<RemovalStore["Service"], "where">,
  open: ReadonlyArray<StoredRemoval>,
  isMeant: (removal: StoredRemoval) => boolean = () => true
) {
  const before = new Map(open.filter(isMeant).map((removal) => [removal.id, removal]))
  const now = (yield* store.where((q) => q.in("state", openStates))).filter(isMeant)
  const other = now.find(({ id, version }) => before.get(id)?.version !== version)
  for (const removal of now) before.delete(removal.id)
  const changed = other ?? [...before.values()][0]
  if (changed === undefined) return
  const detail = "it was changed while the plan was made"
  return yield* new RemovalStateConflict({ removalId: changed.id, state: changed.state, detail })
})
