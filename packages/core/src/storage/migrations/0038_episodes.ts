/**
 * Single episodes of shows as items. They are no units: the counters of the library, and of what a show consists of, leave
 * them out. Stored episodes say which of them the application knows to be the last one of a season or of the show, and a
 * protection which episode it is about.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** The row that each of these triggers checks. */
const triggers = { items_count_insert: "new", items_count_update: "new", items_count_delete: "old" } as const

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`ALTER TABLE item_episodes ADD COLUMN finale TEXT`
  yield* sql`ALTER TABLE protections ADD COLUMN episode_number INTEGER`
  for (const [name, row] of Object.entries(triggers)) {
    const [made] = yield* sql<{ sql: string }>`SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND name = ${name}`
    if (made === undefined) continue
    yield* sql`DROP TRIGGER ${sql(name)}`
    yield* sql.unsafe(made.sql.replace(/\sWHEN\s([\s\S]*?)\sBEGIN\s/, ` WHEN ${row}.kind <> 'episode' AND ($1) BEGIN `))
  }
})
