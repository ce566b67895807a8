/** Settings in typed groups, changed by merging. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { InvalidRequest } from "../../problems/Problem.ts"
import { beyondRecall } from "../../removals/Removal.ts"
import { actsBeyondRecall } from "../../removals/StoppingDecisions.ts"
import { SettingsChanged } from "../../settings/StoredSettings.ts"
import { builtInSettings } from "../../system/BuiltInSettings.ts"
import { Configuration, ImportReport } from "../../system/Configuration.ts"
import { Authorization } from "../Authorization.ts"
import { about, listOf, NeedsScope, preconditions } from "../Common.ts"

/** The API document lists only the built-in groups; further groups depend on the installation. */
const GroupName = Schema.String.check(
  Schema.makeFilter(() => undefined, { toJsonSchema: () => ({ enum: Object.keys(builtInSettings) }) })
)

const Values = Schema.Record(Schema.String, Schema.Unknown)

export const SettingsGroupState = Schema.Struct({
  group: GroupName,
  value: Values.annotate({ description: "The effective values, including defaults." }),
  version: Schema.Int,
  etag: Schema.String,
  updatedAt: Schema.NullOr(Schema.String)
}).annotate({ identifier: "SettingsGroup" })

const path = { group: GroupName }

export class SettingsApi extends HttpApiGroup.make("settings")
  .add(
    HttpApiEndpoint.get("all", "/settings", { success: listOf(SettingsGroupState) }).annotateMerge(
      about("Get all settings")
    ),
    HttpApiEndpoint.get("schemas", "/settings/schemas", {
      success: listOf(
        Schema.Struct({ group: GroupName, title: Schema.String, defaults: Schema.Unknown, schema: Schema.Unknown })
      )
    }).annotateMerge(
      about(
        "Schemas of the settings",
        "JSON Schema with bounds, defaults and descriptions, in enough detail to render a form."
      )
    ),
    HttpApiEndpoint.get("export", "/settings/export", {
      query: {
        secrets: Schema.optionalKey(Schema.Boolean).annotate({
          description: "Whether to include the integrations' secrets, in clear text; false by default."
        })
      },
      success: Configuration
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(
        about(
          "Export the configuration as one document",
          "Settings, integrations, rules, disk groups, protections, schedules and job settings, for another installation. Accounts, API keys and history are not included."
        )
      ),
    HttpApiEndpoint.post("import", "/settings/import", {
      query: {
        dryRun: Schema.optionalKey(Schema.Boolean).annotate({
          description: "Report what would change without writing anything."
        }),
        confirmSecretReuse: Schema.optionalKey(Schema.Boolean).annotate({
          description: "Allow sending stored keys to changed addresses of their integrations too."
        })
      },
      payload: Configuration,
      success: ImportReport,
      error: InvalidRequest
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(
        about(
          "Import a configuration",
          "The document is validated as a whole, and written in one transaction or not at all. Entries in the document are added or changed; everything else stays as it is. Omitted secrets keep their stored values, but if the host or port of an integration changes, its secrets must be in the document, or `confirmSecretReuse` is needed."
        )
      ),
    HttpApiEndpoint.get("get", "/settings/:group", {
      params: path,
      success: SettingsGroupState,
      error: InvalidRequest
    }).annotateMerge(about("One group of settings", "The ETag is for `If-Match`.")),
    HttpApiEndpoint.patch("patch", "/settings/:group", {
      params: path,
      headers: preconditions,
      payload: Values,
      success: Schema.Struct({ ...SettingsGroupState.fields, ...beyondRecall, ...actsBeyondRecall }).annotate({
        identifier: "GivenSettingsGroup"
      }),
      error: [InvalidRequest, SettingsChanged]
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(
        about(
          "Change settings",
          "Given keys replace the stored ones, nested objects are merged, omitted keys are kept."
        )
      ),
    HttpApiEndpoint.delete("reset", "/settings/:group", {
      params: path,
      headers: preconditions,
      success: SettingsGroupState,
      error: [InvalidRequest, SettingsChanged]
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(about("Reset a group to its defaults"))
  )
  .middleware(Authorization)
  .annotate(
    OpenApi.Description,
    "All settings, in typed groups. A change is merged into the stored settings; `If-Match` protects against overwriting a concurrent change."
  ) {}
