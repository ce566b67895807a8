/** The activity log. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup } from "effect/http-api"
import { about } from "../../../api/Common.ts"
import { IdInPath } from "../../frame/Values.ts"
import { pageQuery } from "../../frame/Paging.ts"
import { listed, pageOf } from "../Bodies.ts"

export class Entry extends Schema.Opaque<Entry>()(
  Schema.Struct({
    id: Schema.Int,
    eventType: Schema.Literals(["scan", "deletion", "rule_match", "protection", "manual_action", "error"]),
    action: Schema.String,
    actorType: Schema.Literals(["scheduler", "user", "rule"]),
    actorId: Schema.NullOr(Schema.String),
    actorName: Schema.NullOr(Schema.String),
    targetType: Schema.NullOr(Schema.Literals(["media_item", "collection", "scan"])),
    targetId: Schema.NullOr(Schema.Int),
    targetTitle: Schema.NullOr(Schema.String),
    message: Schema.String,
    metadata: Schema.NullOr(Schema.Record(Schema.String, Schema.Unknown)),
    createdAt: Schema.String
  })
) {}

const Names = Schema.optionalKey(Schema.String.check(Schema.isMaxLength(500)))
const Limit = Schema.optionalKey(Schema.Int)

export class ActivityApi extends HttpApiGroup.make("activity").add(
  HttpApiEndpoint.get("list", "/api/activity", {
    query: {
      ...pageQuery,
      eventTypes: Names,
      excludeEventTypes: Names,
      actorTypes: Names,
      search: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(200))),
      dateRange: Schema.optionalKey(Schema.Literals(["24h", "7d", "30d", "all"]))
    },
    success: pageOf(Entry)
  }).annotateMerge(
    about("Activity log", "Newest first, 20 per page; at most 100. `eventTypes` are separated by commas.")
  ),
  HttpApiEndpoint.get("recent", "/api/activity/recent", {
    query: { limit: Limit, excludeEventTypes: Names },
    success: listed(Entry)
  }).annotateMerge(about("The newest entries")),
  HttpApiEndpoint.get("ofItem", "/api/activity/item/:itemId", {
    params: { itemId: IdInPath },
    query: { limit: Limit },
    success: listed(Entry)
  }).annotateMerge(about("Activity for a specific item", "Includes the events of its collections."))
) {}
