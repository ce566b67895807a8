/** Orphaned files: what nothing knows in the folders of download clients, its quarantine, and its way back. */
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { ActBeyondRecall, ActConflict, ActNotFound, UndoFailed } from "../../acts/ActRecord.ts"
import { Orphan, OrphanQuery } from "../../downloads/files/Orphan.ts"
import { OrphanConflict, OrphanNotFound } from "../../downloads/files/OrphanErrors.ts"
import { InvalidRequest } from "../../problems/Problem.ts"
import { Authorization } from "../Authorization.ts"
import { about, idPath, pageOf, paging } from "../Common.ts"

const decision = { params: idPath, success: Orphan }
const decisionErrors = [OrphanNotFound, OrphanConflict, ActNotFound, ActConflict] as const

export class OrphansApi extends HttpApiGroup.make("orphans")
  .add(
    HttpApiEndpoint.get("list", "/orphans", {
      query: { ...OrphanQuery.fields, ...paging },
      success: pageOf(Orphan),
      error: InvalidRequest
    }).annotateMerge(
      about(
        "List orphaned files",
        "Newest first: what nothing knows, what is in quarantine, and what was restored, kept or deleted. The job `orphaned-files` looks for them; with its option `dryRun`, it only reports what it would do."
      )
    ),
    HttpApiEndpoint.get("get", "/orphans/:id", {
      params: idPath,
      success: Orphan,
      error: OrphanNotFound
    }).annotateMerge(about("One orphaned file or folder", "The acts `actId` and `deletionId` have its history.")),
    HttpApiEndpoint.post("restore", "/orphans/:id/restore", {
      ...decision,
      error: [...decisionErrors, UndoFailed]
    }).annotateMerge(
      about(
        "Restore from quarantine",
        "Moves it back to where it was found. It is never moved into quarantine again. Refused if something else is there now."
      )
    ),
    HttpApiEndpoint.post("keep", "/orphans/:id/keep", {
      ...decision,
      error: [...decisionErrors, ActBeyondRecall]
    }).annotateMerge(about("Keep where it is", "It is never moved into quarantine."))
  )
  .middleware(Authorization)
  .annotate(
    OpenApi.Description,
    "Files and folders in the folders of download clients that no download, no application and no library knows."
  ) {}
