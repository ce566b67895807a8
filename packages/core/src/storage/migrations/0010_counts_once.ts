/**
 * Counts a whole and its parts once. Each whole (show, artist, author) has a row with its contents, maintained by
 * triggers, from which the library's counters are computed; open removals are counted by state.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const there = (row: string) => `${row}.gone_at IS NULL`
const isWhole = (row: string) => `${row}.parent_external_id IS NULL AND ${row}.kind IN ('show', 'artist', 'author')`
const isPart = (row: string) => `${row}.parent_external_id IS NOT NULL`
const isLone = (row: string) => `${row}.parent_external_id IS NULL AND ${row}.kind NOT IN ('show', 'artist', 'author')`

/**
 * How many items a whole and its parts count as: its parts, or the whole if it is the unit of removal or has no parts.
 */
const units = (row: string) =>
  `CASE WHEN ${row}.whole = 1 AND (${row}.by_wholes = 1 OR ${row}.parts = 0) THEN 1 ELSE ${row}.parts END`
/** The larger of the whole's own size and the sum of its parts. */
const bytes = (row: string) => `max(${row}.whole_bytes, ${row}.part_bytes)`

const count = (name: string, change: string) =>
  `UPDATE counters SET value = value + (${change}) WHERE name = '${name}' AND (${change}) <> 0;`

const byWholes = (integration: string) =>
  `coalesce((SELECT json_extract(g.options, '$.wholeShows') FROM integrations g WHERE g.id = ${integration}), 0)`

const addWhole = (row: string) =>
  `INSERT INTO families (integration_id, external_id, by_wholes, whole, whole_bytes, parts, part_bytes)
    SELECT ${row}.integration_id, ${row}.external_id, ${byWholes(`${row}.integration_id`)}, 1, ${row}.size_bytes, 0, 0
    WHERE ${there(row)} AND ${isWhole(row)}
    ON CONFLICT (integration_id, external_id) DO UPDATE SET whole = 1, whole_bytes = excluded.whole_bytes;`
const addPart = (row: string) =>
  `INSERT INTO families (integration_id, external_id, by_wholes, whole, whole_bytes, parts, part_bytes)
    SELECT ${row}.integration_id, ${row}.parent_external_id, ${byWholes(`${row}.integration_id`)}, 0, 0, 1, ${row}.size_bytes
    WHERE ${there(row)} AND ${isPart(row)}
    ON CONFLICT (integration_id, external_id) DO UPDATE SET
      parts = families.parts + 1, part_bytes = families.part_bytes + excluded.part_bytes;`
const takeWhole = (row: string) =>
  `UPDATE families SET whole = 0, whole_bytes = 0
    WHERE ${there(row)} AND ${isWhole(row)} AND integration_id = ${row}.integration_id AND external_id = ${row}.external_id;`
const takePart = (row: string) =>
  `UPDATE families SET parts = parts - 1, part_bytes = part_bytes - ${row}.size_bytes
    WHERE ${there(row)} AND ${isPart(row)} AND integration_id = ${row}.integration_id
    AND external_id = ${row}.parent_external_id;`
const dropEmpty = `DELETE FROM families WHERE integration_id = new.integration_id AND external_id = new.external_id
    AND whole = 0 AND parts = 0;`

const lone = (row: string) => `CASE WHEN ${there(row)} AND ${isLone(row)} THEN 1 ELSE 0 END`
const loneBytes = (row: string) => `CASE WHEN ${there(row)} AND ${isLone(row)} THEN ${row}.size_bytes ELSE 0 END`

const openStates = ["proposed", "snoozed", "scheduled", "executing", "failed"]
const isOpen = (row: string) => `${row}.state IN (${openStates.map((state) => `'${state}'`).join(", ")})`
const addRemoval = (row: string, by: 1 | -1) =>
  `UPDATE counters SET value = value + (${by}) WHERE ${isOpen(row)} AND name IN ('removals.open', 'removals.' || ${row}.state);`

