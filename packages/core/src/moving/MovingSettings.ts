/** Which files may be moved in. */
import { Schema } from "effect"
import { wholeNumber } from "../settings/SettingTypes.ts"
import { settingsGroup, type SettingsOf } from "../settings/SettingsGroup.ts"

export const MovingSettings = settingsGroup(
  "moving",
  Schema.Struct({
    maxUploadMebibytes: wholeNumber(1, 16_384, {
      default: 1024,
      description: "Largest file of another product that may be uploaded, in MiB"
    }),
    keepPreviewsDays: wholeNumber(1, 365, {
      default: 7,
      description: "Days after which a preview that was not applied is deleted"
    })
  }).annotate({ identifier: "MovingSettings", title: "Moving in" })
)
export type MovingSettings = SettingsOf<typeof MovingSettings>
