/**
 * The disk groups: discovered from the reports of the integrations, read again before decisions, with their usage over
 * time.
 */
import { Context, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { changeOf } from "../events/Change.ts"
import { EventLog } from "../events/EventLog.ts"
import { isoOf, nowIso } from "../problems/Instants.ts"
import type { InvalidRequest } from "../problems/Problem.ts"
import { VersionConflict } from "../problems/VersionConflict.ts"
import { Integrations, type LiveIntegration } from "../integrations/Integrations.ts"
import { OddRecords } from "../integrations/OddRecords.ts"
import type { DisksSnapshot } from "../integrations/Observations.ts"
import { mappingsOf } from "../library/Places.ts"
import { countSharedBytes } from "../library/SharedBytes.ts"
import { Sources } from "../library/Sources.ts"
import { reads } from "../library/ReadableObservations.ts"
import { Sync } from "../library/Sync.ts"
import { isServer } from "../library/Sync/ServerOfReading.ts"
import { Settings } from "../settings/Settings.ts"
import { ReadSql } from "../storage/Database.ts"
import { toJson } from "../storage/Rows.ts"
import { transacting } from "../storage/Transactions.ts"
import { CapacityEvents } from "./CapacityEvents.ts"
import {
  type DiskGroup,
  DiskGroupNotFound,
  type DiskGroupPatch,
  type UsagePoint,
  type UsageQuery
} from "./DiskGroup.ts"
import { makeMerging } from "./DiskGroups/Merging.ts"
import { makeElsewhere, resizedOf } from "./DiskGroups/Elsewhere.ts"
import { makePlacing } from "./DiskGroups/Placing.ts"
import { canonicalOf, loadGroupRows, type DiskGroupSourceRow, type DiskPairRow, toGroups } from "./DiskGroups/Rows.ts"
import {
  formerMounts,
  heldDisks,
  loadFolders,
  type RootFolder,
  storeFolders,
  toRootFolder
} from "./DiskGroups/RootFolders.ts"
import { makeStoring } from "./DiskGroups/Storing.ts"
import { makeSuspicions } from "./DiskGroups/Suspicions.ts"
import { foldUsage } from "./DiskGroups/UsageHistory.ts"
import { placeFolders, type ReportedMounts } from "./FolderDisks.ts"

export interface DiskReadings {
  readonly disks: ReadonlyArray<DiskGroup>
  /** Ids of the disk groups whose figures come from this reading. */
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
    /** Resumes planning after it has stopped because removals freed nothing. */
    readonly resume: (id: string) => Effect.Effect<DiskGroup, DiskGroupNotFound>
    readonly stop: (id: string, because: string) => Effect.Effect<void>
    /**
     * Records a person's declaration that the other group is this disk under another mount. From then on they are one
     * group, with the settings of this one.
     */
    readonly merge: (id: string, otherId: string) => Effect.Effect<DiskGroup, DiskGroupNotFound | InvalidRequest>
    /** Records a person's declaration that the two are different disks, whether they were merged or only suspected. */
    readonly split: (id: string, otherId: string) => Effect.Effect<DiskGroup, DiskGroupNotFound | InvalidRequest>
    /** The library folders of the applications, and the disk of each. */
    readonly rootFolders: Effect.Effect<ReadonlyArray<RootFolder>>
    /** Reads the disks from the applications now, and stores the figures of those that answer. */
    readonly refresh: Effect.Effect<ReadonlyArray<DiskGroup>>
    /** The same, and returns the ids of the disks that an application reported in this reading. */
    readonly read: Effect.Effect<DiskReadings>
    /** Oldest first; if there are more points than the limit (1000 by default), the newest. */
    readonly usage: (id: string, query: UsageQuery) => Effect.Effect<ReadonlyArray<UsagePoint>, DiskGroupNotFound>
    /** Aggregates raw readings into hours, days and weeks, and deletes expired ones. */
    readonly foldUsage: Effect.Effect<void>
  }
>()("tendarr/capacity/DiskGroups") {
  static readonly layer = Layer.effect(
    DiskGroups,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const transact = transacting(sql)
      const reader = yield* ReadSql
      const integrations = yield* Integrations
      const sources = yield* Sources
      const sync = yield* Sync
      const settings = yield* Settings
      const placing = yield* makePlacing(sql)
      const events = yield* EventLog
      const store = makeStoring(sql, events, settings)
      const rememberFolders = storeFolders(sql, events)
      const suspect = makeSuspicions(sql, events)
      const merging = makeMerging(sql, events)

      const load = (from: SqlClient.SqlClient) =>
        Effect.gen(function* () {
          const groups = yield* loadGroupRows(from)
          const links = yield* from<DiskGroupSourceRow>`SELECT * FROM disk_group_sources ORDER BY integration_id`
          const pairs = yield* from<DiskPairRow>`SELECT * FROM disk_pairs`
          return toGroups({ groups, links, pairs })
        }).pipe(Effect.orDie)

      const folders = (from: SqlClient.SqlClient) =>
        Effect.gen(function* () {
          const canonical = canonicalOf(yield* loadGroupRows(from))
          return (yield* loadFolders(from)).map((row) => toRootFolder(row, canonical))
        }).pipe(Effect.orDie)

      const list = load(reader)

      const find = Effect.fnUntraced(function* (id: string) {
        const group = (yield* load(sql)).find((candidate) => candidate.id === id)
        return group ?? (yield* new DiskGroupNotFound({ diskGroupId: id }))
      })

      const stop = Effect.fn("DiskGroups.stop")(function* (id: string, because: string) {
        yield* transact(
          Effect.gen(function* () {
            yield* sql`UPDATE disk_groups SET stopped_because = ${because} WHERE id = ${Number(id)}`
            yield* events.append(
              CapacityEvents.stopped.make({
                subject: id,
                message: because
              })
            )
          })
        )
      })
      const elsewhere = makeElsewhere(sql, stop)

      const takeReports = Effect.fnUntraced(function* (reports: ReadonlyArray<ReportedMounts>) {
        const answered = new Set(reports.map((report) => report.integrationId))
        const live = (yield* integrations.live).filter((one) => reads(one, "disks"))
        const populated = yield* elsewhere.populated
        const silent = new Set(live.map((one) => one.integration.id).filter((id) => !answered.has(id)))
        yield* transact(
          Effect.gen(function* () {
            const disks = yield* load(sql)
            const before = yield* loadFolders(sql)
            const found = placeFolders(reports, formerMounts(before))
            const ids = yield* store(found.disks, { silent, held: heldDisks(found.folders, before) })
            yield* rememberFolders(found.folders, ids, live, answered)
            yield* suspect()
            yield* elsewhere.stopThose(resizedOf(disks, yield* load(sql)))
          })
        )
        yield* hang(reports)
        yield* elsewhere.stopThose((yield* load(sql)).filter(({ id }) => !populated.has(id)))
      }, Effect.orDie)

      /** Assigns the items to their disks. */
      const hang = Effect.fnUntraced(function* (reports: ReadonlyArray<ReportedMounts>) {
        const groups = (yield* load(sql)).filter((group) => group.staleSince === null)
        // A new reading of a catalog may add or move items.
        const catalogs = (yield* sources.states).filter(({ observation }) => observation === "catalog")
        yield* placing.place(
          groups,
          yield* folders(sql),
          reports,
          catalogs.map(({ generation, integrationId }) => `${integrationId}/${generation}`),
          (yield* integrations.live)
            .filter((one) => reads(one, "catalog") && !reads(one, "disks") && isServer(one))
            .map(({ integration }) => integration.id),
          mappingsOf(yield* integrations.list)
        )
      })

      /** The last successful reading of each integration that reports disks. */
      const storedReports = Effect.gen(function* () {
        const states = yield* sources.states
        const reports: Array<ReportedMounts> = []
        for (const live of (yield* integrations.live).filter((one) => reads(one, "disks"))) {
          const state = states.find((s) => s.integrationId === live.integration.id && s.observation === "disks")
          if (state?.status !== "ok") continue
          const disks = yield* sources.read(live.integration.id, "disks", state.generation)
          if (disks !== null && state.observedAt !== null) reports.push(reportOf(live, disks, state.observedAt))
        }
        return reports
      })

      yield* sync.onApplied(
        Effect.andThen(Effect.flatMap(storedReports, takeReports), countSharedBytes(sql, integrations))
      )

      const update = Effect.fn("DiskGroups.update")(function* (
        id: string,
        patch: DiskGroupPatch,
        expectedVersion?: number
      ) {
        const at = yield* nowIso
        return yield* transact(
          Effect.gen(function* () {
            const group = yield* find(id)
            if (expectedVersion !== undefined && expectedVersion !== group.version) {
              return yield* new VersionConflict({ version: group.version })
            }
            yield* sql`UPDATE disk_groups SET ${sql.update({
              // What is damaged stays as it is until it is replaced.
              ...(patch.limits === undefined ? {} : { limits: toJson(patch.limits) }),
              mode: patch.mode ?? group.mode,
              total_bytes_override:
                patch.totalBytesOverride === undefined ? group.totalBytesOverride : patch.totalBytesOverride,
              ...(patch.allowedUnknown === undefined ? {} : { allowed_unknown: toJson(patch.allowedUnknown) }),
              version: group.version + 1,
              updated_at: at
            })} WHERE id = ${Number(id)}`
            yield* events.append(
              CapacityEvents.updated.make({
                subject: id,
                message: `Changed the disk group ${group.mountPath}`,
                payload: changeOf(group, patch)
              })
            )
            return yield* find(id)
          })
        )
      })

      const readNow = Effect.gen(function* () {
        const live = (yield* integrations.live).filter((one) => reads(one, "disks"))
        const reports = (yield* Effect.forEach(live, readDisks, { concurrency: 4 })).flat()
        yield* takeReports(reports)
        const reported = new Set(
          reports.flatMap(({ disks, integrationId, rootFolders }) =>
            [...disks, ...rootFolders].map(({ path }) => `${integrationId}|${path}`)
          )
        )
        const disks = yield* load(sql)
        const answered = disks.filter(({ integrations }) =>
          integrations.some((source) => reported.has(`${source.id}|${source.reportedPath}`))
        )
        return { disks, answered: new Set(answered.map(({ id }) => id)) }
      })

      return DiskGroups.of({
        list,
        get: Effect.fn("DiskGroups.get")(find),
        update,
        resume: Effect.fn("DiskGroups.resume")(function* (id) {
          yield* transact(
            Effect.gen(function* () {
              const group = yield* find(id)
              yield* Effect.orDie(sql`UPDATE disk_groups SET stopped_because = NULL WHERE id = ${Number(id)}`)
              yield* events.append(
                CapacityEvents.resumed.make({ subject: id, message: `Planning for ${group.mountPath} continues` })
              )
            })
          )
          return yield* find(id)
        }),
        stop,
        merge: Effect.fn("DiskGroups.merge")(function* (id, otherId) {
          yield* transact(merging.merge(id, otherId))
          return yield* find(id)
        }),
        split: Effect.fn("DiskGroups.split")(function* (id, otherId) {
          const apart = yield* transact(merging.split(id, otherId))
          if (apart) {
            yield* placing.forget
            yield* Effect.orDie(Effect.flatMap(storedReports, hang))
            yield* Effect.orDie(merging.followItems)
          }
          return yield* find(id)
        }),
        rootFolders: folders(reader),
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
  return nowIso.pipe(
    Effect.flatMap((at) =>
      Effect.map(
        read(() => Effect.void, new OddRecords()),
        (disks) => [reportOf(live, disks, at)]
      )
    ),
    Effect.catch((error) =>
      Effect.as(Effect.logWarning(`Disks of ${live.integration.name} could not be read: ${error.message}`), [])
    )
  )
}

const reportOf = ({ integration }: LiveIntegration, disks: DisksSnapshot, at: string): ReportedMounts => ({
  integrationId: integration.id,
  at,
  pathMappings: integration.options.pathMappings,
  ...disks
})

interface UsageRow {
  readonly at: string
  readonly total_bytes: number
  readonly used_bytes: number
}
