/** Settings of the cache of posters. */
import { Schema } from "effect"
import { wholeNumber } from "../settings/SettingTypes.ts"
import { settingsGroup, type SettingsOf } from "../settings/SettingsGroup.ts"

export const ArtworkSettings = settingsGroup(
  "artwork",
  Schema.Struct({
    cacheMebibytes: wholeNumber(0, 102_400, {
      default: 512,
      description:
        "Maximum size of the cache of posters on the disk, in MiB; those that were least recently shown are deleted first. 0 = no cache"
    }),
    maxPosterMebibytes: wholeNumber(1, 64, {
      default: 8,
      description: "Largest poster that is accepted from an application, in MiB"
    }),
    refreshHours: wholeNumber(1, 8760, {
      default: 24,
      description: "Hours after which a poster is fetched again from its application"
    })
  }).annotate({ identifier: "ArtworkSettings", title: "Artwork" })
)
export type ArtworkSettings = SettingsOf<typeof ArtworkSettings>
