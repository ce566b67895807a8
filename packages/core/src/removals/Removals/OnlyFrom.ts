import { Effect } from "effect"
import { RemovalStateConflict, type RemovalSummary } from "../Removal.ts"
import type { StoredRemoval } from "../RemovalStore/Rows.ts"

/** Refuses a step that is only possible in one state. */
export const onlyFrom =
  (state: RemovalSummary["state"]) =>
  (removal: StoredRemoval): Effect.Effect<void, RemovalStateConflict> =>
    removal.state === state
      ? Effect.void
      : Effect.fail(
          new RemovalStateConflict({
            removalId: removal.id,
            state: removal.state,
            detail: `only a removal that is ${state} allows this`
          })
        )
