/** The state of SABnzbd as a whole. */
import type { ClientState, Limit } from "../../Downloads.ts"
import { amountIn, type Fields, fieldsIn, flagIn, listIn, textIn, wordsIn } from "../downloads/Fields.ts"
import { noLimit, noSeedLimits, pathIn, speedLimit } from "../downloads/Terms.ts"

const gibibyte = 1024 ** 3

export interface ClientReading {
  readonly queue: Fields
  readonly status: Fields
  readonly settings: Fields
  readonly categories: ReadonlyArray<unknown>
}

/** Bytes per second; 0 is none. */
export const downLimitOf = (queue: Fields): Limit => speedLimit(amountIn(queue, "speedlimit_abs") ?? 0)

export const clientOf = ({ categories, queue, settings, status }: ClientReading): ClientState => {
  const incompletePath = wordsIn(status, "downloaddir")
  const savePath = wordsIn(status, "completedir")
  const speed = amountIn(queue, "kbpersec")
  const free = (key: string) => {
    const value = amountIn(queue, key)
    return value === null ? null : Math.round(value * gibibyte)
  }
  const extensions = listIn(settings, "unwanted_extensions") ?? []
  const schedule = listIn(settings, "schedlines") ?? []
  return {
    version: wordsIn(queue, "version"),
    apiVersion: null,
    epoch: textIn(status, "pid"),
    online: null,
    paused: flagIn(queue, "paused") === true || flagIn(queue, "paused_all") === true,
    alternativeLimits: null,
    limits: { down: downLimitOf(queue), up: noLimit(null) },
    speeds: { down: speed === null ? null : Math.round(speed * 1024), up: null },
    folders: [
      ...(incompletePath === null ? [] : [{ path: incompletePath, freeBytes: free("diskspace1") }]),
      ...(savePath === null || savePath === incompletePath ? [] : [{ path: savePath, freeBytes: free("diskspace2") }])
    ],
    savePath,
    incompletePath,
    categories: categories.map(fieldsIn).flatMap((row) => {
      const name = wordsIn(row, "name")
      return name === null || name === "*" ? [] : [{ name, path: folderIn(savePath, wordsIn(row, "dir")) }]
    }),
    tags: null,
    seedLimits: noSeedLimits,
    atLimit: null,
    habits: [
      {
        what: "quota",
        on: flagIn(queue, "have_quota") === true,
        detail: `${textIn(queue, "left_quota")?.trim() ?? "?"} of ${textIn(queue, "quota")?.trim() ?? "?"} are left`
      },
      { what: "schedule", on: schedule.length > 0, detail: `${schedule.length} actions are scheduled` },
      {
        what: "excluded-file-names",
        on: extensions.length > 0 && (amountIn(settings, "action_on_unwanted_extensions") ?? 0) > 0,
        detail: `${extensions.length} file extensions are not wanted`
      },
      {
        what: "script",
        on: !["None", ""].includes(textIn(settings, "pre_script") ?? "None"),
        detail: "A program decides about each new job"
      }
    ],
    clockAt: null
  }
}

/** Relative to the folder of completed jobs, unless it is absolute; `*` at the end means no folder per job. */
const folderIn = (base: string | null, folder: string | null): string | null => {
  const plain = folder?.replace(/\*$/, "") ?? ""
  if (plain === "") return base
  return /^([/\\]|[a-z]:)/i.test(plain) ? plain : pathIn(base, plain)
}
