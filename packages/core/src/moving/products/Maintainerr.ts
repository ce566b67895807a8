/**
 * Maintainerr's database (SQLite): rule groups with their actions, exclusions, the members of collections with their
 * days left, and the log. Or an export of one rule group (YAML), which contains only conditions.
 */
import { Array as Arr, Effect } from "effect"
import { parse } from "effect/encoding/Yaml"
import type { ForeignDatabase, ForeignRow } from "../../storage/ForeignDatabase.ts"
import { type Found, type FoundDeed, type FoundProtection, type FoundRest, nothingFound } from "../Found.ts"
import { type MoveInOptions, MovingFileUnusable } from "../MoveIn.ts"
import type { MovingProduct } from "../Product.ts"
import {
  expectColumns,
  expectTables,
  type Fields,
  flagIn,
  isFields,
  keyOf,
  numberIn,
  originalOf,
  refuseNewer,
  textIn,
  timeIn
} from "../Records.ts"
import { membersOf } from "./Maintainerr/Members.ts"
import { levelIn, ruleOfExport, ruleOfGroup } from "./Maintainerr/RuleGroups.ts"

const title = "Maintainerr"
const latestVersion = "3.24.0"
/** The newest migration that is known, by its time. */
const latestSchema = 1_790_456_691_255

const mostDeeds = 10_000

export const maintainerr: MovingProduct = {
  info: {
    name: "maintainerr",
    title,
    accepts: ["its database (SQLite), `maintainerr.sqlite` in its data folder", "the YAML export of a rule group"],
    versions: `2.0 to ${latestVersion}`
  },
  read: (file, options) =>
    file.isDatabase ? file.database(read) : Effect.flatMap(file.text, (text) => readExport(text, options))
}

// --- the export of a rule group ---------------------------------------------------------------------------------------------

const readExport = Effect.fnUntraced(function* (text: string, { name }: MoveInOptions) {
  const wrong = (detail: string) => new MovingFileUnusable({ fault: "not-understood", detail })
  const document: unknown = yield* Effect.try({
    try: (): unknown => parse(text),
    catch: (error) => wrong(`The file is neither an SQLite database nor YAML: ${String(error)}`)
  })
  if (!isFields(document) || !Array.isArray(document["rules"]) || typeof document["mediaType"] !== "string") {
    return yield* wrong(`The file is not a rule group of ${title}: it has no "mediaType" and "rules"`)
  }
  const rule = ruleOfExport(document, document["rules"], name ?? `${title}: imported rule group`)
  return { ...nothingFound, version: "export of a rule group", rules: [rule] } satisfies Found
})

// --- the database -------------------------------------------------------------------------------------------------------------

const read = Effect.fnUntraced(function* (database: ForeignDatabase) {
  yield* expectTables(database, title, ["rule_group", "rules", "collection", "collection_media", "exclusion"])
  const migrations = yield* database.rows("migrations", ["timestamp"])
  const schema = Math.max(0, ...migrations.map((row) => numberIn(row, "timestamp") ?? 0))
  yield* refuseNewer(title, schema, latestSchema, latestVersion)
  yield* expectColumns(database, title, "exclusion", [["mediaServerId", "plexId"], ["ruleGroupId"]])
  yield* expectColumns(database, title, "collection_media", [["mediaServerId", "plexId"], ["addDate"]])
  yield* expectColumns(database, title, "collection", [["arrAction"], ["deleteAfterDays"], ["type"]])
  const groups = yield* database.rows("rule_group", groupColumns)
  const conditions = yield* database.rows("rules", ["id", "ruleJson", "ruleGroupId", "section", "isActive"])
  const collections = yield* database.rows("collection", collectionColumns)
  const collectionOf = new Map(collections.map((row) => [textIn(row, "id"), row]))
  const ofGroup = Arr.groupBy(conditions, (row) => textIn(row, "ruleGroupId") ?? "")
  const groupNames = new Map(groups.map((row) => [textIn(row, "id"), textIn(row, "name")]))
  const members = membersOf(yield* database.rows("collection_media", memberColumns), collectionOf)
  const isUsed = (row: ForeignRow) => row["useRules"] === undefined || flagIn(row, "useRules")
  const found: Found = {
    version: `schema ${schema}`,
    notes: database.writeAhead ? [walNote] : [],
    connections: [],
    samples: members.samples,
    rules: groups
      .filter(isUsed)
      .map((row) =>
        ruleOfGroup(row, ofGroup[textIn(row, "id") ?? ""] ?? [], collectionOf.get(textIn(row, "collectionId")) ?? null)
      ),
    protections: (yield* database.rows("exclusion", exclusionColumns)).map((row) =>
      exclusionOf(row, groupNames.get(textIn(row, "ruleGroupId")) ?? null)
    ),
    removals: members.removals,
    history: yield* historyOf(database, collectionOf),
    people: [],
    rest: yield* restOf(
      database,
      groups.filter((row) => !isUsed(row))
    )
  }
  return found
})

