/** Settings as Prunerr groups them, and the key of its API. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup } from "effect/http-api"
import { about, NeedsScope } from "../../../api/Common.ts"
import { enveloped } from "../Bodies.ts"

const Connection = Schema.Struct({
  url: Schema.String,
  apiKey: Schema.optionalKey(Schema.String),
  token: Schema.optionalKey(Schema.String)
})

const Schedule = Schema.Struct({
  enabled: Schema.Boolean,
  interval: Schema.NullOr(Schema.String),
  autoProcess: Schema.Boolean
})

export class Settings extends Schema.Opaque<Settings>()(
  Schema.Struct({
    services: Schema.Record(Schema.String, Connection).annotate({ description: "Keys and tokens are masked." }),
    notifications: Schema.Record(Schema.String, Schema.Unknown),
    schedule: Schedule,
    plexSync: Schema.Struct({ enabled: Schema.Boolean, interval: Schema.NullOr(Schema.String) }),
    display: Schema.Struct({ instanceName: Schema.String, timeZone: Schema.String }),
    watchHistory: Schema.Struct({ provider: Schema.NullOr(Schema.String) }),
    diskPressure: Schema.Struct({
      enabled: Schema.Boolean,
      observeOnly: Schema.Boolean,
      targetMode: Schema.Literal("percent"),
      targetValue: Schema.Finite,
      criticalValue: Schema.Finite,
      maxItemsPerRun: Schema.NullOr(Schema.Int),
      maxGbPerRun: Schema.NullOr(Schema.Finite),
      softGraceDays: Schema.Int,
      paths: Schema.Array(Schema.String)
    }),
    exclusionPatterns: Schema.Array(Schema.Unknown),
    excludedLibraryKeys: Schema.Array(Schema.String),
    webhooks: Schema.Array(Schema.Unknown),
    defaultDeletionAction: Schema.String,
    defaultGracePeriodDays: Schema.Int
  })
) {}

const Key = Schema.Struct({ apiKey: Schema.String })

export class SettingsApi extends HttpApiGroup.make("settings").add(
  HttpApiEndpoint.get("all", "/api/settings", { success: enveloped(Settings) })
    .annotate(NeedsScope, "admin")
    .annotateMerge(about("Get all settings", "Secrets are masked.")),
  HttpApiEndpoint.get("apiKey", "/api/settings/api-key", { success: enveloped(Key) })
    .annotate(NeedsScope, "admin")
    .annotateMerge(about("Get the current API key")),
  HttpApiEndpoint.post("regenerate", "/api/settings/api-key/regenerate", { success: enveloped(Key) })
    .annotate(NeedsScope, "admin")
    .annotateMerge(
      about("Generate a new API key", "The former key is refused immediately. 409 if `PRUNERR_API_KEY` sets the key.")
    )
) {}
