/** The exporters to an OpenTelemetry collector. Loaded only where there is one. */
import { Layer } from "effect"
import type { HttpClient } from "effect/http"
import * as OtlpLogger from "effect/observability/OtlpLogger"
import * as OtlpMetrics from "effect/observability/OtlpMetrics"
import * as OtlpSerialization from "effect/observability/OtlpSerialization"
import * as OtlpTracer from "effect/observability/OtlpTracer"
import { collectorClient } from "./CollectorClient.ts"
import type { SignalExport, TelemetryExport } from "./Environment.ts"

/** Milliseconds for which a server that stops waits for what has not been sent yet. */
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
    metrics === null
      ? Layer.empty
      : sent("Metrics", metrics, OtlpMetrics.layer({ ...optionsOf(metrics), temporality: metrics.temporality })),
    logs === null ? Layer.empty : sent("Logs", logs, OtlpLogger.layer({ ...optionsOf(logs), mergeWithExisting: true }))
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