const walNote = `The database was used in write-ahead mode: if ${title} was running when the file was copied, its last changes may be missing. Stop ${title} before you copy the file.`

const groupColumns = ["id", "name", "description", "libraryId", "isActive", "collectionId", "useRules", "dataType"]

const collectionColumns = [
  "id",
  "title",
  "isActive",
  "arrAction",
  "deleteAfterDays",
  "type",
  "listExclusions",
  "forceSeerr",
  "forceOverseerr",
  "libraryId",
  "manualCollection"
]

const memberColumns = ["id", "collectionId", "mediaServerId", "plexId", "tmdbId", "tvdbId", "addDate"]

const exclusionColumns = ["id", "mediaServerId", "plexId", "ruleGroupId", "parent", "type"]

/** An exclusion holds for all rule groups or for one; here it protects from everything, which keeps more. */
const exclusionOf = (row: ForeignRow, groupName: string | null): FoundProtection => {
  const { id: _, ...content } = row
  const level = levelIn(row, "type")
  const serverItemId = textIn(row, "mediaServerId", "plexId")
  const isForOne = textIn(row, "ruleGroupId") !== null
  return {
    key: keyOf("exclusion", content),
    original: originalOf(row),
    title: `Exclusion of ${serverItemId ?? "an unknown item"}`,
    reason:
      `${title}: excluded${isForOne ? ` from the rule group ${groupName === null ? "" : `"${groupName}"`}` : ""}`.trim(),
    item: {
      kind: level === "episode" ? null : level,
      title: null,
      ids: [],
      serverItemId,
      parentServerItemId: textIn(row, "parent")
    },
    collection: null,
    members: [],
    notes: isForOne ? [`in ${title} it held only for one rule group; here it keeps the item from everything`] : []
  }
}

const historyOf = Effect.fnUntraced(function* (
  database: ForeignDatabase,
  collectionOf: ReadonlyMap<string | null, ForeignRow>
) {
  const rows = yield* database.rows("collection_log", ["id", "collectionId", "timestamp", "message", "type"], {
    newestFirstBy: "id",
    most: mostDeeds
  })
  return rows.map((row): FoundDeed => {
    const collection = collectionOf.get(textIn(row, "collectionId"))
    const name = collection === undefined ? null : textIn(collection, "title")
    const message = (textIn(row, "message") ?? "").slice(0, 500)
    return {
      key: keyOf("log", row),
      what: "activity",
      title: name ?? title,
      text: `${title}${name === null ? "" : ` (${name})`}: ${message}`,
      at: timeIn(row, "timestamp"),
      bytes: null,
      by: null
    }
  })
})

const restOf = Effect.fnUntraced(function* (database: ForeignDatabase, manual: ReadonlyArray<ForeignRow>) {
  const rest: Array<FoundRest> = []
  const add = (name: string, because: string, original: Fields) =>
    void rest.push({ key: keyOf("rest", name), title: name, because, original: originalOf(original) })
  for (const row of manual) {
    add(`Rule group "${textIn(row, "name") ?? ""}"`, "it has no rules: its members were chosen by hand", row)
  }
  const total = yield* database.count("collection_log")
  if (total > mostDeeds) add("Older log", `only the newest ${mostDeeds} records are moved in`, { rows: total })
  for (const [table, because] of leftTables) {
    const rows = yield* database.count(table)
    if (rows > 0) add(`Table ${table}`, because, { rows })
  }
  return rest
})

const connections = "connections with their keys are set up here: add the integration"

const leftTables: ReadonlyArray<readonly [table: string, because: string]> = [
  ["settings", connections],
  ["radarr_settings", connections],
  ["sonarr_settings", connections],
  ["notification", "channels for notifications are set up anew"],
  ["overlay_templates", "overlays have no equivalent"],
  ["community_rule_karma", "votes about community rules have no equivalent"]
]
