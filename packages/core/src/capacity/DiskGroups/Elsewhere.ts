/**
 * Disks that cannot hold what the applications tell of them: less of them is used than the files would take. A share that
 * is not mounted leaves an empty folder of the machine's own disk under the same path, and its figures with it.
 */
import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import { formatBytes } from "../Bytes.ts"
import type { DiskGroup } from "../DiskGroup.ts"
import { sameSize } from "../Mounts.ts"

/** What is in use of a disk that says anything at all; a mount of cloud storage may say that all of it is free. */
const leastUsed = 0.01

/** File systems that compress or share blocks hold somewhat more than they use. */
const mostHeld = 1.25

export const makeElsewhere = (
  sql: SqlClient.SqlClient,
  stop: (id: string, because: string) => Effect.Effect<unknown>
) => ({
  /** Ids of disks on which items stand. */
  populated: Effect.map(
    sql<{ id: number }>`SELECT id FROM disk_groups g WHERE EXISTS (
      SELECT 1 FROM items i WHERE i.disk_group_id = g.id AND i.gone_at IS NULL)`,
    (rows): ReadonlySet<string> => new Set(rows.map(({ id }) => String(id)))
  ),
  /**
   * Stops those of the disks that cannot hold their items. Asked only where a disk got its first items or another size, so
   * that a person who takes up planning again all the same is not stopped at the next reading.
   */
  stopThose: Effect.fnUntraced(function* (groups: ReadonlyArray<DiskGroup>) {
    for (const { id, mountPath, staleSince, stoppedBecause, totalBytes, usedBytes } of groups) {
      if (staleSince !== null || stoppedBecause !== null || usedBytes < totalBytes * leastUsed) continue
      // Two applications may manage the same files; what stands in one folder counts once.
      const [row] = yield* sql<{ bytes: number | null }>`SELECT sum(bytes) AS bytes FROM (
        SELECT max(size_bytes) AS bytes FROM items WHERE disk_group_id = ${Number(id)} AND gone_at IS NULL
        AND parent_external_id IS NULL GROUP BY path)`
      const held = row?.bytes ?? 0
      if (held <= usedBytes * mostHeld) continue
      yield* stop(
        id,
        `The applications tell of ${formatBytes(held)} of files on ${mountPath}, of which only ${formatBytes(usedBytes)} are used: the files seem to be on another disk, such as a share that is not mounted`
      )
    }
  })
})

/** Disks that had another size before. */
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
