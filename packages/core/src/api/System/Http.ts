import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { System } from "../../system/System.ts"
import { Api } from "../Api.ts"

export const HealthHandlers = HttpApiBuilder.group(
  Api,
  "health",
  Effect.fn(function* (handlers) {
    const system = yield* System
    return handlers.handleAll({ live: () => system.live })
  })
)

export const SystemHandlers = HttpApiBuilder.group(
  Api,
  "system",
  Effect.fn(function* (handlers) {
    const system = yield* System
    return handlers.handleAll({ status: () => system.status, stats: () => system.stats, metrics: () => system.metrics })
  })
)
