/** Open removals, as they were read before a long evaluation of the library. */
import { Effect } from "effect"
import { openStates, RemovalStateConflict } from "./Removal.ts"
import type { RemovalStore } from "./RemovalStore.ts"
import type { StoredRemoval } from "./RemovalStore/Rows.ts"

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
