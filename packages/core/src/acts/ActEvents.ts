/** Events of acts: what was destroyed or changed in an application, why, and how it ended. */
import { Schema } from "effect"
import { eventType } from "../events/EventType.ts"

const payload = Schema.Struct({
  kind: Schema.String,
  key: Schema.String.pipe(Schema.annotateKey({ description: "Identity of the subject within the kind." })),
  title: Schema.String,
  because: Schema.String.pipe(Schema.annotateKey({ description: "Why it was planned." })),
  reason: Schema.optionalKey(Schema.String).pipe(Schema.annotateKey({ description: "Why it is in this state." }))
}).annotate({ identifier: "ActPayload" })

const ofAct = { category: "audit", subject: "act", payload } as const

export const ActEvents = {
  planned: eventType("act.planned", { ...ofAct, description: "The intent of an act was written." }),
  executing: eventType("act.executing", { ...ofAct, description: "The execution of an act began." }),
  done: eventType("act.done", { ...ofAct, description: "An act was carried out." }),
  failed: eventType("act.failed", {
    ...ofAct,
    severity: "error",
    description: "An act failed; it will be retried, or waits for a person."
  }),
  spared: eventType("act.spared", {
    ...ofAct,
    description: "An act ended without changing its subject: there was a reason against it, or nothing was left to do."
  }),
  waiting: eventType("act.waiting", { ...ofAct, description: "An act was held back, and will be retried later." }),
  cancelled: eventType("act.cancelled", { ...ofAct, description: "An act was cancelled before it was carried out." }),
  retried: eventType("act.retried", { ...ofAct, description: "A failed act was planned again by a person." }),
  halfDone: eventType("act.half-done", {
    ...ofAct,
    severity: "error",
    description:
      "An act was not carried out, or it is not known whether it was, and what prepared it could not be reverted."
  }),
  undoing: eventType("act.undoing", { ...ofAct, description: "Undoing an act began." }),
  undone: eventType("act.undone", {
    ...ofAct,
    description: "An act was undone: its subject was returned to its previous state."
  }),
  undoFailed: eventType("act.undo-failed", {
    ...ofAct,
    severity: "error",
    description: "An act could not be undone; it remains done."
  })
}

/** The events of the steps of an act. */
export type ActEvent = (typeof ActEvents)[keyof typeof ActEvents]
