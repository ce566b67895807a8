/** Events about downloads, and strikes by download. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "effect/http-api"
import { about } from "../../../api/Common.ts"
import { IdInPath } from "../../frame/Values.ts"

const OptionalText = Schema.NullOr(Schema.String)

/** Fields of what Tendarr does not have are `null`, `false` or empty. */
export class Event extends Schema.Opaque<Event>()(
  Schema.Struct({
    id: Schema.String,
    timestamp: Schema.String,
    eventType: Schema.String,
    message: Schema.String,
    severity: Schema.String,
    trackingId: Schema.Null,
    strikeId: Schema.Null,
    jobRunId: Schema.Null,
    arrInstanceId: Schema.Null,
    downloadClientId: Schema.Null,
    searchStatus: Schema.Null,
    completedAt: Schema.Null,
    cycleId: Schema.Null,
    isDryRun: Schema.Literal(false),
    itemTitle: OptionalText,
    itemHash: Schema.Null,
    strikeCount: Schema.NullOr(Schema.Int),
    failedImportReasons: Schema.Array(Schema.String),
    deleteReason: Schema.Null,
    removeFromClient: Schema.Null,
    cleanReason: Schema.Null,
    grabbedItems: Schema.Array(Schema.String)
  })
) {}

const Strike = Schema.Struct({
  id: Schema.String,
  type: Schema.String,
  createdAt: Schema.String,
  lastDownloadedBytes: Schema.Finite,
  jobRunId: Schema.Null,
  isDryRun: Schema.Literal(false)
})

export class Struck extends Schema.Opaque<Struck>()(
  Schema.Struct({
    downloadItemId: Schema.String,
    downloadId: Schema.String,
    title: Schema.String,
    totalStrikes: Schema.Int,
    strikesByType: Schema.Record(Schema.String, Schema.Int),
    latestStrikeAt: OptionalText,
    firstStrikeAt: OptionalText,
    isMarkedForRemoval: Schema.Boolean,
    isRemoved: Schema.Boolean,
    isReturning: Schema.Boolean,
    hasDryRunStrikes: Schema.Literal(false),
    strikes: Schema.Array(Strike)
  })
) {}

const RecentStrike = Schema.Struct({
  id: Schema.String,
  type: Schema.String,
  createdAt: Schema.String,
  downloadId: Schema.String,
  title: Schema.String,
  isDryRun: Schema.Literal(false)
})

const pageOf = <S extends Schema.Constraint>(item: S) =>
  Schema.Struct({
    items: Schema.Array(item),
    page: Schema.Int,
    pageSize: Schema.Int,
    totalCount: Schema.Int,
    totalPages: Schema.Int
  })

const Name = Schema.optionalKey(Schema.String.check(Schema.isMaxLength(100)))
const paging = { page: Schema.optionalKey(Schema.Int), pageSize: Schema.optionalKey(Schema.Int) }
const search = Schema.optionalKey(Schema.String.check(Schema.isMaxLength(200)))
const Names = Schema.Array(Schema.String)

export class EventsApi extends HttpApiGroup.make("events").add(
  HttpApiEndpoint.get("events", "/api/events", {
    query: { ...paging, severity: Name, eventType: Name, fromDate: Name, toDate: Name, search },
    success: pageOf(Event)
  }).annotateMerge(
    about(
      "Events about downloads",
      "Newest first, 50 per page, at most 500. Pages are numbered from 1; 0 is the first."
    )
  ),
  HttpApiEndpoint.get("eventTypes", "/api/events/types", { success: Names }).annotateMerge(about("Types of events")),
  HttpApiEndpoint.get("severities", "/api/events/severities", { success: Names }).annotateMerge(
    about("Severities of events")
  ),
  HttpApiEndpoint.get("strikes", "/api/strikes", {
    query: { ...paging, search, type: Name },
    success: pageOf(Struck)
  }).annotateMerge(about("Downloads that were struck", "The last one first, with all their strikes that are kept.")),
  HttpApiEndpoint.get("recent", "/api/strikes/recent", {
    query: { count: Schema.optionalKey(Schema.Int) },
    success: Schema.Array(RecentStrike)
  }).annotateMerge(about("The newest strikes", "`count` is from 1 to 50, 5 by default.")),
  HttpApiEndpoint.get("strikeTypes", "/api/strikes/types", { success: Names }).annotateMerge(about("Types of strikes")),
  HttpApiEndpoint.delete("forgive", "/api/strikes/:downloadItemId", {
    params: { downloadItemId: IdInPath },
    success: HttpApiSchema.NoContent
  }).annotateMerge(about("Take the strikes of a download away", "They are kept, and no longer count."))
) {}
