/**
 * Keeps the cost of reading independent of the age of an installation, and stores time that cannot be set. Changes of what
 * decisions are made from are counted, so that a preview is computed once for each state. Where the clock was set back the
 * event log notes it: between two such places times grow with ids, and bounds in time are bounds of ids. Last, how the clock
 * stood against the machine's own count of seconds, for the next start to compare.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const counted = "BEGIN UPDATE counters SET value = value + 1 WHERE name = 'decisions.revision'; END"

/** Triggers that count the changes of a table; with columns only updates by which one of these differs. */
const counting = (table: string, columns: ReadonlyArray<string> = []) => {
  const differs = columns.map((column) => `old.${column} IS NOT new.${column}`).join(" OR ")
  return [
    `CREATE TRIGGER ${table}_decisions_insert AFTER INSERT ON ${table} ${counted}`,
    `CREATE TRIGGER ${table}_decisions_update AFTER UPDATE ${
      columns.length === 0 ? `ON ${table}` : `OF ${columns.join(", ")} ON ${table} WHEN ${differs}`
    } ${counted}`,
    `CREATE TRIGGER ${table}_decisions_delete AFTER DELETE ON ${table} ${counted}`
  ]
}

const statements = [
  "INSERT INTO counters (name, value) VALUES ('decisions.revision', 0)",
  ...counting("integrations", ["kind", "name", "url", "config", "enabled", "options", "deleted_at"]),
  ...counting("rules"),
  ...counting("settings", ["value"]),
  ...counting("protections"),
  ...counting("held_names"),
  ...counting("disk_groups", [
    "mount_path",
    "total_bytes",
    "free_bytes",
    "total_bytes_override",
    "limits",
    "mode",
    "allowed_unknown",
    "stale_since",
    "stopped_because",
    "merged_into"
  ]),
  ...counting("disk_group_sources"),
  ...counting("disk_pairs"),
  ...counting("removals", ["state", "snoozed_until", "final", "released_at", "disk_group_id", "size_bytes"]),

  `CREATE TABLE event_stretches (
    first_id INTEGER PRIMARY KEY
  )`,
  `INSERT INTO event_stretches (first_id)
    SELECT id FROM (SELECT id, at, lag(at) OVER (ORDER BY id) AS former FROM events) WHERE at < former`,
  `CREATE TRIGGER events_stretch AFTER INSERT ON events
    WHEN new.at < (SELECT e.at FROM events e WHERE e.id < new.id ORDER BY e.id DESC LIMIT 1) BEGIN
    INSERT INTO event_stretches (first_id) VALUES (new.id);
  END`,

  `CREATE TABLE clock_seen (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    wall_millis INTEGER NOT NULL,
    machine_millis INTEGER NOT NULL,
    boot TEXT NOT NULL
  )`
]

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (const statement of statements) yield* sql.unsafe(statement)
})
