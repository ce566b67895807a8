/** Allows the engine to plan items again whose removals were cancelled. */
import { Effect, Result } from "effect"
import type { EventLog } from "../../events/EventLog.ts"
import { nowIso } from "../../problems/Instants.ts"
import { rowId } from "../../storage/RowId.ts"
import { amongMany } from "../../storage/Dialect.ts"
import { RemovalNotFound, type RemovalStateConflict } from "../Removal.ts"
import { RemovalEvents } from "../RemovalEvents.ts"
import type { RemovalStore } from "../RemovalStore.ts"
import type { StoredRemoval } from "../RemovalStore/Rows.ts"
import { notFrom } from "./OnlyFrom.ts"
import type { Done, Step } from "./Steps.ts"

export const makeRelease =
  (store: RemovalStore["Service"], events: EventLog["Service"]): Step<RemovalNotFound | RemovalStateConflict> =>
  (ids) =>
    Effect.gen(function* () {
      const read = yield* store.where((q) => amongMany(q, q.literal("id"), ids.map(rowId)))
      const named = new Map(read.map((removal) => [removal.id, removal]))
      const outcomes = new Map<string, Result.Result<Done, RemovalNotFound | RemovalStateConflict>>()
      const released: Array<StoredRemoval> = []
      for (const id of ids) {
        const removal = named.get(id)
        const refused = removal === undefined ? new RemovalNotFound({ removalId: id }) : notFrom("cancelled")(removal)
        outcomes.set(id, refused === null ? Result.succeed({ beyondRecall: [] }) : Result.fail(refused))
        if (removal !== undefined && refused === null) released.push(removal)
      }
      yield* store.noteAll(released, { releasedAt: yield* nowIso })
      yield* events.append(
        ...released.map(({ because, id, itemId, title }) =>
          RemovalEvents.released.make({
            subject: id,
            message: `"${title}" may be planned again`,
            payload: { itemId, title, because }
          })
        )
      )
      return outcomes
    })
