/** Disk groups as the database has them. */
import { fromJson } from "../../storage/Rows.ts"
import { type DiskGroup, pressureOf } from "../DiskGroup.ts"

export interface DiskGroupRow {
  readonly id: number
  readonly mount_path: string
  readonly owner_integration_id: number
  readonly total_bytes: number
  readonly free_bytes: number
  readonly total_bytes_override: number | null
  readonly limits: string
  readonly mode: DiskGroup["mode"]
  readonly allowed_unknown: string
  readonly read_at: string
  readonly stale_since: string | null
  readonly stopped_because: string | null
  readonly version: number
}

export interface DiskGroupSourceRow {
  readonly disk_group_id: number
  readonly integration_id: number
  readonly reported_path: string
}

export const toGroup = (row: DiskGroupRow, links: ReadonlyArray<DiskGroupSourceRow>): DiskGroup => {
  const limits = fromJson<DiskGroup["limits"]>(row.limits)
  const pressure = pressureOf({
    totalBytes: row.total_bytes,
    freeBytes: row.free_bytes,
    totalBytesOverride: row.total_bytes_override,
    limits
  })
  return {
    id: String(row.id),
    mountPath: row.mount_path,
    totalBytes: row.total_bytes,
    usedBytes: pressure.usedBytes,
    freeBytes: row.free_bytes,
    totalBytesOverride: row.total_bytes_override,
    usedPercent: Math.round(pressure.usedPercent * 100) / 100,
    limits,
    breached: pressure.breached,
    bytesToFree: pressure.bytesToFree,
    mode: row.mode,
    allowedUnknown: fromJson(row.allowed_unknown),
    integrations: links
      .filter((link) => link.disk_group_id === row.id)
      .map((link) => ({ id: String(link.integration_id), reportedPath: link.reported_path })),
    readAt: row.read_at,
    staleSince: row.stale_since,
    stoppedBecause: row.stopped_because,
    version: row.version
  }
}
