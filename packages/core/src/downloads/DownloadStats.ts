/**
 * Figures about downloads within a span of time, and over time. They are read from counts that are kept when something
 * happens, so that their cost depends on the span only.
 */
import { Clock, Context, DateTime, Effect, Layer, Option } from "effect"
import { type CountedFigure, quarterOf, sumsBetween, sumsSince } from "../events/TimedCounts.ts"
import { cleaningJob } from "../jobs/JobNames.ts"
import { Jobs } from "../jobs/Jobs.ts"
import { isoOfMillis } from "../problems/Instants.ts"
import { invalidField, type InvalidRequest } from "../problems/Problem.ts"
import { GeneralSettings } from "../settings/GeneralSettings.ts"
import { Settings } from "../settings/Settings.ts"
import { ReadSql } from "../storage/Database.ts"
import type { CountedPage, Window } from "../storage/Pages.ts"
import {
  type DownloadFigures,
  type DownloadTimeline,
  type FiguresQuery,
  mostHours,
  type TimelineFigure,
  type TimelineQuery,
  type TimelineSpan
} from "./DownloadFigures.ts"
import { malwareFault } from "./malware/BlockingOutcomes.ts"
import { type DatedStrike, makeStrikeReader, type StruckDownload, type StruckQuery } from "./StruckDownloads.ts"

export type { DatedStrike, StruckDownload, StruckQuery } from "./StruckDownloads.ts"

const hourMillis = 3_600_000

export class DownloadStats extends Context.Service<
  DownloadStats,
  {
    /** Of the last hours; 24 by default. */
    readonly figures: (query: FiguresQuery) => Effect.Effect<DownloadFigures, InvalidRequest>
    readonly timeline: (query: TimelineQuery) => Effect.Effect<DownloadTimeline, InvalidRequest>
    /** The newest strikes since a time (ISO-8601), newest first. */
    readonly recentStrikes: (since: string | null, limit: number) => Effect.Effect<ReadonlyArray<DatedStrike>>
    /** Downloads that were struck, the last one first. */
    readonly struck: (query: StruckQuery, window: Window) => Effect.Effect<CountedPage<StruckDownload>>
  }
>()("tendarr/downloads/DownloadStats") {
  static readonly layer = Layer.effect(
    DownloadStats,
    Effect.gen(function* () {
      const read = yield* ReadSql
      const jobs = yield* Jobs
      const settings = yield* Settings
      const strikes = makeStrikeReader(read)

      const hoursIn = (hours: number) =>
        Number.isInteger(hours) && hours >= 1 && hours <= mostHours
          ? Effect.succeed(hours)
          : Effect.fail(invalidField(["query", "hours"], `must be an integer from 1 to ${mostHours}`))

      const figures = Effect.fn("DownloadStats.figures")(function* (query: FiguresQuery) {
        const hours = yield* hoursIn(query.hours ?? 24)
        const now = yield* Clock.currentTimeMillis
        const since = now - hours * hourMillis
        const sums = (figure: CountedFigure) => sumsSince(read, figure, since)
        const [events, struck, ended, removed, seeded, searched, runs, deselected] = yield* Effect.all([
          sums("download-event"),
          sums("strike"),
          sums("strikes-ended"),
          sums("download-removed"),
          sums("seeding"),
          sums("search"),
          sums("job-run"),
          sums("files-deselected")
        ])
        const job = yield* Effect.orDie(jobs.get(cleaningJob))
        const ofJob = (...statuses: ReadonlyArray<string>) =>
          statuses.reduce((sum, status) => sum + (runs.get(`${cleaningJob}/${status}`) ?? 0), 0)
        return {
          hours,
          since: quarterOf(since),
          until: isoOfMillis(now),
          events: { total: totalOf(events), byType: Object.fromEntries(events) },
          strikes: { total: totalOf(struck), byFault: Object.fromEntries(struck), ended: Object.fromEntries(ended) },
          removals: { total: totalOf(removed), byFault: Object.fromEntries(removed) },
          seeding: { total: totalOf(seeded), byStep: Object.fromEntries(seeded) },
          filesDeselected: { total: totalOf(deselected), byClient: Object.fromEntries(deselected) },
          searches: {
            total: totalOf(searched),
            started: searched.get("started") ?? 0,
            failed: searched.get("failed") ?? 0
          },
          runs: {
            total: ofJob("completed", "completed-with-errors", "failed", "cancelled", "interrupted"),
            completed: ofJob("completed", "completed-with-errors"),
            failed: ofJob("failed"),
            lastRunAt: job.running?.startedAt ?? job.lastRun?.startedAt ?? null,
            nextRunAt: job.nextRunAt
          }
        } satisfies DownloadFigures
      })

      const zoneIn = Effect.fnUntraced(function* (name: string | undefined) {
        const wanted = name ?? (yield* settings.get(GeneralSettings)).timeZone
        // Engines also accept offsets, which have no daylight saving time.
        const zone = /^[A-Za-z]/.test(wanted) ? DateTime.zoneMakeNamed(wanted) : Option.none()
        if (Option.isSome(zone)) return { name: wanted, zone: zone.value }
        return yield* invalidField(["query", "zone"], "must be the name of an IANA time zone, such as Europe/Berlin")
      })

      const timeline = Effect.fn("DownloadStats.timeline")(function* (query: TimelineQuery) {
        const hours = yield* hoursIn(query.hours ?? 720)
        const span = query.span ?? (hours <= 24 ? "hour" : "day")
        const { name, zone } = yield* zoneIn(query.zone)
        const now = yield* Clock.currentTimeMillis
        const first = startOfSpan(DateTime.setZone(DateTime.makeUnsafe(now - hours * hourMillis), zone), span)
        const starts: Array<number> = []
        for (let at = first; at.epochMilliseconds <= now; at = nextSpan(at, span)) starts.push(at.epochMilliseconds)
        const { figure, name: counted } = counters[query.figure]
        const counts = yield* sumsBetween(read, figure, starts, counted)
        const items = starts.map((at, index) => ({ at: isoOfMillis(at), count: counts[index] ?? 0 }))
        return { figure: query.figure, span, zone: name, items } satisfies DownloadTimeline
      })

      return DownloadStats.of({ figures, timeline, ...strikes })
    })
  )
}

const totalOf = (sums: ReadonlyMap<string, number>): number => [...sums.values()].reduce((sum, count) => sum + count, 0)

const counters: Readonly<Record<TimelineFigure, { readonly figure: CountedFigure; readonly name?: string }>> = {
  events: { figure: "download-event" },
  strikes: { figure: "strike" },
  recovered: { figure: "strikes-ended", name: "progress" },
  removals: { figure: "download-removed" },
  seeding: { figure: "seeding" },
  malware: { figure: "download-removed", name: malwareFault },
  searches: { figure: "search" }
}

const startOfSpan = (at: DateTime.Zoned, span: TimelineSpan): DateTime.Zoned =>
  DateTime.startOf(at, span, { weekStartsOn: 1 })

/** An hour is a fixed time; the others are as long as the calendar says. */
const nextSpan = (at: DateTime.Zoned, span: TimelineSpan): DateTime.Zoned =>
  span === "hour" ? DateTime.addDuration(at, hourMillis) : startOfSpan(DateTime.add(at, { [`${span}s`]: 1 }), span)
