/** Scans: runs of the main job. Undocumented; the product's own page uses them. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "effect/http-api"
import { about } from "../../../api/Common.ts"
import { enveloped, listed, Told } from "../Bodies.ts"

export class Scan extends Schema.Opaque<Scan>()(
  Schema.Struct({
    id: Schema.Int,
    startedAt: Schema.NullOr(Schema.String),
    completedAt: Schema.NullOr(Schema.String),
    itemsScanned: Schema.NullOr(Schema.Int),
    itemsFlagged: Schema.NullOr(Schema.Int),
    status: Schema.Literals(["running", "completed", "failed"])
  })
) {}

export class ScanApi extends HttpApiGroup.make("scan").add(
  HttpApiEndpoint.get("status", "/api/scan/status", {
    success: enveloped(
      Schema.Struct({
        isRunning: Schema.Boolean,
        lastScan: Schema.NullOr(Scan),
        nextRun: Schema.NullOr(Schema.String)
      })
    )
  }).annotateMerge(about("Whether a scan is in progress, and when the next one starts")),
  HttpApiEndpoint.get("latest", "/api/scan/latest", { success: enveloped(Schema.NullOr(Scan)) }).annotateMerge(
    about("The last scan")
  ),
  HttpApiEndpoint.get("history", "/api/scan/history", {
    query: { limit: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 200 }))) },
    success: listed(Scan)
  }).annotateMerge(about("Past scans, newest first")),
  HttpApiEndpoint.post("trigger", "/api/scan/trigger", {
    success: Told.pipe(HttpApiSchema.status(202))
  }).annotateMerge(about("Start a scan", "409 while one is in progress."))
) {}
