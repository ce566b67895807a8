/** The library, and marking, protecting and syncing it. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "effect/http-api"
import { about } from "../../../api/Common.ts"
import { JsonEvent } from "../../frame/EventStream.ts"
import { IdInPath, optionalBody } from "../../frame/Values.ts"
import { BulkMarking, BulkProtecting, BulkResult, enveloped, OptionalMarking, Reason, Told } from "../Bodies.ts"
import { ItemRow, ListItem } from "../Items.ts"
import { MediaType, SortBy, SortOrder, Status } from "../Lenses.ts"

const params = { id: IdInPath }
const Bytes = Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)))

const Page = enveloped(
  Schema.Struct({
    items: Schema.Array(ListItem),
    total: Schema.Int,
    page: Schema.Int,
    totalPages: Schema.Int,
    limit: Schema.Int,
    summary: Schema.Struct({
      totalSize: Schema.Finite,
      movieCount: Schema.Int,
      showCount: Schema.Int,
      episodeCount: Schema.Int
    }).annotate({ description: "Of this page." })
  })
)

const Counts = Schema.Record(Schema.String, Schema.Int)

export class LibraryApi extends HttpApiGroup.make("library").add(
  HttpApiEndpoint.get("list", "/api/library", {
    query: {
      page: Schema.optionalKey(Schema.Int),
      limit: Schema.optionalKey(Schema.Int),
      offset: Schema.optionalKey(Schema.Int),
      type: Schema.optionalKey(MediaType),
      status: Schema.optionalKey(Status),
      search: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(200))),
      sortBy: Schema.optionalKey(SortBy),
      sortOrder: Schema.optionalKey(SortOrder),
      minSize: Bytes,
      maxSize: Bytes,
      unwatchedDays: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3650 }))),
      protected: Schema.optionalKey(Schema.Boolean)
    },
    success: Page
  }).annotateMerge(about("List library items", "Movies and shows, 50 per page; at most 500.")),
  HttpApiEndpoint.get("summary", "/api/library/summary", {
    success: enveloped(
      Schema.Struct({
        total: Schema.Int,
        byType: Counts,
        byStatus: Counts,
        totalSize: Schema.Finite,
        totalSizeFormatted: Schema.String
      })
    )
  }).annotateMerge(about("Numbers of items")),
  HttpApiEndpoint.post("sync", "/api/library/sync", {
    success: Told.pipe(HttpApiSchema.status(202))
  }).annotateMerge(about("Trigger a library scan", "409 while one is in progress.")),
  HttpApiEndpoint.get("syncStatus", "/api/library/sync/status", {
    success: enveloped(Schema.Struct({ inProgress: Schema.Boolean }))
  }).annotateMerge(about("Whether a library scan is in progress")),
  HttpApiEndpoint.get("syncProgress", "/api/library/sync/stream", {
    success: HttpApiSchema.StreamSse({ events: JsonEvent })
  }).annotateMerge(about("Progress of the library scan", "204 while none is in progress.")),
  HttpApiEndpoint.post("syncStream", "/api/library/sync/stream", {
    success: HttpApiSchema.StreamSse({ events: JsonEvent })
  }).annotateMerge(
    about(
      "Trigger a library scan and follow its progress",
      "409 while one is in progress. It goes on if the connection ends."
    )
  ),
  HttpApiEndpoint.get("libraries", "/api/library/plex-libraries", {
    success: enveloped(
      Schema.Array(
        Schema.Struct({
          key: Schema.String,
          title: Schema.String,
          type: Schema.Literals(["movie", "show"]),
          excluded: Schema.Boolean
        })
      )
    )
  }).annotateMerge(about("Libraries of the media servers", "Their titles are the keys that rules use.")),
  HttpApiEndpoint.post("markSeveral", "/api/library/bulk/mark-deletion", {
    payload: BulkMarking,
    success: enveloped(BulkResult)
  }).annotateMerge(about("Queue multiple items for deletion")),
  HttpApiEndpoint.post("protectSeveral", "/api/library/bulk/protect", {
    payload: BulkProtecting,
    success: enveloped(BulkResult)
  }).annotateMerge(about("Protect multiple items")),
  HttpApiEndpoint.get("one", "/api/library/:id", { params, success: enveloped(ItemRow) }).annotateMerge(
    about("Get a single item's full details")
  ),
  HttpApiEndpoint.post("mark", "/api/library/:id/mark-deletion", {
    params,
    payload: OptionalMarking,
    success: enveloped(ItemRow)
  }).annotateMerge(
    about(
      "Queue an item for deletion",
      "409 if it is protected, kept by a rule, or already queued. On a disk in dry-run it waits in the queue and is not deleted."
    )
  ),
  HttpApiEndpoint.post("protect", "/api/library/:id/protect", {
    params,
    payload: optionalBody(Reason),
    success: enveloped(ItemRow)
  }).annotateMerge(about("Protect an item", "A removal that waits for it ends.")),
  HttpApiEndpoint.delete("unprotect", "/api/library/:id/protect", {
    params,
    success: enveloped(ItemRow)
  }).annotateMerge(about("Remove protection"))
) {}
