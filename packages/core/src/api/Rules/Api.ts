/** The owner's rules: storing, validating and previewing. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { RulesEvaluation, RulesEvaluationRequest, RulePreview, RulePreviewRequest } from "../../capacity/RuleTrial.ts"
import { RuleTemplate } from "../../capacity/RuleTemplates.ts"
import { RunQueuedOtherwise } from "../../jobs/JobErrors.ts"
import { Run } from "../../jobs/Run.ts"
import { VersionConflict } from "../../problems/VersionConflict.ts"
import { InvalidRequest } from "../../problems/Problem.ts"
import { RuleVocabulary } from "../../rules/Vocabulary.ts"
import { RuleDefinition, SubjectName } from "../../rules/Rule.ts"
import { RuleRunOptions } from "../../removals/ActingRules/RuleRunOptions.ts"
import { RuleDoesNotAct } from "../../rules/RuleErrors.ts"
import { RuleNameTaken, RuleNotFound, RulePatch, RulesUnreadable, UnreadableRule } from "../../rules/Rules.ts"
import { ImportReport } from "../../system/Configuration.ts"
import { SharedRulesText } from "../../system/SharedRules.ts"
import { RuleView } from "../../rules/RuleViews.ts"
import { Authorization } from "../Authorization.ts"
import { about, Id, idPath, listOf, NeedsScope, preconditions } from "../Common.ts"

export class RulesApi extends HttpApiGroup.make("rules")
  .add(
    HttpApiEndpoint.get("list", "/rules", {
      query: { subject: Schema.optionalKey(SubjectName) },
      success: Schema.Struct({
        ...listOf(RuleView).fields,
        damaged: Schema.Array(UnreadableRule).annotate({
          description: "Stored rules that cannot be read. While there is one, nothing is decided about its subject."
        })
      }),
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
          "Counts, bytes and a page of the items, or of the things of another subject, that it matches, each with its reason. Of an acting rule also what it would do now. Stores nothing."
        )
      ),
    HttpApiEndpoint.get("templates", "/rules/templates", {
      query: {
        matching: Schema.optionalKey(Schema.Boolean).annotate({
          description: "Only templates that match something in the library."
        })
      },
      success: listOf(RuleTemplate),
      error: RulesUnreadable
    }).annotateMerge(
      about(
        "Templates of rules",
        "Rules to start from, those that match most bytes first. The figures are those of the very rule that is offered."
      )
    ),
    HttpApiEndpoint.post("share", "/rules/share", {
      payload: Schema.Struct({
        ids: Schema.optionalKey(Schema.Array(Id).check(Schema.isBetweenLength(1, 1000))).annotate({
          description: "All rules if absent."
        })
      }),
      success: Schema.Struct({ document: Schema.String.annotate({ description: "YAML." }) }),
      error: RuleNotFound
    })
      .annotate(NeedsScope, "read")
      .annotateMerge(
        about("Rules as YAML", "To be shared: integrations are named, and nothing of this database is included.")
      ),
    HttpApiEndpoint.post("import", "/rules/import", {
      payload: Schema.Struct({
        document: SharedRulesText,
        dryRun: Schema.optionalKey(Schema.Boolean).annotate({
          description: "Report what would change without writing anything."
        })
      }),
      success: ImportReport,
      error: InvalidRequest
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(
        about(
          "Import rules from YAML",
          "Adds rules, and changes those of the same names; all or nothing. An unknown field is refused by its name."
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
    HttpApiEndpoint.post("run", "/rules/:id/run", {
      params: idPath,
      query: {
        wait: Schema.optionalKey(
          Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 300 })).annotate({
            description: "Seconds to wait for the run to end before responding."
          })
        )
      },
      payload: RuleRunOptions,
      success: Run.pipe(HttpApiSchema.status(202)),
      error: [RuleNotFound, RuleDoesNotAct, InvalidRequest, RunQueuedOtherwise]
    }).annotateMerge(
      about(
        "Run an acting rule",
        "Starts a run of the job `rule` for it; `result` of the run is a `RuleRunReport`. A rule that is switched off is only evaluated. With `dryRun`, nothing is written."
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
