/**
 * The configuration of Cleanuparr, from its database or from answers of its configuration API, in one form: fields with
 * the names of the columns.
 */
import { Effect } from "effect"
import type { ForeignDatabase, ForeignDatabaseUnusable } from "../../../storage/ForeignDatabase.ts"
import { MovingFileUnusable } from "../../MoveIn.ts"
import { type Fields, flagIn, isFields, jsonIn, textIn, textsIn } from "../../Records.ts"
import { type OtherRows, otherTables } from "./OtherParts.ts"

export interface Source {
  readonly general: Fields
  readonly queue: Fields
  readonly stall: ReadonlyArray<Fields>
  readonly slow: ReadonlyArray<Fields>
  /** With `type` and `failed_import_max_strikes` of their application. */
  readonly instances: ReadonlyArray<Fields>
  readonly clients: ReadonlyArray<Fields>
  readonly others: ReadonlyArray<OtherRows>
}

const ofRules =
  "id name enabled max_strikes privacy_type min_completion_percentage max_completion_percentage reset_strikes_on_progress delete_private_torrents_from_client change_category"

/** What is read of each part; nothing else of a file is kept. */
const columns = {
  general: "dry_run ignored_downloads search_enabled strike_inactivity_window_hours".split(" "),
  queue:
    "enabled cron_expression ignored_downloads downloading_metadata_max_strikes failed_import_max_strikes failed_import_ignore_private failed_import_delete_private failed_import_patterns failed_import_pattern_mode failed_import_change_category".split(
      " "
    ),
  stall: `${ofRules} minimum_progress`.split(" "),
  slow: `${ofRules} min_speed max_time_hours ignore_above_size ignore_while_alt_speed_active`.split(" "),
  instances: "id arr_config_id enabled name url api_key version".split(" "),
  clients: "id enabled name type_name host url_base username password".split(" ")
}

export const sourceOfDatabase = Effect.fnUntraced(function* (
  database: ForeignDatabase
): Effect.fn.Return<Source, ForeignDatabaseUnusable> {
  const [general = {}] = yield* database.rows("general_configs", columns.general)
  const [queue = {}] = yield* database.rows("queue_cleaner_configs", columns.queue)
  const configs = new Map(
    (yield* database.rows("arr_configs", ["id", "type", "failed_import_max_strikes"])).map((row) => [
      textIn(row, "id")?.toLowerCase() ?? "",
      row
    ])
  )
  const instances = yield* database.rows("arr_instances", columns.instances)
  // Part of the general configuration before there were searches of its own accord.
  const [seeker = {}] = yield* database.rows("seeker_configs", ["search_enabled"])
  const others: Array<OtherRows> = []
  for (const name of otherTables) {
    const rows = yield* database.count(name)
    if (rows === 0) continue
    const says = database.tables.get(name)?.has("enabled") === true
    const flags = says ? yield* database.rows(name, ["enabled"]) : []
    others.push({ name, rows, enabled: says ? flags.filter((row) => flagIn(row, "enabled")).length : null })
  }
  return {
    general: { ...general, ...seeker },
    queue,
    stall: yield* database.rows("stall_rules", columns.stall),
    slow: yield* database.rows("slow_rules", columns.slow),
    instances: instances.map((row) => {
      const config = configs.get(textIn(row, "arr_config_id")?.toLowerCase() ?? "")
      return { ...row, type: config?.["type"], failed_import_max_strikes: config?.["failed_import_max_strikes"] }
    }),
    clients: yield* database.rows("download_clients", columns.clients),
    others
  }
})

/** Names of the parts of an export, each as the API answers it. */
const parts = ["general", "queue_cleaner", "stall", "slow", "download_client"] as const

/**
 * An object with the answers of the configuration API by the last part of their paths: `general`, `queue_cleaner`,
 * `stall`, `slow`, `download_client`, and the applications.
 */
