/** Weights of the factors of the score. */
import { Schema } from "effect"
import { between } from "../settings/SettingTypes.ts"
import { settingsGroup, type SettingsOf } from "../settings/SettingsGroup.ts"

/** Valid keys of factors; which factors exist depends on the installation. */
export const FactorKey = Schema.String.check(Schema.isPattern(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/))

export const ScoringSettings = settingsGroup(
  "scoring",
  Schema.Struct({
    weights: Schema.Record(FactorKey, between(0, 10)).annotate({
      default: {},
      description: "Weight of a factor by its name, 0 to 10; a factor that is not named has its default weight"
    })
  }).annotate({ identifier: "ScoringSettings", title: "Scoring" })
)
export type ScoringSettings = SettingsOf<typeof ScoringSettings>
