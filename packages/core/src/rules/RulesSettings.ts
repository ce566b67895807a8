/** How rules that act are run. */
import { Schema } from "effect"
import { flag, wholeNumber } from "../settings/Fields.ts"
import { settingsGroup, type SettingsOf } from "../settings/SettingsGroup.ts"

export const RulesSettings = settingsGroup(
  "rules",
  Schema.Struct({
    maxActingShare: Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 })).annotate({
      default: 0.2,
      description:
        "Share of the library that one run of a rule may newly queue or change; above it, the run is held until a person forces it"
    }),
    minActingItems: wholeNumber(1, 1_000_000, {
      default: 10,
      description: "Number of newly queued or changed items from which that share applies"
    }),
    syncBeforeRun: flag({ default: false, description: "Sync the integrations before a rule runs" })
  }).annotate({ identifier: "RulesSettings", title: "Rules" })
)
export type RulesSettings = SettingsOf<typeof RulesSettings>
