import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Orphans } from "../../downloads/files/Orphans.ts"
import { Api } from "../Api.ts"

export const OrphansHandlers = HttpApiBuilder.group(
  Api,
  "orphans",
  Effect.fn(function* (handlers) {
    const orphans = yield* Orphans
    return handlers.handleAll({
      list: ({ query }) => orphans.page(query),
      get: ({ params }) => orphans.get(params.id),
      restore: ({ params }) => orphans.restore(params.id),
      keep: ({ params }) => orphans.keep(params.id)
    })
  })
)