const statements = [
  `DROP TRIGGER items_count_insert`,
  `DROP TRIGGER items_count_update`,
  `DROP TRIGGER items_count_delete`,
  `DROP TRIGGER removals_count_insert`,
  `DROP TRIGGER removals_count_update`,

  `CREATE TABLE families (
    integration_id INTEGER NOT NULL,
    external_id TEXT NOT NULL,
    by_wholes INTEGER NOT NULL,
    whole INTEGER NOT NULL,
    whole_bytes INTEGER NOT NULL,
    parts INTEGER NOT NULL,
    part_bytes INTEGER NOT NULL,
    PRIMARY KEY (integration_id, external_id)
  ) WITHOUT ROWID`,
  `INSERT INTO families (integration_id, external_id, by_wholes, whole, whole_bytes, parts, part_bytes)
    SELECT i.integration_id, coalesce(i.parent_external_id, i.external_id), ${byWholes("i.integration_id")},
      sum(CASE WHEN ${isWhole("i")} THEN 1 ELSE 0 END), sum(CASE WHEN ${isWhole("i")} THEN i.size_bytes ELSE 0 END),
      sum(CASE WHEN ${isPart("i")} THEN 1 ELSE 0 END), sum(CASE WHEN ${isPart("i")} THEN i.size_bytes ELSE 0 END)
    FROM items i WHERE ${there("i")} AND NOT (${isLone("i")})
    GROUP BY i.integration_id, coalesce(i.parent_external_id, i.external_id)`,
  `UPDATE counters SET value = (SELECT count(*) FROM items i WHERE ${there("i")} AND ${isLone("i")})
    + (SELECT coalesce(sum(${units("f")}), 0) FROM families f) WHERE name = 'library.items'`,
  `UPDATE counters SET value = (SELECT coalesce(sum(i.size_bytes), 0) FROM items i WHERE ${there("i")} AND ${isLone("i")})
    + (SELECT coalesce(sum(${bytes("f")}), 0) FROM families f) WHERE name = 'library.bytes'`,
  ...openStates.map(
    (state) =>
      `INSERT INTO counters (name, value) SELECT 'removals.${state}', count(*) FROM removals WHERE state = '${state}'`
  ),

  `CREATE TRIGGER items_count_insert AFTER INSERT ON items WHEN ${there("new")} BEGIN
    ${count("library.items", lone("new"))}
    ${count("library.bytes", loneBytes("new"))}
    ${addWhole("new")}
    ${addPart("new")}
  END`,
  `CREATE TRIGGER items_count_update AFTER UPDATE OF gone_at, size_bytes, kind, parent_external_id ON items
  WHEN (${there("old")}) <> (${there("new")}) OR old.size_bytes <> new.size_bytes OR old.kind <> new.kind
    OR old.parent_external_id IS NOT new.parent_external_id BEGIN
    ${count("library.items", `${lone("new")} - ${lone("old")}`)}
    ${count("library.bytes", `${loneBytes("new")} - ${loneBytes("old")}`)}
    ${takeWhole("old")}
    ${takePart("old")}
    ${addWhole("new")}
    ${addPart("new")}
  END`,
  `CREATE TRIGGER items_count_delete AFTER DELETE ON items WHEN ${there("old")} BEGIN
    ${count("library.items", `- (${lone("old")})`)}
    ${count("library.bytes", `- (${loneBytes("old")})`)}
    ${takeWhole("old")}
    ${takePart("old")}
  END`,
  `CREATE TRIGGER families_count_insert AFTER INSERT ON families BEGIN
    ${count("library.items", units("new"))}
    ${count("library.bytes", bytes("new"))}
  END`,
  `CREATE TRIGGER families_count_update AFTER UPDATE ON families BEGIN
    ${count("library.items", `${units("new")} - ${units("old")}`)}
    ${count("library.bytes", `${bytes("new")} - ${bytes("old")}`)}
    ${dropEmpty}
  END`,
  // The counters follow the option of the integration.
  `CREATE TRIGGER families_follow_options AFTER UPDATE OF options ON integrations
  WHEN json_extract(old.options, '$.wholeShows') IS NOT json_extract(new.options, '$.wholeShows') BEGIN
    UPDATE families SET by_wholes = ${byWholes("new.id")} WHERE integration_id = new.id;
  END`,

  `CREATE TRIGGER removals_count_insert AFTER INSERT ON removals BEGIN
    ${addRemoval("new", 1)}
  END`,
  `CREATE TRIGGER removals_count_update AFTER UPDATE OF state ON removals WHEN old.state <> new.state BEGIN
    ${addRemoval("old", -1)}
    ${addRemoval("new", 1)}
  END`,
  `CREATE TRIGGER removals_count_delete AFTER DELETE ON removals BEGIN
    ${addRemoval("old", -1)}
  END`
]

export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (const statement of statements) yield* sql.unsafe(statement)
})
