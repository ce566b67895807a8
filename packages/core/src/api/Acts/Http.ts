import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Acts } from "../../acts/Acts.ts"
import { Api } from "../Api.ts"
import { versionTag } from "../../problems/IfMatch.ts"
import { expectedVersion, withEtag } from "../Common.ts"

export const ActsHandlers = HttpApiBuilder.group(
  Api,
  "acts",
  Effect.fn(function* (handlers) {
    const acts = yield* Acts
    const deciding =
      <A extends { readonly version: number }, E>(decide: (id: string, version?: number) => Effect.Effect<A, E>) =>
      ({
        headers,
        params
      }: {
        readonly headers: { readonly "if-match"?: string }
        readonly params: { readonly id: string }
      }) =>
        withEtag(
          Effect.flatMap(expectedVersion(headers), (version) => decide(params.id, version)),
          versionTag
        )
    return handlers.handleAll({
      list: ({ query }) => acts.page(query),
      get: ({ params }) => withEtag(acts.get(params.id), versionTag),
      cancel: deciding(acts.cancel),
      retry: deciding(acts.retry),
      undo: deciding(acts.undo)
    })
  })
)
