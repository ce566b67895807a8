/**
 * The numbered migrations, applied in order at start. A released migration is never edited: a fix is a new migration.
 */
import { Effect, Layer, Schema } from "effect"
import { Migrator, SqlClient } from "effect/sql"
import { writeBackup } from "./BackupFiles.ts"
import { DataDirectory } from "./Database.ts"
import m0001 from "./migrations/0001_initial.ts"
import m0002 from "./migrations/0002_backup_settings.ts"
import m0003 from "./migrations/0003_poster_column.ts"
import m0004 from "./migrations/0004_library_revision.ts"
import m0005 from "./migrations/0005_identity.ts"
import m0006 from "./migrations/0006_held_names.ts"
import m0007 from "./migrations/0007_root_folders.ts"
import m0008 from "./migrations/0008_missing_files.ts"
import m0009 from "./migrations/0009_facts_read_again.ts"
import m0010 from "./migrations/0010_counts_once.ts"
import m0011 from "./migrations/0011_load_and_clocks.ts"
import m0012 from "./migrations/0012_known_devices.ts"
import m0013 from "./migrations/0013_words_kept.ts"
import m0014 from "./migrations/0014_event_counts.ts"
import m0015 from "./migrations/0015_job_subjects.ts"
import m0016 from "./migrations/0016_rule_subjects.ts"
import m0017 from "./migrations/0017_acts.ts"
import m0018 from "./migrations/0018_viewers.ts"
import m0019 from "./migrations/0019_item_files.ts"
import m0020 from "./migrations/0020_options_and_posters.ts"
import m0021 from "./migrations/0021_acts_and_names.ts"
import m0022 from "./migrations/0022_lists.ts"
import m0023 from "./migrations/0023_trends.ts"
import m0024 from "./migrations/0024_removal_actions.ts"
import m0025 from "./migrations/0025_request_resets.ts"
import m0026 from "./migrations/0026_acting_rules.ts"
import m0028 from "./migrations/0028_dialect_keys.ts"
import m0029 from "./migrations/0029_collections_and_days.ts"
import m0030 from "./migrations/0030_contents.ts"
import m0032 from "./migrations/0032_item_documents.ts"
import m0033 from "./migrations/0033_removal_decisions.ts"
import m0034 from "./migrations/0034_event_search.ts"
import m0036 from "./migrations/0036_media_servers.ts"
import m0037 from "./migrations/0037_collection_records.ts"
import m0038 from "./migrations/0038_episodes.ts"
import m0040 from "./migrations/0040_more_facts.ts"
import m0041 from "./migrations/0041_entry_lists.ts"
import m0042 from "./migrations/0042_requests_and_listings.ts"
import m0043 from "./migrations/0043_plays_by_time.ts"
import m0044 from "./migrations/0044_moving_in.ts"
import m0045 from "./migrations/0045_replacements.ts"
import m0050 from "./migrations/0050_downloads.ts"
import m0051 from "./migrations/0051_timed_counts.ts"
import m0052 from "./migrations/0052_name_lists.ts"
import m0053 from "./migrations/0053_download_files.ts"
import m0054 from "./migrations/0054_seeding.ts"
import m0055 from "./migrations/0055_removed_torrents.ts"
import m0056 from "./migrations/0056_download_files.ts"
import m0057 from "./migrations/0057_removal_downloads.ts"
import m0058 from "./migrations/0058_move_in_secrets.ts"
import m0060 from "./migrations/0060_counts_by_span.ts"
import m0062 from "./migrations/0062_removed_at.ts"
import m0064 from "./migrations/0064_imports.ts"

type Migrations = Readonly<Record<string, Effect.Effect<void, unknown, SqlClient.SqlClient>>>

