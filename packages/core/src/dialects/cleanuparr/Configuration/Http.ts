import { Effect, Equal } from "effect"
import { SqlClient } from "effect/sql"
import { HttpApiBuilder } from "effect/http-api"
import { DownloadsSettings } from "../../../downloads/DownloadsSettings.ts"
import { cleaningJob } from "../../../jobs/JobNames.ts"
import { Jobs } from "../../../jobs/Jobs.ts"
import { invalidField } from "../../../problems/Problem.ts"
import { RemovalsSettings } from "../../../settings/RemovalsSettings.ts"
import { Settings } from "../../../settings/Settings.ts"
import { transacting } from "../../../storage/Transactions.ts"
import { scheduleText } from "../../frame/Schedules.ts"
import { refusing } from "../../frame/Values.ts"
import { CleanuparrApi } from "../CleanuparrApi.ts"

export const ConfigurationHandlers = HttpApiBuilder.group(
  CleanuparrApi,
  "configuration",
  Effect.fn(function* (handlers) {
    const jobs = yield* Jobs
    const settings = yield* Settings
    const transact = transacting(yield* SqlClient.SqlClient)

    const ignored = Effect.map(settings.get(DownloadsSettings), ({ ignoreTag }) =>
      ignoreTag.trim() === "" ? [] : [ignoreTag]
    )

    const queueCleaner = Effect.gen(function* () {
      const { cleaning } = yield* settings.get(DownloadsSettings)
      const { schedule } = yield* Effect.orDie(jobs.get(cleaningJob))
      return {
        enabled: cleaning,
        cronExpression: scheduleText(schedule) ?? "",
        useAdvancedScheduling: schedule?.type === "cron",
        ignoredDownloads: yield* ignored
      }
    })

    /** All or nothing; nothing that is sent is ignored. */
    const change = (given: { readonly [key: string]: unknown }) =>
      transact(
        Effect.gen(function* () {
          const { enabled, ...before }: { readonly [key: string]: unknown } = yield* queueCleaner
          for (const [key, value] of Object.entries(given)) {
            if (key === "enabled") continue
            if (!Object.hasOwn(before, key)) return yield* invalidField(["payload", key], "is not a setting here")
            if (!Equal.equals(value, before[key])) {
              return yield* invalidField(["payload", key], "cannot be changed here; change it in Tendarr")
            }
          }
          const wanted = given["enabled"]
          if (typeof wanted !== "boolean") return yield* invalidField(["payload", "enabled"], "must be true or false")
          if (wanted !== enabled) yield* settings.patch(DownloadsSettings, { cleaning: wanted })
        })
      )

    return handlers.handleAll({
      queueCleaner: () => queueCleaner,
      setQueueCleaner: ({ payload }) => refusing(Effect.andThen(change(payload), queueCleaner)),
      general: () =>
        Effect.gen(function* () {
          const { deletionsEnabled } = yield* settings.get(RemovalsSettings)
          const { strikeHours } = yield* settings.get(DownloadsSettings)
          return {
            dryRun: !deletionsEnabled,
            strikeInactivityWindowHours: strikeHours,
            ignoredDownloads: yield* ignored
          }
        })
    })
  })
)
