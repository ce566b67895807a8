/** The parts of Cleanuparr's configuration that Tendarr has. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup } from "effect/http-api"
import { about, NeedsScope } from "../../../api/Common.ts"

export class QueueCleaner extends Schema.Opaque<QueueCleaner>()(
  Schema.Struct({
    enabled: Schema.Boolean,
    cronExpression: Schema.String,
    useAdvancedScheduling: Schema.Boolean,
    ignoredDownloads: Schema.Array(Schema.String)
  })
) {}

export class General extends Schema.Opaque<General>()(
  Schema.Struct({
    dryRun: Schema.Boolean,
    strikeInactivityWindowHours: Schema.Int,
    ignoredDownloads: Schema.Array(Schema.String)
  })
) {}

export class ConfigurationApi extends HttpApiGroup.make("configuration").add(
  HttpApiEndpoint.get("queueCleaner", "/api/configuration/queue_cleaner", { success: QueueCleaner }).annotateMerge(
    about("Settings of the rules about downloads", "`enabled` is the setting `downloads.cleaning`.")
  ),
  HttpApiEndpoint.put("setQueueCleaner", "/api/configuration/queue_cleaner", {
    payload: Schema.Record(Schema.String, Schema.Unknown),
    success: QueueCleaner
  })
    .annotate(NeedsScope, "admin")
    .annotateMerge(
      about(
        "Change them",
        "`enabled` is changed. Everything else can only be sent back as it is: it is changed in Tendarr. What is left out is kept."
      )
    ),
  HttpApiEndpoint.get("general", "/api/configuration/general", { success: General }).annotateMerge(
    about("General settings", "`dryRun`: deletions are switched off.")
  )
) {}
