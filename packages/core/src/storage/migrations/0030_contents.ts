/**
 * The episodes of shows, and the files of shows, artists and authors, each list as it was last read for a whole. What was
 * read counts as part of the library, whose revision it increments. A list is read again when the whole shows another
 * sign than the one it was read at.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const counted = "BEGIN UPDATE counters SET value = value + 1 WHERE name = 'library.revision'; END"

const statements = [
  "ALTER TABLE item_files ADD COLUMN file_id TEXT",
  // The external id of the season, the album or the book.
  "ALTER TABLE item_files ADD COLUMN part TEXT",
  "ALTER TABLE item_files ADD COLUMN cutoff_met INTEGER",
  `CREATE TABLE item_episodes (
    item_id INTEGER NOT NULL REFERENCES items (id) ON DELETE CASCADE,
    season INTEGER NOT NULL,
    place INTEGER NOT NULL,
    episode_id TEXT NOT NULL,
    number INTEGER,
    absolute_number INTEGER,
    title TEXT,
    airs_at TEXT,
    air_date_read INTEGER NOT NULL,
    monitored INTEGER,
    has_file INTEGER,
    file_id TEXT,
    PRIMARY KEY (item_id, season, place, episode_id)
  ) WITHOUT ROWID`,
  `CREATE TABLE item_contents (
    item_id INTEGER NOT NULL REFERENCES items (id) ON DELETE CASCADE,
    list TEXT NOT NULL CHECK (list IN ('episodes', 'files')),
    sign TEXT,
    read_at TEXT,
    attempted_at TEXT NOT NULL,
    failure_reason TEXT,
    failure_detail TEXT,
    PRIMARY KEY (item_id, list)
  ) WITHOUT ROWID`,
  // A part takes along what is stored about its whole, which is no longer true.
  `CREATE TRIGGER item_contents_gone AFTER UPDATE OF gone_at ON items
    WHEN new.gone_at IS NOT NULL AND old.gone_at IS NULL BEGIN
      DELETE FROM item_contents WHERE item_id = new.id OR item_id = (
        SELECT whole.id FROM items whole
        WHERE whole.integration_id = new.integration_id AND whole.external_id = new.parent_external_id);
    END`,
  `CREATE TRIGGER item_contents_deleted AFTER DELETE ON item_contents BEGIN
      DELETE FROM item_episodes WHERE item_id = old.item_id AND old.list = 'episodes';
      DELETE FROM item_files WHERE item_id = old.item_id AND file_id IS NOT NULL AND old.list = 'files';
    END`,
  `CREATE TRIGGER item_contents_revision_insert AFTER INSERT ON item_contents ${counted}`,
  `CREATE TRIGGER item_contents_revision_update AFTER UPDATE ON item_contents ${counted}`,
  `CREATE TRIGGER item_contents_revision_delete AFTER DELETE ON item_contents ${counted}`
]

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (const statement of statements) yield* sql.unsafe(statement)
})
