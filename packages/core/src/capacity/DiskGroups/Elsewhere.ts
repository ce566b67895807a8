/**
 * Detects disks that cannot hold the files which the applications report for them, because less space is used than
 * these files would take. When a share is not mounted, its path is an empty folder on the machine's own disk, and the
 * figures are those of that disk.
 */
import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import { formatBytes } from "../Bytes.ts"
import type { DiskGroup } from "../DiskGroup.ts"
import { sameSize } from "../FolderDisks.ts"

/** Minimum used share for a disk's figures to be meaningful; a mount of cloud storage may report everything as free. */
const leastUsed = 0.01

/** File systems with compression or shared blocks hold somewhat more than they use. */
const mostHeld = 1.25

export const makeElsewhere = (
  sql: SqlClient.SqlClient,
  stop: (id: string, because: string) => Effect.Effect<unknown>
) => ({
  /** Ids of disks that have items. */
  populated: Effect.map(
    sql<{ id: number }>`SELECT id FROM disk_groups g WHERE EXISTS (
      SELECT 1 FROM items i WHERE i.disk_group_id = g.id AND i.gone_at IS NULL)`,
    (rows): ReadonlySet<string> => new Set(rows.map(({ id }) => String(id)))
  ),
  /**
   * Stops planning for those of the disks that cannot hold their items. Only checked when a disk gets its first items
   * or another size, so that planning which a person has resumed nevertheless is not stopped again by the next reading.
   */
  stopThose: Effect.fnUntraced(function* (groups: ReadonlyArray<DiskGroup>) {
    for (const { id, mountPath, staleSince, stoppedBecause, totalBytes, usedBytes } of groups) {
      if (staleSince !== null || stoppedBecause !== null || usedBytes < totalBytes * leastUsed) continue
      // Two applications may manage the same files; items in the same folder count once.
      const [row] = yield* sql<{ bytes: number | null }>`SELECT sum(bytes) AS bytes FROM (
        SELECT max(size_bytes) AS bytes FROM items WHERE disk_group_id = ${Number(id)} AND gone_at IS NULL
        AND parent_external_id IS NULL GROUP BY path)`
      const held = row?.bytes ?? 0
      if (held <= usedBytes * mostHeld) continue
      yield* stop(
        id,
        `The applications report ${formatBytes(held)} of files on ${mountPath}, of which only ${formatBytes(usedBytes)} are in use: the files seem to be on another disk, such as a share that is not mounted`
      )
    }
  })
})

/** Disks whose size has changed. */
export const resizedOf = (
  before: ReadonlyArray<DiskGroup>,
  now: ReadonlyArray<DiskGroup>
): ReadonlyArray<DiskGroup> => {
  const sizes = new Map(before.map(({ id, totalBytes }) => [id, totalBytes]))
  return now.filter(({ id, totalBytes }) => {
    const size = sizes.get(id)
    return size !== undefined && !sameSize(size, totalBytes)
  })
}
