/** Stores the result of a reading: new disks, the figures of known ones, and disks that are no longer reported. */
import { DateTime, Effect } from "effect"
import type { SqlClient } from "effect/sql"
import type { EventLog } from "../../events/EventLog.ts"
import { dayMillis } from "../../problems/Instants.ts"
import type { Settings } from "../../settings/Settings.ts"
import { toJson } from "../../storage/Rows.ts"
import { CapacityEvents } from "../CapacityEvents.ts"
import { type FoundDisk, recognise } from "../FolderDisks.ts"
import { type DiskGroupSourceRow, loadGroupRows } from "./Rows.ts"
import { CapacitySettings } from "../CapacitySettings.ts"

export interface Unreported {
  /** Integrations that did not report in this reading. */
  readonly silent: ReadonlySet<string>
  /** Disks that are not deleted, however long they are not reported. */
  readonly held: ReadonlySet<number>
}

/**
 * Returns the id of each disk that was found. Groups that are no longer reported become stale, and are deleted after a
 * grace period.
 */
export const makeStoring = (sql: SqlClient.SqlClient, events: EventLog["Service"], settings: Settings["Service"]) =>
  Effect.fn("DiskGroups.store")(function* (found: ReadonlyArray<FoundDisk>, { held, silent }: Unreported) {
    const now = yield* DateTime.now
    const at = DateTime.formatIso(now)
    const { defaultLimits, defaultMode, staleGraceDays } = yield* settings.get(CapacitySettings)
    const rows = yield* loadGroupRows(sql)
    const links = yield* sql<DiskGroupSourceRow>`SELECT * FROM disk_group_sources ORDER BY integration_id`
    const integrationsOf = (id: number) =>
      links.filter((link) => link.disk_group_id === id).map((link) => String(link.integration_id))
    const recognised = recognise(
      found,
      rows.map((row) => ({
        id: String(row.id),
        mountPath: row.mount_path,
        ownerIntegrationId: row.owner_integration_id === 0 ? null : String(row.owner_integration_id),
        integrationIds: integrationsOf(row.id)
      }))
    )
    const ids = new Map<FoundDisk, number>()
    for (const disk of found) {
      const owner = disk.ownerIntegrationId === null ? 0 : Number(disk.ownerIntegrationId)
      const before = rows.find((row) => String(row.id) === recognised.get(disk))
      // A sync of other integrations contains the previous report of this one, although the disk may have been read
      // since.
      const isNews = before === undefined || disk.at >= before.read_at
      const figures = isNews
        ? disk
        : { totalBytes: before.total_bytes, freeBytes: before.free_bytes, at: before.read_at }
      const [row] =
        before === undefined
          ? yield* sql<{ id: number }>`INSERT INTO disk_groups ${sql.insert({
              mount_path: disk.mountPath,
              owner_integration_id: owner,
              total_bytes: disk.totalBytes,
              free_bytes: disk.freeBytes,
              total_bytes_override: null,
              limits: toJson(defaultLimits),
              mode: defaultMode,
              allowed_unknown: "[]",
              read_at: disk.at,
              stale_since: null,
              stopped_because: null,
              version: 1,
              created_at: at,
              updated_at: at
            })} RETURNING id`
          : yield* sql<{
              id: number
            }>`UPDATE disk_groups SET owner_integration_id = ${owner}, total_bytes = ${figures.totalBytes},
              free_bytes = ${figures.freeBytes}, read_at = ${figures.at}, stale_since = NULL
              WHERE id = ${before.id} RETURNING id`
      const id = row!.id
      ids.set(disk, id)
      yield* sql`DELETE FROM disk_group_sources WHERE disk_group_id = ${id}`
      for (const source of disk.sources) {
        yield* sql`INSERT INTO disk_group_sources ${sql.insert({
          disk_group_id: id,
          integration_id: Number(source.integrationId),
          reported_path: source.reportedPath
        })}`
      }
      if (isNews) {
        yield* sql`INSERT INTO disk_usage ${sql.insert({
          disk_group_id: id,
          resolution: "raw",
          at: disk.at,
          total_bytes: disk.totalBytes,
          used_bytes: disk.totalBytes - disk.freeBytes
        })} ON CONFLICT (disk_group_id, resolution, at) DO UPDATE SET total_bytes = excluded.total_bytes, used_bytes = excluded.used_bytes`
      }
      if (before === undefined) {
        yield* events.append(
          CapacityEvents.found.make({
            subject: String(id),
            message: `Found the disk ${disk.mountPath}; its mode is ${defaultMode}`
          })
        )
      }
    }
    const seen = new Set(ids.values())
    for (const row of rows) {
      // A disk whose application is unreachable is not missing: there is just no report about it.
      if (seen.has(row.id) || integrationsOf(row.id).some((id) => silent.has(id))) continue
      const subject = String(row.id)
      if (row.stale_since === null) {
        yield* sql`UPDATE disk_groups SET stale_since = ${at} WHERE id = ${row.id}`
        yield* events.append(
          CapacityEvents.stale.make({
            subject,
            message: `No application reports the disk ${row.mount_path} any more`
          })
        )
        continue
      }
      // Its settings also apply to the disks that are merged into it.
      const needed = held.has(row.id) || rows.some(({ id, merged_into }) => merged_into === row.id && seen.has(id))
      if (needed || DateTime.toEpochMillis(now) - Date.parse(row.stale_since) < staleGraceDays * dayMillis) continue
      yield* sql`UPDATE disk_groups SET merged_into = NULL WHERE merged_into = ${row.id}`
      yield* sql`DELETE FROM disk_groups WHERE id = ${row.id}`
      yield* events.append(
        CapacityEvents.dropped.make({
          subject,
          message: `The disk ${row.mount_path} was not reported for ${staleGraceDays} days and was deleted`
        })
      )
    }
    return ids
  })
