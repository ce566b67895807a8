/** When Tendarr has applications import downloads that they did not import by themselves. */
import { Schema } from "effect"
import { flag, wholeNumber } from "../../settings/SettingTypes.ts"
import { settingsGroup, type SettingsOf } from "../../settings/SettingsGroup.ts"

export const ImportsSettings = settingsGroup(
  "imports",
  Schema.Struct({
    importing: flag({
      default: false,
      description:
        "Whether complete downloads that were not imported are handed to their application; while it is off, a run only reports what it would do"
    }),
    waitMinutes: wholeNumber(1, 1440, {
      default: 15,
      description: "Minutes after its completion during which a download is left to its application"
    }),
    maxAgeDays: wholeNumber(1, 3650, {
      default: 30,
      description: "Downloads that were completed longer ago than this are left alone"
    }),
    maxPerRun: wholeNumber(1, 1000, {
      default: 20,
      description: "Downloads that one run hands over at most; more than that wait for the next run"
    })
  }).annotate({ identifier: "ImportsSettings", title: "Imports" })
)
export type ImportsSettings = SettingsOf<typeof ImportsSettings>
