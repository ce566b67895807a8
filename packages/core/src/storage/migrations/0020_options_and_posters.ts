/**
 * The counters follow the option `wholeShows` of an integration. Options that are no JSON say nothing there, instead of
 * failing every write of an item and the update that repairs them.
 *
 * Pages no longer show where a metadata provider has a poster, so its column is dropped; the address stays in the
 * document of the item.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const triggers = ["items_count_insert", "items_count_update", "families_follow_options"]

const guarded = (text: string): string =>
  text.replace(
    /json_extract\((\w+\.options), '\$\.wholeShows'\)/g,
    "(CASE WHEN json_valid($1) THEN json_extract($1, '$$.wholeShows') END)"
  )

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (const name of triggers) {
    const [made] = yield* sql<{ sql: string }>`SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND name = ${name}`
    if (made === undefined) continue
    yield* sql`DROP TRIGGER ${sql(name)}`
    yield* sql.unsafe(guarded(made.sql))
  }
  yield* sql`ALTER TABLE items DROP COLUMN poster_url`
})
