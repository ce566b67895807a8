/**
 * Prunerr's settings as lenses onto ours, in one table: how each value is read, and how it is changed. A value without `set`
 * is decided elsewhere, and can only be sent back as it is.
 */
import { Effect } from "effect"
import { CapacitySettings } from "../../capacity/CapacitySettings.ts"
import { DiskGroups } from "../../capacity/DiskGroups.ts"
import { type Integration, secretMask } from "../../integrations/Integration.ts"
import { Integrations } from "../../integrations/Integrations.ts"
import type { JobSchedule } from "../../jobs/Job.ts"
import { capacityJob, syncJob } from "../../jobs/JobNames.ts"
import { Jobs } from "../../jobs/Jobs.ts"
import { invalidField, type InvalidRequest } from "../../problems/Problem.ts"
import { StoppingDecisions } from "../../removals/StoppingDecisions.ts"
import { GeneralSettings } from "../../settings/GeneralSettings.ts"
import { RemovalsSettings } from "../../settings/RemovalsSettings.ts"
import { Settings } from "../../settings/Settings.ts"
import { usual } from "../../moving/products/Prunerr/Terms.ts"
import { productServices, serviceOf } from "./ServiceNames.ts"

export interface SettingLens {
  /** Such as `schedule.enabled`. */
  readonly key: string
  readonly get: Effect.Effect<unknown>
  readonly set?: (value: unknown) => Effect.Effect<unknown, SettingFailed>
}

/** Failures of the services, which name the field in their own words. */
type SettingFailed =
  | InvalidRequest
  | Effect.Error<ReturnType<Settings["Service"]["patch"]>>
  | Effect.Error<ReturnType<Jobs["Service"]["setSchedule"]>>

const gibibyte = 1024 ** 3

/** When Prunerr reads its libraries unless somebody says otherwise. */
const usualSync: JobSchedule = { type: "cron", expression: "0 2 * * *", zone: "UTC" }

