/** Rows of disk groups. */
import { Effect, Result, Schema } from "effect"
import type { SqlClient } from "effect/sql"
import type { FactName } from "../../library/Facts.ts"
import { factNames } from "../../library/ItemFacts.ts"
import type { StoredDocumentInvalid } from "../../storage/StoredDocuments.ts"
import { documentColumn, logDamage, requireColumns, rowFormat } from "../../storage/StoredRows.ts"
import { type DiskGroup, pressureOf } from "../DiskGroup.ts"
import { RemovalMode } from "../RemovalMode.ts"

/** As they were checked when they were stored; the bounds may have changed since. */
const StoredLimits = Schema.Union([
  Schema.Struct({ type: Schema.Literal("percent"), threshold: Schema.Finite, target: Schema.Finite }),
  Schema.Struct({ type: Schema.Literal("free-bytes"), threshold: Schema.Finite, target: Schema.Finite })
])

const format = rowFormat({
  table: "disk_groups",
  columns: {
    id: Schema.Int,
    mount_path: Schema.String,
    owner_integration_id: Schema.Int,
    total_bytes: Schema.Finite,
    free_bytes: Schema.Finite,
    total_bytes_override: Schema.NullOr(Schema.Finite),
    mode: RemovalMode,
    read_at: Schema.String,
    stale_since: Schema.NullOr(Schema.String),
    stopped_because: Schema.NullOr(Schema.String),
    /** The disk that this one was merged into by a person. */
    merged_into: Schema.NullOr(Schema.Int),
    version: Schema.Int
  },
  documents: {
    limits: documentColumn(StoredLimits),
    /** Facts that do not exist any more are left out. */
    allowed_unknown: documentColumn(Schema.Array(Schema.String))
  }
})

export interface DiskGroupRow extends Pick<DiskGroup, "limits" | "mode"> {
  readonly id: number
  readonly mount_path: string
  readonly owner_integration_id: number
  readonly total_bytes: number
  readonly free_bytes: number
  readonly total_bytes_override: number | null
  readonly allowed_unknown: ReadonlyArray<FactName>
  readonly read_at: string
  readonly stale_since: string | null
  readonly stopped_because: string | null
  readonly merged_into: number | null
  readonly version: number
}

/**
 * All rows. A disk whose limits or exceptions cannot be read is stopped until a person sets them again; damage in another
 * column is a defect, so that nothing is decided without the disk.
 */
export const loadGroupRows = Effect.fnUntraced(function* (sql: SqlClient.SqlClient) {
  const rows = (yield* sql<object>`SELECT * FROM disk_groups ORDER BY mount_path, id`).map(toRow)
  for (const { damage } of rows) if (damage !== null) yield* logDamage(damage)
  return rows.map(({ row }) => row)
})

const isFactName = (name: string): name is FactName => factNames.some((known) => known === name)

const toRow = (stored: object): { readonly row: DiskGroupRow; readonly damage: StoredDocumentInvalid | null } => {
  const columns = requireColumns(format, stored)
  const documents = format.documents(stored)
  if (Result.isSuccess(documents)) {
    const { allowed_unknown: allowed, limits } = documents.success
    return { row: { ...columns, limits, allowed_unknown: allowed.filter(isFactName) }, damage: null }
  }
  const damage = documents.failure
  return {
    row: {
      ...columns,
      limits: { type: "percent", threshold: 99, target: 98 },
      allowed_unknown: [],
      stopped_because: `${damage.message}. Set the limits and the facts that may be unknown again`
    },
    damage
  }
}

export interface DiskGroupSourceRow {
  readonly disk_group_id: number
  readonly integration_id: number
  readonly reported_path: string
}

/** What is suspected, or was declared, about two disks; `one` is the lower id. */
export interface DiskPairRow {
  readonly one: number
  readonly other: number
  readonly verdict: "suspected" | "different"
  readonly since: string
}

export interface DiskRows {
  readonly groups: ReadonlyArray<DiskGroupRow>
  readonly links: ReadonlyArray<DiskGroupSourceRow>
  readonly pairs: ReadonlyArray<DiskPairRow>
}

/** Maps a disk to the group that represents it: itself, or the one into which it was merged. */
export const canonicalOf = (groups: ReadonlyArray<DiskGroupRow>): ((id: number) => number) => {
  const into = new Map(groups.flatMap(({ id, merged_into }) => (merged_into === null ? [] : [[id, merged_into]])))
  return into.size === 0 ? (id) => id : (id) => into.get(id) ?? id
}

export const toGroups = ({ groups, links, pairs }: DiskRows): ReadonlyArray<DiskGroup> =>
  groups
    .filter(({ merged_into }) => merged_into === null)
    .map((row) => {
      const members = [row, ...groups.filter(({ merged_into }) => merged_into === row.id)]
      return toGroup(members, links, suspectsOf(members, groups, pairs))
    })

const suspectsOf = (
  members: ReadonlyArray<DiskGroupRow>,
  groups: ReadonlyArray<DiskGroupRow>,
  pairs: ReadonlyArray<DiskPairRow>
): ReadonlyArray<string> => {
  if (pairs.length === 0) return []
  const canonical = canonicalOf(groups)
  const own = new Set(members.map(({ id }) => id))
  const marked = { suspected: new Set<number>(), different: new Set<number>() }
  for (const { one, other, verdict } of pairs) {
    if (own.has(one) === own.has(other)) continue
    marked[verdict].add(canonical(own.has(one) ? other : one))
  }
  return [...marked.suspected].filter((id) => !marked.different.has(id)).map(String)
}

/**
 * The first member represents all of them; the figures are those of the newest reading, and if there are several, those
 * with the least free space.
 */
const toGroup = (
  members: ReadonlyArray<DiskGroupRow>,
  links: ReadonlyArray<DiskGroupSourceRow>,
  mayBeSameAs: ReadonlyArray<string>
): DiskGroup => {
  const [row, ...merged] = members as [DiskGroupRow, ...Array<DiskGroupRow>]
  const reported = members.filter(({ stale_since }) => stale_since === null)
  const current = reported.length === 0 ? [row] : reported
  const readAt = current.reduce((latest, { read_at }) => (read_at > latest ? read_at : latest), current[0]!.read_at)
  const newest = current.filter(({ read_at }) => read_at === readAt)
  const figures = newest.reduce((least, one) => (one.free_bytes < least.free_bytes ? one : least))
  const { limits } = row
  const pressure = pressureOf({
    totalBytes: figures.total_bytes,
    freeBytes: figures.free_bytes,
    totalBytesOverride: row.total_bytes_override,
    limits
  })
  return {
    id: String(row.id),
    mountPath: row.mount_path,
    totalBytes: figures.total_bytes,
    usedBytes: pressure.usedBytes,
    freeBytes: figures.free_bytes,
    totalBytesOverride: row.total_bytes_override,
    usedPercent: Math.round(pressure.usedPercent * 100) / 100,
    limits,
    breached: pressure.breached,
    bytesToFree: pressure.bytesToFree,
    mode: row.mode,
    allowedUnknown: row.allowed_unknown,
    integrations: links
      .filter((link) => members.some(({ id }) => id === link.disk_group_id))
      .map((link) => ({ id: String(link.integration_id), reportedPath: link.reported_path })),
    readAt,
    staleSince: reported.length === 0 ? row.stale_since : null,
    stoppedBecause: row.stopped_because,
    mayBeSameAs,
    merged: merged.map(({ id, mount_path }) => ({ id: String(id), mountPath: mount_path })),
    version: row.version
  }
}
