/** How download clients are read, and the limits of what rules do to downloads. */
import { Schema } from "effect"
import { flag, wholeNumber } from "../settings/SettingTypes.ts"
import { settingsGroup, type SettingsOf } from "../settings/SettingsGroup.ts"

export const DownloadsSettings = settingsGroup(
  "downloads",
  Schema.Struct({
    pollSeconds: wholeNumber(10, 60, {
      default: 30,
      description: "Seconds between two readings of a download client"
    }),
    cleaning: flag({
      default: false,
      description:
        "Whether rules about downloads give strikes and remove downloads; while it is off, a run only reports what it would do"
    }),
    maxRemovalsPerRun: wholeNumber(1, 1000, {
      default: 20,
      description: "Downloads that one run removes at most; more than that wait for the next run"
    }),
    maxRemovalsPerTitle: wholeNumber(1, 100, {
      default: 5,
      description:
        "Downloads of one title that are removed within a week, whoever had them fetched; after that, a person has to look"
    }),
    searchHours: wholeNumber(1, 720, {
      default: 6,
      description: "Hours between two searches for one title after its downloads were removed"
    }),
    strikeHours: wholeNumber(1, 720, {
      default: 48,
      description: "Hours after which a strike no longer counts"
    }),
    ignoreTag: Schema.String.check(Schema.isMaxLength(60)).annotate({
      default: "tendarr-ignore",
      description: "Downloads with this tag or category are left alone, in any case of its letters; empty = none"
    }),
    goneDays: wholeNumber(1, 3650, {
      default: 30,
      description: "Days for which a download that has left its client is remembered, with its strikes"
    })
  }).annotate({ identifier: "DownloadsSettings", title: "Downloads" })
)
export type DownloadsSettings = SettingsOf<typeof DownloadsSettings>
