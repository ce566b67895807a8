/** The first schema. Times are ISO-8601 UTC text, sizes are bytes, booleans are 0 and 1, lists and objects are JSON text. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const statements = [
  `CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    version INTEGER NOT NULL,
    updated_at TEXT NOT NULL
  )`,

  `CREATE TABLE accounts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    username TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
  )`,
  `CREATE TABLE sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
    token_hash TEXT NOT NULL UNIQUE,
    user_agent TEXT,
    address TEXT,
    created_at TEXT NOT NULL,
    last_seen_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    revoked_at TEXT
  )`,
  `CREATE TABLE api_keys (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    scope TEXT NOT NULL,
    key_hash TEXT NOT NULL UNIQUE,
    hint TEXT NOT NULL,
    created_at TEXT NOT NULL,
    last_used_at TEXT,
    expires_at TEXT,
    revoked_at TEXT
  )`,
  `CREATE TABLE setup_keys (
    key_hash TEXT PRIMARY KEY,
    created_at TEXT NOT NULL,
    used_at TEXT
  )`,

  `CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    type TEXT NOT NULL,
    category TEXT NOT NULL,
    severity TEXT NOT NULL,
    actor TEXT NOT NULL,
    subject_type TEXT,
    subject_id TEXT,
    message TEXT NOT NULL,
    payload TEXT NOT NULL
  )`,
  `CREATE INDEX events_by_type ON events (type, id)`,
  `CREATE INDEX events_by_category ON events (category, id)`,
  `CREATE INDEX events_by_subject ON events (subject_type, subject_id, id)`,

  `CREATE TABLE schedules (
    job TEXT PRIMARY KEY,
    type TEXT NOT NULL,
    expression TEXT NOT NULL,
    zone TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    version INTEGER NOT NULL,
    updated_at TEXT NOT NULL
  )`,
  `CREATE TABLE job_runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    job TEXT NOT NULL,
    started_by TEXT NOT NULL,
    actor TEXT NOT NULL,
    status TEXT NOT NULL,
    overrides TEXT NOT NULL,
    progress TEXT,
    result TEXT,
    error TEXT,
    errors INTEGER NOT NULL DEFAULT 0,
    queued_at TEXT NOT NULL,
    started_at TEXT,
    ended_at TEXT
  )`,
  `CREATE INDEX job_runs_by_job ON job_runs (job, id)`,
  `CREATE INDEX job_runs_by_status ON job_runs (status, id)`,
  `CREATE TABLE job_run_logs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id INTEGER NOT NULL REFERENCES job_runs(id) ON DELETE CASCADE,
    at TEXT NOT NULL,
    level TEXT NOT NULL,
    message TEXT NOT NULL,
    data TEXT
  )`,
  `CREATE INDEX job_run_logs_by_run ON job_run_logs (run_id, id)`,

  `CREATE TABLE integrations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    config TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    options TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    deleted_at TEXT
  )`,
  `CREATE UNIQUE INDEX integrations_by_name ON integrations (name) WHERE deleted_at IS NULL`,
  `CREATE TABLE integration_health (
    integration_id INTEGER PRIMARY KEY REFERENCES integrations(id) ON DELETE CASCADE,
    status TEXT NOT NULL,
    app_name TEXT,
    app_version TEXT,
    latency_millis INTEGER,
    consecutive_failures INTEGER NOT NULL,
    error TEXT,
    checked_at TEXT NOT NULL,
    last_ok_at TEXT,
    next_check_at TEXT NOT NULL
  )`,
  // One row per integration and observation: the last successful reading, and the result of the last attempt.
  `CREATE TABLE sources (
    integration_id INTEGER NOT NULL REFERENCES integrations(id) ON DELETE CASCADE,
    observation TEXT NOT NULL,
    generation INTEGER NOT NULL,
    status TEXT NOT NULL,
    error TEXT,
    entries INTEGER NOT NULL,
    calls INTEGER NOT NULL,
    observed_at TEXT,
    attempted_at TEXT NOT NULL,
    held_generation INTEGER,
    held_at TEXT,
    held_detail TEXT,
    PRIMARY KEY (integration_id, observation)
  )`,
  // The data that was read, in pieces small enough to parse without blocking the event loop.
  `CREATE TABLE source_chunks (
    integration_id INTEGER NOT NULL,
    observation TEXT NOT NULL,
    generation INTEGER NOT NULL,
    position INTEGER NOT NULL,
    payload TEXT NOT NULL,
    PRIMARY KEY (integration_id, observation, generation, position),
    FOREIGN KEY (integration_id) REFERENCES integrations(id) ON DELETE CASCADE
  )`,

  `CREATE TABLE disk_groups (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    mount_path TEXT NOT NULL,
    owner_integration_id INTEGER NOT NULL,
    total_bytes INTEGER NOT NULL,
    free_bytes INTEGER NOT NULL,
    total_bytes_override INTEGER,
    limits TEXT NOT NULL,
    mode TEXT NOT NULL,
    allowed_unknown TEXT NOT NULL,
    read_at TEXT NOT NULL,
    stale_since TEXT,
    stopped_because TEXT,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    UNIQUE (mount_path, owner_integration_id)
  )`,
  `CREATE TABLE disk_group_sources (
    disk_group_id INTEGER NOT NULL REFERENCES disk_groups(id) ON DELETE CASCADE,
    integration_id INTEGER NOT NULL REFERENCES integrations(id) ON DELETE CASCADE,
    reported_path TEXT NOT NULL,
    PRIMARY KEY (disk_group_id, integration_id, reported_path)
  )`,
  `CREATE TABLE disk_usage (
    disk_group_id INTEGER NOT NULL REFERENCES disk_groups(id) ON DELETE CASCADE,
    resolution TEXT NOT NULL,
    at TEXT NOT NULL,
    total_bytes INTEGER NOT NULL,
    used_bytes INTEGER NOT NULL,
    PRIMARY KEY (disk_group_id, resolution, at)
  )`,

  `CREATE TABLE items (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    integration_id INTEGER NOT NULL REFERENCES integrations(id) ON DELETE CASCADE,
    external_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    parent_external_id TEXT,
    title TEXT NOT NULL,
    sort_title TEXT NOT NULL,
    year INTEGER,
    ids TEXT NOT NULL,
    path TEXT,
    size_bytes INTEGER NOT NULL,
    added_at TEXT,
    last_played_at TEXT,
    play_count INTEGER,
    rating REAL,
    disk_group_id INTEGER REFERENCES disk_groups(id) ON DELETE SET NULL,
    collections TEXT NOT NULL,
    data TEXT NOT NULL,
    data_hash TEXT NOT NULL,
    gone_at TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    UNIQUE (integration_id, external_id)
  )`,
  `CREATE INDEX items_by_title ON items (sort_title, id) WHERE gone_at IS NULL`,
  `CREATE INDEX items_by_size ON items (size_bytes, id) WHERE gone_at IS NULL`,
  `CREATE INDEX items_by_added ON items (coalesce(added_at, ''), id) WHERE gone_at IS NULL`,
  `CREATE INDEX items_by_last_played ON items (coalesce(last_played_at, ''), id) WHERE gone_at IS NULL`,
  `CREATE INDEX items_by_year ON items (coalesce(year, 0), id) WHERE gone_at IS NULL`,
  `CREATE INDEX items_by_disk_group ON items (disk_group_id, id) WHERE gone_at IS NULL`,
  `CREATE TABLE protections (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    target TEXT NOT NULL,
    item_id INTEGER REFERENCES items(id),
    integration_id INTEGER REFERENCES integrations(id) ON DELETE CASCADE,
    kind TEXT,
    ids TEXT NOT NULL,
    season_number INTEGER,
    collection TEXT,
    title TEXT NOT NULL,
    reason TEXT NOT NULL,
    actor TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT
  )`,
  `CREATE UNIQUE INDEX protections_by_item ON protections (item_id) WHERE item_id IS NOT NULL`,
  `CREATE UNIQUE INDEX protections_by_collection ON protections (collection) WHERE collection IS NOT NULL`,

  `CREATE TABLE rules (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    position INTEGER NOT NULL,
    enabled INTEGER NOT NULL,
    effect TEXT NOT NULL,
    condition TEXT NOT NULL,
    scope TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
  )`,

  `CREATE TABLE removals (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    item_id INTEGER NOT NULL REFERENCES items(id),
    integration_id INTEGER REFERENCES integrations(id) ON DELETE SET NULL,
    disk_group_id INTEGER REFERENCES disk_groups(id) ON DELETE SET NULL,
    external_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    ids TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    state TEXT NOT NULL,
    mode TEXT NOT NULL,
    origin TEXT NOT NULL,
    actor TEXT NOT NULL,
    run_id INTEGER REFERENCES job_runs(id) ON DELETE SET NULL,
    collection TEXT,
    position INTEGER NOT NULL,
    rank REAL NOT NULL,
    decision TEXT NOT NULL,
    scheduled_at TEXT,
    snoozed_until TEXT,
    attempts INTEGER NOT NULL,
    next_attempt_at TEXT,
    step TEXT,
    restore TEXT,
    freed_bytes INTEGER,
    because TEXT NOT NULL,
    reason TEXT,
    approved_by TEXT,
    ended_by TEXT,
    final INTEGER NOT NULL,
    released_at TEXT,
    version INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    ended_at TEXT
  )`,
  // An item has at most one open removal; the database enforces it, whatever the code does.
  `CREATE UNIQUE INDEX removals_open_by_item ON removals (item_id)
    WHERE state IN ('proposed', 'snoozed', 'scheduled', 'executing', 'failed')`,
  `CREATE INDEX removals_by_state ON removals (state, scheduled_at, id)`,
  `CREATE INDEX removals_by_item ON removals (item_id, id)`,
  `CREATE INDEX removals_by_disk_group ON removals (disk_group_id, state, id)`,

  // Totals that pages show without counting rows.
  `CREATE TABLE counters (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
  )`
]

/** Full-text search over titles. PostgreSQL would use its own index here, hence `onDialect` at the place of use. */
const search = [
  `CREATE VIRTUAL TABLE items_search USING fts5 (title, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2 3')`,
  `CREATE TRIGGER items_search_insert AFTER INSERT ON items BEGIN
    INSERT INTO items_search (rowid, title) VALUES (new.id, new.title);
  END`,
  `CREATE TRIGGER items_search_update AFTER UPDATE OF title ON items WHEN old.title <> new.title BEGIN
    DELETE FROM items_search WHERE rowid = old.id;
    INSERT INTO items_search (rowid, title) VALUES (new.id, new.title);
  END`,
  `CREATE TRIGGER items_search_delete AFTER DELETE ON items BEGIN
    DELETE FROM items_search WHERE rowid = old.id;
  END`
]

