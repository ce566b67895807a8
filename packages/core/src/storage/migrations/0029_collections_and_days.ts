/** Collections get ids that they keep, and the size of the library is recorded per day. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const known = (title: string) => `INSERT INTO collections (title, created_at)
    SELECT ${title}, strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
    WHERE NOT EXISTS (SELECT 1 FROM collections WHERE title = ${title})`

const statements = [
  // A collection that is empty for a while has the same id when it comes back.
  `CREATE TABLE collections (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    title TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL
  )`,
  `INSERT INTO collections (title, created_at)
    SELECT collection, strftime('%Y-%m-%dT%H:%M:%fZ', 'now') FROM item_collections GROUP BY collection ORDER BY collection`,
  `CREATE TRIGGER collections_known AFTER INSERT ON item_collections BEGIN
    ${known("new.collection")};
  END`,
  `CREATE TABLE library_days (
    day TEXT NOT NULL,
    kind TEXT NOT NULL,
    items INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (day, kind)
  ) WITHOUT ROWID`,
  `CREATE INDEX items_by_plays ON items (coalesce(play_count, 0), id) WHERE gone_at IS NULL`
]

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (const statement of statements) yield* sql.unsafe(statement)
})
