/** Prunerr's database (SQLite): rules, protections, queue, history, activity and users. */
import { Array as Arr, Effect, Result } from "effect"
import { type TypedId, typedId } from "../../integrations/Observations.ts"
import type { ForeignDatabase, ForeignRow } from "../../storage/ForeignDatabase.ts"
import type {
  Found,
  FoundDeed,
  FoundItem,
  FoundProtection,
  FoundRemoval,
  FoundRest,
  FoundRule,
  FoundSample
} from "../Found.ts"
import { MovingFileUnusable } from "../MoveIn.ts"
import type { MovingProduct } from "../Product.ts"
import {
  expectColumns,
  expectTables,
  type Fields,
  flagIn,
  jsonIn,
  keyOf,
  numberIn,
  originalOf,
  refusalsOf,
  refuseNewer,
  textIn,
  textsIn,
  timeIn
} from "../Records.ts"
import { libraryRules, patternRules } from "./Prunerr/Exclusions.ts"
import { faithful } from "./Prunerr/Faithful.ts"
import { DeletionAction, type PrunerrRule, removalActionOf, toDefinition } from "./Prunerr/Terms.ts"
import { treeIn } from "./Prunerr/Trees.ts"

const title = "Prunerr"
/** The last migration of version 1.4.10. */
const latestSchema = 19
const latestVersion = "1.4.10"
/** The migration that added the typed ids of items. */
const oldestSchema = 2

/** The newest records of each table of the history. */
const mostDeeds = 10_000

export const prunerr: MovingProduct = {
  info: {
    name: "prunerr",
    title,
    accepts: ["its database (SQLite), `prunerr.db` in its data folder"],
    versions: `up to ${latestVersion}`
  },
  read: (file) =>
    file.isDatabase
      ? file.database(read)
      : Effect.fail(new MovingFileUnusable({ fault: "not-a-database", detail: "The file is not an SQLite database" }))
}

const itemColumns = [
  "id",
  "type",
  "title",
  "year",
  "plex_id",
  "library_key",
  "imdb_id",
  "tmdb_id",
  "tvdb_id",
  "status",
  "delete_after",
  "is_protected",
  "protection_reason",
  "deletion_action",
  "reset_overseerr",
  "matched_rule_id"
]

const read = Effect.fnUntraced(function* (database: ForeignDatabase) {
  yield* expectTables(database, title, ["media_items", "rules", "deletion_history", "settings", "migrations"])
  const migrations = yield* database.rows("migrations", ["version"])
  const schema = Math.max(0, ...migrations.map((row) => numberIn(row, "version") ?? 0))
  yield* refuseNewer(title, schema, latestSchema, latestVersion)
  yield* expectColumns(database, title, "media_items", [["plex_id"], ["tmdb_id"], ["status"], ["is_protected"]])
  if (schema < oldestSchema) return yield* new MovingFileUnusable({ fault: "older-version", detail: tooOld })
  const items = yield* database.rows("media_items", itemColumns)
  const byId = new Map<string | null, ForeignRow>(items.map((row) => [textIn(row, "id"), row]))
  const settings = new Map(
    (yield* database.rows("settings", ["key", "value"])).map((row) => [textIn(row, "key") ?? "", textIn(row, "value")])
  )
  const collections = yield* database.rows("collections", ["id", "title", "is_protected", "protection_reason"])
  const members = yield* database.rows("collection_items", ["collection_id", "media_item_id"])
  const titles = new Map(
    collections.flatMap((row) => {
      const [id, name] = [textIn(row, "id"), textIn(row, "title")]
      return id === null || name === null ? [] : [[id, name] as const]
    })
  )
  const rules = yield* Effect.forEach(yield* database.rows("rules", ruleColumns), (row) => ruleOf(row, titles))
  const guarded = collections.filter((row) => flagIn(row, "is_protected"))
  const found: Found = {
    version: `schema ${schema}`,
    notes: database.writeAhead ? [walNote] : [],
    connections: [],
    samples: items.flatMap(sampleOf),
    rules: [...rules, ...patternRules(settings.get("exclusion_patterns") ?? null), ...libraryRules(settings)],
    protections: [
      ...items.filter(isProtected).map(protectionOf),
      ...guarded.map((row) => {
        const within = members.filter((member) => textIn(member, "collection_id") === textIn(row, "id"))
        return collectionProtectionOf(
          row,
          within.flatMap((member): ReadonlyArray<ForeignRow> => {
            const row = byId.get(textIn(member, "media_item_id"))
            return row === undefined ? [] : [row]
          })
        )
      })
    ],
    removals: items.filter((row) => textIn(row, "status") === "pending_deletion").map(removalOf),
    history: yield* historyOf(database),
    people: (yield* database.rows("plex_users", ["username"])).flatMap((row) => {
      const name = textIn(row, "username")
      return name === null ? [] : [{ key: keyOf("person", name), name, original: originalOf(row) }]
    }),
    rest: yield* restOf(database, items, settings)
  }
  return found
})

