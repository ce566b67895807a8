/**
 * Who requested what, and who has an item on a list of their own: a favourite, a watchlist. Requests are kept whether or
 * not what they are for is in the library. The pages of a person are read along the indexes.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const statements = [
  // Without an identity, it is not known who requested it.
  `CREATE TABLE requests (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    integration_id INTEGER NOT NULL REFERENCES integrations (id) ON DELETE CASCADE,
    request_id TEXT NOT NULL,
    identity_id INTEGER REFERENCES viewer_identities (id) ON DELETE SET NULL,
    kind TEXT NOT NULL CHECK (kind IN ('movie', 'show')),
    ids TEXT NOT NULL,
    seasons TEXT,
    status TEXT NOT NULL,
    is_4k INTEGER NOT NULL,
    requested_at TEXT,
    approved_at TEXT,
    approved_by TEXT,
    names TEXT NOT NULL,
    UNIQUE (integration_id, request_id)
  )`,
  `CREATE INDEX requests_by_identity ON requests (identity_id, coalesce(requested_at, ''), id)`,
  `CREATE INDEX requests_by_time ON requests (coalesce(requested_at, ''), id)`,
  `CREATE TABLE item_requests (
    item_id INTEGER NOT NULL REFERENCES items (id) ON DELETE CASCADE,
    request_id INTEGER NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
    PRIMARY KEY (item_id, request_id)
  ) WITHOUT ROWID`,
  `CREATE INDEX item_requests_by_request ON item_requests (request_id, item_id)`,
  `CREATE TABLE listings (
    item_id INTEGER NOT NULL REFERENCES items (id) ON DELETE CASCADE,
    identity_id INTEGER NOT NULL REFERENCES viewer_identities (id) ON DELETE CASCADE,
    list TEXT NOT NULL CHECK (list IN ('favourites', 'watchlist')),
    PRIMARY KEY (item_id, identity_id, list)
  ) WITHOUT ROWID`,
  `CREATE INDEX listings_by_identity ON listings (identity_id, list, item_id)`,
  `CREATE TRIGGER item_people_gone AFTER UPDATE OF gone_at ON items
    WHEN new.gone_at IS NOT NULL AND old.gone_at IS NULL BEGIN
      DELETE FROM item_requests WHERE item_id = new.id;
      DELETE FROM listings WHERE item_id = new.id;
    END`
]

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (const statement of statements) yield* sql.unsafe(statement)
})
