/** Whether Tendarr and its applications answer. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "effect/http-api"
import { about } from "../../../api/Common.ts"

const Healthy = Schema.Literal("healthy").pipe(HttpApiSchema.asText())

const ClientHealth = Schema.Struct({
  clientId: Schema.String,
  clientName: Schema.String,
  clientType: Schema.String,
  isHealthy: Schema.Boolean,
  lastChecked: Schema.String,
  responseTime: Schema.NullOr(Schema.Finite).annotate({ description: "In milliseconds." }),
  errorMessage: Schema.NullOr(Schema.String)
})

export class Status extends Schema.Opaque<Status>()(
  Schema.Struct({
    application: Schema.Struct({
      version: Schema.String,
      startTime: Schema.String,
      upTime: Schema.String.annotate({ description: "Such as `1.02:03:04`: days, hours, minutes, seconds." }),
      memoryUsageMB: Schema.Finite,
      processorTime: Schema.String
    }),
    mediaManagers: Schema.Record(Schema.String, Schema.Struct({ instanceCount: Schema.Int }))
  })
) {}

export class HealthApi extends HttpApiGroup.make("health").add(
  HttpApiEndpoint.get("live", "/health", { success: Healthy }).annotateMerge(about("Whether it answers")),
  HttpApiEndpoint.get("ready", "/health/ready", { success: Healthy }).annotateMerge(
    about("Whether its database can be read and written", "503 if not.")
  ),
  HttpApiEndpoint.get("clients", "/api/health", {
    success: Schema.Record(Schema.String, ClientHealth)
  }).annotateMerge(about("Download clients by their ids, as they were last checked")),
  HttpApiEndpoint.get("status", "/api/status", { success: Status }).annotateMerge(
    about("Version, uptime and resources")
  )
) {}
