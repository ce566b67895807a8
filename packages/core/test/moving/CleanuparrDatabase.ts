/**
 * Builds the databases of Cleanuparr with the rows of a test, by the part of their schema that is read. Names and types
 * of tables and columns are those that its migrations create up to 20260616155757 (configuration) and 20260706084236
 * (events), as its public sources show them.
 */
import { databaseOf, type Row } from "./PrunerrDatabase.ts"

export interface CleanuparrContent {
  readonly general_configs?: ReadonlyArray<Row>
  readonly queue_cleaner_configs?: ReadonlyArray<Row>
  readonly stall_rules?: ReadonlyArray<Row>
  readonly slow_rules?: ReadonlyArray<Row>
  readonly arr_configs?: ReadonlyArray<Row>
  readonly arr_instances?: ReadonlyArray<Row>
  readonly download_clients?: ReadonlyArray<Row>
  readonly seeker_configs?: ReadonlyArray<Row>
  readonly content_blocker_configs?: ReadonlyArray<Row>
  readonly q_bit_seeding_rules?: ReadonlyArray<Row>
  readonly notification_configs?: ReadonlyArray<Row>
}

const rule = `"id" TEXT NOT NULL PRIMARY KEY, "queue_cleaner_config_id" TEXT NOT NULL DEFAULT 'Q', "name" TEXT NOT NULL,
    "enabled" INTEGER NOT NULL DEFAULT 1, "max_strikes" INTEGER NOT NULL DEFAULT 3, "privacy_type" TEXT NOT NULL DEFAULT 'public',
    "min_completion_percentage" INTEGER NOT NULL DEFAULT 0, "max_completion_percentage" INTEGER NOT NULL DEFAULT 100,
    "reset_strikes_on_progress" INTEGER NOT NULL DEFAULT 1, "change_category" INTEGER NOT NULL DEFAULT 0,
    "delete_private_torrents_from_client" INTEGER NOT NULL DEFAULT 0`

