/**
 * People, the accounts by which applications know them, and what each account has played of each item. The details of
 * an item are the rows about it in these tables; their hash shows whether a sync must write them again. All of it counts
 * as part of the library, whose revision it increments.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const counted = "BEGIN UPDATE counters SET value = value + 1 WHERE name = 'library.revision'; END"

const withoutIdentities = `BEGIN
    DELETE FROM viewers WHERE id = old.viewer_id
      AND NOT EXISTS (SELECT 1 FROM viewer_identities WHERE viewer_id = old.viewer_id);
  END`

const statements = [
  `CREATE TABLE viewers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
  )`,
  `CREATE TABLE viewer_identities (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    viewer_id INTEGER NOT NULL REFERENCES viewers (id),
    integration_id INTEGER NOT NULL REFERENCES integrations (id) ON DELETE CASCADE,
    role TEXT NOT NULL CHECK (role IN ('account', 'requester')),
    key TEXT NOT NULL,
    keys TEXT NOT NULL,
    shared_ids TEXT NOT NULL,
    name TEXT NOT NULL,
    names TEXT NOT NULL,
    ambiguous TEXT NOT NULL,
    placed_by TEXT NOT NULL CHECK (placed_by IN ('sync', 'person')),
    missing_since TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    UNIQUE (integration_id, key)
  )`,
  `CREATE INDEX viewer_identities_by_viewer ON viewer_identities (viewer_id, id)`,
  `CREATE TABLE plays (
    item_id INTEGER NOT NULL REFERENCES items (id) ON DELETE CASCADE,
    identity_id INTEGER NOT NULL REFERENCES viewer_identities (id) ON DELETE CASCADE,
    plays INTEGER NOT NULL,
    first_played_at TEXT,
    last_played_at TEXT,
    undated INTEGER NOT NULL DEFAULT 0,
    seen INTEGER,
    last_seen_at TEXT,
    furthest REAL,
    source TEXT NOT NULL,
    PRIMARY KEY (item_id, identity_id)
  ) WITHOUT ROWID`,
  `CREATE INDEX plays_by_identity ON plays (identity_id, item_id)`,
  `CREATE TABLE item_details (
    item_id INTEGER PRIMARY KEY REFERENCES items (id) ON DELETE CASCADE,
    hash TEXT NOT NULL
  )`,
  `CREATE TRIGGER item_details_gone AFTER UPDATE OF gone_at ON items
    WHEN new.gone_at IS NOT NULL AND old.gone_at IS NULL BEGIN
      DELETE FROM plays WHERE item_id = new.id;
      DELETE FROM item_details WHERE item_id = new.id;
    END`,
  `CREATE TRIGGER viewers_without_identities AFTER DELETE ON viewer_identities ${withoutIdentities}`,
  `CREATE TRIGGER viewers_left AFTER UPDATE OF viewer_id ON viewer_identities
    WHEN old.viewer_id <> new.viewer_id ${withoutIdentities}`,
  `CREATE TRIGGER item_details_revision_insert AFTER INSERT ON item_details ${counted}`,
  `CREATE TRIGGER item_details_revision_update AFTER UPDATE ON item_details ${counted}`,
  `CREATE TRIGGER item_details_revision_delete AFTER DELETE ON item_details ${counted}`,
  `CREATE TRIGGER viewers_revision_update AFTER UPDATE OF name ON viewers ${counted}`,
  `CREATE TRIGGER viewer_identities_revision_insert AFTER INSERT ON viewer_identities ${counted}`,
  `CREATE TRIGGER viewer_identities_revision_update AFTER UPDATE ON viewer_identities ${counted}`,
  `CREATE TRIGGER viewer_identities_revision_delete AFTER DELETE ON viewer_identities ${counted}`
]

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (const statement of statements) yield* sql.unsafe(statement)
})
