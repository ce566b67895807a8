/** The root folders of the applications: the disk of each, or why it has none, stored across readings. */
import { Effect, Schema } from "effect"
import type { SqlClient } from "effect/sql"
import type { EventLog } from "../../events/EventLog.ts"
import type { LiveIntegration } from "../../integrations/Integrations.ts"
import { nowIso } from "../../problems/Instants.ts"
import { formatBytes } from "../Bytes.ts"
import { CapacityEvents } from "../CapacityEvents.ts"
import { type FolderProblem, folderKey, type FormerMounts, type FoundDisk, type PlacedFolder } from "../FolderDisks.ts"

export const folderProblems = ["unreachable", "no-disk"] as const

export const RootFolder = Schema.Struct({
  integrationId: Schema.String,
  /** In the application's own paths. */
  path: Schema.String,
  /** `null` = the application does not report it. */
  freeBytes: Schema.NullOr(Schema.Finite),
  /** The disk that holds it; items below a folder without a disk are never planned. */
  diskGroupId: Schema.NullOr(Schema.String),
  /** `unreachable`: the application cannot access it. `no-disk`: none of the reported disks matches it. */
  problem: Schema.NullOr(Schema.Literals(folderProblems)),
  /** The problem in one sentence. */
  detail: Schema.NullOr(Schema.String),
  /** Since when it has this problem. */
  since: Schema.NullOr(Schema.String)
}).annotate({ identifier: "RootFolder" })
export type RootFolder = typeof RootFolder.Type

export interface RootFolderRow {
  readonly integration_id: number
  readonly path: string
  readonly free_bytes: number | null
  /** For an unreachable folder, its previous disk. */
  readonly disk_group_id: number | null
  readonly mount: string | null
  readonly problem: RootFolder["problem"]
  readonly detail: string | null
  readonly since: string | null
}

export const loadFolders = (sql: SqlClient.SqlClient) =>
  sql<RootFolderRow>`SELECT * FROM root_folders ORDER BY integration_id, path`

/** The previous mount of each folder, as long as that disk is stored. */
export const formerMounts = (rows: ReadonlyArray<RootFolderRow>): FormerMounts =>
  new Map(
    rows.flatMap(({ disk_group_id, integration_id, mount, path }) =>
      disk_group_id === null || mount === null ? [] : [[folderKey(String(integration_id), path), mount]]
    )
  )

/** Disks of unreachable folders: not reported, but they must not be deleted. */
export const heldDisks = (
  folders: ReadonlyArray<PlacedFolder>,
  before: ReadonlyArray<RootFolderRow>
): ReadonlySet<number> => {
  const lost = new Set(
    folders
      .filter(({ problem }) => problem?._tag === "Unreachable")
      .map(({ integrationId, path }) => folderKey(integrationId, path))
  )
  return new Set(
    before.flatMap(({ disk_group_id, integration_id, path }) =>
      disk_group_id !== null && lost.has(folderKey(String(integration_id), path)) ? [disk_group_id] : []
    )
  )
}

export const storeFolders = (sql: SqlClient.SqlClient, events: EventLog["Service"]) =>
  Effect.fn("RootFolders.store")(function* (
    folders: ReadonlyArray<PlacedFolder>,
    diskIds: ReadonlyMap<FoundDisk, number>,
    live: ReadonlyArray<LiveIntegration>,
    /** Integrations that reported their disks in this reading. */
    answered: ReadonlySet<string>
  ) {
    const at = yield* nowIso
    const names = new Map(live.map(({ integration }) => [integration.id, integration.name]))
    const before = new Map(
      (yield* loadFolders(sql)).map((row) => [folderKey(String(row.integration_id), row.path), row])
    )
    for (const folder of folders) {
      const key = folderKey(folder.integrationId, folder.path)
      const old = before.get(key)
      before.delete(key)
      const name = names.get(folder.integrationId) ?? `Integration ${folder.integrationId}`
      const problem = folder.problem === null ? null : folder.problem._tag === "Unreachable" ? "unreachable" : "no-disk"
      const detail = folder.problem === null ? null : textOf(name, folder, folder.problem)
      const row: RootFolderRow = {
        integration_id: Number(folder.integrationId),
        path: old?.path ?? folder.path,
        free_bytes: folder.freeBytes,
        disk_group_id: folder.disk === null ? (old?.disk_group_id ?? null) : (diskIds.get(folder.disk) ?? null),
        mount: folder.disk === null ? (old?.mount ?? null) : folder.mount,
        problem,
        detail,
        since: problem === null ? null : old?.problem === problem ? old.since : at
      }
      yield* sql`INSERT INTO root_folders ${sql.insert({ ...row })} ON CONFLICT (integration_id, path) DO UPDATE SET
        free_bytes = excluded.free_bytes, disk_group_id = excluded.disk_group_id, mount = excluded.mount,
        problem = excluded.problem, detail = excluded.detail, since = excluded.since`
      if (problem === (old?.problem ?? null)) continue
      yield* events.append(
        eventOf[problem ?? "none"].make({
          subject: folder.integrationId,
          message: detail ?? `${name}'s ${folder.path} is on a disk again; items below it may be planned`,
          payload: { path: folder.path }
        })
      )
    }
    for (const row of before.values()) {
      const id = String(row.integration_id)
      if (names.has(id) && !answered.has(id)) continue
      yield* sql`DELETE FROM root_folders WHERE integration_id = ${row.integration_id} AND path = ${row.path}`
    }
  })

const eventOf = {
  none: CapacityEvents.rootFolderBack,
  unreachable: CapacityEvents.rootFolderUnreachable,
  "no-disk": CapacityEvents.rootFolderWithoutDisk
}

/** The message about a folder without a disk. */
const textOf = (name: string, { freeBytes, path }: PlacedFolder, problem: FolderProblem): string => {
  const nothing = "nothing is planned there"
  if (problem._tag === "Unreachable") return `${name} cannot access its root folder ${path}; ${nothing}`
  const free = freeBytes === null ? "" : ` has ${formatBytes(freeBytes)} free, but`
  switch (problem.because) {
    case "none":
      return `${name}'s ${path}${free === "" ? ": " : `${free} `}no disk that ${name} reports contains it; ${nothing}`
    case "no-size":
      return `${name}'s ${path} is on ${problem.nearest?.path ?? "a disk"}, whose size ${name} does not report; ${nothing}`
    case "vanished":
      return `${name}'s ${path} was on ${problem.before ?? "a disk"}, which ${name} no longer reports; ${nothing} until it does, or until that disk is deleted`
    case "contradicts": {
      const nearest =
        problem.nearest === null ? "" : ` (${problem.nearest.path} has ${formatBytes(problem.nearest.freeBytes)} free)`
      return freeBytes === null
        ? `${name}'s ${path}: no disk that ${name} reports matches its size${nearest}; ${nothing}`
        : `${name}'s ${path}${free} no disk that ${name} reports matches it${nearest}; ${nothing}`
    }
  }
}

export const toRootFolder = (row: RootFolderRow, canonical: (id: number) => number): RootFolder => ({
  integrationId: String(row.integration_id),
  path: row.path,
  freeBytes: row.free_bytes,
  diskGroupId: row.problem !== null || row.disk_group_id === null ? null : String(canonical(row.disk_group_id)),
  problem: row.problem,
  detail: row.detail,
  since: row.since
})