/** The bytes of a whole are those of its parts (a show's of its seasons); counting both would count them twice. */
const ownBytes = (row: string) =>
  `CASE WHEN ${row}.gone_at IS NOT NULL OR ${row}.kind IN ('show', 'artist', 'author') THEN 0 ELSE ${row}.size_bytes END`
const there = (row: string) => `CASE WHEN ${row}.gone_at IS NULL THEN 1 ELSE 0 END`
const open = (row: string) =>
  `CASE WHEN ${row}.state IN ('proposed', 'snoozed', 'scheduled', 'executing', 'failed') THEN 1 ELSE 0 END`

const counters = [
  `INSERT INTO counters (name, value) VALUES ('library.items', 0), ('library.bytes', 0), ('removals.open', 0),
    ('removals.items', 0), ('removals.bytes', 0), ('protections', 0)`,
  `CREATE TRIGGER items_count_insert AFTER INSERT ON items BEGIN
    UPDATE counters SET value = value + ${there("new")} WHERE name = 'library.items';
    UPDATE counters SET value = value + ${ownBytes("new")} WHERE name = 'library.bytes';
  END`,
  `CREATE TRIGGER items_count_update AFTER UPDATE OF gone_at, size_bytes, kind ON items BEGIN
    UPDATE counters SET value = value + ${there("new")} - ${there("old")} WHERE name = 'library.items';
    UPDATE counters SET value = value + ${ownBytes("new")} - ${ownBytes("old")} WHERE name = 'library.bytes';
  END`,
  `CREATE TRIGGER items_count_delete AFTER DELETE ON items BEGIN
    UPDATE counters SET value = value - ${there("old")} WHERE name = 'library.items';
    UPDATE counters SET value = value - ${ownBytes("old")} WHERE name = 'library.bytes';
  END`,
  `CREATE TRIGGER removals_count_insert AFTER INSERT ON removals BEGIN
    UPDATE counters SET value = value + ${open("new")} WHERE name = 'removals.open';
  END`,
  `CREATE TRIGGER removals_count_update AFTER UPDATE OF state ON removals BEGIN
    UPDATE counters SET value = value + ${open("new")} - ${open("old")} WHERE name = 'removals.open';
  END`,
  `CREATE TRIGGER protections_count_insert AFTER INSERT ON protections BEGIN
    UPDATE counters SET value = value + 1 WHERE name = 'protections';
  END`,
  `CREATE TRIGGER protections_count_delete AFTER DELETE ON protections BEGIN
    UPDATE counters SET value = value - 1 WHERE name = 'protections';
  END`
]

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (const statement of [...statements, ...search, ...counters]) yield* sql.unsafe(statement)
})
