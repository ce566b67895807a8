/** Assigns the items to their disks by path, a few at a time, and only if items or disks have changed. */
import { Array as Arr, Effect, Ref } from "effect"
import type { SqlClient } from "effect/sql"
import { transacting } from "../../storage/Transactions.ts"
import type { DiskGroup } from "../DiskGroup.ts"
import { mapperOf, nearestFinder } from "../../integrations/Paths.ts"
import type { MappingsOf } from "../../library/Places.ts"
import type { ReportedMounts } from "../FolderDisks.ts"
import type { RootFolder } from "./RootFolders.ts"

/** Number of items checked and moved before yielding to the event loop. */
const itemsAtOnce = 500

interface PlacedRow {
  readonly id: number
  readonly integration_id: number
  readonly path: string | null
  readonly disk_group_id: number | null
}

/**
 * `place` assigns the items; after `forget`, the next `place` checks all items even if nothing seems to have changed.
 */
export const makePlacing = Effect.fnUntraced(function* (sql: SqlClient.SqlClient) {
  const settled = yield* Ref.make("")

  const movesOf = Effect.fnUntraced(function* (
    groups: ReadonlyArray<DiskGroup>,
    folders: ReadonlyArray<RootFolder>,
    reports: ReadonlyArray<ReportedMounts>,
    withoutDisks: ReadonlyArray<string>,
    mappings: MappingsOf
  ) {
    const targets = new Map<string, TargetOf>([
      ...reports.map((report) => [report.integrationId, targetFinder(groups, folders, report)] as const),
      ...withoutDisks.map((id) => [id, targetAmongOthers(groups, folders, mappings, id)] as const)
    ])
    const moves = new Map<number | null, Array<number>>()
    for (let after = 0; ;) {
      const rows = yield* sql<PlacedRow>`SELECT id, integration_id, path, disk_group_id FROM items
        WHERE id > ${after} AND gone_at IS NULL ORDER BY id LIMIT ${itemsAtOnce}`
      for (const { disk_group_id, id, integration_id, path } of rows) {
        const targetOf = targets.get(String(integration_id))
        // Without a report, the item stays where it was.
        const target = targetOf === undefined ? disk_group_id : targetOf(path)
        if (target === disk_group_id) continue
        const moved = moves.get(target)
        if (moved === undefined) moves.set(target, [id])
        else moved.push(id)
      }
      const last = rows[itemsAtOnce - 1]
      if (last === undefined) return moves
      after = last.id
      yield* Effect.yieldNow
    }
  })

  const place = Effect.fn("DiskGroups.place")(function* (
    groups: ReadonlyArray<DiskGroup>,
    folders: ReadonlyArray<RootFolder>,
    reports: ReadonlyArray<ReportedMounts>,
    /** The catalog readings that the items come from. */
    catalogs: ReadonlyArray<string>,
    /** Integrations that have items and report no disks. */
    withoutDisks: ReadonlyArray<string>,
    mappings: MappingsOf
  ) {
    const now = JSON.stringify([
      catalogs,
      withoutDisks,
      [...mappings],
      groups.map(({ id, integrations }) => [id, integrations]),
      folders.map(({ diskGroupId, integrationId, path }) => [integrationId, path, diskGroupId]),
      reports.map((report) => [report.integrationId, report.disks.map(({ path }) => path)])
    ])
    if (now === (yield* Ref.get(settled))) return
    const moves = yield* movesOf(groups, folders, reports, withoutDisks, mappings)
    if (moves.size > 0) {
      yield* transacting(sql)(
        Effect.gen(function* () {
          for (const [group, ids] of moves) {
            for (const some of Arr.chunksOf(ids, itemsAtOnce)) {
              yield* sql`UPDATE items SET disk_group_id = ${group} WHERE ${sql.in("id", some)}`
              yield* Effect.yieldNow
            }
          }
        })
      )
    }
    yield* Ref.set(settled, now)
  })

  return { place, forget: Ref.set(settled, "") }
})

type TargetOf = (path: string | null) => number | null

/**
 * Finds the disk group of a path of an application that reports no disks, such as a media server: that of the nearest
 * root folder of any other application, if all of them agree on it.
 */
const targetAmongOthers = (
  groups: ReadonlyArray<DiskGroup>,
  folders: ReadonlyArray<RootFolder>,
  mappings: MappingsOf,
  integrationId: string
): TargetOf => {
  const toCommon = (id: string) => mapperOf(mappings.get(id) ?? [])
  const there = new Set(groups.map(({ id }) => id))
  const common = new Map<string, Set<string | null>>()
  for (const { diskGroupId, integrationId: owner, path } of folders) {
    const place = toCommon(owner)(path)
    common.set(place, (common.get(place) ?? new Set()).add(diskGroupId))
  }
  const folderOf = nearestFinder([...common].map(([path, owners]) => ({ path, owners })))
  const own = toCommon(integrationId)
  return (path) => {
    const owners = path === null ? undefined : folderOf(own(path))?.owners
    const [group, other] = owners ?? []
    return group == null || other !== undefined || !there.has(group) ? null : Number(group)
  }
}

/**
 * Finds the disk group of a path according to the disks of one application: that of the root folder above it, or none
 * if that folder has none; for a path outside of all root folders, that of the mount.
 */
const targetFinder = (
  groups: ReadonlyArray<DiskGroup>,
  folders: ReadonlyArray<RootFolder>,
  { disks, integrationId }: ReportedMounts
): TargetOf => {
  const groupOf = new Map(
    disks.map((disk) => [
      disk,
      groups.find(({ integrations }) =>
        integrations.some((source) => source.id === integrationId && source.reportedPath === disk.path)
      )?.id
    ])
  )
  const there = new Set(groups.map(({ id }) => id))
  const mountOf = nearestFinder(disks)
  const folderOf = nearestFinder(folders.filter((folder) => folder.integrationId === integrationId))
  return (path) => {
    if (path === null) return null
    const folder = folderOf(path)
    const mount = folder === undefined ? mountOf(path) : undefined
    const group = folder === undefined ? mount && groupOf.get(mount) : folder.diskGroupId
    return group == null || !there.has(group) ? null : Number(group)
  }
}
