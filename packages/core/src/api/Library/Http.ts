import { Effect } from "effect"
import { HttpServerRequest, HttpServerResponse } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { type Poster, Posters } from "../../artwork/Posters.ts"
import { CollectionRecords } from "../../library/CollectionRecords.ts"
import { Collections } from "../../library/Collections.ts"
import { Episodes } from "../../library/Episodes.ts"
import { Library } from "../../library/Library.ts"
import { Protections } from "../../library/Protections.ts"
import { Explain } from "../../removals/Explain.ts"
import { StoppingDecisions } from "../../removals/StoppingDecisions.ts"
import { Api } from "../Api.ts"
import { toList } from "../Common.ts"
import { ExternalBase } from "../Mount.ts"

export const LibraryHandlers = HttpApiBuilder.group(
  Api,
  "library",
  Effect.fn(function* (handlers) {
    const library = yield* Library
    const episodes = yield* Episodes
    const posters = yield* Posters
    const protections = yield* Protections
    const collections = yield* Collections
    const records = yield* CollectionRecords
    const explain = yield* Explain
    const decisions = yield* StoppingDecisions
    return handlers.handleAll({
      items: ({ query }) =>
        Effect.zipWith(library.page(query), ExternalBase, (page, base) => ({
          ...page,
          items: page.items.map(showing(base))
        })),
      item: ({ params }) => Effect.zipWith(library.get(params.id), ExternalBase, (item, base) => showing(base)(item)),
      episodes: ({ params, query }) => episodes.page(params.id, query),
      poster: ({ params, query }) =>
        Effect.zipWith(
          HttpServerRequest.HttpServerRequest,
          posters.poster(params.id, query.width ?? null),
          ({ headers }, poster) => asImage(poster, headers["if-none-match"])
        ),
      explanation: ({ params }) =>
        Effect.zipWith(explain.item(params.id), ExternalBase, (explained, base) => ({
          ...explained,
          item: showing(base)(explained.item)
        })),
      collections: () => Effect.zipWith(collections.list, ExternalBase, (all, base) => toList(all.map(showing(base)))),
      collection: ({ params }) =>
        Effect.zipWith(collections.get(params.id), ExternalBase, (one, base) => showing(base)(one)),
      missing: ({ params }) => Effect.map(collections.missing(params.id), toList),
      collectionPoster: ({ params, query }) =>
        Effect.zipWith(
          HttpServerRequest.HttpServerRequest,
          posters.collectionPoster(params.id, query.width ?? null),
          ({ headers }, poster) => asImage(poster, headers["if-none-match"])
        ),
      syncCollections: () => records.sync(),
      protections: () => Effect.map(protections.list, toList),
      protect: ({ payload }) => decisions.protect(payload),
      unprotect: ({ params }) => protections.remove(params.id)
    })
  })
)

/** With the path of its poster as a browser must request it. */
const showing =
  (base: string) =>
  <A extends { readonly posterUrl: string | null }>(item: A): A =>
    item.posterUrl === null || base === "" ? item : { ...item, posterUrl: `${base}${item.posterUrl}` }

/** Only a browser of the person who may see it keeps it. */
const asImage = (poster: Poster, ifNoneMatch: string | undefined) => {
  const { ageSeconds, bytes, etag, freshSeconds, mediaType, resized } = poster
  const headers = {
    etag,
    age: String(ageSeconds),
    "cache-control": `private, max-age=${ageSeconds + freshSeconds}`,
    "tendarr-poster": resized ? "thumbnail" : "original"
  }
  return matches(ifNoneMatch, etag)
    ? HttpServerResponse.empty({ status: 304, headers })
    : HttpServerResponse.uint8Array(bytes, { contentType: mediaType, headers })
}

const matches = (ifNoneMatch: string | undefined, etag: string): boolean =>
  ifNoneMatch !== undefined &&
  ifNoneMatch.split(",").some((one) => one.trim() === "*" || one.trim().replace(/^W\//, "") === etag)
