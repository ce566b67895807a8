/** The figures about downloads, as they are asked for and answered. */
import { Schema } from "effect"
import { countDays } from "../events/TimedCounts.ts"

/** Hours that figures reach back at most. */
export const mostHours = (countDays - 1) * 24

const Counts = Schema.Record(Schema.String, Schema.Int)

export const DownloadFigures = Schema.Struct({
  hours: Schema.Int,
  since: Schema.String.annotate({
    description: "Start of the quarter of an hour in which the span begins: all of it is counted."
  }),
  until: Schema.String,
  events: Schema.Struct({ total: Schema.Int, byType: Counts }).annotate({
    description: "Events about downloads and download clients, by their type."
  }),
  strikes: Schema.Struct({ total: Schema.Int, byFault: Counts, ended: Counts }).annotate({
    description: "Strikes given, by the fault; and strikes taken away, by progress of the download or by a person."
  }),
  removals: Schema.Struct({ total: Schema.Int, byFault: Counts }).annotate({
    description: "Downloads that were removed by rules and lists of names, by the fault of their last strike."
  }),
  filesDeselected: Schema.Struct({ total: Schema.Int, byClient: Counts }).annotate({
    description: "Files that were deselected because lists of names block them."
  }),
  seeding: Schema.Struct({ total: Schema.Int, byStep: Counts }).annotate({
    description: "What rules about seeding and the guard of free space have done, by what it was."
  }),
  searches: Schema.Struct({ total: Schema.Int, started: Schema.Int, failed: Schema.Int }).annotate({
    description: "Searches for other releases of what was removed."
  }),
  runs: Schema.Struct({
    total: Schema.Int,
    completed: Schema.Int,
    failed: Schema.Int,
    lastRunAt: Schema.NullOr(Schema.String),
    nextRunAt: Schema.NullOr(Schema.String)
  }).annotate({
    description:
      "Runs of the rules about downloads that ended. `total` also includes runs that were cancelled or interrupted."
  })
}).annotate({ identifier: "DownloadFigures" })
export type DownloadFigures = typeof DownloadFigures.Type

export const timelineFigures = ["events", "strikes", "recovered", "removals", "malware", "seeding", "searches"] as const
export const TimelineFigure = Schema.Literals(timelineFigures)
export type TimelineFigure = typeof TimelineFigure.Type

export const timelineSpans = ["hour", "day", "week", "month"] as const
export const TimelineSpan = Schema.Literals(timelineSpans)
export type TimelineSpan = typeof TimelineSpan.Type

const Hours = Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: mostHours })))

export const FiguresQuery = Schema.Struct({ hours: Hours.annotate({ description: "24 by default." }) })
export type FiguresQuery = typeof FiguresQuery.Type

export const TimelineQuery = Schema.Struct({
  figure: TimelineFigure,
  hours: Hours.annotate({ description: "720 by default." }),
  span: Schema.optionalKey(TimelineSpan).annotate({
    description: "Length of the intervals: by default an hour for up to 24 hours, else a day. Weeks begin on Monday."
  }),
  zone: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(60))).annotate({
    description: "IANA time zone of the intervals; by default that of the settings."
  })
})
export type TimelineQuery = typeof TimelineQuery.Type

export const DownloadTimeline = Schema.Struct({
  figure: TimelineFigure,
  span: TimelineSpan,
  zone: Schema.String,
  items: Schema.Array(
    Schema.Struct({ at: Schema.String.annotate({ description: "Start of the interval." }), count: Schema.Int })
  ).annotate({ description: "Oldest first, without gaps." })
}).annotate({ identifier: "DownloadTimeline" })
export type DownloadTimeline = typeof DownloadTimeline.Type
