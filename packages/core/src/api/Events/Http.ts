/**
 * Handlers of the event log. The live stream is answered as bytes that all streams share; `EventFrame` describes them,
 * for the document of the API and for typed clients.
 */
import { Effect, Stream } from "effect"
import { HttpServerResponse } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { CurrentPrincipal } from "../../access/Scope.ts"
import { Validity } from "../../access/Validity.ts"
import { EventLog } from "../../events/EventLog.ts"
import { windowAt } from "../../storage/Pages.ts"
import { Activity } from "../../system/Activity.ts"
import { EventTypes, infoOf } from "../../system/EventCatalogue.ts"
import { Api } from "../Api.ts"
import { toList } from "../Common.ts"
import { failureFrame, withPings } from "./StreamBody.ts"

export const EventsHandlers = HttpApiBuilder.group(
  Api,
  "events",
  Effect.fn(function* (handlers) {
    const events = yield* EventLog
    const activity = yield* Activity
    const types = yield* EventTypes
    const validity = yield* Validity
    return handlers.handleAll({
      stream: Effect.fnUntraced(function* ({ headers, query }) {
        const principal = yield* CurrentPrincipal
        const after = headers["last-event-id"] ?? query.after
        // An invalid id is refused with a problem before the stream begins, rather than by breaking the stream.
        if (after !== undefined) yield* events.checkId(after)
        const frames = events.frames({
          ...(after === undefined ? {} : { after }),
          ...(query.categories === undefined ? {} : { categories: query.categories }),
          ...(query.types === undefined ? {} : { types: query.types })
        })
        return HttpServerResponse.stream(
          Stream.unwrap(Effect.map(Effect.orDie(frames), withPings)).pipe(
            Stream.interruptWhen(validity.end(principal)),
            Stream.catchCause((cause) => Stream.make(failureFrame(cause)))
          ),
          {
            contentType: "text/event-stream",
            headers: { "cache-control": "no-cache, no-transform", "x-accel-buffering": "no" }
          }
        )
      }),
      list: ({ query }) => events.page(query),
      activity: ({ query: { limit, offset, ...query } }) =>
        Effect.flatMap(windowAt({ offset, limit }), (window) => activity.page(query, window)),
      types: () => Effect.succeed(toList(types.map(infoOf))),
      counts: ({ query }) => events.counts(query)
    })
  })
)
