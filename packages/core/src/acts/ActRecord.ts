/** One act on one subject: its states, and its public data. */
import { Schema } from "effect"
import { Problem } from "../problems/Problem.ts"

export const actStates = ["planned", "executing", "failed", "done", "spared", "cancelled", "undoing", "undone"] as const
export const ActState = Schema.Literals(actStates)
export type ActState = typeof ActState.Type

/** States in which the act is open; a subject has at most one such act of a kind. */
export const openActStates = ["planned", "executing", "failed"] as const satisfies ReadonlyArray<ActState>

/** All allowed transitions of an act. */
export const actTransitions: Readonly<Record<ActState, ReadonlyArray<ActState>>> = {
  planned: ["executing", "done", "spared", "cancelled"],
  // Back to planned if nothing was carried out. A person may still cancel it until the last request has been sent.
  executing: ["done", "failed", "planned", "spared", "cancelled"],
  failed: ["executing", "done", "spared", "cancelled"],
  done: ["undoing"],
  spared: [],
  cancelled: [],
  undoing: ["undone", "done"],
  undone: []
}

export const ActRecord = Schema.Struct({
  id: Schema.String,
  kind: Schema.String,
  /** Identity of the subject within the kind. */
  key: Schema.String,
  title: Schema.String,
  state: ActState,
  /** Why it was planned, in one sentence. */
  because: Schema.String,
  /** Why it is in this state, if that differs from `because`. */
  reason: Schema.NullOr(Schema.String),
  attempts: Schema.Int,
  /** When it will be carried out, or retried. */
  dueAt: Schema.String,
  /** The actor that requested it. */
  actor: Schema.String,
  /** Whether the data that undoes it is stored. */
  undoable: Schema.Boolean,
  createdAt: Schema.String,
  updatedAt: Schema.String,
  endedAt: Schema.NullOr(Schema.String)
}).annotate({ identifier: "Act" })
export type ActRecord = typeof ActRecord.Type

export class ActNotFound extends Problem<ActNotFound>()(
  "ActNotFound",
  { code: "act-not-found", status: 404, title: "There is no such act" },
  { actId: Schema.String }
) {}

/** The state of the act does not allow this step, or its subject already has an open act. */
export class ActConflict extends Problem<ActConflict>()(
  "ActConflict",
  { code: "act-conflict", status: 409, title: "The act is not in a state that allows this" },
  { actId: Schema.String, state: ActState, detail: Schema.String }
) {}

/** No data that undoes it is stored, or the application refused. */
export class UndoFailed extends Problem<UndoFailed>()(
  "UndoFailed",
  { code: "undo-failed", status: 409, title: "The act could not be undone" },
  { actId: Schema.String, detail: Schema.String }
) {}
