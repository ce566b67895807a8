/** The people who play and request things: listing, joining and splitting. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { InvalidRequest } from "../../problems/Problem.ts"
import { VersionConflict } from "../../problems/VersionConflict.ts"
import { Viewer, ViewerJoin, ViewerNotFound, ViewersSplit, ViewerSplit, ViewerSummary } from "../../viewers/Viewer.ts"
import { Authorization } from "../Authorization.ts"
import { about, idPath, NeedsScope, pageOf, paging, preconditions } from "../Common.ts"

const changed = [InvalidRequest, ViewerNotFound, VersionConflict] as const

export class ViewersApi extends HttpApiGroup.make("viewers")
  .add(
    HttpApiEndpoint.get("list", "/viewers", {
      query: {
        q: Schema.optionalKey(
          Schema.String.check(Schema.isMaxLength(200)).annotate({ description: "A part of one of their names." })
        ),
        ...paging
      },
      success: pageOf(ViewerSummary),
      error: InvalidRequest
    }).annotateMerge(about("List viewers", "Everybody who has played or requested something, by name.")),
    HttpApiEndpoint.get("get", "/viewers/:id", {
      params: idPath,
      success: Viewer,
      error: ViewerNotFound
    }).annotateMerge(about("One viewer", "With the accounts by which applications know them, and their plays.")),
    HttpApiEndpoint.post("join", "/viewers/:id/join", {
      params: idPath,
      headers: preconditions,
      payload: ViewerJoin,
      success: Viewer,
      error: changed
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(
        about(
          "Join viewers",
          "The accounts of other viewers become accounts of this one: they are the same person. No sync separates them again. The library is joined again before the response, after a sync that is in progress."
        )
      ),
    HttpApiEndpoint.post("split", "/viewers/:id/split", {
      params: idPath,
      headers: preconditions,
      payload: ViewerSplit,
      success: ViewersSplit,
      error: changed
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(
        about(
          "Split a viewer",
          "Some of their accounts become a separate viewer: they belong to another person. No sync joins them again. The library is joined again before the response, after a sync that is in progress."
        )
      )
  )
  .middleware(Authorization)
  .annotate(
    OpenApi.Description,
    "The people who play and request things, with the accounts by which applications know them. Accounts are of one person if they share an id, or if somebody joined them; a name in common proves nothing."
  ) {}