export const makeSettingsLenses = Effect.gen(function* () {
  const settings = yield* Settings
  const decisions = yield* StoppingDecisions
  const integrations = yield* Integrations
  const jobs = yield* Jobs
  const disks = yield* DiskGroups

  const job = (name: string) => Effect.orDie(jobs.get(name))
  const general = settings.get(GeneralSettings)
  const removals = settings.get(RemovalsSettings)
  const limits = Effect.gen(function* () {
    const [first] = yield* disks.list
    const found = first?.limits ?? (yield* settings.get(CapacitySettings)).defaultLimits
    // Prunerr states the share that is to be free.
    return found.type === "percent" ? { target: 100 - found.target, critical: 100 - found.threshold } : null
  })

  const lenses: ReadonlyArray<SettingLens> = [
    { key: "services", get: Effect.map(integrations.list, servicesOf) },
    { key: "notifications", get: Effect.succeed({}) },
    {
      key: "schedule.enabled",
      get: Effect.map(job(capacityJob), ({ schedule, scheduleEnabled }) => scheduleEnabled && schedule !== null),
      set: (value) =>
        Effect.flatMap(flag("schedule.enabled", value), (enabled) => jobs.setSchedule(capacityJob, { enabled }))
    },
    { key: "schedule.interval", get: Effect.map(job(capacityJob), ({ schedule }) => intervalOf(schedule)) },
    {
      key: "schedule.autoProcess",
      get: Effect.map(removals, ({ deletionsEnabled }) => deletionsEnabled),
      set: (deletionsEnabled) => decisions.set(RemovalsSettings, { deletionsEnabled })
    },
    {
      key: "plexSync.enabled",
      get: Effect.map(job(syncJob), ({ schedule, scheduleEnabled }) => scheduleEnabled && schedule !== null),
      set: Effect.fnUntraced(function* (value) {
        const enabled = yield* flag("plexSync.enabled", value)
        const { schedule } = yield* job(syncJob)
        return yield* jobs.setSchedule(syncJob, {
          enabled,
          ...(enabled && schedule === null ? { schedule: usualSync } : {})
        })
      })
    },
    { key: "plexSync.interval", get: Effect.map(job(syncJob), ({ schedule }) => intervalOf(schedule)) },
    {
      key: "display.instanceName",
      get: Effect.map(general, ({ instanceName }) => instanceName),
      set: (instanceName) => settings.patch(GeneralSettings, { instanceName })
    },
    {
      key: "display.timeZone",
      get: Effect.map(general, ({ timeZone }) => timeZone),
      set: (timeZone) => settings.patch(GeneralSettings, { timeZone })
    },
    { key: "watchHistory.provider", get: Effect.map(integrations.list, historyOf) },
    { key: "diskPressure.enabled", get: Effect.map(disks.list, (groups) => groups.length > 0) },
    {
      key: "diskPressure.observeOnly",
      get: Effect.gen(function* () {
        const groups = yield* disks.list
        const { defaultMode } = yield* settings.get(CapacitySettings)
        const modes = groups.length === 0 ? [defaultMode] : groups.map(({ mode }) => mode)
        return modes.every((mode) => mode === "dry-run")
      })
    },
    { key: "diskPressure.targetMode", get: Effect.succeed("percent") },
    { key: "diskPressure.targetValue", get: Effect.map(limits, (found) => found?.target ?? 0) },
    { key: "diskPressure.criticalValue", get: Effect.map(limits, (found) => found?.critical ?? 0) },
    {
      key: "diskPressure.maxItemsPerRun",
      get: Effect.map(removals, ({ caps }) => caps.maxItems),
      set: (maxItems) => settings.patch(RemovalsSettings, { caps: { maxItems } })
    },
    {
      key: "diskPressure.maxGbPerRun",
      get: Effect.map(removals, ({ caps }) => (caps.maxBytes === null ? null : caps.maxBytes / gibibyte)),
      set: (gib) =>
        settings.patch(RemovalsSettings, {
          caps: { maxBytes: typeof gib === "number" ? Math.round(gib * gibibyte) : gib }
        })
    },
    {
      key: "diskPressure.softGraceDays",
      get: Effect.map(removals, ({ sunsetDays }) => sunsetDays),
      set: (sunsetDays) => settings.patch(RemovalsSettings, { sunsetDays })
    },
    { key: "diskPressure.paths", get: Effect.map(disks.list, (groups) => groups.map(({ mountPath }) => mountPath)) },
    { key: "exclusionPatterns", get: Effect.succeed([]) },
    { key: "excludedLibraryKeys", get: Effect.succeed([]) },
    { key: "webhooks", get: Effect.succeed([]) },
    { key: "defaultDeletionAction", get: Effect.succeed(usual.deletionAction) },
    { key: "defaultGracePeriodDays", get: Effect.succeed(usual.gracePeriodDays) }
  ]
  return lenses
})

/** Other values are refused: as "no", they would switch a schedule off. */
const flag = (key: string, value: unknown): Effect.Effect<boolean, InvalidRequest> =>
  typeof value === "boolean"
    ? Effect.succeed(value)
    : Effect.fail(invalidField(["payload", ...key.split(".")], "must be true or false"))

/** Prunerr knows one connection per application: the first. */
const servicesOf = (integrations: ReadonlyArray<Integration>) =>
  Object.fromEntries(
    productServices.map((service) => {
      const first = integrations.find(({ kind }) => serviceOf(kind) === service)
      const secret = first === undefined ? "" : secretMask
      return [
        service,
        { url: first?.url ?? "", ...(service === productServices[0] ? { token: secret } : { apiKey: secret }) }
      ]
    })
  )

/** A media server keeps the plays too; statistics applications, which can do less, come first. */
const historyOf = (integrations: ReadonlyArray<Integration>) => {
  const found = integrations.filter(({ capabilities, enabled }) => enabled && capabilities.includes("playback"))
  const [first] = found.toSorted((one, other) => one.capabilities.length - other.capabilities.length)
  return first === undefined ? null : serviceOf(first.kind)
}

const intervalOf = (schedule: JobSchedule | null): string | null =>
  schedule === null ? null : schedule.type === "cron" ? schedule.expression : `${schedule.seconds}s`
