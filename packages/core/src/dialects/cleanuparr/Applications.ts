/** Download clients and the applications that have downloads fetched, as their last checks found them. */
import { Effect, Schema } from "effect"
import type { Integration } from "../../integrations/Integration.ts"
import { Integrations } from "../../integrations/Integrations.ts"
import { Kinds } from "../../integrations/Kinds.ts"
import { isArr, isDownloadClient } from "./Terms.ts"

const OptionalText = Schema.NullOr(Schema.String)

const checked = {
  id: Schema.String,
  name: Schema.String,
  type: Schema.String,
  isHealthy: Schema.Boolean,
  lastChecked: Schema.String
}

export const ClientHealth = Schema.Struct({
  ...checked,
  responseTimeMs: Schema.NullOr(Schema.Finite),
  errorMessage: OptionalText
})

export const ArrHealth = Schema.Struct({ ...checked, errorMessage: OptionalText })

export const Health = Schema.Struct({
  downloadClients: Schema.Array(ClientHealth),
  arrInstances: Schema.Array(ArrHealth)
})

export const makeApplications = Effect.gen(function* () {
  const integrations = yield* Integrations
  const kinds = yield* Kinds

  const titles = Effect.map(kinds.list, (all) => new Map(all.map(({ id, title }) => [id, title])))

  /** Those that have been checked: of the others nothing is known. */
  const health = Effect.gen(function* () {
    const all = yield* integrations.list
    const titleOf = yield* titles
    const checkedOf = (is: (one: Integration) => boolean) =>
      all.filter(is).flatMap((one) => {
        const { checkedAt, error, latencyMillis, problems, status } = one.health
        if (checkedAt === null) return []
        const isHealthy = status === "up" || status === "troubled"
        const problem = problems.find(({ severity }) => severity === "error")?.detail ?? null
        return [
          {
            id: one.id,
            name: one.name,
            type: titleOf.get(one.kind) ?? one.kind,
            isHealthy,
            lastChecked: checkedAt,
            responseTimeMs: latencyMillis,
            errorMessage: isHealthy ? null : (error?.detail ?? problem)
          }
        ]
      })
    return {
      downloadClients: checkedOf(isDownloadClient),
      arrInstances: checkedOf(isArr).map(({ responseTimeMs: _, ...arr }) => arr)
    }
  })

  /** Number of connections by the title of the application. */
  const arrCounts = Effect.gen(function* () {
    const titleOf = yield* titles
    const counts = new Map<string, number>()
    for (const one of (yield* integrations.list).filter(isArr)) {
      const title = titleOf.get(one.kind) ?? one.kind
      counts.set(title, (counts.get(title) ?? 0) + 1)
    }
    return counts
  })

  return { health, arrCounts }
})