const schema = `
  CREATE TABLE "__EFMigrationsHistory" ("MigrationId" TEXT NOT NULL PRIMARY KEY, "ProductVersion" TEXT NOT NULL);
  CREATE TABLE "general_configs" (
    "id" TEXT NOT NULL PRIMARY KEY DEFAULT 'G', "dry_run" INTEGER NOT NULL DEFAULT 0,
    "encryption_key" TEXT NOT NULL DEFAULT 'the-encryption-key', "ignored_downloads" TEXT NOT NULL DEFAULT '[]',
    "strike_inactivity_window_hours" INTEGER NOT NULL DEFAULT 24
  );
  CREATE TABLE "queue_cleaner_configs" (
    "id" TEXT NOT NULL PRIMARY KEY DEFAULT 'Q', "enabled" INTEGER NOT NULL DEFAULT 1,
    "cron_expression" TEXT NOT NULL DEFAULT '0 0/5 * * * ?', "use_advanced_scheduling" INTEGER NOT NULL DEFAULT 0,
    "ignored_downloads" TEXT NOT NULL DEFAULT '[]', "downloading_metadata_max_strikes" INTEGER NOT NULL DEFAULT 0,
    "failed_import_max_strikes" INTEGER NOT NULL DEFAULT 0, "failed_import_ignore_private" INTEGER NOT NULL DEFAULT 0,
    "failed_import_delete_private" INTEGER NOT NULL DEFAULT 0, "failed_import_change_category" INTEGER NOT NULL DEFAULT 0,
    "failed_import_patterns" TEXT NOT NULL DEFAULT '[]', "failed_import_pattern_mode" TEXT NOT NULL DEFAULT 'include'
  );
  CREATE TABLE "stall_rules" (${rule}, "minimum_progress" TEXT);
  CREATE TABLE "slow_rules" (
    ${rule}, "min_speed" TEXT NOT NULL DEFAULT '', "max_time_hours" REAL NOT NULL DEFAULT 0, "ignore_above_size" TEXT
  );
  CREATE TABLE "arr_configs" (
    "id" TEXT NOT NULL PRIMARY KEY, "failed_import_max_strikes" INTEGER NOT NULL DEFAULT -1, "type" TEXT NOT NULL
  );
  CREATE TABLE "arr_instances" (
    "id" TEXT NOT NULL PRIMARY KEY, "arr_config_id" TEXT NOT NULL, "enabled" INTEGER NOT NULL DEFAULT 1, "name" TEXT NOT NULL,
    "url" TEXT NOT NULL, "api_key" TEXT NOT NULL, "external_url" TEXT, "version" REAL NOT NULL DEFAULT 3
  );
  CREATE TABLE "download_clients" (
    "id" TEXT NOT NULL PRIMARY KEY, "enabled" INTEGER NOT NULL DEFAULT 1, "name" TEXT NOT NULL, "type" TEXT NOT NULL DEFAULT 'torrent',
    "type_name" TEXT NOT NULL, "host" TEXT, "url_base" TEXT, "username" TEXT, "password" TEXT
  );
  CREATE TABLE "seeker_configs" (
    "id" TEXT NOT NULL PRIMARY KEY DEFAULT 'S', "search_enabled" INTEGER NOT NULL DEFAULT 1,
    "proactive_search_enabled" INTEGER NOT NULL DEFAULT 0
  );
  CREATE TABLE "content_blocker_configs" ("id" TEXT NOT NULL PRIMARY KEY DEFAULT 'B', "enabled" INTEGER NOT NULL DEFAULT 0);
  CREATE TABLE "q_bit_seeding_rules" ("id" TEXT NOT NULL PRIMARY KEY, "name" TEXT NOT NULL, "max_ratio" REAL NOT NULL DEFAULT -1);
  CREATE TABLE "notification_configs" ("id" TEXT NOT NULL PRIMARY KEY, "name" TEXT NOT NULL, "is_enabled" INTEGER NOT NULL DEFAULT 1);
`

export const cleanuparrDatabase = (content: CleanuparrContent, { migration = "20260616155757" } = {}): Uint8Array =>
  databaseOf(`${schema} INSERT INTO "__EFMigrationsHistory" VALUES ('${migration}_Last', '10.0.1');`, {
    general_configs: [{ id: "G" }],
    queue_cleaner_configs: [{ id: "Q" }],
    ...content
  })

export interface CleanuparrEvents {
  readonly events?: ReadonlyArray<Row>
  readonly download_items?: ReadonlyArray<Row>
  readonly strikes?: ReadonlyArray<Row>
}

const eventsSchema = `
  CREATE TABLE "events" (
    "id" TEXT NOT NULL PRIMARY KEY, "timestamp" TEXT NOT NULL, "event_type" TEXT NOT NULL, "message" TEXT NOT NULL,
    "severity" TEXT NOT NULL DEFAULT 'important', "is_dry_run" INTEGER NOT NULL DEFAULT 0, "item_title" TEXT, "item_hash" TEXT
  );
  CREATE TABLE "download_items" (
    "id" TEXT NOT NULL PRIMARY KEY, "download_id" TEXT NOT NULL, "title" TEXT NOT NULL,
    "is_marked_for_removal" INTEGER NOT NULL DEFAULT 0, "is_removed" INTEGER NOT NULL DEFAULT 0,
    "is_returning" INTEGER NOT NULL DEFAULT 0
  );
  CREATE TABLE "strikes" (
    "id" TEXT NOT NULL PRIMARY KEY, "download_item_id" TEXT NOT NULL, "job_run_id" TEXT, "type" TEXT NOT NULL,
    "created_at" TEXT NOT NULL, "last_downloaded_bytes" INTEGER, "is_dry_run" INTEGER NOT NULL DEFAULT 0
  );
`

export const cleanuparrEvents = (content: CleanuparrEvents): Uint8Array => databaseOf(eventsSchema, { ...content })
