/** The APIs of other products that Tendarr serves, and their keys. The settings group `dialects` switches them on. */
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { DialectKeyPreset } from "../../access/AccessErrors.ts"
import { DialectKey } from "../../access/DialectKeys.ts"
import { DialectNotFound, DialectState } from "../../system/Dialects.ts"
import { Authorization } from "../Authorization.ts"
import { about, Id, listOf, NeedsScope } from "../Common.ts"

const named = { name: Id.annotate({ description: "Such as `prunerr`." }) }

export class DialectsApi extends HttpApiGroup.make("dialects")
  .add(
    HttpApiEndpoint.get("list", "/dialects", { success: listOf(DialectState) }).annotateMerge(
      about(
        "List the APIs of other products",
        "Which are switched on, where they are served, and why one is not. `PATCH /settings/dialects` switches them."
      )
    ),
    HttpApiEndpoint.get("key", "/dialects/:name/key", { params: named, success: DialectKey, error: DialectNotFound })
      .annotate(NeedsScope, "admin")
      .annotateMerge(
        about(
          "The key of a dialect",
          "It is accepted only by that dialect, and grants everything there. API keys are accepted too, with their scopes."
        )
      ),
    HttpApiEndpoint.post("renewKey", "/dialects/:name/key", {
      params: named,
      success: DialectKey,
      error: [DialectNotFound, DialectKeyPreset]
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(about("Replace the key of a dialect", "The former key is refused immediately."))
  )
  .middleware(Authorization)
  .annotate(OpenApi.Description, "The HTTP APIs of other products, served over the same library.") {}
