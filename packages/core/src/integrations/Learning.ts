/**
 * Stores what an integration reports about itself in a probe, and appends an event if it turns out to be another
 * installation, or one that is connected twice.
 */
import { Effect, Equal } from "effect"
import type { SqlClient } from "effect/sql"
import type { EventLog } from "../events/EventLog.ts"
import { fromBit, toJson } from "../storage/Rows.ts"
import { transacting } from "../storage/Transactions.ts"
import { IntegrationEvents } from "./IntegrationEvents.ts"
import type { HealthContext } from "./IntegrationProblems.ts"
import { selfReportOf } from "./IntegrationRow.ts"
import type { LiveIntegration } from "./Integrations.ts"
import type { Probe } from "./Kind.ts"
import type { Other, Recognition } from "./Recognition.ts"
import { likenessWords } from "./Sameness.ts"

interface LearningNeed {
  readonly sql: SqlClient.SqlClient
  readonly events: EventLog["Service"]
  readonly recognition: Recognition
  readonly present: Effect.Effect<HealthContext>
  readonly othersIn: (context: HealthContext, exceptId: number | null) => ReadonlyArray<Other>
}

export const makeLearning = ({ events, othersIn, present, recognition, sql }: LearningNeed) =>
  Effect.fn("Integrations.learn")(function* ({ integration }: LiveIntegration, probe: Probe) {
    const context = yield* present
    const row = context.rows.find(({ id }) => String(id) === integration.id)
    // If the address was changed in the meantime, the response of the old address is discarded.
    if (row === undefined || row.version !== integration.version) return
    yield* recognition.remember(row.id, probe)
    const others = othersIn(context, null)
    const own = others.find((other) => other.row.id === row.id)
    if (own === undefined) return
    // The integration that was connected first is kept.
    const earlier = others.filter((other) => other.row.id < row.id && fromBit(other.row.enabled))
    const twin = yield* recognition.twinOf(
      { appearance: own.appearance, probe, others: earlier, means: "ask" },
      // One of the two does not answer at the moment: the previous result is kept.
      (other) => row.same_as === other.id
    )
    const before = selfReportOf(row)
    const after = { identity: probe.identity ?? null, watches: probe.watches ?? null }
    const sameAs = twin?.row.id ?? null
    if (Equal.equals(before, after) && sameAs === row.same_as) return
    yield* transacting(sql)(
      Effect.gen(function* () {
        const [changed] = yield* sql<{ id: number }>`UPDATE integrations SET ${sql.update({
          identity: after.identity,
          watches: after.watches === null ? null : toJson(after.watches),
          same_as: sameAs
        })} WHERE id = ${row.id} AND version = ${row.version} AND deleted_at IS NULL RETURNING id`
        if (changed === undefined) return
        if (before.identity !== null && after.identity !== null && before.identity !== after.identity) {
          yield* events.append(
            IntegrationEvents.replaced.make({
              subject: String(row.id),
              message: `Another installation than before answers at the address of "${row.name}"`,
              payload: { before: before.identity, after: after.identity }
            })
          )
        }
        if (twin !== null && sameAs !== row.same_as) {
          yield* events.append(
            IntegrationEvents.connectedTwice.make({
              subject: String(row.id),
              message: `"${row.name}" is the application that is already connected as "${twin.row.name}": ${likenessWords[twin.like]}. Remove one of the two integrations`,
              payload: { sameAs: String(twin.row.id) }
            })
          )
        }
      })
    )
  })
