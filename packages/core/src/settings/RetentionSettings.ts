/** For how long history is kept. */
import { Schema } from "effect"
import { between, wholeNumber } from "./SettingTypes.ts"
import { settingsGroup, type SettingsOf } from "./SettingsGroup.ts"

export const RetentionSettings = settingsGroup(
  "retention",
  Schema.Struct({
    eventDays: wholeNumber(1, 3650, { default: 30, description: "Days for which events are kept" }),
    auditDays: Schema.NullOr(between(1, 36_500)).annotate({
      default: null,
      description: "Days for which audit events are kept; null = forever"
    }),
    runsKept: wholeNumber(1, 100_000, { default: 1000, description: "Runs kept for each job" }),
    runLogDays: wholeNumber(1, 3650, { default: 30, description: "Days for which run logs are kept" }),
    actDays: wholeNumber(1, 3650, { default: 90, description: "Days for which acts are kept after their end" }),
    undoDays: wholeNumber(1, 3650, {
      default: 365,
      description: "Days for which acts that can be undone are kept, unless their kind has its own limit"
    }),
    usageRawHours: wholeNumber(1, 8760, {
      default: 48,
      description: "Hours for which every reading of a disk is kept before the history is thinned out"
    })
  }).annotate({ identifier: "RetentionSettings", title: "Retention" })
)
export type RetentionSettings = SettingsOf<typeof RetentionSettings>