const tooOld = `The database has no typed ids of items yet: start ${title} ${latestVersion} once, which updates it`

const walNote = `The database was used in write-ahead mode: if ${title} was running when the file was copied, its last changes may be missing. Stop ${title} before you copy the file.`

// --- items --------------------------------------------------------------------------------------------------------------

const itemOf = (row: ForeignRow): FoundItem => ({
  kind: kindOf(row),
  title: textIn(row, "title"),
  ids: idsOf(row),
  serverItemId: textIn(row, "plex_id"),
  parentServerItemId: null
})

const kindOf = (row: ForeignRow): "movie" | "show" | null => {
  const type = textIn(row, "type")
  return type === "movie" || type === "show" ? type : null
}

const idsOf = (row: ForeignRow): ReadonlyArray<TypedId> => {
  const [tmdb, tvdb, imdb] = [numberIn(row, "tmdb_id"), numberIn(row, "tvdb_id"), textIn(row, "imdb_id")]
  const kind = kindOf(row)
  return [
    ...(tmdb === null || tmdb <= 0 || kind === null
      ? []
      : [typedId(kind === "movie" ? "tmdb-movie" : "tmdb-show", tmdb)]),
    ...(tvdb === null || tvdb <= 0 || kind !== "show" ? [] : [typedId("tvdb", tvdb)]),
    ...(imdb === null || !/^tt\d+$/.test(imdb) ? [] : [typedId("imdb", imdb)])
  ]
}

const sampleOf = (row: ForeignRow): ReadonlyArray<FoundSample> => {
  const [kind, ids, serverItemId] = [kindOf(row), idsOf(row), textIn(row, "plex_id")]
  if (kind === null || ids.length === 0 || serverItemId === null || textIn(row, "status") === "deleted") return []
  return [{ kind, ids, serverItemId, libraryKey: textIn(row, "library_key") }]
}

const titleOf = (row: ForeignRow): string => (textIn(row, "title") ?? "(without a title)").slice(0, 500)

const isProtected = (row: ForeignRow): boolean => flagIn(row, "is_protected") || textIn(row, "status") === "protected"

const reasonOf = (row: ForeignRow): string =>
  `${title}: ${textIn(row, "protection_reason") ?? "protected"}`.slice(0, 500)

const protectionOf = (row: ForeignRow): FoundProtection => ({
  key: keyOf("protection", kindOf(row), idsOf(row), textIn(row, "plex_id"), titleOf(row)),
  original: originalOf(row),
  title: titleOf(row),
  reason: reasonOf(row),
  item: itemOf(row),
  collection: null,
  members: [],
  notes: []
})

const collectionProtectionOf = (row: ForeignRow, members: ReadonlyArray<ForeignRow>): FoundProtection => ({
  key: keyOf("protected collection", titleOf(row)),
  original: originalOf(row),
  title: titleOf(row),
  reason: reasonOf(row),
  item: null,
  collection: titleOf(row),
  members: members.map(itemOf),
  notes: []
})

const removalOf = (row: ForeignRow): FoundRemoval => {
  const given = textIn(row, "deletion_action") ?? "delete_files"
  const action = isAction(given) ? removalActionOf(given) : null
  return {
    key: keyOf("removal", kindOf(row), idsOf(row), textIn(row, "plex_id"), titleOf(row), textIn(row, "delete_after")),
    original: originalOf(row),
    title: titleOf(row),
    item: itemOf(row),
    deadline: timeIn(row, "delete_after"),
    action,
    importExclusion: null,
    resetRequest: flagIn(row, "reset_overseerr"),
    lost: action === null ? [`the action "${given}" has no equivalent`] : [],
    notes: []
  }
}

const isAction = (text: string): text is typeof DeletionAction.Type =>
  (DeletionAction.literals as ReadonlyArray<string>).includes(text)

// --- rules --------------------------------------------------------------------------------------------------------------

const ruleColumns = [
  "id",
  "name",
  "type",
  "media_type",
  "library_keys",
  "conditions",
  "action",
  "enabled",
  "grace_period_days",
  "deletion_action",
  "reset_overseerr",
  "priority"
]

