import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { DialectKeys } from "../../../access/DialectKeys.ts"
import { CapacitySettings } from "../../../capacity/CapacitySettings.ts"
import { DiskGroups } from "../../../capacity/DiskGroups.ts"
import { type Integration, secretMask } from "../../../integrations/Integration.ts"
import { Integrations } from "../../../integrations/Integrations.ts"
import type { JobSchedule } from "../../../jobs/Job.ts"
import { capacityJob, syncJob } from "../../../jobs/JobNames.ts"
import { Jobs } from "../../../jobs/Jobs.ts"
import { GeneralSettings } from "../../../settings/GeneralSettings.ts"
import { RemovalsSettings } from "../../../settings/RemovalsSettings.ts"
import { Settings } from "../../../settings/Settings.ts"
import { refusing } from "../../frame/Values.ts"
import { ok, told } from "../Bodies.ts"
import { usual } from "../Lenses.ts"
import { PrunerrApi } from "../PrunerrApi.ts"
import { productServices, serviceOf } from "../ServiceNames.ts"

const gibibyte = 1024 ** 3

export const SettingsHandlers = HttpApiBuilder.group(
  PrunerrApi,
  "settings",
  Effect.fn(function* (handlers) {
    const keys = yield* DialectKeys
    const settings = yield* Settings
    const integrations = yield* Integrations
    const jobs = yield* Jobs
    const disks = yield* DiskGroups

    const all = Effect.gen(function* () {
      const connected = yield* integrations.list
      const [scan, sync] = yield* refusing(Effect.all([jobs.get(capacityJob), jobs.get(syncJob)]))
      const { instanceName, timeZone } = yield* settings.get(GeneralSettings)
      const { defaultLimits, defaultMode } = yield* settings.get(CapacitySettings)
      const { caps, deletionsEnabled, sunsetDays } = yield* settings.get(RemovalsSettings)
      const groups = yield* disks.list
      const limits = groups[0]?.limits ?? defaultLimits
      const isPercent = limits.type === "percent"
      return {
        services: servicesOf(connected),
        notifications: {},
        schedule: {
          enabled: scan.scheduleEnabled && scan.schedule !== null,
          interval: intervalOf(scan.schedule),
          autoProcess: deletionsEnabled
        },
        plexSync: { enabled: sync.scheduleEnabled && sync.schedule !== null, interval: intervalOf(sync.schedule) },
        display: { instanceName, timeZone },
        watchHistory: { provider: serviceWith(connected, "playback") },
        diskPressure: {
          enabled: groups.length > 0,
          observeOnly: (groups.length === 0 ? [defaultMode] : groups.map(({ mode }) => mode)).every(
            (mode) => mode === "dry-run"
          ),
          targetMode: "percent" as const,
          // Prunerr states the share that is to be free.
          targetValue: isPercent ? 100 - limits.target : 0,
          criticalValue: isPercent ? 100 - limits.threshold : 0,
          maxItemsPerRun: caps.maxItems,
          maxGbPerRun: caps.maxBytes === null ? null : caps.maxBytes / gibibyte,
          softGraceDays: sunsetDays,
          paths: groups.map(({ mountPath }) => mountPath)
        },
        exclusionPatterns: [],
        excludedLibraryKeys: [],
        webhooks: [],
        defaultDeletionAction: usual.deletionAction,
        defaultGracePeriodDays: usual.gracePeriodDays
      }
    })

    return handlers.handleAll({
      all: () => Effect.map(all, ok),
      apiKey: () => Effect.map(keys.key("prunerr"), ({ key }) => ok({ apiKey: key })),
      regenerate: () =>
        refusing(
          Effect.map(keys.renew("prunerr"), ({ key }) =>
            told({ apiKey: key }, "API key regenerated; the former one is refused")
          )
        )
    })
  })
)

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

const serviceWith = (integrations: ReadonlyArray<Integration>, capability: Integration["capabilities"][number]) => {
  const found = integrations.filter(({ capabilities, enabled }) => enabled && capabilities.includes(capability))
  // A media server keeps the plays too; statistics applications come first.
  const [first] = found.toSorted((one, other) => one.capabilities.length - other.capabilities.length)
  return first === undefined ? null : serviceOf(first.kind)
}

const intervalOf = (schedule: JobSchedule | null): string | null =>
  schedule === null ? null : schedule.type === "cron" ? schedule.expression : `${schedule.seconds}s`
