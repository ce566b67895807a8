/** Settings as Prunerr groups them, and the key of its API. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup } from "effect/http-api"
import { about, NeedsScope } from "../../../api/Common.ts"
import { optionalBody } from "../../frame/Values.ts"
import { enveloped } from "../Bodies.ts"
import { productServices } from "../ServiceNames.ts"

/** Grouped as in `SettingsLenses.ts`. */
export class Settings extends Schema.Opaque<Settings>()(Schema.Record(Schema.String, Schema.Unknown)) {}

const Key = Schema.Struct({ apiKey: Schema.String })

const text = Schema.optionalKey(Schema.NullOr(Schema.String.check(Schema.isMaxLength(2000))))

export class TestRequest extends Schema.Opaque<TestRequest>()(
  Schema.Struct({ url: text, apiKey: text, token: text })
) {}

export class Tested extends Schema.Opaque<Tested>()(
  Schema.Struct({
    connected: Schema.Literal(true),
    appName: Schema.NullOr(Schema.String),
    version: Schema.NullOr(Schema.String),
    responseTimeMs: Schema.NullOr(Schema.Int)
  })
) {}

export class SettingsApi extends HttpApiGroup.make("settings").add(
  HttpApiEndpoint.get("all", "/api/settings", { success: enveloped(Settings) })
    .annotate(NeedsScope, "admin")
    .annotateMerge(about("Get all settings", "Secrets are masked.")),
  HttpApiEndpoint.put("update", "/api/settings", {
    payload: Settings,
    success: enveloped(Schema.Array(Schema.Struct({ key: Schema.String, value: Schema.Unknown })))
  })
    .annotate(NeedsScope, "admin")
    .annotateMerge(
      about("Change settings", "All of them or none. A value that cannot be changed here may be sent back as it is.")
    ),
  HttpApiEndpoint.get("apiKey", "/api/settings/api-key", { success: enveloped(Key) })
    .annotate(NeedsScope, "admin")
    .annotateMerge(about("Get the current API key")),
  HttpApiEndpoint.post("regenerate", "/api/settings/api-key/regenerate", { success: enveloped(Key) })
    .annotate(NeedsScope, "admin")
    .annotateMerge(
      about("Generate a new API key", "The former key is refused immediately. 409 if `PRUNERR_API_KEY` sets the key.")
    ),
  HttpApiEndpoint.post("test", "/api/settings/test/:service", {
    params: { service: Schema.Literals(productServices) },
    payload: optionalBody(TestRequest),
    success: enveloped(Tested)
  })
    .annotate(NeedsScope, "admin")
    .annotateMerge(
      about(
        "Test a connection",
        "What is left out is taken from the connected application. 400 if the connection does not work."
      )
    )
) {}
