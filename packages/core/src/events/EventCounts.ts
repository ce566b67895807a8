/** Numbers of events per hour or day. */
import { Schema } from "effect"
import { EventSeverity } from "./Event.ts"

export const EventSpan = Schema.Literals(["hour", "day"])
export type EventSpan = typeof EventSpan.Type

export const EventGroup = Schema.Literals(["type", "severity"])
export type EventGroup = typeof EventGroup.Type

export interface EventCountQuery {
  /** Length of the intervals. Default: `hour`. */
  readonly span?: EventSpan
  /** The first interval is the one that contains this time. Default: a day of hours, or 30 days. */
  readonly since?: string
  /** The last interval is the one that contains this time. Default: now. */
  readonly until?: string
  /** Counts each type, or each severity, separately. */
  readonly group?: EventGroup
  readonly type?: string
  readonly severity?: EventSeverity
}

export const EventCount = Schema.Struct({
  at: Schema.String.annotate({ description: "Start of the hour or day (UTC)." }),
  type: Schema.NullOr(Schema.String).annotate({ description: "`null` unless counted by type." }),
  severity: Schema.NullOr(EventSeverity).annotate({ description: "`null` unless counted by severity." }),
  count: Schema.Int
}).annotate({ identifier: "EventCount" })
export type EventCount = typeof EventCount.Type

export const EventCounts = Schema.Struct({
  span: EventSpan,
  since: Schema.String,
  until: Schema.String,
  /** Oldest first. Intervals without events are omitted. */
  items: Schema.Array(EventCount)
}).annotate({ identifier: "EventCounts" })
export type EventCounts = typeof EventCounts.Type
