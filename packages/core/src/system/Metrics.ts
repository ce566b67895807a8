/** The metrics of the installation and of this process in the Prometheus text format. */
import { Context, Effect, Metric, Schema } from "effect"
// Importing all of `effect/observability` would load the exporters too.
import * as PrometheusMetrics from "effect/observability/PrometheusMetrics"
import type { DiskGroup } from "../capacity/DiskGroup.ts"
import { Problem } from "../problems/Problem.ts"
import type { SystemStatus } from "./System.ts"

/** Metrics are off by default. */
export class MetricsOff extends Problem<MetricsOff>()(
  "MetricsOff",
  { code: "metrics-off", status: 404, title: "Metrics are switched off" },
  { detail: Schema.String }
) {}

const gauge = (name: string, description: string) => Metric.gauge(`tendarr_${name}`, { description })

const info = gauge("info", "Always 1, with the version and the runtime as labels")
const started = gauge("start_time_seconds", "Start time of the server, in seconds since 1970")
const items = gauge("library_items", "Items in the library, counting a show or its seasons, not both")
const bytes = gauge("library_bytes", "Bytes of all items, counting each file once")
const open = gauge("open_removals", "Open removals, by state")
const removedItems = gauge("removed_items", "Items removed since the first start")
const removedBytes = gauge("removed_bytes", "Bytes removed since the first start")
const protections = gauge("protections", "Protections in force")
const enabled = gauge("deletions_enabled", "1 if deletions are enabled")
const storage = gauge("storage_ok", "1 if the database accepts writes")
const diskTotal = gauge("disk_total_bytes", "Size of a disk group")
const diskUsed = gauge("disk_used_bytes", "Used bytes of a disk group at its last reading")
const diskBreached = gauge("disk_breached", "1 if a disk group is above its threshold")
const integration = gauge("integration_up", "1 if an integration answers; disabled integrations are omitted")
const running = gauge("jobs_running", "Jobs in progress")
const memory = Metric.gauge("process_resident_memory_bytes", { description: "Memory that the process has" })

/** Counters of the process (job runs, calls to applications), and gauges of the current state of the installation. */
export const metricsText = Effect.fn("Metrics.text")(function* (status: SystemStatus) {
  const counted = yield* PrometheusMetrics.format()
  const standing = yield* Effect.provideService(
    PrometheusMetrics.format(),
    Metric.MetricRegistry,
    yield* measured(status)
  )
  return `${[standing, counted].map((text) => text.trim()).join("\n")}\n`
})

/** Metrics by their keys. */
type Registry = (typeof Metric.MetricRegistry)["Service"]

/**
 * The registry into which an exporter wants the metrics of the state of the installation, and how often. `null` = none.
 */
export const ExportedFigures = Context.Reference<{
  readonly registry: Registry
  readonly everyMillis: number
} | null>("tendarr/system/ExportedFigures", { defaultValue: () => null })

/** Replaces the contents of the registry with the current state of the installation. */
export const refill = Effect.fnUntraced(function* (registry: Registry, status: SystemStatus) {
  const now = yield* measured(status)
  registry.clear()
  for (const [key, metric] of now) registry.set(key, metric)
})

/** Measured into a new registry, so that removed objects are no longer reported. */
const measured = (status: SystemStatus): Effect.Effect<Registry> => {
  const registry: Registry = new Map()
  return Effect.as(Effect.provideService(measure(status), Metric.MetricRegistry, registry), registry)
}

const measure = (status: SystemStatus) => {
  const { stats } = status
  const set = (metric: Metric.Metric<number, unknown>, value: number | boolean, labels: Labels = {}) =>
    Metric.update(Metric.withAttributes(metric, labels), Number(value))
  return Effect.all(
    [
      set(info, 1, { version: status.version, runtime: status.runtime, instance_name: status.instanceName }),
      set(started, Date.parse(status.startedAt) / 1000),
      set(items, stats.items),
      set(bytes, stats.bytes),
      ...Object.entries(stats.openByState).map(([state, count]) => set(open, count, { state })),
      set(removedItems, stats.removedItems),
      set(removedBytes, stats.removedBytes),
      set(protections, stats.protections),
      set(enabled, status.deletionsEnabled),
      set(storage, status.storage.status === "ok"),
      set(running, status.running.length),
      set(memory, process.memoryUsage.rss()),
      ...status.diskGroups.flatMap((disk) => {
        const labels = labelsOf(disk)
        return [
          set(diskTotal, disk.totalBytes, labels),
          set(diskUsed, disk.usedBytes, labels),
          set(diskBreached, disk.breached, labels)
        ]
      }),
      ...status.integrations
        .filter((one) => one.enabled)
        .map((one) =>
          set(integration, one.status === "up" || one.status === "troubled", {
            integration_id: one.id,
            integration: one.name,
            kind: one.kind
          })
        )
    ],
    { discard: true }
  )
}

type Labels = Readonly<Record<string, string>>

const labelsOf = ({ id, mountPath }: DiskGroup): Labels => ({ disk_group_id: id, mount: mountPath })
