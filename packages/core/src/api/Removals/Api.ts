/** Removals: listing, deciding, and undoing. */
import { Schema } from "effect"
import { DeletionsDisabled } from "../../acts/Brake.ts"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { CollectionNotFound, ItemNotFound } from "../../library/LibraryErrors.ts"
import { IsoTime } from "../../problems/Instants.ts"
import { InvalidRequest } from "../../problems/Problem.ts"
import {
  RecalledRemoval,
  RemovalBeyondRecall,
  RemovalDetail,
  RemovalForbidden,
  RemovalNotFound,
  RemovalOrigin,
  RemovalState,
  RemovalStateConflict,
  RemovalSummary,
  RestoreFailed
} from "../../removals/Removal.ts"
import { bulkActions, BulkResult, RequestedRemovals } from "../../removals/Removals.ts"
import { CollectionProtected } from "../../removals/CollectionRemovals.ts"
import { removalTerms, RequestOptions } from "../../removals/RemovalTerms.ts"
import { RulesUnreadable } from "../../rules/Rules.ts"
import { Authorization } from "../Authorization.ts"
import { about, Id, idPath, pageOf, paging, TitleWords } from "../Common.ts"

const stepErrors = [RemovalNotFound, RemovalStateConflict, DeletionsDisabled] as const
const recallErrors = [RemovalNotFound, RemovalStateConflict, RemovalBeyondRecall] as const

export class RemovalsApi extends HttpApiGroup.make("removals")
  .add(
    HttpApiEndpoint.get("list", "/removals", {
      query: {
        state: Schema.optionalKey(RemovalState),
        open: Schema.optionalKey(
          Schema.Boolean.annotate({
            description: "Only open removals: proposed, snoozed, scheduled, executing or failed."
          })
        ),
        queued: Schema.optionalKey(
          Schema.Boolean.annotate({
            description:
              "Only removals that somebody decided on and that are still to come: scheduled, executing or failed, or requested by a person on a disk in dry-run."
          })
        ),
        diskGroupId: Schema.optionalKey(Id),
        integrationId: Schema.optionalKey(Id),
        itemId: Schema.optionalKey(Id),
        action: Schema.optionalKey(removalTerms.action),
        origin: Schema.optionalKey(RemovalOrigin),
        ruleId: Schema.optionalKey(Id),
        search: Schema.optionalKey(TitleWords),
        order: Schema.optionalKey(Schema.Literals(["newest", "due", "rank"])),
        ...paging
      },
      success: pageOf(RemovalSummary),
      error: InvalidRequest
    }).annotateMerge(
      about("List removals", "Proposals, scheduled and snoozed removals, and past removals are states of one list.")
    ),
    HttpApiEndpoint.post("request", "/removals", {
      payload: Schema.Struct({ itemId: Id, ...RequestOptions.fields }),
      success: RemovalSummary.pipe(HttpApiSchema.status(201)),
      error: [ItemNotFound, RemovalForbidden, RemovalStateConflict, DeletionsDisabled, RulesUnreadable, InvalidRequest]
    }).annotateMerge(
      about(
        "Request the removal of an item",
        "Protections, rules that always keep and the brake apply here too; on a disk in dry-run it remains a proposal. It replaces a proposal that nobody has decided about. Without `action`, the entry of a whole is removed with its files, and a season, an album or a book is unmonitored and its files are deleted."
      )
    ),
    HttpApiEndpoint.post("requestMany", "/removals/requests", {
      payload: Schema.Struct({
        itemIds: Schema.optionalKey(Schema.Array(Id).check(Schema.isMinLength(1), Schema.isMaxLength(1000))),
        collectionId: Schema.optionalKey(Id),
        ...RequestOptions.fields
      }),
      success: RequestedRemovals,
      error: [InvalidRequest, CollectionNotFound, CollectionProtected]
    }).annotateMerge(
      about(
        "Request the removal of many items, or of a collection",
        "Give either `itemIds` or `collectionId`. The response lists items that cannot be removed, and why. If all members of a collection can be removed, they are removed together or not at all."
      )
    ),
    HttpApiEndpoint.post("bulk", "/removals/bulk", {
      payload: Schema.Struct({
        action: Schema.Literals(bulkActions),
        ids: Schema.Array(Id).check(Schema.isMinLength(1), Schema.isMaxLength(1000))
      }),
      success: BulkResult
    }).annotateMerge(
      about(
        "Apply one action to many removals",
        "Each removal is handled separately; the response lists those to which the action could not be applied, and why."
      )
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
    }).annotateMerge(about("Approve", "Carried out after the delay. Members of a collection are removed together.")),
    HttpApiEndpoint.post("reject", "/removals/:id/reject", {
      params: idPath,
      payload: Schema.Struct({ until: Schema.optionalKey(IsoTime) }),
      success: RecalledRemoval,
      error: [...recallErrors, InvalidRequest]
    }).annotateMerge(
      about(
        "Reject or snooze",
        "The item is left alone until `until`; the default is now plus the setting `removals.snoozeHours`."
      )
    ),
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
    }).annotateMerge(about("Reschedule a removal")),
    HttpApiEndpoint.post("cancel", "/removals/:id/cancel", {
      params: idPath,
      success: RecalledRemoval,
      error: recallErrors
    }).annotateMerge(
      about(
        "Cancel",
        "Final: the engine does not plan the item again until it is released. A removal that is executing can still be cancelled, until its deletion has been sent to the application."
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
    }).annotateMerge(about("Retry a failed removal")),
    HttpApiEndpoint.post("restore", "/removals/:id/restore", {
      params: idPath,
      query: {
        monitor: Schema.optionalKey(Schema.Boolean).annotate({
          description: "Sets the item to monitored again, whether or not it was monitored when it was removed."
        })
      },
      success: RemovalSummary,
      error: [RemovalNotFound, RemovalStateConflict, RestoreFailed]
    }).annotateMerge(about("Undo a removal", "Adds the item again as it was, starts a search for it, and protects it."))
  )
  .middleware(Authorization)
  .annotate(OpenApi.Description, "Every removal in every state: proposed, scheduled, snoozed, removed, restored.") {}
