/** Server-sent events of the products' APIs: each is a JSON object without a name. */
import { Schema, Stream } from "effect"
import { HttpServerResponse } from "effect/http"
import { Sse } from "effect/encoding"

const encoder = new TextEncoder()

/** One event. What it is about is in its data. */
export const JsonEvent = Schema.Struct({
  id: Schema.optionalKey(Schema.String),
  event: Schema.String,
  data: Schema.fromJsonString(Schema.Record(Schema.String, Schema.Unknown))
})

export const eventStream = (events: Stream.Stream<object>): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.stream(
    Stream.map(events, (event) =>
      encoder.encode(Sse.encoder.write({ _tag: "Event", id: undefined, event: "message", data: JSON.stringify(event) }))
    ),
    {
      contentType: "text/event-stream",
      headers: { "cache-control": "no-cache, no-transform", "x-accel-buffering": "no" }
    }
  )
