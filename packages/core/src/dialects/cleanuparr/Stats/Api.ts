/** The documented figures, those of the second version, and figures over time. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup } from "effect/http-api"
import { about } from "../../../api/Common.ts"
import { Health } from "../Applications.ts"

const Counts = Schema.Record(Schema.String, Schema.Int)
const Time = Schema.NullOr(Schema.String)
const Wanted = Schema.optionalKey(Schema.Int)

const RecentEvent = Schema.Struct({
  id: Schema.String,
  timestamp: Schema.String,
  eventType: Schema.String,
  message: Schema.String,
  severity: Schema.String,
  data: Schema.NullOr(Schema.String).annotate({ description: "A JSON document, as a text." })
})

const RecentStrike = Schema.Struct({
  id: Schema.String,
  type: Schema.String,
  createdAt: Schema.String,
  downloadId: Schema.String,
  title: Schema.String
})

const Job = Schema.Struct({
  totalRuns: Schema.Int,
  completed: Schema.Int,
  failed: Schema.Int,
  lastRunAt: Time,
  nextRunAt: Time
})

export class Stats extends Schema.Opaque<Stats>()(
  Schema.Struct({
    events: Schema.Struct({
      totalCount: Schema.Int,
      byType: Counts,
      bySeverity: Counts,
      timeframeHours: Schema.Int,
      recentItems: Schema.optionalKey(Schema.Array(RecentEvent))
    }),
    strikes: Schema.Struct({
      totalCount: Schema.Int,
      byType: Counts,
      itemsRemoved: Schema.Int,
      timeframeHours: Schema.Int,
      recentItems: Schema.optionalKey(Schema.Array(RecentStrike))
    }),
    jobs: Schema.Struct({ byType: Schema.Record(Schema.String, Job), timeframeHours: Schema.Int }),
    health: Health,
    generatedAt: Schema.String
  })
) {}

const { totalRuns: total, ...jobFields } = Job.fields
const JobOfTwo = Schema.Struct({ total, ...jobFields })

export class StatsOfTwo extends Schema.Opaque<StatsOfTwo>()(
  Schema.Struct({
    events: Schema.Struct({ total: Schema.Int, byType: Counts, bySeverity: Counts }),
    strikes: Schema.Struct({ total: Schema.Int, byType: Counts, recovered: Schema.Int }),
    removals: Schema.Struct({ total: Schema.Int, byReason: Counts }),
    cleaned: Schema.Struct({ total: Schema.Int, byReason: Counts }),
    searches: Schema.Struct({
      total: Schema.Int,
      completed: Schema.Int,
      failed: Schema.Int,
      grabbed: Schema.Int,
      byReason: Counts
    }),
    jobs: Schema.Struct({
      total: Schema.Int,
      completed: Schema.Int,
      failed: Schema.Int,
      byType: Schema.Record(Schema.String, JobOfTwo)
    }),
    health: Health,
    timeframeHours: Schema.Int,
    generatedAt: Schema.String
  })
) {}

const AnyCase = Schema.String.check(Schema.isPattern(/^(true|false)$/i, { message: "must be true or false" }))

const includeDryRun = Schema.optionalKey(AnyCase).annotate({
  description: "Without effect: a dry run of Tendarr gives no strikes and removes nothing."
})

export class StatsApi extends HttpApiGroup.make("stats").add(
  HttpApiEndpoint.get("stats", "/api/stats", {
    query: { hours: Wanted, includeEvents: Wanted, includeStrikes: Wanted },
    success: Stats
  }).annotateMerge(
    about(
      "Figures of the last hours",
      "`hours` is from 1 to 720, 24 by default; `includeEvents` and `includeStrikes` are from 0 to 100. Values beyond these bounds are taken for the nearest bound, and `timeframeHours` says which span was counted."
    )
  ),
  HttpApiEndpoint.get("statsOfTwo", "/api/v2/stats", {
    query: { hours: Wanted, includeDryRun },
    success: StatsOfTwo
  }).annotateMerge(about("Figures of the last hours, second version", "`hours` is from 1 to 8760, 168 by default.")),
  HttpApiEndpoint.get("timeline", "/api/v2/stats/timeline", {
    query: {
      metric: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(50))),
      hours: Wanted,
      bucket: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(50))),
      timeZone: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(60))).annotate({
        description: "IANA time zone of the intervals; UTC by default, as in Cleanuparr."
      }),
      includeDryRun
    },
    success: Schema.Array(Schema.Struct({ date: Schema.String, count: Schema.Int }))
  }).annotateMerge(
    about(
      "A figure over time",
      "`metric` is `events`, `strikesIssued`, `recovered`, `removed` or `malwareBlocked`; `bucket` is `hour`, `day`, `week` or `month`."
    )
  )
) {}
