/** Lists of names of files that downloads do not need: storing, reading again, and believing. */
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { Schema } from "effect"
import {
  NameList,
  NameListDefinition,
  NameListNameTaken,
  NameListNotFound,
  NameListPatch,
  NameListUnreadable
} from "../../downloads/malware/NameList.ts"
import { InvalidRequest } from "../../problems/Problem.ts"
import { VersionConflict } from "../../problems/VersionConflict.ts"
import { Authorization } from "../Authorization.ts"
import { about, idPath, listOf, NeedsScope, pageOf, paging, preconditions } from "../Common.ts"

export class NameListsApi extends HttpApiGroup.make("namelists")
  .add(
    HttpApiEndpoint.get("list", "/name-lists", { success: listOf(NameList) }).annotateMerge(
      about("List lists of names", "Each with the age of its copy, and with the lines of its source that do not apply.")
    ),
    HttpApiEndpoint.post("create", "/name-lists", {
      payload: NameListDefinition,
      success: NameList.pipe(HttpApiSchema.status(201)),
      error: [InvalidRequest, NameListNameTaken]
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(
        about(
          "Create a list of names",
          "Its source is read at once. If that fails, `failure` says why, and the list does not apply until it was read."
        )
      ),
    HttpApiEndpoint.get("get", "/name-lists/:id", {
      params: idPath,
      success: NameList,
      error: NameListNotFound
    }).annotateMerge(about("One list of names")),
    HttpApiEndpoint.get("entries", "/name-lists/:id/entries", {
      params: idPath,
      query: paging,
      success: pageOf(Schema.String),
      error: [NameListNotFound, InvalidRequest]
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(
        about("Entries of a list of names", "Those of the copy that applies, in the order of its source.")
      ),
    HttpApiEndpoint.patch("update", "/name-lists/:id", {
      params: idPath,
      headers: preconditions,
      payload: NameListPatch,
      success: NameList,
      error: [InvalidRequest, NameListNotFound, NameListNameTaken, VersionConflict]
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(
        about("Change a list of names", "A new source is read at once. An empty `scope` makes it apply to everything.")
      ),
    HttpApiEndpoint.post("refresh", "/name-lists/:id/refresh", {
      params: idPath,
      success: NameList,
      error: [NameListNotFound, NameListUnreadable]
    }).annotateMerge(
      about(
        "Read a list of names again",
        "A copy that cannot be believed does not replace the last good one: `held` says why."
      )
    ),
    HttpApiEndpoint.post("accept", "/name-lists/:id/accept", {
      params: idPath,
      success: NameList,
      error: NameListNotFound
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(
        about(
          "Accept a list of names",
          "Records that a person believes what is held: the newer copy, or that the list takes most of what is there."
        )
      ),
    HttpApiEndpoint.delete("remove", "/name-lists/:id", {
      params: idPath,
      success: HttpApiSchema.NoContent,
      error: NameListNotFound
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(about("Delete a list of names", "Files that were deselected because of it stay deselected."))
  )
  .middleware(Authorization)
  .annotate(
    OpenApi.Description,
    "Lists of names of files in downloads: blocklists, and allowlists. `GET /downloads/blocked` says what they do."
  ) {}
