/** The items of the library, the explanation of each, and the protections. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { PosterNotFound, PosterUnavailable } from "../../artwork/ArtworkErrors.ts"
import { imageTypes } from "../../artwork/ImageType.ts"
import { PosterOptions } from "../../artwork/Posters.ts"
import { itemKinds } from "../../integrations/Observations.ts"
import { CollectionSync, MissingMember } from "../../library/CollectionRecords.ts"
import { Collection } from "../../library/Collections.ts"
import { EpisodePage } from "../../library/Episodes.ts"
import { itemSorts, ItemSummary, removalFilters } from "../../library/Library.ts"
import {
  CollectionNotFound,
  EpisodesUnavailable,
  ItemNotFound,
  NoEpisodes,
  ProtectionNotFound
} from "../../library/LibraryErrors.ts"
import { NewProtection, Protection } from "../../library/Protections.ts"
import { InvalidRequest } from "../../problems/Problem.ts"
import { ItemExplanation } from "../../removals/Explain.ts"
import { GivenProtection } from "../../removals/StoppingDecisions.ts"
import { RulesUnreadable } from "../../rules/Rules.ts"
import { viewerRelations } from "../../viewers/Relations.ts"
import { Authorization } from "../Authorization.ts"
import { about, Id, idPath, listOf, pageOf, paging, TitleWords } from "../Common.ts"

const Bytes = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

export const ItemListQuery = Schema.Struct({
  search: Schema.optionalKey(TitleWords),
  kind: Schema.optionalKey(Schema.Literals(itemKinds)),
  integrationId: Schema.optionalKey(Id),
  diskGroupId: Schema.optionalKey(Id),
  collection: Schema.optionalKey(Schema.String),
  minSizeBytes: Schema.optionalKey(Bytes),
  maxSizeBytes: Schema.optionalKey(Bytes),
  gone: Schema.optionalKey(
    Schema.Boolean.annotate({ description: "Items that are gone instead of those in the library." })
  ),
  played: Schema.optionalKey(
    Schema.Boolean.annotate({
      description:
        "Items that were played at least once, or that are known never to have been. Those whose plays are unknown match neither."
    })
  ),
  protected: Schema.optionalKey(
    Schema.Boolean.annotate({ description: "Items that are protected: themselves, by a relative, or by a collection." })
  ),
  removal: Schema.optionalKey(
    Schema.Literals(removalFilters).annotate({
      description:
        "`queued`: somebody decided that they are removed, and that is still to come. `proposed`: only proposed, by the engine or a rule. `none`: without an open removal."
    })
  ),
  viewer: Schema.optionalKey(
    Id.annotate({ description: "Id of a viewer who has something to do with the items; see `relation`." })
  ),
  relation: Schema.optionalKey(
    Schema.Literals(viewerRelations).annotate({
      description:
        "What the `viewer` has to do with the items, as last read; `any` by default: played, requested, on the watchlist, or a favourite. Items whose plays are unknown are not `not-played`."
    })
  ),
  sort: Schema.optionalKey(Schema.Literals(itemSorts)),
  order: Schema.optionalKey(Schema.Literals(["asc", "desc"])),
  ...paging
})

export class LibraryApi extends HttpApiGroup.make("library")
  .add(
    HttpApiEndpoint.get("items", "/items", {
      query: ItemListQuery.fields,
      success: pageOf(ItemSummary),
      error: InvalidRequest
    }).annotateMerge(about("Page through the library")),
    HttpApiEndpoint.get("item", "/items/:id", {
      params: idPath,
      success: ItemSummary,
      error: ItemNotFound
    }).annotateMerge(about("One item", "Includes items that are gone.")),
    HttpApiEndpoint.get("episodes", "/items/:id/episodes", {
      params: idPath,
      query: {
        season: Schema.optionalKey(
          Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1_000_000 })).annotate({
            description: "Only this season; 0 = specials."
          })
        ),
        ...paging
      },
      success: EpisodePage,
      error: [InvalidRequest, ItemNotFound, NoEpisodes, EpisodesUnavailable]
    }).annotateMerge(
      about(
        "Page through the episodes of a show or a season",
        "By season and number, each with its file. The managing application is asked first if the show has changed since its episodes were read."
      )
    ),
    HttpApiEndpoint.get("explanation", "/items/:id/explanation", {
      params: idPath,
      success: ItemExplanation,
      error: [ItemNotFound, RulesUnreadable]
    }).annotateMerge(
      about(
        "Explain an item",
        "Facts with their sources, factors with their contributions, rules with their truth values, the protection, and the removals."
      )
    ),
    HttpApiEndpoint.get("poster", "/items/:id/poster", {
      params: idPath,
      query: PosterOptions.fields,
      success: HttpApiSchema.StreamUint8Array({ contentType: imageTypes }),
      error: [ItemNotFound, PosterNotFound, PosterUnavailable]
    }).annotateMerge(
      about(
        "The poster of an item",
        "From the application that manages it, or else from a media server; a part without its own poster has that of its whole. The header `tendarr-poster` is `thumbnail` if the poster was made smaller, and `original` if it is unchanged, because it is not wider than requested or because no image library is installed. If `If-None-Match` matches, the response is 304."
      )
    ),
    HttpApiEndpoint.get("collections", "/collections", {
      success: listOf(Collection)
    }).annotateMerge(about("List collections of the library", "With their size, and whether they are protected.")),
    HttpApiEndpoint.get("collection", "/collections/:id", {
      params: idPath,
      success: Collection,
      error: CollectionNotFound
    }).annotateMerge(about("One collection", "`GET /items` lists its members with the parameter `collection`.")),
    HttpApiEndpoint.get("missing", "/collections/:id/missing", {
      params: idPath,
      success: listOf(MissingMember),
      error: CollectionNotFound
    }).annotateMerge(
      about(
        "The missing movies of a collection",
        "Movies of it that no application of the library has, by year. Only Radarr knows all movies of a collection."
      )
    ),
    HttpApiEndpoint.get("collectionPoster", "/collections/:id/poster", {
      params: idPath,
      query: PosterOptions.fields,
      success: HttpApiSchema.StreamUint8Array({ contentType: imageTypes }),
      error: [CollectionNotFound, PosterNotFound, PosterUnavailable]
    }).annotateMerge(
      about("The image of a collection", "As the poster of an item, from an application that has the collection.")
    ),
    HttpApiEndpoint.post("syncCollections", "/collections/sync", { success: CollectionSync }).annotateMerge(
      about(
        "Read the collections of all applications",
        "Their descriptions and missing movies. This also happens after every sync of the library; which items are in a collection is read by that sync."
      )
    ),
    HttpApiEndpoint.get("protections", "/protections", { success: listOf(Protection) }).annotateMerge(
      about("List protections")
    ),
    HttpApiEndpoint.post("protect", "/protections", {
      payload: NewProtection,
      success: GivenProtection.pipe(HttpApiSchema.status(201)),
      error: [InvalidRequest, ItemNotFound, CollectionNotFound]
    }).annotateMerge(
      about(
        "Protect an item or a collection",
        "Applies to all jobs immediately, including removals that are already approved, until the deletion has been sent to the application."
      )
    ),
    HttpApiEndpoint.delete("unprotect", "/protections/:id", {
      params: idPath,
      success: HttpApiSchema.NoContent,
      error: ProtectionNotFound
    }).annotateMerge(about("Remove a protection"))
  )
  .middleware(Authorization)
  .annotate(OpenApi.Description, "The items of the library, the explanation of each, collections, and protections.") {}
