import { Effect } from "effect"
import { HttpServerRequest } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { MovingIn } from "../../moving/MovingIn.ts"
import { Api } from "../Api.ts"
import { declaredLength, toList } from "../Common.ts"

export const MovingInHandlers = HttpApiBuilder.group(
  Api,
  "moving",
  Effect.fn(function* (handlers) {
    const moving = yield* MovingIn
    return handlers.handleAll({
      products: () => Effect.succeed(toList(moving.products)),
      list: () => Effect.map(moving.list, toList),
      preview: ({ payload, query: { product, ...options } }) =>
        Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ headers }) =>
          moving.preview(product, { bytes: payload, declaredBytes: declaredLength(headers["content-length"]) }, options)
        ),
      get: ({ params }) => moving.get(params.id),
      entries: ({ params, query }) => moving.entries(params.id, query),
      apply: ({ params }) => moving.apply(params.id),
      remove: ({ params }) => moving.remove(params.id)
    })
  })
)
