/** Collections. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "effect/http-api"
import { about } from "../../../api/Common.ts"
import { IdInPath } from "../../frame/Values.ts"
import { enveloped, listed, marking, Told } from "../Bodies.ts"
import { DeletionAction } from "../../../moving/products/Prunerr/Terms.ts"

const params = { id: IdInPath }

export class CollectionBody extends Schema.Opaque<CollectionBody>()(
  Schema.Struct({
    id: Schema.Int,
    tmdbId: Schema.NullOr(Schema.Int),
    title: Schema.String,
    overview: Schema.NullOr(Schema.String),
    posterUrl: Schema.NullOr(Schema.String),
    itemCount: Schema.Int,
    totalSize: Schema.Finite,
    isProtected: Schema.Boolean,
    protectionReason: Schema.NullOr(Schema.String),
    protectedAt: Schema.NullOr(Schema.String),
    lastSyncedAt: Schema.NullOr(Schema.String),
    createdAt: Schema.String,
    updatedAt: Schema.String
  })
) {}

export class Member extends Schema.Opaque<Member>()(
  Schema.Struct({
    id: Schema.Int,
    title: Schema.String,
    type: Schema.String,
    year: Schema.NullOr(Schema.Int),
    size: Schema.Finite,
    posterUrl: Schema.NullOr(Schema.String),
    status: Schema.String,
    isProtected: Schema.Boolean,
    radarrId: Schema.NullOr(Schema.Finite),
    tmdbId: Schema.NullOr(Schema.Finite),
    imdbId: Schema.NullOr(Schema.String)
  })
) {}

export class Queued extends Schema.Opaque<Queued>()(
  Schema.Struct({
    queued: Schema.Int,
    skipped: Schema.Int,
    skippedReasons: Schema.Record(Schema.String, Schema.Int),
    skippedItems: Schema.Array(Schema.Struct({ id: Schema.Int, title: Schema.String, reason: Schema.String })),
    totalSize: Schema.Finite
  })
) {}

export class CollectionsApi extends HttpApiGroup.make("collections").add(
  HttpApiEndpoint.get("list", "/api/collections", { success: listed(CollectionBody) }).annotateMerge(
    about("List all collections", "By title.")
  ),
  HttpApiEndpoint.post("sync", "/api/collections/sync", {
    success: Told.pipe(HttpApiSchema.status(202))
  }).annotateMerge(about("Sync collections", "They are read together with the library: a library scan starts.")),
  HttpApiEndpoint.get("one", "/api/collections/:id", { params, success: enveloped(CollectionBody) }).annotateMerge(
    about("Get collection details")
  ),
  HttpApiEndpoint.get("items", "/api/collections/:id/items", { params, success: listed(Member) }).annotateMerge(
    about("List items in a collection")
  ),
  HttpApiEndpoint.patch("protection", "/api/collections/:id/protection", {
    params,
    payload: Schema.Struct({
      isProtected: Schema.Boolean,
      reason: Schema.optionalKey(Schema.NullOr(Schema.String.check(Schema.isMaxLength(500))))
    }),
    success: enveloped(CollectionBody)
  }).annotateMerge(about("Toggle protection", "Binds all members immediately; removals that wait for them end.")),
  HttpApiEndpoint.post("queue", "/api/collections/:id/queue", {
    params,
    payload: Schema.Struct({ ...marking, deletionAction: DeletionAction }),
    success: enveloped(Queued)
  }).annotateMerge(
    about(
      "Queue collection for deletion",
      "Members that are protected, kept or already queued are skipped. If none is skipped, the members are deleted together or not at all. 409 if the collection is protected."
    )
  )
) {}
