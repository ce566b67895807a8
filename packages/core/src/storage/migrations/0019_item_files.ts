/** The files of items, as their managing applications list them. What they have not determined is `NULL`. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const statements = [
  `CREATE TABLE item_files (
    item_id INTEGER NOT NULL REFERENCES items (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    path TEXT,
    size_bytes INTEGER,
    quality TEXT,
    release_group TEXT,
    languages TEXT,
    audio_languages TEXT,
    subtitle_languages TEXT,
    video_codec TEXT,
    audio_codec TEXT,
    added_at TEXT,
    custom_format_score INTEGER,
    PRIMARY KEY (item_id, position)
  ) WITHOUT ROWID`,
  `CREATE TRIGGER item_files_gone AFTER UPDATE OF gone_at ON items
    WHEN new.gone_at IS NOT NULL AND old.gone_at IS NULL BEGIN
      DELETE FROM item_files WHERE item_id = new.id;
    END`
]

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (const statement of statements) yield* sql.unsafe(statement)
})
