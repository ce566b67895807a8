/** Rows of removals. */
import type { ItemKind } from "../../integrations/Observations.ts"
import type { RemovalMode } from "../../capacity/RemovalMode.ts"
import { fromJson } from "../../storage/Rows.ts"
import { requireDocument, textsIn } from "../../storage/StoredDocuments.ts"
import type { RemovalState, RemovalSummary } from "../Removal.ts"

export interface StoredRemoval extends RemovalSummary {
  readonly externalId: string
  readonly ids: ReadonlyArray<string>
  /** The data to restore the item; opaque except to the kind that created it. */
  readonly restore: unknown
  readonly step: string | null
  /** A person's decision that came too late: `cancel`, or the end of a snooze (ISO-8601). */
  readonly recalled: string | null
  readonly version: number
}

/** All columns except the decision, which is large. */
export const columns = `id, item_id, integration_id, disk_group_id, external_id, kind, title, ids, size_bytes, state, mode, origin, actor,
  run_id, collection, rank, scheduled_at, snoozed_until, attempts, next_attempt_at, step, restore, freed_bytes, because, reason,
  approved_by, ended_by, recalled, version, created_at, updated_at, ended_at`

export interface RemovalRow {
  readonly id: number
  readonly item_id: number
  readonly integration_id: number | null
  readonly disk_group_id: number | null
  readonly external_id: string
  readonly kind: ItemKind
  readonly title: string
  readonly ids: string
  readonly size_bytes: number
  readonly state: RemovalState
  readonly mode: RemovalMode
  readonly origin: "engine" | "person"
  readonly actor: string
  readonly run_id: number | null
  readonly collection: string | null
  readonly rank: number
  readonly scheduled_at: string | null
  readonly snoozed_until: string | null
  readonly attempts: number
  readonly next_attempt_at: string | null
  readonly step: string | null
  readonly restore: string | null
  readonly freed_bytes: number | null
  readonly because: string
  readonly reason: string | null
  readonly approved_by: string | null
  readonly ended_by: string | null
  readonly recalled: string | null
  readonly version: number
  readonly created_at: string
  readonly updated_at: string
  readonly ended_at: string | null
}

export const textOf = (id: number | null) => (id === null ? null : String(id))

export const toSummary = (row: RemovalRow): RemovalSummary => ({
  id: String(row.id),
  itemId: String(row.item_id),
  integrationId: textOf(row.integration_id),
  diskGroupId: textOf(row.disk_group_id),
  kind: row.kind,
  title: row.title,
  sizeBytes: row.size_bytes,
  state: row.state,
  mode: row.mode,
  origin: row.origin,
  actor: row.actor,
  runId: textOf(row.run_id),
  collection: row.collection,
  rank: row.rank,
  scheduledAt: row.scheduled_at,
  snoozedUntil: row.snoozed_until,
  attempts: row.attempts,
  nextAttemptAt: row.next_attempt_at,
  freedBytes: row.freed_bytes,
  because: row.because,
  reason: row.reason,
  approvedBy: row.approved_by,
  endedBy: row.ended_by,
  restorable: row.state === "removed" && row.restore !== null,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  endedAt: row.ended_at
})

/** The ids of its title, as they were when it was planned. */
export const storedIds = textsIn("removals", "ids")

export const toStored = (row: RemovalRow): StoredRemoval => ({
  ...toSummary(row),
  externalId: row.external_id,
  ids: requireDocument(storedIds, String(row.id), row.ids),
  restore: row.restore === null ? null : fromJson(row.restore),
  step: row.step,
  recalled: row.recalled,
  version: row.version
})

export const summaryOf = ({
  externalId: _e,
  ids: _i,
  restore: _r,
  step: _s,
  recalled: _c,
  version: _v,
  ...summary
}: StoredRemoval): RemovalSummary => summary
