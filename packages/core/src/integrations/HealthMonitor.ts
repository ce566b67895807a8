/**
 * Probes the integrations in the background, healthy ones at long intervals and failing ones with back-off, and stores
 * the results.
 */
import { Clock, Context, DateTime, Effect, Layer, Result } from "effect"
import { SqlClient } from "effect/sql"
import { repeatable } from "../storage/Durability.ts"
import { transacting } from "../storage/Transactions.ts"
import { EventLog } from "../events/EventLog.ts"
import { isoOfMillis } from "../problems/Instants.ts"
import type { Integration, IntegrationNotFound } from "./Integration.ts"
import { IntegrationEvents } from "./IntegrationEvents.ts"
import { Integrations, type LiveIntegration } from "./Integrations.ts"
import { urgently } from "./Upstream.ts"

const healthyEveryMillis = 120_000
const failingEveryMillis = 15_000
const slowestMillis = 60_000
/** Three failures in a row are an outage; one or two may be temporary. */
const downAfter = 3

export class HealthMonitor extends Context.Service<
  HealthMonitor,
  {
    /** Probes one integration now and stores the result. */
    readonly check: (live: LiveIntegration) => Effect.Effect<void>
    /** Probes an integration by its id, unless it is disabled, and returns it with the result. */
    readonly checkNow: (integrationId: string) => Effect.Effect<Integration, IntegrationNotFound>
    /** Probes all integrations that are due. */
    readonly checkDue: Effect.Effect<void>
    /** One iteration of the health check loop: probes all that are due, and waits until the next ones may be. */
    readonly turn: Effect.Effect<void>
  }
>()("tendarr/integrations/HealthMonitor") {
  static readonly layer = Layer.effect(
    HealthMonitor,
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const transact = transacting(sql)
      const integrations = yield* Integrations
      const events = yield* EventLog

      const check = Effect.fn("HealthMonitor.check")(function* (live: LiveIntegration) {
        const before = live.integration.health
        const outcome = yield* Effect.result(live.connected.probe)
        const now = yield* Clock.currentTimeMillis
        const at = DateTime.formatIso(DateTime.makeUnsafe(now))
        const ok = Result.isSuccess(outcome)
        const failures = ok ? 0 : before.consecutiveFailures + 1
        const status = ok ? "up" : failures >= downAfter ? "down" : "failing"
        const error = ok ? null : { type: outcome.failure._tag, detail: outcome.failure.message }
        const wait = ok ? healthyEveryMillis : Math.min(failingEveryMillis * failures, slowestMillis)
        const row = {
          integration_id: Number(live.integration.id),
          status,
          app_name: ok ? outcome.success.appName : before.appName,
          app_version: ok ? outcome.success.version : before.appVersion,
          latency_millis: ok ? Math.round(outcome.success.latencyMillis) : null,
          consecutive_failures: failures,
          error: error === null ? null : JSON.stringify(error),
          refuses_removal: ok ? (outcome.success.refusesRemoval ?? null) : null,
          checked_at: at,
          last_ok_at: ok ? at : before.lastOkAt,
          next_check_at: DateTime.formatIso(DateTime.makeUnsafe(now + wait))
        }
        yield* transact(
          Effect.gen(function* () {
            // If the address was changed in the meantime, the result of the old address is discarded.
            const [current] = yield* sql<{ version: number }>`SELECT version FROM integrations
                WHERE id = ${row.integration_id} AND deleted_at IS NULL`
            if (current?.version !== live.integration.version) return
            yield* sql`DELETE FROM integration_health WHERE integration_id = ${row.integration_id}`
            yield* sql`INSERT INTO integration_health ${sql.insert(row)}`
            if (status === "down" && before.status !== "down") {
              yield* events.append(
                IntegrationEvents.down.make({
                  subject: live.integration.id,
                  message: `${live.integration.name} does not answer: ${error?.detail ?? ""}`
                })
              )
            }
            if (ok && before.status === "down") {
              yield* events.append(
                IntegrationEvents.recovered.make({
                  subject: live.integration.id,
                  message: `${live.integration.name} answers again`
                })
              )
            }
          })
        )
        if (ok) yield* integrations.learn(live, outcome.success)
      })

      const checkNow = Effect.fn("HealthMonitor.checkNow")(function* (integrationId: string) {
        const live = yield* integrations.connect(integrationId)
        // Urgent, because a person is waiting for it.
        if (live !== undefined) yield* urgently(check(live))
        return yield* integrations.get(integrationId)
      })

      const checkDue = Effect.gen(function* () {
        const millis = yield* Clock.currentTimeMillis
        const now = isoOfMillis(millis)
        // No wait is longer: a time beyond that was written before the clock was set back.
        const latest = isoOfMillis(millis + Math.max(healthyEveryMillis, slowestMillis))
        const due = (yield* integrations.live).filter(
          ({ integration: { health } }) =>
            health.nextCheckAt === null || health.nextCheckAt <= now || health.nextCheckAt > latest
        )
        yield* Effect.forEach(due, check, { concurrency: 4, discard: true })
      })

      return HealthMonitor.of({
        check,
        checkNow,
        checkDue,
        turn: Effect.andThen(repeatable(checkDue), Effect.sleep(failingEveryMillis))
      })
    })
  )
}
