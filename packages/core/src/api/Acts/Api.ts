/** Acts: listing, explaining, cancelling, retrying, and undoing. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import {
  ActBeyondRecall,
  ActConflict,
  ActDetail,
  ActNotFound,
  ActRecord,
  ActState,
  DecidedAct,
  UndoFailed
} from "../../acts/ActRecord.ts"
import { DeletionsDisabled } from "../../acts/Brake.ts"
import { IsoTime } from "../../problems/Instants.ts"
import { InvalidRequest } from "../../problems/Problem.ts"
import { VersionConflict } from "../../problems/VersionConflict.ts"
import { Authorization } from "../Authorization.ts"
import { about, Id, idPath, pageOf, paging, preconditions } from "../Common.ts"

const decision = { params: idPath, headers: preconditions, success: DecidedAct }
const decisionErrors = [ActNotFound, ActConflict, VersionConflict, InvalidRequest] as const

export class ActsApi extends HttpApiGroup.make("acts")
  .add(
    HttpApiEndpoint.get("list", "/acts", {
      query: {
        kind: Schema.optionalKey(Id.annotate({ description: "Name of the kind of act." })),
        state: Schema.optionalKey(ActState),
        open: Schema.optionalKey(
          Schema.Boolean.annotate({ description: "Only open acts: planned, executing or failed." })
        ),
        key: Schema.optionalKey(
          Schema.String.check(Schema.isBetweenLength(1, 1000)).annotate({
            description: "Identity of the subject within the kind."
          })
        ),
        search: Schema.optionalKey(
          Schema.String.check(Schema.isMaxLength(200)).annotate({ description: "Words of the title." })
        ),
        since: Schema.optionalKey(IsoTime.annotate({ description: "Planned at this time or later." })),
        until: Schema.optionalKey(IsoTime.annotate({ description: "Planned before this time." })),
        ...paging
      },
      success: pageOf(ActRecord),
      error: InvalidRequest
    }).annotateMerge(about("List acts", "Newest first, open ones and past ones.")),
    HttpApiEndpoint.get("get", "/acts/:id", {
      params: idPath,
      success: ActDetail,
      error: ActNotFound
    }).annotateMerge(
      about(
        "One act with its explanation",
        "Its intent, why it was planned and why it is in its state, its steps and attempts, and what undoes it. The ETag is for `If-Match`."
      )
    ),
    HttpApiEndpoint.post("cancel", "/acts/:id/cancel", {
      ...decision,
      error: [...decisionErrors, ActBeyondRecall]
    }).annotateMerge(
      about(
        "Cancel",
        "An act that is executing can still be cancelled, until the request that carries it out has been sent to the application. `beyondRecall` names the act itself if an earlier attempt sent a request that may still take effect."
      )
    ),
    HttpApiEndpoint.post("retry", "/acts/:id/retry", {
      ...decision,
      error: [...decisionErrors, DeletionsDisabled]
    }).annotateMerge(about("Retry a failed act", "The next run of its job carries it out.")),
    HttpApiEndpoint.post("undo", "/acts/:id/undo", {
      ...decision,
      error: [...decisionErrors, UndoFailed]
    }).annotateMerge(
      about(
        "Undo an act",
        "Returns the subject to its state before the act, where the kind can do this. The intent is stored first, and the application is asked for the result."
      )
    )
  )
  .middleware(Authorization)
  .annotate(
    OpenApi.Description,
    "Everything that is destroyed or changed in applications, other than items: each with its intent, its steps, its end, and what undoes it."
  ) {}
