/** Removals: what is planned, what a person makes of it, and undoing. */
import { Schema } from "effect"
import { DeletionsDisabled } from "../../acts/Brake.ts"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { ItemNotFound } from "../../library/LibraryErrors.ts"
import { IsoTime } from "../../problems/Instants.ts"
import { InvalidRequest } from "../../problems/Problem.ts"
import {
  RecalledRemoval,
  RemovalBeyondRecall,
  RemovalDetail,
  RemovalForbidden,
  RemovalNotFound,
  RemovalState,
  RemovalStateConflict,
  RemovalSummary,
  RestoreFailed
} from "../../removals/Removal.ts"
import { bulkActions, BulkResult } from "../../removals/Removals.ts"
import { RulesUnreadable } from "../../rules/Rules.ts"
import { Authorization } from "../Authorization.ts"
import { about, Id, idPath, pageOf, paging } from "../Common.ts"

const stepErrors = [RemovalNotFound, RemovalStateConflict, DeletionsDisabled] as const
const recallErrors = [RemovalNotFound, RemovalStateConflict, RemovalBeyondRecall] as const

export class RemovalsApi extends HttpApiGroup.make("removals")
  .add(
    HttpApiEndpoint.get("list", "/removals", {
      query: {
        state: Schema.optionalKey(RemovalState),
        open: Schema.optionalKey(Schema.Boolean.annotate({ description: "Only those whose intent is still alive." })),
        diskGroupId: Schema.optionalKey(Id),
        integrationId: Schema.optionalKey(Id),
        itemId: Schema.optionalKey(Id),
        search: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(200))),
        order: Schema.optionalKey(Schema.Literals(["newest", "due", "rank"])),
        ...paging
      },
      success: pageOf(RemovalSummary),
      error: InvalidRequest
    }).annotateMerge(
      about("List removals", "Proposals, scheduled ones, snoozed ones and the history are states of one list.")
    ),
    HttpApiEndpoint.post("request", "/removals", {
      payload: Schema.Struct({ itemId: Id }),
      success: RemovalSummary.pipe(HttpApiSchema.status(201)),
      error: [ItemNotFound, RemovalForbidden, RemovalStateConflict, DeletionsDisabled, RulesUnreadable]
    }).annotateMerge(
      about("Ask for the removal of an item", "Protections, rules that always keep, dry-run and the brake bind it too.")
    ),
    HttpApiEndpoint.post("bulk", "/removals/bulk", {
      payload: Schema.Struct({
        action: Schema.Literals(bulkActions),
        ids: Schema.Array(Id).check(Schema.isMinLength(1), Schema.isMaxLength(1000))
      }),
      success: BulkResult
    }).annotateMerge(
      about("One step for many removals", "Each on its own; the answer says which could not be taken, and why.")
    ),
    HttpApiEndpoint.get("get", "/removals/:id", {
      params: idPath,
      success: RemovalDetail,
      error: RemovalNotFound
    }).annotateMerge(about("One removal with its decision")),
    HttpApiEndpoint.post("approve", "/removals/:id/approve", {
      params: idPath,
      success: RemovalSummary,
      error: stepErrors
    }).annotateMerge(about("Approve", "Removed after the delay; members of a collection go together.")),
    HttpApiEndpoint.post("reject", "/removals/:id/reject", {
      params: idPath,
      payload: Schema.Struct({ until: Schema.optionalKey(IsoTime) }),
      success: RecalledRemoval,
      error: [...recallErrors, InvalidRequest]
    }).annotateMerge(about("Reject or snooze", "Left alone until `until`, by default for the snooze of the settings.")),
    HttpApiEndpoint.post("unsnooze", "/removals/:id/unsnooze", {
      params: idPath,
      success: RemovalSummary,
      error: stepErrors
    }).annotateMerge(about("End a snooze")),
    HttpApiEndpoint.post("reschedule", "/removals/:id/reschedule", {
      params: idPath,
      payload: Schema.Struct({ at: IsoTime }),
      success: RemovalSummary,
      error: [RemovalNotFound, RemovalStateConflict, InvalidRequest]
    }).annotateMerge(about("Move to another time")),
    HttpApiEndpoint.post("cancel", "/removals/:id/cancel", {
      params: idPath,
      success: RecalledRemoval,
      error: recallErrors
    }).annotateMerge(
      about(
        "Cancel",
        "Final: the engine does not plan the item again until it is released. Holds also while it is being carried out, until its deletion has been sent."
      )
    ),
    HttpApiEndpoint.post("release", "/removals/:id/release", {
      params: idPath,
      success: RemovalSummary,
      error: stepErrors
    }).annotateMerge(about("Release a cancelled item", "The engine may plan it again.")),
    HttpApiEndpoint.post("retry", "/removals/:id/retry", {
      params: idPath,
      success: RemovalSummary,
      error: stepErrors
    }).annotateMerge(about("Try a failed removal again")),
    HttpApiEndpoint.post("restore", "/removals/:id/restore", {
      params: idPath,
      query: {
        monitor: Schema.optionalKey(Schema.Boolean).annotate({
          description: "Wanted again, whether or not it was when it went."
        })
      },
      success: RemovalSummary,
      error: [RemovalNotFound, RemovalStateConflict, RestoreFailed]
    }).annotateMerge(about("Undo a removal", "Adds the item again as it was, starts a search, and protects it."))
  )
  .middleware(Authorization)
  .annotate(OpenApi.Description, "Every removal in every state: proposed, scheduled, snoozed, removed, restored.") {}
