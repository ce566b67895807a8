/** The installation itself: whether it is up, its status, its figures. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { about, listOf } from "../Common.ts"
import { Authorization } from "../Authorization.ts"
import { DatabaseHeld, StorageFailed } from "../../storage/StorageFaults.ts"
import { MetricsOff } from "../../system/Metrics.ts"
import { SystemStatus } from "../../system/System.ts"
import { Dashboard, LibraryDay } from "../../system/Dashboard.ts"
import { Stats } from "../../system/Stats.ts"
import { StatsTrends } from "../../system/Trends.ts"

export class HealthApi extends HttpApiGroup.make("health")
  .add(
    HttpApiEndpoint.get("live", "/health", {
      success: Schema.Struct({ status: Schema.Literal("ok"), version: Schema.String }),
      error: [StorageFailed, DatabaseHeld]
    }).annotateMerge(
      about(
        "Liveness",
        "Responds without credentials while the server is up and its database can be read and written; otherwise with 507 or 503 and advice on what to do."
      )
    )
  )
  .annotate(OpenApi.Description, "Whether the server is up. Open to anyone.") {}

export class SystemApi extends HttpApiGroup.make("system")
  .add(
    HttpApiEndpoint.get("status", "/status", { success: SystemStatus }).annotateMerge(
      about("Status", "Version, runtime, uptime, and the state of integrations, disks and jobs in one response.")
    ),
    HttpApiEndpoint.get("stats", "/stats", { success: Stats }).annotateMerge(
      about("Figures for a dashboard", "Read from counters, so the cost does not depend on the size of the library.")
    ),
    HttpApiEndpoint.get("trends", "/stats/trends", { success: StatsTrends }).annotateMerge(
      about(
        "Figures over time",
        "The last 30 days: items and bytes removed, items added and gone, and how the usage of each disk group develops. Computed at most once a minute, unless the library or the removals have changed."
      )
    ),
    HttpApiEndpoint.get("dashboard", "/stats/dashboard", { success: Dashboard }).annotateMerge(
      about(
        "The library at a glance",
        "By kind, with what was never played, what is queued and what was freed in the last two weeks. Computed at most once a minute, unless the library or the removals have changed."
      )
    ),
    HttpApiEndpoint.get("days", "/stats/days", {
      query: {
        days: Schema.optionalKey(
          Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 800 })).annotate({
            description: "Number of days, ending with today; 30 by default."
          })
        )
      },
      success: listOf(LibraryDay)
    }).annotateMerge(about("The size of the library per day", "Oldest first. Days without a sync are omitted.")),
    HttpApiEndpoint.get("metrics", "/metrics", {
      success: Schema.String.pipe(HttpApiSchema.asText({ contentType: "text/plain; version=0.0.4; charset=utf-8" })),
      error: MetricsOff
    }).annotateMerge(
      about(
        "Metrics for Prometheus",
        "The state of the installation, job runs, and calls to applications, in the Prometheus text format. Off until the setting `telemetry.prometheus` is turned on."
      )
    )
  )
  .middleware(Authorization)
  .annotate(OpenApi.Description, "The installation as a whole: its status and its figures.") {}
