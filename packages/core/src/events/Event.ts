/** An event: something that happened, appended to one log. Events of the category `audit` are about removals. */
import { Schema } from "effect"

export const eventCategories = [
  "audit",
  "library",
  "capacity",
  "integrations",
  "rules",
  "jobs",
  "access",
  "settings",
  "system"
] as const
export const EventCategory = Schema.Literals(eventCategories)
export type EventCategory = typeof EventCategory.Type

export const EventSeverity = Schema.Literals(["info", "warning", "error"])
export type EventSeverity = typeof EventSeverity.Type

export const Subject = Schema.Struct({
  /** A resource of the API in the singular: `item`, `removal`, `rule`, `integration`, `disk-group`, `job-run`, … */
  type: Schema.String,
  id: Schema.String
})
export type Subject = typeof Subject.Type

export const StoredEvent = Schema.Struct({
  /** Monotonic across restarts; pass it as `Last-Event-ID`. */
  id: Schema.String,
  at: Schema.String,
  type: Schema.String,
  category: EventCategory,
  severity: EventSeverity,
  actor: Schema.String,
  subject: Schema.NullOr(Subject),
  message: Schema.String,
  payload: Schema.Record(Schema.String, Schema.Unknown)
}).annotate({ identifier: "Event" })
export type StoredEvent = typeof StoredEvent.Type