const migrations: Migrations = {
  "0001_initial": m0001,
  "0002_backup_settings": m0002,
  "0003_poster_column": m0003,
  "0004_library_revision": m0004,
  "0005_identity": m0005,
  "0006_held_names": m0006,
  "0007_root_folders": m0007,
  "0008_missing_files": m0008,
  "0009_facts_read_again": m0009,
  "0010_counts_once": m0010,
  "0011_load_and_clocks": m0011,
  "0012_known_devices": m0012,
  "0013_words_kept": m0013,
  "0014_event_counts": m0014,
  "0015_job_subjects": m0015,
  "0016_rule_subjects": m0016,
  "0017_acts": m0017,
  "0018_viewers": m0018,
  "0019_item_files": m0019,
  "0020_options_and_posters": m0020,
  "0021_acts_and_names": m0021,
  "0022_lists": m0022,
  "0023_trends": m0023,
  "0024_removal_actions": m0024,
  "0025_request_resets": m0025,
  "0026_acting_rules": m0026,
  "0028_dialect_keys": m0028,
  "0029_collections_and_days": m0029,
  "0030_contents": m0030,
  "0032_item_documents": m0032,
  "0033_removal_decisions": m0033,
  "0034_event_search": m0034,
  "0036_media_servers": m0036,
  "0037_collection_records": m0037,
  "0038_episodes": m0038,
  "0040_more_facts": m0040,
  "0041_entry_lists": m0041,
  "0042_requests_and_listings": m0042,
  "0043_plays_by_time": m0043,
  "0044_moving_in": m0044,
  "0045_replacements": m0045,
  "0050_downloads": m0050,
  "0051_timed_counts": m0051,
  "0052_name_lists": m0052,
  "0053_download_files": m0053,
  "0054_seeding": m0054,
  "0055_removed_torrents": m0055,
  "0056_download_files": m0056,
  "0057_removal_downloads": m0057,
  "0058_move_in_secrets": m0058,
  "0060_counts_by_span": m0060,
  "0062_removed_at": m0062,
  "0064_imports": m0064
}

const latestOf = (known: Migrations): number =>
  Math.max(0, ...Object.keys(known).map((name) => Number.parseInt(name, 10)))

/** The newest schema version that this program knows. */
export const latestMigration = latestOf(migrations)

/** The database was written by a newer version of Tendarr; using it could lose data. */
export class DatabaseTooNew extends Schema.TaggedError<DatabaseTooNew>()("DatabaseTooNew", {
  found: Schema.Int,
  supported: Schema.Int
}) {
  override get message() {
    return `The database is at version ${this.found} and this Tendarr knows versions up to ${this.supported}. Start the newer Tendarr again, or restore a backup.`
  }
}

/** Version of the database: the last migration that was applied to it; 0 for an empty database. */
export const appliedMigration = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const table = yield* sql`SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'effect_sql_migrations'`
  if (table.length === 0) return 0
  const rows = yield* sql<{ latest: number | null }>`SELECT max(migration_id) AS latest FROM effect_sql_migrations`
  return rows[0]?.latest ?? 0
})

/** Backs up the database before a migration changes it. */
const backupBefore = Effect.fn("Migrations.backupBefore")(function* (from: number) {
  const { path } = yield* DataDirectory
  if (path !== null) yield* writeBackup(path, `before-migration-${from + 1}`)
})

/** Applies those of `known` (named `0001_what`) that the database does not have yet. */
export const migrate = Effect.fn("Migrations.migrate")(function* (known: Migrations) {
  const latest = latestOf(known)
  const from = yield* appliedMigration
  if (from > latest) return yield* new DatabaseTooNew({ found: from, supported: latest })
  if (from > 0 && from < latest) yield* backupBefore(from)
  return yield* Migrator.make({})({ loader: Migrator.fromRecord(known) })
})

/** Migrates an empty database to an earlier version. */
export const migrateUpTo = (version: number) =>
  Migrator.make({})({
    loader: Migrator.fromRecord(
      Object.fromEntries(Object.entries(migrations).filter(([name]) => Number.parseInt(name, 10) <= version))
    )
  })

/** Migrates the database to the newest version. */
export const migrateToLatest = migrate(migrations)

/** Migrates when the layer is built, so that layers built on it never see an old schema. */
export const MigrationsLive = Layer.effectDiscard(migrateToLatest)
