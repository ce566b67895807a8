/** Builds a database of Prunerr by its schema (19 migrations), with the rows of a test. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"

type Value = string | number | null | Uint8Array
export type Row = Readonly<Record<string, Value>>

export interface PrunerrContent {
  readonly media_items?: ReadonlyArray<Row>
  readonly rules?: ReadonlyArray<Row>
  readonly settings?: ReadonlyArray<Row>
  readonly deletion_history?: ReadonlyArray<Row>
  readonly activity_log?: ReadonlyArray<Row>
  readonly collections?: ReadonlyArray<Row>
  readonly collection_items?: ReadonlyArray<Row>
  readonly plex_users?: ReadonlyArray<Row>
  readonly watch_history_cache?: ReadonlyArray<Row>
}

const schema = `
  CREATE TABLE migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at TEXT DEFAULT (datetime('now')));
  CREATE TABLE settings (id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, value TEXT NOT NULL);
  CREATE TABLE profiles (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, is_active INTEGER DEFAULT 0);
  CREATE TABLE media_items (
    id INTEGER PRIMARY KEY AUTOINCREMENT, type TEXT NOT NULL CHECK (type IN ('movie', 'show', 'episode')),
    title TEXT NOT NULL, plex_id TEXT, sonarr_id INTEGER, radarr_id INTEGER, file_size INTEGER, play_count INTEGER DEFAULT 0,
    status TEXT NOT NULL DEFAULT 'monitored', marked_at TEXT, delete_after TEXT, is_protected INTEGER NOT NULL DEFAULT 0,
    protection_reason TEXT, year INTEGER, imdb_id TEXT, tmdb_id INTEGER, tvdb_id INTEGER, requested_by TEXT,
    deletion_action TEXT DEFAULT 'delete_files', reset_overseerr INTEGER DEFAULT 0, matched_rule_id INTEGER, library_key TEXT,
    deleted_at TEXT
  );
  CREATE TABLE rules (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, profile_id INTEGER, type TEXT NOT NULL DEFAULT 'custom',
    media_type TEXT DEFAULT 'all', library_keys TEXT, conditions TEXT NOT NULL DEFAULT '[]', action TEXT NOT NULL,
    enabled INTEGER NOT NULL DEFAULT 1, grace_period_days INTEGER DEFAULT 7, deletion_action TEXT DEFAULT 'delete_files',
    reset_overseerr INTEGER DEFAULT 0, priority INTEGER NOT NULL DEFAULT 0
  );
  CREATE TABLE deletion_history (
    id INTEGER PRIMARY KEY AUTOINCREMENT, media_item_id INTEGER, title TEXT NOT NULL, type TEXT NOT NULL, file_size INTEGER,
    deleted_at TEXT NOT NULL, deletion_type TEXT NOT NULL, deleted_by_rule_id INTEGER
  );
  CREATE TABLE activity_log (
    id INTEGER PRIMARY KEY AUTOINCREMENT, event_type TEXT NOT NULL, action TEXT NOT NULL, actor_type TEXT NOT NULL,
    actor_id TEXT, actor_name TEXT, target_type TEXT, target_id INTEGER, target_title TEXT, metadata TEXT,
    created_at TEXT NOT NULL
  );
  CREATE TABLE collections (
    id INTEGER PRIMARY KEY AUTOINCREMENT, tmdb_id INTEGER UNIQUE, title TEXT NOT NULL, is_protected INTEGER DEFAULT 0,
    protection_reason TEXT
  );
  CREATE TABLE collection_items (
    collection_id INTEGER NOT NULL, media_item_id INTEGER NOT NULL, PRIMARY KEY (collection_id, media_item_id)
  );
  CREATE TABLE plex_users (id INTEGER PRIMARY KEY AUTOINCREMENT, plex_user_id TEXT UNIQUE NOT NULL, username TEXT NOT NULL);
  CREATE TABLE watch_history_cache (
    id INTEGER PRIMARY KEY AUTOINCREMENT, plex_rating_key TEXT NOT NULL, username TEXT NOT NULL, stopped_at TEXT NOT NULL
  );
`

/** The bytes of the file. `more` are statements that are executed last. */
export const prunerrDatabase = (content: PrunerrContent, { migration = 19, more = "", wal = false } = {}): Uint8Array =>
  databaseOf(
    `${schema} INSERT INTO migrations (version, name) VALUES (${migration}, 'last'); ${more}`,
    { ...content },
    wal
  )

/** A database with these tables and rows. */
export const databaseOf = (
  statements: string,
  content: Readonly<Record<string, ReadonlyArray<Row> | undefined>>,
  wal = false
): Uint8Array => {
  const folder = mkdtempSync(join(tmpdir(), "moving-"))
  try {
    const file = join(folder, "database")
    const database = new DatabaseSync(file)
    if (wal) database.exec("PRAGMA journal_mode = WAL")
    database.exec("BEGIN")
    database.exec(statements)
    for (const [table, rows] of Object.entries(content)) {
      for (const row of rows ?? []) {
        const names = Object.keys(row)
        database
          .prepare(
            `INSERT INTO "${table}" (${names.map((one) => `"${one}"`).join()}) VALUES (${names.map(() => "?").join()})`
          )
          .run(...Object.values(row))
      }
    }
    database.exec("COMMIT")
    database.close()
    return Uint8Array.from(readFileSync(file))
  } finally {
    rmSync(folder, { recursive: true })
  }
}
