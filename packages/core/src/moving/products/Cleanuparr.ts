/**
 * Cleanuparr: its configuration database (SQLite) with the rules about the queue, the applications and the download
 * clients; its database of events, whose history is moved in; or the answers of its configuration API, without secrets.
 */
import { Effect } from "effect"
import type { ForeignDatabase, ForeignRow } from "../../storage/ForeignDatabase.ts"
import {
  type Found,
  type FoundConnection,
  type FoundDeed,
  type FoundInFile,
  type FoundRest,
  nothingFound
} from "../Found.ts"
import { MovingFileUnusable } from "../MoveIn.ts"
import type { MovingProduct } from "../Product.ts"
import { expectTables, type Fields, flagIn, keyOf, numberIn, originalOf, textIn, timeIn } from "../Records.ts"
import { otherRest } from "./Cleanuparr/OtherParts.ts"
import { queueRulesOf } from "./Cleanuparr/QueueRules.ts"
import { secretIn, type Source, sourceOfDatabase, sourceOfExport } from "./Cleanuparr/Source.ts"

const title = "Cleanuparr"
/** The newest migration of its configuration that is known. */
const latestMigration = "20260616155757"
const mostDeeds = 10_000
/** More than anybody has. */
const mostConnections = 200

/** Names of the applications in its API, which are also names of kinds here. */
const applications = "sonarr radarr lidarr readarr whisparr sportarr lazylibrarian".split(" ")

export const cleanuparr: MovingProduct = {
  info: {
    name: "cleanuparr",
    title,
    accepts: [
      "its configuration database (SQLite), `cleanuparr.db` in its folder",
      "its database of events (SQLite), `events.db`, for its history",
      "a JSON object with the answers of its configuration API, by the last part of their paths: `general`, `queue_cleaner`, `stall`, `slow`, `download_client`, `sonarr` and so on"
    ],
    versions: "2.4 to 2.10"
  },
  read: (file) =>
    file.isDatabase
      ? file.database(read)
      : Effect.flatMap(file.text, (text) =>
          Effect.map(sourceOfExport(text, applications), (source) => foundIn(source, null, [unmaskedNote]))
        )
}

const unmaskedNote = `The API of ${title} does not show secrets: connections need keys, which are entered here`

const walNote = `The database was used in write-ahead mode: if ${title} was running when the file was copied, its last changes may be missing. Stop ${title} before you copy the file.`

const read = Effect.fnUntraced(function* (database: ForeignDatabase) {
  const wal = database.writeAhead ? [walNote] : []
  if (database.tables.has("strikes") && database.tables.has("download_items")) {
    return { ...nothingFound, notes: wal, ...(yield* historyOf(database)) } satisfies Found
  }
  yield* expectTables(database, title, [
    "general_configs",
    "queue_cleaner_configs",
    "arr_instances",
    "download_clients"
  ])
  const rules = ["stall_rules", "slow_rules"].filter((table) => !database.tables.has(table))
  if (rules.length > 0) {
    return yield* new MovingFileUnusable({
      fault: "older-version",
      detail: `The database has no table ${rules.join(", ")}: start a newer ${title} once, which updates it`
    })
  }
  const migrations = yield* database.rows("__EFMigrationsHistory", ["MigrationId"])
  const schema = migrations.map((row) => textIn(row, "MigrationId") ?? "").reduce((a, b) => (a > b ? a : b), "")
  const newer =
    schema.slice(0, latestMigration.length) > latestMigration
      ? ["The database is of a newer version than the newest that is known here: look at each entry"]
      : []
  return foundIn(yield* sourceOfDatabase(database), schema === "" ? null : `schema ${schema}`, [...wal, ...newer])
})

const foundIn = (source: Source, version: string | null, notes: ReadonlyArray<string>): FoundInFile => {
  const all = [
    ...source.instances.map((row) => ({ row, connection: instanceOf(row) })),
    ...source.clients.map((row) => ({ row, connection: clientOf(row) }))
  ]
  const connections = all.slice(0, mostConnections)
  const further: ReadonlyArray<FoundRest> =
    all.length === connections.length
      ? []
      : [
          {
            key: keyOf("rest", "connections"),
            title: "Further connections",
            because: `only ${mostConnections} are moved in`,
            original: originalOf({ rows: all.length })
          }
        ]
  return {
    ...nothingFound,
    version,
    notes: [...notes],
    connections: connections.map(({ connection }) => connection),
    secrets: new Map(connections.map(({ connection, row }) => [connection.key, secretsOf(row)])),
    rules: queueRulesOf(source),
    rest: [...restOf(source), ...further]
  }
}

