import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { invalidField } from "../../problems/Problem.ts"
import { CollectionRemovals } from "../../removals/CollectionRemovals.ts"
import { Removals } from "../../removals/Removals.ts"
import { Api } from "../Api.ts"

export const RemovalsHandlers = HttpApiBuilder.group(
  Api,
  "removals",
  Effect.fn(function* (handlers) {
    const removals = yield* Removals
    const collections = yield* CollectionRemovals
    return handlers.handleAll({
      list: ({ query }) => removals.page(query),
      request: ({ payload: { itemId, ...options } }) => removals.request(itemId, options),
      requestMany: ({ payload: { collectionId, itemIds, ...options } }) => {
        if (itemIds !== undefined && collectionId === undefined) return removals.requestMany(itemIds, options)
        return collectionId !== undefined && itemIds === undefined
          ? collections.request(collectionId, options)
          : Effect.fail(invalidField(["payload", "itemIds"], "give either `itemIds` or `collectionId`"))
      },
      bulk: ({ payload }) => removals.bulk(payload.action, payload.ids),
      get: ({ params }) => removals.get(params.id),
      approve: ({ params }) => removals.approve(params.id),
      reject: ({ params, payload }) => removals.reject(params.id, payload.until),
      unsnooze: ({ params }) => removals.unsnooze(params.id),
      reschedule: ({ params, payload }) => removals.reschedule(params.id, payload.at),
      cancel: ({ params }) => removals.cancel(params.id),
      release: ({ params }) => removals.release(params.id),
      retry: ({ params }) => removals.retry(params.id),
      restore: ({ params, query }) => removals.restore(params.id, query)
    })
  })
)
