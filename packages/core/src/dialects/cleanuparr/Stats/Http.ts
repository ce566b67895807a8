import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { type DownloadFigures, type TimelineFigure, timelineSpans } from "../../../downloads/DownloadFigures.ts"
import { type DatedStrike, DownloadStats } from "../../../downloads/DownloadStats.ts"
import { nowIso } from "../../../problems/Instants.ts"
import { invalidField } from "../../../problems/Problem.ts"
import { Activity, type ActivityEntry } from "../../../system/Activity.ts"
import { clamped, refusing } from "../../frame/Values.ts"
import { makeApplications } from "../Applications.ts"
import { CleanuparrApi } from "../CleanuparrApi.ts"
import {
  eventsBySeverity,
  eventsByType,
  eventTypeOf,
  jobTypes,
  ourEventTypes,
  queueCleaner,
  renamed,
  severityNameOf,
  strikeTypeOf
} from "../Terms.ts"

const figureOf: Readonly<Record<string, TimelineFigure>> = {
  strikesIssued: "strikes",
  recovered: "recovered",
  removed: "removals",
  malwareBlocked: "malware",
  events: "events"
}

export const StatsHandlers = HttpApiBuilder.group(
  CleanuparrApi,
  "stats",
  Effect.fn(function* (handlers) {
    const stats = yield* DownloadStats
    const activity = yield* Activity
    const { health } = yield* makeApplications

    const recentEvents = (since: string, limit: number) =>
      Effect.map(activity.newest({ types: ourEventTypes, since }, limit), (found) => found.map(toRecentEvent))

    return handlers.handleAll({
      stats: ({ query }) =>
        refusing(
          Effect.gen(function* () {
            const hours = clamped(query.hours ?? 24, 1, 720)
            const events = clamped(query.includeEvents ?? 0, 0, 100)
            const strikes = clamped(query.includeStrikes ?? 0, 0, 100)
            const figures = yield* stats.figures({ hours })
            const { since } = figures
            return toStats(figures, {
              health: yield* health,
              generatedAt: yield* nowIso,
              recentEvents: events === 0 ? null : yield* recentEvents(since, events),
              recentStrikes: strikes === 0 ? null : (yield* stats.recentStrikes(since, strikes)).map(toRecentStrike)
            })
          })
        ),
      statsOfTwo: ({ query }) =>
        refusing(
          Effect.gen(function* () {
            const figures = yield* stats.figures({ hours: clamped(query.hours ?? 168, 1, 8760) })
            return { ...toStatsOfTwo(figures), health: yield* health, generatedAt: yield* nowIso }
          })
        ),
      timeline: ({ query: { bucket, hours, metric = "events", timeZone = "UTC" } }) =>
        refusing(
          Effect.gen(function* () {
            const span = timelineSpans.find((known) => known === bucket?.toLowerCase())
            if (bucket !== undefined && bucket !== "" && span === undefined) {
              return yield* invalidField(["query", "bucket"], `must be one of ${timelineSpans.join(", ")}`)
            }
            const { items } = yield* stats.timeline({
              // As in Cleanuparr, a metric that is not known counts events.
              figure: figureOf[metric] ?? "events",
              hours: clamped(hours ?? 720, 1, 8760),
              zone: timeZone,
              ...(span === undefined ? {} : { span })
            })
            return items.map(({ at, count }) => ({ date: at, count }))
          })
        )
    })
  })
)

const toRecentEvent = ({ at, id, message, payload, severity, type }: ActivityEntry) => ({
  id,
  timestamp: at,
  eventType: eventTypeOf(type, String(payload["fault"])),
  message,
  severity: severityNameOf(severity),
  data: Object.keys(payload).length === 0 ? null : JSON.stringify(payload)
})

const toRecentStrike = ({ at, clientId, fault, id, name }: DatedStrike) => ({
  id,
  type: strikeTypeOf(fault),
  createdAt: at,
  downloadId: clientId,
  title: name
})

const idle = { total: 0, completed: 0, failed: 0, lastRunAt: null, nextRunAt: null }

/** All jobs of Cleanuparr, so that dashboards find those that they show. */
const jobsBy = ({ runs }: DownloadFigures) =>
  jobTypes.map((type) => [type, type === queueCleaner ? runs : idle] as const)

const toStats = (
  figures: DownloadFigures,
  {
    generatedAt,
    health,
    recentEvents,
    recentStrikes
  }: {
    readonly health: Effect.Success<Effect.Success<typeof makeApplications>["health"]>
    readonly generatedAt: string
    readonly recentEvents: ReadonlyArray<ReturnType<typeof toRecentEvent>> | null
    readonly recentStrikes: ReadonlyArray<ReturnType<typeof toRecentStrike>> | null
  }
) => {
  const { events, hours: timeframeHours, removals, strikes } = figures
  return {
    events: {
      totalCount: events.total,
      byType: eventsByType(events.byType, strikes.byFault),
      bySeverity: eventsBySeverity(events.byType),
      timeframeHours,
      ...(recentEvents === null ? {} : { recentItems: recentEvents })
    },
    strikes: {
      totalCount: strikes.total,
      byType: renamed(strikes.byFault, strikeTypeOf),
      // Rules remove only what has strikes.
      itemsRemoved: removals.total,
      timeframeHours,
      ...(recentStrikes === null ? {} : { recentItems: recentStrikes })
    },
    jobs: {
      byType: Object.fromEntries(
        jobsBy(figures).map(([type, { total, ...job }]) => [type, { totalRuns: total, ...job }])
      ),
      timeframeHours
    },
    health,
    generatedAt
  }
}

const toStatsOfTwo = (figures: DownloadFigures) => {
  const { events, hours, removals, runs, searches, strikes } = figures
  return {
    events: {
      total: events.total,
      byType: eventsByType(events.byType, strikes.byFault),
      bySeverity: eventsBySeverity(events.byType)
    },
    strikes: {
      total: strikes.total,
      byType: renamed(strikes.byFault, strikeTypeOf),
      recovered: strikes.ended["progress"] ?? 0
    },
    removals: { total: removals.total, byReason: renamed(removals.byFault, strikeTypeOf) },
    cleaned: { total: 0, byReason: {} },
    searches: {
      total: searches.total,
      completed: searches.started,
      failed: searches.failed,
      grabbed: 0,
      byReason: searches.total === 0 ? {} : { Replacement: searches.total }
    },
    jobs: {
      total: runs.total,
      completed: runs.completed,
      failed: runs.failed,
      byType: Object.fromEntries(jobsBy(figures))
    },
    timeframeHours: hours
  }
}
