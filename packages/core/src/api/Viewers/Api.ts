/** The people who play and request things: listing, joining and splitting. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { itemKinds } from "../../integrations/Observations.ts"
import { InvalidRequest } from "../../problems/Problem.ts"
import { VersionConflict } from "../../problems/VersionConflict.ts"
import { listNames } from "../../viewers/Listings.ts"
import { requestStatuses, ViewerListing, ViewerPlay, ViewerRequest } from "../../viewers/ViewerPages.ts"
import { Viewer, ViewerJoin, ViewerNotFound, ViewersSplit, ViewerSplit, ViewerSummary } from "../../viewers/Viewer.ts"
import { Authorization } from "../Authorization.ts"
import { about, Id, idPath, NeedsScope, pageOf, paging, preconditions } from "../Common.ts"

/** Filters of a list of requests. */
export const requestFilters = {
  itemId: Schema.optionalKey(Id.annotate({ description: "Requests for this item." })),
  integrationId: Schema.optionalKey(Id),
  status: Schema.optionalKey(Schema.Literals(requestStatuses)),
  is4k: Schema.optionalKey(Schema.Boolean.annotate({ description: "Requests for 4K, or all others." }))
}

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
    HttpApiEndpoint.get("plays", "/viewers/:id/plays", {
      params: idPath,
      query: {
        kind: Schema.optionalKey(
          Schema.Literals(itemKinds).annotate({
            description:
              "Only items of this kind; by default movies and shows, whose plays contain those of the seasons."
          })
        ),
        ...paging
      },
      success: pageOf(ViewerPlay),
      error: [InvalidRequest, ViewerNotFound]
    }).annotateMerge(
      about(
        "What a viewer has played",
        "Items in the library, the last played first, with one entry for each of their accounts that played it."
      )
    ),
    HttpApiEndpoint.get("requests", "/viewers/:id/requests", {
      params: idPath,
      query: { ...requestFilters, ...paging },
      success: pageOf(ViewerRequest),
      error: [InvalidRequest, ViewerNotFound]
    }).annotateMerge(about("What a viewer has requested", "The newest first, whether or not it is in the library.")),
    HttpApiEndpoint.get("watchlist", "/viewers/:id/watchlist", {
      params: idPath,
      query: { list: Schema.optionalKey(Schema.Literals(listNames)), ...paging },
      success: pageOf(ViewerListing),
      error: [InvalidRequest, ViewerNotFound]
    }).annotateMerge(
      about(
        "What a viewer wants to keep or to watch",
        "Items in the library that are on their watchlist or among their favourites, by list, the newest item first."
      )
    ),
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
    "The people who play and request things, with the accounts by which applications know them, and what they play, request and want to keep. Accounts are of one person if they share an id, or if somebody joined them; a name in common proves nothing."
  ) {}

export class RequestsApi extends HttpApiGroup.make("requests")
  .add(
    HttpApiEndpoint.get("list", "/requests", {
      query: {
        viewer: Schema.optionalKey(Id.annotate({ description: "Id of the viewer who requested it." })),
        known: Schema.optionalKey(
          Schema.Boolean.annotate({
            description: "Whether it is known who requested it: the user may have been deleted."
          })
        ),
        ...requestFilters,
        ...paging
      },
      success: pageOf(ViewerRequest),
      error: InvalidRequest
    }).annotateMerge(about("List requests", "All requests of all request managers as last read, the newest first."))
  )
  .middleware(Authorization)
  .annotate(OpenApi.Description, "Requests in request managers, with who made and who approved them.") {}
