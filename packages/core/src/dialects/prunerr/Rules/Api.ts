/** Rules: conditions, and what happens to the items that match. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "effect/http-api"
import { about, NeedsScope } from "../../../api/Common.ts"
import { IdInPath, optionalBody } from "../../frame/Values.ts"
import { enveloped, listed, Told } from "../Bodies.ts"
import { DeletionAction } from "../../../moving/products/Prunerr/Terms.ts"

const params = { id: IdInPath }

/** Checked by `Conditions.ts`: a condition nests, and clients send it in several forms. */
const Conditions = Schema.Unknown.annotate({
  description:
    "`{ version: 2, root }` with groups (`AND`, `OR`, `NOT`) and conditions (`field`, `operator`, `value`, `params`), a list of conditions that must all hold, or either of them as a JSON text."
})

const MediaTypes = Schema.Literals(["all", "movie", "show", "tv"])
const RuleAction = Schema.Literals(["flag", "delete", "notify"])

const draft = {
  name: Schema.String,
  type: Schema.optionalKey(Schema.String).annotate({ description: "A label without effect." }),
  conditions: Conditions,
  conditionsV2: Schema.optionalKey(Conditions),
  action: RuleAction,
  mediaType: Schema.optionalKey(MediaTypes),
  media_type: Schema.optionalKey(MediaTypes),
  libraryKeys: Schema.optionalKey(Schema.NullOr(Schema.Array(Schema.String))),
  library_keys: Schema.optionalKey(Schema.NullOr(Schema.Array(Schema.String))),
  enabled: Schema.optionalKey(Schema.Boolean),
  gracePeriodDays: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3650 }))),
  deletionAction: Schema.optionalKey(DeletionAction),
  resetOverseerr: Schema.optionalKey(Schema.Boolean),
  priority: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 100 })))
}

export class RuleDraft extends Schema.Opaque<RuleDraft>()(Schema.Struct(draft)) {}

export class RuleChange extends Schema.Opaque<RuleChange>()(
  Schema.Struct({
    ...draft,
    name: Schema.optionalKey(draft.name),
    conditions: Schema.optionalKey(Conditions),
    action: Schema.optionalKey(RuleAction)
  })
) {}

export class RuleBody extends Schema.Opaque<RuleBody>()(
  Schema.Struct({
    id: Schema.Int,
    name: Schema.String,
    profileId: Schema.Null,
    type: Schema.String,
    mediaType: Schema.Literals(["all", "movie", "tv"]),
    libraryKeys: Schema.Array(Schema.String),
    conditions: Schema.String.annotate({ description: "`conditionsV2` as a JSON text." }),
    conditionsV2: Schema.Struct({ version: Schema.Literal(2), root: Schema.Unknown }),
    action: RuleAction,
    enabled: Schema.Boolean,
    gracePeriodDays: Schema.Int,
    deletionAction: DeletionAction,
    resetOverseerr: Schema.Boolean,
    priority: Schema.Int,
    createdAt: Schema.String,
    updatedAt: Schema.String
  })
) {}

export class RunResult extends Schema.Opaque<RunResult>()(
  Schema.Struct({
    rule: Schema.Struct({ id: Schema.Int, name: Schema.String, action: RuleAction }),
    summary: Schema.Struct({
      totalScanned: Schema.Int,
      matched: Schema.Int,
      processed: Schema.Int,
      failed: Schema.Int,
      held: Schema.NullOr(Schema.String)
    }),
    results: Schema.Array(
      Schema.Struct({
        id: Schema.Int,
        title: Schema.String,
        action: Schema.String,
        success: Schema.Boolean,
        reason: Schema.NullOr(Schema.String)
      })
    )
  })
) {}

export class PreviewResult extends Schema.Opaque<PreviewResult>()(
  Schema.Struct({
    totalMatches: Schema.Int,
    wouldQueue: Schema.Int,
    wouldSkipProtected: Schema.Int,
    alreadyPending: Schema.Int,
    unknown: Schema.Int.annotate({ description: "Items for which a fact is unknown; they do not match." }),
    held: Schema.NullOr(Schema.String).annotate({
      description: "Why a run would queue nothing before a person accepts it: it acts on too much of the library."
    }),
    storageFreedGB: Schema.Finite,
    totalSize: Schema.Finite,
    totalSizeFormatted: Schema.String,
    samples: Schema.Array(
      Schema.Struct({
        id: Schema.Int,
        title: Schema.String,
        size: Schema.Finite,
        rating: Schema.NullOr(Schema.Finite),
        posterUrl: Schema.NullOr(Schema.String),
        reason: Schema.String
      })
    )
  })
) {}

