/** How removals are carried out, and the brake: read by everything that plans, shows or does something destructive. */
import { Schema } from "effect"
import { flag, wholeNumber } from "./SettingTypes.ts"
import { RemovalCaps } from "./RemovalCaps.ts"
import { settingsGroup, type SettingsOf } from "./SettingsGroup.ts"

export const RemovalsSettings = settingsGroup(
  "removals",
  Schema.Struct({
    deletionsEnabled: flag({ default: true, description: "The brake: when off, no job destroys anything" }),
    delaySeconds: wholeNumber(0, 86_400, { default: 30, description: "Seconds between an approval and the removal" }),
    snoozeHours: wholeNumber(1, 8760, { default: 24, description: "Hours for which a rejected removal is snoozed" }),
    sunsetDays: wholeNumber(1, 365, { default: 30, description: "Days of notice in the mode `sunset`" }),
    maxAttempts: wholeNumber(1, 10, {
      default: 3,
      description: "Attempts after which a failed removal waits for a person"
    }),
    batchSize: wholeNumber(1, 100, { default: 5, description: "Removals between two readings of the disk" }),
    spacingSeconds: wholeNumber(0, 60, { default: 1, description: "Seconds between two removals" }),
    leftoverFolders: flag({
      default: false,
      description:
        "Move the folder of a removed movie aside if it contains only remnants, such as descriptions and images"
    }),
    owedDownloads: Schema.Literals(["say", "hold"]).annotate({
      default: "say",
      description:
        "Whether a download that its tracker still needs, or may need, holds back the removal of its item, or is only mentioned in its explanation"
    }),
    downloadsToo: flag({
      default: false,
      description:
        "Remove the downloads of a removed item, too, with their data, once their trackers no longer need them"
    }),
    caps: RemovalCaps.pipe(
      Schema.annotateKey({
        default: { maxItems: 100, maxBytes: null, maxLibraryShare: 0.25 },
        description: "The most that one run may plan to remove"
      })
    )
  }).annotate({ identifier: "RemovalsSettings", title: "Removals" })
)
export type RemovalsSettings = SettingsOf<typeof RemovalsSettings>
