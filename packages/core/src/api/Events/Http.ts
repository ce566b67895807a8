import { DateTime, Effect, Stream } from "effect"
import { HttpEffect, HttpServerResponse } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { CurrentPrincipal } from "../../access/Scope.ts"
import { Validity } from "../../access/Validity.ts"
import { EventLog } from "../../events/EventLog.ts"
import { EventTypes, infoOf } from "../../system/EventCatalogue.ts"
import { Api } from "../Api.ts"
import { toList } from "../Common.ts"

/** Shorter than the idle timeout of common proxies. */
const pingEvery = "15 seconds"

export const EventsHandlers = HttpApiBuilder.group(
  Api,
  "events",
  Effect.fn(function* (handlers) {
    const events = yield* EventLog
    const types = yield* EventTypes
    const validity = yield* Validity
    const pings = Stream.tick(pingEvery).pipe(
      Stream.mapEffect(() => DateTime.now),
      Stream.map((now) => ({ event: "ping", data: { at: DateTime.formatIso(now) } }))
    )
    return handlers.handleAll({
      stream: Effect.fnUntraced(function* ({ headers, query }) {
        const principal = yield* CurrentPrincipal
        const after = headers["last-event-id"] ?? query.after
        const stored = events.stream({
          ...(after === undefined ? {} : { after }),
          ...(query.categories === undefined ? {} : { categories: query.categories }),
          ...(query.types === undefined ? {} : { types: query.types })
        })
        // An invalid id is refused with a problem before the stream begins, rather than by breaking the stream.
        if (after !== undefined) yield* events.checkId(after)
        yield* HttpEffect.appendPreResponseHandler((_request, response) =>
          Effect.succeed(
            HttpServerResponse.setHeaders(response, {
              "cache-control": "no-cache, no-transform",
              "x-accel-buffering": "no"
            })
          )
        )
        return stored.pipe(
          Stream.orDie,
          Stream.map((event) => ({ id: event.id, event: event.type, data: event })),
          Stream.merge(pings, { haltStrategy: "left" }),
          Stream.interruptWhen(validity.end(principal))
        )
      }),
      list: ({ query }) => events.page(query),
      types: () => Effect.succeed(toList(types.map(infoOf))),
      counts: ({ query }) => events.counts(query)
    })
  })
)
