/** Traces, metrics and logs for an OpenTelemetry collector, if the environment names one. */
import { Context, Effect, Layer, type Scope, Tracer } from "effect"
import { HttpMiddleware } from "effect/http"
import { readEnvironment, type TelemetryExport, type TelemetryMisconfigured } from "./Telemetry/Environment.ts"

/** Runs a server and exports its telemetry. When the scope closes, what is left is sent for up to a second. */
export const withTelemetry = <A, E, R>(
  server: Effect.Effect<A, E, R>
): Effect.Effect<A, E | TelemetryMisconfigured, R | Scope.Scope> =>
  Effect.gen(function* () {
    const telemetry = yield* readEnvironment
    const exporting = telemetry === null ? Context.empty() : yield* Layer.build(yield* exportersOf(telemetry))
    // Spans that nobody collects cost time, and keep results in memory: those of the fibers that prepared a statement.
    const traced = Effect.flatMap(Tracer.Tracer, (tracer) =>
      Effect.withTracerEnabled(server, tracer !== Tracer.nativeTracer)
    )
    return yield* traced.pipe(
      Effect.provide(exporting),
      // `api/Observed.ts` creates the spans of requests, with the route and without the query.
      Effect.provideService(HttpMiddleware.TracerDisabledWhen, () => true)
    )
  })

/** Loaded only if needed: they include an HTTP client and the serialization. */
const exportersOf = (telemetry: TelemetryExport) =>
  Effect.map(
    Effect.promise(() => import("./Telemetry/Exporters.ts")),
    ({ exporters }) => exporters(telemetry)
  )
