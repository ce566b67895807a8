/** The installation itself: whether it is up, what it runs, its figures. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { about } from "../Common.ts"
import { Authorization } from "../Authorization.ts"
import { DatabaseHeld, StorageFailed } from "../../storage/StorageFaults.ts"
import { MetricsOff } from "../../system/Metrics.ts"
import { SystemStatus } from "../../system/System.ts"
import { Stats } from "../../system/Stats.ts"

export class HealthApi extends HttpApiGroup.make("health")
  .add(
    HttpApiEndpoint.get("live", "/health", {
      success: Schema.Struct({ status: Schema.Literal("ok"), version: Schema.String }),
      error: [StorageFailed, DatabaseHeld]
    }).annotateMerge(
      about(
        "Liveness",
        "Answers without credentials while the server is up and its database can be read and written; with 507 or 503 and what to do while it cannot."
      )
    )
  )
  .annotate(OpenApi.Description, "Whether the server is up. Open to anyone.") {}

export class SystemApi extends HttpApiGroup.make("system")
  .add(
    HttpApiEndpoint.get("status", "/status", { success: SystemStatus }).annotateMerge(
      about("Status", "Version, runtime, uptime, and how integrations, disks and jobs stand, in one answer.")
    ),
    HttpApiEndpoint.get("stats", "/stats", { success: Stats }).annotateMerge(
      about("Figures for a dashboard", "Served from counters; costs the same for any size of library.")
    ),
    HttpApiEndpoint.get("metrics", "/metrics", {
      success: Schema.String.pipe(HttpApiSchema.asText({ contentType: "text/plain; version=0.0.4; charset=utf-8" })),
      error: MetricsOff
    }).annotateMerge(
      about(
        "Metrics for Prometheus",
        "How the installation stands, runs of jobs, and calls to applications, in the text format of Prometheus. Off until the setting `telemetry.prometheus` is on."
      )
    )
  )
  .middleware(Authorization)
  .annotate(OpenApi.Description, "The installation as a whole: its status and its figures.") {}
