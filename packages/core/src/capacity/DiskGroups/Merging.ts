/** A person's declaration that two disks are the same, or are different. */
import { Effect } from "effect"
import type { SqlClient } from "effect/sql"
import type { EventLog } from "../../events/EventLog.ts"
import { nowIso } from "../../problems/Instants.ts"
import { invalidField } from "../../problems/Problem.ts"
import { CapacityEvents } from "../CapacityEvents.ts"
import { DiskGroupNotFound } from "../DiskGroup.ts"
import { sameSize } from "../FolderDisks.ts"
import { type DiskGroupRow, loadGroupRows } from "./Rows.ts"

const openStates = ["proposed", "snoozed", "scheduled", "executing", "failed"]

export const makeMerging = (sql: SqlClient.SqlClient, events: EventLog["Service"]) => {
  const rowsOf = Effect.fnUntraced(function* (id: string, otherId: string) {
    const rows = yield* loadGroupRows(sql)
    const find = (wanted: string) => {
      const row = rows.find((candidate) => String(candidate.id) === wanted)
      return row === undefined ? Effect.fail(new DiskGroupNotFound({ diskGroupId: wanted })) : Effect.succeed(row)
    }
    const [group, other] = [yield* find(id), yield* find(otherId)]
    if (group.merged_into !== null) return yield* new DiskGroupNotFound({ diskGroupId: id })
    if (group.id === other.id) return yield* invalidField(["payload", "diskGroupId"], "is the disk itself")
    return { rows, group, other, at: yield* nowIso }
  })

  const setVerdict = Effect.fnUntraced(function* (one: number, other: number, verdict: "different" | null, at: string) {
    const pair = { one: Math.min(one, other), other: Math.max(one, other) }
    yield* sql`DELETE FROM disk_pairs WHERE one = ${pair.one} AND other = ${pair.other}`
    if (verdict !== null) yield* sql`INSERT INTO disk_pairs ${sql.insert({ ...pair, verdict, since: at })}`
  })

  const log = (
    of: (typeof CapacityEvents)["merged" | "split"],
    group: DiskGroupRow,
    other: DiskGroupRow,
    message: string
  ) =>
    events.append(
      of.make({
        subject: String(group.id),
        message,
        payload: { diskGroupIds: [String(group.id), String(other.id)] }
      })
    )

  const merge = Effect.fn("DiskGroups.merge")(function* (id: string, otherId: string) {
    const { at, group, other, rows } = yield* rowsOf(id, otherId)
    if (other.merged_into === group.id) return
    if (!sameSize(group.total_bytes, other.total_bytes)) {
      return yield* invalidField(
        ["payload", "diskGroupId"],
        `${other.mount_path} and ${group.mount_path} differ in size; one disk has the same size under all its mounts`
      )
    }
    const joining = rows.filter((row) => row.id === other.id || row.merged_into === other.id)
    const members = rows.filter((row) => row.id === group.id || row.merged_into === group.id)
    for (const row of joining) {
      yield* sql`UPDATE disk_groups SET merged_into = ${group.id}, updated_at = ${at} WHERE id = ${row.id}`
      for (const member of members) yield* setVerdict(member.id, row.id, null, at)
      yield* sql`UPDATE items SET disk_group_id = ${group.id} WHERE disk_group_id = ${row.id}`
      yield* sql`UPDATE removals SET disk_group_id = ${group.id} WHERE disk_group_id = ${row.id} AND ${sql.in("state", openStates)}`
    }
    yield* sql`UPDATE disk_groups SET version = version + 1, updated_at = ${at} WHERE id = ${group.id}`
    yield* log(CapacityEvents.merged, group, other, `${other.mount_path} is the same disk as ${group.mount_path}`)
  })

  /** Returns whether items have to be assigned to their disks again. */
  const split = Effect.fn("DiskGroups.split")(function* (id: string, otherId: string) {
    const { at, group, other, rows } = yield* rowsOf(id, otherId)
    const merged = other.merged_into === group.id
    const joined = merged ? [other] : rows.filter((row) => row.id === other.id || row.merged_into === other.id)
    const members = rows.filter((row) => (row.id === group.id || row.merged_into === group.id) && row.id !== other.id)
    if (merged) yield* sql`UPDATE disk_groups SET merged_into = NULL, updated_at = ${at} WHERE id = ${other.id}`
    for (const row of joined) for (const member of members) yield* setVerdict(member.id, row.id, "different", at)
    yield* sql`UPDATE disk_groups SET version = version + 1, updated_at = ${at} WHERE ${sql.in("id", [group.id, other.id])}`
    yield* log(CapacityEvents.split, group, other, `${other.mount_path} and ${group.mount_path} are different disks`)
    return merged
  })

  /** Open removals move with their items. */
  const followItems = sql`UPDATE removals SET disk_group_id = (SELECT disk_group_id FROM items WHERE items.id = removals.item_id)
    WHERE ${sql.in("state", openStates)}`

  return { merge, split, followItems }
}
