import { Clock, Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Collections } from "../../../library/Collections.ts"
import { Library } from "../../../library/Library.ts"
import { dayMillis, isoOfMillis } from "../../../problems/Instants.ts"
import { Activity, type ActivityEntry, type ActivityQuery } from "../../../system/Activity.ts"
import { numberedPage, type PageRequest } from "../../frame/Paging.ts"
import { namesIn, numberOf, refusing } from "../../frame/Values.ts"
import { okList, okPage } from "../Bodies.ts"
import { PrunerrApi } from "../PrunerrApi.ts"
import { actionOf, actorsOf, actorTypeOf, eventTypeOf, selectionOf } from "./EventTypes.ts"

const bounds = { first: 1, usual: 20, most: 100 } as const

const rangeDays = { "24h": 1, "7d": 7, "30d": 30 } as const

export const ActivityHandlers = HttpApiBuilder.group(
  PrunerrApi,
  "activity",
  Effect.fn(function* (handlers) {
    const activity = yield* Activity
    const library = yield* Library
    const collections = yield* Collections

    const read = Effect.fnUntraced(function* (query: ActivityQuery, page: PageRequest, most: number = bounds.most) {
      const ids = yield* collections.ids
      return yield* numberedPage(page, { ...bounds, most }, (window) => activity.page(query, window), toEntry(ids))
    })

    return handlers.handleAll({
      list: ({ query: { actorTypes, dateRange, eventTypes, excludeEventTypes, limit, page, search } }) =>
        refusing(
          Effect.gen(function* () {
            const now = yield* Clock.currentTimeMillis
            const selection = selectionOf(namesIn(eventTypes), namesIn(excludeEventTypes))
            const actors = actorsOf(namesIn(actorTypes))
            const found = yield* read(
              {
                ...selection,
                ...actors,
                ...(search === undefined ? {} : { search }),
                ...(dateRange === undefined || dateRange === "all"
                  ? {}
                  : { since: isoOfMillis(now - rangeDays[dateRange] * dayMillis) })
              },
              { page, limit }
            )
            return okPage(found)
          })
        ),
      recent: ({ query: { excludeEventTypes, limit } }) =>
        refusing(Effect.map(read({ ...selectionOf([], namesIn(excludeEventTypes)) }, { limit }), okList)),
      ofItem: ({ params, query }) =>
        refusing(
          Effect.gen(function* () {
            yield* library.get(params.itemId)
            const limit = query.limit ?? 50
            return okList(yield* read({ itemId: params.itemId }, { limit }, 200))
          })
        )
    })
  })
)

const toEntry = (collectionIds: ReadonlyMap<string, string>) => (entry: ActivityEntry) => {
  const { actor, at, collection, id, itemId, message, payload, subject, title, type } = entry
  const target =
    collection !== null && itemId === null
      ? { targetType: "collection" as const, targetId: collectionIds.get(collection) ?? null }
      : itemId !== null
        ? { targetType: "media_item" as const, targetId: itemId }
        : subject?.type === "job-run"
          ? { targetType: "scan" as const, targetId: subject.id }
          : { targetType: null, targetId: null }
  return {
    id: numberOf(id),
    eventType: eventTypeOf(type),
    action: actionOf(entry),
    actorType: actorTypeOf(actor),
    actorId: null,
    actorName: actor,
    targetType: target.targetType,
    targetId: target.targetId === null ? null : numberOf(target.targetId),
    targetTitle: title,
    message,
    metadata: Object.keys(payload).length === 0 ? null : payload,
    createdAt: at
  }
}
