/** The main job, and the job that carries out the removals that it planned. */
import { Effect, Layer, PubSub, Schema } from "effect"
import { formatBytes } from "../capacity/Bytes.ts"
import { DiskGroups } from "../capacity/DiskGroups.ts"
import type { JobDefinition } from "../jobs/Job.ts"
import { ClockWatch } from "../jobs/ClockWatch.ts"
import { capacityJob, removalsJob, syncJob } from "../jobs/JobNames.ts"
import { Jobs } from "../jobs/Jobs.ts"
import { itemCount } from "../library/Counting.ts"
import { Sync } from "../library/Sync.ts"
import { Settings } from "../settings/Settings.ts"
import { ActingRules } from "./ActingRules.ts"
import { DueRemovals } from "./DueRemovals.ts"
import { Planner } from "./Planner.ts"
import { Removals } from "./Removals.ts"
import { CapacitySettings } from "../capacity/CapacitySettings.ts"

const SyncOptions = Schema.Struct({
  integrationIds: Schema.optionalKey(Schema.Array(Schema.String)).annotate({
    description: "Read only these integrations."
  })
})

const CapacityOptions = Schema.Struct({
  sync: Schema.optionalKey(Schema.Boolean).annotate({
    description: "Read the integrations first; the default is taken from the settings."
  }),
  dryRun: Schema.optionalKey(Schema.Boolean).annotate({ description: "Compute everything without writing anything." }),
  diskGroupIds: Schema.optionalKey(Schema.Array(Schema.String)).annotate({ description: "Only these disk groups." })
})

const NoOptions = Schema.Struct({})

export const RemovalJobs = Layer.effectDiscard(
  Effect.gen(function* () {
    const jobs = yield* Jobs
    const sync = yield* Sync
    const diskGroups = yield* DiskGroups
    const planner = yield* Planner
    const acting = yield* ActingRules
    const dueRemovals = yield* DueRemovals
    const removals = yield* Removals
    const settings = yield* Settings
    const clock = yield* ClockWatch

    const syncDefinition: JobDefinition<typeof SyncOptions.Type> = {
      name: syncJob,
      title: "Sync the library",
      description: "Reads every integration completely and updates the library to match.",
      options: SyncOptions,
      // The main job reads everything first; with its own schedule, everything would be read twice.
      defaultSchedule: null,
      destructive: false,
      run: ({ log, options, progress }) =>
        Effect.gen(function* () {
          const report = yield* sync.run({ ...options, progress })
          for (const one of report.integrations) {
            yield* log(
              one.outcome === "applied" ? "info" : "error",
              `${one.name}: ${one.outcome} in ${one.calls} calls${one.detail === null ? "" : `: ${one.detail}`}`
            )
          }
          return report
        })
    }

    const capacityDefinition: JobDefinition<typeof CapacityOptions.Type> = {
      name: capacityJob,
      title: "Keep disks within capacity",
      description:
        "Reads the stack, scores and ranks the candidates, and plans removals according to the mode of each disk.",
      options: CapacityOptions,
      defaultSchedule: { type: "interval", seconds: 1800 },
      destructive: true,
      run: ({ log, options, progress, runId }) =>
        Effect.gen(function* () {
          // Snoozes and protections must end after the intended time, not when the clock is set.
          yield* clock.look
          const { syncBeforeRun } = yield* settings.get(CapacitySettings)
          if (options.sync ?? syncBeforeRun) {
            const report = yield* sync.run({ progress })
            for (const one of report.integrations.filter((each) => each.outcome !== "applied")) {
              yield* log("error", `${one.name}: ${one.outcome}: ${one.detail ?? ""}`)
            }
          }
          yield* progress(0, null, "reading the disks")
          yield* diskGroups.refresh
          yield* progress(0, null, "scoring and planning")
          if (options.dryRun !== true) yield* acting.withdrawOrphans
          const report = yield* planner.run({
            runId,
            dryRun: options.dryRun,
            diskGroupIds: options.diskGroupIds
          })
          for (const group of report.groups) {
            yield* log(
              group.skippedBecause === null ? "info" : "warning",
              group.breached
                ? `${group.mountPath} is ${group.usedPercent} % full: ${formatBytes(group.bytesToFree)} to free, ${itemCount(group.plannedItems)} of ${formatBytes(group.plannedBytes)} planned (${group.mode})${
                    group.skippedBecause === null ? "" : `; ${group.skippedBecause}`
                  }`
                : `${group.mountPath} is ${group.usedPercent} % full: within its limits`
            )
          }
          yield* PubSub.publish(removals.changed, undefined)
          return report
        })
    }

    const removalsDefinition: JobDefinition<typeof NoOptions.Type> = {
      name: removalsJob,
      title: "Carry out removals",
      description: "Carries out the removals that are due, one at a time, and reads the disks between batches.",
      options: NoOptions,
      defaultSchedule: null,
      destructive: true,
      run: ({ log, progress }) => dueRemovals.run({ log, progress })
    }

    yield* jobs.register(syncDefinition)
    yield* jobs.register(capacityDefinition)
    yield* jobs.register(removalsDefinition)
  })
)
