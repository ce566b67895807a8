/** The state of the whole installation in one response. */
import { Context, Effect, Layer, Schema } from "effect"
import { DiskGroup } from "../capacity/DiskGroup.ts"
import { DiskGroups } from "../capacity/DiskGroups.ts"
import { Integrations } from "../integrations/Integrations.ts"
import { Jobs } from "../jobs/Jobs.ts"
import { Loops, LoopState } from "../jobs/Loops.ts"
import { Run } from "../jobs/Run.ts"
import { sharedBytesCounter } from "../library/SharedBytes.ts"
import { nowIso } from "../problems/Instants.ts"
import { Settings } from "../settings/Settings.ts"
import { ReadSql } from "../storage/Database.ts"
import {
  adviceOn,
  type DatabaseHeld,
  problemOfFault,
  type StorageFailed,
  storageFaultReasons
} from "../storage/StorageFaults.ts"
import { StorageWatch } from "../storage/StorageWatch.ts"
import { MetricsOff, metricsText } from "./Metrics.ts"
import { Stats, type Stats as StatsValue } from "./Stats.ts"
import { makeTrends, type StatsTrends } from "./Trends.ts"
import { version } from "./Version.ts"
import { GeneralSettings } from "../settings/GeneralSettings.ts"
import { RemovalsSettings } from "../settings/RemovalsSettings.ts"
import { TelemetrySettings } from "./TelemetrySettings.ts"

export type { MetricsOff } from "./Metrics.ts"

export const SystemStatus = Schema.Struct({
  instanceName: Schema.String,
  version: Schema.String,
  runtime: Schema.String,
  startedAt: Schema.String,
  now: Schema.String,
  deletionsEnabled: Schema.Boolean,
  /** Whether the database accepts writes. */
  storage: Schema.Struct({
    status: Schema.Literals(["ok", ...storageFaultReasons]),
    detail: Schema.NullOr(Schema.String)
  }),
  integrations: Schema.Array(
    Schema.Struct({
      id: Schema.String,
      name: Schema.String,
      kind: Schema.String,
      enabled: Schema.Boolean,
      status: Schema.String,
      detail: Schema.NullOr(Schema.String)
    })
  ),
  diskGroups: Schema.Array(DiskGroup),
  running: Schema.Array(Run),
  /** Background loops; empty if nothing runs by itself. */
  loops: Schema.Array(LoopState),
  stats: Stats
}).annotate({ identifier: "SystemStatus" })
export type SystemStatus = typeof SystemStatus.Type

/** Name and version of the runtime, for example `node 24.1.0`. */
export const RuntimeName = Context.Reference<string>("tendarr/system/RuntimeName", { defaultValue: () => "unknown" })

export class System extends Context.Service<
  System,
  {
    readonly status: Effect.Effect<SystemStatus>
    readonly stats: Effect.Effect<StatsValue>
    /** Computed at most once a minute, unless the library or the removals have changed; in between, the same object. */
    readonly trends: Effect.Effect<StatsTrends>
    /** In the Prometheus text format. */
    readonly metrics: Effect.Effect<string, MetricsOff>
    /** Fails if the database cannot be read, or if the last write to it failed. */
    readonly live: Effect.Effect<{ readonly status: "ok"; readonly version: string }, StorageFailed | DatabaseHeld>
  }
>()("tendarr/system/System") {
  static readonly layer = Layer.effect(
    System,
    Effect.gen(function* () {
      const sql = yield* ReadSql
      const integrations = yield* Integrations
      const diskGroups = yield* DiskGroups
      const jobs = yield* Jobs
      const loops = yield* Loops
      const settings = yield* Settings
      const runtime = yield* RuntimeName
      const watch = yield* StorageWatch
      const startedAt = yield* nowIso

      const stats = Effect.gen(function* () {
        const counters = yield* sql<{ name: string; value: number }>`SELECT name, value FROM counters`
        const valueOf = (name: string) => counters.find((counter) => counter.name === name)?.value ?? 0
        return {
          items: valueOf("library.items"),
          bytes: valueOf("library.bytes") - valueOf(sharedBytesCounter),
          openRemovals: valueOf("removals.open"),
          openByState: {
            proposed: valueOf("removals.proposed"),
            snoozed: valueOf("removals.snoozed"),
            scheduled: valueOf("removals.scheduled"),
            executing: valueOf("removals.executing"),
            failed: valueOf("removals.failed")
          },
          removedItems: valueOf("removals.items"),
          removedBytes: valueOf("removals.bytes"),
          protections: valueOf("protections")
        }
      }).pipe(Effect.orDie)

      const trends = yield* makeTrends(sql, diskGroups)

      const status = Effect.gen(function* () {
        const all = yield* integrations.list
        const { deletionsEnabled } = yield* settings.get(RemovalsSettings)
        const fault = yield* watch.fault
        return {
          instanceName: (yield* settings.get(GeneralSettings)).instanceName,
          version,
          runtime,
          startedAt,
          now: yield* nowIso,
          deletionsEnabled,
          storage:
            fault === null
              ? { status: "ok" as const, detail: null }
              : { status: fault.reason, detail: adviceOn(fault, "tendarr.db") },
          integrations: all.map(({ enabled, health, id, kind, name }) => ({
            id,
            name,
            kind,
            enabled,
            status: enabled ? health.status : "off",
            detail: health.problems.map(({ detail }) => detail).join("; ") || null
          })),
          diskGroups: yield* diskGroups.list,
          running: (yield* jobs.list).flatMap((job) => job.running ?? []),
          loops: yield* loops.list,
          stats: yield* stats
        }
      })

      return System.of({
        stats,
        trends,
        status,
        metrics: Effect.gen(function* () {
          if (!(yield* settings.get(TelemetrySettings)).prometheus) {
            return yield* new MetricsOff({ detail: "turn on `telemetry.prometheus` in the settings" })
          }
          return yield* metricsText(yield* status)
        }),
        live: Effect.gen(function* () {
          const fault = yield* watch.fault
          if (fault !== null) return yield* problemOfFault(fault)
          yield* Effect.orDie(sql`SELECT 1`)
          return { status: "ok" as const, version }
        })
      })
    })
  )
}
