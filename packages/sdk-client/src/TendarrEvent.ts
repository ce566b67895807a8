/** What happened, typed by what it is: `removal.removed` tells of an item, `job-run.completed` of a job. */
import type { Event } from "./generated/types.gen.ts"

/** An event of a type, and what is known of its payload. */
export type TendarrEvent<Type extends EventType = EventType> = Type extends unknown
  ? Omit<Event, "type" | "payload"> & { readonly type: Type; readonly payload: EventPayload<Type> }
  : never

/** The types of this version; a later one, or a program of your own, may log others. */
export type EventType = KnownEventType | (string & {})

export type KnownEventType =
  | `account.${"created" | "password-changed" | "renamed"}`
  | `api-key.${"created" | "renamed" | "revoked"}`
  | "capacity.breached"
  | `disk-group.${"dropped" | "found" | "resumed" | "stale" | "stopped" | "updated"}`
  | `integration.${"created" | "down" | "recovered" | "removed" | "updated"}`
  | `integration.sync-${"confirmed" | "discarded" | "failed" | "held"}`
  | "job.schedule-changed"
  | `job-run.${"started" | "completed" | "failed" | "cancelled" | "interrupted"}`
  | "library.synced"
  | `protection.${"added" | "removed"}`
  | `removal.${RemovalEvent}`
  | "removals.unsettled"
  | `rule.${"created" | "removed" | "updated"}`
  | "rules.reordered"
  | `session.${"ended" | "refused" | "revoked" | "started"}`
  | "settings.changed"
  | "setup.key-created"

type RemovalEvent =
  | "approved"
  | "cancelled"
  | "executing"
  | "failed"
  | "proposed"
  | "reconciled"
  | "released"
  | "removed"
  | "rescheduled"
  | "restored"
  | "retried"
  | "scheduled"
  | "snoozed"
  | "spared"
  | "unsnoozed"
  | "withdrawn"

export type EventPayload<Type extends string> = Type extends `removal.${string}`
  ? RemovalPayload
  : Type extends `job-run.${string}`
    ? JobRunPayload
    : Type extends "settings.changed"
      ? SettingsPayload
      : Readonly<Record<string, unknown>>

export interface RemovalPayload {
  readonly itemId: string
  readonly title: string
  /** Why the item is to go. */
  readonly because: string
  readonly sizeBytes?: number
  readonly mode?: string
  /** The states before and after, where it changed. */
  readonly from?: string
  readonly to?: string
  /** Why it came to this state. */
  readonly reason?: string
  readonly [more: string]: unknown
}

export interface JobRunPayload {
  readonly job: string
  readonly startedBy: string
  /** Once it ended. */
  readonly status?: string
  readonly errors?: number
  readonly durationMillis?: number
  readonly [more: string]: unknown
}

export interface SettingsPayload {
  readonly group: string
  readonly before: Readonly<Record<string, unknown>>
  readonly after: Readonly<Record<string, unknown>>
}

/** Whether an event is of one of these types. */
export const isEvent = <Type extends EventType>(
  event: TendarrEvent,
  ...types: ReadonlyArray<Type>
): event is TendarrEvent<Type> => types.some((type) => type === event.type)