export const sourceOfExport = (text: string, applications: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const wrong = (detail: string) => new MovingFileUnusable({ fault: "not-understood", detail })
    const document: unknown = yield* Effect.try({
      try: (): unknown => JSON.parse(text),
      catch: (error) => wrong(`The file is neither an SQLite database nor JSON: ${String(error)}`)
    })
    if (!isFields(document))
      return yield* wrong("The export is not an object with the answers of the configuration API")
    const of = plain(document)
    const known = Object.keys(of).filter(
      (name) => (parts as ReadonlyArray<string>).includes(name) || applications.includes(name)
    )
    if (known.length === 0) {
      return yield* new MovingFileUnusable({
        fault: "other-product",
        detail: `The export has none of the parts ${[...parts, ...applications].join(", ")}`
      })
    }
    const fieldsOf = (name: string): Fields => {
      const value = of[name]
      return isFields(value) ? value : {}
    }
    const rowsOf = (value: unknown, names?: ReadonlyArray<string>): ReadonlyArray<Fields> =>
      (Array.isArray(value) ? value.filter(isFields) : []).map((row) =>
        names === undefined ? row : picked(row, names)
      )
    const queue = fieldsOf("queue_cleaner")
    const failed = queue["failed_import"]
    const source: Source = {
      general: { ...picked(fieldsOf("general"), columns.general), ...picked(fieldsOf("seeker"), ["search_enabled"]) },
      queue: picked(
        {
          ...queue,
          ...(isFields(failed)
            ? Object.fromEntries(Object.entries(failed).map(([name, value]) => [`failed_import_${name}`, value]))
            : {})
        },
        columns.queue
      ),
      stall: rowsOf(of["stall"] ?? queue["stall_rules"], columns.stall),
      slow: rowsOf(of["slow"] ?? queue["slow_rules"], columns.slow),
      instances: applications.flatMap((type) => {
        const { failed_import_max_strikes, instances } = fieldsOf(type)
        return rowsOf(instances, columns.instances).map((row) => ({ ...row, type, failed_import_max_strikes }))
      }),
      clients: rowsOf(fieldsOf("download_client")["clients"] ?? of["download_client"], columns.clients),
      others: Object.keys(of)
        .filter((name) => !known.includes(name))
        .map((name) => {
          const enabled = fieldsOf(name)["enabled"]
          return {
            name,
            rows: rowsOf(of[name]).length || 1,
            enabled: enabled === undefined ? null : Number(enabled === true)
          }
        })
    }
    return source
  })

const picked = (fields: Fields, names: ReadonlyArray<string>): Fields =>
  Object.fromEntries(names.flatMap((name) => (Object.hasOwn(fields, name) ? [[name, fields[name]]] : [])))

/** Deeper than any value that is read: a crafted file may be deep enough to exhaust the stack. */
const deepest = 6

/** The fields of the API with the names of the columns. */
const plain = (value: Fields, depth = 0): Fields =>
  Object.fromEntries(Object.entries(value).map(([name, inner]) => [snake(name), plainValue(inner, depth + 1)]))

const plainValue = (value: unknown, depth: number): unknown => {
  if (depth > deepest) return null
  if (Array.isArray(value)) return value.map((one) => plainValue(one, depth + 1))
  return isFields(value) ? plain(value, depth) : value
}

const snake = (name: string): string =>
  name
    .replaceAll("-", "_")
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()

/** A list, which a database holds as JSON. */
export const listIn = (fields: Fields, name: string): ReadonlyArray<string> => {
  const value = fields[name]
  return textsIn(Array.isArray(value) ? value : jsonIn(fields, name))
}

/** A secret as it is, with blanks at its ends; the API shows a mask instead. */
export const secretIn = (fields: Fields, name: string): string | null => {
  const value = fields[name]
  return typeof value !== "string" || value === "" || /^(•+|\*+)$/.test(value) ? null : value
}
