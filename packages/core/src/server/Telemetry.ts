/** Traces, metrics and logs for an OpenTelemetry collector, where the environment names one. */
import { Context, Effect, Layer, type Scope } from "effect"
import { HttpMiddleware } from "effect/http"
import { readEnvironment, type TelemetryExport, type TelemetryMisconfigured } from "./Telemetry/Environment.ts"

/** Runs a server with what it tells of itself exported. When the scope closes, what has not been sent yet has a second. */
export const withTelemetry = <A, E, R>(
  server: Effect.Effect<A, E, R>
): Effect.Effect<A, E | TelemetryMisconfigured, R | Scope.Scope> =>
  Effect.gen(function* () {
    const telemetry = yield* readEnvironment
    const exporting = telemetry === null ? Context.empty() : yield* Layer.build(yield* exportersOf(telemetry))
    return yield* server.pipe(
      Effect.provide(exporting),
      // The spans of requests are those of `api/Observed.ts`, which know the route and leave the query out.
      Effect.provideService(HttpMiddleware.TracerDisabledWhen, () => true)
    )
  })

/** Loaded where they are needed: they bring a client of HTTP and the format along. */
const exportersOf = (telemetry: TelemetryExport) =>
  Effect.map(
    Effect.promise(() => import("./Telemetry/Exporters.ts")),
    ({ exporters }) => exporters(telemetry)
  )
