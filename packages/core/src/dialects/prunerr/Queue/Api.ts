/** The deletion queue: removals that somebody decided on, and that are still to come. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "effect/http-api"
import { about } from "../../../api/Common.ts"
import { JsonEvent } from "../../frame/EventStream.ts"
import { IdInPath } from "../../frame/Values.ts"
import { offsetQuery } from "../../frame/Paging.ts"
import { enveloped } from "../Bodies.ts"
import { ItemRow } from "../Items.ts"

export class QueueItem extends Schema.Opaque<QueueItem>()(
  Schema.Struct({
    id: Schema.Int.annotate({ description: "Id of the media item, as in the library." }),
    mediaItemId: Schema.Int,
    title: Schema.String,
    type: Schema.String,
    size: Schema.Finite,
    posterUrl: Schema.NullOr(Schema.String),
    queuedAt: Schema.String,
    deleteAt: Schema.NullOr(Schema.String).annotate({
      description: "`null` = its disk is in dry-run, so that nothing is deleted there."
    }),
    daysRemaining: Schema.NullOr(Schema.Int),
    deletionAction: Schema.String,
    deletionActionLabel: Schema.String,
    resetOverseerr: Schema.Boolean,
    requestedBy: Schema.NullOr(Schema.String),
    tmdbId: Schema.NullOr(Schema.Int),
    overseerrResetAt: Schema.NullOr(Schema.String)
  })
) {}

const Queue = Schema.Struct({
  success: Schema.Literal(true),
  data: Schema.Array(QueueItem),
  total: Schema.Int,
  page: Schema.Int,
  totalPages: Schema.Int,
  limit: Schema.Int,
  offset: Schema.Int,
  summary: Schema.Struct({
    totalItems: Schema.Int,
    totalSize: Schema.Finite,
    readyForDeletion: Schema.Int,
    willResetOverseerr: Schema.Int
  })
})

export class Processed extends Schema.Opaque<Processed>()(
  Schema.Struct({
    processed: Schema.Int,
    deleted: Schema.Int,
    failed: Schema.Int,
    freedSpace: Schema.Finite,
    freedSpaceFormatted: Schema.String,
    overseerrResets: Schema.Int,
    dryRun: Schema.Boolean,
    results: Schema.Struct({
      deleted: Schema.Array(
        Schema.Struct({
          id: Schema.Int,
          title: Schema.String,
          fileSize: Schema.Finite,
          deletionAction: Schema.String,
          deletionActionLabel: Schema.String,
          overseerrReset: Schema.Boolean
        })
      ),
      failed: Schema.Array(Schema.Struct({ id: Schema.Int, title: Schema.String, error: Schema.String }))
    })
  })
) {}

export class DeletedNow extends Schema.Opaque<DeletedNow>()(
  Schema.Struct({
    id: Schema.Int,
    title: Schema.String,
    deletionAction: Schema.String,
    deletionActionLabel: Schema.String,
    fileSizeFreed: Schema.Finite,
    fileSizeFreedFormatted: Schema.String,
    overseerrReset: Schema.Boolean
  })
) {}

export class QueueApi extends HttpApiGroup.make("queue").add(
  HttpApiEndpoint.get("list", "/api/queue", { query: offsetQuery, success: Queue }).annotateMerge(
    about("List items in the deletion queue", "The next ones to be deleted first.")
  ),
  HttpApiEndpoint.get("upcoming", "/api/queue/upcoming", { query: offsetQuery, success: Queue }).annotateMerge(
    about("The next items to be deleted")
  ),
  HttpApiEndpoint.delete("remove", "/api/queue/:id", {
    params: { id: IdInPath },
    success: enveloped(ItemRow)
  }).annotateMerge(
    about(
      "Remove an item from the queue",
      "By its id in the library. Members of a collection that was queued leave it together."
    )
  ),
  HttpApiEndpoint.post("process", "/api/queue/process", {
    query: { dryRun: Schema.optionalKey(Schema.Boolean) },
    success: enveloped(Processed)
  }).annotateMerge(
    about(
      "Process pending deletions",
      "Those past their grace period. 409 while deletions are switched off. With `dryRun`, nothing is deleted."
    )
  ),
  HttpApiEndpoint.post("deleteNow", "/api/queue/:id/delete-now", {
    params: { id: IdInPath },
    success: enveloped(DeletedNow)
  }).annotateMerge(
    about(
      "Delete an item of the queue without waiting for its time",
      "With the other members of its collection, if that was queued. 409 while deletions are switched off, on a disk in dry-run, and if it could not be deleted; the item then stays in the queue."
    )
  ),
  HttpApiEndpoint.post("deleteNowStream", "/api/queue/:id/delete-now/stream", {
    params: { id: IdInPath },
    success: HttpApiSchema.StreamSse({ events: JsonEvent })
  }).annotateMerge(
    about(
      "The same with its progress",
      "Stages: `starting`, then `unmonitoring` or `deleting_files`, then `resetting_overseerr` if wanted, and `complete` or `error`. The deletion goes on if the connection ends."
    )
  )
) {}
