/** The event log: live with resume, and in pages. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { EventCategory, EventSeverity, StoredEvent } from "../../events/Event.ts"
import { EventCounts, EventGroup, EventSpan } from "../../events/EventCounts.ts"
import { ActivityEntry } from "../../system/Activity.ts"
import { EventTypeInfo } from "../../system/EventCatalogue.ts"
import { IsoTime } from "../../problems/Instants.ts"
import { InvalidRequest } from "../../problems/Problem.ts"
import { Authorization } from "../Authorization.ts"
import { about, Id, Limit, listOf, pageOf, paging } from "../Common.ts"

/** One frame. A `ping` without id keeps connections alive and is not an event of the log. */
export const EventFrame = Schema.Struct({
  id: Schema.optionalKey(Schema.String),
  event: Schema.String,
  data: Schema.fromJsonString(
    Schema.Union([StoredEvent, Schema.Struct({ at: Schema.String }).annotate({ identifier: "Ping" })])
  )
})

export class EventsApi extends HttpApiGroup.make("events")
  .add(
    HttpApiEndpoint.get("stream", "/events", {
      headers: { "last-event-id": Schema.optionalKey(Schema.String.check(Schema.isMaxLength(40))) },
      query: {
        after: Schema.optionalKey(
          Id.annotate({ description: "Same as `Last-Event-ID`, for clients that cannot set headers." })
        ),
        categories: Schema.optionalKey(Schema.Array(EventCategory)),
        types: Schema.optionalKey(
          Schema.Array(Id).annotate({ description: "Only events of these types, for example `removal.removed`." })
        )
      },
      success: HttpApiSchema.StreamSse({ events: EventFrame }),
      error: InvalidRequest
    }).annotateMerge(
      about(
        "Live events",
        "Server-sent events. `Last-Event-ID` resumes from the log without a gap, even across a restart of the server."
      )
    ),
    HttpApiEndpoint.get("list", "/event-log", {
      query: {
        category: Schema.optionalKey(EventCategory),
        type: Schema.optionalKey(Id),
        subjectType: Schema.optionalKey(Id),
        subjectId: Schema.optionalKey(Id.annotate({ description: "Requires `subjectType`." })),
        search: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(200))),
        since: Schema.optionalKey(IsoTime),
        until: Schema.optionalKey(IsoTime),
        ...paging
      },
      success: pageOf(StoredEvent),
      error: InvalidRequest
    }).annotateMerge(
      about(
        "Past events",
        "Newest first. Category `audit` covers removals and their reasons. A page of a search may be short or empty and still have a `nextCursor`: each request searches a limited part of the log, and the next page continues from there."
      )
    ),
    HttpApiEndpoint.get("activity", "/activity", {
      query: {
        types: Schema.optionalKey(
          Schema.Array(Id).annotate({
            description: "Types of events, or beginnings that end with a full stop: `removal.` covers all of removals."
          })
        ),
        actors: Schema.optionalKey(
          Schema.Array(Id).annotate({ description: "Actors, or beginnings that end with a colon: `account:`." })
        ),
        itemId: Schema.optionalKey(
          Id.annotate({ description: "What happened to this item, and to the collections that it is in." })
        ),
        viewer: Schema.optionalKey(
          Id.annotate({
            description:
              "What happened to this viewer, and to items in the library that they have played, requested or put on a list."
          })
        ),
        search: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(200))),
        since: Schema.optionalKey(IsoTime),
        until: Schema.optionalKey(IsoTime),
        offset: Schema.optionalKey(Schema.Int),
        limit: Schema.optionalKey(Limit)
      },
      success: Schema.Struct({
        items: Schema.Array(ActivityEntry),
        total: Schema.Int,
        offset: Schema.Int,
        limit: Schema.Int
      }),
      error: InvalidRequest
    }).annotateMerge(
      about(
        "What happened, by page and with a total",
        "Newest first, over the newest 100,000 events; of an item, over all that are kept. `GET /event-log` reads the whole log."
      )
    ),
    HttpApiEndpoint.get("types", "/event-log/types", { success: listOf(EventTypeInfo) }).annotateMerge(
      about(
        "Types of events",
        "All types of events, with when each is logged and the JSON Schema of its payload. The log may also contain other types: those of an earlier version, or of a program that embeds Tendarr."
      )
    ),
    HttpApiEndpoint.get("counts", "/event-log/counts", {
      query: {
        span: Schema.optionalKey(EventSpan.annotate({ description: "Length of the intervals. Default: `hour`." })),
        since: Schema.optionalKey(
          IsoTime.annotate({ description: "A time within the first interval. Default: 24 hours or 30 days ago." })
        ),
        until: Schema.optionalKey(IsoTime.annotate({ description: "A time within the last interval. Default: now." })),
        group: Schema.optionalKey(EventGroup.annotate({ description: "Counts each type or severity separately." })),
        type: Schema.optionalKey(Id),
        severity: Schema.optionalKey(EventSeverity)
      },
      success: EventCounts,
      error: InvalidRequest
    }).annotateMerge(
      about(
        "Event counts",
        "Number of events per hour (kept for 100 days) or per day (kept permanently), including events that retention has since deleted. At most 31 days of hours or 10 years of days per request. Intervals without events are omitted."
      )
    )
  )
  .middleware(Authorization)
  .annotate(OpenApi.Description, "Everything that happened, as a live stream and in pages.") {}
