/**
 * How many movies and shows of each media server no manager knows: counted when the library is joined, and shown with
 * the integration, so that a person sees what the option to manage them is for.
 */
import { Effect } from "effect"
import type { SqlClient } from "effect/sql"

const prefix = "integrations.unmanaged."

/** Run it in the transaction that applies a sync. */
export const storeUnmanaged = Effect.fnUntraced(function* (
  sql: SqlClient.SqlClient,
  counts: ReadonlyMap<string, number>
) {
  for (const [integrationId, value] of counts) {
    yield* sql`INSERT INTO counters ${sql.insert({ name: `${prefix}${integrationId}`, value })}
      ON CONFLICT (name) DO UPDATE SET value = excluded.value`
  }
}, Effect.orDie)

/** The counts by integration id. */
export const unmanagedCounts = (sql: SqlClient.SqlClient): Effect.Effect<ReadonlyMap<string, number>> =>
  sql<{ name: string; value: number }>`SELECT name, value FROM counters WHERE name LIKE ${`${prefix}%`}`.pipe(
    Effect.map((rows) => new Map(rows.map(({ name, value }) => [name.slice(prefix.length), value]))),
    Effect.orDie
  )
