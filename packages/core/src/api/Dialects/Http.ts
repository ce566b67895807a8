import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Dialects } from "../../system/Dialects.ts"
import { Api } from "../Api.ts"
import { toList } from "../Common.ts"

export const DialectsHandlers = HttpApiBuilder.group(
  Api,
  "dialects",
  Effect.fn(function* (handlers) {
    const dialects = yield* Dialects
    return handlers.handleAll({
      list: () => Effect.map(dialects.list, toList),
      key: ({ params }) => dialects.key(params.name),
      renewKey: ({ params }) => dialects.renewKey(params.name)
    })
  })
)
