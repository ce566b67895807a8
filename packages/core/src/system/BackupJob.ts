/** The job that backs up the database every week and deletes the oldest scheduled backups. */
import { Effect, Layer, Schema } from "effect"
import { formatBytes } from "../capacity/Bytes.ts"
import type { JobDefinition } from "../jobs/Job.ts"
import { backupJob } from "../jobs/JobNames.ts"
import { Jobs } from "../jobs/Jobs.ts"
import { Settings } from "../settings/Settings.ts"
import { DataDirectory } from "../storage/Database.ts"
import { Backups } from "./Backups.ts"
import { BackupSettings } from "./BackupSettings.ts"

const NoOptions = Schema.Struct({})

export const BackupJob = Layer.effectDiscard(
  Effect.gen(function* () {
    const jobs = yield* Jobs
    const backups = yield* Backups
    const settings = yield* Settings
    const directory = yield* DataDirectory

    const definition: JobDefinition<typeof NoOptions.Type> = {
      name: backupJob,
      title: "Back up the database",
      description: "Writes a copy of the database, and deletes the oldest scheduled copies beyond the number to keep.",
      options: NoOptions,
      defaultSchedule: { type: "cron", expression: "0 3 * * 0", zone: "UTC" },
      destructive: false,
      run: ({ log, progress }) =>
        Effect.gen(function* () {
          const { enabled, keep } = yield* settings.get(BackupSettings)
          if (!enabled || directory.path === null) {
            yield* log("info", enabled ? "An in-memory database has no backups" : "Backups are switched off")
            return { backup: null, removed: 0 }
          }
          yield* progress(0, 2, "copying the database")
          const backup = yield* backups.create("scheduled")
          yield* log("info", `Wrote ${backup.id} with ${formatBytes(backup.bytes)}`)
          yield* progress(1, 2, "removing old backups")
          return { backup: backup.id, removed: yield* backups.prune(keep) }
        })
    }
    yield* jobs.register(definition)
  })
)
