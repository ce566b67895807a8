/**
 * Undoes an act: the intent is written first, and its application is asked afterwards whether the subject is as before,
 * so that neither a lost nor a false response decides the outcome.
 */
import { Effect } from "effect"
import { dayMillis, isoOfMillis } from "../problems/Instants.ts"
import { StoredDocumentInvalid } from "../storage/StoredDocuments.ts"
import { ActConflict, UndoFailed } from "./ActRecord.ts"
import { ActEvents } from "./ActEvents.ts"
import type { ActStore, StoredAct } from "./ActStore.ts"
import type { KindAct } from "./KindAct.ts"

/** Until when an act can be undone, ISO-8601; `null` = its kind sets no limit. */
export const undoableUntil = (kind: KindAct | undefined, { endedAt }: StoredAct): string | null =>
  kind?.undoDays == null || endedAt === null ? null : isoOfMillis(Date.parse(endedAt) + kind.undoDays * dayMillis)

/** Why an act that is done cannot be undone; `null` = it can. */
export const whyNotUndoable = (kind: KindAct | undefined, row: StoredAct, now: string): string | null => {
  if (kind === undefined || kind.undo === null) return "acts of this kind cannot be undone"
  if (row.kept === null) return "nothing was kept that undoes it"
  const lost = kind.whyNotUndoable(row)
  if (lost !== null) return lost
  const until = undoableUntil(kind, row)
  return until !== null && until <= now ? `it could be undone until ${until}` : null
}

export const makeUndoing = (store: ActStore) => {
  const { move, transact } = store

  /** The application's answer to the request, checked by asking it for the subject; `null` = it is undone. */
  const ask = Effect.fnUntraced(function* (kind: KindAct, row: StoredAct) {
    const asked = yield* Effect.result(kind.undo?.(row) ?? Effect.void)
    if (asked._tag === "Failure" && kind.saysNo(asked.failure)) return asked.failure.message
    const isStillDone = yield* kind.isDoneNow(row)
    if (asked._tag === "Success") {
      return isStillDone === true ? "the application said that it was undone, and it is not" : null
    }
    const detail = asked.failure.message
    if (isStillDone === false) return null
    return isStillDone === true ? detail : `${detail}; whether it was undone could not be asked`
  })

  /** Requests what undoes an act that is `undoing`, and ends it as undone or as done. */
  const undoNow = Effect.fnUntraced(function* (kind: KindAct, row: StoredAct) {
    const detail = yield* Effect.catchDefect(ask(kind, row), (defect) =>
      defect instanceof StoredDocumentInvalid ? Effect.succeed(defect.message) : Effect.die(defect)
    )
    if (detail === null) {
      return yield* transact(move(row, "undone", ActEvents.undone, `"${row.title}" was undone`, { reason: null }))
    }
    yield* transact(
      move(row, "done", ActEvents.undoFailed, `"${row.title}" could not be undone: ${detail}`, { reason: detail })
    )
    return yield* new UndoFailed({ actId: row.id, detail })
  })

  /** Writes the intent to undo an act. */
  const begin = <E>(kindOf: (row: StoredAct) => KindAct | undefined, find: Effect.Effect<StoredAct, E>, now: string) =>
    Effect.gen(function* () {
      const row = yield* find
      const conflict = (detail: string) => new ActConflict({ actId: row.id, state: row.state, detail })
      if (row.state !== "done") return yield* conflict("only an act that is done can be undone")
      const detail = whyNotUndoable(kindOf(row), row, now)
      if (detail !== null) return yield* new UndoFailed({ actId: row.id, detail })
      const open = yield* store.openOf(row.kind, row.key)
      // It would be carried out again at once.
      if (open !== null) return yield* conflict(`act ${open.id} on the same subject is open; cancel it first`)
      return yield* move(row, "undoing", ActEvents.undoing, `"${row.title}" is being undone`)
    })

  return { begin, undoNow }
}
