/** Seeding: what the rules want of each download, what is owed to trackers, what Tendarr has set, and free space. */
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { DownloadNotFound } from "../../downloads/DownloadErrors.ts"
import { GuardedFolderView } from "../../downloads/seeding/SeedingReport.ts"
import { SeedingDetail, SeedingQuery, SeedingView } from "../../downloads/seeding/SeedingViews.ts"
import { InvalidRequest } from "../../problems/Problem.ts"
import { RulesUnreadable } from "../../rules/Rules.ts"
import { Authorization } from "../Authorization.ts"
import { about, idPath, listOf, pageOf, paging } from "../Common.ts"

export class SeedingApi extends HttpApiGroup.make("seeding")
  .add(
    HttpApiEndpoint.get("list", "/downloads/seeding", {
      query: { ...SeedingQuery.fields, ...paging },
      success: pageOf(SeedingView),
      error: [InvalidRequest, RulesUnreadable]
    }).annotateMerge(
      about(
        "Preview the rules about seeding",
        "By name: the rules that match each download, its goal, what it owes, and what the next run would do. `goals=none` and `goals=several` find what no rule covers, and what several do."
      )
    ),
    HttpApiEndpoint.get("space", "/downloads/seeding/space", {
      success: listOf(GuardedFolderView),
      error: RulesUnreadable
    }).annotateMerge(
      about("List the disks that are guarded", "Free space where clients download to, as they last reported it.")
    ),
    HttpApiEndpoint.get("get", "/downloads/:id/seeding", {
      params: idPath,
      success: SeedingDetail,
      error: [DownloadNotFound, RulesUnreadable]
    }).annotateMerge(
      about(
        "Explain the seeding of one download",
        "Also its limits, what its client does by itself, and what Tendarr has set and would restore."
      )
    )
  )
  .middleware(Authorization)
  .annotate(
    OpenApi.Description,
    "Rules about seeding: goals and what follows them, what is owed to trackers, limits, categories, tags and the queue."
  ) {}
