/** How readings of the applications are applied to the library, and how old its facts may be. */
import { Schema } from "effect"
import { wholeNumber } from "../settings/SettingTypes.ts"
import { settingsGroup, type SettingsOf } from "../settings/SettingsGroup.ts"

export const LibrarySettings = settingsGroup(
  "library",
  Schema.Struct({
    maxDisappearance: Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 })).annotate({
      default: 0.2,
      description:
        "Share of an integration's items that may disappear in one sync; above it, the sync is held until a person confirms it"
    }),
    // A person may delete a few items by hand, and knows about it; ten at once justify a confirmation.
    minDisappearance: wholeNumber(1, 1_000_000, {
      default: 10,
      description:
        "Number of disappeared items from which that share applies; below it, a list is held only if it loses three or more entries and over half"
    }),
    maxFactAgeHours: wholeNumber(1, 8760, { default: 72, description: "Hours after which a fact counts as unknown" }),
    watchedMovieShare: Schema.NullOr(Schema.Finite.check(Schema.isBetween({ minimum: 0.01, maximum: 1 }))).annotate({
      default: null,
      description:
        "Share of a movie after which a play counts as watched, if its source reports progress; null = whatever the source itself calls watched"
    }),
    watchedSeasonShare: Schema.Finite.check(Schema.isBetween({ minimum: 0.01, maximum: 1 })).annotate({
      default: 0.8,
      description: "Share of its episodes that one person must have watched before a season or a show counts as watched"
    }),
    activeViewerDays: wholeNumber(1, 3650, {
      default: 90,
      description:
        "Days since a person's last play of a show during which they count as watching it, so that the season after their current one is up next"
    }),
    goneRetentionDays: wholeNumber(1, 3650, {
      default: 90,
      description: "Days for which items that are gone are kept"
    }),
    maxAnswerMebibytes: wholeNumber(1, 4096, {
      default: 256,
      description: "Largest response that is read from an application, in MiB; a larger one makes the reading fail"
    })
  }).annotate({ identifier: "LibrarySettings", title: "Library" })
)
export type LibrarySettings = SettingsOf<typeof LibrarySettings>
