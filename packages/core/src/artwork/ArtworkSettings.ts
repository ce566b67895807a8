/** How posters of items are kept. */
import { Schema } from "effect"
import { wholeNumber } from "../settings/Fields.ts"
import { settingsGroup, type SettingsOf } from "../settings/SettingsGroup.ts"

export const ArtworkSettings = settingsGroup(
  "artwork",
  Schema.Struct({
    cacheMebibytes: wholeNumber(0, 102_400, {
      default: 512,
      description:
        "Space on the disk that posters may take, in MiB; those that were not shown for longest go first. 0 = none is kept"
    }),
    maxPosterMebibytes: wholeNumber(1, 64, {
      default: 8,
      description: "The largest poster that is taken from an application, in MiB"
    }),
    refreshHours: wholeNumber(1, 8760, {
      default: 24,
      description: "Hours after which a poster is fetched again from the application that has it"
    })
  }).annotate({ identifier: "ArtworkSettings", title: "Artwork" })
)
export type ArtworkSettings = SettingsOf<typeof ArtworkSettings>
