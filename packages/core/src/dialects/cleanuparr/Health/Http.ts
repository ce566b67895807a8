import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { System } from "../../../system/System.ts"
import { refusing } from "../../frame/Values.ts"
import { makeApplications } from "../Applications.ts"
import { CleanuparrApi } from "../CleanuparrApi.ts"

export const HealthHandlers = HttpApiBuilder.group(
  CleanuparrApi,
  "health",
  Effect.fn(function* (handlers) {
    const system = yield* System
    const { arrCounts, health } = yield* makeApplications
    return handlers.handleAll({
      live: () => Effect.succeed("healthy" as const),
      ready: () => Effect.as(refusing(system.live), "healthy" as const),
      clients: () =>
        Effect.map(health, ({ downloadClients }) =>
          Object.fromEntries(
            downloadClients.map(({ errorMessage, id, isHealthy, lastChecked, name, responseTimeMs, type }) => [
              id,
              {
                clientId: id,
                clientName: name,
                clientType: type,
                isHealthy,
                lastChecked,
                responseTime: responseTimeMs,
                errorMessage
              }
            ])
          )
        ),
      status: () =>
        Effect.gen(function* () {
          const { now, startedAt, version } = yield* system.status
          const { system: inSystem, user } = process.cpuUsage()
          return {
            application: {
              version,
              startTime: startedAt,
              upTime: spanText(Date.parse(now) - Date.parse(startedAt)),
              memoryUsageMB: Math.round(process.memoryUsage.rss() / 1024 / 10.24) / 100,
              processorTime: spanText((inSystem + user) / 1000)
            },
            mediaManagers: Object.fromEntries(
              [...(yield* arrCounts)].map(([title, instanceCount]) => [title, { instanceCount }])
            )
          }
        })
    })
  })
)

/** Days are left out if there are none. */
const spanText = (millis: number): string => {
  const seconds = Math.max(0, Math.floor(millis / 1000))
  const days = Math.floor(seconds / 86_400)
  const parts = [Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60]
  return `${days === 0 ? "" : `${days}.`}${parts.map((part) => String(part).padStart(2, "0")).join(":")}`
}
