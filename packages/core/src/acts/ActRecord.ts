/** One act upon one subject: its states, and what a person can be told of it. */
import { Schema } from "effect"
import { Problem } from "../problems/Problem.ts"

export const actStates = ["planned", "executing", "failed", "done", "spared", "cancelled", "undoing", "undone"] as const
export const ActState = Schema.Literals(actStates)
export type ActState = typeof ActState.Type

/** States in which the intent is alive; a subject has at most one such act of a kind. */
export const openActStates = ["planned", "executing", "failed"] as const satisfies ReadonlyArray<ActState>

/** Every step that an act may take. */
export const actTransitions: Readonly<Record<ActState, ReadonlyArray<ActState>>> = {
  planned: ["executing", "done", "spared", "cancelled"],
  // Back to planned when nothing was carried out. A person may still say no until the last request is on its way.
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
  /** Why it is in this state, where that is another story. */
  reason: Schema.NullOr(Schema.String),
  attempts: Schema.Int,
  /** When it is carried out, or tried again. */
  dueAt: Schema.String,
  /** Who asked for it. */
  actor: Schema.String,
  /** Whether what undoes it was kept. */
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

/** The act is in a state from which this step does not go, or its subject has an open act already. */
export class ActConflict extends Problem<ActConflict>()(
  "ActConflict",
  { code: "act-conflict", status: 409, title: "The act is not in a state that allows this" },
  { actId: Schema.String, state: ActState, detail: Schema.String }
) {}

/** Nothing is kept that undoes it, or the application refused. */
export class UndoFailed extends Problem<UndoFailed>()(
  "UndoFailed",
  { code: "undo-failed", status: 409, title: "The act could not be undone" },
  { actId: Schema.String, detail: Schema.String }
) {}
