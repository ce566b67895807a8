import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import type { Integration } from "../../../integrations/Integration.ts"
import { Integrations } from "../../../integrations/Integrations.ts"
import { capacityJob, syncJob } from "../../../jobs/JobNames.ts"
import { Jobs } from "../../../jobs/Jobs.ts"
import { nowIso } from "../../../problems/Instants.ts"
import { System } from "../../../system/System.ts"
import { version } from "../../../system/Version.ts"
import { scheduleText } from "../../frame/Schedules.ts"
import { refusing } from "../../frame/Values.ts"
import { ok } from "../Bodies.ts"
import { PrunerrApi } from "../PrunerrApi.ts"
import { productServices, serviceOf } from "../ServiceNames.ts"

export const HealthHandlers = HttpApiBuilder.group(
  PrunerrApi,
  "health",
  Effect.fn(function* (handlers) {
    const integrations = yield* Integrations
    const jobs = yield* Jobs
    const system = yield* System

    const scheduler = Effect.gen(function* () {
      const [scan, sync] = yield* Effect.all([jobs.get(capacityJob), jobs.get(syncJob)])
      return {
        isRunning: scan.running !== null,
        lastScan: scan.lastRun?.endedAt ?? null,
        nextRun: scan.nextRunAt,
        scanSchedule: scheduleText(scan.schedule),
        lastSync: sync.lastRun?.endedAt ?? null,
        lastSyncAt: sync.lastRun?.endedAt ?? null,
        lastSyncSuccess: sync.lastRun === null ? null : sync.lastRun.status === "completed",
        nextSync: sync.nextRunAt,
        syncSchedule: scheduleText(sync.schedule)
      }
    })

    const status = Effect.gen(function* () {
      const all = yield* integrations.list
      const named = new Set([...productServices, ...all.map(({ kind }) => serviceOf(kind))])
      const services = [...named].map((service) =>
        toService(
          service,
          all.filter(({ kind }) => serviceOf(kind) === service)
        )
      )
      return { services, scheduler: yield* refusing(scheduler), overall: overallOf(services) }
    })

    return handlers.handleAll({
      health: () =>
        Effect.gen(function* () {
          const { now, startedAt } = yield* system.status
          const data = yield* status
          const uptime = (Date.parse(now) - Date.parse(startedAt)) / 1000
          return { ...ok(data), status: data.overall, version, uptime, timestamp: now }
        }),
      status: () => Effect.map(status, ok),
      ping: () => Effect.map(nowIso, (timestamp) => ({ pong: true as const, timestamp })),
      version: () => Effect.succeed({ version }),
      ready: () => Effect.as(refusing(system.live), { ready: true as const }),
      live: () => Effect.map(nowIso, (timestamp) => ({ live: true as const, timestamp }))
    })
  })
)

/** Several connections to one application are one service, which is as slow as the slowest. */
const toService = (service: string, integrations: ReadonlyArray<Integration>) => {
  const used = integrations.filter(({ enabled }) => enabled)
  const errors = used.flatMap(({ health }) => health.error?.detail ?? [])
  const times = used.flatMap(({ health }) => health.latencyMillis ?? [])
  return {
    service,
    configured: integrations.length > 0,
    connected: used.length > 0 && used.every(({ health }) => health.lastOkAt !== null && health.error === null),
    responseTimeMs: times.length === 0 ? null : Math.max(...times),
    ...(errors[0] === undefined ? {} : { error: errors.join("; ") }),
    lastChecked: used.map(({ health }) => health.checkedAt).find((at) => at !== null) ?? null
  }
}

const overallOf = (services: ReadonlyArray<ReturnType<typeof toService>>) => {
  const configured = services.filter((service) => service.configured)
  const connected = configured.filter((service) => service.connected)
  if (connected.length === 0) return "unhealthy" as const
  return connected.length === configured.length ? ("healthy" as const) : ("degraded" as const)
}
