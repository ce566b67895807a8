/** What filtered and sorted lists are read from, of items and of removals, and when a removal is attempted next. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** A list that is damaged has no members; its item is reported when the library is loaded. */
const membersOf = (item: string, from = "") => `INSERT INTO item_collections (collection, item_id)
    SELECT DISTINCT member.value, ${item}.id FROM ${from}
      json_each(CASE WHEN json_valid(${item}.collections) THEN ${item}.collections ELSE '[]' END) AS member
    WHERE member.type = 'text'`

const statements = [
  `CREATE TABLE item_collections (
    collection TEXT NOT NULL,
    item_id INTEGER NOT NULL,
    PRIMARY KEY (collection, item_id)
  ) WITHOUT ROWID`,
  `CREATE INDEX item_collections_by_item ON item_collections (item_id)`,
  membersOf("items", "items,"),
  `CREATE TRIGGER item_collections_insert AFTER INSERT ON items WHEN new.collections <> '[]' BEGIN
    ${membersOf("new")};
  END`,
  `CREATE TRIGGER item_collections_update AFTER UPDATE OF collections ON items WHEN old.collections <> new.collections BEGIN
    DELETE FROM item_collections WHERE item_id = old.id;
    ${membersOf("new")};
  END`,
  `CREATE TRIGGER item_collections_delete AFTER DELETE ON items BEGIN
    DELETE FROM item_collections WHERE item_id = old.id;
  END`,
  `CREATE INDEX items_by_kind ON items (kind, size_bytes, id) WHERE gone_at IS NULL`,
  `CREATE INDEX items_gone ON items (sort_title, id) WHERE gone_at IS NOT NULL`,
  // The next moment at which a removal may be carried out, if nothing prevents it.
  `ALTER TABLE removals ADD COLUMN attempt_at TEXT GENERATED ALWAYS AS (
    CASE WHEN state = 'failed' THEN next_attempt_at
      WHEN state = 'scheduled' THEN
        CASE WHEN next_attempt_at > scheduled_at THEN next_attempt_at ELSE scheduled_at END
    END) VIRTUAL`,
  `DROP INDEX removals_by_state`,
  `CREATE INDEX removals_by_state ON removals (state, attempt_at, id)`,
  `CREATE INDEX removals_by_step ON removals (step, updated_at) WHERE step IS NOT NULL`,
  `CREATE INDEX removals_by_rank ON removals (rank, id)`,
  `CREATE INDEX removals_by_due ON removals (coalesce(scheduled_at, '9999'), id)`,
  `CREATE INDEX removals_by_integration ON removals (integration_id, id)`
]

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (const statement of statements) yield* sql.unsafe(statement)
})
