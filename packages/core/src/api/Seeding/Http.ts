import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { SeedingViews } from "../../downloads/seeding/SeedingViews.ts"
import { Api } from "../Api.ts"

export const SeedingHandlers = HttpApiBuilder.group(
  Api,
  "seeding",
  Effect.fn(function* (handlers) {
    const seeding = yield* SeedingViews
    return handlers.handleAll({
      list: ({ query }) => seeding.page(query),
      get: ({ params }) => seeding.get(params.id),
      space: () => Effect.map(seeding.folders, (items) => ({ items: [...items] }))
    })
  })
)
