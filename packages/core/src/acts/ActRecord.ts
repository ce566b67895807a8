/** One act on one subject: its states, and its public data. */
import { Schema } from "effect"
import { Problem } from "../problems/Problem.ts"
import { actStates } from "./ActStates.ts"
import { actSteps } from "./ActSteps.ts"

export const ActState = Schema.Literals(actStates)
export type ActState = typeof ActState.Type

/**
 * All allowed transitions of an act. A request that was sent may take effect late, when its act has already failed or
 * was ended by a person or a check: the act is then recorded as done after all.
 */
export const actTransitions: Readonly<Record<ActState, ReadonlyArray<ActState>>> = {
  planned: ["executing", "done", "spared", "cancelled"],
  // Back to planned if nothing was carried out. A person may still cancel it until the last request has been sent.
  executing: ["done", "failed", "planned", "spared", "cancelled"],
  failed: ["executing", "planned", "done", "spared", "cancelled"],
  done: ["undoing"],
  spared: ["done"],
  cancelled: ["done"],
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
  /** Whether it is done, and can be undone: its kind can, the data that undoes it is stored, and its time is not over. */
  undoable: Schema.Boolean,
  version: Schema.Int,
  createdAt: Schema.String,
  updatedAt: Schema.String,
  endedAt: Schema.NullOr(Schema.String)
}).annotate({ identifier: "Act" })
export type ActRecord = typeof ActRecord.Type

/** An act after a decision of a person. */
export const DecidedAct = Schema.Struct({
  ...ActRecord.fields,
  beyondRecall: Schema.Array(Schema.String).annotate({
    description:
      "Ids of acts that this would have stopped, but whose request has already been sent to the application and may still take effect."
  })
}).annotate({ identifier: "DecidedAct" })
export type DecidedAct = typeof DecidedAct.Type

const ActHistoryEntry = Schema.Struct({
  at: Schema.String,
  type: Schema.String.annotate({ description: "The type of the event." }),
  actor: Schema.String,
  message: Schema.String
}).annotate({ identifier: "ActHistoryEntry" })

/** An act with its explanation. */
export const ActDetail = Schema.Struct({
  ...ActRecord.fields,
  subject: Schema.Unknown.annotate({ description: "The intent: what it is carried out on, as its kind describes it." }),
  step: Schema.NullOr(Schema.Literals(actSteps)).annotate({
    description:
      "`claimed`: requests that prepare it may have been sent. `sent`: the request that carries it out may have been sent. `late`: that request was sent, had no effect yet, and may still have one."
  }),
  undo: Schema.Struct({
    possible: Schema.Boolean,
    until: Schema.NullOr(Schema.String).annotate({ description: "Until when; `null` = no limit is set by its kind." }),
    detail: Schema.NullOr(Schema.String).annotate({ description: "Why it cannot be undone." }),
    kept: Schema.Unknown.annotate({ description: "What undoes it: the state before its first request." })
  }),
  history: Schema.Array(ActHistoryEntry).annotate({
    description: "Its steps, oldest first, as far as the retention of events keeps them; at most the last 200."
  })
}).annotate({ identifier: "ActDetail" })
export type ActDetail = typeof ActDetail.Type

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

/** The request that carries it out has been sent to the application and can no longer be stopped. */
export class ActBeyondRecall extends Problem<ActBeyondRecall>()(
  "ActBeyondRecall",
  { code: "act-beyond-recall", status: 409, title: "The act can no longer be cancelled" },
  { actId: Schema.String, detail: Schema.String }
) {}

/** No data that undoes it is stored, or the application refused. */
export class UndoFailed extends Problem<UndoFailed>()(
  "UndoFailed",
  { code: "undo-failed", status: 409, title: "The act could not be undone" },
  { actId: Schema.String, detail: Schema.String }
) {}