const ruleOf = Effect.fnUntraced(function* (row: ForeignRow, titles: ReadonlyMap<string, string>) {
  const { id: _, ...content } = row
  const name = (textIn(row, "name") ?? "(without a name)").slice(0, 120)
  const mediaType = textIn(row, "media_type") ?? "all"
  const action = textIn(row, "action")
  const deletion = textIn(row, "deletion_action") ?? "delete_files"
  const days = numberIn(row, "grace_period_days") ?? 7
  const priority = numberIn(row, "priority") ?? 0
  const base = {
    key: keyOf("rule", content),
    name,
    original: originalOf(row),
    libraryKeys: textsIn(jsonIn(row, "library_keys"))
  }
  const lost = [
    ...(isMediaType(mediaType) ? [] : [`the type of media "${mediaType}" is not known`]),
    ...(action === "flag" || action === "delete" || action === "notify" ? [] : [`the action "${action}" is not known`]),
    ...(isAction(deletion) ? [] : [`the deletion action "${deletion}" has no equivalent`]),
    ...(textIn(row, "library_keys") !== null && !Array.isArray(jsonIn(row, "library_keys"))
      ? ["its libraries cannot be read"]
      : [])
  ]
  const translated = yield* Effect.result(
    Effect.gen(function* () {
      const { notes, tree } = faithful(yield* treeIn(row["conditions"], ["payload", "conditions"]))
      const rule: PrunerrRule = {
        name,
        conditions: tree,
        action: action === "delete" ? "delete" : "flag",
        mediaType: isMediaType(mediaType) ? mediaType : "all",
        enabled: false,
        gracePeriodDays: Math.min(3650, Math.max(0, Math.ceil(days))),
        ...(isAction(deletion) ? { deletionAction: deletion } : {}),
        resetOverseerr: flagIn(row, "reset_overseerr"),
        priority: Math.min(100, Math.max(0, Math.round(priority)))
      }
      return { notes, definition: yield* toDefinition(rule, titles) }
    })
  )
  const failed = Result.isFailure(translated) ? refusalsOf(translated.failure) : []
  const rule: FoundRule = {
    ...base,
    rule: Result.isSuccess(translated) && lost.length === 0 ? translated.success.definition : null,
    lost: [...lost, ...failed],
    notes: [
      ...(Result.isSuccess(translated) ? translated.success.notes : []),
      ...(action === "delete" && days < 0 ? [`its ${days} days of grace are 0 here`] : []),
      ...(flagIn(row, "enabled") ? [`it was switched on in ${title}`] : [`it was switched off in ${title}`])
    ]
  }
  return rule
})

const isMediaType = (text: string): text is NonNullable<PrunerrRule["mediaType"]> =>
  ["all", "movie", "show", "tv"].includes(text)

// --- history --------------------------------------------------------------------------------------------------------------

const historyOf = Effect.fnUntraced(function* (database: ForeignDatabase) {
  const newest = (newestFirstBy: string) => ({ newestFirstBy, most: mostDeeds })
  const deletions = yield* database.rows(
    "deletion_history",
    ["id", "title", "type", "file_size", "deleted_at", "deletion_type"],
    newest("id")
  )
  const activity = yield* database.rows(
    "activity_log",
    ["id", "event_type", "action", "actor_type", "actor_name", "target_title", "created_at"],
    newest("id")
  )
  return [
    ...deletions.map((row): FoundDeed => {
      const at = timeIn(row, "deleted_at")
      const name = titleOf(row)
      return {
        key: keyOf("deletion", { ...row, id: undefined }),
        what: "deletion",
        title: name,
        text: `${title} deleted "${name}"`,
        at,
        bytes: numberIn(row, "file_size"),
        by: textIn(row, "deletion_type")
      }
    }),
    ...activity.map((row): FoundDeed => {
      const name = textIn(row, "target_title") ?? ""
      const action = textIn(row, "action") ?? textIn(row, "event_type") ?? "activity"
      return {
        key: keyOf("activity", row),
        what: "activity",
        title: name.slice(0, 500),
        text: `${title}: ${action}${name === "" ? "" : ` "${name}"`}`.slice(0, 700),
        at: timeIn(row, "created_at"),
        bytes: null,
        by: textIn(row, "actor_name", "actor_type")
      }
    })
  ]
})

// --- the rest ---------------------------------------------------------------------------------------------------------------

const restOf = Effect.fnUntraced(function* (
  database: ForeignDatabase,
  items: ReadonlyArray<ForeignRow>,
  settings: ReadonlyMap<string, string | null>
) {
  const rest: Array<FoundRest> = []
  const add = (name: string, because: string, original: Fields) =>
    void rest.push({ key: keyOf("rest", name), title: name, because, original: originalOf(original) })
  const flagged = items.filter((row) => textIn(row, "status") === "flagged").length
  if (flagged > 0)
    add("Flagged items", "a rule matches them here by itself, once it is switched on", { items: flagged })
  const plays = yield* database.count("watch_history_cache")
  if (plays > 0) add("Watch history", "plays are read from the media server and from statistics", { rows: plays })
  for (const table of ["deletion_history", "activity_log"]) {
    const total = yield* database.count(table)
    if (total > mostDeeds)
      add(`Older history (${table})`, `only the newest ${mostDeeds} records are moved in`, { rows: total })
  }
  // Only names of settings: their values may be secrets.
  const groups = Arr.groupBy(
    [...settings.keys()].filter((key) => settings.get(key) !== null && !readSettings.has(key)),
    (key) => key.split("_")[0] ?? key
  )
  for (const [group, keys] of Object.entries(groups)) {
    const because = keys.includes(`${group}_url`)
      ? "connections with their keys are set up here: add the integration"
      : "settings differ here: see those of Tendarr"
    add(`Settings: ${group}`, because, { keys })
  }
  return rest
})

const readSettings = new Set(["exclusion_patterns", "excluded_library_keys"])
