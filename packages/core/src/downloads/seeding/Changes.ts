/** Changes of one download in its client, as acts store them. None of them deletes anything by itself. */
import { Schema } from "effect"
import type { Download, Limit } from "../../integrations/Downloads.ts"
import type { LimitSetting, LimitSettings } from "../../integrations/DownloadsCapability.ts"
import { DownloadLimit } from "../DownloadSchema.ts"
import { type LimitField, limitFields } from "./Habits.ts"
import { isSameLimit, isSetTo, settingOf } from "./Limits.ts"

const Setting = Schema.Union([
  Schema.Struct({ is: Schema.Literals(["global", "none"]) }),
  Schema.Struct({ is: Schema.Literal("value"), value: Schema.Finite })
]) satisfies Schema.Codec<LimitSetting, unknown>

const LimitChange = Schema.Struct({
  field: Schema.Literals(limitFields),
  setting: Setting,
  /** What is expected to be there before. */
  before: DownloadLimit,
  /** Whether it brings back what was there before Tendarr set it. */
  restores: Schema.Boolean
})
export type LimitChange = typeof LimitChange.Type

export const DownloadChange = Schema.Union([
  Schema.Struct({ type: Schema.Literal("limits"), limits: Schema.Array(LimitChange) }),
  Schema.Struct({ type: Schema.Literal("category"), category: Schema.String }),
  Schema.Struct({
    type: Schema.Literal("tags"),
    add: Schema.Array(Schema.String),
    remove: Schema.Array(Schema.String)
  }),
  Schema.Struct({ type: Schema.Literal("pause") }),
  Schema.Struct({ type: Schema.Literal("resume") })
])
export type DownloadChange = typeof DownloadChange.Type

export const ChangedDownload = Schema.Struct({
  integrationId: Schema.String,
  /** Its id in the client. */
  clientId: Schema.String,
  /** Id of the stored download. */
  downloadId: Schema.String,
  name: Schema.String,
  change: DownloadChange
})
export type ChangedDownload = typeof ChangedDownload.Type

/** What a change replaces. */
export const Replaced = Schema.Struct({
  limits: Schema.Array(Schema.Struct({ field: Schema.Literals(limitFields), limit: DownloadLimit })),
  category: Schema.NullOr(Schema.String),
  tags: Schema.NullOr(Schema.Array(Schema.String)),
  paused: Schema.Boolean
})
export type Replaced = typeof Replaced.Type

/** Pausing and resuming replace each other, and so do two changes of the same kind. */
export const changeKeyOf = ({ change, clientId, integrationId }: ChangedDownload): string =>
  `${integrationId}/${clientId}/${change.type === "resume" ? "pause" : change.type}`

export const limitIn = ({ limits, seedLimits }: Pick<Download, "limits" | "seedLimits">, field: LimitField): Limit =>
  field === "down" || field === "up" ? limits[field].own : seedLimits[field]

const hasTag = (tags: ReadonlyArray<string> | null, tag: string): boolean =>
  tags?.some((one) => one.toLowerCase() === tag.trim().toLowerCase()) === true

/** A download that does nothing: paused before it was complete, or complete and stopped. */
export const isPaused = ({ state }: Pick<Download, "state">): boolean => state === "paused" || state === "completed"

/** Whether the client has it as the change wants it. */
export const isChanged = (download: Download, change: DownloadChange): boolean => {
  switch (change.type) {
    case "limits":
      return change.limits.every(({ field, setting }) => isSetTo(field, limitIn(download, field), setting))
    case "category":
      return (download.category ?? "").toLowerCase() === change.category.toLowerCase()
    case "tags":
      return (
        change.add.every((tag) => hasTag(download.tags, tag)) &&
        !change.remove.some((tag) => hasTag(download.tags, tag))
      )
    case "pause":
      return isPaused(download)
    case "resume":
      return !isPaused(download)
  }
}

/** Why it must not be changed as planned, since somebody has changed it since; `null` = it is as it was. */
export const whyChangedSince = (download: Download, change: DownloadChange): string | null => {
  if (change.type !== "limits") return null
  const other = change.limits.find(({ before, field }) => !isSameLimit(limitIn(download, field), before))
  return other === undefined ? null : `its limit "${other.field}" was changed in the meantime`
}

export const replacedBy = (download: Download, change: DownloadChange): Replaced => ({
  limits:
    change.type === "limits" ? change.limits.map(({ field }) => ({ field, limit: limitIn(download, field) })) : [],
  category: download.category,
  tags: download.tags,
  paused: isPaused(download)
})

export const settingsIn = (
  limits: ReadonlyArray<{ readonly field: LimitField; readonly setting: LimitSetting }>
): LimitSettings => Object.fromEntries(limits.map(({ field, setting }) => [field, setting]))

const names: Readonly<Record<LimitField, string>> = {
  ratio: "ratio",
  seedingSeconds: "seeding time",
  inactiveSeconds: "time without activity",
  down: "download speed",
  up: "upload speed"
}

const valueText = (field: LimitField, setting: LimitSetting): string => {
  if (setting.is === "global") return "as the client"
  if (setting.is === "none") return "none"
  if (field === "ratio") return String(Number(setting.value.toFixed(3)))
  return field === "down" || field === "up"
    ? `${Math.round(setting.value / 1024)} KiB/s`
    : `${Number((setting.value / 3600).toFixed(2))} h`
}

/** For people: `limits (ratio 2, upload speed none)`. */
export const changeText = (change: DownloadChange): string => {
  switch (change.type) {
    case "limits":
      return `limits (${change.limits.map(({ field, setting }) => `${names[field]} ${valueText(field, setting)}`).join(", ")})`
    case "category":
      return change.category === "" ? "no category" : `category ${change.category}`
    case "tags":
      return `tags (${[...change.add.map((tag) => `+${tag}`), ...change.remove.map((tag) => `-${tag}`)].join(", ")})`
    default:
      return change.type
  }
}

/** The change that brings back what a change has replaced. */
export const settingOfReplaced = (change: DownloadChange, replaced: Replaced): DownloadChange => {
  switch (change.type) {
    case "limits":
      return {
        type: "limits",
        limits: change.limits.flatMap((one) => {
          const limit = replaced.limits.find(({ field }) => field === one.field)?.limit
          const setting = limit === undefined ? null : settingOf(limit)
          return setting === null ? [] : [{ ...one, setting, restores: true }]
        })
      }
    case "category":
      return { type: "category", category: replaced.category ?? "" }
    case "tags":
      return {
        type: "tags",
        add: change.remove.filter((tag) => hasTag(replaced.tags, tag)),
        remove: change.add.filter((tag) => !hasTag(replaced.tags, tag))
      }
    case "pause":
      return { type: "resume" }
    case "resume":
      return { type: "pause" }
  }
}
