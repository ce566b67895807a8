import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Viewers } from "../../viewers/Viewers.ts"
import { Api } from "../Api.ts"
import { versionTag } from "../../problems/IfMatch.ts"
import { expectedVersion, withEtag } from "../Common.ts"

export const ViewersHandlers = HttpApiBuilder.group(
  Api,
  "viewers",
  Effect.fn(function* (handlers) {
    const viewers = yield* Viewers
    return handlers.handleAll({
      list: ({ query }) => viewers.list(query),
      get: ({ params }) => withEtag(viewers.get(params.id), versionTag),
      plays: ({ params, query }) => viewers.plays(params.id, query),
      requests: ({ params, query }) => viewers.requestsOf(params.id, query),
      watchlist: ({ params, query }) => viewers.listings(params.id, query),
      join: ({ headers, params, payload }) =>
        withEtag(
          Effect.flatMap(expectedVersion(headers), (version) => viewers.join(params.id, payload.viewerIds, version)),
          versionTag
        ),
      split: ({ headers, params, payload }) =>
        withEtag(
          Effect.flatMap(expectedVersion(headers), (version) => viewers.split(params.id, payload.identityIds, version)),
          ({ viewer }) => versionTag(viewer)
        )
    })
  })
)

export const RequestsHandlers = HttpApiBuilder.group(
  Api,
  "requests",
  Effect.fn(function* (handlers) {
    const viewers = yield* Viewers
    return handlers.handleAll({ list: ({ query }) => viewers.requests(query) })
  })
)
