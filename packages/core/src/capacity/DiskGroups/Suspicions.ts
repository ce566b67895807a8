/**
 * Detects mounts that look like one disk: `/movies` and `/tv` bound from the same file system. Only a person knows, and
 * is asked once; until then, the two are planned as if they were one disk.
 */
import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import type { EventLog } from "../../events/EventLog.ts"
import { CapacityEvents } from "../CapacityEvents.ts"
import { nowIso } from "../../problems/Instants.ts"
import { type DiskGroupRow, type DiskPairRow, loadGroupRows } from "./Rows.ts"

/** How much the free space of one disk may differ between two consecutive readings, as a share of its size. */
const tolerance = 0.001
/** New disks of the same model have equal figures too; their file systems use up to 2 %. */
const leastUsed = 0.05
/** Number of readings to compare, and the share of them between whose figures something may have been written. */
const readings = 20
const mostApart = 0.2

/** The applications are asked one after the other within a round. */
const roundMillis = 60_000

interface UsageRow {
  readonly at: string
  readonly total_bytes: number
  readonly used_bytes: number
}

interface BothUsed {
  readonly one_total: number
  readonly other_total: number
  readonly one_used: number
  readonly other_used: number
}

const usedOf = (row: DiskGroupRow): number => row.total_bytes - row.free_bytes

/** Equal size, equal usage, and at least some usage. */
const looksAlike = (one: DiskGroupRow, other: DiskGroupRow): boolean =>
  one.total_bytes === other.total_bytes &&
  usedOf(one) > 0 &&
  usedOf(other) > 0 &&
  Math.abs(one.free_bytes - other.free_bytes) <= one.total_bytes * tolerance

const close = ({ one_total, one_used, other_total, other_used }: BothUsed): boolean =>
  one_total === other_total && Math.abs(one_used - other_used) <= one_total * tolerance

/** Exactly equal once, or changing together: two disks that are merely similar do neither. */
const movedTogether = (rows: ReadonlyArray<BothUsed>): boolean => {
  if (rows.filter((row) => !close(row)).length > rows.length * mostApart) return false
  if (
    rows.some(({ one_total, one_used, other_used }) => one_used === other_used && one_used >= one_total * leastUsed)
  ) {
    return true
  }
  const used = rows.map(({ one_used }) => one_used)
  return Math.max(...used) - Math.min(...used) > (rows[0]?.one_total ?? 0) * tolerance * 2
}

const sameRound = (at: string, otherAt: string): boolean =>
  Math.abs(Date.parse(at) - Date.parse(otherAt)) <= roundMillis

/** The readings of two disks that belong to the same round, newest first. */
const paired = (ones: ReadonlyArray<UsageRow>, others: ReadonlyArray<UsageRow>): ReadonlyArray<BothUsed> =>
  ones.flatMap((one) => {
    const other = others.find(({ at }) => sameRound(one.at, at))
    return other === undefined
      ? []
      : [
          {
            one_total: one.total_bytes,
            one_used: one.used_bytes,
            other_total: other.total_bytes,
            other_used: other.used_bytes
          }
        ]
  })

export const makeSuspicions = (sql: SqlClient.SqlClient, events: EventLog["Service"]) => {
  const readingsOf = (id: number) => sql<UsageRow>`SELECT at, total_bytes, used_bytes FROM disk_usage
    WHERE disk_group_id = ${id} AND resolution = 'raw' ORDER BY at DESC LIMIT ${readings}`

  return Effect.fn("DiskGroups.suspect")(function* () {
    const rows = (yield* loadGroupRows(sql))
      .filter(({ merged_into, stale_since }) => merged_into === null && stale_since === null)
      .toSorted((a, b) => a.id - b.id)
    const at = yield* nowIso
    const known = yield* sql<DiskPairRow>`SELECT * FROM disk_pairs`
    for (const [index, one] of rows.entries()) {
      for (const other of rows.slice(index + 1)) {
        const pair = known.find((each) => each.one === one.id && each.other === other.id)
        // Figures of different readings cannot be compared.
        if (pair?.verdict === "different" || !sameRound(one.read_at, other.read_at)) continue
        const alike = looksAlike(one, other)
        if (alike === (pair !== undefined)) continue
        const history = paired(yield* readingsOf(one.id), yield* readingsOf(other.id))
        if (!alike) {
          // Something may be written between the two figures of one reading, but hardly in two readings in a row.
          if (history.slice(0, 2).some(close)) continue
          yield* sql`DELETE FROM disk_pairs WHERE one = ${one.id} AND other = ${other.id}`
          continue
        }
        if (history.length === 0 || !movedTogether(history)) continue
        yield* sql`INSERT INTO disk_pairs ${sql.insert({ one: one.id, other: other.id, verdict: "suspected", since: at })}`
        yield* events.append(
          CapacityEvents.mayBeSame.make({
            subject: String(other.id),
            message: `${one.mount_path} and ${other.mount_path} may be one disk: they have the same size and the same free space. Until a person decides, only one of them is planned in a run`,
            payload: { diskGroupIds: [String(one.id), String(other.id)] }
          })
        )
      }
    }
  })
}
