/** What happened, typed by what it is: `removal.removed` tells of an item, `job-run.completed` of a job. */
import type { Event } from "./generated/types.gen.ts"

/** An event of a type, and what is known of its payload. */
export type TendarrEvent<Type extends EventType = EventType> = Type extends unknown
  ? Omit<Event, "type" | "payload"> & { readonly type: Type; readonly payload: EventPayload<Type> }
  : never

/** The types of this version; a later one, or a program of your own, may log others. */
export type EventType = KnownEventType | (string & {})

export type KnownEventType =
  | "account.created"
  | "account.password-changed"
  | "account.password-refused"
  | "account.renamed"
  | "act.cancelled"
  | "act.done"
  | "act.executing"
  | "act.failed"
  | "act.planned"
  | "act.spared"
  | "act.undoing"
  | "act.undone"
  | "act.waiting"
  | "api-key.created"
  | "api-key.renamed"
  | "api-key.revoked"
  | "backup.created"
  | "backup.removed"
  | "backup.restore-cancelled"
  | "backup.restore-refused"
  | "backup.restore-staged"
  | "backup.restored"
  | "backup.uploaded"
  | "capacity.breached"
  | "clock.set-back"
  | "clock.set-forward"
  | "clock.time-unseen"
  | "configuration.exported"
  | "configuration.imported"
  | "disk-group.dropped"
  | "disk-group.found"
  | "disk-group.may-be-same"
  | "disk-group.merged"
  | "disk-group.resumed"
  | "disk-group.split"
  | "disk-group.stale"
  | "disk-group.stopped"
  | "disk-group.updated"
  | "integration.connected-twice"
  | "integration.created"
  | "integration.down"
  | "integration.recovered"
  | "integration.removed"
  | "integration.replaced"
  | "integration.secrets-reused"
  | "integration.secrets-withheld"
  | "integration.sync-confirmed"
  | "integration.sync-discarded"
  | "integration.sync-failed"
  | "integration.sync-held"
  | "integration.updated"
  | "job.schedule-changed"
  | "job.settings-changed"
  | "job-run.cancelled"
  | "job-run.completed"
  | "job-run.failed"
  | "job-run.interrupted"
  | "job-run.started"
  | "library.synced"
  | "protection.added"
  | "protection.collection-found"
  | "protection.collection-lost"
  | "protection.removed"
  | "removal.approved"
  | "removal.cancelled"
  | "removal.entry-settled"
  | "removal.executing"
  | "removal.failed"
  | "removal.proposed"
  | "removal.half-done"
  | "removal.reconciled"
  | "removal.released"
  | "removal.removed"
  | "removal.rescheduled"
  | "removal.restored"
  | "removal.restore-failed"
  | "removal.restoring"
  | "removal.retried"
  | "removal.scheduled"
  | "removal.snoozed"
  | "removal.spared"
  | "removal.unsnoozed"
  | "removal.waiting"
  | "removal.withdrawn"
  | "removals.unsettled"
  | "rule.acknowledged"
  | "rule.created"
  | "rule.names-found"
  | "rule.names-lost"
  | "rule.removed"
  | "rule.updated"
  | "rules.reordered"
  | "session.ended"
  | "session.limited"
  | "session.refused"
  | "session.revoked"
  | "session.started"
  | "settings.changed"
  | "setup.key-created"
  | "setup.limited"
  | "setup.refused"

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
