/** Events of removals: the audit, which records each step of a removal with its reason. */
import { Schema } from "effect"
import { eventType, NoPayload } from "../events/EventType.ts"
import { removalActions } from "../integrations/Kind.ts"
import { RemovalMode } from "../capacity/RemovalMode.ts"
import { RemovalState } from "./Removal.ts"

const category = "audit"
const ofRemoval = { category, subject: "removal" } as const

const item = {
  itemId: Schema.String,
  title: Schema.String,
  because: Schema.String.annotate({ description: "Why the item is to be removed." })
}
const reason = Schema.String.annotate({ description: "The reason for this step." })
const planned = {
  ...item,
  sizeBytes: Schema.Finite,
  mode: RemovalMode,
  action: Schema.optionalKey(Schema.Literals(removalActions)).annotate({
    description: "What is done to the item; absent in events of earlier versions."
  })
}
const states = { from: RemovalState, to: RemovalState }

const Step = Schema.Struct({ ...planned, ...states, reason: Schema.optionalKey(reason) })

/** A removal enters its first state when it is planned, and may return to it later. */
const Planned = Schema.Struct({
  ...planned,
  rank: Schema.optionalKey(Schema.Finite).annotate({ description: "Present when it is planned for the first time." }),
  from: Schema.optionalKey(RemovalState).annotate({
    description: "The previous state, if it had already been planned."
  }),
  to: Schema.optionalKey(RemovalState),
  reason: Schema.optionalKey(reason)
})

const ItemWithReason = Schema.Struct({ ...item, reason })

/** Events of a new state. */
export const removalSteps = {
  proposed: eventType("removal.proposed", {
    ...ofRemoval,
    description: "A removal was proposed, and waits for a person; in dry-run it remains a proposal.",
    payload: Planned
  }),
  scheduled: eventType("removal.scheduled", {
    ...ofRemoval,
    description: "A removal was planned or requested, and will be carried out at its due time.",
    payload: Planned
  }),
  approved: eventType("removal.approved", {
    ...ofRemoval,
    description: "A person approved a proposal.",
    payload: Step
  }),
  snoozed: eventType("removal.snoozed", {
    ...ofRemoval,
    description: "A person snoozed a removal.",
    payload: Step
  }),
  unsnoozed: eventType("removal.unsnoozed", {
    ...ofRemoval,
    description: "A person ended the snooze of a removal: it is proposed again.",
    payload: Step
  }),
  cancelled: eventType("removal.cancelled", {
    ...ofRemoval,
    description: "A person cancelled a removal permanently.",
    payload: Step
  }),
  withdrawn: eventType("removal.withdrawn", {
    ...ofRemoval,
    description: "A proposal was withdrawn, because it is no longer needed.",
    payload: Step
  }),
  spared: eventType("removal.spared", {
    ...ofRemoval,
    description: "A scheduled removal ended without removing the item, because there is now a reason to keep it.",
    payload: Step
  }),
  executing: eventType("removal.executing", {
    ...ofRemoval,
    description: "The execution of a removal began: its intent was stored, and nothing was sent yet.",
    payload: Step
  }),
  waiting: eventType("removal.waiting", {
    ...ofRemoval,
    description:
      "A removal that had begun was postponed, because its application or a fact could not be read; nothing was deleted.",
    payload: Step
  }),
  removed: eventType("removal.removed", {
    ...ofRemoval,
    description: "The application did what the removal is for, and reports it: see `action`.",
    payload: Step
  }),
  failed: eventType("removal.failed", {
    ...ofRemoval,
    severity: "error",
    description: "An attempt to remove an item failed.",
    payload: Step
  }),
  retried: eventType("removal.retried", {
    ...ofRemoval,
    description: "A person retried a failed removal.",
    payload: Step
  }),
  reconciled: eventType("removal.reconciled", {
    ...ofRemoval,
    description: "A removal was interrupted before the application removed the item, and was scheduled again.",
    payload: Step
  }),
  restored: eventType("removal.restored", {
    ...ofRemoval,
    description: "A removal was undone; a warning if the application does not search for the item.",
    payload: Step
  })
}

/** Creates the event of a step, with the fields that all of them have. */
export type RemovalStepEvent = (typeof removalSteps)[keyof typeof removalSteps]

export const RemovalEvents = {
  ...removalSteps,
  rescheduled: eventType("removal.rescheduled", {
    ...ofRemoval,
    description: "A person moved a removal to another time.",
    payload: ItemWithReason
  }),
  released: eventType("removal.released", {
    ...ofRemoval,
    description: "A person released an item whose removal was cancelled: it can be planned again.",
    payload: Schema.Struct(item)
  }),
  restoring: eventType("removal.restoring", {
    ...ofRemoval,
    description: "Restoring a removed item began; it is protected from now on.",
    payload: ItemWithReason
  }),
  restoreFailed: eventType("removal.restore-failed", {
    ...ofRemoval,
    severity: "warning",
    description: "A removed item could not be restored.",
    payload: ItemWithReason
  }),
  halfDone: eventType("removal.half-done", {
    ...ofRemoval,
    severity: "warning",
    description:
      "An item was not removed, or it is not known whether it was, and the preparations of its removal could not be reverted.",
    payload: ItemWithReason
  }),
  entrySettled: eventType("removal.entry-settled", {
    category,
    subject: "item",
    description:
      "The last part of a show, an artist or an author was removed, and its entry was handled as the options specify.",
    payload: Schema.Struct({
      ...item,
      removalId: Schema.String.annotate({ description: "The removal of the last part." }),
      choice: Schema.Literals(["unmonitor", "remove"]).annotate({
        description: "The value of the integration's option."
      }),
      outcome: Schema.Literals(["removed", "unmonitored", "kept"])
    })
  }),
  collectionRequested: eventType("collection.removal-requested", {
    category,
    subject: "collection",
    description: "A person requested the removal of a collection.",
    payload: Schema.Struct({
      collection: Schema.String.annotate({ description: "Its title." }),
      requested: Schema.Int.annotate({ description: "Members whose removal was requested." }),
      failed: Schema.Int.annotate({ description: "Members that cannot be removed." })
    })
  }),
  unsettled: eventType("removals.unsettled", {
    category,
    severity: "warning",
    description: "After a start, the applications of interrupted removals could not be asked yet; logged once.",
    payload: NoPayload
  })
}
