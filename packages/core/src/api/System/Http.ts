import { Effect, Schema } from "effect"
import { HttpServerResponse } from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { Dashboards } from "../../system/Dashboard.ts"
import { System } from "../../system/System.ts"
import { StatsTrends } from "../../system/Trends.ts"
import { Api } from "../Api.ts"
import { toList } from "../Common.ts"

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
    const dashboards = yield* Dashboards
    return handlers.handleAll({
      dashboard: () => dashboards.figures,
      days: ({ query }) => Effect.map(dashboards.days(query.days ?? 30), toList),
      status: () => system.status,
      stats: () => system.stats,
      trends: () => Effect.map(system.trends, (trends) => HttpServerResponse.uint8Array(encoded(trends), json)),
      metrics: () => system.metrics
    })
  })
)

const json = { contentType: "application/json" }

/** Encoded once, and not for every request: encoding takes longer than all the rest. */
const encoded = (trends: StatsTrends): Uint8Array => {
  const before = bodies.get(trends)
  if (before !== undefined) return before
  const body = new TextEncoder().encode(encodeTrends(trends))
  bodies.set(trends, body)
  return body
}

const bodies = new WeakMap<StatsTrends, Uint8Array>()

const encodeTrends = Schema.encodeSync(Schema.fromJsonString(StatsTrends))
