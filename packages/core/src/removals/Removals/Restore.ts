/** Brings a removed item back, and keeps it. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { Integrations } from "../../integrations/Integrations.ts"
import { Protections } from "../../library/Protections.ts"
import { RestoreFailed } from "../Removal.ts"
import { RemovalStore } from "../RemovalStore.ts"
import { summaryOf } from "../RemovalStore/Rows.ts"
import { onlyFrom } from "./OnlyFrom.ts"

export const makeRestore = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const store = yield* RemovalStore
  const integrations = yield* Integrations
  const protections = yield* Protections

  return Effect.fn("Removals.restore")(function* (id: string) {
    const removal = yield* store.find(id)
    yield* onlyFrom("removed")(removal)
    const fail = (detail: string) => new RestoreFailed({ removalId: id, detail })
    const live = removal.integrationId === null ? undefined : yield* integrations.connect(removal.integrationId)
    const capability = live?.connected.removal
    if (removal.restore === null || live === undefined || capability === undefined) {
      return yield* fail(
        removal.restore === null ? "nothing was kept to restore it from" : "its integration is switched off"
      )
    }
    const { externalId } = yield* capability
      .restore(removal.restore)
      .pipe(Effect.mapError((error) => fail(error.message)))
    const { decision } = yield* store.detail(id)
    const season = decision.facts.find((fact) => fact.fact === "seasonNumber")?.value
    const restored = yield* sql
      .withTransaction(
        Effect.gen(function* () {
          // Who brings an item back wants to keep it; without this the next run would remove it again.
          yield* protections.keepTitle({
            itemId: removal.itemId,
            integrationId: live.integration.id,
            kind: removal.kind,
            ids: removal.ids,
            seasonNumber: typeof season === "number" ? season : null,
            title: removal.title,
            reason: "restored"
          })
          return yield* store.move(
            removal,
            "restored",
            "removal.restored",
            `"${removal.title}" was added again and is searched for`,
            { reason: `added again as ${externalId}, and protected` }
          )
        })
      )
      .pipe(Effect.catchTag("SqlError", Effect.die))
    return summaryOf(restored)
  })
})
