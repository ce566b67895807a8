import { Effect } from "effect"
import { RemovalStateConflict, type RemovalState } from "../Removal.ts"
import type { StoredRemoval } from "../RemovalStore/Rows.ts"

/** Why a step that is only possible in one state is refused; `null` = it is not. */
export const notFrom =
  (state: RemovalState) =>
  (removal: StoredRemoval): RemovalStateConflict | null =>
    removal.state === state
      ? null
      : new RemovalStateConflict({
          removalId: removal.id,
          state: removal.state,
          detail: `only a removal that is ${state} allows this`
        })

/** Refuses a step that is only possible in one state. */
export const onlyFrom =
  (state: RemovalState) =>
  (removal: StoredRemoval): Effect.Effect<void, RemovalStateConflict> => {
    const refused = notFrom(state)(removal)
    return refused === null ? Effect.void : Effect.fail(refused)
  }
