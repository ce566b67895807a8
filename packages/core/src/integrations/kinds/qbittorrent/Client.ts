/** The state of qBittorrent as a whole, from its settings and the state in `sync/maindata`. */
import type { ClientHabit, ClientState, Limit } from "../../Downloads.ts"
import { amountIn, type Fields, flagIn, numberIn, textIn, wordsIn } from "../downloads/Fields.ts"
import { noLimit, speedLimit, unknownLimit, valueLimit } from "../downloads/Terms.ts"
import { categoriesOf, type Merged } from "./MainData.ts"
import { actionOf } from "./Torrents.ts"

export interface Versions {
  readonly app: string
  readonly api: string
}

/** Whether the version of the API is at least this one. */
export const isAtLeast = ({ api }: Versions, major: number, minor: number, patch = 0): boolean => {
  const [ours = 0, their = 0, last = 0] = api.split(".").map(Number)
  return ours !== major ? ours > major : their !== minor ? their > minor : last >= patch
}

const connections: Readonly<Record<string, boolean>> = { connected: true, firewalled: true, disconnected: false }

export const clientOf = (versions: Versions, settings: Fields, merged: Merged): ClientState => {
  const { server } = merged
  const savePath = wordsIn(settings, "save_path")
  return {
    version: versions.app.replace(/^v/, ""),
    apiVersion: versions.api,
    epoch: null,
    online: connections[textIn(server, "connection_status") ?? ""] ?? null,
    paused: null,
    alternativeLimits: flagIn(server, "use_alt_speed_limits"),
    limits: { down: speedLimit(numberIn(server, "dl_rate_limit")), up: speedLimit(numberIn(server, "up_rate_limit")) },
    speeds: { down: amountIn(server, "dl_info_speed"), up: amountIn(server, "up_info_speed") },
    folders: savePath === null ? [] : [{ path: savePath, freeBytes: amountIn(server, "free_space_on_disk") }],
    savePath,
    incompletePath: flagIn(settings, "temp_path_enabled") === true ? wordsIn(settings, "temp_path") : null,
    categories: categoriesOf(merged),
    tags: [...merged.tags],
    seedLimits: {
      ratio: ifOn(settings, "max_ratio", 1),
      seedingSeconds: ifOn(settings, "max_seeding_time", 60),
      inactiveSeconds: ifOn(settings, "max_inactive_seeding_time", 60)
    },
    atLimit: actionOf(settings["max_ratio_act"]),
    habits: habitsOf(settings),
    clockAt: null
  }
}

const ifOn = (settings: Fields, key: string, unit: number): Limit => {
  const value = numberIn(settings, key)
  const on = flagIn(settings, `${key}_enabled`)
  if (value === null || on === null) return unknownLimit
  return !on || value < 0 ? noLimit(value) : valueLimit(value * unit, value)
}

const habitsOf = (settings: Fields): ReadonlyArray<ClientHabit> => {
  const is = (key: string) => flagIn(settings, key) === true
  const names = wordsIn(settings, "excluded_file_names")
  const limits = ["max_ratio", "max_seeding_time", "max_inactive_seeding_time"].filter((key) => is(`${key}_enabled`))
  return [
    {
      what: "share-limit",
      on: limits.length > 0,
      detail: `At its limit a torrent is handled as "${actionOf(settings["max_ratio_act"]) ?? "unknown"}"`
    },
    {
      what: "automatic-management",
      on: is("auto_tmm_enabled"),
      detail: "New torrents are managed automatically: a change of the category moves their files"
    },
    {
      what: "excluded-file-names",
      on: is("excluded_file_names_enabled"),
      detail: `${names === null ? 0 : names.split("\n").length} names of files are not downloaded`
    },
    { what: "schedule", on: is("scheduler_enabled"), detail: "The alternative speed limits follow a schedule" },
    {
      what: "queue",
      on: is("queueing_enabled"),
      detail: `At most ${numberIn(settings, "max_active_downloads") ?? "?"} torrents download at a time`
    },
    {
      what: "script",
      on: is("autorun_enabled"),
      detail: "A program is run when a torrent is complete"
    },
    {
      what: "trash",
      on: textIn(settings, "torrent_content_remove_option") === "MoveToTrash",
      detail: "Files that are removed with a torrent are moved to the trash, which frees no space"
    }
  ]
}
