/** Root folders with the disks that hold them, and disks that are one disk under several mounts. */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`CREATE TABLE root_folders (
    integration_id INTEGER NOT NULL REFERENCES integrations(id) ON DELETE CASCADE,
    path TEXT NOT NULL,
    free_bytes INTEGER,
    disk_group_id INTEGER REFERENCES disk_groups(id) ON DELETE SET NULL,
    mount TEXT,
    problem TEXT,
    detail TEXT,
    since TEXT,
    PRIMARY KEY (integration_id, path)
  )`
  yield* sql`ALTER TABLE disk_groups ADD COLUMN merged_into INTEGER`
  // What is suspected, or was declared, about two disks; the lower id first.
  yield* sql`CREATE TABLE disk_pairs (
    one INTEGER NOT NULL REFERENCES disk_groups(id) ON DELETE CASCADE,
    other INTEGER NOT NULL REFERENCES disk_groups(id) ON DELETE CASCADE,
    verdict TEXT NOT NULL,
    since TEXT NOT NULL,
    PRIMARY KEY (one, other)
  )`
})