// --- connections ----------------------------------------------------------------------------------------------------------

const secretNames = { api_key: "apiKey", password: "password" } as const

const secretsOf = (row: Fields): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(secretNames).flatMap(([column, field]) => {
      const secret = secretIn(row, column)
      return secret === null ? [] : [[field, secret]]
    })
  )

/** A record without its secrets. */
const shown = (row: Fields): string =>
  originalOf(Object.fromEntries(Object.entries(row).filter(([column]) => !Object.hasOwn(secretNames, column))))

/** Without a name, a password and a query, which may be secrets: they would be stored and shown in clear text. */
const plainAddress = (url: string): string => url.replace(/^(\w+:\/\/)[^/?#]*@/, "$1").replace(/[?#].*$/, "")

const connectionOf = (row: Fields, kind: string, column: string): FoundConnection => {
  const whole = textIn(row, column) ?? ""
  const url = plainAddress(whole)
  const username = textIn(row, "username")
  return {
    key: keyOf("connection", kind, url, textIn(row, "url_base"), textIn(row, "name")),
    name: (textIn(row, "name") ?? kind).slice(0, 60),
    original: shown({ ...row, [column]: url }),
    kind,
    url,
    enabled: row["enabled"] === undefined || flagIn(row, "enabled"),
    config: username === null ? {} : { username },
    path: textIn(row, "url_base"),
    notes: url === whole ? [] : ["a name, a password or a query in its address is not taken"]
  }
}

const instanceOf = (row: Fields): FoundConnection => connectionOf(row, textIn(row, "type")?.toLowerCase() ?? "", "url")

const clientOf = (row: Fields): FoundConnection =>
  connectionOf(row, textIn(row, "type_name")?.toLowerCase() ?? "", "host")

// --- history --------------------------------------------------------------------------------------------------------------

const eventColumns = ["id", "timestamp", "event_type", "message", "item_title", "item_hash", "is_dry_run"]

const historyOf = Effect.fnUntraced(function* (database: ForeignDatabase) {
  const rows = yield* database.rows("events", eventColumns, { newestFirstBy: "timestamp", most: mostDeeds })
  const total = yield* database.count("events")
  const strikes = yield* database.count("strikes")
  const rest: Array<FoundRest> = []
  const add = (name: string, because: string, original: Fields) =>
    void rest.push({ key: keyOf("rest", name), title: name, because, original: originalOf(original) })
  if (strikes > 0) {
    const because =
      "a strike belongs to a rule here, and is given anew: to count those of another product would remove downloads earlier"
    add("Strikes", because, { rows: strikes })
  }
  if (total > mostDeeds) add("Older events", `only the newest ${mostDeeds} are moved in`, { rows: total })
  return { history: rows.map(deedOf), rest }
})

const removals = new Set(["queueitemdeleted", "downloadcleaned"])

const deedOf = (row: ForeignRow): FoundDeed => {
  const what = textIn(row, "event_type")?.toLowerCase() ?? ""
  const dry = flagIn(row, "is_dry_run")
  return {
    key: keyOf("event", textIn(row, "id")),
    what: removals.has(what) && !dry ? "deletion" : "activity",
    title: (textIn(row, "item_title") ?? title).slice(0, 500),
    text: `${title}${dry ? " (dry run)" : ""}: ${textIn(row, "message") ?? what}`.slice(0, 700),
    at: timeIn(row, "timestamp"),
    bytes: null,
    by: null
  }
}

// --- the rest ---------------------------------------------------------------------------------------------------------------

const restOf = ({ general, others }: Source): ReadonlyArray<FoundRest> => {
  const hours = numberIn(general, "strike_inactivity_window_hours")
  return [
    ...otherRest(others),
    ...(hours === null
      ? []
      : [
          {
            key: keyOf("rest", "strike window"),
            title: "Hours after which strikes end",
            because: "that is a setting here: downloads.strikeHours",
            original: originalOf({ strike_inactivity_window_hours: hours })
          }
        ])
  ]
}
