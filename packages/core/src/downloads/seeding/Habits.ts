/** What a client would do by itself after a change: delete a download at a limit, or move its data with its category. */
import type { ClientHabit, Limit } from "../../integrations/Downloads.ts"
import type { LimitSetting, LimitSettings } from "../../integrations/DownloadsCapability.ts"
import type { Downloading } from "../Downloading.ts"

export const shareFields = ["ratio", "seedingSeconds", "inactiveSeconds"] as const
export type ShareField = (typeof shareFields)[number]
export type LimitField = keyof LimitSettings

export const limitFields: ReadonlyArray<LimitField> = [...shareFields, "down", "up"]

export const isShareField = (field: LimitField): field is ShareField =>
  field === "ratio" || field === "seedingSeconds" || field === "inactiveSeconds"

const habit = ({ client }: Downloading, what: ClientHabit["what"]): ClientHabit | undefined =>
  client.habits.find((one) => one.what === what && one.on)

/** Why its client might remove it once it has this limit; `null` = it will not. */
export const whyLimitRemoves = (one: Downloading, field: LimitField, setting: LimitSetting): string | null => {
  if (!isShareField(field) || setting.is === "none") return null
  const global: Limit = one.client.seedLimits[field]
  if (setting.is === "global" && global.is === "none") return null
  switch (one.download.atLimit) {
    case "remove":
      return `${one.clientName} removes downloads that reach such a limit`
    case "remove-with-data":
      return `${one.clientName} removes downloads that reach such a limit, with their data`
    case null:
      return `${one.clientName} does not say what it does with downloads that reach such a limit`
    default:
      return null
  }
}

/** Why its client might move its data, or handle it by other rules, after a change of its category; `null` = it will not. */
export const whyCategoryMoves = (one: Downloading): string | null => {
  const { automaticManagement } = one.download
  if (automaticManagement === true) {
    return `${one.clientName} manages it automatically, and moves its data when its category changes`
  }
  const groups = habit(one, "ratio-groups")
  if (groups !== undefined) return `${one.clientName}: ${groups.detail}`
  const labels = automaticManagement === null ? habit(one, "automatic-management") : undefined
  return labels === undefined ? null : `${one.clientName}: ${labels.detail}`
}

/** What its client does with the files of a download that is removed with its data; `null` = it deletes them. */
export const trashOf = (one: Downloading): string | null => habit(one, "trash")?.detail ?? null
