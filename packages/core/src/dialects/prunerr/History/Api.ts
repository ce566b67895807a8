/** What was deleted. Undocumented; the product's own page shows it. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "effect/http-api"
import { about } from "../../../api/Common.ts"
import { pageQuery } from "../../frame/Paging.ts"
import { enveloped } from "../Bodies.ts"

export class Deleted extends Schema.Opaque<Deleted>()(
  Schema.Struct({
    id: Schema.Int,
    mediaId: Schema.Int,
    title: Schema.String,
    type: Schema.String,
    size: Schema.Finite,
    deletedAt: Schema.NullOr(Schema.String),
    deletionReason: Schema.Literals(["rule", "manual"]),
    ruleId: Schema.NullOr(Schema.Int)
  })
) {}

const filters = {
  search: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(200))),
  dateRange: Schema.optionalKey(Schema.Literals(["7d", "30d", "90d", "all"]))
}

export class HistoryApi extends HttpApiGroup.make("history").add(
  HttpApiEndpoint.get("list", "/api/history", {
    query: { ...pageQuery, ...filters },
    success: enveloped(
      Schema.Struct({
        items: Schema.Array(Deleted),
        total: Schema.Int,
        page: Schema.Int,
        totalPages: Schema.Int,
        limit: Schema.Int,
        stats: Schema.Struct({ totalDeleted: Schema.Int, totalSpaceReclaimed: Schema.Finite })
      })
    )
  }).annotateMerge(about("What was deleted", "Newest first, 20 per page; at most 100.")),
  HttpApiEndpoint.get("export", "/api/history/export", {
    query: filters,
    success: Schema.String.pipe(HttpApiSchema.asText({ contentType: "text/csv; charset=utf-8" }))
  }).annotateMerge(about("What was deleted, as CSV", "The newest 10,000 entries."))
) {}
