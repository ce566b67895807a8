/** The job that deletes old data to keep the database small. */
import { DateTime, Effect, Layer, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { Sessions } from "../access/Sessions.ts"
import { Acts } from "../acts/Acts.ts"
import { DiskGroups } from "../capacity/DiskGroups.ts"
import { Downloads } from "../downloads/Downloads.ts"
import { Orphans } from "../downloads/files/Orphans.ts"
import { Seeding } from "../downloads/seeding/Seeding.ts"
import { EventLog } from "../events/EventLog.ts"
import { pruneCounts } from "../events/TimedCounts.ts"
import type { JobDefinition } from "../jobs/Job.ts"
import { ClockWatch } from "../jobs/ClockWatch.ts"
import { housekeepingJob } from "../jobs/JobNames.ts"
import { Jobs } from "../jobs/Jobs.ts"
import { Sources } from "../library/Sources.ts"
import { Settings } from "../settings/Settings.ts"
import { LibrarySettings } from "../library/LibrarySettings.ts"
import { RetentionSettings } from "../settings/RetentionSettings.ts"
import { membersOf } from "../storage/Dialect.ts"

/** Deleting that many rows in one statement takes some milliseconds. */
const linesAtOnce = 500
const itemsAtOnce = 100

const NoOptions = Schema.Struct({})

export const Housekeeping = Layer.effectDiscard(
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const acts = yield* Acts
    const jobs = yield* Jobs
    const events = yield* EventLog
    const sessions = yield* Sessions
    const settings = yield* Settings
    const diskGroups = yield* DiskGroups
    const sources = yield* Sources
    const downloads = yield* Downloads
    const seeding = yield* Seeding
    const orphans = yield* Orphans
    const clock = yield* ClockWatch

    const definition: JobDefinition<typeof NoOptions.Type> = {
      name: housekeepingJob,
      title: "Housekeeping",
      description: "Deletes history that is older than the retention settings allow.",
      options: NoOptions,
      defaultSchedule: { type: "cron", expression: "30 3 * * *", zone: "UTC" },
      destructive: false,
      run: ({ log, progress }) =>
        Effect.gen(function* () {
          yield* clock.look
          const retention = yield* settings.get(RetentionSettings)
          const { goneRetentionDays } = yield* settings.get(LibrarySettings)
          const now = yield* DateTime.now
          const ago = (days: number) => DateTime.formatIso(DateTime.subtract(now, { days }))
          yield* progress(0, 6, "events")
          const prunedEvents = yield* events.prune(
            ago(retention.eventDays),
            retention.auditDays === null ? null : ago(retention.auditDays)
          )
          yield* pruneCounts(sql, now.epochMilliseconds)
          yield* progress(1, 6, "runs")
          const runs = yield* jobs.prune(retention.runsKept)
          // In batches: a single statement blocks everything else for as long as it takes.
          for (let more = true; more;) {
            const lines = yield* sql`DELETE FROM job_run_logs WHERE at < ${ago(retention.runLogDays)}
              AND id IN (SELECT id FROM job_run_logs ORDER BY id LIMIT ${linesAtOnce}) RETURNING id`
            more = lines.length > 0
            yield* Effect.yieldNow
          }
          yield* progress(2, 6, "sessions")
          const ended = yield* sessions.prune
          yield* progress(3, 6, "acts")
          const prunedActs = yield* acts.prune
          yield* downloads.prune
          yield* seeding.prune
          yield* orphans.prune
          yield* progress(4, 6, "disk usage")
          yield* diskGroups.foldUsage
          yield* progress(5, 6, "items that are gone")
          // A damaged time is not one that has passed.
          yield* sql`DELETE FROM protections WHERE expires_at <= ${DateTime.formatIso(now)} AND expires_at LIKE '____-__-__T%Z'`
          yield* sources.sweep
          // Items with a removal or a protection, or with a name that a rule refers to, are kept, so that they can be
          // explained and are recognised when they come back.
          let gone = 0
          for (let last: number | null = 0; last !== null;) {
            const after: number = last
            const rows: ReadonlyArray<{ readonly id: number }> = yield* sql<{
              id: number
            }>`DELETE FROM items WHERE id IN (
              SELECT id FROM items WHERE id > ${after} AND gone_at < ${ago(goneRetentionDays)}
                AND NOT EXISTS (SELECT 1 FROM removals r WHERE r.item_id = items.id)
                AND NOT EXISTS (SELECT 1 FROM protections p WHERE p.item_id = items.id)
                AND id NOT IN ${membersOf(sql, "held_names", "items")}
                AND NOT EXISTS (SELECT 1 FROM held_names h WHERE h.what = 'integration'
                  AND h.integration_id = items.integration_id)
              ORDER BY id LIMIT ${itemsAtOnce}) RETURNING id`
            gone += rows.length
            last = rows.length < itemsAtOnce ? null : Math.max(...rows.map(({ id }) => id))
            yield* Effect.yieldNow
          }
          yield* log(
            "info",
            `Deleted ${prunedEvents} events, ${runs} runs, ${ended} sessions, ${prunedActs} acts and ${gone} library entries that were gone`
          )
          return { events: prunedEvents, runs, sessions: ended, acts: prunedActs, items: gone }
        })
    }
    yield* jobs.register(definition)
  })
)
