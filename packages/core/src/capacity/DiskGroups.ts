/** The disk groups: found from what the integrations report, read again when it counts, remembered over time. */
import { Context, DateTime, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { changeOf } from "../events/Change.ts"
import { EventLog } from "../events/EventLog.ts"
import { isoOf } from "../problems/Instants.ts"
import { VersionConflict } from "../problems/VersionConflict.ts"
import { Integrations, type LiveIntegration } from "../integrations/Integrations.ts"
import { OddRecords } from "../integrations/OddRecords.ts"
import { Sources } from "../library/Sources.ts"
import { reads } from "../library/Reading.ts"
import { Sync } from "../library/Sync.ts"
import { Settings } from "../settings/Settings.ts"
import { ReadSql } from "../storage/Database.ts"
import { toJson } from "../storage/Rows.ts"
import {
  type DiskGroup,
  DiskGroupNotFound,
  type DiskGroupPatch,
  type UsagePoint,
  type UsageQuery
} from "./DiskGroup.ts"
import { makePlacing } from "./DiskGroups/Placing.ts"
import { type DiskGroupRow, type DiskGroupSourceRow, toGroup } from "./DiskGroups/Rows.ts"
import { foldUsage } from "./DiskGroups/UsageHistory.ts"
import { type FoundDisk, findDisks, recognise, type ReportedMounts } from "./Mounts.ts"

const dayMillis = 86_400_000

export interface DiskReadings {
  readonly disks: ReadonlyArray<DiskGroup>
  /** Ids of the disk groups whose figures are of this reading. */
  readonly answered: ReadonlySet<string>
}

export class DiskGroups extends Context.Service<
  DiskGroups,
  {
    readonly list: Effect.Effect<ReadonlyArray<DiskGroup>>
    readonly get: (id: string) => Effect.Effect<DiskGroup, DiskGroupNotFound>
    readonly update: (
      id: string,
      patch: DiskGroupPatch,
      expectedVersion?: number
    ) => Effect.Effect<DiskGroup, DiskGroupNotFound | VersionConflict>
    /** Takes up planning again where it stopped because removals freed nothing. */
    readonly resume: (id: string) => Effect.Effect<DiskGroup, DiskGroupNotFound>
    readonly stop: (id: string, because: string) => Effect.Effect<void>
    /** Asks the applications for their disks now, and takes what those that answer say. */
    readonly refresh: Effect.Effect<ReadonlyArray<DiskGroup>>
    /** The same, with the ids of those disks of which an application has told in this very reading. */
    readonly read: Effect.Effect<DiskReadings>
    /** Oldest first; the newest points where there are more than the limit, 1000 by default. */
    readonly usage: (id: string, query: UsageQuery) => Effect.Effect<ReadonlyArray<UsagePoint>, DiskGroupNotFound>
    /** Folds raw readings into hours, days and weeks, and drops what is too old. */
    readonly foldUsage: Effect.Effect<void>
  }
>()("tendarr/capacity/DiskGroups") {
  static readonly layer = Layer.effect(
    DiskGroups,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const reader = yield* ReadSql
      const integrations = yield* Integrations
      const sources = yield* Sources
      const sync = yield* Sync
      const settings = yield* Settings
      const place = yield* makePlacing(sql)
      const events = yield* EventLog

      const load = (from: SqlClient.SqlClient) =>
        Effect.gen(function* () {
          const rows = yield* from<DiskGroupRow>`SELECT * FROM disk_groups ORDER BY mount_path, id`
          const links = yield* from<DiskGroupSourceRow>`SELECT * FROM disk_group_sources ORDER BY integration_id`
          return rows.map((row) => toGroup(row, links))
        }).pipe(Effect.orDie)

      const list = load(reader)

      const find = Effect.fnUntraced(function* (id: string) {
        const group = (yield* load(sql)).find((candidate) => candidate.id === id)
        return group ?? (yield* new DiskGroupNotFound({ diskGroupId: id }))
      })

      /** Writes what was found; groups that nobody reports go stale, and are dropped after the grace. */
      const store = Effect.fnUntraced(function* (found: ReadonlyArray<FoundDisk>, silent: ReadonlySet<string>) {
        const now = yield* DateTime.now
        const at = DateTime.formatIso(now)
        const { defaultLimits, defaultMode, staleGraceDays } = yield* settings.get("capacity")
        const existing = yield* load(sql)
        const rows = yield* sql<DiskGroupRow>`SELECT * FROM disk_groups`
        const recognised = recognise(
          found,
          rows.map((row) => ({
            id: String(row.id),
            mountPath: row.mount_path,
            ownerIntegrationId: row.owner_integration_id === 0 ? null : String(row.owner_integration_id),
            integrationIds:
              existing.find((group) => group.id === String(row.id))?.integrations.map((source) => source.id) ?? []
          }))
        )
        const seen = new Set<string>()
        for (const disk of found) {
          const owner = disk.ownerIntegrationId === null ? 0 : Number(disk.ownerIntegrationId)
          const before = rows.find((row) => String(row.id) === recognised.get(disk))
          // A sync that read other integrations tells again what this one said before, and the disk may have been read since.
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
          seen.add(String(id))
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
            })} ON CONFLICT DO UPDATE SET total_bytes = excluded.total_bytes, used_bytes = excluded.used_bytes`
          }
          if (before === undefined) {
            yield* events.append({
              type: "disk-group.found",
              category: "capacity",
              subject: { type: "disk-group", id: String(id) },
              message: `Found the disk ${disk.mountPath}; its mode is ${defaultMode}`
            })
          }
        }
        for (const group of existing) {
          // One that an unreachable application reports is not missing, only unheard.
          const unheard = group.integrations.some((source) => silent.has(source.id))
          if (seen.has(group.id) || unheard) continue
          if (group.staleSince === null) {
            yield* sql`UPDATE disk_groups SET stale_since = ${at} WHERE id = ${Number(group.id)}`
            yield* events.append({
              type: "disk-group.stale",
              category: "capacity",
              severity: "warning",
              subject: { type: "disk-group", id: group.id },
              message: `No application reports the disk ${group.mountPath} any more`
            })
          } else if (DateTime.toEpochMillis(now) - Date.parse(group.staleSince) >= staleGraceDays * dayMillis) {
            yield* sql`DELETE FROM disk_groups WHERE id = ${Number(group.id)}`
            yield* events.append({
              type: "disk-group.dropped",
              category: "capacity",
              subject: { type: "disk-group", id: group.id },
              message: `The disk ${group.mountPath} was not reported for ${staleGraceDays} days and is forgotten`
            })
          }
        }
      })

      const takeReports = Effect.fnUntraced(function* (reports: ReadonlyArray<ReportedMounts>) {
        const answered = new Set(reports.map((report) => report.integrationId))
        const silent = (yield* integrations.live).filter(
          (one) => reads(one, "disks") && !answered.has(one.integration.id)
        )
        yield* sql.withTransaction(store(findDisks(reports), new Set(silent.map((one) => one.integration.id))))
        const groups = (yield* load(sql)).filter((group) => group.staleSince === null)
        // Items come, and move, with a new reading of a catalog.
        const catalogs = (yield* sources.states).filter(({ observation }) => observation === "catalog")
        yield* place(
          groups,
          reports,
          catalogs.map(({ generation, integrationId }) => `${integrationId}/${generation}`)
        )
      }, Effect.orDie)

      /** What the last sound sync read of every integration that reports disks. */
      const storedReports = Effect.gen(function* () {
        const states = yield* sources.states
        const reports: Array<ReportedMounts> = []
        for (const live of (yield* integrations.live).filter((one) => reads(one, "disks"))) {
          const state = states.find((s) => s.integrationId === live.integration.id && s.observation === "disks")
          if (state?.status !== "ok") continue
          const disks = yield* sources.read(live.integration.id, "disks", state.generation)
          if (disks !== null && state.observedAt !== null) {
            reports.push({ integrationId: live.integration.id, at: state.observedAt, ...disks })
          }
        }
        return reports
      })

      yield* sync.onApplied(Effect.flatMap(storedReports, takeReports))

      const update = Effect.fn("DiskGroups.update")(function* (
        id: string,
        patch: DiskGroupPatch,
        expectedVersion?: number
      ) {
        const at = DateTime.formatIso(yield* DateTime.now)
        return yield* sql
          .withTransaction(
            Effect.gen(function* () {
              const group = yield* find(id)
              if (expectedVersion !== undefined && expectedVersion !== group.version) {
                return yield* new VersionConflict({ version: group.version })
              }
              yield* sql`UPDATE disk_groups SET ${sql.update({
                limits: toJson(patch.limits ?? group.limits),
                mode: patch.mode ?? group.mode,
                total_bytes_override:
                  patch.totalBytesOverride === undefined ? group.totalBytesOverride : patch.totalBytesOverride,
                allowed_unknown: toJson(patch.allowedUnknown ?? group.allowedUnknown),
                version: group.version + 1,
                updated_at: at
              })} WHERE id = ${Number(id)}`
              yield* events.append({
                type: "disk-group.updated",
                category: "capacity",
                subject: { type: "disk-group", id },
                message: `Changed the disk group ${group.mountPath}`,
                payload: changeOf(group, patch)
              })
              return yield* find(id)
            })
          )
          .pipe(Effect.catchTag("SqlError", Effect.die))
      })

      const readNow = Effect.gen(function* () {
        const live = (yield* integrations.live).filter((one) => reads(one, "disks"))
        const reports = (yield* Effect.forEach(live, readDisks, { concurrency: 4 })).flat()
        yield* takeReports(reports)
        const told = new Set(
          reports.flatMap(({ disks, integrationId }) => disks.map(({ path }) => `${integrationId}|${path}`))
        )
        const disks = yield* load(sql)
        const answered = disks.filter(({ integrations }) =>
          integrations.some((source) => told.has(`${source.id}|${source.reportedPath}`))
        )
        return { disks, answered: new Set(answered.map(({ id }) => id)) }
      })

      return DiskGroups.of({
        list,
        get: Effect.fn("DiskGroups.get")(find),
        update,
        resume: Effect.fn("DiskGroups.resume")(function* (id) {
          const group = yield* find(id)
          yield* sql
            .withTransaction(
              Effect.andThen(
                sql`UPDATE disk_groups SET stopped_because = NULL WHERE id = ${Number(id)}`,
                events.append({
                  type: "disk-group.resumed",
                  category: "capacity",
                  subject: { type: "disk-group", id },
                  message: `Planning for ${group.mountPath} goes on`
                })
              )
            )
            .pipe(Effect.orDie)
          return yield* find(id)
        }),
        stop: Effect.fn("DiskGroups.stop")(function* (id, because) {
          yield* sql
            .withTransaction(
              Effect.andThen(
                sql`UPDATE disk_groups SET stopped_because = ${because} WHERE id = ${Number(id)}`,
                events.append({
                  type: "disk-group.stopped",
                  category: "capacity",
                  severity: "warning",
                  subject: { type: "disk-group", id },
                  message: because
                })
              )
            )
            .pipe(Effect.orDie)
        }),
        refresh: Effect.map(readNow, ({ disks }) => disks),
        read: readNow,
        usage: Effect.fn("DiskGroups.usage")(function* (id, query) {
          yield* find(id)
          const since = query.since === undefined ? sql`` : sql`AND at >= ${isoOf(query.since)}`
          const rows = yield* reader<UsageRow>`SELECT at, total_bytes, used_bytes FROM disk_usage
            WHERE disk_group_id = ${Number(id)} AND resolution = ${query.resolution ?? "raw"} ${since}
            ORDER BY at DESC LIMIT ${query.limit ?? 1000}`.pipe(Effect.orDie)
          return rows
            .toReversed()
            .map((row) => ({ at: row.at, totalBytes: row.total_bytes, usedBytes: row.used_bytes }))
        }),
        foldUsage: foldUsage(sql, settings)
      })
    })
  )
}

const readDisks = (live: LiveIntegration): Effect.Effect<ReadonlyArray<ReportedMounts>> => {
  const read = live.connected.read.disks
  if (read === undefined) return Effect.succeed([])
  return Effect.map(DateTime.now, DateTime.formatIso).pipe(
    Effect.flatMap((at) =>
      Effect.map(
        read(() => Effect.void, new OddRecords()),
        (disks) => [{ integrationId: live.integration.id, at, ...disks }]
      )
    ),
    Effect.catch((error) =>
      Effect.as(Effect.logWarning(`Disks of ${live.integration.name} could not be read: ${error.message}`), [])
    )
  )
}

interface UsageRow {
  readonly at: string
  readonly total_bytes: number
  readonly used_bytes: number
}
