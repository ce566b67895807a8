/** Settings in typed groups, changed by merging. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { InvalidRequest } from "../../problems/Problem.ts"
import { beyondRecall } from "../../removals/Removal.ts"
import { SettingsChanged } from "../../settings/StoredSettings.ts"
import { builtInSettings } from "../../system/BuiltInSettings.ts"
import { Configuration, ImportReport } from "../../system/Configuration.ts"
import { Authorization } from "../Authorization.ts"
import { about, listOf, NeedsScope, preconditions } from "../Common.ts"

/** A document lists the groups that Tendarr brings; which others there are is for the installation to say. */
const GroupName = Schema.String.check(
  Schema.makeFilter(() => undefined, { toJsonSchema: () => ({ enum: Object.keys(builtInSettings) }) })
)

const Values = Schema.Record(Schema.String, Schema.Unknown)

export const SettingsGroupState = Schema.Struct({
  group: GroupName,
  value: Values.annotate({ description: "The values in force, defaults included." }),
  version: Schema.Int,
  etag: Schema.String,
  updatedAt: Schema.NullOr(Schema.String)
}).annotate({ identifier: "SettingsGroup" })

const path = { group: GroupName }

export class SettingsApi extends HttpApiGroup.make("settings")
  .add(
    HttpApiEndpoint.get("all", "/settings", { success: listOf(SettingsGroupState) }).annotateMerge(
      about("All settings")
    ),
    HttpApiEndpoint.get("schemas", "/settings/schemas", {
      success: listOf(
        Schema.Struct({ group: GroupName, title: Schema.String, defaults: Schema.Unknown, schema: Schema.Unknown })
      )
    }).annotateMerge(
      about("Schemas of the settings", "JSON Schema with bounds, defaults and descriptions, enough to draw a form.")
    ),
    HttpApiEndpoint.get("export", "/settings/export", {
      query: {
        secrets: Schema.optionalKey(Schema.Boolean).annotate({
          description: "Whether the secrets of the integrations stand in it, in the clear; not by default."
        })
      },
      success: Configuration
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(
        about(
          "The configuration as one document",
          "Settings, integrations, rules, disk groups, protections, schedules and settings of jobs, for another installation. Accounts, keys and history are no part of it."
        )
      ),
    HttpApiEndpoint.post("import", "/settings/import", {
      query: {
        dryRun: Schema.optionalKey(Schema.Boolean).annotate({
          description: "Tell what would change, and write nothing."
        }),
        confirmSecretReuse: Schema.optionalKey(Schema.Boolean).annotate({
          description: "Send stored keys also to the changed addresses of their integrations."
        })
      },
      payload: Configuration,
      success: ImportReport,
      error: InvalidRequest
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(
        about(
          "Take a configuration in",
          "Checked whole, and written in one transaction or not at all. What the document names is added or changed; what it does not name stays. Secrets that it leaves out stay too; where the host or port of an integration changes, they must stand in the document, or `confirmSecretReuse` is needed."
        )
      ),
    HttpApiEndpoint.get("get", "/settings/:group", {
      params: path,
      success: SettingsGroupState,
      error: InvalidRequest
    }).annotateMerge(about("One group of settings", "Its ETag is for `If-Match`.")),
    HttpApiEndpoint.patch("patch", "/settings/:group", {
      params: path,
      headers: preconditions,
      payload: Values,
      success: Schema.Struct({ ...SettingsGroupState.fields, ...beyondRecall }).annotate({
        identifier: "GivenSettingsGroup"
      }),
      error: [InvalidRequest, SettingsChanged]
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(
        about("Change settings", "Keys that are given replace, nested objects merge, what is left out stays.")
      ),
    HttpApiEndpoint.delete("reset", "/settings/:group", {
      params: path,
      headers: preconditions,
      success: SettingsGroupState,
      error: [InvalidRequest, SettingsChanged]
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(about("Back to the defaults"))
  )
  .middleware(Authorization)
  .annotate(
    OpenApi.Description,
    "What can be set, in typed groups. A change merges; `If-Match` guards it against another one."
  ) {}
