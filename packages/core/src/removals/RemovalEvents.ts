/** Events of removals: the audit, which tells of each one why it came so far. */
import { Schema } from "effect"
import { eventType, NoPayload } from "../events/EventType.ts"
import { RemovalMode } from "../capacity/RemovalMode.ts"
import { RemovalState } from "./Removal.ts"

const category = "audit"
const ofRemoval = { category, subject: "removal" } as const

const item = {
  itemId: Schema.String,
  title: Schema.String,
  because: Schema.String.annotate({ description: "Why the item is to go." })
}
const reason = Schema.String.annotate({ description: "Why it came to this." })
const planned = { ...item, sizeBytes: Schema.Finite, mode: RemovalMode }
const states = { from: RemovalState, to: RemovalState }

const Step = Schema.Struct({ ...planned, ...states, reason: Schema.optionalKey(reason) })

/** A removal comes to its first state when it is planned, and may come back to it later. */
const Planned = Schema.Struct({
  ...planned,
  rank: Schema.optionalKey(Schema.Finite).annotate({ description: "Given when it is planned for the first time." }),
  from: Schema.optionalKey(RemovalState).annotate({ description: "The state before, when it was planned already." }),
  to: Schema.optionalKey(RemovalState),
  reason: Schema.optionalKey(reason)
})

const Told = Schema.Struct({ ...item, reason })

/** Those that tell of a new state. */
export const removalSteps = {
  proposed: eventType("removal.proposed", {
    ...ofRemoval,
    description: "A removal is proposed, and waits for a person; in dry-run it stays a proposal.",
    payload: Planned
  }),
  scheduled: eventType("removal.scheduled", {
    ...ofRemoval,
    description: "A removal was planned or asked for, and is carried out at its time.",
    payload: Planned
  }),
  approved: eventType("removal.approved", {
    ...ofRemoval,
    description: "A person has approved a proposal.",
    payload: Step
  }),
  snoozed: eventType("removal.snoozed", {
    ...ofRemoval,
    description: "A person has put a removal off.",
    payload: Step
  }),
  unsnoozed: eventType("removal.unsnoozed", {
    ...ofRemoval,
    description: "A person has ended the snooze of a removal: it is proposed again.",
    payload: Step
  }),
  cancelled: eventType("removal.cancelled", {
    ...ofRemoval,
    description: "A person has cancelled a removal for good.",
    payload: Step
  }),
  withdrawn: eventType("removal.withdrawn", {
    ...ofRemoval,
    description: "A proposal is not needed any more, and is taken back.",
    payload: Step
  }),
  spared: eventType("removal.spared", {
    ...ofRemoval,
    description: "A removal that was scheduled is not carried out, since something speaks against it now.",
    payload: Step
  }),
  executing: eventType("removal.executing", {
    ...ofRemoval,
    description: "A removal begins: its intent is written, and nothing is sent yet.",
    payload: Step
  }),
  waiting: eventType("removal.waiting", {
    ...ofRemoval,
    description: "A removal had begun and waits, since its application or a fact cannot be asked; nothing was deleted.",
    payload: Step
  }),
  removed: eventType("removal.removed", {
    ...ofRemoval,
    description: "The application has removed the item.",
    payload: Step
  }),
  failed: eventType("removal.failed", {
    ...ofRemoval,
    severity: "error",
    description: "An attempt to remove an item has failed.",
    payload: Step
  }),
  retried: eventType("removal.retried", {
    ...ofRemoval,
    description: "A person lets a removal that failed be tried again.",
    payload: Step
  }),
  reconciled: eventType("removal.reconciled", {
    ...ofRemoval,
    description: "A removal was interrupted before the application removed the item, and is scheduled again.",
    payload: Step
  }),
  restored: eventType("removal.restored", {
    ...ofRemoval,
    description: "A removal was undone; a warning where the application does not search for the item.",
    payload: Step
  })
}

/** A step to be told, with what every one of them tells. */
export type RemovalStepEvent = (typeof removalSteps)[keyof typeof removalSteps]

export const RemovalEvents = {
  ...removalSteps,
  rescheduled: eventType("removal.rescheduled", {
    ...ofRemoval,
    description: "A person has moved a removal to another time.",
    payload: Told
  }),
  released: eventType("removal.released", {
    ...ofRemoval,
    description: "A person lets an item be planned again whose removal was cancelled.",
    payload: Schema.Struct(item)
  }),
  restoring: eventType("removal.restoring", {
    ...ofRemoval,
    description: "A removed item is being brought back, and is protected from then on.",
    payload: Told
  }),
  restoreFailed: eventType("removal.restore-failed", {
    ...ofRemoval,
    severity: "warning",
    description: "A removed item could not be brought back.",
    payload: Told
  }),
  halfDone: eventType("removal.half-done", {
    ...ofRemoval,
    severity: "warning",
    description: "An item was not removed, and what its removal had prepared could not be put back.",
    payload: Told
  }),
  entrySettled: eventType("removal.entry-settled", {
    category,
    subject: "item",
    description:
      "The last part of a show, an artist or an author is gone, and its entry was dealt with as the options say.",
    payload: Schema.Struct({
      ...item,
      removalId: Schema.String.annotate({ description: "The removal of the last part." }),
      choice: Schema.Literals(["unmonitor", "remove"]).annotate({
        description: "What the options of the integration say."
      }),
      outcome: Schema.Literals(["removed", "unmonitored", "kept"])
    })
  }),
  unsettled: eventType("removals.unsettled", {
    category,
    severity: "warning",
    description: "After a start: applications of removals that were under way cannot be asked yet; told once.",
    payload: NoPayload
  })
}
