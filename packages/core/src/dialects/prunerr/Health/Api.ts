/** Whether Tendarr and the applications that it is connected to answer. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup } from "effect/http-api"
import { about } from "../../../api/Common.ts"
import { enveloped } from "../Bodies.ts"

const Overall = Schema.Literals(["healthy", "degraded", "unhealthy"])

const Service = Schema.Struct({
  service: Schema.String,
  configured: Schema.Boolean,
  connected: Schema.Boolean,
  responseTimeMs: Schema.NullOr(Schema.Int).annotate({ description: "Of the last check; `null` = it did not answer." }),
  error: Schema.optionalKey(Schema.String),
  lastChecked: Schema.NullOr(Schema.String)
})

const Scheduler = Schema.Struct({
  isRunning: Schema.Boolean,
  lastScan: Schema.NullOr(Schema.String),
  nextRun: Schema.NullOr(Schema.String),
  scanSchedule: Schema.NullOr(Schema.String),
  lastSync: Schema.NullOr(Schema.String),
  lastSyncAt: Schema.NullOr(Schema.String),
  lastSyncSuccess: Schema.NullOr(Schema.Boolean),
  nextSync: Schema.NullOr(Schema.String),
  syncSchedule: Schema.NullOr(Schema.String)
})

export class HealthStatus extends Schema.Opaque<HealthStatus>()(
  Schema.Struct({ services: Schema.Array(Service), scheduler: Scheduler, overall: Overall })
) {}

/** The envelope, and next to it what probes of the product read at the top. */
export class Health extends Schema.Opaque<Health>()(
  Schema.Struct({
    success: Schema.Literal(true),
    data: HealthStatus,
    status: Overall,
    version: Schema.String,
    uptime: Schema.Finite.annotate({ description: "In seconds." }),
    timestamp: Schema.String
  })
) {}

export class HealthApi extends HttpApiGroup.make("health").add(
  HttpApiEndpoint.get("health", "/api/health", { success: Health }).annotateMerge(
    about("Service connection status and response times")
  ),
  HttpApiEndpoint.get("status", "/api/health/status", { success: enveloped(HealthStatus) }).annotateMerge(
    about("The same without the fields of probes")
  ),
  HttpApiEndpoint.get("ping", "/api/health/ping", {
    success: Schema.Struct({ pong: Schema.Literal(true), timestamp: Schema.String })
  }).annotateMerge(about("Whether it answers")),
  HttpApiEndpoint.get("version", "/api/health/version", {
    success: Schema.Struct({ version: Schema.String })
  }).annotateMerge(about("The version of Tendarr")),
  HttpApiEndpoint.get("ready", "/api/health/ready", {
    success: Schema.Struct({ ready: Schema.Literal(true) })
  }).annotateMerge(about("Whether its database can be read and written")),
  HttpApiEndpoint.get("live", "/api/health/live", {
    success: Schema.Struct({ live: Schema.Literal(true), timestamp: Schema.String })
  }).annotateMerge(about("Whether it answers"))
) {}
