/** The owner's rules: storing, validating and previewing. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { RulesEvaluation, RulesEvaluationRequest, RulePreview, RulePreviewRequest } from "../../capacity/RuleTrial.ts"
import { VersionConflict } from "../../problems/VersionConflict.ts"
import { InvalidRequest } from "../../problems/Problem.ts"
import { RuleVocabulary } from "../../rules/Vocabulary.ts"
import { RuleDefinition, SubjectName } from "../../rules/Rule.ts"
import { RuleNameTaken, RuleNotFound, RulePatch, RulesUnreadable } from "../../rules/Rules.ts"
import { RuleView } from "../../rules/RuleViews.ts"
import { Authorization } from "../Authorization.ts"
import { about, Id, idPath, listOf, NeedsScope, preconditions } from "../Common.ts"

export class RulesApi extends HttpApiGroup.make("rules")
  .add(
    HttpApiEndpoint.get("list", "/rules", {
      query: { subject: Schema.optionalKey(SubjectName) },
      success: listOf(RuleView),
      error: InvalidRequest
    }).annotateMerge(about("List rules", "All, or those about one subject; each subject has its own order.")),
    HttpApiEndpoint.get("fields", "/rules/fields", {
      query: { subject: RuleDefinition.fields.subject },
      success: RuleVocabulary,
      error: InvalidRequest
    }).annotateMerge(
      about(
        "Fields, operators and effects",
        "What rules about a subject can use: fields with their types, units and aliases, operators, and effects."
      )
    ),
    HttpApiEndpoint.post("create", "/rules", {
      payload: RuleDefinition,
      success: RuleView.pipe(HttpApiSchema.status(201)),
      error: [InvalidRequest, RuleNameTaken]
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(
        about(
          "Create a rule",
          "An invalid rule is refused with the path of every error. `warnings` in the response lists names in the rule that match nothing."
        )
      ),
    HttpApiEndpoint.put("reorder", "/rules/order", {
      payload: Schema.Struct({
        subject: RuleDefinition.fields.subject,
        ids: Schema.Array(Id).check(Schema.isMaxLength(10_000))
      }),
      success: listOf(RuleView),
      error: InvalidRequest
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(about("Change the order of the rules", "Names every rule about the subject exactly once.")),
    HttpApiEndpoint.post("preview", "/rules/preview", {
      payload: RulePreviewRequest,
      success: RulePreview,
      error: [InvalidRequest, RulesUnreadable]
    })
      .annotate(NeedsScope, "read")
      .annotateMerge(
        about(
          "Preview a rule",
          "Counts, bytes and a page of the items, or of the things of another subject, that it matches, each with its reason. Stores nothing."
        )
      ),
    HttpApiEndpoint.post("evaluate", "/rules/evaluate", {
      payload: RulesEvaluationRequest,
      success: RulesEvaluation,
      error: InvalidRequest
    })
      .annotate(NeedsScope, "read")
      .annotateMerge(
        about(
          "Evaluate a rule on given facts",
          '`null` means known to be none, `{"unknown": "why"}` means unknown. Returns the truth value of every node.'
        )
      ),
    HttpApiEndpoint.get("get", "/rules/:id", {
      params: idPath,
      success: RuleView,
      error: RuleNotFound
    }).annotateMerge(about("One rule")),
    HttpApiEndpoint.patch("update", "/rules/:id", {
      params: idPath,
      headers: preconditions,
      payload: RulePatch,
      success: RuleView,
      error: [InvalidRequest, RuleNotFound, RuleNameTaken, VersionConflict]
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(
        about(
          "Change a rule",
          "The rule stops keeping items by lost names, because saving a rule counts as having reviewed it."
        )
      ),
    HttpApiEndpoint.post("acknowledge", "/rules/:id/acknowledge", {
      params: idPath,
      success: RuleView,
      error: RuleNotFound
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(
        about(
          "Acknowledge lost names",
          "Records that a person has reviewed the rule: from now on it keeps items by the names that exist, and not by those that are lost."
        )
      ),
    HttpApiEndpoint.delete("remove", "/rules/:id", {
      params: idPath,
      success: HttpApiSchema.NoContent,
      error: RuleNotFound
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(about("Delete a rule"))
  )
  .middleware(Authorization)
  .annotate(
    OpenApi.Description,
    "The owner's rules: conditions over facts, and their effects. They can be previewed before they are saved."
  ) {}