export class Suggestions extends Schema.Opaque<Suggestions>()(
  Schema.Struct({
    suggestions: Schema.Array(
      Schema.Struct({
        id: Schema.String,
        name: Schema.String,
        description: Schema.String,
        icon: Schema.String,
        matchCount: Schema.Int,
        totalSize: Schema.Finite,
        totalSizeFormatted: Schema.String,
        conditions: Schema.Array(Schema.Unknown),
        conditionsV2: Schema.Struct({ version: Schema.Literal(2), root: Schema.Unknown }),
        mediaType: Schema.Literals(["all", "movie", "tv"])
      })
    ),
    libraryStats: Schema.Struct({
      totalItems: Schema.Int,
      movies: Schema.Int,
      shows: Schema.Int,
      totalSize: Schema.Finite
    })
  })
) {}

const PreviewRequest = Schema.Struct({
  version: Schema.optionalKey(Schema.Int),
  root: Schema.optionalKey(Schema.Unknown),
  conditions: Schema.optionalKey(Conditions),
  logic: Schema.optionalKey(Schema.Literals(["AND", "OR"])),
  mediaType: Schema.optionalKey(MediaTypes),
  media_type: Schema.optionalKey(MediaTypes),
  libraryKeys: Schema.optionalKey(Schema.NullOr(Schema.Array(Schema.String))),
  library_keys: Schema.optionalKey(Schema.NullOr(Schema.Array(Schema.String)))
})

export class RulesApi extends HttpApiGroup.make("rules").add(
  HttpApiEndpoint.get("list", "/api/rules", { success: listed(RuleBody) }).annotateMerge(
    about("List all rules", "Rules of Tendarr that act, by priority. Rules that only weigh or keep are not listed.")
  ),
  HttpApiEndpoint.get("enabled", "/api/rules/enabled", { success: listed(RuleBody) }).annotateMerge(
    about("List the rules that are switched on")
  ),
  HttpApiEndpoint.post("create", "/api/rules", {
    payload: RuleDraft,
    success: enveloped(RuleBody).pipe(HttpApiSchema.status(201))
  })
    .annotate(NeedsScope, "admin")
    .annotateMerge(
      about("Create a rule", "`delete` queues what matches; `flag` and `notify` only report it in the result of a run.")
    ),
  HttpApiEndpoint.post("preview", "/api/rules/preview", {
    payload: PreviewRequest,
    success: enveloped(PreviewResult)
  })
    .annotate(NeedsScope, "read")
    .annotateMerge(about("Preview which items a rule would match")),
  HttpApiEndpoint.get("suggestions", "/api/rules/suggestions", { success: enveloped(Suggestions) }).annotateMerge(
    about("Get template suggestions based on your library", "Those that match something, each with its own conditions.")
  ),
  HttpApiEndpoint.get("one", "/api/rules/:id", { params, success: enveloped(RuleBody) }).annotateMerge(
    about("One rule")
  ),
  HttpApiEndpoint.put("update", "/api/rules/:id", { params, payload: RuleChange, success: enveloped(RuleBody) })
    .annotate(NeedsScope, "admin")
    .annotateMerge(about("Update a rule", "Keys that are left out stay as they are.")),
  HttpApiEndpoint.patch("toggle", "/api/rules/:id/toggle", {
    params,
    payload: optionalBody(Schema.Struct({ enabled: Schema.optionalKey(Schema.Boolean) })),
    success: enveloped(RuleBody)
  })
    .annotate(NeedsScope, "admin")
    .annotateMerge(about("Switch a rule on or off")),
  HttpApiEndpoint.delete("remove", "/api/rules/:id", { params, success: Told })
    .annotate(NeedsScope, "admin")
    .annotateMerge(about("Delete a rule")),
  HttpApiEndpoint.post("run", "/api/rules/:id/run", { params, success: enveloped(RunResult) }).annotateMerge(
    about("Run a rule manually", "A rule that is switched off is only evaluated.")
  )
) {}
