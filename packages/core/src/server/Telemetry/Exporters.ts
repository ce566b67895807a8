/** The exporters to an OpenTelemetry collector. Loaded only if one is configured. */
import { Layer, Metric } from "effect"
import type { HttpClient } from "effect/http"
import * as OtlpLogger from "effect/observability/OtlpLogger"
import * as OtlpMetrics from "effect/observability/OtlpMetrics"
import * as OtlpSerialization from "effect/observability/OtlpSerialization"
import * as OtlpTracer from "effect/observability/OtlpTracer"
import { ExportedFigures } from "../../system/Metrics.ts"
import { collectorClient } from "./CollectorClient.ts"
import type { SignalExport, TelemetryExport } from "./Environment.ts"

/** Milliseconds for which a stopping server waits for what has not been sent yet. */
const flushMillis = 1000

export const exporters = (telemetry: TelemetryExport): Layer.Layer<never> => {
  const { attributes, logs, metrics, serviceName, serviceVersion, traces } = telemetry
  const optionsOf = ({ compression, headers, intervalMillis, maxBatchSize, url }: SignalExport) => ({
    url: url.href,
    resource: { serviceName, serviceVersion, attributes },
    headers,
    compression,
    exportInterval: intervalMillis,
    maxBatchSize,
    shutdownTimeout: flushMillis
  })
  return Layer.mergeAll(
    traces === null ? Layer.empty : sent("Traces", traces, OtlpTracer.layer(optionsOf(traces))),
    metrics === null ? Layer.empty : sent("Metrics", metrics, metricsLayer(optionsOf(metrics), metrics)),
    logs === null ? Layer.empty : sent("Logs", logs, OtlpLogger.layer({ ...optionsOf(logs), mergeWithExisting: true }))
  )
}

/** The metrics of the process, and those of the state of the installation, which have a registry of their own. */
const metricsLayer = (
  options: Omit<Parameters<typeof OtlpMetrics.layer>[0], "temporality">,
  { intervalMillis, temporality }: Pick<NonNullable<TelemetryExport["metrics"]>, "intervalMillis" | "temporality">
) => {
  const figures = { registry: new Map(), everyMillis: intervalMillis }
  return Layer.mergeAll(
    OtlpMetrics.layer({ ...options, temporality }),
    OtlpMetrics.layer({ ...options, temporality }).pipe(
      Layer.provide(Layer.succeed(Metric.MetricRegistry, figures.registry))
    ),
    Layer.succeed(ExportedFigures, figures)
  )
}

const sent = <A>(
  what: string,
  signal: SignalExport,
  exporter: Layer.Layer<A, never, HttpClient.HttpClient | OtlpSerialization.OtlpSerialization>
): Layer.Layer<A> =>
  exporter.pipe(
    Layer.provide(collectorClient(what, signal)),
    Layer.provide(signal.protocol === "http/json" ? OtlpSerialization.layerJson : OtlpSerialization.layerProtobuf)
  )
