/** Disk groups, their history, and the preview of what could be removed. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { DiskGroup, DiskGroupNotFound, DiskGroupPatch, UsagePoint, UsageQuery } from "../../capacity/DiskGroup.ts"
import { RootFolder } from "../../capacity/DiskGroups/RootFolders.ts"
import { PreviewedItem, PreviewSummary, previewStatuses } from "../../capacity/Preview.ts"
import { VersionConflict } from "../../problems/VersionConflict.ts"
import { InvalidRequest } from "../../problems/Problem.ts"
import { RulesUnreadable } from "../../rules/Rules.ts"
import { Authorization } from "../Authorization.ts"
import { about, Id, idPath, listOf, NeedsScope, paging, preconditions } from "../Common.ts"

const OtherDisk = Schema.Struct({
  diskGroupId: Id.annotate({ description: "Id of the other disk group." })
}).annotate({ identifier: "OtherDiskGroup" })

const previewFilters = {
  diskGroupId: Schema.optionalKey(Id),
  status: Schema.optionalKey(Schema.Literals(previewStatuses))
}

export class CapacityApi extends HttpApiGroup.make("capacity")
  .add(
    HttpApiEndpoint.get("diskGroups", "/disk-groups", { success: listOf(DiskGroup) }).annotateMerge(
      about("List disk groups")
    ),
    HttpApiEndpoint.get("diskGroup", "/disk-groups/:id", {
      params: idPath,
      success: DiskGroup,
      error: DiskGroupNotFound
    }).annotateMerge(about("One disk group")),
    HttpApiEndpoint.patch("updateDiskGroup", "/disk-groups/:id", {
      params: idPath,
      headers: preconditions,
      payload: DiskGroupPatch,
      success: DiskGroup,
      error: [DiskGroupNotFound, VersionConflict, InvalidRequest]
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(about("Change threshold, target, mode or allowances of a disk group")),
    HttpApiEndpoint.post("resume", "/disk-groups/:id/resume", {
      params: idPath,
      success: DiskGroup,
      error: DiskGroupNotFound
    }).annotateMerge(about("Resume planning", "After planning has stopped because removals freed no space.")),
    HttpApiEndpoint.post("merge", "/disk-groups/:id/merge", {
      params: idPath,
      payload: OtherDisk,
      success: DiskGroup,
      error: [DiskGroupNotFound, InvalidRequest]
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(
        about(
          "Declare that two disk groups are the same disk",
          "The other group is a second mount of this disk. From then on both are one group, read, ranked and planned once with the settings of this one."
        )
      ),
    HttpApiEndpoint.post("split", "/disk-groups/:id/split", {
      params: idPath,
      payload: OtherDisk,
      success: DiskGroup,
      error: [DiskGroupNotFound, InvalidRequest]
    })
      .annotate(NeedsScope, "admin")
      .annotateMerge(
        about(
          "Declare that two disk groups are different disks",
          "Undoes a merge, or dismisses the suspicion that both are one disk. Each is then planned separately."
        )
      ),
    HttpApiEndpoint.get("rootFolders", "/root-folders", { success: listOf(RootFolder) }).annotateMerge(
      about(
        "List root folders",
        "The folders in which the applications keep their libraries, each with its disk, or the reason why it has none."
      )
    ),
    HttpApiEndpoint.get("usage", "/disk-groups/:id/usage", {
      params: idPath,
      query: UsageQuery.fields,
      success: listOf(UsagePoint),
      error: DiskGroupNotFound
    }).annotateMerge(
      about("Usage over time", "Oldest first. If there are more points than the limit, the newest are returned.")
    ),
    HttpApiEndpoint.get("preview", "/preview", {
      query: { ...previewFilters, ...paging },
      success: Schema.Struct({
        summary: PreviewSummary,
        items: Schema.Array(PreviewedItem),
        nextCursor: Schema.NullOr(Schema.String),
        computedAt: Schema.String.annotate({
          description:
            "When this state of the library was evaluated. It is evaluated again after each change, and once a minute for conditions that depend on the time."
        })
      }),
      error: [InvalidRequest, RulesUnreadable]
    }).annotateMerge(
      about(
        "Preview the ranked candidates, each with its reason",
        "Writes nothing. `planned` marks what a run would remove now."
      )
    ),
    HttpApiEndpoint.get("previewItems", "/preview/items", {
      query: previewFilters,
      success: HttpApiSchema.StreamNdjson({ schema: PreviewedItem }),
      error: RulesUnreadable
    }).annotateMerge(
      about(
        "The whole preview in one response",
        "The items of the preview in the same order, one JSON object per line. All are of one state of the library."
      )
    )
  )
  .middleware(Authorization)
  .annotate(
    OpenApi.Description,
    "Disk groups with their limits and usage over time, and the preview of what could be removed."
  ) {}
