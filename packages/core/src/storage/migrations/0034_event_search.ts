/**
 * The search of the event log by parts of its messages. The index is filled when somebody searches, up to an id that a
 * counter contains (`events/EventLog/Searching.ts`): appending costs nothing, and a log that nobody searches has none.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const statements = [
  `CREATE VIRTUAL TABLE events_search USING fts5 (message, content='', contentless_delete=1, detail=none, tokenize='trigram')`,
  "INSERT INTO counters (name, value) VALUES ('events.indexed', 0)",
  `CREATE TRIGGER events_search_delete AFTER DELETE ON events
    WHEN old.id <= (SELECT value FROM counters WHERE name = 'events.indexed') BEGIN
    DELETE FROM events_search WHERE rowid = old.id;
  END`
]

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (const statement of statements) yield* sql.unsafe(statement)
})
